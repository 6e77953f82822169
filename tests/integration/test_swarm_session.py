"""Sessions: made once, kept, renewed once, never by another key; and every way in which a key is refused."""

import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.integration.hostile import GOOD_SESSION, Connection, HostileServer, Received, by_route, http
from tests.integration.swarm_setup import KeptInMemory, gateway
from tray_app.adapters.state_file import StateFile
from tray_app.adapters.swarm import session as session_module
from tray_app.adapters.swarm.gateway import SwarmServer
from tray_app.adapters.swarm.session import Session
from tray_app.adapters.swarm.session_stores import FileSessions
from tray_app.core.address import parse_address
from tray_app.core.credentials import Credentials, StoredSession
from tray_app.core.errors import Incompatible, KeyRefused, NotPermitted, Refused
from tray_app.core.model import Identity, Output
from tray_app.simulator.server import SimulatedSwarmUI

if TYPE_CHECKING:
    from tray_app.core.exchange import Exchange

LOCAL = Identity("local", "1", "", None)
INVALID = http({"error_id": "invalid_session_id", "error": "Invalid session ID."}, 401)


def count_new(sim: SimulatedSwarmUI) -> int:
    return [request.route for request in sim.requests].count("GetNewSession")


def test_a_kept_session_is_used_again_with_all_that_is_known_of_it() -> None:
    store = KeptInMemory()
    with SimulatedSwarmUI() as sim:
        with gateway(sim.url, store=store) as server:
            server.read(full=False)
            known = server.rights
        with gateway(sim.url, store=store) as server:
            server.read(full=False)
            assert server.rights == known
        assert count_new(sim) == 1


def test_a_missing_route_is_not_asked_for_by_the_next_commands_of_an_hour() -> None:
    store = KeptInMemory()
    with SimulatedSwarmUI("0.9.7.0") as sim:

        def tries() -> int:
            with gateway(sim.url, store=store) as server:
                server.read(full=False)
                assert "GetGlobalStatus" in server.rights.missing_routes
            return [request.route for request in sim.requests].count("GetGlobalStatus")

        assert [tries(), tries()] == [1, 1]
        assert store.session is not None
        store.session = replace(store.session, missed_at=store.session.missed_at - 3601)
        assert [tries(), tries()] == [2, 2]


@pytest.mark.parametrize("version", ["0.9.8.2", "0.9.7.0"])
def test_a_forgotten_session_is_renewed_once_and_kept(version: str) -> None:
    store = KeptInMemory()
    with SimulatedSwarmUI(version) as sim, gateway(sim.url, store=store) as server:
        server.read(full=False)
        first = store.session
        sim.drop_sessions()
        server.read(full=True)
        server.read(full=True)
        assert count_new(sim) == 2
    assert store.session is not None
    assert first is not None
    assert store.session.id != first.id


def test_a_session_of_another_key_is_not_used() -> None:
    store = KeptInMemory()
    with SimulatedSwarmUI(accounts=True) as sim:
        for name in ("ann", "bob"):
            with gateway(sim.url, token=sim.add_user(name), store=store) as server:
                assert server.sign_in().user == name
        assert count_new(sim) == 2


def test_a_session_that_another_process_has_renewed_is_taken_over() -> None:
    store = KeptInMemory()
    with SimulatedSwarmUI() as sim, gateway(sim.url, store=store) as server:
        server.read(full=False)
        sim.drop_sessions()
        assert store.session is not None
        store.session = replace(store.session, id=sim.new_session())
        server.read(full=False)
        assert count_new(sim) == 1


def test_a_server_that_forgets_each_session_is_asked_for_one_a_reading() -> None:
    script = by_route({"GetNewSession": http(GOOD_SESSION)}, otherwise=INVALID)
    with HostileServer(script) as hostile, gateway(hostile.url) as server:
        for number in (1, 2):
            with pytest.raises(Incompatible, match="does not know the session that it just gave"):
                server.read(full=True)
            assert hostile.paths().count("/API/GetNewSession") == number


def test_a_server_that_wants_a_session_for_a_session_is_incompatible() -> None:
    with HostileServer(INVALID) as hostile, gateway(hostile.url) as server:
        with pytest.raises(Incompatible, match="gives no session"):
            server.read(full=True)
        assert len(hostile.requests) == 1


def test_two_threads_ask_for_one_session() -> None:
    arrived, go_on = threading.Event(), threading.Event()
    made: list[StoredSession] = []

    def ask() -> StoredSession:
        arrived.set()
        go_on.wait(10)
        made.append(StoredSession("a", LOCAL))
        return made[-1]

    session = Session(KeptInMemory(), Credentials(), ask)
    got: list[StoredSession] = []
    threads = [threading.Thread(target=lambda: got.append(session.current())) for _ in range(4)]
    threads[0].start()
    arrived.wait(10)
    for thread in threads[1:]:
        thread.start()
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert (len(made), len(got)) == (1, 4)


@pytest.mark.parametrize("kept", [None, StoredSession("old", LOCAL)])
def test_those_that_keep_the_session_in_one_place_ask_for_one(tmp_path: Path, kept: StoredSession | None) -> None:
    """As two entries of the settings with one address do, or the tray and a command: at the start, and to renew it."""
    twice, go_on = threading.Event(), threading.Event()
    made: list[str] = []

    def ask() -> StoredSession:
        made.append("new")
        if len(made) > 1:
            twice.set()
        go_on.wait(10)
        return StoredSession("new", LOCAL)

    file = StateFile(tmp_path / "state.json")
    if kept is not None:
        file.save("http://x", kept)
    sessions = [Session(FileSessions(file, "http://x"), Credentials(), ask) for _ in range(3)]
    for each in sessions:
        assert kept is None or each.current() == kept
    got: list[str] = []

    def use(session: Session) -> None:
        got.append((session.renewed(kept) if kept else session.current()).id)

    threads = [threading.Thread(target=use, args=(each,)) for each in sessions]
    for thread in threads:
        thread.start()
    assert not twice.wait(0.3)
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert (made, got) == (["new"], ["new"] * 3)
    assert file.load("http://x") == StoredSession("new", LOCAL)


def test_where_nobody_can_be_kept_waiting_a_session_is_made_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = FileSessions(StateFile(tmp_path / "file" / "state.json"), "http://x")
    session = Session(store, Credentials(), lambda: StoredSession("a", LOCAL))
    assert session.current().id == "a"


def test_a_fresh_sign_in_asks_in_any_case() -> None:
    with SimulatedSwarmUI() as sim, gateway(sim.url) as server:
        assert server.sign_in() == server.sign_in()
        server.sign_in(fresh=True)
        assert count_new(sim) == 2


def test_the_cookie_goes_only_where_it_is_read() -> None:
    with SimulatedSwarmUI(accounts=True) as sim:
        token = sim.add_user("ann", "poweruser")
        with gateway(sim.url, token=token) as server:
            server.read(full=True)
            server.queue(0)
        cookies = {request.route: request.headers.get("Cookie") for request in sim.requests}
    assert cookies == {
        "GetNewSession": f"swarm_token={token}",
        "GetCurrentStatus": None,
        "ListBackends": None,
        "prompt": f"swarm_token={token}",
        "queue": f"swarm_token={token}",
    }


@pytest.mark.parametrize(
    ("token", "title"), [("", "{url} wants an account."), ("aa.bb.cc", "{url} does not accept the account token.")]
)
def test_a_refused_key_is_not_sent_again_until_a_person_asks(token: str, title: str) -> None:
    with SimulatedSwarmUI(accounts=True) as sim, gateway(sim.url, token=token) as server:
        for _ in range(3):
            with pytest.raises(KeyRefused) as raised:
                server.read(full=False)
            assert raised.value.title == title.format(url=sim.url)
        assert count_new(sim) == 1
        with pytest.raises(KeyRefused):
            server.read(full=True)
        with pytest.raises(KeyRefused):
            server.sign_in(fresh=True)
        assert count_new(sim) == 3


def test_a_refused_key_is_tried_again_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "_REFUSED_FOR", 0.0)
    with SimulatedSwarmUI(accounts=True) as sim, gateway(sim.url) as server:
        for number in (1, 2):
            with pytest.raises(KeyRefused):
                server.read(full=False)
            assert count_new(sim) == number


@pytest.mark.parametrize("authorization", ["", "Bearer wrong"])
def test_the_server_wide_header_is_asked_for_and_no_session_renewed_for_it(authorization: str) -> None:
    with (
        SimulatedSwarmUI(authorization="Bearer open-sesame") as sim,
        gateway(sim.url, authorization=authorization) as server,
    ):
        with pytest.raises(KeyRefused, match="wants its server-wide Authorization header"):
            server.read(full=True)
        assert len(sim.requests) == 1


def test_the_right_server_wide_header_opens() -> None:
    with (
        SimulatedSwarmUI(authorization="Bearer open-sesame") as sim,
        gateway(sim.url, authorization="Bearer open-sesame") as server,
    ):
        assert server.read(full=True).counters is not None


def test_a_refused_right_is_remembered_until_the_session_is_renewed() -> None:
    refused = http({"error_id": "bad_permissions", "error": "You lack permissions for this route."}, 400)
    routes = {
        "GetNewSession": http(GOOD_SESSION),
        "ListRecentLogMessages": refused,
    }
    with HostileServer(by_route(routes)) as hostile, gateway(hostile.url) as server:
        for _ in range(3):
            with pytest.raises(NotPermitted) as raised:
                server.log_position()
            assert raised.value.permission == "view_logs"
        assert hostile.paths().count("/API/ListRecentLogMessages") == 1
        assert not server.rights.may("view_logs")
        server.sign_in(fresh=True)
        with pytest.raises(NotPermitted):
            server.log_position()
        assert hostile.paths().count("/API/ListRecentLogMessages") == 2


def test_a_right_that_the_permission_list_lacks_is_not_asked_for() -> None:
    with SimulatedSwarmUI(accounts=True) as sim:
        with gateway(sim.url, token=sim.add_user("ann", "guest")) as server:
            for call in (server.interrupt_all, server.log_position, server.newest_outputs, lambda: server.queue(0)):
                with pytest.raises(NotPermitted):
                    call()
        assert [request.route for request in sim.requests] == ["GetNewSession"]
        assert sim.log("Error") == []


def test_a_secret_that_a_server_repeats_never_shows() -> None:
    told: list[Exchange] = []

    def echo(connection: Connection, request: Received) -> None:
        connection.send(http({"error": f"{request.headers} {request.body.decode()}"}))

    secrets = Credentials(token="aa.geheimgeheim.cc", authorization="Bearer geheimgeheim")
    with HostileServer(by_route({"GetNewSession": http(GOOD_SESSION)}, otherwise=echo)) as hostile:
        server = SwarmServer(
            parse_address(hostile.url), credentials=secrets, sessions=KeptInMemory(), on_exchange=told.append
        )
        errors = []
        for call in (server.interrupt_all, lambda: server.picture(Output("x", "View/x"))):
            with pytest.raises(Refused) as raised:
                call()
            errors.append(str(raised.value))
        server.close()
    shown = f"{errors} {told}"
    assert "***" in shown
    assert "geheim" not in shown
    assert str(GOOD_SESSION["session_id"]) not in shown
