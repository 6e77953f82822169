"""What holds for every command: options before and after the verb, streams, errors, pipes, Ctrl-C, finding a server."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.integration.cli.conftest import CommandLine
from tests.integration.cli.terminal import Terminal
from tray_app import __version__
from tray_app.adapters.discovery import find_local
from tray_app.simulator.server import SimulatedSwarmUI

Servers = Callable[..., SimulatedSwarmUI]


def test_version_and_help(cli: CommandLine) -> None:
    assert cli("--version").out == f"swarmui-tray {__version__}\n"
    for arguments in ([], ["status"], ["config", "set"], ["key", "set"], ["cancel"]):
        done = cli(*arguments, "--help")
        assert (done.code, done.err) == (0, "")
        assert "--request-timeout" in done.out


@pytest.mark.parametrize(
    "arguments",
    [
        ["bogus"],
        ["status", "extra"],
        ["status", "--bogus"],
        ["status", "--ur", "http://a:1"],
        ["config"],
        ["key"],
        ["wait", "--until", "done"],
        ["wait", "--timeout", "0"],
        ["wait", "--timeout", "nan"],
        ["status", "--request-timeout", "-1"],
        ["log", "-n", "x"],
        ["demo", "--port", "70000"],
        ["status", "--url", "http://"],
        ["cancel", "--url", ""],
        ["status", "--config", ""],
        ["status", "--profile", ""],
        ["status", "--url", "http://a:1", "--server", "home"],
        ["status", "--url", "http://a:1", "--demo"],
        ["status", "--server", "nobody"],
        ["status", "--config", "/nowhere/settings.toml"],
    ],
)
def test_a_wrong_call_is_one_sentence_and_code_2(cli: CommandLine, arguments: list[str]) -> None:
    done = cli(*arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("swarmui-tray: ")
    assert done.err.count("\n") == 1


def test_global_options_count_before_and_after_the_verb(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    before = cli("--url", swarm.url, "-q", "status")
    after = cli("status", "-q", "--url", swarm.url)
    assert before.object == after.object
    assert (before.code, after.code) == (0, 0)


def test_an_address_needs_no_settings_and_leaves_them_alone(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    cli.config.mkdir(parents=True)
    (cli.config / "settings.toml").write_text("broken [")
    done = cli("status", "--url", swarm.url)
    assert (done.code, done.err) == (0, "")
    assert [each.name for each in cli.config.iterdir()] == ["settings.toml"]


def test_problems_of_the_settings_are_told_beside_the_result(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    cli("config", "set", "server", swarm.url, "--server", "home")
    with (cli.config / "settings.toml").open("a") as file:
        file.write('[[servers]]\nname = "other"\n')
    done = cli("status")
    assert (done.code, done.server["name"]) == (0, "home")
    assert "servers[1].address" in done.err
    assert cli("status", "-q").err == ""


def test_verbose_shows_each_call_without_secrets(cli: CommandLine, servers: Servers) -> None:
    swarm = servers(accounts=True)
    token = swarm.add_user("anna", "admin")
    done = cli("status", "-v", "--url", swarm.url, SWARMUI_TOKEN=token)
    assert done.code == 0
    assert "POST /API/GetNewSession" in done.err
    assert "-> 200 in " in done.err
    assert '"user_id": "anna"' in done.err or '"user_id":"anna"' in done.err
    session = next(each.body["session_id"] for each in swarm.requests if each.body and "session_id" in each.body)
    assert session not in done.err
    assert token not in done.err


def test_without_a_terminal_there_is_no_colour_and_with_one_there_is(cli: CommandLine) -> None:
    assert "\x1b" not in cli("bogus").err
    terminal = Terminal(cli, ["bogus"])
    assert "\x1b[31mswarmui-tray:\x1b[0m" in terminal.until("--help")
    assert terminal.end()[0] == 2
    terminal = Terminal(cli, ["bogus"], NO_COLOR="1")
    assert "\x1b" not in terminal.until("--help")
    terminal.end()


def test_what_a_server_says_cannot_drive_the_terminal(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    evil = b'{"error": "\\u001b]0;title\\u0007 and \\u009b31m red", "error_id": "x"}'
    swarm.answer_with("/getnewsession", evil)
    for arguments in (["status"], ["cancel", "--all"], ["wait"], ["key", "test"], ["status", "-v"]):
        done = cli(*arguments, "--url", swarm.url)
        assert done.code != 0
        assert not {"\x1b", "\x07", "\x9b"} & set(done.out + done.err)


def test_a_closed_pipe_ends_quietly(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    for arguments in (["status", "--url", swarm.url], ["config", "show"], ["--help"]):
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run(
            cli.command(*arguments),
            stdout=writing,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            env=cli.environment,
            timeout=30,
            check=False,
        )
        os.close(writing)
        assert (done.returncode, done.stderr) == (141, b"")


def test_ctrl_c_ends_with_130_and_without_a_word(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    swarm.slow(60)
    for arguments in (["status"], ["wait"], ["cancel", "--all"], ["watch"]):
        calls = len(swarm.requests)
        running = cli.start(*arguments, "--url", swarm.url, "--request-timeout", "60")
        swarm.wait_until(lambda calls=calls: len(swarm.requests) > calls, 30)  # type: ignore[misc]
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=10)
        assert (running.returncode, out, err) == (130, "", "")


@pytest.mark.parametrize("module", ["tray_app.cli.main", "tray_app.core.errors", "tray_app.cli.output"])
def test_ctrl_c_while_the_program_is_loaded_ends_it_without_a_word(cli: CommandLine, module: str) -> None:
    script = (
        "import os, signal, sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {module!r}: os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Finder())\n"
        "sys.argv = ['swarmui-tray', '--version']\n"
        "from tray_app.__main__ import main\n"
        "sys.exit(main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=cli.environment, capture_output=True, timeout=30, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, b"", b"")


def test_ctrl_c_that_is_ignored_stays_ignored(cli: CommandLine) -> None:
    script = (
        "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "from tray_app.__main__ import main\n"
        "import sys; sys.argv = ['swarmui-tray', '--version']; main()\n"
        "assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN"
    )
    subprocess.run([sys.executable, "-c", script], env=cli.environment, timeout=30, check=True)


def test_ctrl_c_waits_for_none_of_several_servers(cli: CommandLine, servers: Servers) -> None:
    slow = [servers(), servers()]
    for number, each in enumerate(slow):
        cli("config", "set", "server", each.url, "--server", f"number {number}")
        each.slow(60)
    cli("config", "set", "polling.timeout", "60")
    running = cli.start("status")
    for each in slow:
        each.wait_until(lambda each=each: bool(each.requests), 30)  # type: ignore[misc]
    running.send_signal(signal.SIGINT)
    assert running.communicate(timeout=10) == ("", "")
    assert running.returncode == 130


def test_a_process_without_streams_works(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    """As a windowed program has none."""
    command = " ".join(cli.command("cancel", "--all", "--url", swarm.url))
    done = subprocess.run(f"exec {command} <&- >&- 2>&-", shell=True, env=cli.environment, timeout=30, check=False)
    assert done.returncode == 0
    script = "import sys; sys.argv[1:] = ['--demo', '--bogus']; from tray_app.cli.main import run; sys.exit(run())"
    done = subprocess.run([sys.executable, "-c", script], env=cli.environment, timeout=30, check=False)
    assert done.returncode == 2


def test_a_fault_of_our_own_is_a_sentence_and_a_log_without_secrets(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    script = (
        "import sys\nfrom tray_app.adapters.swarm import gateway as swarm\n"
        "def broken(self, *, full):\n    raise RuntimeError('no canary-token here')\n"
        "swarm.SwarmServer.read = broken\n"
        "from tray_app.cli.main import main\nsys.exit(main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "status", "--url", swarm.url],
        capture_output=True,
        text=True,
        env=cli.environment | {"SWARMUI_TOKEN": "canary-token"},
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    log = cli.state / "debug.log"
    assert str(log) in done.stderr
    assert "Traceback" not in done.stderr
    assert "RuntimeError: no *** here" in log.read_text()
    assert "canary" not in done.stderr + log.read_text()


def test_secrets_are_in_no_argument_and_no_file(cli: CommandLine, servers: Servers) -> None:
    swarm = servers(accounts=True)
    token = swarm.add_user("anna", "admin")
    swarm.slow(60)
    running = cli.start("status", "--url", swarm.url, SWARMUI_TOKEN=token)
    swarm.wait_until(lambda: bool(swarm.requests), 30)
    assert token.encode() not in Path(f"/proc/{running.pid}/cmdline").read_bytes()
    running.kill()
    running.communicate()
    swarm.answer_truly()
    for arguments in (["status"], ["cancel", "--all", "--reason", f"because {token}"], ["wait"]):
        cli(*arguments, "--url", swarm.url, SWARMUI_TOKEN=token)
    assert [each for each in cli.home.rglob("*") if each.is_file() and token.encode() in each.read_bytes()] == []


def test_a_local_server_is_found_by_a_harmless_call(cli: CommandLine, servers: Servers) -> None:
    swarm = find_and_serve(servers)
    done = cli("status", SWARMUI_TOKEN="canary-token")
    assert done.code == 0
    assert done.server["url"] == swarm.url
    assert f"found at {swarm.url}" in done.err
    assert swarm.requests[0].path == "/"
    assert not any("canary" in str(each.headers) for each in swarm.requests)
    assert cli("key", "set", stdin="canary.token").code == 2


def find_and_serve(servers: Servers) -> SimulatedSwarmUI:
    """A server on the first port at which one is looked for and which is free."""
    assert find_local() is None, "another SwarmUI runs on this computer"
    for port in range(7801, 7806):
        try:
            return servers(port=port)
        except OSError:
            continue
    raise AssertionError("ports 7801 to 7805 are all taken")


def test_without_any_server_the_ways_on_are_named(cli: CommandLine) -> None:
    if find_local() is not None:
        pytest.skip("a SwarmUI runs on this computer")
    done = cli("status")
    assert (done.code, done.out) == (2, "")
    for way in ("setup", "--url", "config set", "--demo"):
        assert way in done.err


def test_what_is_no_swarmui_is_not_found() -> None:
    class Other(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Location", "/login")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with HTTPServer(("127.0.0.1", 0), Other) as other, SimulatedSwarmUI() as swarm:
        thread = threading.Thread(target=other.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        port = other.server_address[1]
        assert find_local([port, 1]) is None
        assert find_local([port, swarm.port]) == swarm.url
        other.shutdown()
        thread.join()
