"""The composed tray with a real gnome-keyring: keys it reads and stores, and one that is silent or locked."""

import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel

from tests.gui.program import QUICK, Home, Program, servers
from tests.private_desktop import Desktop
from tray_app.adapters.keyring.secrets import Secrets
from tray_app.adapters.state_file import StateFile
from tray_app.core.model import State
from tray_app.core.secret import Secret, SecretKind
from tray_app.core.settings import Settings
from tray_app.simulator.server import SimulatedSwarmUI

pytestmark = pytest.mark.desktop

Start = Callable[..., Program]
TOKEN, AUTHORIZATION, SESSION = SecretKind.TOKEN, SecretKind.AUTHORIZATION, SecretKind.SESSION


@pytest.fixture
def desktop(home: Home, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desktop]:
    """A private bus; its daemons have a folder of their own."""
    parts = Desktop(tmp_path_factory.mktemp("d"), monkeypatch)
    home.enter()
    yield parts
    parts.end()


@pytest.fixture
def shared() -> Iterator[SimulatedSwarmUI]:
    """A server that wants everybody's key."""
    with SimulatedSwarmUI(accounts=True) as server:
        yield server


def origin(server: SimulatedSwarmUI) -> str:
    return f"http://127.0.0.1:{server.port}"


def stored(server: SimulatedSwarmUI) -> dict[SecretKind, Secret]:
    """What the keyring holds for a server."""
    return Secrets().get(origin(server), [TOKEN, AUTHORIZATION, SESSION])


def with_key(home: Home, server: SimulatedSwarmUI, user: str = "ann") -> str:
    """Store a user's token as `key set` does."""
    token = server.add_user(user, "owner")
    Secrets().set(origin(server), TOKEN, Secret(token))
    StateFile(home.state_file).mark_key(origin(server), present=True)
    return token


def settings(server: SimulatedSwarmUI) -> Settings:
    return replace(QUICK, servers=servers(lab=server.url))


def leaked(folder: Path, secret: str) -> list[Path]:
    """Files below a folder that hold a secret in plain text."""
    return [each for each in folder.rglob("*") if each.is_file() and secret.encode() in each.read_bytes()]


class TestStoring:
    """Keys that are typed into the settings window."""

    def test_a_saved_key_is_kept_in_the_keyring_and_used_at_once(
        self, start: Start, home: Home, desktop: Desktop, shared: SimulatedSwarmUI
    ) -> None:
        desktop.keyring()
        token = shared.add_user("ann", "owner")
        program = start(settings=settings(shared))
        program.wait_state(State.KEY_REFUSED)
        window = program.open_settings()
        window.server.token.edit.setText(token)
        program.press(window.save)
        program.wait_head("lab: Idle")
        assert program.tray._servers[0].state.status.user == "ann"
        assert stored(shared)[TOKEN] == Secret(token)
        assert StateFile(home.state_file).has_key(origin(shared))
        assert leaked(home.folder, token) == []
        window = program.open_settings()
        assert "Leave empty to keep" in window.server.token.edit.placeholderText()
        program.press(window.server.test)
        program.wait(window.server.test.isEnabled)
        assert program.head == "lab: Idle"

    def test_the_stored_key_is_tried_where_none_is_typed(
        self, start: Start, home: Home, desktop: Desktop, shared: SimulatedSwarmUI
    ) -> None:
        desktop.keyring()
        with_key(home, shared)
        program = start(settings=settings(shared))
        window = program.open_settings()
        steps: list[str] = []
        assert program.tray._editor is not None
        window.server.steps_shown.connect(lambda: steps.append("shown"))
        program.press(window.server.test)
        program.wait(lambda: steps)
        found = program.tray._editor._try_out(window.servers.drafts()[0])
        assert any(step.text.startswith("You are the user ann there, with your key") for step in found.steps)

    def test_a_removed_key_leaves_the_keyring_with_its_session_and_the_other_one_stays(
        self, start: Start, home: Home, desktop: Desktop, shared: SimulatedSwarmUI
    ) -> None:
        desktop.keyring()
        token = with_key(home, shared)
        Secrets().set(origin(shared), AUTHORIZATION, Secret("Basic YW5uOnBhc3M="))
        program = start(settings=settings(shared))
        program.wait_head("lab: Idle")
        program.wait(lambda: SESSION in stored(shared))
        window = program.open_settings()
        window.server.forget_authorization.setChecked(True)
        program.press(window.save)
        program.wait_closed()
        assert AUTHORIZATION not in stored(shared)
        assert stored(shared)[TOKEN] == Secret(token)
        assert StateFile(home.state_file).has_key(origin(shared))
        window = program.open_settings()
        window.server.forget_token.setChecked(True)
        program.press(window.save)
        program.wait_state(State.KEY_REFUSED)
        assert stored(shared) == {}
        assert not StateFile(home.state_file).has_key(origin(shared))

    def test_a_first_key_drops_the_session_that_was_made_without_one(
        self, start: Start, home: Home, desktop: Desktop
    ) -> None:
        desktop.keyring()
        with SimulatedSwarmUI() as swarm:
            program = start(settings=settings(swarm))
            program.wait_head("lab: Idle")
            state = StateFile(home.state_file)
            program.wait(lambda: state.load(swarm.url))
            window = program.open_settings()
            window.server.token.edit.setText("61.b.c")
            program.press(window.save)
            program.wait_closed()
            assert state.load(swarm.url) is None
            program.wait(lambda: SESSION in stored(swarm))
            assert state.load(swarm.url) is None

    def test_the_key_of_an_address_that_changed_is_removed(
        self, start: Start, home: Home, desktop: Desktop, shared: SimulatedSwarmUI
    ) -> None:
        desktop.keyring()
        with_key(home, shared)
        program = start(settings=settings(shared))
        program.wait_head("lab: Idle")
        with SimulatedSwarmUI() as other:
            window = program.open_settings()
            window.server.address.edit.setText(other.url)
            program.press(window.save)
            program.wait_head("lab: Idle")
            program.wait_closed()
            assert program.tray._servers[0].target.address.url == other.url
        assert stored(shared) == {}
        assert not StateFile(home.state_file).has_key(origin(shared))


class TestSilentAndLocked:
    """A keyring that does not answer as it should never holds anything up."""

    def test_a_silent_one_is_told_and_its_late_answer_used(
        self, start: Start, home: Home, desktop: Desktop, shared: SimulatedSwarmUI
    ) -> None:
        daemon = desktop.keyring()
        with_key(home, shared)
        daemon.send_signal(signal.SIGSTOP)
        program = start(settings=settings(shared))
        program.wait(lambda: program.detail.startswith("The keyring does not answer. Look for"))
        program.wait_state(State.KEY_REFUSED)
        assert program.detail.startswith("The keyring does not answer.")
        daemon.send_signal(signal.SIGCONT)
        program.wait_head("lab: Idle")
        assert program.detail == ""

    def test_a_locked_one_is_told_and_asked_again_when_the_user_asks(
        self, start: Start, home: Home, desktop: Desktop, shared: SimulatedSwarmUI
    ) -> None:
        desktop.keyring()
        with_key(home, shared)
        desktop.prompter()
        desktop.lock()
        program = start(settings=settings(shared))
        program.wait(desktop.prompts)
        desktop.press("Escape")
        program.wait(lambda: program.detail.startswith("The keyring's question was dismissed"))
        assert desktop.prompts() == 0
        program.choose(program.menu.rows.retry)
        program.wait(desktop.prompts)
        desktop.press("t", "e", "s", "t", "Return")
        program.wait_head("lab: Idle")
        assert program.detail == ""

    def test_saving_under_a_locked_one_says_so_and_saves_nothing(
        self, start: Start, home: Home, desktop: Desktop, shared: SimulatedSwarmUI
    ) -> None:
        desktop.keyring()
        desktop.lock()
        program = start(settings=settings(shared))
        window = program.open_settings()
        window.server.name.edit.setText("desk")
        window.server.token.edit.setText(shared.add_user("ann", "owner"))
        program.press(window.save)
        program.wait(window.problem.isVisible)
        assert window.problem.text().startswith("The keyring is locked.")
        assert home.settings_file.load().settings.servers == servers(lab=shared.url)
        program.press(window.server.test)
        program.wait(window.server.test.isEnabled)

    def test_a_key_that_a_locked_one_does_not_take_can_be_used_until_the_end(
        self, start: Start, home: Home, desktop: Desktop, shared: SimulatedSwarmUI
    ) -> None:
        desktop.keyring()
        desktop.lock()
        program = start(settings=settings(shared))
        program.wait_state(State.KEY_REFUSED)
        window = program.open_settings()
        token = shared.add_user("ann", "owner")
        window.server.name.edit.setText("desk")
        window.server.token.edit.setText(token)
        assert window.lend.isHidden()
        program.press(window.save)
        program.wait(window.lend.isVisible)
        program.press(window.lend)
        program.wait_closed()
        program.wait_head("desk: Idle")
        assert home.settings_file.load().settings.servers == servers(desk=shared.url)
        assert not StateFile(home.state_file).has_key(origin(shared))
        assert not [each for each in home.folder.rglob("*") if each.is_file() and token.encode() in each.read_bytes()]
        window = program.open_settings()
        program.press(window.server.test)
        program.wait(window.server.test.isEnabled)
        assert any("ann" in label.text() for label in window.server.findChildren(QLabel))

    def test_a_key_that_is_to_be_removed_from_a_locked_one_cannot_be_lent(
        self, start: Start, home: Home, desktop: Desktop, shared: SimulatedSwarmUI
    ) -> None:
        desktop.keyring()
        with_key(home, shared)
        program = start(settings=settings(shared))
        program.wait_head("lab: Idle")
        desktop.lock()
        window = program.open_settings()
        window.server.address.edit.setText("http://127.0.0.1:1")
        window.server.token.edit.setText("616e6e61." + "0" * 32 + "." + "0" * 32)
        program.press(window.save)
        program.wait(window.problem.isVisible)
        assert window.lend.isHidden()

    def test_the_end_does_not_wait_for_a_silent_one(
        self, start: Start, home: Home, desktop: Desktop, shared: SimulatedSwarmUI
    ) -> None:
        daemon = desktop.keyring()
        with_key(home, shared)
        daemon.send_signal(signal.SIGSTOP)
        program = start(settings=settings(shared))
        began = time.monotonic()
        program.tray.shut_down()
        assert time.monotonic() - began < 1
