"""The server as a thing: starting, stopping, what it remembers of its callers, its websockets, what it imports."""

import asyncio
import gc
import json
import socket
import subprocess
import sys
import threading
from contextlib import suppress

import aiohttp
import pytest

from tests.simulator.client import call, get, new_session, post, request
from tray_app.simulator.clock import ManualClock
from tray_app.simulator.server import SimulatedSwarmUI


def test_requests_are_remembered_with_headers_and_body_over_a_restart(server: SimulatedSwarmUI) -> None:
    post(server.url, "/API/GetNewSession", {"a": 1}, X_Mark="yes")
    server.restart()
    get(server.url, "/?q=1")
    first, second = server.requests
    assert (first.method, first.route, first.body, first.headers["X-Mark"]) == (
        "POST",
        "GetNewSession",
        {"a": 1},
        "yes",
    )
    assert (second.path, second.query, second.body, second.status) == ("/", "q=1", None, 302)


def test_two_starts_are_refused_and_two_stops_are_harmless() -> None:
    server = SimulatedSwarmUI().start()
    with pytest.raises(RuntimeError, match="already running"):
        server.start()
    server.stop()
    server.stop()
    assert not server.running


def test_a_stop_amid_arriving_connections_leaves_none_open() -> None:
    over, arrived = threading.Event(), threading.Semaphore(0)

    def arrive(port: int) -> None:
        while not over.is_set():
            with socket.socket() as caller, suppress(OSError):
                caller.settimeout(5)
                caller.connect(("127.0.0.1", port))
                caller.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                caller.recv(1)
                arrived.release()

    with SimulatedSwarmUI() as server:
        callers = [threading.Thread(target=arrive, args=(server.port,)) for _ in range(4)]
        for each in callers:
            each.start()
        for _ in range(5):
            for _ in range(8):
                assert arrived.acquire(timeout=10)
            server.restart()
    over.set()
    for each in callers:
        each.join(10)
    # What is still open is told by Python when it is collected, and a warning is an error here.
    gc.collect()


def test_a_taken_port_is_an_error_at_the_start(server: SimulatedSwarmUI) -> None:
    with pytest.raises(OSError, match="Address already in use"):
        SimulatedSwarmUI(port=server.port).start()


def test_no_thread_is_left_after_the_stop() -> None:
    with SimulatedSwarmUI():
        assert "simulated-swarmui" in {thread.name for thread in threading.enumerate()}
    assert "simulated-swarmui" not in {thread.name for thread in threading.enumerate()}


def test_unknown_users_sessions_and_backends_are_named(server: SimulatedSwarmUI) -> None:
    with pytest.raises(KeyError, match="no user tom"):
        server.generate("tom")
    with pytest.raises(KeyError, match="no session x"):
        server.generate(session="x")
    with pytest.raises(KeyError, match="no backend 7"):
        server.hang(7)


def test_answers_are_compressed_only_for_those_who_ask(server: SimulatedSwarmUI) -> None:
    assert post(server.url, "/API/GetNewSession", {}).headers["Content-Encoding"] is None
    answer = post(server.url, "/API/GetNewSession", {}, Accept_Encoding="gzip")
    assert answer.headers["Content-Encoding"] == "gzip"


@pytest.mark.parametrize(
    ("version", "status", "told"), [("0.9.8.2", 400, "internal_error"), ("0.9.7.0", 302, "/Error/Internal")]
)
def test_deeply_nested_json_is_an_internal_error(version: str, status: int, told: str) -> None:
    with SimulatedSwarmUI(version) as server:
        headers = {"Content-Type": "application/json"}
        answer = request(server.url, "POST", "/API/GetCurrentStatus", b"[" * 100_000, headers)
        assert answer.status == status
        assert told in (answer.headers.get("Location") or answer.json["error_id"])


def test_a_demo_says_so_wherever_one_looks() -> None:
    with SimulatedSwarmUI(demo=True) as server:
        reply = post(server.url, "/API/GetNewSession", {})
        assert reply.headers["X-SwarmUI-Tray-Demo"] == "true"
        assert reply.json["server_id"].startswith("demo-")
        assert b"SwarmUI - Demo" in get(server.url, "/Text2Image").body
    with SimulatedSwarmUI() as server:
        assert "X-SwarmUI-Tray-Demo" not in get(server.url, "/").headers


def test_wait_until_gives_up(server: SimulatedSwarmUI) -> None:
    with pytest.raises(TimeoutError, match=r"within 0\.05 s"):
        server.wait_until(lambda: False, timeout=0.05)


def test_a_socket_takes_more_orders_while_it_lingers_and_then_closes(
    clock: ManualClock, server: SimulatedSwarmUI
) -> None:
    session = new_session(server.url)
    order = {"session_id": session, "images": 1, "model": "tiny", "prompt": "x", "steps": 2}

    async def page() -> list[dict[str, object]]:
        frames: list[dict[str, object]] = []
        async with aiohttp.ClientSession() as client, client.ws_connect(f"{server.url}/API/GenerateText2ImageWS") as ws:
            await ws.send_json(order)
            async for message in ws:
                frames.append(json.loads(message.data))
                if "socket_intention" in frames[-1] and sum("image" in frame for frame in frames) == 1:
                    await ws.send_json(order)
                    continue
                await asyncio.to_thread(clock.advance, 0.1 if "socket_intention" not in frames[-1] else 2.0)
        return frames

    frames = asyncio.run(asyncio.wait_for(page(), 10))
    assert sum("image" in frame for frame in frames) == 2
    assert frames[-2] == {"socket_intention": "close"}
    assert set(frames[-1]) == {"status", "backend_status", "supported_features"}


def test_what_a_page_ordered_goes_on_when_it_leaves(clock: ManualClock, server: SimulatedSwarmUI) -> None:
    order = {"session_id": new_session(server.url), "images": 2, "model": "tiny", "prompt": "x", "steps": 5}

    async def page() -> None:
        url, patience = f"{server.url}/API/GenerateText2ImageWS", aiohttp.ClientWSTimeout(ws_close=0.1)
        async with aiohttp.ClientSession() as client, client.ws_connect(url, timeout=patience) as ws:
            await ws.send_json(order)
            await ws.receive()

    asyncio.run(asyncio.wait_for(page(), 10))
    clock.advance(0.3)
    assert server.counters().live_gens == 2
    clock.advance(5.0)
    assert len(server.files()) == 2


def test_a_socket_to_no_route_gets_a_frame_and_a_close(server: SimulatedSwarmUI) -> None:
    session = new_session(server.url)

    async def page() -> tuple[object, int | None]:
        async with aiohttp.ClientSession() as client, client.ws_connect(f"{server.url}/API/NoSuchWS") as ws:
            await ws.send_json({"session_id": session})
            frame = await ws.receive_json()
            await ws.receive()
            return frame, ws.close_code

    frame, code = asyncio.run(asyncio.wait_for(page(), 10))
    assert (frame, code) == ({"error_id": "bad_route", "error": "Unknown API route"}, 1000)


def test_an_onlookers_socket_hears_the_queue_and_makes_a_bare_interrupt_fail(
    clock: ManualClock, server: SimulatedSwarmUI
) -> None:
    async def onlooker() -> tuple[list[int], int]:
        heard = []
        url = f"{server.url}/ComfyBackendDirect/ws?clientId=me"
        async with aiohttp.ClientSession() as client, client.ws_connect(url) as ws:
            first = await ws.receive_json()
            assert first["data"]["sid"] == "me"
            bare = await asyncio.to_thread(post, server.url, "/ComfyBackendDirect/interrupt", {})
            await asyncio.to_thread(server.generate)
            await asyncio.to_thread(clock.advance, 5.0)
            for _ in range(3):
                frame = await ws.receive_json()
                heard.append(frame["data"]["status"]["exec_info"]["queue_remaining"])
        return heard, bare.status

    assert asyncio.run(asyncio.wait_for(onlooker(), 10)) == ([1, 1, 0], 400)


def test_a_real_clock_needs_no_help() -> None:
    with SimulatedSwarmUI() as server:
        work = server.generate(images=2, seconds=0.05)
        assert len(work.wait()["images"]) == 2
        server.wait_until(lambda: not any(server.counters()))


def test_connected_users_show_who_has_what(clock: ManualClock, server: SimulatedSwarmUI) -> None:
    server.add_user("mara")
    server.generate("mara", images=3)
    clock.advance(0.2)
    session = new_session(server.url)
    users = {user["id"]: user for user in call(server.url, "ListConnectedUsers", session).json["users"]}
    assert (users["mara"]["waiting_gens"], users["local"]["waiting_gens"]) == (3, 0)
    clock.advance(600.0)
    assert [user["id"] for user in call(server.url, "ListConnectedUsers", session).json["users"]] == ["local"]


def test_aiohttp_is_imported_by_a_start_only() -> None:
    code = (
        "import sys, tray_app.simulator.server, tray_app.simulator.demo, tray_app.simulator.day\n"
        "assert 'aiohttp' not in sys.modules\n"
        "tray_app.simulator.server.SimulatedSwarmUI().start().stop()\n"
        "assert 'aiohttp' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_it_listens_on_ipv6_too() -> None:
    with SimulatedSwarmUI(host="::1") as server:
        assert server.url.startswith("http://[::1]:")
        assert get(server.url, "/").status == 302
