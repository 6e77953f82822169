"""The keyring never holds up the tray: whatever it does, the icon is there, and the reason is told."""

import time

import pytest

from tests.desktop.rig import keyring as real_keyring
from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.keyring import Keyring
from tests.desktop.rig.program import TrayProcess, configure, run_command
from tests.desktop.rig.secret_double import Mode, SecretServiceDouble
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.waiting import until
from tray_app.simulator.server import SimulatedSwarmUI


@pytest.fixture
def closed_server() -> SimulatedSwarmUI:
    """A server that wants an account's key."""
    return SimulatedSwarmUI(accounts=True)


@pytest.mark.parametrize("mode", Mode)
def test_the_icon_is_there_within_two_seconds_whatever_the_keyring_does(
    desktop: Desktop, host: TrayHostDouble, closed_server: SimulatedSwarmUI, mode: Mode
) -> None:
    double = SecretServiceDouble(desktop.bus, mode)
    with closed_server:
        configure(desktop, closed_server.url)
        started = time.monotonic()
        TrayProcess(desktop)
        item = host.wait_for_item()
        assert time.monotonic() - started < 2
        assert item.menu.texts()
        until("it goes on without the key", lambda: closed_server.requests, 15)
        until("the refusal is shown", lambda: not item.tooltip.startswith("Connecting"), 15)
    assert double.prompts <= 1


def test_a_key_in_an_unlocked_keyring_is_used(
    desktop: Desktop, host: TrayHostDouble, closed_server: SimulatedSwarmUI
) -> None:
    Keyring(desktop)
    with closed_server:
        token = closed_server.add_user("ann", "owner")
        configure(desktop, closed_server.url)
        stored = run_command(desktop, "key", "set", feed=f"{token}\n")
        assert stored.returncode == 0, stored.stderr
        TrayProcess(desktop)
        item = host.wait_for_item()
        until("it says idle", lambda: item.tooltip.startswith("Idle"))


def test_a_locked_keyring_prompts_once_and_the_late_answer_is_used(
    screen: Desktop, closed_server: SimulatedSwarmUI
) -> None:
    host = TrayHostDouble(screen.bus)
    host.appear()
    keyring = Keyring(screen)
    with closed_server:
        token = closed_server.add_user("ann", "owner")
        configure(screen, closed_server.url)
        assert run_command(screen, "key", "set", feed=f"{token}\n").returncode == 0
        keyring.start_prompter()
        keyring.lock()
        TrayProcess(screen)
        item = host.wait_for_item(2)
        until("a password prompt is on the screen", keyring.prompts)
        until("it went on without the key", lambda: not item.tooltip.startswith("Connecting"), 15)
        assert keyring.prompts() == 1
        keyring.answer(*real_keyring.PASSWORD, "Return")
        until("it uses the key", lambda: item.tooltip.startswith("Idle"), 15)
