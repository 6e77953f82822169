"""Notifications from event to daemon and back: silence, what is missed, and whose server a button acts on."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from tests.gui.notification_daemon import ALL, Daemon
from tests.gui.views import view
from tests.private_desktop import Desktop
from tray_app.adapters.activity_log import ActivityLog
from tray_app.adapters.logs import Redactor
from tray_app.adapters.settings.file import SettingsFile
from tray_app.adapters.state_file import StateFile
from tray_app.app.notifications import Notifications
from tray_app.app.servers import WatchedServer
from tray_app.app.surroundings import Surroundings, Target
from tray_app.core.address import parse_address
from tray_app.core.events import Event, EventKind
from tray_app.core.model import Abilities, Jobs, Output, State
from tray_app.core.settings import Notify, Settings
from tray_app.core.snooze import Moment, SnoozeChoice
from tray_app.ui.bridge import Bridge
from tray_app.ui.tray import TrayIcon

EVENING = datetime(2026, 3, 2, 21, 0)  # noqa: DTZ001 - a Monday, local wall time


class Stage(QObject):
    """Two servers that nobody watches, a clock that stands still, and everything that `Notifications` asks for."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        super().__init__()
        self.moment = Moment(1_000_000.0, EVENING)
        targets = tuple(
            Target(name, parse_address(f"http://127.0.0.1:{port}"), lambda: None)
            for name, port in (("home", 7801), ("studio", 7802))
        )
        self.log = ActivityLog(folder / "activity.jsonl")
        self.state_file = StateFile(folder / "state.json")
        self.surroundings = Surroundings(
            targets=targets,
            targets_of=lambda _: targets,
            settings=settings,
            settings_file=SettingsFile(folder / "settings.toml"),
            state_file=self.state_file,
            request_timeout=1.0,
            redactor=Redactor(),
            activity_log=self.log,
        )
        self.bridge = Bridge()
        self.bridge.answered.connect(self._call)
        self.servers = [
            WatchedServer(number, each, self.surroundings, settings, self.bridge)
            for number, each in enumerate(targets, 1)
        ]
        for each in self.servers:
            status = replace(
                each.state.status,
                state=State.GENERATING,
                jobs=Jobs(total=3),
                can=Abilities(True, True, open_folder=True),
            )
            each.state = replace(each.state, status=status)
        self.asked: list[tuple[str, Any]] = []
        self.icon = TrayIcon(view())
        self.notifications = self.begin()

    def begin(self) -> Notifications:
        """Start them, as a start of the program does."""
        made = Notifications(self.surroundings, self.bridge, self, clock=lambda: self.moment)
        made.use(self.icon)
        made.cancel_requested.connect(lambda server: self.asked.append(("cancel", server.target.name)))
        made.folder_requested.connect(lambda server, event: self.asked.append((server.target.name, event.output.path)))
        made.open_requested.connect(lambda address: self.asked.append(("open", address)))
        return made

    def _call(self, function: Callable[[], None]) -> None:
        function()

    def later(self, **time: float) -> None:
        """Let time pass, and have it looked at."""
        passed = timedelta(**time)
        self.moment = Moment(self.moment.unix + passed.total_seconds(), self.moment.local + passed)
        self.notifications._look()

    def tell(self, server: int = 0, kind: EventKind = EventKind.RETURNED, text: str = "", **facts: Any) -> Event:
        """Something happens on a server; the watcher notes it in the log first."""
        name = self.servers[server].target.name
        event = Event(kind, name, float(len(list(self.log.entries()))), text=text, **facts)
        self.log.add(event)
        self.notifications.tell(self.servers[server], event)
        return event

    def marked(self) -> list[bool]:
        """Which entries of the log are marked as missed."""
        return [entry["missed"] for entry in self.log.entries()]


@pytest.fixture
def settings() -> Settings:
    return Settings()


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desktop]:
    """A private bus with nothing on it."""
    parts = Desktop(tmp_path, monkeypatch)
    yield parts
    parts.end()


@pytest.fixture
def daemon(desktop: Desktop) -> Iterator[Daemon]:
    double = Daemon(ALL)
    yield double
    if double._thread.is_alive():
        double.leave()


@pytest.fixture
def stage(qapp: object, desktop: Desktop, tmp_path: Path, settings: Settings) -> Iterator[Stage]:
    made = Stage(tmp_path, settings)
    yield made
    made.notifications.shut_down()


def shown(daemon: Daemon) -> list[tuple[str, str]]:
    """Title and body of all that was shown."""
    return [(body[3], body[4]) for body in daemon.bodies("Notify")]


def wait_for(qtbot: QtBot, daemon: Daemon, number: int) -> None:
    qtbot.waitUntil(lambda: len(daemon.bodies("Notify")) == number)


class TestButtons:
    """A button acts on what its own notification was about."""

    def test_each_acts_on_its_own_server(self, qtbot: QtBot, daemon: Daemon, stage: Stage) -> None:
        stage.tell(0, text="one")
        stage.tell(1, text="two")
        wait_for(qtbot, daemon, 2)
        # The double numbers them from 7 in the order of their coming; both must have been answered.
        qtbot.waitUntil(lambda: all(told[-1].shown for told in stage.notifications._told.values()))
        daemon.emit("ActionInvoked", "us", 8, "cancel")
        daemon.emit("ActionInvoked", "us", 7, "view")
        daemon.emit("ActionInvoked", "us", 99, "cancel")  # nobody's
        daemon.emit("ActionInvoked", "us", 7, "cancel")  # that one was closed by its first button
        qtbot.waitUntil(lambda: len(stage.asked) == 2)
        assert stage.asked == [("cancel", "studio"), ("open", "http://127.0.0.1:7801")]

    def test_image_and_folder_lead_to_the_output(self, qtbot: QtBot, daemon: Daemon, stage: Stage) -> None:
        output = Output("raw/1.png", "View/local/raw/1.png")
        for number, (button, asked) in enumerate(
            [("image", ("open", "http://127.0.0.1:7802/View/local/raw/1.png")), ("folder", ("studio", "raw/1.png"))]
        ):
            stage.tell(1, EventKind.FINISHED, seconds=60.0, output=output)
            wait_for(qtbot, daemon, number + 1)
            qtbot.waitUntil(lambda: stage.notifications._told["studio/work"][-1].shown)
            daemon.emit("ActionInvoked", "us", 7 + number, button)
            qtbot.waitUntil(lambda: len(stage.asked) == number + 1)  # noqa: B023 - waited for at once
            assert stage.asked[-1] == asked
        labels = daemon.bodies("Notify")[0][5]
        assert labels[::2] == ["default", "image", "folder", "cancel", "snooze"]

    def test_a_notification_shown_by_an_older_server_of_that_name_acts_on_the_older(
        self, qtbot: QtBot, daemon: Daemon, stage: Stage
    ) -> None:
        stage.tell(0, text="old")
        wait_for(qtbot, daemon, 1)
        qtbot.waitUntil(lambda: stage.notifications._told["home/work"][-1].shown)
        old = stage.servers[0]
        other = WatchedServer(9, old.target, stage.surroundings, Settings(), stage.bridge)
        other.state = old.state
        stage.servers[0] = other
        asked: list[object] = []
        stage.notifications.cancel_requested.connect(asked.append)
        daemon.deaf = True
        stage.tell(0, text="new")
        wait_for(qtbot, daemon, 2)
        daemon.emit("ActionInvoked", "us", 7, "cancel")  # the screen still shows the old one
        qtbot.waitUntil(lambda: asked == [old])
        daemon.answer_late()

    def test_snooze_is_for_an_hour(self, qtbot: QtBot, daemon: Daemon, stage: Stage) -> None:
        stage.tell()
        wait_for(qtbot, daemon, 1)
        qtbot.waitUntil(lambda: stage.notifications._told["home/work"][-1].shown)
        daemon.emit("ActionInvoked", "us", 7, "snooze")
        qtbot.waitUntil(lambda: stage.notifications.rows.wake.text == "Until 22:00: wake up now")
        stage.tell()
        stage.later(minutes=61)
        stage.tell()
        wait_for(qtbot, daemon, 2)


class TestSnooze:
    """From the menu, across restarts, and back."""

    def test_it_survives_a_restart_and_ends_by_itself(self, qtbot: QtBot, daemon: Daemon, stage: Stage) -> None:
        stage.icon.menu.snoozes[2].trigger()
        qtbot.waitUntil(lambda: stage.state_file.snooze() is not None)
        stage.notifications.shut_down()
        stage.notifications = stage.begin()
        assert stage.notifications.rows.title.text == "Snooze notifications (until tomorrow 01:00)"
        stage.tell(text="held back")
        stage.later(hours=4)
        qtbot.waitUntil(lambda: stage.state_file.snooze() is None)
        stage.tell(text="shown")
        wait_for(qtbot, daemon, 1)
        assert shown(daemon)[0][1] == "shown"
        qtbot.waitUntil(lambda: stage.marked() == [True, False])

    def test_waking_up_ends_it_at_once(self, qtbot: QtBot, daemon: Daemon, stage: Stage) -> None:
        stage.notifications.snooze(SnoozeChoice.TOMORROW)
        stage.icon.menu.wake.trigger()
        assert stage.notifications.rows.wake.text == ""
        stage.tell()
        wait_for(qtbot, daemon, 1)
        qtbot.waitUntil(lambda: stage.state_file.snooze() is None)

    @pytest.mark.parametrize("settings", [Settings(notify=Notify(trouble_breaks_through=True))])
    def test_trouble_breaks_through_by_choice(self, qtbot: QtBot, daemon: Daemon, stage: Stage) -> None:
        stage.notifications.snooze(SnoozeChoice.HOUR)
        stage.tell()
        stage.tell(kind=EventKind.FAILED, text="no memory")
        wait_for(qtbot, daemon, 1)
        assert shown(daemon)[0][0] == "A job failed (home)"


@pytest.mark.parametrize("settings", [Settings(notify=Notify(quiet_hours="22:00-07:00"))])
def test_quiet_hours_end_with_one_summary(qtbot: QtBot, daemon: Daemon, stage: Stage) -> None:
    stage.later(hours=2)
    for _ in range(3):
        stage.tell(kind=EventKind.FINISHED, seconds=60.0)
    stage.tell(1, EventKind.FAILED, text="no memory", jobs=1)
    stage.later(hours=7)
    assert shown(daemon) == []
    stage.later(hours=1)
    stage.later(hours=1)
    wait_for(qtbot, daemon, 1)
    assert shown(daemon) == [
        ("The quiet hours are over", "While it was quiet: 3 pieces of work finished, 1 job failed.")
    ]
    assert len(stage.notifications.missed) == 4
    qtbot.waitUntil(lambda: stage.marked() == [True] * 4)


@pytest.mark.parametrize("settings", [Settings(notify=Notify(quiet_hours="22:00-07:00"))])
def test_the_summary_comes_at_the_start_after_quiet_hours_in_which_the_tray_was_ended(
    qtbot: QtBot, daemon: Daemon, stage: Stage
) -> None:
    stage.later(hours=2)
    for number in (1, 2):
        stage.tell(kind=EventKind.FINISHED, seconds=60.0)
        qtbot.waitUntil(lambda number=number: stage.state_file.held() == {"finished": number})  # type: ignore[misc]
    stage.notifications.shut_down()
    stage.moment = Moment(stage.moment.unix + 36_000, stage.moment.local + timedelta(hours=10))
    stage.notifications = stage.begin()
    wait_for(qtbot, daemon, 1)
    assert shown(daemon)[0][1] == "While it was quiet: 2 pieces of work finished."
    qtbot.waitUntil(lambda: stage.state_file.held() == {})


def test_without_a_daemon_everything_is_missed_and_the_menu_says_so_once(qtbot: QtBot, stage: Stage) -> None:
    events = [stage.tell(text=str(number), picture=b"large") for number in range(3)]
    events.append(stage.tell(1))
    qtbot.waitUntil(lambda: stage.notifications.unseen == 4)
    assert set(stage.notifications.missed) == {replace(each, picture=None) for each in events}
    stage.icon.menu.opened.emit()
    assert stage.notifications.unseen == 4  # it is read now
    stage.tell()
    qtbot.waitUntil(lambda: stage.notifications.unseen == 5)
    stage.icon.menu.closed.emit()
    assert stage.notifications.unseen == 1
    stage.icon.menu.opened.emit()
    stage.icon.menu.opened.emit()  # a panel that does not tell when it closes
    assert stage.notifications.unseen == 0
    qtbot.waitUntil(lambda: stage.marked() == [True] * 5)


def test_what_was_shown_is_not_missed_when_the_daemon_goes_later(qtbot: QtBot, daemon: Daemon, stage: Stage) -> None:
    stage.tell(text="seen")
    wait_for(qtbot, daemon, 1)
    qtbot.waitUntil(lambda: stage.notifications._told["home/work"][-1].shown)
    daemon.leave()
    missed = stage.tell(text="missed")
    qtbot.waitUntil(lambda: list(stage.notifications.missed) == [missed])


def test_settings_hold_at_once(qtbot: QtBot, daemon: Daemon, stage: Stage) -> None:
    stage.notifications.apply(Settings(notify=Notify(cancel=False)))
    stage.tell()
    stage.notifications.apply(Settings(notify=Notify(quiet_hours="20:00-22:00")))
    stage.tell()
    stage.notifications.apply(Settings())
    wait_for(qtbot, daemon, 1)
    assert shown(daemon)[0][1] == "While it was quiet: new work came in after a cancel once."
    assert len(stage.notifications.missed) == 1
