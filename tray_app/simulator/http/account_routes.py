"""Sessions, logins and tokens (src/WebAPI/BasicAPIFeatures.cs:73-391, 769-850)."""

from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from tray_app.simulator.accounts import Token, User
from tray_app.simulator.http.access import address_of, identify, token_of
from tray_app.simulator.http.answers import api_json
from tray_app.simulator.http.call import Call, Refusal


async def get_new_session(call: Call) -> dict[str, Any]:
    """A session for whoever the request comes from."""
    world = call.world
    user = identify(world, call.site.access, call.request)
    if user is None:
        raise Refusal("Invalid or unauthorized.")
    user.present = world.now()
    session = world.new_session(user.name, address_of(call.request))
    return {
        "session_id": session.id,
        "user_id": user.name,
        "output_append_user": True,
        "version": world.version.number,
        "server_id": world.server_id,
        "permissions": world.permissions_of(user.name),
    }


async def login(call: Call) -> web.Response:
    """A password becomes a token in a cookie."""
    world, agent = call.world, call.request.headers.get("User-Agent", "")
    outcome = world.accounts.login(call.text("username"), call.text("password"), address_of(call.request), agent)
    if isinstance(outcome, str):
        raise Refusal(None, outcome)
    user, token = outcome
    expires = datetime.fromtimestamp(world.now(), tz=UTC) + timedelta(days=365)
    answer = api_json({"success": "true"})
    answer.headers["Set-Cookie"] = (
        f"swarm_token={user.cookie(token)}; expires={expires:%a, %d %b %Y %H:%M:%S} GMT; path=/; samesite=lax; httponly"
    )
    return answer


async def logout(call: Call) -> dict[str, Any]:
    """Forget the token of this request; sessions live on."""
    user, token = _account(call)
    if token is not None:
        user.tokens.pop(token.id, None)
    return {"success": "true"}


async def create_auth_token(call: Call) -> dict[str, Any]:
    """One more token for the caller, named by its reason."""
    user, _ = _account(call)
    reason = call.text("reason")
    if not 0 < len(reason) <= 500:
        raise Refusal("Invalid reason.")
    token = call.world.accounts.new_token(user, reason, address_of(call.request))
    return {"token": user.cookie(token)}


async def list_my_auth_tokens(call: Call) -> dict[str, Any]:
    """The caller's tokens without their secrets."""
    user, current = _account(call)
    return {"tokens": [token.as_json(current=token is current) for token in user.tokens.values()]}


async def revoke_my_auth_token(call: Call) -> dict[str, Any]:
    """Forget one token; the sessions made with it go on."""
    user, _ = _account(call)
    if user.tokens.pop(call.text("tokenId"), None) is None:
        raise Refusal("Token not found.")
    return {"success": True}


async def get_my_user_data(call: Call) -> dict[str, Any]:
    """The caller's own data, without any presets."""
    return {
        "user_name": call.session.user,
        "presets": [],
        "language": "en",
        "permissions": call.world.permissions_of(call.session.user),
        "starred_models": {},
        "model_preset_links": {},
        "autocompletions": None,
    }


async def get_user_settings(_call: Call) -> dict[str, Any]:
    """The one setting that an onlooker may want: where pictures are stored."""
    path = "raw/[year]-[month]-[day]/[hour][minute][request_time_inc]-[prompt]-[model]"
    field = {"type": "text", "name": "Format", "value": path, "description": "", "values": None}
    group = {"type": "group", "name": "OutPathBuilder", "value": {"format": field}, "description": ""}
    return {"themes": {}, "settings": {"outpathbuilder": group}}


def _account(call: Call) -> tuple[User, Token | None]:
    if not call.site.access.accounts:
        raise Refusal("Authorization is not enabled.")
    user = call.world.accounts.find(call.session.user)
    if user is None:
        raise Refusal("Invalid or unauthorized.")
    login_found = token_of(call.world, call.request)
    return user, login_found[1] if login_found is not None and login_found[0] is user else None
