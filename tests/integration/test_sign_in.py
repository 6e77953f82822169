"""Signing in once with a password: a token of the server's making, and nothing left of the password or of the login."""

import json
import traceback
from http.client import HTTPConnection

import pytest

from tests.integration.hostile import GOOD_SESSION, HostileServer, Script, by_route, http
from tests.integration.swarm_setup import gateway
from tray_app.adapters.swarm.sign_in import MAKE_TOKENS, NoAccounts, make_token
from tray_app.core.address import parse_address
from tray_app.core.credentials import login_value, token_in
from tray_app.core.errors import (
    Incompatible,
    KeyRefused,
    NoSuchRoute,
    NotPermitted,
    Refused,
    ServerError,
    Unreachable,
    UsageError,
)
from tray_app.core.exchange import Exchange
from tray_app.core.secret import Secret
from tray_app.simulator.server import SimulatedSwarmUI

PASSWORD = "canary-77ab02e1-password"
NAME = "SwarmUI Tray on desk"
BOTH = pytest.mark.parametrize("version", ["0.9.8.2", "0.9.7.0"])
REFUSED = http({"error": "Invalid or unauthorized."})
LOGGED_IN = http({"success": "true"}, headers={"Set-Cookie": "swarm_token=616e6e.id.secret; path=/; httponly"})


def sign_in(
    server: SimulatedSwarmUI | HostileServer,
    password: str = PASSWORD,
    *,
    user: str = "anna",
    authorization: str = "",
    shown: list[Exchange] | None = None,
) -> Secret:
    return make_token(
        parse_address(server.url),
        authorization,
        user,
        Secret(password),
        name=NAME,
        seconds=5,
        on_exchange=None if shown is None else shown.append,
    )


def tokens(server: SimulatedSwarmUI, user: str = "anna") -> list[tuple[str, str]]:
    """What the server would list as the tokens of a user: name and id."""
    found = server.world.accounts.find(user)
    assert found is not None
    return [(each.user_agent, each.id) for each in found.tokens.values()]


def with_anna(server: SimulatedSwarmUI, role: str = "user") -> SimulatedSwarmUI:
    """The same, with an account that has a password and no token yet."""
    server.add_user("anna", role, PASSWORD)
    server.world.accounts.all()[0].tokens.clear()
    return server


def answering(login: bytes, made: bytes) -> Script:
    """A server with accounts that answers Login and CreateAuthToken with these."""
    sessions = iter([REFUSED, http(GOOD_SESSION)])
    return by_route(
        {
            "GetNewSession": lambda connection, _request: connection.send(next(sessions)),
            "Login": login,
            "CreateAuthToken": made,
            "RevokeMyAuthToken": http({"error": "Token not found."}),
        }
    )


def test_a_token_is_made_under_its_name_and_the_logins_own_is_taken_back() -> None:
    shown: list[Exchange] = []
    with SimulatedSwarmUI(accounts=True) as server:
        token = sign_in(with_anna(server), shown=shown)
        ((name, number),) = tokens(server)
        assert (name, token.reveal().split(".")[1]) == (NAME, number)
        routes = [each.route for each in server.requests]
        assert PASSWORD not in str([(each.headers, each.body) for each in server.requests])
    assert routes == ["GetNewSession", "Login", "GetNewSession", "CreateAuthToken", "RevokeMyAuthToken"]
    assert len(shown) == 5
    for secret in (PASSWORD, login_value("anna", PASSWORD), token.reveal(), number):
        assert secret not in str(shown)


def test_the_header_of_the_server_goes_along() -> None:
    with SimulatedSwarmUI(accounts=True, authorization="Bearer canary") as server:
        with_anna(server)
        with pytest.raises(KeyRefused, match="wants its server-wide Authorization header"):
            sign_in(server)
        assert sign_in(server, authorization="Bearer canary")


@BOTH
def test_a_wrong_password_is_told_and_the_sixth_try_of_a_minute_is_refused(version: str) -> None:
    with SimulatedSwarmUI(version, accounts=True) as server:
        with_anna(server)
        for _ in range(5):
            with pytest.raises(KeyRefused, match="does not know this user name with this password"):
                sign_in(server, "canary-wrong")
        with pytest.raises(Refused) as raised:
            sign_in(server)
        assert tokens(server) == []
    assert raised.value.error_id == "ratelimit"
    assert "Wait a minute" in raised.value.advice


@BOTH
@pytest.mark.parametrize("options", [{}, {"accounts": True, "loopback_bypass": True}])
def test_a_server_that_asks_for_no_account_is_sent_no_password(version: str, options: dict[str, bool]) -> None:
    with SimulatedSwarmUI(version, **options) as server:  # type: ignore[arg-type]
        with_anna(server)
        with pytest.raises(NoAccounts, match="you are the user local"):
            sign_in(server)
        assert [each.route for each in server.requests] == ["GetNewSession"]


def test_an_older_server_makes_no_tokens_and_a_way_round_is_told() -> None:
    with SimulatedSwarmUI("0.9.7.0", accounts=True) as server:
        with_anna(server)
        with pytest.raises(NoSuchRoute, match="does not have CreateAuthToken: it is too old to make tokens") as raised:
            sign_in(server)
        assert server.requests[-1].route == "CreateAuthToken"
        assert f"log in at {server.url}/Login with a browser, copy the cookie swarm_token" in raised.value.advice
        cookie = logged_in(server)
        with gateway(server.url, token=token_in(cookie)) as there:
            assert there.sign_in().user == "anna"


def logged_in(server: SimulatedSwarmUI) -> str:
    """Log in as a browser does; the cookies that it has then."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=5)
    body = json.dumps({"username": "anna", "password": login_value("anna", PASSWORD)})
    connection.request("POST", "/API/Login", body, {"Content-Type": "application/json"})
    cookie = connection.getresponse().headers["Set-Cookie"]
    connection.close()
    return cookie


@BOTH
def test_an_account_that_may_make_none_is_told_and_not_tried(version: str) -> None:
    with SimulatedSwarmUI(version, accounts=True) as server:
        with_anna(server, "guest")
        with pytest.raises(NotPermitted, match="the user anna may make no tokens") as raised:
            sign_in(server)
        assert server.requests[-1].route == "GetNewSession"
    assert raised.value.permission == MAKE_TOKENS


@pytest.mark.parametrize(
    ("login", "made", "error"),
    [
        (http({"success": "true"}), REFUSED, Incompatible),
        (http({"success": "true"}, headers={"Set-Cookie": 'swarm_token="a,b"'}), REFUSED, Incompatible),
        (http({"error": "Simple password login is disabled."}), REFUSED, Refused),
        (http(b"<html>", 502, "text/html"), REFUSED, Unreachable),
        (LOGGED_IN, http({}), Incompatible),
        (LOGGED_IN, http({"token": 3}), Incompatible),
        (LOGGED_IN, http({"token": "a b\r\nCookie: x"}), Incompatible),
        (LOGGED_IN, http({"error": "Invalid reason."}), Refused),
    ],
)
def test_whatever_a_server_answers_is_an_error_of_our_own(login: bytes, made: bytes, error: type[ServerError]) -> None:
    with HostileServer(answering(login, made)) as server:
        with pytest.raises(error):
            sign_in(server)
        assert ("/API/RevokeMyAuthToken" in server.paths()) == (login == LOGGED_IN)


def test_the_cookie_is_found_among_those_of_a_proxy() -> None:
    cookies = b"Set-Cookie: first=1; path=/\r\nSet-Cookie: swarm_token=616e6e.id.secret\r\nSet-Cookie: last=2\r\n"
    login = http({"success": "true"}).replace(b"Content-Type", cookies + b"Content-Type", 1)
    with HostileServer(answering(login, http({"token": "a.b.c"}))) as server:
        assert sign_in(server).reveal() == "a.b.c"
        assert server.requests[-1].headers["cookie"] == "swarm_token=616e6e.id.secret"


@pytest.mark.parametrize(("user", "password"), [("", PASSWORD), ("anna", "")])
def test_without_a_name_or_a_password_nothing_is_sent(user: str, password: str) -> None:
    with HostileServer(b"") as server:
        with pytest.raises(UsageError):
            sign_in(server, password, user=user)
        assert server.requests == []


def test_no_failure_shows_the_password_in_its_traceback_with_the_values_of_variables() -> None:
    """Not even where somebody prints the locals of every frame."""
    with SimulatedSwarmUI(accounts=True) as server:
        with_anna(server)
        with pytest.raises(KeyRefused) as raised:
            sign_in(server, f"{PASSWORD}-wrong")
    told = traceback.TracebackException.from_exception(raised.value, capture_locals=True)
    below = [frame for frame in told.stack if frame.filename != __file__]
    assert below
    text = "".join((*traceback.StackSummary.from_list(below).format(), *(str(frame.locals) for frame in below)))
    assert PASSWORD not in text
    assert login_value("anna", f"{PASSWORD}-wrong") not in text
    assert (told.__cause__, told.__context__) == (None, None)
