"""`status`: the object that scripts read, and the code by state."""

import stat
from collections.abc import Callable

import pytest

from tests.integration.cli.conftest import CommandLine
from tray_app.simulator.server import SimulatedSwarmUI

Servers = Callable[..., SimulatedSwarmUI]


def test_an_idle_server_without_accounts(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    done = cli("status", "--url", swarm.url)
    assert (done.code, done.err) == (0, "")
    assert done.object == {
        "schema": 1,
        "servers": [
            {
                "name": swarm.url.removeprefix("http://"),
                "url": swarm.url,
                "state": "idle",
                "version": "0.9.8.2",
                "user": "local",
                "jobs": {
                    "total": 0,
                    "running": 0,
                    "queued": 0,
                    "loading": 0,
                    "at_least": False,
                    "scope": "server",
                    "source": "GetGlobalStatus",
                },
                "users": [{"name": "local", "total": 0, "running": 0}],
                "backends": [
                    {"id": 0, "title": "one", "type": "comfyui_api", "status": "running", "model": "tiny.safetensors"}
                ],
                "can": {"cancel_all": True, "cancel_current": True},
                "problem": None,
            }
        ],
    }


def test_work_is_counted_with_what_waits(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    swarm.generate(images=4, seconds=60)
    swarm.wait_until(lambda: swarm.counters().live_gens == 2)
    server = cli("status", "--url", swarm.url).server
    assert server["state"] == "generating"
    assert (server["jobs"]["total"], server["jobs"]["running"], server["jobs"]["queued"]) == (4, 1, 3)
    assert server["users"] == [{"name": "local", "total": 4, "running": 1}]


def test_the_session_is_kept_owner_only_and_used_again(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    for _ in range(3):
        assert cli("status", "--url", swarm.url).code == 0
    assert sum(each.path == "/API/GetNewSession" for each in swarm.requests) == 1
    assert stat.S_IMODE((cli.state / "state.json").stat().st_mode) == 0o600
    assert not cli.config.exists()


def test_a_session_that_the_server_forgot_is_made_anew_once(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    assert cli("status", "--url", swarm.url).code == 0
    swarm.drop_sessions()
    assert cli("status", "--url", swarm.url).server["state"] == "idle"
    assert cli("status", "--url", swarm.url).server["state"] == "idle"
    assert sum(each.path == "/API/GetNewSession" for each in swarm.requests) == 2


def test_nobody_answers(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    url = swarm.url
    swarm.stop()
    done = cli("status", "--url", url)
    assert done.code == 3
    assert done.server["state"] == "unreachable"
    assert done.server["problem"]["code"] == "unreachable"
    assert done.server["jobs"]["total"] is None
    assert done.server["users"] is None
    assert done.server["backends"] is None


def test_an_answer_that_comes_too_late(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    swarm.slow(30)
    done = cli("status", "--url", swarm.url, "--request-timeout", "0.5", timeout=20)
    assert (done.code, done.server["problem"]["code"]) == (3, "timed_out")


def test_something_else_answers(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    swarm.answer_with("/getnewsession", b"<html>hello</html>", content_type="text/html")
    done = cli("status", "--url", swarm.url)
    assert (done.code, done.server["state"], done.server["problem"]["code"]) == (5, "incompatible", "incompatible")


def test_an_account_is_wanted(cli: CommandLine, servers: Servers) -> None:
    swarm = servers(accounts=True)
    done = cli("status", "--url", swarm.url)
    assert (done.code, done.server["state"], done.server["problem"]["code"]) == (4, "key_refused", "key_refused")


@pytest.mark.parametrize(
    ("role", "state", "total", "can_all", "current_ok"),
    [
        ("owner", "idle", 0, True, True),
        ("admin", "idle", 0, True, True),
        ("poweruser", "idle", 0, True, True),
        ("user", "unknown", None, True, False),
        ("guest", "unknown", None, "needs the permission basic_image_generation", False),
    ],
)
def test_what_each_role_is_told(
    cli: CommandLine,
    servers: Servers,
    role: str,
    *,
    state: str,
    total: int | None,
    can_all: bool | str,
    current_ok: bool,
) -> None:
    swarm = servers(accounts=True)
    token = swarm.add_user("somebody", role)
    done = cli("status", "--url", swarm.url, SWARMUI_TOKEN=token)
    assert done.code == 0
    server = done.server
    assert (server["user"], server["state"], server["jobs"]["total"]) == ("somebody", state, total)
    assert server["can"]["cancel_all"] == can_all
    assert (server["can"]["cancel_current"] is True) == current_ok
    assert token not in done.out + done.err


def test_a_session_bought_with_a_token_lies_in_the_runtime_folder(cli: CommandLine, servers: Servers) -> None:
    swarm = servers(accounts=True)
    first, second = swarm.add_user("anna", "admin"), swarm.add_user("bert", "admin")
    for _ in range(2):
        assert cli("status", "--url", swarm.url, SWARMUI_TOKEN=first).server["user"] == "anna"
    assert sum(each.path == "/API/GetNewSession" for each in swarm.requests) == 1
    kept = cli.home / "run" / "swarmui-tray" / "sessions.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert not (cli.state / "state.json").exists()
    assert cli("status", "--url", swarm.url, SWARMUI_TOKEN=second).server["user"] == "bert"


def test_without_a_private_runtime_folder_it_stays_in_the_process(cli: CommandLine, servers: Servers) -> None:
    swarm = servers(accounts=True)
    token = swarm.add_user("anna", "admin")
    (cli.home / "run").chmod(0o755)
    for _ in range(2):
        assert cli("status", "--url", swarm.url, SWARMUI_TOKEN=token).code == 0
    assert sum(each.path == "/API/GetNewSession" for each in swarm.requests) == 2
    assert [each for each in cli.home.rglob("*") if each.is_file()] == []


def test_the_server_wide_header(cli: CommandLine, servers: Servers) -> None:
    swarm = servers(authorization="Bearer canary-header")
    assert cli("status", "--url", swarm.url).code == 4
    done = cli("status", "--url", swarm.url, "-v", SWARMUI_AUTHORIZATION="Bearer canary-header")
    assert (done.code, done.server["state"]) == (0, "idle")
    assert "canary" not in done.out + done.err


def test_all_servers_of_the_settings_are_told_in_their_order(cli: CommandLine, servers: Servers) -> None:
    one, two = servers(), servers()
    two_url = two.url
    assert cli("config", "set", "server", one.url, "--server", "one").code == 0
    assert cli("--server", "two", "config", "set", "server", two_url).code == 0
    two.stop()
    done = cli("status")
    assert done.code == 3
    assert [(each["name"], each["state"]) for each in done.object["servers"]] == [
        ("one", "idle"),
        ("two", "unreachable"),
    ]
    done = cli("status", "--server", "one")
    assert (done.code, [each["name"] for each in done.object["servers"]]) == (0, ["one"])
    done = cli("status", SWARMUI_TOKEN="abc")
    assert done.code == 2
    assert "--server" in done.err


def test_backends_in_trouble_are_a_state_of_their_own(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    swarm.set_backend(0, status="errored")
    done = cli("status", "--url", swarm.url)
    assert (done.code, done.server["state"]) == (0, "backend_problem")
    assert done.server["problem"]["code"] == "backend_errored"


def test_an_old_server_is_read_as_far_as_it_can_be(cli: CommandLine, servers: Servers) -> None:
    swarm = servers("0.9.7.0")
    done = cli("status", "--url", swarm.url)
    assert (done.code, done.server["version"], done.server["state"]) == (0, "0.9.7.0", "idle")
    assert done.server["jobs"]["source"] == "ComfyUI"
    assert done.server["jobs"]["loading"] is None
    assert done.server["users"] is None
