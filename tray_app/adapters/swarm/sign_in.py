"""From a user name and a password to an account token: signed in once, by a person's wish, and the password forgotten.

Routes: Login, CreateAuthToken and RevokeMyAuthToken (src/WebAPI/BasicAPIFeatures.cs:73-124, 805-850).
"""

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any

from tray_app.adapters.http.transport import Request, Transport
from tray_app.core.address import Address
from tray_app.core.answers import Answer, api_reply
from tray_app.core.credentials import Credentials, login_value
from tray_app.core.errors import (
    Incompatible,
    KeyRefused,
    NoSuchRoute,
    NotPermitted,
    Refused,
    ServerError,
    UsageError,
)
from tray_app.core.exchange import Exchange
from tray_app.core.replies import new_session
from tray_app.core.secret import Secret

log = logging.getLogger(__name__)

MAKE_TOKENS = "edit_user_settings"
LONGEST_NAME = 500  # characters of a token's name
_COOKIE = re.compile(r"(?:^|[\n;,\s])swarm_token=([^;,\s]+)")
_USER_TAB = "SwarmUI's User tab, Authorization Tokens"


class NoAccounts(NoSuchRoute):
    """There is nobody to sign in as: the server lets this computer in without an account."""

    code = "no_accounts"


def make_token(  # noqa: PLR0913 - all but three by name
    address: Address,
    authorization: str,
    user: str,
    password: Secret,
    *,
    name: str,
    seconds: float,
    on_exchange: Callable[[Exchange], None] | None = None,
) -> Secret:
    """An account token of that user, made by the server and listed there under `name` (1 to 500 characters).

    `authorization` is the value of the server-wide header, or empty; `seconds` bounds each of at most five requests.
    Nothing of the password is kept. To be called for a person who waits, never by itself: each wrong password is
    logged by the server, and the sixth login of a minute is refused.

    Raises KeyRefused (wrong user name or password; a header is wanted), Refused with error_id "ratelimit" (too many
    logins), NoAccounts, NoSuchRoute (SwarmUI before 2026-03-14 makes no tokens), NotPermitted (the account may make
    none), UsageError (an empty name or password), and what any call raises.
    """
    if not user or not password or not 0 < len(name) <= LONGEST_NAME:
        raise UsageError("To sign in, a user name and a password are needed.", "Enter both.")
    transport = Transport(address, authorization=authorization, on_exchange=on_exchange)
    try:
        return _SignIn(transport, seconds).run(user, password, name)
    except ServerError as error:
        failure = error
    finally:
        transport.close()
    # The frames in which it began hold the password: whoever prints it with the values of variables shall not see them.
    failure.__cause__ = failure.__context__ = None
    raise failure.with_traceback(None)


class _SignIn:
    """The calls, one after the other, over one connection."""

    def __init__(self, transport: Transport, seconds: float) -> None:
        self._transport = transport
        self._address = transport.address
        self._seconds = seconds
        self._login = ""  # the token of the login itself
        self._session = ""

    def run(self, user: str, password: Secret, name: str) -> Secret:
        self._check_accounts()
        self._log_in(user, password)
        self._begin_session()
        try:
            made = self._make(name)
        except NoSuchRoute:
            raise  # it has no route that would end the login either
        except ServerError:
            self._end_login()
            raise
        self._end_login()
        return made

    def _check_accounts(self) -> None:
        """A password is not sent to a server that asks for none: it would call it wrong, or not listen to the token.

        Without accounts everybody is one user, and so is who comes from the server's own computer, where that is
        excused from signing in (src/Utils/WebUtil.cs:312-320).
        """
        try:
            reply = self._call("GetNewSession", {})
        except Refused as error:
            if error.error_id:
                raise
            return  # "Invalid or unauthorized." (src/WebAPI/BasicAPIFeatures.cs:257)
        user = new_session(reply).identity.user
        raise NoAccounts(
            f"{self._address.url} asks for no account: to it you are the user {user}.", "No key is needed there."
        )

    def _log_in(self, user: str, password: Secret) -> None:
        """Login answers with 200 in any case, and with the token in a cookie where it goes well."""
        value = login_value(user, password.reveal())
        try:
            answer = self._answer("Login", {"username": user, "password": value}, value, password.reveal())
            api_reply(answer, self._address)
        except Refused as error:
            raise self._why_no_login(error) from error
        found = _COOKIE.search(answer.headers.get("set-cookie", ""))
        try:
            self._login = Credentials(token=found[1]).token if found else ""
        except UsageError:
            self._login = ""
        if not self._login:
            raise Incompatible(
                f"{self._address.url} took the password, but gave no token for it.",
                f"A proxy may take cookies away. Make a token in {_USER_TAB}, and paste it.",
            )

    def _why_no_login(self, error: Refused) -> ServerError:
        if error.error_id == "invalid_login":
            return KeyRefused(
                f"{self._address.url} does not know this user name with this password.",
                "Check both; upper and lower case count. It takes five tries in a minute.",
            )
        if error.error_id == "ratelimit":
            return Refused(
                f"{self._address.url} takes no more logins for now: five in a minute is all it allows.",
                "Wait a minute, then try once more.",
                error_id="ratelimit",
            )
        return error

    def _begin_session(self) -> None:
        """Every further route goes by a session; its reply says what the account may do."""
        session = new_session(self._call("GetNewSession", {}))
        self._session = session.id
        if not session.identity.may(MAKE_TOKENS):
            # Not asked for by way of trial: each refusal is written to the server's log.
            raise NotPermitted(
                f"The password is right, but the user {session.identity.user} may make no tokens.",
                f"Ask the server's admin for the permission {MAKE_TOKENS}, or for a token.",
                permission=MAKE_TOKENS,
            )

    def _make(self, name: str) -> Secret:
        try:
            reply = self._call("CreateAuthToken", {"reason": name})
        except NoSuchRoute as error:
            raise NoSuchRoute(
                "The password is right, but this SwarmUI does not have CreateAuthToken: it is too old to make tokens.",
                f"Update it to 0.9.8.1 or newer; or log in at {self._address.url}/Login with a browser, copy the "
                "cookie swarm_token from its developer tools (Storage or Application, Cookies), and paste that as the "
                "account token.",
            ) from error
        token = reply.get("token")
        try:
            made = Credentials(token=token).token if isinstance(token, str) else ""
        except UsageError:
            made = ""
        if not made:
            raise Incompatible(
                "The reply to CreateAuthToken cannot be read: “token” is missing or makes no sense.",
                f"Make a token in {_USER_TAB}, and paste it.",
            )
        return Secret(made)

    def _end_login(self) -> None:
        """Take the login's own token back, which nobody needs any more; Logout would leave it valid.

        Where that cannot be done it stays in the user's list of tokens, as after a login with a browser.
        """
        _user, _, rest = self._login.partition(".")
        try:
            self._call("RevokeMyAuthToken", {"tokenId": rest.partition(".")[0]})
        except ServerError as error:
            log.info("The login with %s could not be ended: %s", self._address.url, error.title)

    def _call(self, route: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return api_reply(self._answer(route, body), self._address, permission=MAKE_TOKENS)

    def _answer(self, route: str, body: Mapping[str, Any], *secrets: str) -> Answer:
        request = Request(
            "POST",
            f"/API/{route}",
            self._seconds,
            body={**body, "session_id": self._session} if self._session else body,
            headers={"Cookie": f"swarm_token={self._login}"} if self._login else {},
            repeat=False,
            secrets=(self._login, self._session, *secrets),
        )
        return self._transport.call(request)
