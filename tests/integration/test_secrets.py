"""Keys against a real gnome-keyring on a private bus: unlocked, locked with and without a prompter, absent, silent."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from queue import Queue

import pytest

from tests.private_desktop import Desktop, until
from tray_app.adapters.keyring.keyring_run import child_command
from tray_app.adapters.keyring.secrets import Secrets
from tray_app.core.secret import KeyAnswer, KeyringState, KeyringUnavailable, Secret, SecretKind

ORIGIN = "http://127.0.0.1:7801"
CANARY = "canary-6b1f-ünï"
TOKEN, AUTHORIZATION, SESSION = SecretKind.TOKEN, SecretKind.AUTHORIZATION, SecretKind.SESSION


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desktop]:
    """A private bus with nothing on it yet."""
    parts = Desktop(tmp_path, monkeypatch)
    yield parts
    parts.end()


@pytest.fixture
def secrets() -> Iterator[Secrets]:
    """Secrets with the patience of the tray."""
    kept = Secrets()
    yield kept
    kept.close()


def children() -> list[int]:
    """The processes that this one has started through secrets and that still live."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread or a child that ended meanwhile
            for pid in (task / "children").read_text().split():
                if b"keyring_child" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    found.append(int(pid))
    return found


def state_of(answer: KeyAnswer) -> KeyringState | None:
    """The state in an answer; None where there is no error."""
    return answer.error.state if answer.error else None


@pytest.mark.desktop
class TestUnlocked:
    """gnome-keyring with an unlocked login keyring."""

    def test_what_was_stored_comes_back_and_what_was_not_is_left_out(self, desktop: Desktop, secrets: Secrets) -> None:
        desktop.keyring()
        secrets.set(ORIGIN, TOKEN, Secret(CANARY))
        assert secrets.get(ORIGIN, [TOKEN, AUTHORIZATION]) == {TOKEN: Secret(CANARY)}

    def test_another_origin_gets_nothing(self, desktop: Desktop, secrets: Secrets) -> None:
        desktop.keyring()
        secrets.set(ORIGIN, TOKEN, Secret(CANARY))
        assert secrets.get("https://127.0.0.1:7801", [TOKEN]) == {}
        assert secrets.get("http://127.0.0.1:7802", [TOKEN]) == {}

    def test_several_changes_are_one_run(self, desktop: Desktop, secrets: Secrets) -> None:
        desktop.keyring()
        secrets.change(ORIGIN, {TOKEN: Secret("one"), AUTHORIZATION: Secret("two"), SESSION: None})
        secrets.change(ORIGIN, {TOKEN: Secret("new"), AUTHORIZATION: None})
        assert secrets.get(ORIGIN, list(SecretKind)) == {TOKEN: Secret("new")}

    def test_deleting_what_is_not_there_is_done(self, desktop: Desktop, secrets: Secrets) -> None:
        desktop.keyring()
        secrets.delete(ORIGIN, [TOKEN])
        assert secrets.get(ORIGIN, [TOKEN]) == {}

    def test_nothing_on_disk_holds_the_key_in_plain_text(self, desktop: Desktop, secrets: Secrets) -> None:
        desktop.keyring()
        secrets.set(ORIGIN, TOKEN, Secret("canary-in-plain-ascii"))
        files = [path for path in desktop.home.rglob("*") if path.is_file()]
        assert any(path.suffix == ".keyring" for path in files)
        assert [path for path in files if b"canary-in-plain-ascii" in path.read_bytes()] == []

    def test_a_fetch_answers_once_and_leaves_no_process(self, desktop: Desktop, secrets: Secrets) -> None:
        desktop.keyring()
        secrets.set(ORIGIN, TOKEN, Secret(CANARY))
        answers: Queue[KeyAnswer] = Queue()
        secrets.fetch_later(ORIGIN, [TOKEN], answers.put)
        assert answers.get(timeout=10) == KeyAnswer(ORIGIN, {TOKEN: Secret(CANARY)})
        until(lambda: not children())
        assert answers.empty()

    def test_a_change_is_told_when_it_is_done(self, desktop: Desktop, secrets: Secrets) -> None:
        desktop.keyring()
        answers: Queue[KeyAnswer] = Queue()
        secrets.change_later(ORIGIN, {TOKEN: Secret(CANARY)}, answers.put)
        assert answers.get(timeout=10) == KeyAnswer(ORIGIN, {})
        assert secrets.get(ORIGIN, [TOKEN]) == {TOKEN: Secret(CANARY)}


@pytest.mark.desktop
class TestWithoutKeyring:
    """No daemon, no bus, a daemon without a keyring, and stores that are not safe."""

    def test_no_daemon_is_absent(self, desktop: Desktop, secrets: Secrets) -> None:
        with pytest.raises(KeyringUnavailable) as caught:
            secrets.get(ORIGIN, [TOKEN])
        assert caught.value.state is KeyringState.ABSENT

    def test_no_bus_is_absent(self, desktop: Desktop, secrets: Secrets, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
        with pytest.raises(KeyringUnavailable) as caught:
            secrets.set(ORIGIN, TOKEN, Secret(CANARY))
        assert caught.value.state is KeyringState.ABSENT

    def test_a_daemon_without_a_keyring_has_nothing_and_is_not_asked_to_make_one(
        self, desktop: Desktop, secrets: Secrets
    ) -> None:
        desktop.keyring(unlocked=False)
        desktop.prompter()
        assert secrets.get(ORIGIN, [TOKEN]) == {}
        assert desktop.prompts() == 0

    def test_a_daemon_without_a_keyring_and_without_a_prompter_stores_nothing(
        self, desktop: Desktop, secrets: Secrets
    ) -> None:
        desktop.keyring(unlocked=False)
        with pytest.raises(KeyringUnavailable) as caught:
            secrets.set(ORIGIN, TOKEN, Secret(CANARY))
        assert caught.value.state is KeyringState.ABSENT

    def test_a_daemon_without_a_keyring_makes_one_when_the_user_agrees(
        self, desktop: Desktop, secrets: Secrets
    ) -> None:
        desktop.keyring(unlocked=False)
        desktop.prompter()
        answers: Queue[KeyAnswer] = Queue()
        secrets.change_later(ORIGIN, {TOKEN: Secret(CANARY)}, answers.put)
        desktop.press("t", "e", "s", "t", "Tab", "t", "e", "s", "t", "Return")
        until(lambda: not answers.empty())
        assert list(answers.queue)[-1] == KeyAnswer(ORIGIN, {})
        assert secrets.get(ORIGIN, [TOKEN]) == {TOKEN: Secret(CANARY)}

    def test_a_new_keyring_that_the_user_does_not_want_is_dismissed(self, desktop: Desktop, secrets: Secrets) -> None:
        desktop.keyring(unlocked=False)
        desktop.prompter()
        answers: Queue[KeyAnswer] = Queue()
        secrets.change_later(ORIGIN, {TOKEN: Secret("one"), AUTHORIZATION: Secret("two")}, answers.put)
        desktop.press("Escape")
        until(lambda: not answers.empty())
        assert state_of(list(answers.queue)[-1]) is KeyringState.DISMISSED
        assert desktop.prompts() == 0

    @pytest.mark.parametrize("backend", ["plain_store.Keyring", "no.such.Module", "keyring.backends.null.Keyring"])
    def test_a_store_without_encryption_or_without_code_is_absent(
        self, desktop: Desktop, secrets: Secrets, monkeypatch: pytest.MonkeyPatch, backend: str
    ) -> None:
        (desktop.home / "plain_store.py").write_text(
            "from keyring.backend import KeyringBackend\n"
            "class Keyring(KeyringBackend):\n"
            "    priority = 0.5\n"
            "    def get_password(self, service, username): ...\n"
            "    def set_password(self, service, username, password):\n"
            "        open('plain.txt', 'w').write(password)\n"
        )
        monkeypatch.setenv("PYTHONPATH", str(desktop.home))
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", backend)
        with pytest.raises(KeyringUnavailable) as caught:
            secrets.set(ORIGIN, TOKEN, Secret(CANARY))
        assert caught.value.state is KeyringState.ABSENT


@pytest.mark.desktop
class TestLocked:
    """gnome-keyring that has locked itself, without and with GNOME's real prompter."""

    def test_without_a_prompter_it_is_locked(self, desktop: Desktop, secrets: Secrets) -> None:
        desktop.keyring()
        desktop.lock()
        with pytest.raises(KeyringUnavailable) as caught:
            secrets.get(ORIGIN, [TOKEN])
        assert caught.value.state is KeyringState.LOCKED

    def test_without_leave_to_prompt_nothing_is_shown(self, desktop: Desktop, secrets: Secrets) -> None:
        desktop.keyring()
        desktop.prompter()
        desktop.lock()
        with pytest.raises(KeyringUnavailable) as caught:
            secrets.get(ORIGIN, [TOKEN], prompt=False)
        assert caught.value.state is KeyringState.LOCKED
        assert desktop.prompts() == 0

    def test_the_password_in_the_prompt_gives_the_key(self, desktop: Desktop, secrets: Secrets) -> None:
        desktop.keyring()
        secrets.set(ORIGIN, TOKEN, Secret(CANARY))
        desktop.prompter()
        desktop.lock()
        answers: Queue[KeyAnswer] = Queue()
        secrets.fetch_later(ORIGIN, [TOKEN], answers.put)
        desktop.press("t", "e", "s", "t", "Return")
        until(lambda: not answers.empty())
        assert list(answers.queue)[-1].secrets == {TOKEN: Secret(CANARY)}

    def test_after_a_dismissal_only_the_user_brings_the_prompt_back(self, desktop: Desktop, secrets: Secrets) -> None:
        desktop.keyring()
        secrets.set(ORIGIN, TOKEN, Secret(CANARY))
        desktop.prompter()
        desktop.lock()
        answers: Queue[KeyAnswer] = Queue()
        secrets.fetch_later(ORIGIN, [TOKEN], answers.put)
        desktop.press("Escape")
        assert state_of(answers.get(timeout=10)) is KeyringState.DISMISSED
        secrets.fetch_later(ORIGIN, [TOKEN], answers.put)
        assert state_of(answers.get(timeout=10)) is KeyringState.LOCKED
        assert desktop.prompts() == 0
        secrets.fetch_later(ORIGIN, [TOKEN], answers.put, ask_again=True)
        desktop.press("t", "e", "s", "t", "Return")
        assert answers.get(timeout=10).secrets == {TOKEN: Secret(CANARY)}

    def test_what_was_read_survives_a_relock(self, desktop: Desktop, secrets: Secrets) -> None:
        desktop.keyring()
        secrets.set(ORIGIN, TOKEN, Secret(CANARY))
        answers: Queue[KeyAnswer] = Queue()
        secrets.fetch_later(ORIGIN, [TOKEN], answers.put)
        assert answers.get(timeout=10).secrets == {TOKEN: Secret(CANARY)}
        desktop.lock()
        secrets.fetch_later(ORIGIN, [TOKEN], answers.put)
        assert answers.get(timeout=10) == KeyAnswer(ORIGIN, {TOKEN: Secret(CANARY)})

    def test_several_fetches_under_one_prompt_are_answered_by_it(self, desktop: Desktop, secrets: Secrets) -> None:
        desktop.keyring()
        desktop.prompter()
        desktop.lock()
        answers: Queue[KeyAnswer] = Queue()
        for origin in (ORIGIN, ORIGIN, "https://other.example"):
            secrets.fetch_later(origin, [TOKEN], answers.put)
        desktop.press("Escape")
        states = sorted((each.origin, str(state_of(each))) for each in (answers.get(timeout=10) for _ in range(3)))
        assert states == [(ORIGIN, "dismissed"), (ORIGIN, "dismissed"), ("https://other.example", "locked")]
        assert desktop.prompts() == 0

    def test_closing_takes_the_prompt_away_and_answers_nobody(self, desktop: Desktop, secrets: Secrets) -> None:
        desktop.keyring()
        desktop.prompter()
        desktop.lock()
        answers: Queue[KeyAnswer] = Queue()
        secrets.fetch_later(ORIGIN, [TOKEN], answers.put)
        until(desktop.prompts)
        secrets.close()
        until(lambda: not children() and not desktop.prompts())
        assert answers.empty()

    def test_under_an_open_prompt_no_process_shows_the_key(self, desktop: Desktop, secrets: Secrets) -> None:
        desktop.keyring()
        desktop.prompter()
        desktop.lock()
        answers: Queue[KeyAnswer] = Queue()
        secrets.change_later(ORIGIN, {TOKEN: Secret(CANARY)}, answers.put)
        until(desktop.prompts)
        (child,) = children()
        for name in ("cmdline", "environ"):
            assert CANARY.encode() not in Path(f"/proc/{child}/{name}").read_bytes()
        desktop.press("t", "e", "s", "t", "Return")
        until(lambda: not answers.empty())
        until(lambda: not children())
        assert secrets.get(ORIGIN, [TOKEN]) == {TOKEN: Secret(CANARY)}


@pytest.mark.desktop
class TestSilent:
    """A real daemon that is stopped in the middle, and goes on later."""

    def test_it_is_reported_in_time_and_a_late_answer_is_used(self, desktop: Desktop) -> None:
        daemon = desktop.keyring()
        secrets = Secrets(patience=0.5)
        secrets.set(ORIGIN, TOKEN, Secret(CANARY))
        daemon.send_signal(signal.SIGSTOP)
        answers: Queue[KeyAnswer] = Queue()
        began = time.monotonic()
        secrets.fetch_later(ORIGIN, [TOKEN], answers.put)
        assert time.monotonic() - began < 0.1
        assert state_of(answers.get(timeout=10)) is KeyringState.SILENT
        assert 0.5 <= time.monotonic() - began < 2
        daemon.send_signal(signal.SIGCONT)
        assert answers.get(timeout=10).secrets == {TOKEN: Secret(CANARY)}
        secrets.close()

    def test_the_command_line_gives_up_after_its_timeout_and_leaves_no_process(
        self, desktop: Desktop, secrets: Secrets
    ) -> None:
        daemon = desktop.keyring()
        daemon.send_signal(signal.SIGSTOP)
        with pytest.raises(KeyringUnavailable) as caught:
            secrets.get(ORIGIN, [TOKEN], timeout=0.8)
        assert caught.value.state is KeyringState.SILENT
        until(lambda: not children())

    def test_a_child_whose_parent_dies_ends_too(self, desktop: Desktop) -> None:
        daemon = desktop.keyring()
        daemon.send_signal(signal.SIGSTOP)
        child = subprocess.Popen(child_command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(b'{"do": "get", "account": "token http://x", "prompt": true}\n')
        child.stdin.close()
        assert child.wait(10) == 0
        child.stdout.close()


class TestChild:
    """What the child does with what it should never meet."""

    def test_a_backend_that_prints_and_raises_the_secret_leaks_neither(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "talkative.py").write_text(
            "import sys\n"
            "from keyring.backend import KeyringBackend\n"
            "class Keyring(KeyringBackend):\n"
            "    priority = 2\n"
            "    def get_password(self, service, username): ...\n"
            "    def set_password(self, service, username, password):\n"
            "        print(password)\n"
            "        print(password, file=sys.stderr)\n"
            "        raise ValueError(password)\n"
        )
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "talkative.Keyring")
        child = subprocess.Popen(
            child_command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        with child:
            assert child.stdin is not None
            assert child.stdout is not None
            assert child.stderr is not None
            request = {"do": "set", "account": f"token {ORIGIN}", "secret": CANARY, "prompt": True}
            child.stdin.write(json.dumps(request) + "\n")
            child.stdin.flush()
            assert child.stdout.readline() == '{"error": "denied"}\n'
            child.stdin.close()
            assert child.stdout.read() + child.stderr.read() == ""
        assert child.returncode == 0

    def test_a_module_in_the_working_folder_is_not_taken_for_keyring(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secrets: Secrets
    ) -> None:
        (tmp_path / "keyring.py").write_text("open('taken', 'w')")
        monkeypatch.chdir(tmp_path)
        monkeypatch.delenv("PYTHONPATH", raising=False)
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
        with pytest.raises(KeyringUnavailable):
            secrets.get(ORIGIN, [TOKEN])
        assert not (tmp_path / "taken").exists()

    @pytest.mark.parametrize(
        "program",
        [
            [shutil.which("true") or "true"],
            ["/no/such/program"],
            [sys.executable, "-c", "print('no JSON')"],
            [sys.executable, "-c", "print(1)"],
        ],
    )
    def test_a_child_that_cannot_answer_is_absent(self, program: list[str]) -> None:
        with pytest.raises(KeyringUnavailable) as caught:
            Secrets(command=program).get(ORIGIN, [TOKEN])
        assert caught.value.state is KeyringState.ABSENT

    def test_a_child_that_cannot_run_is_told_later_too(self) -> None:
        secrets = Secrets(command=["/no/such/program"])
        answers: Queue[KeyAnswer] = Queue()
        secrets.fetch_later(ORIGIN, [TOKEN], answers.put)
        assert state_of(answers.get(timeout=10)) is KeyringState.ABSENT
        secrets.close()

    def test_nobody_is_asked_after_the_end(self) -> None:
        secrets = Secrets()
        secrets.close()
        answers: Queue[KeyAnswer] = Queue()
        secrets.fetch_later(ORIGIN, [TOKEN], answers.put)
        assert children() == []
        assert "keyring" not in {thread.name for thread in threading.enumerate()}

    def test_a_frozen_program_starts_itself(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "frozen", True, raising=False)
        assert child_command() == [sys.executable, "--keyring-child"]

    def test_the_parent_never_imports_keyring(self) -> None:
        code = (
            "import sys\n"
            "from tray_app.adapters.keyring.secrets import Secrets\n"
            "from tray_app.core.secret import KeyringUnavailable, SecretKind\n"
            "try: Secrets().get('http://127.0.0.1:7801', list(SecretKind))\n"
            "except KeyringUnavailable: pass\n"
            "assert not {'keyring', 'secretstorage', 'jeepney'} & set(sys.modules)"
        )
        environment = os.environ | {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
        assert subprocess.run([sys.executable, "-c", code], env=environment, check=False, timeout=30).returncode == 0


class TestRefusals:
    """Mistakes of the caller."""

    @pytest.mark.parametrize("origin", ["127.0.0.1:7801", "http://u:p@host:1", "http://host/path", "ftp://host"])
    def test_a_key_is_bound_to_an_origin_and_nothing_else(self, origin: str, secrets: Secrets) -> None:
        with pytest.raises(ValueError, match="scheme://host:port"):
            secrets.get(origin, [TOKEN])

    def test_a_traceback_of_a_refusal_does_not_show_the_key(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
        try:
            Secrets().set(ORIGIN, TOKEN, Secret(CANARY))
        except KeyringUnavailable as error:
            shown = traceback.TracebackException.from_exception(error, capture_locals=True)
            assert CANARY not in "".join(shown.format())
        else:
            pytest.fail("a keyring that fails has stored a key")
