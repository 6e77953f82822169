"""`doctor`: every step with its result, a code by what failed, and a bundle that can be passed on."""

import io
import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.cli.conftest import CommandLine
from tests.integration.hostile import HostileServer, hang, http
from tray_app import __version__
from tray_app.cli.bundle import cleaner
from tray_app.simulator.server import SimulatedSwarmUI

Servers = Callable[..., SimulatedSwarmUI]


def steps(report: dict[str, object], position: int = 0) -> list[tuple[str, bool | None]]:
    """Name and result of each step of a server."""
    servers = report["servers"]
    assert isinstance(servers, list)
    return [(each["name"], each["ok"]) for each in servers[position]["steps"]]


def test_a_server_that_is_well(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    done = cli("doctor", "--json", "--url", swarm.url)
    report = done.object
    assert (done.code, done.err) == (0, "")
    assert set(report) == {"schema", "versions", "session", "paths", "computer", "servers"}
    assert (report["schema"], report["versions"]["swarmui-tray"]) == (1, __version__)
    assert report["paths"]["settings"] == str(cli.config / "settings.toml")
    assert [each["name"] for each in report["computer"]] == [
        "Tray host",
        "Notifications",
        "Keyring",
        "Autostart",
        "Proxy",
    ]
    assert all(each["text"].endswith(".") for each in report["computer"])
    before = ["Name", "Connection", "TLS", "SwarmUI", "Session", "Account"]
    assert steps(report)[:6] == [(name, True) for name in before]
    assert {name for name, _ in steps(report)[6:]} == {"May"}


def test_it_uses_the_session_that_is_kept(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    for _ in range(2):
        assert cli("doctor", "--url", swarm.url).code == 0
    assert cli("status", "--url", swarm.url).code == 0
    assert sum(each.path == "/API/GetNewSession" for each in swarm.requests) == 1
    assert swarm.log("Error") == []


def test_for_people_each_step_is_a_line(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    out = cli("doctor", "--url", swarm.url, HTTP_PROXY="http://ann:canary-password@proxy.example:3128").out
    assert "  ok  Account        You are the user local there, without an account token (" in out
    assert "http by proxy.example:3128" in out
    assert "canary" not in out


def test_what_a_key_may_not_do_is_told_and_no_fault(cli: CommandLine, servers: Servers) -> None:
    swarm = servers(accounts=True)
    done = cli("doctor", "--url", swarm.url, SWARMUI_TOKEN=swarm.add_user("anna", "user"))
    assert done.code == 0
    assert "  no  May            This key cannot see how many jobs" in done.out
    assert "read_server_info_panels" in done.out


def test_each_fault_has_its_code(cli: CommandLine, servers: Servers, swarm: SimulatedSwarmUI) -> None:
    assert cli("doctor", "--url", servers(accounts=True).url).code == 4
    with HostileServer(http(b"<html>hello</html>", content_type="text/html")) as other:
        assert cli("doctor", "--url", other.url).code == 5
    with HostileServer(hang) as slow:
        assert cli("doctor", "--url", slow.url, "--request-timeout", "0.5").code == 3
    url = swarm.url
    swarm.stop()
    done = cli("doctor", "--json", "--url", url)
    assert (done.code, steps(done.object)[:3]) == (3, [("Name", True), ("Connection", False), ("TLS", None)])


def test_all_servers_are_tested_in_their_order(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    cli("servers", "add", "gone", "http://127.0.0.1:1")
    cli("servers", "add", "home", swarm.url)
    with (cli.config / "settings.toml").open("a") as file:
        file.write('[[servers]]\nname = "typo"\n')
    done = cli("doctor", "--json")
    assert (done.code, [each["name"] for each in done.object["servers"]]) == (3, ["gone", "home"])
    [problem] = [each for each in done.object["computer"] if each["name"] == "Settings"]
    assert problem["ok"] is False
    assert "servers[2].address" in problem["text"]


def test_a_key_that_cannot_be_had_is_a_step_that_failed(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    cli.state.mkdir(parents=True)
    (cli.state / "state.json").write_text(f'{{"keys": ["{swarm.url}"]}}')
    done = cli("doctor", "--json", "--url", swarm.url, DBUS_SESSION_BUS_ADDRESS="unix:path=/nowhere")
    assert (done.code, steps(done.object)) == (4, [("Key", False)])
    assert swarm.requests == []


# ---------------------------------------------------------------------------------------------------------- the bundle


def test_a_bundle_is_owner_only_and_holds_no_secret(cli: CommandLine, servers: Servers) -> None:
    swarm = servers(accounts=True)
    token = swarm.add_user("anna", "admin")
    cli("servers", "add", "home", swarm.url)
    with (cli.config / "settings.toml").open("a") as file:
        file.write('[[servers]]\nname = "odd"\naddress = "http://ann:canary-pass@127.0.0.1:1/?token=canary-token"\n')
    cli.state.mkdir(parents=True, exist_ok=True)
    log = f"session_id: canary-session\nCookie: swarm_token={token}\nAuthorization: Basic canary-basic\nkept: words\n"
    (cli.state / "debug.log").write_text(log)
    bundle = cli.home / "report.zip"
    done = cli("doctor", "--server", "home", "--bundle", str(bundle), SWARMUI_TOKEN=token)
    assert done.code == 0
    assert str(bundle) in done.err
    assert stat.S_IMODE(bundle.stat().st_mode) == 0o600
    with zipfile.ZipFile(io.BytesIO(bundle.read_bytes())) as archive:
        held = {name: archive.read(name).decode() for name in archive.namelist()}
    assert set(held) == {"doctor.json", "settings.json", "debug.log"}
    session = next(each.body["session_id"] for each in swarm.requests if each.body and "session_id" in each.body)
    for text in held.values():
        for secret in ("canary", token, token.rpartition(".")[2], session, str(Path(cli.home))):
            assert secret not in text
    assert "kept: words" in held["debug.log"]
    assert json.loads(held["doctor.json"])["servers"][0]["name"] == "home"
    assert [each["name"] for each in json.loads(held["settings.json"])["servers"]] == ["home", "odd"]


def test_a_bundle_that_cannot_be_written_is_a_sentence(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    (cli.home / "file").write_text("")
    done = cli("doctor", "--url", swarm.url, "--bundle", str(cli.home / "file" / "x.zip"))
    assert done.code == 2
    assert "could not be written" in done.err


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ('{"session_id": "abc", "user": "x"}', '{"session_id": "***", "user": "x"}'),
        ("Cookie: swarm_token=a.b.c; other=1", "Cookie: ***"),
        ("Authorization: Bearer abc def", "Authorization: ***"),
        ("password=abc, next", "password=***, next"),
        ("12 tokens a second", "12 tokens a second"),
    ],
)
def test_what_stands_where_secrets_stand_is_taken_out(text: str, clean: str) -> None:
    found = cleaner(str)(text)
    assert "abc" not in found
    assert found.startswith(clean[:20])
