"""The table of API routes: name, permission, handler. Names are met without regard to case."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from tray_app.simulator.http import account_routes, control_routes, generate_routes, output_routes, status_routes
from tray_app.simulator.http.call import Call

Handler = Callable[[Call], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Route:
    """One API route. `permission` None is "everybody"; a `deed` counts as activity of the user."""

    name: str
    handler: Handler
    permission: str | None = None
    needs_session: bool = True
    websocket: bool = False
    deed: bool = False


_INFO = "read_server_info_panels"
_TAB = "fundamental_generate_tab_access"
_IMAGES = "basic_image_generation"

_ROUTES = (
    Route("GetNewSession", account_routes.get_new_session, needs_session=False),
    Route("Login", account_routes.login, needs_session=False),
    Route("Logout", account_routes.logout, deed=True),
    Route("CreateAuthToken", account_routes.create_auth_token, "edit_user_settings", deed=True),
    Route("ListMyAuthTokens", account_routes.list_my_auth_tokens, "read_user_settings"),
    Route("RevokeMyAuthToken", account_routes.revoke_my_auth_token, "edit_user_settings", deed=True),
    Route("GetMyUserData", account_routes.get_my_user_data, _TAB),
    Route("GetUserSettings", account_routes.get_user_settings, "read_user_settings"),
    Route("GetCurrentStatus", status_routes.get_current_status, _TAB),
    Route("GetGlobalStatus", status_routes.get_global_status, _INFO),
    Route("ListConnectedUsers", status_routes.list_connected_users, _INFO),
    Route("GetServerResourceInfo", status_routes.get_server_resource_info, _INFO),
    Route("ListBackends", status_routes.list_backends, "view_backends_list"),
    Route("ListRecentLogMessages", status_routes.list_recent_log_messages, "view_logs"),
    Route("ListLogTypes", status_routes.list_log_types, "view_logs"),
    Route("InterruptAll", control_routes.interrupt_all, _IMAGES, deed=True),
    Route("AdminInterruptUser", control_routes.admin_interrupt_user, "interrupt_others", deed=True),
    Route("ToggleBackend", control_routes.toggle_backend, "toggle_backends", deed=True),
    Route("RestartBackends", control_routes.restart_backends, "restart_backends", deed=True),
    Route("FreeBackendMemory", control_routes.free_backend_memory, "control_mem_clean", deed=True),
    Route("SelectModel", control_routes.select_model, "load_models_now", deed=True),
    Route("ListImages", output_routes.list_images, "view_image_history"),
    Route("OpenImageFolder", output_routes.open_image_folder, "local_image_folder", deed=True),
    Route("GenerateText2Image", generate_routes.generate, _IMAGES, deed=True),
    Route("GenerateText2ImageWS", generate_routes.generate_ws, _IMAGES, websocket=True, deed=True),
)
ROUTES = {route.name.lower(): route for route in _ROUTES}
