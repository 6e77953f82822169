"""Session ids outlive the server's process; nothing else does."""

import json
from pathlib import Path

from tests.simulator.client import call, new_session
from tray_app.simulator.clock import ManualClock
from tray_app.simulator.server import SimulatedSwarmUI


def test_a_session_id_is_good_in_another_process_with_the_same_file(tmp_path: Path) -> None:
    file = tmp_path / "sessions.json"
    with SimulatedSwarmUI(state_file=file) as first:
        session = new_session(first.url)
    with SimulatedSwarmUI(state_file=file) as second:
        assert call(second.url, "GetCurrentStatus", session).status == 200
        assert session in json.loads(file.read_text())["sessions"]


def test_without_the_file_it_is_not(tmp_path: Path) -> None:
    with SimulatedSwarmUI(state_file=tmp_path / "one.json") as first:
        session = new_session(first.url)
    with SimulatedSwarmUI(state_file=tmp_path / "other.json") as second:
        answer = call(second.url, "GetCurrentStatus", session)
    assert (answer.status, answer.json["error_id"]) == (401, "invalid_session_id")


def test_a_restart_keeps_port_and_sessions_and_loses_the_jobs(clock: ManualClock, server: SimulatedSwarmUI) -> None:
    session, url, old_id = new_session(server.url), server.url, server.world.server_id
    server.generate(images=3, seconds=5.0)
    server.restart()
    assert server.url == url
    assert server.world.server_id != old_id
    assert call(url, "GetGlobalStatus", session).json["status"]["waiting_gens"] == 0
    assert server.comfy_queue() == ([], [])
    clock.advance(60.0)
    assert not any(server.counters())


def test_dropped_sessions_are_unknown_and_a_new_one_works(server: SimulatedSwarmUI) -> None:
    session = new_session(server.url)
    server.drop_sessions()
    assert call(server.url, "GetCurrentStatus", session).status == 401
    assert call(server.url, "GetCurrentStatus", new_session(server.url)).status == 200


def test_users_tokens_and_pictures_outlive_a_restart(clock: ManualClock) -> None:
    with SimulatedSwarmUI(clock=clock, accounts=True) as server:
        cookie = f"swarm_token={server.add_user('mara', 'user')}"
        server.generate("mara", images=1)
        clock.advance(5.0)
        server.restart(abrupt=True)
        session = new_session(server.url, Cookie=cookie)
        assert len(call(server.url, "ListImages", session, path="raw", depth=2).json["files"]) == 1
