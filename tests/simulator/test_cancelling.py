"""Who loses what by which cancel, beyond the recorded cases."""

import threading

import pytest

from tests.simulator.client import Answer, call, get, new_session, post, request
from tray_app.simulator.clock import ManualClock
from tray_app.simulator.server import SimulatedSwarmUI

NOTHING = {"error": "No images were generated (all refused, or failed - check server logs for details)."}
INTERRUPTED = {"error": "Generation session interrupted."}


def interrupt_running(server: SimulatedSwarmUI, backend_id: int = 0) -> None:
    running, _ = server.comfy_queue(backend_id)
    post(server.url, "/ComfyBackendDirect/interrupt", {"prompt_id": running[0]}, X_Swarm_Backend_ID=str(backend_id))


def test_cancel_all_reaches_every_session_of_the_user_and_no_other_user(
    clock: ManualClock, server: SimulatedSwarmUI
) -> None:
    server.add_user("mara")
    mine = [server.generate(session=server.new_session()) for _ in range(2)]
    hers = server.generate("mara", images=2)
    clock.advance(0.2)
    call(server.url, "InterruptAll", new_session(server.url), other_sessions=True)
    assert [work.wait() for work in mine] == [INTERRUPTED, INTERRUPTED]
    assert not hers.done
    clock.advance(30.0)
    assert len(hers.wait()["images"]) == 2


def test_generate_forever_comes_back_after_a_cancel_and_ends_when_switched_off(
    clock: ManualClock, server: SimulatedSwarmUI
) -> None:
    tab = server.generate_forever(seconds=2.0)
    clock.advance(1.0)
    call(server.url, "InterruptAll", new_session(server.url), other_sessions=True)
    assert not any(server.counters())
    clock.advance(0.5)
    assert server.counters().live_gens == 1
    tab.stop()
    clock.advance(10.0)
    assert (server.counters().waiting_gens, tab.asked) == (0, 2)


def test_an_interrupt_by_id_spares_another_prompt_and_an_old_comfyui_does_not_care(clock: ManualClock) -> None:
    for version, spared in (("0.3.57", True), ("0.3.56", False)):
        with SimulatedSwarmUI(clock=clock, comfy_version=version) as server:
            work = server.generate(seconds=3.0)
            clock.advance(1.0)
            post(server.url, "/ComfyBackendDirect/interrupt", {"prompt_id": "another"})
            clock.advance(5.0)
            assert ("images" in work.wait()) is spared


def test_the_rest_of_a_request_is_lost_with_its_running_image(clock: ManualClock, server: SimulatedSwarmUI) -> None:
    work = server.generate(images=5, seconds=2.0)
    clock.advance(1.0)
    interrupt_running(server)
    clock.advance(20.0)
    assert work.wait() == NOTHING
    assert len(server.files()) == 1, "the image that ComfyUI had already been handed"


def test_continue_after_errors_loses_one_image_only(clock: ManualClock, server: SimulatedSwarmUI) -> None:
    work = server.generate(images=5, seconds=2.0, continue_after_errors=True)
    clock.advance(1.0)
    interrupt_running(server)
    clock.advance(20.0)
    assert len(work.wait()["images"]) == 4


def test_the_old_generation_does_not_know_that_parameter(clock: ManualClock) -> None:
    with SimulatedSwarmUI("0.9.7.0", clock=clock) as server:
        work = server.generate(images=5, seconds=2.0, continue_after_errors=True)
        clock.advance(1.0)
        interrupt_running(server)
        clock.advance(20.0)
        assert work.wait() == NOTHING


def test_interrupting_a_load_starts_the_generation(clock: ManualClock, server: SimulatedSwarmUI) -> None:
    server.world.timing.model_load = 100.0
    work = server.generate(model="huge")
    clock.advance(1.0)
    assert server.counters().loading_models == 1
    interrupt_running(server)
    clock.advance(20.0)
    assert "images" in work.wait()


def test_a_prompt_deleted_in_comfyui_is_missed_by_nobody_and_its_job_hangs(
    clock: ManualClock, server: SimulatedSwarmUI
) -> None:
    server.generate(images=1, seconds=5.0)
    lost = server.generate(images=1, seconds=5.0)
    clock.advance(1.0)
    _, pending = server.comfy_queue()
    post(server.url, "/ComfyBackendDirect/queue", {"delete": pending})
    clock.advance(3600.0)
    assert (lost.done, tuple(server.counters())) == (False, (1, 0, 0, 1))
    assert server.comfy_queue() == ([], [])


def test_a_strangers_prompt_shows_in_comfyuis_queue_only(clock: ManualClock, server: SimulatedSwarmUI) -> None:
    reply = post(server.url, "/ComfyBackendDirect/prompt", {"prompt": {}, "client_id": "me"}).json
    assert server.comfy_queue() == ([reply["prompt_id"]], [])
    assert not any(server.counters())
    clock.advance(10.0)
    assert server.comfy_queue() == ([], [])


@pytest.mark.parametrize("body", [b"", b"{", b"[]"])
def test_the_new_generation_wants_an_object_to_interrupt(server: SimulatedSwarmUI, body: bytes) -> None:
    answer = request(server.url, "POST", "/ComfyBackendDirect/interrupt", body)
    assert (answer.status, answer.body) == (400, b"")


def test_toggling_off_kills_a_single_running_job(clock: ManualClock, server: SimulatedSwarmUI) -> None:
    session = new_session(server.url)
    work = server.generate(images=1, seconds=50.0)
    clock.advance(1.0)
    answer = call(server.url, "ToggleBackend", session, backend_id=0, enabled=False)
    assert answer.json == {"result": "Success."}
    assert work.wait() == NOTHING
    assert get(server.url, "/ComfyBackendDirect/queue").status == 400


def test_toggling_off_waits_while_the_backend_is_fully_occupied(clock: ManualClock, server: SimulatedSwarmUI) -> None:
    session = new_session(server.url)
    server.generate(images=3, seconds=10.0)
    clock.advance(1.0)
    answers: list[Answer] = []
    asking = threading.Thread(
        target=lambda: answers.append(call(server.url, "ToggleBackend", session, backend_id=0, enabled=False))
    )
    asking.start()
    server.settle(received=2)
    clock.advance(8.0)
    assert (asking.is_alive(), len(server.files())) == (True, 0)
    clock.advance(2.0)
    asking.join(10)
    assert [answer.json for answer in answers] == [{"result": "Success."}]
    assert len(server.files()) == 1, "nothing new was taken on, and what ran was lost"


def test_without_swarms_nodes_a_load_is_known_by_its_text(clock: ManualClock) -> None:
    with SimulatedSwarmUI(clock=clock, swarm_nodes=False) as server:
        server.generate(model="huge")
        clock.advance(0.5)
        graph = get(server.url, "/ComfyBackendDirect/queue").json["queue_running"][0][2]
        assert graph["6"]["inputs"]["text"] == "(load the model please)"
        assert "SwarmJustLoadTheModelPlease" not in {node["class_type"] for node in graph.values()}


def test_the_pass_through_reaches_comfyuis_only(server: SimulatedSwarmUI) -> None:
    server.set_backend(0, kind="auto_webui_api")
    assert get(server.url, "/ComfyBackendDirect/queue").status == 400
