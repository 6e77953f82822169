"""The tray icon and its menu: texts, signals, a structure that never changes, and how often the panel is told."""

import gc
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QSystemTrayIcon
from pytestqt.qtbot import QtBot

from tests.gui.views import view
from tray_app.core.model import State
from tray_app.core.snooze import SnoozeChoice
from tray_app.core.view import RECENT_ROWS, Entry, PeopleRows, PersonRow, RecentEntry, SnoozeRows
from tray_app.ui import tray as tray_module
from tray_app.ui.tray import TrayIcon
from tray_app.ui.tray_host import Protocol, TrayHost

REPOSITORY = Path(__file__).parents[2]


class SteeredHost(TrayHost):
    """A TrayHost whose facts the test sets; the real bus is left alone."""

    def __init__(self) -> None:
        super().__init__()
        self.now = Protocol.XEMBED

    def start(self) -> None:
        pass

    @property
    def protocol(self) -> Protocol:
        return self.now


class Told(QObject):
    """Counts what reaches QSystemTrayIcon."""

    changed = Signal()

    def __init__(self, tray: TrayIcon) -> None:
        super().__init__()
        assert tray._tray is not None
        self.icons: list[int] = []
        self.tooltips: list[str] = []
        real_icon, real_tooltip = tray._tray.setIcon, tray._tray.setToolTip
        tray._tray.setIcon = lambda icon: (self.icons.append(icon.cacheKey()), real_icon(icon))  # type: ignore[method-assign,assignment,func-returns-value]
        tray._tray.setToolTip = lambda text: (self.tooltips.append(text), real_tooltip(text))  # type: ignore[method-assign,assignment,func-returns-value]


@pytest.fixture
def host(qtbot: QtBot) -> SteeredHost:
    return SteeredHost()


@pytest.fixture
def tray(host: SteeredHost) -> TrayIcon:
    icon = TrayIcon(view(server=7), host=host)
    icon.show()
    return icon


def rows(tray: TrayIcon) -> list[QAction]:
    menu = tray.menu
    return [*menu.menu.actions(), *menu.recent_menu.actions(), *menu.snooze_menu.actions()]


def visible_texts(tray: TrayIcon) -> list[str]:
    return [action.text() for action in tray.menu.menu.actions() if action.isVisible() and not action.isSeparator()]


def test_the_tray_starts_without_qts_large_namespace() -> None:
    """`PySide6.QtCore.Qt` is built when it is first named; that costs as much as all other imports of the tray."""
    code = "import tray_app.ui.tray, PySide6.QtCore; print('Qt' in vars(PySide6.QtCore))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert told.stdout == "False\n"


def test_the_menu_holds_everything_before_it_is_first_shown(qtbot: QtBot, host: SteeredHost) -> None:
    tray = TrayIcon(view(), host=host)
    assert visible_texts(tray) == [
        "Generating, 1 job runs, 3 wait",
        "home, SwarmUI 0.9.8.2",
        "Cancel current",
        "Cancel all (4 jobs)",
        "Open SwarmUI",
        "Recent events",
        "Snooze notifications",
        "Try again now",
        "Settings…",
        "Quit",
    ]
    recent = [action.text() for action in tray.menu.recent_menu.actions() if action.isVisible()]
    assert recent == ["12:01 4 jobs finished", "11:00 Back"]


def test_the_structure_stays_the_same_whatever_is_rendered(tray: TrayIcon) -> None:
    before = [id(row) for row in rows(tray)]
    count = len(rows(tray))
    for state in State:
        many = tuple(RecentEntry(f"{state} {n}", None) for n in range(RECENT_ROWS + 3))
        tray.render(view(state=state, head=Entry(state.value), detail=Entry(""), recent=many))
        tray.render(view(state=state, recent=(), snooze=SnoozeRows(Entry(f"until {state}"), Entry(f"wake {state}"))))
    assert [id(row) for row in rows(tray)] == before
    assert count == 13 + RECENT_ROWS + 1 + len(SnoozeChoice) + 1


def test_a_snooze_is_chosen_and_ended_in_a_submenu_of_its_own(tray: TrayIcon, qtbot: QtBot) -> None:
    menu = tray.menu
    assert [action.text() for action in menu.snooze_menu.actions() if action.isVisible()] == [
        "For 30 minutes",
        "For 1 hour",
        "For 4 hours",
        "Until tomorrow 08:00",
    ]
    for row, choice in zip(menu.snoozes, SnoozeChoice, strict=True):
        with qtbot.waitSignal(menu.snooze_requested) as asked:
            row.trigger()
        assert asked.args == [choice]
    rows = SnoozeRows(Entry("Snooze notifications (until 14:30)"), Entry("Until 14:30: wake up now"))
    tray.render(view(snooze=rows))
    assert menu.snooze_menu.title() == "Snooze notifications (until 14:30)"
    assert menu.wake.isVisible()
    with qtbot.assertNotEmitted(menu.snooze_requested), qtbot.waitSignal(menu.wake_requested):
        menu.wake.trigger()


def test_an_empty_detail_is_hidden_and_comes_back(tray: TrayIcon) -> None:
    tray.render(view(detail=Entry("")))
    assert not tray.menu.rows.detail.isVisible()
    tray.render(view(detail=Entry("home")))
    assert tray.menu.rows.detail.isVisible()
    assert not tray.menu.rows.detail.isEnabled()


def test_without_events_the_submenu_says_so(tray: TrayIcon) -> None:
    tray.render(view(recent=()))
    assert [action.text() for action in tray.menu.recent_menu.actions() if action.isVisible()] == ["Nothing yet"]
    tray.render(view(recent=(RecentEntry("one"),)))
    assert [action.text() for action in tray.menu.recent_menu.actions() if action.isVisible()] == ["one"]


def test_a_disabled_entry_is_disabled_and_says_why(tray: TrayIcon) -> None:
    tray.render(view(cancel_current=Entry("Cancel current: needs ComfyUI", enabled=False)))
    assert tray.menu.rows.cancel_current.text() == "Cancel current: needs ComfyUI"
    assert not tray.menu.rows.cancel_current.isEnabled()
    assert tray.menu.rows.cancel_all.isEnabled()


@pytest.mark.parametrize(
    ("row", "signal"),
    [
        ("cancel_current", "cancel_current_requested"),
        ("cancel_all", "cancel_all_requested"),
        ("open_web", "open_requested"),
        ("retry", "retry_requested"),
        ("settings", "settings_requested"),
        ("quit", "quit_requested"),
    ],
)
def test_a_click_on_a_row_asks_for_just_that(tray: TrayIcon, qtbot: QtBot, row: str, signal: str) -> None:
    asked: list[str] = []
    for name in (
        "cancel_current_requested",
        "cancel_all_requested",
        "open_requested",
        "retry_requested",
        "settings_requested",
        "quit_requested",
    ):
        getattr(tray, name).connect(lambda *_, name=name: asked.append(name))
    with qtbot.waitSignal(getattr(tray, signal)) as told:
        getattr(tray.menu if row in {"settings", "quit"} else tray.menu.rows, row).trigger()
    assert asked == [signal]
    assert told.args == ([] if row in {"settings", "quit"} else [7])


def test_a_click_on_an_event_tells_its_target(tray: TrayIcon, qtbot: QtBot) -> None:
    tray.render(view(recent=(RecentEntry("no target"), RecentEntry("picture", "http://127.0.0.1:7801/View/2.png"))))
    assert not tray.menu.recent[0].isEnabled()
    with qtbot.waitSignal(tray.recent_clicked) as told:
        tray.menu.recent[1].trigger()
    assert told.args == ["http://127.0.0.1:7801/View/2.png"]


def test_the_menu_tells_that_it_opens(tray: TrayIcon, qtbot: QtBot) -> None:
    with qtbot.waitSignal(tray.menu_opened):
        tray.menu.menu.aboutToShow.emit()


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (QSystemTrayIcon.ActivationReason.Trigger, ["window"]),
        (QSystemTrayIcon.ActivationReason.MiddleClick, ["middle"]),
        (QSystemTrayIcon.ActivationReason.DoubleClick, []),
        (QSystemTrayIcon.ActivationReason.Context, []),
    ],
)
def test_each_kind_of_click_on_the_icon(
    tray: TrayIcon, reason: QSystemTrayIcon.ActivationReason, told: list[str]
) -> None:
    heard: list[str] = []
    tray.window_requested.connect(lambda: heard.append("window"))
    tray.middle_clicked.connect(lambda: heard.append("middle"))
    assert tray._tray is not None
    tray._tray.activated.emit(reason)
    assert heard == told


def test_rows_drawn_by_qt_and_by_a_panel_are_escaped_for_each(tray: TrayIcon, host: SteeredHost) -> None:
    tray.render(view(head=Entry("R&D sd_xl"), recent=(RecentEntry("a_b", "x:"),)))
    assert tray.menu.rows.head.text() == "R&&D sd_xl"
    host.now = Protocol.STATUS_NOTIFIER
    host.watcher_appeared.emit()
    tray._remake()
    assert tray.menu.rows.head.text() == "&R&D sd__xl"
    assert tray.menu.recent[0].text() == "a__b"
    tray.render(view(head=Entry("sd_xl")))
    assert tray.menu.rows.head.text() == "sd__xl"


def test_servers_that_come_and_go_leave_nothing_behind(tray: TrayIcon, qtbot: QtBot) -> None:
    people = PeopleRows(Entry("Other people"), (PersonRow("ann", Entry("ann: 1 job", enabled=False)),))

    def known() -> int:
        gc.collect()
        return sum(isinstance(each, QAction | QMenu) for each in gc.get_objects())

    before = known()
    for number in range(10, 40, 3):
        each = tuple(view(server=number + place, people=people) for place in range(3))
        tray.render(view(servers=each))
        assert len(tray.menu.servers) == 3
        tray.render(view(server=7))
        assert not tray.menu.servers
    qtbot.waitUntil(lambda: known() <= before)


def test_nothing_is_told_when_nothing_differs(tray: TrayIcon) -> None:
    told = Told(tray)
    tray.render(view())
    tray.render(replace(view(), lines=("other facts",)))
    assert (told.icons, told.tooltips) == ([], [])
    assert not tray._later.isActive()


def test_quick_changes_are_told_once_a_second_and_the_last_one_wins(
    tray: TrayIcon, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tray_module, "QUIET_MS", 200)
    qtbot.waitUntil(lambda: tray._since.elapsed() >= 200)
    told = Told(tray)
    tray.render(view(badge="4", tooltip="first"))
    assert told.tooltips == ["first"]
    for number in range(50):
        tray.render(view(badge="5", tooltip=f"{number}"))
    assert told.tooltips == ["first"]
    qtbot.waitUntil(lambda: len(told.tooltips) == 2)
    assert told.tooltips == ["first", "49"]
    assert len(told.icons) == 2
    assert not tray._later.isActive()


def test_a_change_that_is_taken_back_in_time_is_never_told(tray: TrayIcon) -> None:
    told = Told(tray)
    tray.render(view(tooltip="short"))
    assert tray._later.isActive()
    tray.render(view())
    assert not tray._later.isActive()
    assert told.tooltips == []


def test_only_what_differs_of_icon_and_tooltip_is_told(tray: TrayIcon) -> None:
    told = Told(tray)
    tray._since.invalidate()
    tray.render(view(tooltip="other"))
    assert (told.icons, told.tooltips) == ([], ["other"])
    tray._since.invalidate()
    tray.render(view(tooltip="other", badge="9+"))
    assert (len(told.icons), told.tooltips) == (1, ["other"])


def test_a_late_watcher_gets_a_new_icon_and_a_known_one_does_not(tray: TrayIcon, host: SteeredHost) -> None:
    first = tray._tray
    tray._remake()
    assert tray._tray is first
    host.now = Protocol.STATUS_NOTIFIER
    tray._remake()
    second = tray._tray
    assert second is not None
    assert second is not first
    assert second.toolTip() == view().tooltip
    assert second.contextMenu() is tray.menu.menu
    tray._remake()
    assert tray._tray is second


def test_what_was_rendered_while_no_host_was_there_is_shown_when_one_comes(tray: TrayIcon, host: SteeredHost) -> None:
    tray.render(view(tooltip="newest", head=Entry("newest")))
    host.now = Protocol.STATUS_NOTIFIER
    tray._remake()
    assert tray._tray is not None
    assert tray._tray.toolTip() == "newest"


def test_many_changes_leave_the_number_of_objects_flat(tray: TrayIcon) -> None:
    def objects() -> int:
        return len(tray.findChildren(QObject)) + len(tray.menu.menu.findChildren(QObject))

    before = objects()
    for number in range(2000):
        tray._since.invalidate()
        tray.render(view(badge=str(number % 9 + 1), tooltip=str(number), head=Entry(str(number))))
    assert objects() == before
