"""`setup` on a terminal: from nothing to a server that can be used, without a key on the screen or on the disk."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.cli.conftest import CommandLine
from tests.integration.cli.terminal import Terminal
from tests.integration.hostile import GOOD_SESSION, GOOD_STATUS, by_route, http
from tests.integration.tls_server import TlsServer, certify_localhost
from tests.private_desktop import Desktop
from tray_app.adapters.discovery import likely_ports, port_of
from tray_app.simulator.server import SimulatedSwarmUI

Servers = Callable[..., SimulatedSwarmUI]


def installed(folder: Path, port: int) -> Path:
    """A folder as SwarmUI's, with its settings."""
    (folder / "Data").mkdir(parents=True)
    (folder / "Data" / "Settings.fds").write_text(f"Paths:\n\tPort: 1\nNetwork:\n\tHost: localhost\n\tPort: {port}\n")
    return folder


def test_without_a_terminal_it_says_what_to_do(cli: CommandLine) -> None:
    done = cli("setup")
    assert (done.code, done.out) == (2, "")
    for way in ("servers add NAME ADDRESS", "key set", "doctor"):
        assert way in done.err
    assert cli("setup", "--server", "home").code == 2


def test_a_server_of_a_known_folder_is_found_by_a_harmless_call_and_offered(
    cli: CommandLine, swarm: SimulatedSwarmUI
) -> None:
    folder = installed(cli.home / "elsewhere", swarm.port)
    terminal = Terminal(cli, ["setup", "--folder", str(folder)])
    terminal.until(f"SwarmUI answers at {swarm.url} on this computer. Use it?")
    assert [each.path for each in swarm.requests] == ["/"]
    terminal.type("\n")
    assert "You are the user local" in terminal.until("Name for it")
    terminal.type("home\n")
    terminal.until("as “home”")
    assert terminal.end()[0] == 0
    assert cli("servers", "list", "--json").object["servers"] == [
        {"name": "home", "address": swarm.url, "certificate": None, "key": False}
    ]
    assert cli("status").server["state"] == "idle"
    assert sum(each.path == "/API/GetNewSession" for each in swarm.requests) == 1


def test_another_address_is_asked_for_until_it_is_one(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    folder = installed(cli.home / "elsewhere", swarm.port)
    terminal = Terminal(cli, ["setup", "--folder", str(folder)])
    terminal.until("Use it?")
    terminal.type("n\n")
    terminal.until("Address of your SwarmUI")
    terminal.type("ftp://x\n")
    terminal.until("not by ftp")
    terminal.type(f"127.0.0.1:{swarm.port}/Text2Image\n")
    terminal.until("Name for it")
    terminal.type("\n")
    terminal.until("is in the settings as")
    assert terminal.end()[0] == 0
    again = Terminal(cli, ["setup", "--url", swarm.url])
    again.until("in the settings already")
    assert again.end()[0] == 0
    assert len(cli("servers", "list", "--json").object["servers"]) == 1


def test_no_address_sets_nothing_up(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    folder = installed(cli.home / "elsewhere", swarm.port)
    terminal = Terminal(cli, ["setup", "--folder", str(folder)])
    terminal.until("Use it?")
    terminal.type("n\n")
    terminal.until("Address of your SwarmUI")
    terminal.type("\n")
    terminal.until("--demo")
    assert terminal.end()[0] == 2
    assert not cli.config.exists()


def test_a_server_that_does_not_answer_is_stored_with_what_is_wrong(cli: CommandLine) -> None:
    terminal = Terminal(cli, ["setup", "--url", "http://127.0.0.1:1"])
    terminal.until("no  Connection  Nothing answers")
    terminal.until("Name for it")
    terminal.type("later\n")
    terminal.until("as “later”")
    assert terminal.end()[0] == 1


START_PAGE = http(b"", 302, headers={"Location": "Text2Image"})
ROUTES = {"": START_PAGE, "GetNewSession": http(GOOD_SESSION), "GetGlobalStatus": http(GOOD_STATUS)}


def encrypted(certificate: Path, port: int = 0) -> TlsServer:
    """A SwarmUI behind a certificate that vouches for itself."""
    return TlsServer(
        by_route(ROUTES | {"ListBackends": http({}), "ListConnectedUsers": http({"users": []})}), certificate, port=port
    )


def test_an_unknown_certificate_is_shown_trusted_on_first_use_and_missed_when_it_changes(
    cli: CommandLine, tmp_path: Path
) -> None:
    one, other = certify_localhost(tmp_path / "one.pem"), certify_localhost(tmp_path / "other.pem")
    with encrypted(one) as server:
        url = f"https://127.0.0.1:{server.port}"
        untold = cli("status", "--url", url)
        assert (untold.code, untold.server["problem"]["code"]) == (3, "untrusted")
        assert f"swarmui-tray setup --url {url}" in untold.server["problem"]["advice"]
        cli("servers", "add", "home", url)

        declined = Terminal(cli, ["setup", "--url", url])
        shown = declined.until("Trust it there, and no other")
        (seen,) = re.findall("sha256:[0-9A-F:]{95}", shown)
        declined.type("y\n")
        declined.until("Nothing was set up")
        assert (declined.end()[0], server.requests) == (3, [])

        terminal = Terminal(cli, ["setup", "--url", url])
        terminal.until("Trust it there, and no other")
        assert server.requests == []
        terminal.type("yes\n")
        terminal.until("as “home”, from now on with this certificate")
        assert terminal.end()[0] == 0
        home = {"name": "home", "address": url, "certificate": seen, "key": False}
        assert cli("servers", "list", "--json").object["servers"] == [home]
        assert seen in cli("servers").out
        assert cli("status").code == 0
    with encrypted(other, server.port) as impostor:
        assert cli("status").server["problem"]["code"] == "certificate_changed"
        alarmed = Terminal(cli, ["setup", "--url", url])
        alarmed.until("has changed, so nothing was sent(.|\\n)*Nothing was set up")
        assert (alarmed.end()[0], impostor.requests) == (3, [])
        assert cli("servers", "list", "--json").object["servers"] == [home]


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


@pytest.mark.desktop
def test_an_account_token_is_explained_asked_for_tested_and_stored(keyring: CommandLine, servers: Servers) -> None:
    swarm = servers(accounts=True)
    token = swarm.add_user("anna", "admin")
    terminal = Terminal(keyring, ["setup", "--url", swarm.url])
    shown = terminal.until("Which one")
    for kind in ("Account token", "Server-wide Authorization", "reverse proxy", "User name and password"):
        assert kind in shown
    terminal.type("1\n")
    terminal.until("Account token: ")
    terminal.type("part.of.it.only\n")
    terminal.until(r"three parts with dots between(.|\n)*Which one")
    terminal.type("1\n")
    terminal.until(r"Account token: (.|\n)*Account token: ")
    terminal.type("616e6e61.wrong.here\n")
    terminal.until(r"does not accept(.|\n)*Which one")
    terminal.type("1\n")
    terminal.until(r"(Account token: (.|\n)*){3}")
    terminal.type(f"a=b; swarm_token={token}\n")
    terminal.until("The key works, and lies in the keyring")
    terminal.until("Name for it")
    terminal.type("home\n")
    shown = terminal.until("as “home”")
    assert terminal.end()[0] == 0
    assert token not in shown
    before = sum(each.path == "/API/GetNewSession" for each in swarm.requests)
    assert keyring("status").server["user"] == "anna"
    assert sum(each.path == "/API/GetNewSession" for each in swarm.requests) == before
    assert not [each for each in keyring.home.rglob("*") if each.is_file() and token.encode() in each.read_bytes()]

    again = Terminal(keyring, ["setup", "--url", swarm.url])
    again.until("with the key that the keyring has for(.|\n)*Keep it")
    again.type("\n")
    shown = again.until("stays in the keyring(.|\n)*in the settings already")
    assert (again.end()[0], "Which one" in shown) == (0, False)
    assert keyring("status").server["user"] == "anna"
    replaced = Terminal(keyring, ["setup", "--url", swarm.url])
    replaced.until("Keep it")
    replaced.type("n\n")
    replaced.until("Which one")
    replaced.type("1\n")
    replaced.until("Account token: ")
    replaced.type(f"{swarm.add_user('ben', 'admin')}\n")
    replaced.until("lies in the keyring(.|\n)*in the settings already")
    assert replaced.end()[0] == 0
    assert keyring("status").server["user"] == "ben"


@pytest.mark.desktop
def test_with_a_password_a_token_is_made_also_behind_a_header(keyring: CommandLine, servers: Servers) -> None:
    swarm = servers(accounts=True, authorization="Bearer canary-header")
    swarm.add_user("anna", "admin", "canary-password")
    terminal = Terminal(keyring, ["setup", "--url", swarm.url])
    terminal.until("Which one")
    terminal.type("2\n")
    terminal.until("Authorization value: ")
    terminal.type("Bearer canary-header\n")
    terminal.until("wants an account(.|\n)*Which one")
    for password, then in (("wrong", "does not know this user name"), ("canary-password", "lies in the keyring")):
        terminal.type("4\n")
        before = terminal.shown.count("User name:")
        terminal.until(f"(User name:(.|\n)*){{{before + 1}}}")
        terminal.type("anna\n")
        terminal.until(f"(Password:(.|\n)*){{{before + 1}}}")
        terminal.type(f"{password}\n")
        terminal.until(then)
    terminal.type("home\n")
    shown = terminal.until("as “home”")
    assert terminal.end()[0] == 0
    assert "canary" not in shown
    assert keyring("status").server["user"] == "anna"


@pytest.mark.desktop
@pytest.mark.parametrize(("header", "kind"), [("Bearer canary-header", "2"), ("Basic YW5uOmNhbmFyeQ==", "3")])
def test_the_other_two_kinds_are_headers(keyring: CommandLine, servers: Servers, header: str, kind: str) -> None:
    swarm = servers(authorization=header)
    terminal = Terminal(keyring, ["setup", "--url", swarm.url])
    terminal.until("Which one")
    terminal.type(f"{kind}\n")
    if kind == "2":
        terminal.until("Authorization value: ")
        terminal.type(f"{header}\n")
    else:
        terminal.until("User name: ")
        terminal.type("ann\n")
        terminal.until("Password: ")
        terminal.type("canary\n")
    terminal.until("Name for it")
    terminal.type("home\n")
    shown = terminal.until("as “home”")
    assert terminal.end()[0] == 0
    assert "canary" not in shown
    assert keyring("status").server["state"] == "idle"


def test_without_a_keyring_the_key_is_not_stored_and_that_is_said(cli: CommandLine, servers: Servers) -> None:
    swarm = servers(accounts=True)
    terminal = Terminal(cli, ["setup", "--url", swarm.url], DBUS_SESSION_BUS_ADDRESS="unix:path=/nowhere")
    terminal.until("Which one")
    terminal.type("1\n")
    terminal.until("Account token: ")
    terminal.type(f"{swarm.add_user('anna', 'admin')}\n")
    terminal.until("could not be stored")
    terminal.until("Name for it")
    terminal.type("\n")
    assert terminal.end()[0] == 1


def test_the_ports_of_a_folder_come_first(tmp_path: Path) -> None:
    assert port_of(tmp_path) is None
    assert likely_ports(tmp_path)[:5] == [7801, 7802, 7803, 7804, 7805]
    folder = installed(tmp_path / "swarm", 7903)
    assert likely_ports(folder)[:6] == [7903, 7904, 7905, 7906, 7907, 7801]
