"""Accounts, roles, tokens, and the server-wide header, beyond what was recorded."""

import hashlib
from collections.abc import Iterator

import pytest

from tests.simulator.client import call, get, new_session, post
from tray_app.simulator.clock import ManualClock
from tray_app.simulator.permissions import ROLES, permissions
from tray_app.simulator.server import SimulatedSwarmUI

REFUSED = {"error": "Invalid or unauthorized."}


@pytest.fixture
def closed(clock: ManualClock) -> Iterator[SimulatedSwarmUI]:
    """A server that asks for accounts."""
    with SimulatedSwarmUI(clock=clock, accounts=True) as server:
        yield server


def test_without_a_token_there_is_no_session(closed: SimulatedSwarmUI) -> None:
    answer = post(closed.url, "/API/GetNewSession", {})
    assert (answer.status, answer.json) == (200, REFUSED)


def test_the_token_of_a_new_user_opens_a_session_of_that_user(closed: SimulatedSwarmUI) -> None:
    token = closed.add_user("mara", "poweruser")
    reply = post(closed.url, "/API/GetNewSession", {}, Cookie=f"a=b; swarm_token={token}").json
    assert (reply["user_id"], reply["permissions"]) == ("mara", permissions("poweruser"))


@pytest.mark.parametrize("value", ["", "x", "..", "zz.zz.zz", "6d617261.1.2", "ff.1.2"])
def test_a_wrong_token_is_none(closed: SimulatedSwarmUI, value: str) -> None:
    closed.add_user("mara", "owner")
    assert post(closed.url, "/API/GetNewSession", {}, Cookie=f"swarm_token={value}").json == REFUSED


def test_loopback_is_the_local_owner_where_it_is_excused_unless_a_proxy_speaks() -> None:
    with SimulatedSwarmUI(accounts=True, loopback_bypass=True) as server:
        token = server.add_user("mara", "user")
        reply = post(server.url, "/API/GetNewSession", {}, Cookie=f"swarm_token={token}").json
        assert reply["user_id"] == "local", "the token is not even read"
        proxied = {"Cookie": f"swarm_token={token}", "X_Forwarded_For": "192.0.2.7"}
        assert post(server.url, "/API/GetNewSession", {}, **proxied).json["user_id"] == "mara"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("route", "flag", "parameters"),
    [
        ("GetCurrentStatus", "fundamental_generate_tab_access", {}),
        ("InterruptAll", "basic_image_generation", {}),
        ("ListImages", "view_image_history", {"path": "", "depth": 1}),
        ("ListBackends", "view_backends_list", {}),
        ("RestartBackends", "restart_backends", {}),
        ("FreeBackendMemory", "control_mem_clean", {}),
        ("GetGlobalStatus", "read_server_info_panels", {}),
        ("AdminInterruptUser", "interrupt_others", {"name": "local"}),
        ("ToggleBackend", "toggle_backends", {"backend_id": 0, "enabled": True}),
        ("ListRecentLogMessages", "view_logs", {"types": [], "last_sequence_ids": {}}),
    ],
)
def test_a_route_is_open_to_the_roles_that_hold_its_flag(
    closed: SimulatedSwarmUI, role: str, route: str, flag: str, parameters: dict[str, object]
) -> None:
    token = closed.add_user("somebody", role)
    session = new_session(closed.url, Cookie=f"swarm_token={token}")
    answer = call(closed.url, route, session, **parameters)
    if flag in permissions(role):
        assert answer.status == 200
    else:
        assert (answer.status, answer.json["error_id"]) == (400, "bad_permissions")
        assert any(flag in line for line in closed.log("Error"))


def test_a_password_is_taken_hashed_or_announced_but_not_bare(closed: SimulatedSwarmUI) -> None:
    closed.add_user("mara", "user", "secret")
    plain = "swarmclientpw:mara:secret"

    def login(password: str) -> object:
        return post(closed.url, "/API/Login", {"username": "mara", "password": password}).json

    assert login("secret") == {"error_id": "invalid_login"}
    assert login(f"__swarmdoprehash:{plain}") == {"success": "true"}
    assert login(hashlib.sha256(plain.encode()).hexdigest()) == {"success": "true"}


def test_logins_are_counted_for_a_minute(closed: SimulatedSwarmUI, clock: ManualClock) -> None:
    def login() -> object:
        return post(closed.url, "/API/Login", {"username": "nobody", "password": "x"}).json["error_id"]

    assert [login() for _ in range(6)] == ["invalid_login"] * 5 + ["ratelimit"]
    clock.advance(60.0)
    assert login() == "invalid_login"


def test_the_pass_through_wants_the_cookie_itself(closed: SimulatedSwarmUI) -> None:
    token = closed.add_user("mara", "poweruser")
    assert get(closed.url, "/ComfyBackendDirect/prompt", Cookie=f"swarm_token={token}").status == 200
    session = new_session(closed.url, Cookie=f"swarm_token={token}")
    assert get(closed.url, "/ComfyBackendDirect/prompt", X_Session_ID=session).status == 401


def test_the_old_generation_sends_refusals_as_redirects(clock: ManualClock) -> None:
    with SimulatedSwarmUI("0.9.7.0", clock=clock, accounts=True) as server:
        session = new_session(server.url, Cookie=f"swarm_token={server.add_user('mara', 'user')}")
        answer = call(server.url, "ListBackends", session)
        assert (answer.status, answer.headers["Location"]) == (302, "/Error/Permissions")


def test_the_server_wide_header_is_compared_byte_for_byte_and_loopback_may_be_excused() -> None:
    with SimulatedSwarmUI(authorization="Bearer one") as server:
        assert get(server.url, "/").status == 401
        assert get(server.url, "/", Authorization="bearer one").status == 401
        assert get(server.url, "/", Authorization="Bearer one").status == 302
    with SimulatedSwarmUI(authorization="Bearer one", loopback_bypass=True) as server:
        assert get(server.url, "/", Authorization="wrong").status == 302


def test_unknown_roles_are_named() -> None:
    with pytest.raises(ValueError, match="none named king"):
        permissions("king")
