"""The composed tray: its settings window reads the file, tests servers, saves, and what is saved holds at once."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel

from tests.gui.program import QUICK, Home, Program, servers
from tests.integration.hostile import HostileServer, hang, http
from tests.integration.tls_server import TlsServer, certify_localhost
from tray_app.adapters.state_file import StateFile
from tray_app.core.settings import ServerSettings
from tray_app.simulator.server import SimulatedSwarmUI
from tray_app.ui.settings_window import SettingsWindow

Start = Callable[..., Program]


@pytest.fixture
def swarm() -> Iterator[SimulatedSwarmUI]:
    with SimulatedSwarmUI() as server:
        yield server


def texts(window: SettingsWindow) -> str:
    """What the page about servers shows."""
    return "\n".join(label.text() for label in window.server.findChildren(QLabel) if label.isVisibleTo(window))


def polls(server: SimulatedSwarmUI) -> int:
    return sum(each.path.endswith("GetGlobalStatus") for each in server.requests)


class TestOpening:
    """What the window begins with."""

    def test_it_shows_the_file_and_comes_back_to_the_front(self, start: Start, swarm: SimulatedSwarmUI) -> None:
        program = start(settings=replace(QUICK, poll_busy=3.0, servers=servers(home=swarm.url)))
        window = program.open_settings()
        assert (window.server.name.text, window.server.address.text) == ("home", swarm.url)
        assert window.behaviour.busy.value() == 3.0
        assert program.open_settings() is window
        window.close()
        program.wait_closed()
        assert program.open_settings() is not window

    def test_a_server_that_was_only_named_for_this_start_is_offered(
        self, start: Start, swarm: SimulatedSwarmUI
    ) -> None:
        window = start("--url", swarm.url).open_settings()
        assert window.server.address.text == swarm.url

    def test_the_demo_is_no_server_to_be_kept(self, start: Start) -> None:
        assert start("--demo").open_settings().server.address.text == ""


class TestTesting:
    """The button "Test connection"."""

    def test_each_step_is_shown(self, start: Start, swarm: SimulatedSwarmUI) -> None:
        program = start(settings=replace(QUICK, servers=servers(home=swarm.url)))
        window = program.open_settings()
        program.press(window.server.test)
        program.wait(lambda: "This key can cancel all of your jobs." in texts(window))
        assert "It is SwarmUI 0.9.8.2" in texts(window)
        assert "✗" not in texts(window)

    def test_a_token_is_tried_as_it_was_typed_and_neither_stored_nor_shown(self, start: Start, home: Home) -> None:
        with SimulatedSwarmUI(accounts=True) as shared:
            token = shared.add_user("ann", "owner")
            program = start(settings=replace(QUICK, servers=servers(lab=shared.url)))
            window = program.open_settings()
            program.press(window.server.test)
            program.wait(lambda: "wants an account" in texts(window))
            window.server.token.edit.setText(f"swarm_token={token}")
            program.press(window.server.test)
            program.wait(lambda: "You are the user ann there, with your key (" in texts(window))
            assert token not in texts(window)
        assert not StateFile(home.state_file).has_key(f"http://127.0.0.1:{shared.port}")

    def test_an_unknown_certificate_is_told_as_the_window_can_trust_it(self, start: Start, tmp_path: Path) -> None:
        with TlsServer(http({}), certify_localhost(tmp_path / "both.pem")) as server:
            window = (program := start(settings=replace(QUICK, servers=servers(lab=server.url)))).open_settings()
            window.server.address.edit.setText(server.url.replace("http://", "https://"))
            program.press(window.server.test)
            program.wait(lambda: "If the server's owner confirms it, accept it here." in texts(window))
            assert window.server.trust.isVisibleTo(window)
            assert "`" not in texts(window)

    def test_a_test_that_ends_after_the_window_was_closed_is_let_go(
        self, start: Start, swarm: SimulatedSwarmUI
    ) -> None:
        program = start(settings=replace(QUICK, servers=servers(home=swarm.url)))
        window = program.open_settings()
        swarm.slow(0.3)
        before = len(swarm.requests)
        program.press(window.server.test)
        window.close()
        program.wait(lambda: any(each.path == "/" for each in swarm.requests[before:]))
        swarm.answer_truly()
        program.wait(lambda: all(each.name != "connection test" for each in threading.enumerate()))
        assert program.open_settings().isVisible()

    @pytest.mark.punctual
    def test_a_test_keeps_to_the_timeout_of_the_settings(self, start: Start, swarm: SimulatedSwarmUI) -> None:
        program = start(settings=replace(QUICK, request_timeout=0.5, servers=servers(home=swarm.url)))
        window = program.open_settings()
        with HostileServer(hang) as hanging:
            window.server.address.edit.setText(hanging.url)
            began = time.monotonic()
            program.press(window.server.test)
            program.wait(lambda: "did not answer within 0.5 s" in texts(window))
        assert time.monotonic() - began < 3


class TestSaving:
    """What is saved holds from then on."""

    def test_a_new_pace_holds_at_once_and_nothing_known_is_lost(
        self, start: Start, swarm: SimulatedSwarmUI, home: Home
    ) -> None:
        program = start(settings=replace(QUICK, poll_idle=600.0, servers=servers(home=swarm.url)))
        program.wait_head("Idle")
        sessions = sum(each.path.endswith("GetNewSession") for each in swarm.requests)
        window = program.open_settings()
        window.behaviour.idle.setValue(0.5)
        program.press(window.save)
        program.wait_closed()
        before = polls(swarm)
        program.wait(lambda: polls(swarm) > before + 2)
        assert "Connecting" not in program.head
        assert home.settings_file.load().settings.poll_idle == 0.5
        assert sum(each.path.endswith("GetNewSession") for each in swarm.requests) == sessions

    def test_another_server_is_watched_instead_and_the_old_one_left_alone(
        self, start: Start, swarm: SimulatedSwarmUI
    ) -> None:
        program = start(settings=replace(QUICK, servers=servers(home=swarm.url)))
        program.wait_head("home: Idle")
        old = program.tray._servers[0]
        with SimulatedSwarmUI() as other:
            window = program.open_settings()
            window.server.name.edit.setText("other")
            window.server.address.edit.setText(other.url)
            program.press(window.save)
            program.wait_head("other: Idle")
            program.wait(lambda: not old.watcher._thread.is_alive())
            before = len(swarm.requests)
            swarm.generate(seconds=60)
            program.wait(lambda: polls(other) > 3)
            assert len(swarm.requests) == before
            assert program.head == "other: Idle"

    def test_an_added_server_is_watched_beside_the_first(self, start: Start, swarm: SimulatedSwarmUI) -> None:
        program = start(settings=replace(QUICK, servers=servers(home=swarm.url)))
        with SimulatedSwarmUI() as other:
            window = program.open_settings()
            program.press(window.servers.add)
            window.server.address.edit.setText(other.url)
            program.press(window.save)
            program.wait(lambda: polls(other) > 1)
            program.wait_head("home: Idle")

    def test_a_new_timeout_holds_for_the_connections_made_from_then_on(self, start: Start, home: Home) -> None:
        with HostileServer(hang) as hanging:
            program = start(settings=replace(QUICK, request_timeout=60.0, servers=servers(home=hanging.url)))
            window = program.open_settings()
            window.behaviour.timeout.setValue(0.5)
            program.press(window.save)
            program.wait_closed()
            assert program.tray._servers[0]._with.deadline(program.tray._settings) == 0.5
        with HostileServer(hang) as hanging:
            home.settings_file.save(replace(program.tray._settings, servers=servers(home=hanging.url)))
            program.wait(lambda: program.detail.endswith("did not answer within 0.5 s."))
            program.wait_head("Not reachable")

    def test_the_timeout_of_the_command_line_stands_above_the_settings(
        self, start: Start, swarm: SimulatedSwarmUI
    ) -> None:
        program = start("--request-timeout", "3", settings=replace(QUICK, servers=servers(home=swarm.url)))
        program.wait_head("Idle")
        assert program.surroundings.deadline(replace(QUICK, request_timeout=20.0)) == 3

    def test_a_server_named_for_this_start_alone_stays(self, start: Start, swarm: SimulatedSwarmUI, home: Home) -> None:
        home.settings_file.save(replace(QUICK, servers=servers(saved="http://127.0.0.1:1")))
        program = start("--url", swarm.url)
        program.wait_head("Idle")
        window = program.open_settings()
        assert window.server.name.text == "saved"
        window.server.address.edit.setText("http://127.0.0.1:2")
        program.press(window.save)
        program.wait_closed()
        assert home.settings_file.load().settings.servers == (ServerSettings("saved", "http://127.0.0.1:2"),)
        before = polls(swarm)
        program.choose(program.menu.rows.retry)
        program.wait(lambda: polls(swarm) > before)
        assert program.head == f"127.0.0.1:{swarm.port}: Idle"

    def test_what_cannot_be_saved_is_told_and_nothing_is_lost(
        self, start: Start, swarm: SimulatedSwarmUI, home: Home
    ) -> None:
        program = start(settings=replace(QUICK, servers=servers(home=swarm.url)))
        window = program.open_settings()
        window.server.name.edit.setText("desk")
        folder = home.settings_file.path.parent
        folder.rename(folder.with_name("away"))
        folder.touch()  # a file in the folder's place keeps out root too
        program.press(window.save)
        program.wait(window.problem.isVisible)
        assert "cannot be written" in window.problem.text()
        assert window.server.name.text == "desk"
        assert program.head.startswith("home: ")
        folder.unlink()
        folder.with_name("away").rename(folder)
        assert home.settings_file.load().settings.servers == servers(home=swarm.url)
        program.press(window.save)
        program.wait_head("desk: Idle")

    def test_a_key_that_no_keyring_takes_is_told_and_nothing_is_changed(
        self, start: Start, swarm: SimulatedSwarmUI, home: Home
    ) -> None:
        program = start(settings=replace(QUICK, servers=servers(home=swarm.url)))
        program.wait_head("Idle")
        state = StateFile(home.state_file)
        program.wait(lambda: state.load(swarm.url))
        window = program.open_settings()
        window.server.token.edit.setText("61.b.c")
        program.press(window.save)  # there is no keyring on this desktop
        program.wait(window.problem.isVisible)
        assert window.problem.text().startswith("This desktop has no keyring")
        assert state.load(swarm.url) is not None
        assert not state.has_key(f"http://127.0.0.1:{swarm.port}")
