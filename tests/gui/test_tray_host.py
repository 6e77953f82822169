"""Whether a panel shows tray icons: said once when none does, and once when one comes."""

from pytestqt.qtbot import QtBot

from tests.gui.views import view
from tray_app.ui.tray import TrayIcon
from tray_app.ui.tray_host import TrayHost


def test_without_a_host_that_is_said_once_after_the_grace(qtbot: QtBot) -> None:
    host = TrayHost(grace_ms=10)
    tray = TrayIcon(view(), host=host)
    said: list[str] = []
    tray.host_missing.connect(lambda: said.append("missing"))
    tray.host_appeared.connect(lambda: said.append("appeared"))
    with qtbot.waitSignal(tray.host_missing):
        tray.show()
    host._look()
    host._owner_changed("", "", ":1.7")
    host._owner_changed("", ":1.7", ":1.8")
    assert said == ["missing", "appeared"]
    with qtbot.waitSignal(tray.host_missing):
        host._owner_changed("", ":1.8", "")


def test_a_panel_that_restarts_within_the_grace_is_not_reported(qtbot: QtBot) -> None:
    host = TrayHost(grace_ms=60_000)
    said: list[str] = []
    host.missing.connect(lambda: said.append("missing"))
    host.appeared.connect(lambda: said.append("appeared"))
    host.start()
    host._owner_changed("", ":1.7", "")
    host._owner_changed("", "", ":1.9")
    assert said == []
    assert not host._timer.isActive()
