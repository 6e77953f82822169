"""The computer's sleep, as a process on a system bus with a logind hears of it."""

import sys

import pytest
from dbus_fast import Variant

from tests.desktop.rig.desktop import ROOT, Desktop
from tests.desktop.rig.logind import LOGIN1, Logind
from tests.desktop.rig.process import Process
from tests.desktop.rig.waiting import until

# Says what it hears; a line on the session's own bus is none of its business.
LISTENER = """
from PySide6.QtCore import QCoreApplication
from tray_app.ui.sleep import SleepSignals
application = QCoreApplication([])
signals = SleepSignals()
signals.falling_asleep.connect(lambda: print("asleep", flush=True))
signals.woke.connect(lambda: print("woke", flush=True))
print("listens" if signals.start() else "no bus", flush=True)
application.exec()
"""


@pytest.fixture
def sleeping_desktop(bare_desktop: Desktop) -> tuple[Desktop, Logind]:
    return bare_desktop, Logind(bare_desktop)


def listen(desktop: Desktop, expected: str) -> Process:
    process = Process([sys.executable, "-c", LISTENER], desktop.env, desktop.logs / "listener.log", cwd=ROOT)
    desktop.ending.callback(process.end)
    until("the listener is ready", lambda: expected in process.output)
    return process


def test_sleep_and_waking_are_told_once_each(sleeping_desktop: tuple[Desktop, Logind]) -> None:
    desktop, logind = sleeping_desktop
    process = listen(desktop, "listens")
    for _ in range(2):
        logind.fall_asleep()
        logind.fall_asleep()
        logind.wake_up()
        logind.wake_up()
    until("it woke twice", lambda: process.output.count("woke") >= 2)
    assert process.output.split() == ["listens", "asleep", "woke", "asleep", "woke"]


def test_nobody_but_logind_is_believed(sleeping_desktop: tuple[Desktop, Logind]) -> None:
    desktop, logind = sleeping_desktop
    process = listen(desktop, "listens")
    stranger = desktop.system_bus.connect()
    for going in (True, False):
        stranger.emit("/org/freedesktop/login1", f"{LOGIN1}.Manager", "PrepareForSleep", "b", going)
    stranger.call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetId")  # all is sent
    logind.fall_asleep()
    logind.wake_up()
    until("it woke", lambda: "woke" in process.output)
    assert process.output.split() == ["listens", "asleep", "woke"]


def test_a_logind_that_comes_later_is_heard(bare_desktop: Desktop) -> None:
    bare_desktop.start_system_bus()
    process = listen(bare_desktop, "listens")
    bare_desktop.start("/usr/bin/python3", "-m", "dbusmock", "--system", "--template", "logind")
    bare_desktop.system_bus.wait_for_owner(LOGIN1)
    client = bare_desktop.system_bus.client
    for going in (True, False):
        call = ("org.freedesktop.DBus.Mock", "EmitSignal", "sssav", f"{LOGIN1}.Manager", "PrepareForSleep", "b")
        client.call(LOGIN1, "/org/freedesktop/login1", *call, [Variant("b", going)])
    until("it woke", lambda: "woke" in process.output)


def test_without_a_system_bus_it_is_silent(bare_desktop: Desktop) -> None:
    process = listen(bare_desktop, "no bus")
    assert process.alive
    assert process.output == "no bus\n"
