"""What an HTTP answer from the direction of a SwarmUI means: a reply, or which of our errors.

The status number alone decides nothing: SwarmUI refuses with 200, redirects where it was old, and a reverse proxy
before it answers with pages of its own. Sources: src/WebAPI/API.cs:72-197, src/Core/WebServer.cs:180-314.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tray_app.core.address import Address
from tray_app.core.errors import (
    Incompatible,
    InvalidSession,
    KeyRefused,
    NoSuchRoute,
    NotPermitted,
    Refused,
    ServerError,
    Unreachable,
)
from tray_app.core.replies import clip

_CHECK_ADDRESS = "Check the address in the settings: open it in a browser, SwarmUI's page should appear."
_MOST_PARTS = 50_000  # of which the costliest take 30 ms; a list of 1 000 pictures has 40 000 at most
_OUR_FAULT = "Update SwarmUI Tray; if that does not help, report it with the output of -v."


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer; names of headers are lower-case, and several Set-Cookie are the lines of one."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_page(self) -> bool:
        """Whether it is HTML."""
        start = self.body[:200].lstrip().lower()
        return "html" in self.headers.get("content-type", "") or start.startswith((b"<!doctype", b"<html"))


def api_reply(answer: Answer, address: Address, *, permission: str = "") -> dict[str, Any]:
    """The reply to an API route. Raises the ServerError that the answer means; `permission` is what the route needs."""
    if 300 <= answer.status < 400:
        raise _redirected(answer, address, permission)
    data = _json_object(answer)
    if data is not None and (data.get("error") is not None or data.get("error_id") is not None):
        raise _refusal(data, permission)
    if data is None or not 200 <= answer.status < 300:
        raise _not_a_reply(answer, address)
    return data


def check_passed_through(answer: Answer, address: Address, *, permission: str, backend_id: int) -> None:
    """Raise the ServerError that an answer of /ComfyBackendDirect means; its refusals are pages (RED:83-103)."""
    if 200 <= answer.status < 300 and not answer.is_page:
        return
    swarm_speaks = b"comfy-failed-to-load" in answer.body
    if answer.status == 401 and swarm_speaks:
        raise NotPermitted(*_lacks(permission), permission=permission)
    if answer.status == 404 and not answer.is_page:
        raise NoSuchRoute(f"The ComfyUI of backend {backend_id} does not know this request.", "Update ComfyUI.")
    if answer.status >= 500 or swarm_speaks:
        raise Refused(
            f"The ComfyUI of backend {backend_id} does not answer.",
            "Look at Server > Backends in SwarmUI.",
            error_id="no_backend",
        )
    api_reply(answer, address, permission=permission)
    raise _not_a_reply(answer, address)


def check_file(answer: Answer, address: Address) -> None:
    """Raise the ServerError that an answer of /View or /Output means where it is not a picture."""
    kind = answer.headers.get("content-type", "")
    if answer.status == 200 and kind.startswith("image/"):
        return
    if answer.status == 200 and kind.startswith(("video/", "audio/")):
        raise Refused("SwarmUI has no small picture of this output.")
    api_reply(answer, address)
    raise Incompatible("SwarmUI sent something else where a picture was expected.", _CHECK_ADDRESS)


def is_swarmui_root(answer: Answer) -> bool:
    """Whether GET / was answered as SwarmUI does: 302 to Text2Image (src/Core/WebServer.cs:282)."""
    return answer.status == 302 and _location(answer).rstrip("/").endswith("Text2Image")


def parse_json(body: bytes) -> object:
    """JSON of any shape; None for everything that is none, however deep, and for what has too many parts.

    A parser stops all other threads, that of the screen included, and its time goes by the parts and not by the bytes.
    """
    if body.count(b",") + body.count(b"[") + body.count(b"{") > _MOST_PARTS:
        return None
    try:
        return json.loads(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None


def _json_object(answer: Answer) -> dict[str, Any] | None:
    data = parse_json(answer.body) if answer.body.lstrip()[:1] == b"{" else None
    return data if isinstance(data, dict) else None


def _location(answer: Answer) -> str:
    return answer.headers.get("location", "")


def _redirected(answer: Answer, address: Address, permission: str) -> ServerError:
    """SwarmUI before 2025-12-25 said errors by redirects to /Error/…; any other is a proxy at work."""
    location = _location(answer)
    try:
        target = urlsplit(location)
        foreign = bool(target.netloc) and target.netloc.lower() != address.netloc
    except ValueError:
        return Incompatible(f"{address.url} redirects to nowhere.", _CHECK_ADDRESS)
    _, found, kind = target.path.rpartition("/Error/")
    if found and not foreign:
        errors: dict[str, ServerError] = {
            "404": NoSuchRoute(*_NO_ROUTE),
            "Permissions": NotPermitted(*_lacks(permission), permission=permission),
            "Internal": _internal_error(),
        }
        return errors.get(kind) or Incompatible("SwarmUI found our request malformed.", _OUR_FAULT)
    if target.scheme == "https" and address.scheme == "http":
        return Incompatible(
            f"{address.url} sends everybody on to https.", "Change http:// to https:// in the address, and its port."
        )
    where = clip(target.netloc or target.path, 100)
    return Incompatible(
        f"{address.url} sends us on to {where or 'another page'}.",
        "If that is a login page of a proxy, let the proxy accept an Authorization header; else correct the address.",
    )


_NO_ROUTE = ("This SwarmUI does not know the route.", "Update SwarmUI.")


def _lacks(permission: str) -> tuple[str, str]:
    which = f"the permission {permission}" if permission else "a permission"
    return f"This key lacks {which}.", "Ask the server's admin for it, or use the key of another account."


def _internal_error() -> Refused:
    advice = "Look at Server > Logs in SwarmUI."
    return Refused("SwarmUI had an internal error.", advice, error_id="internal_error")


def _refusal(data: dict[str, Any], permission: str) -> ServerError:
    """The error that `error` and `error_id` mean, whatever the HTTP status was."""
    error_id = data.get("error_id")
    error_id = error_id if isinstance(error_id, str) else ""
    error = data.get("error")
    text = clip(error) if isinstance(error, str) else ""
    known: dict[str, ServerError] = {
        "invalid_session_id": InvalidSession("SwarmUI does not know our session.", "It will be renewed."),
        "bad_permissions": NotPermitted(*_lacks(permission), permission=permission),
        "bad_route": NoSuchRoute(*_NO_ROUTE),
        "basic_api": Incompatible(f"SwarmUI found our request malformed: {text or error_id}.", _OUR_FAULT),
        "bad_request_method": Incompatible(f"SwarmUI found our request malformed: {text or error_id}.", _OUR_FAULT),
        "internal_error": _internal_error(),
        "invalid_user": KeyRefused("This SwarmUI wants an account.", "Enter an account token in the settings."),
        "unauthorized": NotPermitted("The file belongs to another user."),
        "ratelimit": Refused("SwarmUI asks to wait: too many attempts.", "Wait a minute.", error_id="ratelimit"),
    }
    said = text or clip(error_id) or "no reason given"
    end = "" if said.endswith((".", "!", "?")) else "."
    advice = "Look at Server > Logs in SwarmUI if that does not tell why."
    return known.get(error_id) or Refused(f"SwarmUI says: {said}{end}", advice, error_id=clip(error_id, 60))


def _not_a_reply(answer: Answer, address: Address) -> ServerError:
    """What an answer without a usable JSON object means: mostly somebody else than SwarmUI speaks."""
    status, url = answer.status, address.url
    if status in {401, 403, 407}:
        return _unauthorized(answer, address)
    if status in {404, 429} or status >= 500:
        return _failed(status, url)
    if answer.is_page:
        return Incompatible(f"A web page answers at {url} where SwarmUI's API should.", _CHECK_ADDRESS)
    if not answer.body.strip():
        return Incompatible(f"An empty answer came from {url} ({status}).", _CHECK_ADDRESS)
    return Incompatible(f"The answer of {url} is no JSON object that can be read ({status}).", _CHECK_ADDRESS)


def _failed(status: int, url: str) -> ServerError:
    if status in {502, 503, 504}:
        return Unreachable(
            f"The proxy at {url} answers, but SwarmUI behind it does not ({status}).", "Start SwarmUI, or wait for it."
        )
    if status == 404:
        return Incompatible(
            f"There is no SwarmUI at {url} (404).",
            "Check the path of the address: behind a proxy it may need one, such as /swarm.",
        )
    return Unreachable(f"The server at {url} answers with error {status}.", "Try again later.")


def _unauthorized(answer: Answer, address: Address) -> ServerError:
    """401 without a word of SwarmUI's API: the server-wide header (WebServer.cs:202), or a proxy."""
    if answer.status == 407:
        return KeyRefused("The network's own proxy wants a password.", "Add it to the proxy's address in HTTPS_PROXY.")
    plain = answer.status == 401 and answer.body.strip() == b"Unauthorized" and not answer.is_page
    if plain and "www-authenticate" not in answer.headers:
        return KeyRefused(
            f"{address.url} wants its server-wide Authorization header.",
            "Enter it as “Authorization” in the settings; it must match the server's setting exactly.",
        )
    scheme = clip(answer.headers.get("www-authenticate", "").partition(" ")[0], 20)
    wants = f" by {scheme} Authorization" if scheme else ""
    return KeyRefused(
        f"A proxy at {address.url} wants a login{wants} ({answer.status}).",
        "Enter user name and password, or the whole header, as “Authorization” in the settings.",
    )
