"""How a call of /API/… is checked and answered, in both generations' shapes (src/WebAPI/API.cs:45-225)."""

import json
from typing import TYPE_CHECKING, Any

from aiohttp import WSCloseCode, web

from tray_app.simulator.http.answers import api_json, redirect
from tray_app.simulator.http.call import Call, Refusal, RouteCrash
from tray_app.simulator.http.routes import ROUTES, Route
from tray_app.simulator.permissions import lacks
from tray_app.simulator.received import ReceivedRequest
from tray_app.simulator.sessions import Session

if TYPE_CHECKING:
    from tray_app.simulator.http.site import Site

MOST_BYTES = 200 * 1024 * 1024
_OLD_PAGES = {
    "basic_api": "BasicAPI",
    "bad_route": "404",
    "bad_permissions": "Permissions",
    "internal_error": "Internal",
    "bad_request_method": "BasicAPI",
}


class _ProtocolError(Exception):
    """The call never reached its route. `logged` is what the server's log says of it."""

    def __init__(self, error_id: str, error: str, logged: str, status: int = 400, user: str | None = None) -> None:
        super().__init__(error)
        self.error_id, self.error, self.logged, self.status, self.user = error_id, error, logged, status, user


async def answer(site: "Site", request: web.Request, received: ReceivedRequest) -> web.StreamResponse:
    """Answer one call of /API/<route>."""
    name = request.path.split("/", 2)[2]
    if request.method == "GET" and request.headers.get("Upgrade", "").lower() == "websocket":
        return await _answer_socket(site, request, received, name)
    if request.method != "POST":
        return redirect("/Error/NoGetAPI")
    try:
        body = _read(request, await request.read())
        call, route = _admit(site, request, received, name, body)
        _check_kind(route, socket=False)
        result = await _run(call, route)
    except _ProtocolError as broken:
        return _refuse(site, name, broken)
    return result if isinstance(result, web.StreamResponse) else api_json(result)


def _read(request: web.Request, raw: bytes) -> dict[str, Any]:
    if not request.headers.get("Content-Type", "").startswith("application/json"):
        raise _ProtocolError("basic_api", "Wrong content type", "Request has wrong content-type")
    if not 0 < (request.content_length or 0) <= MOST_BYTES:
        raise _ProtocolError("basic_api", "bad content length", "Request has bad content length")
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as broken:
        crash = f"Internal exception: Newtonsoft.Json.JsonReaderException: {type(broken).__name__}"
        raise _ProtocolError("internal_error", "An internal error occurred", crash) from broken
    if not isinstance(body, dict):
        crash = "Internal exception: Newtonsoft.Json.JsonReaderException: Error reading JObject from JsonReader."
        raise _ProtocolError("internal_error", "An internal error occurred", crash)
    return body


def _admit(
    site: "Site", request: web.Request, received: ReceivedRequest, name: str, body: dict[str, Any]
) -> tuple[Call, Route]:
    """The checks in API.cs' order: session, route, permission."""
    route = ROUTES.get(name.lower())
    if route is not None and name.lower() in site.world.version.missing_routes:
        route = None
    session: Session | None = None
    if route is None or route.needs_session:
        session = _session(site, request, body)
    if route is None:
        raise _ProtocolError(
            "bad_route", "Unknown API route", "Unknown API route", user=None if session is None else session.user
        )
    if session is not None:
        user = site.world.accounts.find(session.user)
        if user is not None:
            user.present = site.world.now()
            user.used = user.present if route.deed else user.used
    held = site.world.permissions_of(session.user) if session is not None else []
    if session is not None and route.permission is not None and not {"*", route.permission} & set(held):
        site.world.log_api_error(name, session.user, lacks(route.permission))
        lacking = "User lacks required permissions"
        raise _ProtocolError("bad_permissions", "You lack permissions for this route.", lacking, user=session.user)
    return Call(site, request, received, body, session), route


def _check_kind(route: Route, *, socket: bool) -> None:
    if route.websocket != socket:
        words = "API route is a websocket but request is not" if route.websocket else "API route is not a websocket"
        raise _ProtocolError("bad_request_method", "Bad request method", words)


def _session(site: "Site", request: web.Request, body: dict[str, Any]) -> Session:
    named = body.get("session_id")
    if named is None and site.world.version.session_header:
        named = request.headers.get("X-Session-ID")
    if named is None:
        raise _ProtocolError("basic_api", "missing session id", "Request input lacks required session id")
    session = site.world.sessions.find(str(named))
    if session is None:
        text = "Invalid session ID. You may need to refresh the page."
        raise _ProtocolError("invalid_session_id", text, "Invalid session ID", status=401)
    return session


async def _run(call: Call, route: Route) -> Any:
    user = call.own.user if call.own is not None else None
    try:
        return await route.handler(call)
    except Refusal as refusal:
        if "error" in refusal.reply:
            call.world.log_api_error(route.name, user, refusal.reply["error"])
        return refusal.reply
    except RouteCrash as crash:
        text = "An internal error occurred"
        raise _ProtocolError("internal_error", text, str(crash), user=user) from crash


def _refuse(site: "Site", name: str, broken: _ProtocolError) -> web.Response:
    site.world.log_api_error(name, broken.user, broken.logged)
    if broken.error_id == "invalid_session_id":
        return api_json({"error": broken.error, "error_id": broken.error_id}, broken.status)
    if not site.world.version.json_errors:
        return redirect(f"/Error/{_OLD_PAGES[broken.error_id]}")
    return api_json({"error_id": broken.error_id, "error": broken.error}, broken.status)


async def _answer_socket(
    site: "Site", request: web.Request, received: ReceivedRequest, name: str
) -> web.WebSocketResponse:
    """A websocket sends its parameters as its first message; errors come as a frame before the close."""
    socket = await site.open_socket(request)
    try:
        first = await socket.receive_str()
        body = json.loads(first)
        received.body = body
        call, route = _admit(site, request, received, name, body if isinstance(body, dict) else {})
        _check_kind(route, socket=True)
        call.socket = socket
        outcome = await _run(call, route)
        if isinstance(outcome, dict):
            await socket.send_str(json.dumps(outcome, separators=(",", ":")))
    except _ProtocolError as broken:
        site.world.log_api_error(name, broken.user, broken.logged)
        frame = {"error_id": broken.error_id, "error": broken.error}
        await socket.send_str(json.dumps(frame, separators=(",", ":")))
    except (ConnectionError, TypeError, ValueError):
        # The page went away or sent something else than JSON; work that it began goes on (API.cs:216-225).
        pass
    await socket.close(code=WSCloseCode.OK)
    return socket
