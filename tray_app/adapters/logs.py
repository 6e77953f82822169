"""The debug log, and the one place where known secrets are taken out of whatever is about to be written.

httpcore names whole headers at DEBUG, cookies included: it is silenced.
"""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tray_app.adapters import private_file
from tray_app.core.blanking import pieces

ROOT = "tray_app"
MAX_BYTES = 1024 * 1024
SHORTEST_SECRET = 4
"""Shorter texts are not replaced: they occur in ordinary words, and nobody's key is that short."""


class Redactor:
    """Replaces every secret that it was told of by `***`."""

    def __init__(self) -> None:
        self._secrets: tuple[str, ...] = ()

    def add(self, *secrets: str) -> None:
        """Know these texts and their parts from now on; very short ones are passed over. Safe from any thread."""
        parts = (part for each in secrets for part in pieces(each))
        known = {*self._secrets, *(each for each in parts if len(each) >= SHORTEST_SECRET)}
        # The longest first: one secret may be part of another.
        self._secrets = tuple(sorted(known, key=len, reverse=True))

    def __call__(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text


class _RedactingFormatter(logging.Formatter):
    """Formats a record with its traceback, then takes the secrets out of all of it."""

    def __init__(self, form: str, clean: Redactor) -> None:
        super().__init__(form)
        self._clean = clean

    def format(self, record: logging.LogRecord) -> str:
        return self._clean(super().format(record))


class _FileHandler(logging.Handler):
    """Appends to a bounded, owner-only file that several processes share."""

    def __init__(self, path: Path) -> None:
        super().__init__(logging.DEBUG)
        self._path = path

    def emit(self, record: logging.LogRecord) -> None:
        try:
            private_file.append(self._path, self.format(record), limit=MAX_BYTES)
        except OSError:  # a full disk must not stop the program, and there is nowhere else to say it
            return


class _Shown(logging.Handler):
    """Passes warnings on."""

    def __init__(self, show: Callable[[str], None], clean: Redactor) -> None:
        super().__init__(logging.WARNING)
        self._show = show
        self._clean = clean

    def emit(self, record: logging.LogRecord) -> None:
        self._show(self._clean(record.getMessage()))


def log_to_file(path: Path, clean: Redactor) -> None:
    """Write the program's own log to a file from now on."""
    handler = _FileHandler(path)
    handler.setFormatter(_RedactingFormatter("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s", clean))
    _add(handler)


@contextmanager
def warnings_shown(show: Callable[[str], None], clean: Redactor) -> Iterator[None]:
    """Hand the warnings of the program's own log to `show`, each as one sentence without a traceback.

    Where nobody took them, Python would print them, with tracebacks and all that these hold.
    """
    handler = _Shown(show, clean)
    _add(handler)
    try:
        yield
    finally:
        logging.getLogger(ROOT).removeHandler(handler)


def quiet_libraries() -> None:
    """Keep what the library below us says about addresses and headers out of every log."""
    logger = logging.getLogger("httpcore")
    logger.setLevel(logging.CRITICAL)
    logger.propagate = False


def _add(handler: logging.Handler) -> None:
    quiet_libraries()
    logger = logging.getLogger(ROOT)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    logger.addHandler(handler)


def log_crash(path: Path, clean: Redactor, error: BaseException) -> bool:
    """Write an unexpected error with its traceback; says whether that worked. Values of variables are not written."""
    import platform
    import traceback

    text = "".join(traceback.format_exception(error))
    head = f"Python {platform.python_version()} on {sys.platform}, unexpected error:"
    try:
        private_file.append(path, clean(f"{head}\n{text}"), limit=MAX_BYTES)
    except OSError:
        return False
    return True
