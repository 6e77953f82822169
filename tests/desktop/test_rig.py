"""The rig itself, held to the bare PySide6 tray: what these tests say of a tray is what a panel would see."""

import signal
import sys
import time

import pytest

from tests.desktop.rig import keyring as real_keyring
from tests.desktop.rig.bus import BusError
from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.dunst import Dunst
from tests.desktop.rig.keyring import Keyring
from tests.desktop.rig.logind import Logind
from tests.desktop.rig.notification_double import Manner, NotificationDouble
from tests.desktop.rig.notifyd import start_xfce4_notifyd
from tests.desktop.rig.panels import Theme, XfcePanel, start_trayer
from tests.desktop.rig.process import Process
from tests.desktop.rig.program import BARE_TRAY, TrayProcess
from tests.desktop.rig.secret_double import Mode, SecretServiceDouble
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.tray_item import registered
from tests.desktop.rig.waiting import Journal, until
from tests.desktop.rig.wayland import start_weston

RED, GREEN = "#c62828", "#2e7d32"


def bare(desktop: Desktop, env: dict[str, str] | None = None) -> TrayProcess:
    """Start the bare tray."""
    return TrayProcess(desktop, program=BARE_TRAY, env=env)


def test_the_host_double_reads_icon_tooltip_and_menu(desktop: Desktop, host: TrayHostDouble) -> None:
    bare(desktop)
    item = host.wait_for_item()
    assert item.tooltip == "bare"
    assert item.get("Id") == "bare-tray"
    assert item.icons()[22].pixelColor(11, 11).name() == RED
    assert item.menu.texts() == ["Say so", "Turn green", "Quit"]


def test_the_host_double_clicks_and_sees_the_icon_change(desktop: Desktop, host: TrayHostDouble) -> None:
    bare(desktop)
    item = host.wait_for_item()
    start = len(host.signals)
    item.menu.click("Turn green")
    host.signals.wait("a new icon", lambda signal: signal.name == "NewIcon", start=start)
    assert item.icons()[22].pixelColor(11, 11).name() == GREEN


def test_the_host_double_vanishes_and_returns(desktop: Desktop, host: TrayHostDouble) -> None:
    bare(desktop)
    host.wait_for_item()
    host.vanish()
    host.appear()
    assert host.wait_for_item(start=1).menu.texts()[-1] == "Quit"


def test_the_host_double_forgets_a_tray_that_quits(desktop: Desktop, host: TrayHostDouble) -> None:
    tray = bare(desktop)
    host.wait_for_item().menu.click("Quit")
    assert tray.wait(3) == 0
    until("the item is gone", lambda: not host.items())


def test_a_process_that_ignores_sigterm_is_gone_all_the_same(desktop: Desktop) -> None:
    code = "import signal, subprocess; signal.signal(15, signal.SIG_IGN); subprocess.run(['sleep', '1000'])"
    process = Process([sys.executable, "-c", code], desktop.env, desktop.logs / "deaf.log")
    until("both run", lambda: len(process.session()) == 2)
    started = time.monotonic()
    process.end(seconds=0.5)
    assert process.session() == []
    assert time.monotonic() - started < 3


@pytest.mark.parametrize("theme", Theme)
def test_a_real_panel_shows_the_icon_and_its_menu(screen: Desktop, theme: Theme) -> None:
    panel = XfcePanel(screen, theme)
    bare(screen)
    x, y = panel.icon_spot()
    assert screen.display.picture(x, y, 1, 1).pixelColor(0, 0).name() == RED
    assert panel.picture().pixelColor(4, 18).name() == panel.background
    before = {window.id for window in screen.display.windows()}
    screen.display.click(x, y, button=3)
    until("a menu opens", lambda: [each for each in screen.display.windows() if each.id not in before])
    screen.display.key("Up", "Up", "Return")  # from below: Quit, Turn green
    until("the icon is green", lambda: screen.display.picture(x, y, 1, 1).pixelColor(0, 0).name() == GREEN)


def test_a_real_panel_that_was_killed_is_found_again(screen: Desktop) -> None:
    panel = XfcePanel(screen)
    bare(screen)
    until("the icon registers", lambda: registered(screen.bus.client))
    panel.process.send(signal.SIGKILL)
    screen.bus.wait_for_no_owner("org.kde.StatusNotifierWatcher")
    panel.process.end()
    panel.start()
    until("the icon registers again", lambda: registered(screen.bus.client))


def test_trayer_swallows_an_icon_where_nothing_else_does(screen: Desktop) -> None:
    trayer = start_trayer(screen)
    bare(screen)
    screen.display.wait_for_window(wm_class="trayer")

    def red() -> bool:
        window = screen.display.wait_for_window(wm_class="trayer")
        image = screen.display.picture(window.x, window.y, window.width, window.height)
        return any(image.pixelColor(x, image.height() // 2).name() == RED for x in range(image.width()))

    until("the icon is drawn by trayer", red)
    assert trayer.alive


def test_dunst_shows_and_remembers_a_message(desktop: Desktop, host: TrayHostDouble, dunst: Dunst) -> None:
    bare(desktop)
    host.wait_for_item().menu.click("Say so")
    dunst.wait_until_shown()
    (shown,) = dunst.close_all()
    assert (shown.summary, shown.body) == ("A message", "from the bare tray")


def test_xfce4_notifyd_draws_a_message(screen: Desktop) -> None:
    start_xfce4_notifyd(screen)
    host = TrayHostDouble(screen.bus)
    host.appear()
    bare(screen)
    host.wait_for_item().menu.click("Say so")
    screen.display.wait_for_window(wm_class="otifyd")


def test_the_notification_double_records_and_hangs(desktop: Desktop, host: TrayHostDouble) -> None:
    daemon = NotificationDouble(desktop.bus)
    bare(desktop)
    item = host.wait_for_item()
    item.menu.click("Say so")
    assert daemon.calls.wait("a notification").summary == "A message"
    daemon.manner = Manner.HANGS
    with pytest.raises(TimeoutError):
        desktop.bus.client.call(
            "org.freedesktop.Notifications",
            "/org/freedesktop/Notifications",
            "org.freedesktop.Notifications",
            "GetCapabilities",
            seconds=0.3,
        )
    daemon.manner = Manner.REFUSES
    with pytest.raises(BusError, match="not today"):
        desktop.bus.client.call(
            "org.freedesktop.Notifications",
            "/org/freedesktop/Notifications",
            "org.freedesktop.Notifications",
            "GetCapabilities",
        )


def read_secret(desktop: Desktop, name: str) -> Process:
    """Another program that asks for a secret and prints it."""
    code = "import keyring; print('got', keyring.get_password('a service', 'an account'))"
    return Process([sys.executable, "-c", code], desktop.env, desktop.logs / f"{name}.log")


def test_a_real_keyring_keeps_a_secret_and_asks_when_locked(screen: Desktop) -> None:
    keyring = Keyring(screen)
    real_keyring.store(screen, "a service", "an account", "k-ünï")
    open_reader = read_secret(screen, "open")
    assert open_reader.wait(15) == 0
    assert "got k-ünï" in open_reader.output
    keyring.start_prompter()
    keyring.lock()
    locked_reader = read_secret(screen, "locked")
    keyring.answer(*real_keyring.PASSWORD, "Return")
    assert locked_reader.wait(15) == 0
    assert "got k-ünï" in locked_reader.output
    assert keyring.files()


@pytest.mark.parametrize(("mode", "ends"), [(Mode.DISMISSED, True), (Mode.LOCKED, False), (Mode.SILENT, False)])
def test_the_secret_double_is_dismissed_locked_or_silent(desktop: Desktop, mode: Mode, *, ends: bool) -> None:
    double = SecretServiceDouble(desktop.bus, mode)
    reader = read_secret(desktop, "reader")
    try:
        if ends:
            assert reader.wait(15) != 0
            assert "KeyringLocked" in reader.output
        else:
            double.calls.wait("the service is asked", lambda call: call == "Prompt" or mode is Mode.SILENT)
            assert reader.alive
    finally:
        reader.end()
    assert double.prompts == (0 if mode is Mode.SILENT else 1)


def test_logind_announces_sleep(desktop: Desktop) -> None:
    logind = Logind(desktop)
    heard: Journal[bool] = Journal()
    listener = desktop.system_bus.connect()
    listener.listen(
        lambda message: heard.add(message.body[0]) if message.member == "PrepareForSleep" else None,
        "type='signal',interface='org.freedesktop.login1.Manager'",
    )
    logind.fall_asleep()
    logind.wake_up()
    heard.wait("the wake-up", lambda going: not going)
    assert heard.since(0) == [True, False]


def test_a_wayland_session_has_a_tray(bare_desktop: Desktop) -> None:
    start_weston(bare_desktop)
    host = TrayHostDouble(bare_desktop.bus)
    host.appear()
    tray = bare(bare_desktop, {"QT_QPA_PLATFORM": "wayland"})
    host.wait_for_item().menu.click("Quit")
    assert tray.wait(3) == 0
