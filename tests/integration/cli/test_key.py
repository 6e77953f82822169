"""`key`: stored in a real keyring, never shown, never in plain text on the disk, and gone when it is cleared."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.cli.conftest import CommandLine
from tests.integration.cli.terminal import Terminal
from tests.private_desktop import Desktop
from tray_app.core.credentials import login_value
from tray_app.simulator.server import SimulatedSwarmUI

Servers = Callable[..., SimulatedSwarmUI]
pytestmark = pytest.mark.desktop


@pytest.fixture
def keyring(cli: CommandLine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    """The command line on a private bus with an unlocked gnome-keyring."""
    with pytest.MonkeyPatch.context() as patch:
        desktop = Desktop(tmp_path_factory.mktemp("desktop"), patch)
        try:
            desktop.keyring()
            cli.environment["DBUS_SESSION_BUS_ADDRESS"] = os.environ["DBUS_SESSION_BUS_ADDRESS"]
            yield cli
        finally:
            desktop.end()


def files_with(home: Path, text: str) -> list[Path]:
    return [each for each in home.rglob("*") if each.is_file() and text.encode() in each.read_bytes()]


def test_a_key_is_stored_used_tested_and_cleared(keyring: CommandLine, servers: Servers) -> None:
    swarm = servers(accounts=True)
    token = swarm.add_user("anna", "poweruser")
    url = ["--url", swarm.url]
    assert keyring("status", *url).code == 4

    done = keyring("key", "set", *url, stdin=f"{token}\n")
    assert (done.code, done.out) == (0, "")
    assert keyring("status", *url).server["user"] == "anna"
    assert keyring("status", *url).server["user"] == "anna"
    # The session lies beside the key: the second command used the first one's.
    assert sum(each.path == "/API/GetNewSession" for each in swarm.requests) == 2
    done = keyring("key", "test", *url)
    assert done.code == 0
    assert "anna" in done.out
    assert "read_server_info_panels" in done.out

    assert files_with(keyring.home, token) == []
    assert files_with(keyring.home, token.rpartition(".")[2]) == []
    done = keyring("-v", "status", *url)
    assert token not in done.out + done.err

    assert keyring("key", "clear", *url).code == 0
    assert keyring("status", *url).code == 4
    assert keyring("key", "test", *url).code == 4


def test_a_whole_cookie_may_be_pasted(keyring: CommandLine, servers: Servers) -> None:
    swarm = servers(accounts=True)
    token = swarm.add_user("anna", "admin")
    assert keyring("key", "set", "--url", swarm.url, stdin=f"a=b; swarm_token={token}; c=d").code == 0
    assert keyring("status", "--url", swarm.url).server["user"] == "anna"


def test_the_header_is_a_key_of_its_own(keyring: CommandLine, servers: Servers) -> None:
    swarm = servers(authorization="Bearer canary-header")
    assert keyring("key", "set", "--authorization", "--url", swarm.url, stdin="Bearer canary-header").code == 0
    assert keyring("status", "--url", swarm.url).server["state"] == "idle"
    assert files_with(keyring.home, "canary") == []


def test_a_new_key_ends_the_old_ones_session(keyring: CommandLine, servers: Servers) -> None:
    swarm = servers(accounts=True)
    for name in ("anna", "bert"):
        assert keyring("key", "set", "--url", swarm.url, stdin=swarm.add_user(name, "admin")).code == 0
        assert keyring("status", "--url", swarm.url).server["user"] == name


def test_on_a_terminal_it_is_asked_for_without_echo(keyring: CommandLine, servers: Servers) -> None:
    swarm = servers(accounts=True)
    token = swarm.add_user("anna", "admin")
    terminal = Terminal(keyring, ["key", "set", "--url", swarm.url])
    terminal.until("Account token")
    terminal.type(token + "\n")
    shown = terminal.until("is in the keyring")
    code, _ = terminal.end()
    assert code == 0
    assert token not in shown
    assert keyring("status", "--url", swarm.url).server["user"] == "anna"


PASSWORD = "canary-77ab02e1-password"


def test_a_password_becomes_a_token_and_is_kept_nowhere(keyring: CommandLine, servers: Servers) -> None:
    swarm = servers(accounts=True, authorization="Bearer canary-header")
    swarm.add_user("anna", "admin", PASSWORD)
    url = ["--url", swarm.url]
    header = "Bearer canary-header"
    sign_in = ["-v", "key", "sign-in", *url]
    wrong = keyring(*sign_in, "--user", "anna", stdin="canary-wrong", SWARMUI_AUTHORIZATION=header)
    assert (wrong.code, wrong.out) == (4, "")
    assert "does not know this user name with this password" in wrong.err
    done = keyring(*sign_in, "--user", "anna", stdin=f"{PASSWORD}\n", SWARMUI_AUTHORIZATION=header)
    assert (done.code, done.out) == (0, "")
    assert "SwarmUI Tray on" in done.err
    assert keyring("status", *url, "-q").code == 4  # the token alone, without the header
    assert keyring("key", "set", "--authorization", *url, stdin=header).code == 0
    assert keyring("status", *url).server["user"] == "anna"

    terminal = Terminal(keyring, sign_in)
    terminal.until("User name for")
    terminal.type("anna\n")
    terminal.until("Password of anna")
    terminal.type(f"{PASSWORD}\n")
    shown = terminal.until("kept nowhere")
    assert terminal.end()[0] == 0
    for secret in (PASSWORD, login_value("anna", PASSWORD), "canary-header", "canary-wrong"):
        assert secret not in wrong.err + done.err + shown
        assert files_with(keyring.home, secret) == []
    assert keyring("status", *url).server["user"] == "anna"


def test_to_sign_in_a_keyring_a_name_and_an_account_are_needed(keyring: CommandLine, servers: Servers) -> None:
    swarm = servers()
    sign_in = ["key", "sign-in", "--url", swarm.url]
    done = keyring(*sign_in, "--user", "anna", stdin=PASSWORD, DBUS_SESSION_BUS_ADDRESS="unix:path=/nowhere")
    assert (done.code, swarm.requests) == (4, [])
    done = keyring(*sign_in, stdin=PASSWORD)
    assert (done.code, swarm.requests) == (2, [])
    assert "--user" in done.err
    done = keyring(*sign_in, "--user", "anna", stdin="")
    assert (done.code, swarm.requests) == (2, [])
    done = keyring(*sign_in, "--user", "anna", stdin=PASSWORD)
    assert done.code == 5
    assert "asks for no account" in done.err
    assert not any("canary" in str(each.body) for each in swarm.requests)


def test_without_a_keyring_the_object_says_why(cli: CommandLine, servers: Servers) -> None:
    swarm = servers(accounts=True)
    done = cli("key", "set", "--url", swarm.url, stdin="63.canary.x", DBUS_SESSION_BUS_ADDRESS="unix:path=/nowhere")
    assert done.code == 4
    assert "canary" not in done.out + done.err
    assert "SWARMUI_TOKEN" in done.err
    (cli.state).mkdir(parents=True)
    (cli.state / "state.json").write_text(f'{{"keys": ["{swarm.url}"]}}')
    for verb in ("status", "wait"):
        done = cli(verb, "--url", swarm.url, DBUS_SESSION_BUS_ADDRESS="unix:path=/nowhere")
        assert (done.code, done.server["state"], done.server["problem"]["code"]) == (4, "key_refused", "keyring")
    assert "keyring" in done.err
    assert swarm.requests == []


@pytest.mark.parametrize("given", ["", "\n", "a b", "x" * 9000, "tök", "616e6e.secret"])
def test_what_cannot_be_a_key_is_not_stored(cli: CommandLine, swarm: SimulatedSwarmUI, given: str) -> None:
    done = cli("key", "set", "--url", swarm.url, stdin=given, DBUS_SESSION_BUS_ADDRESS="unix:path=/nowhere")
    assert (done.code, done.out) == (2, "")
    assert not cli.state.exists()


def test_each_kind_of_key_is_explained_where_it_is_asked_for(cli: CommandLine) -> None:
    for option, told in (([], "User tab, under Authorization Tokens, at http://x:1"), (["--authorization"], "admin")):
        terminal = Terminal(cli, ["key", "set", *option, "--url", "http://x:1"])
        terminal.until(f"{told}(.|\n)*for http://x:1: ")
        terminal.type("\n")
        terminal.until("No key was given")
        assert terminal.end()[0] == 2


def test_a_key_in_an_address_is_left_out_and_told(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    address = swarm.url.replace("http://", "http://somebody:canary-pass@") + "/?token=canary-token"
    done = cli("status", "-v", "--url", address)
    assert done.code == 0
    assert done.server["url"] == swarm.url
    assert "canary" not in done.out + done.err
    assert "left out" in done.err
    assert not any("canary" in str(each) for each in swarm.requests)


def test_a_key_for_another_machine_without_encryption_is_warned_of_once(cli: CommandLine) -> None:
    for verb, given in (("set", {}), ("test", {"SWARMUI_TOKEN": "aa.bb.cc"})):
        words = ["key", verb, "--url", "http://192.0.2.1:1", "--request-timeout", "0.5"]
        done = cli(*words, stdin="aa.bb.cc", timeout=30, **given)
        assert done.err.count("The way to 192.0.2.1 is not encrypted:") == 1
    for url in ("https://192.0.2.1:1", "http://127.0.0.1:1"):
        done = cli("key", "test", "--url", url, "--request-timeout", "0.5", SWARMUI_TOKEN="aa.bb.cc")
        assert "not encrypted" not in done.err
    assert "not encrypted" not in cli("key", "test", "--url", "http://192.0.2.1:1", "--request-timeout", "0.5").err
