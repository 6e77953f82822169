"""One call of an API route: who calls and with what (src/WebAPI/APICallReflectBuilder.cs:22-148)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tray_app.simulator.received import ReceivedRequest
from tray_app.simulator.sessions import Session
from tray_app.simulator.world import World

if TYPE_CHECKING:
    from tray_app.simulator.http.site import Site


class Refusal(Exception):
    """The route says no: HTTP 200 with `error`, `error_id` or both."""

    def __init__(self, error: str | None, error_id: str | None = None) -> None:
        super().__init__(error or error_id)
        self.reply = {key: text for key, text in (("error", error), ("error_id", error_id)) if text is not None}


class RouteCrash(Exception):
    """The route throws: `internal_error`, and the exception's name in the log."""


@dataclass
class Call:
    """A call that passed all checks. `own` is None on the routes that need no session."""

    site: "Site"
    request: web.Request
    received: ReceivedRequest
    body: Mapping[str, Any]
    own: Session | None
    socket: web.WebSocketResponse | None = None

    @property
    def world(self) -> World:
        """The server's state."""
        return self.site.world

    @property
    def session(self) -> Session:
        """The caller's session. Raises AssertionError on a route without one."""
        if self.own is None:
            raise AssertionError("This route was registered without a session.")
        return self.own

    def text(self, key: str, usual: str | None = None) -> str:
        """A parameter as text. Raises Refusal where it is missing and has no usual value."""
        value = self.body.get(key, usual)
        if value is None:
            raise Refusal(f"Missing required parameter '{key}'")
        return str(value)

    def integer(self, key: str, usual: int | None = None) -> int:
        """A parameter as a whole number. Raises Refusal."""
        value = self.text(key, None if usual is None else str(usual))
        try:
            return int(value)
        except ValueError:
            raise Refusal(f"Invalid value '{value}' for parameter '{key}', must be an integer") from None

    def flag(self, key: str, usual: str | None = None) -> bool:
        """A parameter as yes or no: true and false, also as text, but not 0 and 1. Raises Refusal."""
        value = self.text(key, usual).lower()
        if value not in {"true", "false"}:
            raise Refusal(f"Invalid value '{value}' for parameter '{key}', must be a boolean")
        return value == "true"
