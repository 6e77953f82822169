"""Who a request comes from and whether it may come in at all (src/Core/WebServer.cs:180-207, 500-512)."""

from dataclasses import dataclass

from aiohttp import web

from tray_app.simulator.accounts import Token, User
from tray_app.simulator.world import ONLY_USER, World

LOOPBACK = {"127.0.0.1", "::1", "::ffff:127.0.0.1"}


@dataclass(slots=True)
class Access:
    """The server's settings. `loopback_bypass` is SwarmUI's default for both kinds; recorded were both without it."""

    accounts: bool = False
    authorization: str | None = None
    loopback_bypass: bool = False


def address_of(request: web.Request) -> str:
    """The client's address."""
    return request.remote or "127.0.0.1"


def header_accepted(access: Access, request: web.Request) -> bool:
    """Network.RequiredAuthorization: byte for byte, on every path."""
    if access.authorization is None or (access.loopback_bypass and address_of(request) in LOOPBACK):
        return True
    return request.headers.get("Authorization") == access.authorization


def token_of(world: World, request: web.Request) -> tuple[User, Token] | None:
    """The login in the `swarm_token` cookie, taken as it stands: a quoted value is none."""
    for part in request.headers.get("Cookie", "").split(";"):
        name, _, value = part.strip().partition("=")
        if name == "swarm_token":
            return world.accounts.by_cookie(value)
    return None


def identify(world: World, access: Access, request: web.Request) -> User | None:
    """The user behind a request that names no session; None is "not logged in"."""
    if access.accounts:
        from_here = address_of(request) in LOOPBACK and "X-Forwarded-For" not in request.headers
        if access.loopback_bypass and from_here:
            return world.accounts.find(ONLY_USER)
        login = token_of(world, request)
        return login[0] if login is not None else None
    name = request.headers.get("X-SWARM-USER_ID") or ONLY_USER
    known = world.accounts.find(name)
    return known if known is not None else world.add_user(name, "owner")
