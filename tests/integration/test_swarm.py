"""Reading a SwarmUI's state, both generations and every role: what is asked, what is known, what it costs."""

import time

import pytest

from tests.integration.hostile import GOOD_SESSION, GOOD_STATUS, HostileServer, Script, by_route, drip, hang, http
from tests.integration.swarm_setup import gateway
from tray_app.adapters.swarm import status
from tray_app.adapters.swarm.gateway import SwarmServer, probe
from tray_app.core.address import parse_address
from tray_app.core.errors import TimedOut, Unreachable
from tray_app.core.model import ComfyLoad, Counters
from tray_app.simulator.server import SimulatedSwarmUI

NEW, OLD = "0.9.8.2", "0.9.7.0"
IDLE = Counters(0, 0, 0, 0)


def asked(server: SwarmServer, sim: SimulatedSwarmUI, *, full: bool = False) -> list[str]:
    """The routes that one reading asks for."""
    before = len(sim.requests)
    server.read(full=full)
    return [request.route for request in sim.requests[before:]]


COUNTED = (["GetGlobalStatus", "ListBackends", "ListConnectedUsers"], ["GetGlobalStatus"])
QUEUED = (["GetCurrentStatus", "ListBackends", "prompt"], ["prompt"])
BLIND = (["GetCurrentStatus"], ["GetCurrentStatus"])
OLD_COUNTED = (["GetGlobalStatus", "GetCurrentStatus", "ListBackends", "prompt", "ListConnectedUsers"], ["prompt"])
LADDER = [
    (NEW, None, COUNTED),
    (NEW, "owner", COUNTED),
    (NEW, "admin", COUNTED),
    (NEW, "poweruser", QUEUED),
    (NEW, "user", BLIND),
    (NEW, "guest", BLIND),
    (OLD, None, OLD_COUNTED),
    (OLD, "admin", OLD_COUNTED),
    (OLD, "poweruser", QUEUED),
    (OLD, "user", BLIND),
    (OLD, "guest", BLIND),
]


@pytest.mark.parametrize(("version", "role", "routes"), LADDER)
def test_each_role_costs_one_request_when_idle_and_is_refused_nothing(
    version: str, role: str | None, routes: tuple[list[str], list[str]]
) -> None:
    with SimulatedSwarmUI(version, accounts=role is not None) as sim:
        token = sim.add_user("ann", role) if role else ""
        with gateway(sim.url, token=token) as server:
            assert asked(server, sim, full=True) == ["GetNewSession", *routes[0]]
            assert [asked(server, sim) for _ in range(3)] == [routes[1]] * 3
            assert server.rights.identity is not None
            assert server.rights.identity.user == ("ann" if role else "local")
        refusals = sim.log("Error")
    assert len(refusals) == (1 if "GetGlobalStatus" in routes[0] and version == OLD else 0)


def test_an_idle_server_is_counted_as_idle() -> None:
    with SimulatedSwarmUI() as sim, gateway(sim.url) as server:
        reading = server.read(full=True)
    assert reading.counters == IDLE
    assert reading.summary is not None
    assert reading.summary.status == "running"
    assert reading.comfy is None
    assert [(each.id, each.title, each.status, each.model) for each in reading.backends or ()] == [
        (0, "one", "running", "tiny.safetensors")
    ]


def test_other_sessions_work_is_counted_and_named() -> None:
    with SimulatedSwarmUI() as sim, gateway(sim.url) as server:
        server.read(full=False)
        sim.generate(images=4, seconds=60)
        sim.wait_until(lambda: sim.counters().live_gens == 2)
        reading = server.read(full=False)
    assert reading.counters is not None
    assert (reading.counters.waiting_gens, reading.counters.live_gens) == (4, 2)
    assert [(each.name, each.counters is not None) for each in reading.users or ()] == [("local", True)]


def test_an_old_server_tells_comfys_queue_and_no_counters_of_users() -> None:
    with SimulatedSwarmUI(OLD) as sim, gateway(sim.url) as server:
        sim.generate(images=4, seconds=60)
        sim.wait_until(lambda: sim.counters().live_gens == 2)
        reading = server.read(full=True)
    assert (reading.counters, reading.comfy) == (None, (ComfyLoad(0, 2),))
    assert [(each.name, each.counters) for each in reading.users or ()] == [("local", None)]


def test_every_running_comfy_is_asked_by_its_id() -> None:
    with SimulatedSwarmUI(accounts=True) as sim:
        second = sim.add_backend("two")
        token = sim.add_user("ann", "poweruser")
        with gateway(sim.url, token=token) as server:
            reading = server.read(full=False)
        asked_for = [each.headers.get("X-Swarm-Backend-ID") for each in sim.requests if each.route == "prompt"]
    assert reading.comfy == (ComfyLoad(0, 0), ComfyLoad(second, 0))
    assert asked_for == ["0", str(second)]


def test_a_comfy_that_does_not_answer_is_left_out_and_never_zero() -> None:
    with SimulatedSwarmUI(accounts=True) as sim:
        second = sim.add_backend("two")
        sim.comfy_answers(0, answering=False)
        token = sim.add_user("ann", "poweruser")
        with gateway(sim.url, token=token) as server:
            reading = server.read(full=False)
    assert reading.comfy == (ComfyLoad(second, 0),)
    assert reading.summary is not None


def test_a_token_that_lost_the_pass_through_leaves_the_summary() -> None:
    refusal = http(b'<span class="comfy-failed-to-load">Permission denied.</span>', 401, "text/html")
    rights = {**GOOD_SESSION, "permissions": ["view_backends_list", "comfy_direct_calls", status.SEE_STATUS]}
    backend = {"id": 0, "type": "comfyui_api", "status": "running", "enabled": True, "title": "one"}
    routes: dict[str, bytes | Script] = {
        "GetNewSession": http(rights),
        "ListBackends": http({"0": backend}),
        "GetCurrentStatus": http(GOOD_STATUS),
        "prompt": refusal,
    }
    with HostileServer(by_route(routes)) as hostile, gateway(hostile.url) as server:
        server.read(full=False)
        reading = server.read(full=False)
        assert (reading.counters, reading.comfy) == (None, None)
        assert reading.summary is not None
        assert not reading.rights.may("comfy_direct_calls")
        assert [path.rpartition("/")[2] for path in hostile.paths()].count("prompt") == 1


def test_a_comfy_that_hangs_does_not_make_its_server_unreachable() -> None:
    backend = {"id": 0, "type": "comfyui_api", "status": "running", "enabled": True, "title": "one"}
    routes: dict[str, bytes | Script] = {
        "GetNewSession": http({**GOOD_SESSION, "permissions": ["view_backends_list", "comfy_direct_calls"]}),
        "ListBackends": http({"0": backend}),
        "prompt": hang,
    }
    with HostileServer(by_route(routes)) as hostile, gateway(hostile.url, deadline=0.3) as server:
        reading = server.read(full=False)
    assert (reading.counters, reading.comfy, reading.summary) == (None, (), None)


def test_backends_are_read_again_when_their_summary_changes() -> None:
    with SimulatedSwarmUI() as sim, gateway(sim.url) as server:
        assert server.read(full=False).backends is not None
        sim.set_backend(0, status="errored")
        assert asked(server, sim) == ["GetGlobalStatus", "ListBackends"]
        assert asked(server, sim) == ["GetGlobalStatus"]
        assert [each.status for each in server.read(full=False).backends or ()] == ["errored"]


def test_backends_are_read_again_after_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    with SimulatedSwarmUI() as sim, gateway(sim.url) as server:
        server.read(full=False)
        assert asked(server, sim) == ["GetGlobalStatus"]
        monkeypatch.setattr(status, "_BACKENDS_KEPT", 0.0)
        assert asked(server, sim) == ["GetGlobalStatus", "ListBackends"]


def test_without_a_running_comfy_the_summary_is_asked_for() -> None:
    with SimulatedSwarmUI(accounts=True) as sim:
        token = sim.add_user("ann", "poweruser")
        sim.set_backend(0, enabled=False)
        with gateway(sim.url, token=token) as server:
            reading = server.read(full=False)
            assert asked(server, sim) == ["GetCurrentStatus"]
    assert reading.comfy is None
    assert reading.summary is not None
    assert reading.summary.status == "all_disabled"


def test_a_server_that_was_away_is_asked_again_for_what_it_lacked() -> None:
    with SimulatedSwarmUI(OLD) as sim, gateway(sim.url) as server:
        server.read(full=False)
        assert server.rights.missing_routes == {"GetGlobalStatus"}
        port = sim.port
        sim.stop()
        with pytest.raises(Unreachable):
            server.read(full=False)
        store = server.rights.identity
        with SimulatedSwarmUI(NEW, port=port) as updated:
            assert server.read(full=False).counters == IDLE
            assert "GetGlobalStatus" in [request.route for request in updated.requests]
        assert store is not None


def test_a_restart_keeps_the_session() -> None:
    with SimulatedSwarmUI() as sim, gateway(sim.url) as server:
        server.read(full=False)
        sim.restart()
        server.read(full=False)
        assert [each.route for each in sim.requests].count("GetNewSession") == 1


@pytest.mark.punctual
def test_a_slow_server_times_out_in_time() -> None:
    slow = drip(http(GOOD_STATUS), 0.02)
    routes: dict[str, bytes | Script] = {"GetNewSession": http(GOOD_SESSION), "GetGlobalStatus": slow}
    with HostileServer(by_route(routes)) as hostile, gateway(hostile.url, deadline=0.3) as server:
        started = time.monotonic()
        with pytest.raises(TimedOut, match=r"did not answer within 0\.3 s"):
            server.read(full=False)
        assert time.monotonic() - started < 0.8


def test_nothing_is_asked_for_the_url_and_the_rights() -> None:
    with SimulatedSwarmUI() as sim, gateway(sim.url + "/Text2Image") as server:
        assert server.url == sim.url
        assert server.rights.identity is None
        assert sim.requests == []


def test_a_probe_asks_for_the_root_page_alone() -> None:
    with SimulatedSwarmUI() as sim:
        address = parse_address(sim.url)
        assert probe(address) is True
        assert [(each.method, each.path) for each in sim.requests] == [("GET", "/")]
    assert probe(address) is False
