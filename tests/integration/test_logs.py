"""The debug log: no secret gets into it, it is bounded, and the libraries below stay silent."""

import logging
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tray_app.adapters import logs
from tray_app.adapters.logs import Redactor, log_crash, log_to_file, warnings_shown

CANARY = "canary-0123456789"


@pytest.fixture(autouse=True)
def _fresh_logging() -> Iterator[None]:
    """Take away what a test added to the process' loggers."""
    ours = logging.getLogger(logs.ROOT)
    before = (ours.handlers[:], ours.level, ours.propagate)
    libraries = {name: logging.getLogger(name) for name in ("httpcore",)}
    levels = {name: (each.level, each.propagate) for name, each in libraries.items()}
    yield
    ours.handlers[:], ours.level, ours.propagate = before
    for name, each in libraries.items():
        each.level, each.propagate = levels[name]


@pytest.fixture
def clean() -> Redactor:
    clean = Redactor()
    clean.add(CANARY)
    return clean


def test_a_secret_is_replaced_wherever_it_stands(clean: Redactor) -> None:
    assert clean(f"a {CANARY} b{CANARY}") == "a *** b***"
    clean.add("", "abc")
    assert clean("abc") == "abc"
    clean.add(CANARY[:8], "other-secret")
    assert clean(f"{CANARY} {CANARY[:8]} other-secret") == "*** *** ***"


def test_no_secret_reaches_the_file_by_message_argument_or_traceback(tmp_path: Path, clean: Redactor) -> None:
    path = tmp_path / "logs" / "debug.log"
    log_to_file(path, clean)
    log = logging.getLogger("tray_app.adapters.x")
    log.debug("sent %s", CANARY)
    try:
        int(CANARY)
    except ValueError:
        log.exception("failed with %r", {"token": CANARY})
    text = path.read_text()
    assert CANARY not in text
    assert "sent ***" in text
    assert "'***'" in text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_file_is_bounded(tmp_path: Path, clean: Redactor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MAX_BYTES", 5000)
    log_to_file(tmp_path / "debug.log", clean)
    for number in range(200):
        logging.getLogger("tray_app.x").info("line %d %s", number, "x" * 50)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["debug.log", "debug.log.1", "debug.log.lock"]
    assert all(each.stat().st_size <= 5000 for each in tmp_path.iterdir())
    assert "line 199 " in (tmp_path / "debug.log").read_text()


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path, clean: Redactor) -> None:
    (tmp_path / "file").write_text("")
    log_to_file(tmp_path / "file" / "debug.log", clean)
    logging.getLogger("tray_app.x").error("nobody reads this")
    assert not log_crash(tmp_path / "file" / "debug.log", clean, ValueError("x"))


def test_the_libraries_below_are_silent_and_ours_is_not_passed_on(
    clean: Redactor, caplog: pytest.LogCaptureFixture
) -> None:
    shown: list[str] = []
    with warnings_shown(shown.append, clean):
        logging.getLogger("httpcore").warning("GET http://user:pass@host/")
        logging.getLogger("httpcore.http11").debug("Set-Cookie: x")
        logging.getLogger("tray_app.x").info("nobody is told")
        try:
            int(CANARY)
        except ValueError:
            logging.getLogger("tray_app.x").exception("ours %s", CANARY)
    assert shown == ["ours ***"]
    assert caplog.text == ""


def test_a_crash_is_written_with_its_traceback_and_without_values(tmp_path: Path, clean: Redactor) -> None:
    path = tmp_path / "debug.log"

    def fail(token: str) -> None:
        raise RuntimeError(f"no {token}")

    with pytest.raises(RuntimeError) as caught:
        fail(CANARY)
    assert log_crash(path, clean, caught.value)
    text = path.read_text()
    assert "RuntimeError: no ***" in text
    assert "in fail" in text
    assert CANARY not in text
