"""Notifications: real dunst and xfce4-notifyd on a private bus, and a double for what these cannot be told to do."""

import json
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QBuffer, QByteArray, QCoreApplication, QElapsedTimer, QTimer
from PySide6.QtGui import QColor, QImage, QImageWriter
from pytestqt.qtbot import QtBot

from tests.gui.notification_daemon import ALL, NAME, Daemon
from tests.private_desktop import Desktop, until
from tray_app.core.view import Notice, Urgency
from tray_app.ui import notify_picture
from tray_app.ui.notifier import Notifier
from tray_app.ui.notify_text import BODY_LENGTH, TITLE_LENGTH, body_text, title_text

pytestmark = pytest.mark.punctual

PROMPT = 'a cat <lora:x:0.8> & <b>bold</b> ]]> <a href="http://x">link</a> &amp; é 🐈'
ESCAPED = PROMPT.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def picture(width: int = 40, height: int = 30, kind: bytes = b"PNG") -> bytes:
    """An encoded picture in one colour."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(255, 128, 0))
    return encoded(image, kind)


def encoded(image: QImage, kind: bytes = b"PNG") -> bytes:
    """An image as the bytes of a file."""
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    assert QImageWriter(buffer, QByteArray(kind)).write(image)
    return bytes(buffer.data().data())


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desktop]:
    """A private bus with nothing on it yet."""
    parts = Desktop(tmp_path, monkeypatch)
    yield parts
    parts.end()


@pytest.fixture
def daemons(desktop: Desktop) -> Iterator[Callable[..., Daemon]]:
    """Starts doubles, which leave with the test."""
    started: list[Daemon] = []

    def start(*capabilities: str, first: int = 7) -> Daemon:
        started.append(Daemon(list(capabilities), first))
        return started[-1]

    yield start
    for daemon in started:
        if daemon._thread.is_alive():
            daemon.leave()


class Seen:
    """A notifier and everything that it reported."""

    def __init__(self, *, shows: bool | None = None, seconds: float = 5.0) -> None:
        self.fallback: list[Notice] = []
        self.undeliverable: list[Notice] = []
        self.clicked: list[str] = []
        self.buttons: list[tuple[str, str]] = []
        self.notifier = Notifier(None if shows is None else self._show, seconds=seconds)
        self._shows = bool(shows)
        self.notifier.undeliverable.connect(self.undeliverable.append)
        self.notifier.clicked.connect(self.clicked.append)
        self.notifier.button.connect(lambda notice, button: self.buttons.append((notice.subject, button)))

    def _show(self, notice: Notice) -> bool:
        self.fallback.append(notice)
        return self._shows


@pytest.fixture
def seen(qapp: object) -> Iterator[Seen]:
    """A notifier without a fallback."""
    watched = Seen()
    yield watched
    watched.notifier.shut_down()


def notice(subject: str = "work", body: str = PROMPT, **more: Any) -> Notice:
    """A notice with a prompt for a title and a body."""
    return Notice(subject, PROMPT, body, **more)


class TestText:
    """Texts before they reach any daemon."""

    def test_a_body_is_escaped_only_for_a_daemon_that_reads_markup(self) -> None:
        assert body_text(PROMPT, markup=True) == ESCAPED
        assert body_text(PROMPT, markup=False) == PROMPT

    def test_control_characters_and_overrides_of_direction_become_blanks(self) -> None:
        assert body_text("a\x00b\x1bc\ud800d\u202ee\r\nf", markup=False) == "a b c d e\nf"
        assert title_text(" a\tb\n\x07c ") == "a b c"

    def test_a_long_text_is_cut_before_it_is_escaped(self) -> None:
        assert body_text("<" * 5000, markup=True) == "&lt;" * (BODY_LENGTH - 1) + "…"
        assert title_text("x" * 5000) == "x" * (TITLE_LENGTH - 1) + "…"

    def test_joined_emoji_stay_joined(self) -> None:
        assert title_text("👩‍🎨") == "👩‍🎨"


class TestPicture:
    """Pictures for the hint `image-data`."""

    @pytest.mark.parametrize("kind", [b"PNG", b"JPEG", b"WEBP"])
    def test_the_pixels_have_the_exact_length_that_daemons_check(self, qapp: object, kind: bytes) -> None:
        data = notify_picture.image_data(picture(37, 21, kind))
        assert data is not None
        width, height, row, alpha, bits, channels, pixels = data
        assert (width, height, alpha, bits, channels) == (37, 21, False, 8, 3)
        assert len(pixels) == (height - 1) * row + width * channels

    def test_a_large_picture_is_made_small_and_keeps_its_shape(self, qapp: object) -> None:
        data = notify_picture.image_data(picture(1000, 500))
        assert data is not None
        assert data[:2] == (256, 128)

    def test_transparency_is_kept(self, qapp: object) -> None:
        image = QImage(5, 5, QImage.Format.Format_ARGB32)
        image.fill(QColor(1, 2, 3, 4))
        data = notify_picture.image_data(encoded(image))
        assert data is not None
        assert data[3:6] == (True, 8, 4)

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"no picture",
            b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>",
            b"\x89PNG\r\n\x1a\n" + b"\0" * 50,
            b"\0" * (2 * 2**20 + 1),
        ],
    )
    def test_what_is_no_small_picture_is_left_out(self, qapp: object, content: bytes) -> None:
        assert notify_picture.image_data(content) is None

    def test_a_picture_with_too_many_pixels_is_not_decoded(self, qapp: object) -> None:
        huge = picture(1025, 1024)
        assert len(huge) < notify_picture.BYTES
        assert notify_picture.image_data(huge) is None


class TestOneDaemon:
    """What is sent to a daemon, by what it can do."""

    def test_everything_goes_to_a_daemon_that_can_do_it(
        self, qtbot: QtBot, seen: Seen, daemons: Callable[..., Daemon]
    ) -> None:
        daemon = daemons(*ALL)
        seen.notifier.show(
            notice(target="http://t/", urgency=Urgency.CRITICAL, picture=picture(), buttons=(("open", "Open folder"),))
        )
        qtbot.waitUntil(lambda: daemon.bodies("Notify") != [])
        name, replaces, _, title, body, actions, hints, timeout = daemon.bodies("Notify")[0]
        assert (name, replaces, title, body, timeout) == ("SwarmUI Tray", 0, PROMPT, ESCAPED, -1)
        assert actions == ["default", "", "open", "Open folder"]
        assert (hints["urgency"].signature, hints["urgency"].value) == ("y", 2)
        assert hints["desktop-entry"].value == "swarmui-tray"
        assert hints["image-data"].signature == "(iiibiiay)"
        assert hints["image-data"].value[:2] == (40, 30)

    def test_a_daemon_without_markup_and_actions_gets_neither(
        self, qtbot: QtBot, seen: Seen, daemons: Callable[..., Daemon]
    ) -> None:
        daemon = daemons("body")
        seen.notifier.show(notice(target="http://t/", buttons=(("open", "Open"),)))
        qtbot.waitUntil(lambda: daemon.bodies("Notify") != [])
        assert daemon.bodies("Notify")[0][4:6] == [PROMPT, []]

    def test_capabilities_are_asked_once(self, qtbot: QtBot, seen: Seen, daemons: Callable[..., Daemon]) -> None:
        daemon = daemons(*ALL)
        for subject in ("one", "two", "three"):
            seen.notifier.show(notice(subject))
        qtbot.waitUntil(lambda: len(daemon.bodies("Notify")) == 3)
        seen.notifier.show(notice("four"))
        qtbot.waitUntil(lambda: len(daemon.bodies("Notify")) == 4)
        assert len(daemon.bodies("GetCapabilities")) == 1

    def test_a_hundred_notices_of_one_subject_are_one_notification(
        self, qtbot: QtBot, seen: Seen, daemons: Callable[..., Daemon]
    ) -> None:
        daemon = daemons(*ALL)
        for number in range(100):
            seen.notifier.show(notice(body=f"{number}"))
            QCoreApplication.processEvents()
        qtbot.waitUntil(lambda: [body[4] for body in daemon.bodies("Notify")][-1:] == ["99"])
        assert {body[1] for body in daemon.bodies("Notify")} <= {0, 7}
        assert [body[1] for body in daemon.bodies("Notify")].count(0) == 1

    def test_a_click_leads_to_the_target_of_its_own_notification(
        self, qtbot: QtBot, seen: Seen, daemons: Callable[..., Daemon]
    ) -> None:
        daemon = daemons(*ALL)
        seen.notifier.show(notice("one", target="http://one/"))
        qtbot.waitUntil(lambda: len(daemon.bodies("Notify")) == 1)
        seen.notifier.show(notice("two", target="http://two/", buttons=(("snooze", "Snooze"),)))
        qtbot.waitUntil(lambda: len(daemon.bodies("Notify")) == 2)
        daemon.emit("ActionInvoked", "us", 999, "default")  # somebody else's
        daemon.emit("ActionInvoked", "us", 7, "snooze")  # a button that it does not have
        daemon.emit("ActionInvoked", "us", 8, "snooze")
        qtbot.waitUntil(lambda: seen.buttons == [("two", "snooze")])
        assert seen.clicked == []

    def test_the_first_of_two_leads_to_the_first_and_only_once(
        self, qtbot: QtBot, seen: Seen, daemons: Callable[..., Daemon]
    ) -> None:
        daemon = daemons(*ALL)
        for subject in ("one", "two"):
            seen.notifier.show(notice(subject, target=f"http://{subject}/"))
        qtbot.waitUntil(lambda: len(daemon.bodies("Notify")) == 2)
        for _ in range(2):
            daemon.emit("ActionInvoked", "us", 7, "default")
        qtbot.waitUntil(lambda: daemon.bodies("CloseNotification") == [[7]])
        daemon.emit("ActionInvoked", "us", 8, "default")
        qtbot.waitUntil(lambda: len(seen.clicked) == 2)
        assert seen.clicked == ["http://one/", "http://two/"]

    def test_a_closed_notification_is_not_replaced_but_shown_anew(
        self, qtbot: QtBot, seen: Seen, daemons: Callable[..., Daemon]
    ) -> None:
        daemon = daemons(*ALL)
        seen.notifier.show(notice())
        qtbot.waitUntil(lambda: len(daemon.bodies("Notify")) == 1)
        daemon.emit("NotificationClosed", "uu", 7, 2)
        daemon.emit("ActionInvoked", "us", 7, "default")  # stale
        qtbot.waitUntil(lambda: not seen.notifier._daemon.subjects)
        seen.notifier.show(notice())
        qtbot.waitUntil(lambda: len(daemon.bodies("Notify")) == 2)
        assert daemon.bodies("Notify")[1][1] == 0
        assert seen.clicked == []

    def test_closing_before_the_daemon_has_answered_closes_it_then(
        self, qtbot: QtBot, seen: Seen, daemons: Callable[..., Daemon]
    ) -> None:
        daemon = daemons(*ALL)
        seen.notifier.show(notice("first"))
        qtbot.waitUntil(lambda: len(daemon.bodies("Notify")) == 1)
        seen.notifier.show(notice())
        seen.notifier.close("work")
        seen.notifier.close("never shown")
        qtbot.waitUntil(lambda: daemon.bodies("CloseNotification") == [[8]])


class TestChangingDaemons:
    """Daemons that come, go and hang."""

    def test_a_new_daemon_is_asked_anew_and_never_told_the_numbers_of_the_old(
        self, qtbot: QtBot, seen: Seen, daemons: Callable[..., Daemon]
    ) -> None:
        old = daemons(*ALL)
        seen.notifier.show(notice(target="http://old/"))
        qtbot.waitUntil(lambda: len(old.bodies("Notify")) == 1)
        old.leave()
        new = daemons("body", "actions")
        seen.notifier.show(notice(target="http://new/"))
        qtbot.waitUntil(lambda: len(new.bodies("Notify")) == 1)
        assert new.bodies("Notify")[0][1] == 0
        assert new.bodies("Notify")[0][4] == PROMPT
        new.emit("ActionInvoked", "us", 7, "default")
        qtbot.waitUntil(lambda: seen.clicked == ["http://new/"])

    def test_signals_of_another_sender_are_ignored(
        self, qtbot: QtBot, seen: Seen, daemons: Callable[..., Daemon]
    ) -> None:
        daemon = daemons(*ALL)
        seen.notifier.show(notice(target="http://t/"))
        qtbot.waitUntil(lambda: len(daemon.bodies("Notify")) == 1)
        stranger = daemons(*ALL)  # the name is taken: it only owns its connection
        stranger.emit("ActionInvoked", "us", 7, "default")
        daemon.emit("ActionInvoked", "us", 7, "default")
        qtbot.waitUntil(lambda: daemon.bodies("CloseNotification") != [])
        assert seen.clicked == ["http://t/"]

    def test_without_a_daemon_the_fallback_shows_it_and_its_click_counts(self, qtbot: QtBot, desktop: Desktop) -> None:
        seen = Seen(shows=True)
        seen.notifier.show(notice(target="http://t/"))
        qtbot.waitUntil(lambda: len(seen.fallback) == 1)
        seen.notifier.fallback_clicked()
        assert seen.clicked == ["http://t/"]
        assert seen.undeliverable == []
        seen.notifier.shut_down()

    @pytest.mark.parametrize("shows", [None, False])
    def test_what_nothing_can_show_is_reported(self, qtbot: QtBot, desktop: Desktop, shows: bool | None) -> None:
        seen = Seen(shows=shows)
        seen.notifier.show(notice())
        qtbot.waitUntil(lambda: seen.undeliverable == [notice()])
        seen.notifier.fallback_clicked()
        assert seen.clicked == []
        seen.notifier.shut_down()

    @pytest.mark.parametrize("address", [None, "unix:path=/nowhere", "tcp:host=x", "nonsense"])
    def test_without_a_bus_the_fallback_shows_it(
        self, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str | None
    ) -> None:
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
        if address is None:
            monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
        else:
            monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        seen = Seen(shows=True)
        seen.notifier.show(notice())
        qtbot.waitUntil(lambda: len(seen.fallback) == 1)
        seen.notifier.show(notice())
        qtbot.waitUntil(lambda: len(seen.fallback) == 2)

    @pytest.mark.parametrize("platform", ["win32", "darwin"])
    def test_without_such_a_service_the_fallback_shows_it_at_once(
        self, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, platform: str
    ) -> None:
        monkeypatch.setattr("sys.platform", platform)
        seen = Seen(shows=True)
        seen.notifier.show(notice())
        assert seen.fallback == [notice()]

    def test_a_bus_that_does_not_let_us_in_leads_to_the_fallback(
        self, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(tmp_path / "bus"))
            listening.listen()
            monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'bus'}")
            seen = Seen(shows=True)
            seen.notifier.show(notice())
            with listening.accept()[0] as client:
                client.sendall(b"REJECTED EXTERNAL\r\n")
                qtbot.waitUntil(lambda: len(seen.fallback) == 1)

    def test_a_daemon_that_comes_later_gets_the_next_one(
        self, qtbot: QtBot, seen: Seen, daemons: Callable[..., Daemon]
    ) -> None:
        seen.notifier.show(notice())
        qtbot.waitUntil(lambda: len(seen.undeliverable) == 1)
        daemon = daemons(*ALL)
        seen.notifier.show(notice())
        qtbot.waitUntil(lambda: len(daemon.bodies("Notify")) == 1)

    def test_a_daemon_that_hangs_costs_no_time_and_its_late_answer_is_used(
        self, qtbot: QtBot, daemons: Callable[..., Daemon]
    ) -> None:
        daemon = daemons(*ALL)
        seen = Seen(shows=True, seconds=0.4)
        seen.notifier.show(notice("first"))
        qtbot.waitUntil(lambda: len(daemon.bodies("Notify")) == 1)
        daemon.deaf = True
        with heartbeat() as gaps:
            seen.notifier.show(notice(target="http://t/"))
            qtbot.waitUntil(lambda: len(seen.fallback) == 1)
        assert max(gaps) < 100
        daemon.answer_late()
        qtbot.waitUntil(lambda: seen.notifier._daemon.subjects["work"].id == 8)
        daemon.emit("ActionInvoked", "us", 8, "default")
        qtbot.waitUntil(lambda: seen.clicked == ["http://t/"])
        seen.notifier.shut_down()

    def test_a_late_answer_to_what_was_shown_since_is_taken_away(
        self, qtbot: QtBot, daemons: Callable[..., Daemon]
    ) -> None:
        daemon = daemons(*ALL)
        seen = Seen(shows=True, seconds=0.3)
        seen.notifier.show(notice("first"))
        qtbot.waitUntil(lambda: len(daemon.bodies("Notify")) == 1)
        daemon.deaf = True
        seen.notifier.show(notice())
        qtbot.waitUntil(lambda: len(seen.fallback) == 1)
        daemon.deaf = False
        seen.notifier.show(notice())
        qtbot.waitUntil(lambda: seen.notifier._daemon.subjects["work"].id == 8)
        daemon.answer_late()
        qtbot.waitUntil(lambda: daemon.bodies("CloseNotification") == [[9]])
        seen.notifier.shut_down()

    def test_a_bus_that_hangs_costs_no_time(self, qtbot: QtBot, desktop: Desktop) -> None:
        desktop.bus.send_signal(signal.SIGSTOP)
        seen = Seen(shows=True)
        shown = picture(256, 256)
        with heartbeat() as gaps:
            for number in range(30):
                seen.notifier.show(notice(f"{number}", picture=shown))
            qtbot.waitUntil(lambda: len(seen.fallback) == 30, timeout=10_000)
        assert max(gaps) < 100
        desktop.bus.send_signal(signal.SIGCONT)

    def test_a_bus_that_goes_away_is_connected_anew(
        self, qtbot: QtBot, seen: Seen, daemons: Callable[..., Daemon], desktop: Desktop, tmp_path: Path
    ) -> None:
        daemon = daemons(*ALL)
        seen.notifier.show(notice())
        qtbot.waitUntil(lambda: len(daemon.bodies("Notify")) == 1)
        desktop.bus.kill()
        desktop.bus.wait(10)
        qtbot.waitUntil(lambda: not seen.notifier._ready)
        desktop.start_bus()
        fresh = daemons(*ALL)
        seen.notifier.show(notice())
        qtbot.waitUntil(lambda: len(fresh.bodies("Notify")) == 1)
        assert fresh.bodies("Notify")[0][1] == 0


class heartbeat:  # noqa: N801 - read as a statement
    """Gaps in milliseconds between the beats of a 10 ms timer on the GUI thread."""

    def __enter__(self) -> list[float]:
        self._gaps: list[float] = [0.0]
        self._since = QElapsedTimer()
        self._since.start()
        self._timer = QTimer()
        self._timer.timeout.connect(lambda: self._gaps.append(self._since.restart()))
        self._timer.start(10)
        return self._gaps

    def __exit__(self, *_: object) -> None:
        self._timer.stop()


@pytest.mark.desktop
class TestDunst:
    """The real dunst 1.9."""

    @pytest.fixture
    def dunst(self, desktop: Desktop) -> Desktop:
        """A desktop with dunst on it."""
        desktop.screen()
        (desktop.home / "dunstrc").write_text("[global]\nmarkup = full\nidle_threshold = 0\n")
        desktop.start("dunst", "-config", str(desktop.home / "dunstrc"))
        until(lambda: desktop.has_name(NAME))
        return desktop

    def _control(self, *words: str) -> str:
        return subprocess.run(["dunstctl", *words], check=True, capture_output=True, timeout=10, text=True).stdout

    def _history(self) -> list[dict[str, Any]]:
        entries = json.loads(self._control("history"))["data"][0]
        return [{key: value["data"] for key, value in entry.items()} for entry in entries]

    def test_its_history_shows_exactly_the_prompt(self, qtbot: QtBot, seen: Seen, dunst: Desktop) -> None:
        seen.notifier.show(notice(target="http://t/", picture=picture()))
        qtbot.waitUntil(lambda: self._control("count", "displayed").strip() == "1")
        self._control("close-all")
        (entry,) = self._history()
        assert entry["summary"] == PROMPT
        assert entry["body"] == ESCAPED  # dunst keeps the body as markup; this is the prompt, escaped once

    def test_a_newer_notice_takes_the_place_of_the_older(self, qtbot: QtBot, seen: Seen, dunst: Desktop) -> None:
        for text in ("one", "two", "three"):
            seen.notifier.show(notice(body=text))
        qtbot.waitUntil(lambda: seen.notifier._daemon.subjects["work"].shown == notice(body="three"))
        assert self._control("count", "displayed").strip() == "1"
        self._control("close-all")
        assert [entry["body"] for entry in self._history()] == ["three"]

    def test_its_action_opens_the_target(self, qtbot: QtBot, seen: Seen, dunst: Desktop) -> None:
        seen.notifier.show(notice(target="http://t/"))
        qtbot.waitUntil(lambda: self._control("count", "displayed").strip() == "1")
        self._control("action", "0")
        qtbot.waitUntil(lambda: seen.clicked == ["http://t/"])
        qtbot.waitUntil(lambda: self._control("count", "displayed").strip() == "0")


@pytest.mark.desktop
class TestXfce:
    """The real xfce4-notifyd 0.7."""

    def test_it_draws_the_prompt_and_its_button_is_pressed(self, qtbot: QtBot, seen: Seen, desktop: Desktop) -> None:
        desktop.screen()
        (program,) = Path("/usr/lib").glob("*/xfce4/notifyd/xfce4-notifyd")
        log = desktop.home / "xfce4-notifyd.log"
        desktop.start(str(program), log=log)
        until(lambda: desktop.has_name(NAME))
        seen.notifier.show(notice(target="http://t/", picture=picture(), buttons=(("snooze", "Snooze 1 h"),)))
        qtbot.waitUntil(lambda: seen.notifier._daemon.subjects["work"].id > 0)
        until(lambda: desktop.windows("Xfce4-notifyd"))
        # GTK would say so if the text were no valid markup, and show nothing of it.
        assert "markup" not in log.read_text().lower()
        left, top, width, height = desktop.windows("Xfce4-notifyd")[-1]
        # The buttons fill the row at the bottom; the last one ends where the text does.
        desktop.click(left + width - 60, top + height - 35)
        qtbot.waitUntil(lambda: seen.buttons == [("work", "snooze")])


def test_showing_a_picture_takes_less_than_a_tenth_of_a_second(
    qtbot: QtBot, seen: Seen, daemons: Callable[..., Daemon]
) -> None:
    daemon = daemons(*ALL)
    seen.notifier.show(notice("first"))
    qtbot.waitUntil(lambda: len(daemon.bodies("Notify")) == 1)
    large = picture(1024, 1024)
    assert notify_picture.image_data(large) is not None
    began = time.perf_counter()
    seen.notifier.show(notice(picture=large))
    assert time.perf_counter() - began < 0.1
    qtbot.waitUntil(lambda: len(daemon.bodies("Notify")) == 2)
