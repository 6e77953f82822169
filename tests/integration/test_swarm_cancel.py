"""What a cancel needs of the gateway: queues of any size, interrupts by id, the log, the outputs and their pictures."""

import json
import threading
import time
import tracemalloc

import pytest

from tests.integration.hostile import GOOD_SESSION, Connection, HostileServer, Received, Script, by_route, forever, http
from tests.integration.swarm_setup import gateway
from tray_app.adapters.http.wire import AnswerTooLarge
from tray_app.core.errors import Incompatible, NoSuchRoute, NotPermitted, Refused, UsageError
from tray_app.core.model import ComfyQueue, Output, Prompt
from tray_app.simulator.server import SimulatedSwarmUI

MEBIBYTE = 1024 * 1024
BOTH = pytest.mark.parametrize("version", ["0.9.8.2", "0.9.7.0"])


@BOTH
def test_a_running_prompt_is_named_and_stopped_by_its_id(version: str) -> None:
    with SimulatedSwarmUI(version) as sim, gateway(sim.url) as server:
        sim.generate(images=3, seconds=60, steps=60)
        sim.wait_until(lambda: sum(map(len, sim.comfy_queue())) == 2)
        queue = server.queue(0)
        [running], [pending] = sim.comfy_queue()
        assert queue == ComfyQueue(0, (Prompt(running, loads_model=False),), (Prompt(pending, loads_model=False),))
        server.interrupt(0, running)
        sim.wait_until(lambda: running not in sim.comfy_queue()[0])
        [request] = [each for each in sim.requests if each.route == "interrupt"]
    assert (request.body, request.headers["X-Swarm-Backend-ID"]) == ({"prompt_id": running}, "0")


def test_a_model_load_is_marked() -> None:
    with SimulatedSwarmUI() as sim, gateway(sim.url) as server:
        sim.generate(model="other", seconds=60, steps=60)
        sim.wait_until(lambda: len(sim.comfy_queue()[0]) == 1)
        assert [prompt.loads_model for prompt in server.queue(0).running] == [True]


def test_an_interrupt_without_an_id_is_never_sent() -> None:
    with SimulatedSwarmUI() as sim, gateway(sim.url) as server:
        with pytest.raises(UsageError):
            server.interrupt(0, "")
        assert sim.requests == []


def test_a_backend_that_is_not_there_is_refused() -> None:
    with (
        SimulatedSwarmUI() as sim,
        gateway(sim.url) as server,
        pytest.raises(Refused, match="The ComfyUI of backend 99 does not answer"),
    ):
        server.queue(99)


def test_comfys_version_is_known() -> None:
    with SimulatedSwarmUI(comfy_version="0.3.40") as sim, gateway(sim.url) as server:
        assert server.comfy_version(0) == (0, 3, 40)


@BOTH
def test_cancel_all_reaches_the_other_sessions_of_the_user(version: str) -> None:
    with SimulatedSwarmUI(version) as sim, gateway(sim.url) as server:
        job = sim.generate(images=3, seconds=60, steps=60)
        sim.wait_until(lambda: sim.counters().live_gens == 2)
        server.interrupt_all()
        job.wait()
        assert [each.body["other_sessions"] for each in sim.requests if each.route == "InterruptAll"] == [True]


def test_a_named_users_work_is_stopped_and_an_unknown_name_refused() -> None:
    with SimulatedSwarmUI() as sim, gateway(sim.url) as server:
        sim.add_user("ann")
        theirs, ours = sim.generate("ann", seconds=60, steps=60), sim.generate(seconds=60)
        server.interrupt_user("ann")
        theirs.wait()
        assert not ours.done
        with pytest.raises(Refused, match="No user by that name exists"):
            server.interrupt_user("nobody")
        assert [each.body["name"] for each in sim.requests if each.route == "AdminInterruptUser"] == ["ann", "nobody"]


def test_a_server_that_cannot_stop_a_named_users_work_says_so() -> None:
    with SimulatedSwarmUI("0.9.7.0") as sim, gateway(sim.url) as server:
        for _ in range(2):
            with pytest.raises(NoSuchRoute):
                server.interrupt_user("local")
        assert sum(each.route == "AdminInterruptUser" for each in sim.requests) == 1
        assert "AdminInterruptUser" in server.rights.missing_routes


def test_a_cancel_that_did_not_succeed_says_so() -> None:
    routes = {"GetNewSession": http(GOOD_SESSION), "InterruptAll": http({"success": False})}
    with HostileServer(by_route(routes)) as hostile, gateway(hostile.url) as server, pytest.raises(Refused):
        server.interrupt_all()


def graph(text: str) -> dict[str, object]:
    return {"1": {"class_type": "SwarmLoadImageB64", "inputs": {"image_base64": text}}}


def queue_of(*entries: object) -> bytes:
    return json.dumps({"queue_running": [], "queue_pending": list(entries)}).encode()


def with_queue(body: bytes, content_type: str = "application/json") -> HostileServer:
    return HostileServer(
        by_route({"GetNewSession": http(GOOD_SESSION), "queue": http(body, content_type=content_type)})
    )


@pytest.mark.punctual
def test_a_queue_of_sixty_megabytes_is_read_in_little_memory_without_stopping_other_threads() -> None:
    body = queue_of([1, "a", graph("QUJD" * (15 * MEBIBYTE))], [2, "b", graph("x")])
    gaps: list[float] = []
    done = threading.Event()

    def beat() -> None:
        last = time.perf_counter()
        while not done.wait(0.005):
            now = time.perf_counter()
            gaps.append(now - last)
            last = now

    with with_queue(body) as hostile, gateway(hostile.url, deadline=30) as server:
        server.sign_in()
        heart = threading.Thread(target=beat, daemon=True)
        heart.start()
        queue = server.queue(0)
        done.set()
        heart.join()
        tracemalloc.start()
        try:
            server.queue(0)
            _now, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert [prompt.id for prompt in queue.pending] == ["a", "b"]
    assert peak < 4 * MEBIBYTE
    assert max(gaps) < 0.1


def test_a_queue_beyond_its_limit_is_refused() -> None:
    endless = forever(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[" + b'"', b"x" * 65536)
    routes: dict[str, bytes | Script] = {"GetNewSession": http(GOOD_SESSION), "queue": endless}
    with (
        HostileServer(by_route(routes)) as hostile,
        gateway(hostile.url, deadline=30) as server,
        pytest.raises(AnswerTooLarge, match="larger than 64 MiB"),
    ):
        server.queue(0)


@pytest.mark.parametrize("part", [b"1,", b'"a",'])
def test_a_queue_of_countless_small_things_is_refused(part: bytes) -> None:
    with (
        with_queue(b'{"queue_running": [' + part * (2 * MEBIBYTE)) as hostile,
        gateway(hostile.url) as server,
        pytest.raises(AnswerTooLarge, match="too long to be read"),
    ):
        server.queue(0)


BAD_QUEUES = {
    "a list": b"[]",
    "cut off": b'{"queue_running": [[1, "abc',
    "deep": b'{"queue_running": ' + b"[" * 100_000,
    "no ids": queue_of([1, 2, {}]),
    "a page": b"<!DOCTYPE html>",
    "nothing": b"",
}


@pytest.mark.parametrize("body", BAD_QUEUES.values(), ids=BAD_QUEUES)
def test_a_queue_of_another_shape_is_incompatible(body: bytes) -> None:
    with with_queue(body) as hostile, gateway(hostile.url) as server, pytest.raises(Incompatible):
        server.queue(0)


@BOTH
def test_the_log_goes_on_from_a_position_that_costs_no_lines(version: str) -> None:
    with SimulatedSwarmUI(version) as sim, gateway(sim.url) as server:
        position = server.log_position()
        [first] = [each for each in sim.requests if each.route == "ListRecentLogMessages"]
        assert first.length < 600
        assert server.log_after(position).lines == ()
        sim.fail_next()
        sim.generate(seconds=0.1).wait()
        tail = server.log_after(position)
        assert any("simulated CUDA out of memory" in line.message for line in tail.lines)
        assert {line.type for line in tail.lines} <= {"Warning", "Error"}
        assert [line.sequence for line in tail.lines] == sorted(line.sequence for line in tail.lines)
        assert tail.last_sequence > position
        assert server.log_after(tail.last_sequence).lines == ()


def test_a_log_that_began_anew_is_read_from_its_beginning() -> None:
    with SimulatedSwarmUI() as sim, gateway(sim.url) as server:
        sim.fail_next()
        sim.generate(seconds=0.1).wait()
        tail = server.log_after(10_000)
        assert {line.message for line in tail.lines} == {*sim.log("Warning"), *sim.log("Error")}
    assert 0 < len(tail.lines) <= tail.last_sequence < 10_000


@BOTH
def test_the_newest_output_is_the_first_and_its_picture_can_be_had(version: str) -> None:
    with SimulatedSwarmUI(version) as sim, gateway(sim.url) as server:
        assert server.newest_outputs() == ()
        for number in range(3):
            sim.generate(seconds=0.1, prompt=f"number {number} # 50% ä").wait()
        sim.wait_until(lambda: len(sim.files()) == 3)
        outputs = server.newest_outputs()
        assert [output.path for output in outputs] == sim.files()[::-1]
        assert outputs[0].url.startswith("View/local/raw/")
        assert "%23" in outputs[0].url
        assert len(server.picture(outputs[0])) > 100
        [picture] = [each for each in sim.requests if each.path.startswith("/View/")]
        assert "preview=true" in picture.query
        asked = [each.body for each in sim.requests if each.route == "ListImages"]
    assert {each["path"] for each in asked} >= {"raw"}
    assert all(each["depth"] == 1 and each["sortBy"] == "Name" for each in asked)


LISTINGS = {
    "": {"folders": ["Starred", "inputs", "_comfy0", "art"], "files": []},
    "art": {"folders": ["2025", "2026"], "files": [{"src": "old.png", "metadata": None}]},
    "art/2026": {"folders": ["11"], "files": [{"src": "b.png", "metadata": "x"}, {"src": "a.png"}]},
    "art/2026/11": {"folders": [], "files": []},
}


def listing(connection: Connection, request: Received) -> None:
    path = json.loads(request.body)["path"]
    connection.send(http(LISTINGS.get(path, {"folders": [], "files": []})))


def test_another_layout_of_folders_is_walked_too() -> None:
    session = {**GOOD_SESSION, "output_append_user": False}
    routes: dict[str, bytes | Script] = {"GetNewSession": http(session), "ListImages": listing}
    with HostileServer(by_route(routes)) as hostile, gateway(hostile.url) as server:
        outputs = server.newest_outputs()
    assert outputs == (
        Output("art/2026/b.png", "Output/art/2026/b.png"),
        Output("art/2026/a.png", "Output/art/2026/a.png"),
    )


def test_a_folder_too_large_to_be_listed_gives_no_output() -> None:
    routes = {"GetNewSession": http(GOOD_SESSION), "ListImages": http(b" " * (3 * MEBIBYTE))}
    with HostileServer(by_route(routes)) as hostile, gateway(hostile.url) as server:
        assert server.newest_outputs() == ()


PICTURES = [
    (http(b"x" * (3 * MEBIBYTE), content_type="image/png"), AnswerTooLarge),
    (http(b"x", content_type="video/mp4"), Refused),
    (http(b"<html>", content_type="text/html"), Incompatible),
    (http({"error_id": "unauthorized", "error": "x"}, 400), NotPermitted),
]


@pytest.mark.parametrize(("answer", "kind"), PICTURES)
def test_a_picture_that_is_none_is_an_error(answer: bytes, kind: type[Exception]) -> None:
    with HostileServer(answer) as hostile, gateway(hostile.url) as server:
        with pytest.raises(kind):
            server.picture(Output("raw/x.png", "View/local/raw/x.png"))
        assert hostile.paths() == ["/View/local/raw/x.png?preview=true&noanim=true"]
