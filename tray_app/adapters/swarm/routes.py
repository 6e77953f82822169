"""Calls to SwarmUI's routes with the session, the rights and the account token that they need."""

from collections.abc import Callable, Mapping
from typing import Any

from tray_app.adapters.http.transport import ANSWER_LIMIT, Request, Transport
from tray_app.adapters.swarm.session import Session
from tray_app.core.answers import Answer, api_reply, check_passed_through, parse_json
from tray_app.core.credentials import Credentials, StoredSession
from tray_app.core.errors import Incompatible, InvalidSession, KeyRefused, NoSuchRoute, NotPermitted, Refused
from tray_app.core.model import Rights
from tray_app.core.ports import SessionStore
from tray_app.core.replies import new_session

STREAM_LIMIT = 64 * 1024 * 1024
"""Bytes of an answer that is read while it arrives: ComfyUI's /queue holds whole graphs with pictures."""


class Routes:
    """Each call asks at most once for what the server refuses, and renews the session at most once.

    `seconds` is the deadline of one HTTP exchange.
    """

    def __init__(self, transport: Transport, credentials: Credentials, store: SessionStore, seconds: float) -> None:
        self.session = Session(store, credentials, self._new_session)
        self.seconds = seconds
        self._transport = transport
        self._credentials = credentials
        # Only the routes that read the cookie get it: /API/ goes by the session id alone (src/WebAPI/API.cs:101-121).
        self._secrets = (credentials.token,)
        self._cookie = {"Cookie": f"swarm_token={credentials.token}"} if credentials.token else {}

    @property
    def rights(self) -> Rights:
        """What this key can do, as far as known."""
        return self.session.rights

    def begin(self) -> None:
        """A new task of the caller begins: within it the session is renewed once."""
        self.session.begin()

    def api(self, route: str, permission: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """POST /API/<route>. Raises NotPermitted and NoSuchRoute without asking where that is known."""
        session = self.session.current()
        while True:
            self._check(permission, route)
            try:
                return self._post(route, permission, body or {}, session)
            except InvalidSession:
                session = self.session.renewed(session)

    def comfy(
        self,
        path: str,
        backend_id: int,
        permission: str,
        *,
        body: Mapping[str, Any] | None = None,
        sink: Callable[[bytes], None] | None = None,
    ) -> object:
        """GET, or POST where there is a body, to the ComfyUI behind one backend; returns its JSON, None for none.

        With a `sink` the answer goes there while it arrives, up to 64 MiB of it.
        Without the header with the id SwarmUI asks the first running ComfyUI (ComfyUIRedirectHelper.cs:91-114).
        """
        self.session.current()
        self._check(permission, "")
        request = Request(
            method="GET" if body is None else "POST",
            path=f"/ComfyBackendDirect{path}",
            seconds=self.seconds,
            body=body,
            headers={**self._cookie, "X-Swarm-Backend-ID": str(backend_id)},
            limit=ANSWER_LIMIT if sink is None else STREAM_LIMIT,
            sink=sink,
            secrets=self._secrets,
        )
        answer = self._transport.call(request)
        try:
            check_passed_through(answer, self._transport.address, permission=permission, backend_id=backend_id)
        except NotPermitted:
            self.session.lacks(permission)
            raise
        return parse_json(answer.body)

    def file(self, path: str) -> Answer:
        """GET a file that SwarmUI saved; `path` is relative to the server's address."""
        request = Request("GET", f"/{path}", self.seconds, headers=self._cookie, secrets=self._secrets)
        return self._transport.call(request)

    def _check(self, permission: str, route: str) -> None:
        """Raise what the server would answer, where it is known: each refusal is written to the server's log."""
        if not self.rights.may(permission):
            raise NotPermitted(
                f"This key lacks the permission {permission}.",
                "Ask the server's admin for it, or use the key of another account.",
                permission=permission,
            )
        if route in self.rights.missing_routes:
            raise NoSuchRoute("This SwarmUI does not know the route.", "Update SwarmUI.")

    def _post(self, route: str, permission: str, body: Mapping[str, Any], session: StoredSession) -> dict[str, Any]:
        body = {**body, "session_id": session.id}
        request = Request("POST", f"/API/{route}", self.seconds, body=body, secrets=(session.id, *self._secrets))
        try:
            return api_reply(self._transport.call(request), self._transport.address, permission=permission)
        except NotPermitted:
            self.session.lacks(permission)
            raise
        except NoSuchRoute:
            self.session.misses(route)
            raise

    def _new_session(self) -> StoredSession:
        url = self._transport.address.url
        request = Request(
            method="POST",
            path="/API/GetNewSession",
            seconds=self.seconds,
            body={},
            headers=self._cookie,
            repeat=False,
            secrets=self._secrets,
        )
        try:
            reply = api_reply(self._transport.call(request), self._transport.address)
        except NoSuchRoute as error:
            raise Incompatible(
                f"There is no SwarmUI API at {url}.", "Check the path of the address; most need none."
            ) from error
        except Refused as error:
            if error.error_id:
                raise
            # "Invalid or unauthorized." and no error_id (src/WebAPI/BasicAPIFeatures.cs:257)
            if self._credentials.token:
                raise KeyRefused(
                    f"{url} does not accept the account token.",
                    "Make a new one in SwarmUI's User tab and enter it in the settings.",
                ) from error
            raise KeyRefused(
                f"{url} wants an account.",
                "Make an account token in SwarmUI's User tab and enter it in the settings.",
            ) from error
        return new_session(reply, key=self._credentials.fingerprint)
