"""What a script can break, and that it heals."""

import threading
import time
from http.client import RemoteDisconnected

import pytest

from tests.simulator.client import Answer, call, get, new_session, post
from tray_app.simulator.clock import ManualClock
from tray_app.simulator.server import SimulatedSwarmUI

FAILED = {"error": "ComfyUI execution error: out of luck"}


def test_a_failed_image_is_reported_to_its_user_and_to_the_log(clock: ManualClock, server: SimulatedSwarmUI) -> None:
    server.fail_next("out of luck")
    work = server.generate(images=1)
    clock.advance(1.0)
    assert work.wait() == FAILED
    assert server.log("Warning") == [f"Refused to generate image for local: {FAILED['error']}"]
    again = server.generate(images=1)
    clock.advance(2.0)
    assert "images" in again.wait()


def test_a_hanging_comfyui_lets_the_counters_fall_but_not_its_queue(
    clock: ManualClock, server: SimulatedSwarmUI
) -> None:
    session = new_session(server.url)
    server.hang()
    work = server.generate(images=2)
    clock.advance(60.0)
    assert call(server.url, "InterruptAll", session, other_sessions=True).json == {"success": True}
    assert work.wait() == {"images": []}
    assert not any(server.counters())
    clock.advance(600.0)
    assert get(server.url, "/ComfyBackendDirect/prompt").json["exec_info"]["queue_remaining"] == 1
    server.hang(0, False)
    assert server.comfy_queue() == ([], [])


def test_a_comfyui_that_does_not_answer_leaves_its_backend_running(
    clock: ManualClock, server: SimulatedSwarmUI
) -> None:
    server.comfy_answers(0, False)
    work = server.generate()
    clock.advance(0.1)
    assert str(work.wait()["error"]).startswith("Failed to read JSON '503: Service Unavailable'")
    session = new_session(server.url)
    assert call(server.url, "ListBackends", session).json["0"]["status"] == "running"
    assert get(server.url, "/ComfyBackendDirect/prompt").status == 503


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (("running", "running"), "running"),
        (("running", "errored"), "errored"),
        (("running", "loading"), "some_loading"),
        (("loading", "waiting"), "loading"),
        (("idle", "idle"), "idle"),
        (("idle", "disabled"), "disabled"),
        (("running", "idle"), "running"),
    ],
)
def test_the_common_state_of_the_backends(clock: ManualClock, statuses: tuple[str, str], expected: str) -> None:
    with SimulatedSwarmUI(clock=clock, backends=2) as server:
        for number, status in enumerate(statuses):
            server.set_backend(number, status=status)
        reply = call(server.url, "GetCurrentStatus", new_session(server.url)).json
        assert reply["backend_status"]["status"] == expected


def test_all_backends_off_or_gone(clock: ManualClock, server: SimulatedSwarmUI) -> None:
    session = new_session(server.url)
    server.set_backend(0, enabled=False)
    assert call(server.url, "GetCurrentStatus", session).json["backend_status"]["status"] == "all_disabled"
    assert server.generate().wait() == {"error": "No backends available!"}
    server.remove_backend(0)
    assert call(server.url, "GetCurrentStatus", session).json["backend_status"]["status"] == "empty"


def test_a_refusing_server_breaks_connections_until_it_answers_truly(server: SimulatedSwarmUI) -> None:
    server.refuse()
    with pytest.raises((RemoteDisconnected, ConnectionResetError)):
        get(server.url, "/")
    server.answer_truly()
    assert get(server.url, "/").status == 302


def test_a_slow_server_takes_its_time(server: SimulatedSwarmUI) -> None:
    server.slow(0.2)
    began = time.monotonic()
    assert get(server.url, "/").status == 302
    assert time.monotonic() - began >= 0.2


def test_any_answer_can_be_replaced(server: SimulatedSwarmUI) -> None:
    server.answer_with("getnewsession", b"<html>", 502, "text/html")
    answer = post(server.url, "/API/GetNewSession", {})
    assert (answer.status, answer.body, answer.headers["Content-Type"]) == (502, b"<html>", "text/html")


@pytest.mark.parametrize("abrupt", [False, True])
def test_a_stopping_server_leaves_open_requests_empty_or_broken(abrupt: bool) -> None:
    outcomes: list[Answer | Exception] = []
    with SimulatedSwarmUI(clock=ManualClock()) as server:
        session = new_session(server.url)

        def ask() -> None:
            try:
                outcomes.append(call(server.url, "GenerateText2Image", session, images=1, model="tiny", prompt="x"))
            except (OSError, RemoteDisconnected) as broken:
                outcomes.append(broken)

        asking = threading.Thread(target=ask)
        asking.start()
        server.settle(received=2)
        server.stop(abrupt=abrupt)
        asking.join(10)
        with pytest.raises(ConnectionRefusedError):
            get(server.url, "/")
    outcome = outcomes[0]
    if abrupt:
        assert isinstance(outcome, (OSError, RemoteDisconnected))
    else:
        assert isinstance(outcome, Answer)
        assert (outcome.status, outcome.body) == (200, b"")
