"""B15: a keyring that is absent, locked, dismissed, silent or refusing.

Whatever it does, the icon is there within 2 s and answers all the time, the reason is told with a way out, nobody is
prompted twice, and the key is written nowhere. The other keyrings (KWallet, KeePassXC, Windows, macOS) are unverified.
"""

import time

import pytest

from tests.desktop.rig import keyring as real_keyring
from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.heartbeat import Heartbeat
from tests.desktop.rig.keyring import Keyring
from tests.desktop.rig.program import TrayProcess, configure, run_command
from tests.desktop.rig.secret_double import Mode, SecretServiceDouble
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.tray_item import TrayItem
from tests.desktop.rig.waiting import until
from tray_app.adapters.state_file import StateFile
from tray_app.core.address import parse_address
from tray_app.simulator.server import SimulatedSwarmUI

LONGEST_GAP = 100.0

SILENT = "The keyring does not answer."
SENTENCES = {
    None: "This desktop has no keyring",
    Mode.SILENT: SILENT,
    Mode.LOCKED: SILENT,  # as long as nobody answers the prompt
    Mode.DISMISSED: "The keyring's question was dismissed",
    Mode.REFUSES: "The keyring refused",
}


@pytest.fixture
def closed_server() -> SimulatedSwarmUI:
    """A server that wants an account's key."""
    return SimulatedSwarmUI(accounts=True)


def start_with_a_key(desktop: Desktop, host: TrayHostDouble, url: str) -> TrayItem:
    """Start a tray that knows of a key in the keyring; its icon, which must be there in time."""
    configure(desktop, url)
    state = StateFile(desktop.home / ".local/state/swarmui-tray/state.json")
    state.mark_key(parse_address(url).origin, present=True)
    started = time.monotonic()
    TrayProcess(desktop)
    item = host.wait_for_item()
    assert time.monotonic() - started < 2
    return item


def store_key(desktop: Desktop, server: SimulatedSwarmUI) -> str:
    """Put the key of a new account into the keyring."""
    token = server.add_user("ann", "owner")
    configure(desktop, server.url)
    stored = run_command(desktop, "key", "set", feed=f"{token}\n")
    assert stored.returncode == 0, stored.stderr
    return token


def sessions_made(server: SimulatedSwarmUI) -> int:
    return sum(each.route == "GetNewSession" and each.status == 200 for each in server.requests)


@pytest.mark.parametrize("mode", SENTENCES, ids=lambda mode: mode.name.lower() if mode else "absent")
def test_b15_the_icon_answers_and_tells_why_there_is_no_key(
    desktop: Desktop, host: TrayHostDouble, closed_server: SimulatedSwarmUI, mode: Mode | None
) -> None:
    double = SecretServiceDouble(desktop.bus, mode) if mode else None
    with closed_server:
        item = start_with_a_key(desktop, host, closed_server.url)
        assert item.menu.texts()[-1] == "Quit"  # what the start itself costs is measured elsewhere
        with Heartbeat(desktop.bus, item) as asked:
            until("the reason is told", lambda: SENTENCES[mode] in item.tooltip, 15)
            until("it goes on without the key", lambda: closed_server.requests)
        with Heartbeat(desktop.bus, item) as idle:
            desktop.bus.owners.quiet(lambda _: True, 0.5)
        assert asked.worst <= max(LONGEST_GAP, 1.5 * idle.worst), f"{asked.worst:.0f} ms, idle {idle.worst:.0f} ms"
        assert double is None or double.prompts == (mode in {Mode.LOCKED, Mode.DISMISSED})


def test_b15_who_dismissed_the_question_is_asked_again_only_on_request(
    desktop: Desktop, host: TrayHostDouble, closed_server: SimulatedSwarmUI
) -> None:
    double = SecretServiceDouble(desktop.bus, Mode.DISMISSED)
    with closed_server:
        item = start_with_a_key(desktop, host, closed_server.url)
        until("the reason is told", lambda: "dismissed" in item.tooltip, 15)
        assert double.prompts == 1
        configure(desktop, closed_server.url, server_name="renamed")
        until("the settings are read anew", lambda: item.menu.texts()[0].startswith("renamed"))
        closed_server.wait_until(lambda: len(closed_server.requests) > 1, 10)
        assert double.prompts == 1
        item.menu.click("Try again now")
        double.calls.wait("it asks again", lambda _: double.prompts == 2)


def test_b15_a_locked_keyring_that_nobody_can_unlock_is_told_at_once(
    desktop: Desktop, host: TrayHostDouble, closed_server: SimulatedSwarmUI
) -> None:
    keyring = Keyring(desktop)
    keyring.lock()
    with closed_server:
        item = start_with_a_key(desktop, host, closed_server.url)
        until("the reason is told", lambda: "The keyring is locked." in item.tooltip, 3)


def test_b15_a_key_in_an_unlocked_keyring_survives_a_relock_and_is_written_nowhere(
    screen: Desktop, closed_server: SimulatedSwarmUI
) -> None:
    host = TrayHostDouble(screen.bus)
    host.appear()
    keyring = Keyring(screen)
    with closed_server:
        token = store_key(screen, closed_server)
        TrayProcess(screen, "-v")
        item = host.wait_for_item(2)
        until("it says idle", lambda: item.tooltip.startswith("Idle"))
        made = sessions_made(closed_server)

        keyring.start_prompter()
        keyring.lock()
        closed_server.drop_sessions()
        item.menu.click("Look again now")
        closed_server.wait_until(lambda: sessions_made(closed_server) == made + 1)
        debug_log = screen.home / ".local/state/swarmui-tray/debug.log"
        until(
            "the session could not be kept", lambda: debug_log.exists() and "could not be kept" in debug_log.read_text()
        )
        assert item.tooltip.startswith("Idle")
        assert keyring.prompts() == 0, "nobody asked for that"
        files = [each for each in screen.folder.rglob("*") if each.is_file()]
        assert keyring.files()[0] in files
        assert [each for each in files if token.encode() in each.read_bytes()] == []


def test_b15_a_locked_keyring_prompts_once_and_the_late_answer_is_used(
    screen: Desktop, closed_server: SimulatedSwarmUI
) -> None:
    host = TrayHostDouble(screen.bus)
    host.appear()
    keyring = Keyring(screen)
    with closed_server:
        store_key(screen, closed_server)
        keyring.start_prompter()
        keyring.lock()
        TrayProcess(screen)
        item = host.wait_for_item(2)
        until("a password prompt is on the screen", keyring.prompts)
        until("it went on without the key", lambda: SILENT in item.tooltip, 15)
        assert keyring.prompts() == 1
        keyring.answer(*real_keyring.PASSWORD, "Return")
        until("it uses the key", lambda: item.tooltip.startswith("Idle"), 15)
        assert keyring.prompts() == 0
