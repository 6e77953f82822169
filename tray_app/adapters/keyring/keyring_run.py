"""One run of `keyring_child`: how it is started, asked and ended."""

import contextlib
import json
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from tray_app.core.secret import KeyringState, KeyringUnavailable, Secret

if TYPE_CHECKING:
    from subprocess import Popen

Request = dict[str, Any]
"""As `keyring_child` takes it, but its "secret" is a `Secret`, so that no traceback shows it."""
Answers = list[dict[str, Any]]
"""As `keyring_child` gives them, with the same difference."""


def child_command() -> list[str]:
    """How to start the child: as a file, so that no folder of the user's can put its own modules before ours.

    A frozen program has no Python to start; it is started again with the hidden argument `--keyring-child`.
    """
    if getattr(sys, "frozen", False):
        return [sys.executable, "--keyring-child"]
    return [sys.executable, "-P", str(Path(__file__).with_name("keyring_child.py"))]


class KeyringRun:
    """One child process: started, asked once, ended."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._lock = threading.Lock()
        self._process: Popen[bytes] | None = None
        self._stopped = False

    def ask(self, requests: list[Request]) -> Answers:
        """Blocks until the last answer, which may take as long as a prompt stays open.

        Raises `KeyringUnavailable` when the child cannot run or ends early.
        """
        import subprocess

        with self._lock:
            if self._stopped:
                raise KeyringUnavailable(KeyringState.SILENT)
            try:
                self._process = process = subprocess.Popen(  # noqa: S603 - our own program, no shell
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    # Ctrl-C in a terminal is for us alone; the child ends when its stdin does.
                    start_new_session=sys.platform != "win32",
                    creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                )
            except OSError:
                raise KeyringUnavailable(KeyringState.ABSENT) from None
        assert process.stdin is not None  # noqa: S101 - for the type checker
        assert process.stdout is not None  # noqa: S101
        try:
            return _converse(process.stdin, process.stdout, requests)
        except (OSError, ValueError):  # it broke off, or said something that is no answer
            raise KeyringUnavailable(KeyringState.ABSENT) from None
        finally:
            _end(process)

    def stop(self) -> None:
        """End the child from another thread, without waiting; it takes an open prompt away and ends by itself."""
        with self._lock:
            self._stopped = True
            if self._process is not None and self._process.stdin is not None:
                _close(self._process.stdin)


def _converse(to_child: IO[bytes], from_child: IO[bytes], requests: list[Request]) -> Answers:
    to_child.write(_lines(requests))
    to_child.flush()
    answers: Answers = []
    for _ in requests:
        answer = json.loads(from_child.readline(), object_hook=_hide)
        if not isinstance(answer, dict):
            raise ValueError("no answer")  # noqa: TRY004 - like every other text that is none
        answers.append(answer)
    return answers


def _lines(requests: list[Request]) -> bytes:
    return b"".join(json.dumps(each, default=Secret.reveal).encode() + b"\n" for each in requests)


def _hide(answer: dict[str, Any]) -> dict[str, Any]:
    """Wrap a secret before anything else can see it."""
    text = answer.get("secret")
    return answer if text is None else answer | {"secret": Secret(text)}


def _end(process: "Popen[bytes]") -> None:
    from subprocess import TimeoutExpired

    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            _close(pipe)
    try:
        process.wait(2)
    except TimeoutExpired:
        process.kill()
        process.wait()


def _close(pipe: IO[bytes]) -> None:
    # Unsent bytes for a child that has died are lost, and that is all right.
    with contextlib.suppress(OSError):
        pipe.close()
