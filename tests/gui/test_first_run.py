"""The first window: what is found is proposed, what is pasted is sorted out, what fails says what to do."""

import io
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.program import Home, servers
from tray_app.adapters.activity_log import ActivityLog
from tray_app.app.first_run import FirstRun
from tray_app.app.tray import Tray
from tray_app.cli.arguments import build_parser
from tray_app.cli.context import Context
from tray_app.cli.options import Options
from tray_app.cli.output import Output
from tray_app.cli.run import surroundings
from tray_app.core.model import CancelRequest
from tray_app.core.secret import Secret
from tray_app.core.settings import Settings
from tray_app.simulator.server import SimulatedSwarmUI
from tray_app.ui.first_run import FirstRunWindow
from tray_app.ui.settings_draft import ServerDraft
from tray_app.ui.tray import TrayIcon

if TYPE_CHECKING:
    from tray_app.app.surroundings import Surroundings

WANTS_KEY = [("Name", True, "It is here."), ("Account", False, "The server wants an account.")]


def shown(window: QWidget) -> str:
    """The visible texts."""
    return "\n".join(each.text() for each in window.findChildren(QLabel) if each.isVisible())


def fill(edit: QLineEdit, text: str) -> None:
    edit.setFocus()
    edit.clear()
    QTest.keyClicks(edit, text)


@pytest.fixture
def window(qtbot: QtBot) -> FirstRunWindow:
    window = FirstRunWindow()
    qtbot.addWidget(window)
    window.open()
    qtbot.waitUntil(window.isActiveWindow)
    return window


@pytest.fixture
def asked(window: FirstRunWindow) -> list[ServerDraft]:
    """The drafts that were handed out to be connected to."""
    drafts: list[ServerDraft] = []
    window.connect_requested.connect(drafts.append)
    return drafts


class TestWindow:
    """The view alone."""

    def test_what_is_found_is_proposed_unless_something_is_typed(self, window: FirstRunWindow) -> None:
        window.show_found(None)
        assert "No SwarmUI answers on this computer." in window.found.text()
        window.show_found("http://127.0.0.1:7803")
        assert window.address.text == "http://127.0.0.1:7803"
        fill(window.address.edit, "gpu.lan")
        window.show_found("http://127.0.0.1:7804")
        assert window.address.text == "gpu.lan"

    def test_a_key_pasted_with_the_address_is_taken_out_and_tried(
        self, window: FirstRunWindow, asked: list[ServerDraft]
    ) -> None:
        fill(window.address.edit, "https://gpu.lan/Text2Image?token=a.b.c")
        QTest.keyClick(window.address.edit, Qt.Key.Key_Return)
        assert window.address.text == "https://gpu.lan"
        assert asked == [ServerDraft("", "https://gpu.lan", token=Secret("a.b.c"))]
        assert not window.connect_button.isEnabled()

    def test_each_kind_of_key_is_explained_and_handed_out(
        self, window: FirstRunWindow, asked: list[ServerDraft], qtbot: QtBot
    ) -> None:
        fill(window.address.edit, "http://gpu.lan:7801")
        window.show_steps(WANTS_KEY, "", wants_key=True)
        assert "User tab, under Authorization Tokens" in shown(window)
        assert "The way to gpu.lan is not encrypted" in window.address.hint.text()
        key = window.key
        fill(key.token.edit, 'swarm_token="a.b.c"; theme=dark')
        window.connect_button.click()
        window.show_steps(WANTS_KEY, "", wants_key=True)
        qtbot.waitUntil(lambda: "The server wants an account." in shown(window))
        key.header.click()
        fill(key.value.edit, "Bearer x")
        window.connect_button.click()
        window.show_steps(WANTS_KEY, "", wants_key=True)
        key.proxy.click()
        fill(key.user.edit, "ann")
        fill(key.password.edit, "pass")
        assert not key.value.isVisible()
        window.connect_button.click()
        sent = [(each.token.reveal(), each.authorization.reveal()) for each in asked]
        assert sent == [("a.b.c", ""), ("", "Bearer x"), ("", "Basic YW5uOnBhc3M=")]

    def test_a_key_is_never_left_for_another_address(self, window: FirstRunWindow, asked: list[ServerDraft]) -> None:
        fill(window.address.edit, "gpu.lan")
        window.show_steps(WANTS_KEY, "", wants_key=True)
        fill(window.key.token.edit, "a.b.c")
        fill(window.address.edit, "other.lan")
        assert not window.key.isVisible()
        window.connect_button.click()
        window.show_steps(WANTS_KEY, "", wants_key=True)
        window.connect_button.click()
        assert [each.token.reveal() for each in asked] == ["", ""]

    def test_what_makes_no_sense_is_told_at_its_field(self, window: FirstRunWindow, asked: list[ServerDraft]) -> None:
        fill(window.address.edit, "ftp://x")
        window.connect_button.click()
        assert "http or https" in window.address.error.text()
        fill(window.address.edit, "gpu.lan")
        window.show_steps(WANTS_KEY, "", wants_key=True)
        fill(window.key.token.edit, "two words")
        window.connect_button.click()
        assert "characters that no SwarmUI token has" in window.key.token.error.text()
        assert asked == []

    def test_an_unknown_certificate_is_accepted_for_this_address_alone(
        self, window: FirstRunWindow, asked: list[ServerDraft]
    ) -> None:
        fingerprint = "sha256:" + ":".join(["AB"] * 32)
        fill(window.address.edit, "https://gpu.lan")
        window.show_steps([("TLS", False, "Not trusted.")], fingerprint, wants_key=False)
        assert "only if the server's owner confirms the fingerprint" in window.problem.text()
        assert not window.keep.isVisible()
        window.accept.click()
        assert asked[-1].certificate == fingerprint
        window.show_steps([("Session", False, "Broken.")], "", wants_key=False)
        fill(window.address.edit, "https://other.lan")
        window.connect_button.click()
        assert asked[-1].certificate == ""

    def test_mnemonics_are_unique_and_every_control_has_a_name(self, window: FirstRunWindow) -> None:
        fill(window.address.edit, "https://gpu.lan")
        window.show_steps(WANTS_KEY, "x", wants_key=True)
        for kind in (window.key.account, window.key.header, window.key.proxy):
            kind.click()
            widgets = [each for each in window.findChildren(QWidget) if each.isVisible()]
            texts = [each.text() for each in widgets if isinstance(each, (QAbstractButton, QLabel))]
            keys = [text[text.index("&") + 1].lower() for text in texts if "&" in text]
            assert sorted(keys) == sorted(set(keys))
            assert all(each.accessibleName() for each in widgets if isinstance(each, QLineEdit))


class Run:
    """A first run in an empty home, and what it ended with."""

    def __init__(self, qtbot: QtBot) -> None:
        self.context = Context(Options(build_parser().parse_args([])), Output(io.StringIO(), io.StringIO()))
        self.icon = TrayIcon()
        self.ended: list[Surroundings] = []
        self.first = FirstRun(surroundings(self.context), self.icon, self.ended.append)
        self.window = self.first.window
        self.first.start()
        self.wait: Callable[..., None] = lambda condition: qtbot.waitUntil(lambda: bool(condition()), timeout=10_000)


@pytest.fixture
def run(qtbot: QtBot, home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    # Whatever runs on this computer's usual ports is not a test's business.
    monkeypatch.setattr("tray_app.adapters.discovery.PORTS", range(0))
    monkeypatch.setattr("tray_app.adapters.discovery.find_local.__defaults__", (range(0),))
    run = Run(qtbot)
    yield run
    if not run.ended:
        run.first.shut_down()
    run.context.ending.close()


class TestAtWork:
    """Joined with discovery, test and settings."""

    def test_a_server_without_accounts_is_set_up_by_its_address_alone(self, run: Run, home: Home) -> None:
        with SimulatedSwarmUI() as swarm:
            run.wait(lambda: "No SwarmUI answers" in run.window.found.text())
            run.window.address.edit.setText(swarm.url)
            run.window.connect_button.click()
            run.wait(lambda: run.ended)
        (found,) = run.ended
        assert [each.address.url for each in found.targets] == [swarm.url]
        assert home.settings_file.load().settings.servers == found.settings.servers
        assert not found.demo

    def test_one_that_cannot_be_reached_now_is_kept_if_its_user_wants_so(self, run: Run, home: Home) -> None:
        run.window.address.edit.setText("http://127.0.0.1:1")
        run.window.connect_button.click()
        run.wait(lambda: "Nothing answers at http://127.0.0.1:1" in shown(run.window))
        run.window.keep.click()
        run.wait(lambda: run.ended)
        assert home.settings_file.load().settings.servers[0].address == "http://127.0.0.1:1"

    def test_a_key_that_no_keyring_takes_is_not_stored_but_can_be_lent(self, run: Run, home: Home) -> None:
        with SimulatedSwarmUI(accounts=True) as swarm:
            run.window.address.edit.setText(swarm.url)
            run.window.connect_button.click()
            run.wait(run.window.key.isVisible)
            run.window.key.token.edit.setText(swarm.add_user("ann", "owner"))
            run.window.connect_button.click()
            run.wait(run.window.problem.isVisible)
            assert "no keyring" in run.window.problem.text()
            assert not home.settings_file.path.exists()
            assert run.ended == []
            run.window.lend.click()
            run.wait(lambda: run.ended)
        (found,) = run.ended
        assert list(found.lent_keys) == [found.targets[0].address.origin]
        assert home.settings_file.load().settings.servers == found.settings.servers

    def test_a_server_added_by_a_command_meanwhile_ends_it(self, run: Run, home: Home) -> None:
        home.settings_file.save(Settings(servers=servers(home="http://127.0.0.1:1")))
        run.wait(lambda: run.ended)
        assert run.ended[0].targets[0].name == "home"

    def test_an_option_changed_meanwhile_is_kept_with_the_server(self, run: Run, home: Home) -> None:
        home.settings_file.save(Settings(poll_idle=9.0))
        run.wait(lambda: run.first._with.settings.poll_idle == 9.0)
        run.window.address.edit.setText("http://127.0.0.1:1")
        run.window.keep_requested.emit(run.window.draft())
        run.wait(lambda: run.ended)
        found = home.settings_file.load().settings
        assert (found.poll_idle, found.servers[0].address) == (9.0, "http://127.0.0.1:1")

    def test_closed_it_can_be_opened_again_from_the_icon(self, run: Run) -> None:
        QTest.keyClick(run.window, Qt.Key.Key_Escape)
        assert not run.window.isVisible()
        run.icon.settings_requested.emit()
        assert run.window.isVisible()

    def test_a_server_set_up_after_the_demo_is_noted_in_the_activity_log_and_the_demo_is_not(
        self, run: Run, home: Home
    ) -> None:
        run.window.demo.click()
        run.wait(lambda: run.ended)
        tray = Tray(run.ended[0], lambda: None, run.icon)
        tray.start()

        def cancel(name: str) -> None:
            run.wait(lambda: tray._servers[0].target.name == name)
            run.wait(lambda: tray._servers[0].state.status.can.cancel_all is True)
            tray._request(tray._servers[0].number, CancelRequest(everything=True))
            run.wait(lambda: tray._servers[0].recent)

        cancel("demo")
        with SimulatedSwarmUI() as swarm:
            home.settings_file.save(Settings(servers=servers(home=swarm.url), poll_idle=0.5))
            cancel("home")
        tray.shut_down()
        assert {each["server"] for each in ActivityLog(home.activity_log).entries()} == {"home"}

    def test_the_demo_is_started_and_stores_nothing(self, run: Run, home: Home) -> None:
        run.window.demo.click()
        run.wait(lambda: run.ended)
        assert not run.ended[0].proposes
        assert len(run.ended[0].targets) == 1
        assert not home.settings_file.path.exists()
