"""One tray per user and profile: real processes race for a real lock and speak over a real socket."""

import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tray_app.adapters.folders import folders, instance_folders
from tray_app.adapters.single_instance import Handed, Instance, claim
from tray_app.core import verbs
from tray_app.core.verbs import Answer

pytestmark = pytest.mark.punctual

ROOT = Path(__file__).parents[2]
NOBODY = 65534

# Claims the folder named by each line it reads, keeps what it gets, and says what that was.
CLAIMANT = """
import sys
from pathlib import Path
from tray_app.adapters.single_instance import Instance, claim
kept = []
for line in sys.stdin:
    outcome = claim([Path(line.strip())], patience=float(sys.argv[1]))
    kept.append(outcome)
    print("first" if isinstance(outcome, Instance) else outcome.name, flush=True)
"""

Claimants = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder whose path is as short as a runtime folder's."""
    with tempfile.TemporaryDirectory(prefix="tray-", dir="/tmp") as folder:
        yield Path(folder, "swarmui-tray")


@pytest.fixture
def claimant() -> Iterator[Claimants]:
    """Starts processes that claim folders; they are gone afterwards."""
    started: list[subprocess.Popen[str]] = []

    def start(patience: float = 0.5) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", CLAIMANT, str(patience)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def tell(process: subprocess.Popen[str], folder: Path) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{folder}\n")
    process.stdin.flush()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


class Answering:
    """The first start, with a thread in place of Qt's loop: hears verbs and gives one answer to all."""

    def __init__(self, instance: Instance, answer: bytes) -> None:
        self.heard: list[bytes] = []
        self._instance = instance
        self._answer = answer
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._ending.wait(0.005):
            link = self._instance.accept()
            if link is not None:
                with link:
                    link.settimeout(5)
                    self.heard.append(link.recv(verbs.LIMIT))
                    link.sendall(self._answer)

    def end(self) -> None:
        self._ending.set()
        self._thread.join()
        self._instance.close()


def first(outcome: Instance | Handed) -> Instance:
    assert isinstance(outcome, Instance), outcome
    return outcome


def test_a_second_start_hands_its_verb_over_and_is_told_that_it_was_taken(place: Path) -> None:
    running = Answering(first(claim([place])), verbs.line(Answer.TAKEN))
    try:
        assert claim([place], "show") is Handed.TAKEN
        assert claim([place], "settings") is Handed.TAKEN
    finally:
        running.end()
    assert running.heard == [b"swarmui-tray 1 show\n", b"swarmui-tray 1 settings\n"]


def test_a_tray_of_another_version_says_that_it_does_not_know_the_verb(place: Path) -> None:
    running = Answering(first(claim([place])), verbs.line(Answer.UNKNOWN))
    try:
        assert claim([place], "dance") is Handed.UNKNOWN
    finally:
        running.end()


def test_a_start_while_the_tray_is_busy_ends_in_time_and_its_verb_waits(place: Path) -> None:
    running = first(claim([place]))
    started = time.monotonic()
    assert claim([place]) is Handed.UNANSWERED
    assert time.monotonic() - started < 0.9
    link = running.accept()
    assert link is not None
    with link:
        assert link.recv(verbs.LIMIT) == verbs.line("show")
    running.close()


def test_more_starts_than_can_wait_end_in_time_all_the_same(place: Path) -> None:
    running = first(claim([place]))
    waiting = []
    try:
        while True:
            link = socket.socket(socket.AF_UNIX)
            link.settimeout(0)
            waiting.append(link)
            link.connect(str(place / "tray.sock"))
    except BlockingIOError:
        assert len(waiting) > 50
    assert claim([place], patience=0.1) is Handed.UNANSWERED
    for link in waiting:
        link.close()
    running.close()


def test_of_ten_starts_at_once_exactly_one_is_first(place: Path, claimant: Claimants) -> None:
    processes = [claimant(0.05) for _ in range(10)]
    for turn in range(20):
        for process in processes:
            tell(process, place / str(turn))
        outcomes = sorted(said(process) for process in processes)
        assert outcomes == ["UNANSWERED"] * 9 + ["first"]


def test_after_kill_9_the_next_start_is_first_and_can_be_spoken_to(place: Path, claimant: Claimants) -> None:
    process = claimant()
    tell(process, place)
    assert said(process) == "first"
    process.send_signal(signal.SIGKILL)
    process.wait(5)
    assert (place / "tray.sock").is_socket()
    running = Answering(first(claim([place])), verbs.line(Answer.TAKEN))
    try:
        assert claim([place]) is Handed.TAKEN
    finally:
        running.end()


@pytest.mark.parametrize("kind", ["socket", "file", "link"])
def test_what_lies_in_the_sockets_place_does_no_harm(place: Path, kind: str, tmp_path: Path) -> None:
    place.mkdir()
    path = place / "tray.sock"
    if kind == "socket":
        with socket.socket(socket.AF_UNIX) as stale:
            stale.bind(str(path))
    elif kind == "file":
        path.write_text("x")
    else:
        path.symlink_to(tmp_path / "elsewhere")
    running = first(claim([place]))
    assert running.problem == ""
    assert running.fileno() >= 0
    running.close()
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_in_the_sockets_place_only_makes_the_tray_deaf(place: Path) -> None:
    (place / "tray.sock").mkdir(parents=True)
    running = first(claim([place]))
    assert running.fileno() == -1
    assert running.problem.startswith("A second start cannot be heard: ")
    assert running.accept() is None
    assert claim([place], patience=0.05) is Handed.UNANSWERED
    running.close()


def test_a_start_while_the_tray_ends_becomes_the_next_tray(place: Path) -> None:
    """Who has knocked already is told by the end of the connection, and tries again."""
    running = first(claim([place]))
    outcomes: list[Instance | Handed] = []
    second = threading.Thread(target=lambda: outcomes.append(claim([place], patience=5)))
    second.start()
    deadline = time.monotonic() + 5
    while (link := running.accept()) is None:
        assert time.monotonic() < deadline
    link.close()
    running.close()
    second.join(5)
    first(outcomes[0]).close()


def test_socket_and_lock_are_for_their_owner_alone_and_stay_when_the_folder_is_cleaned(place: Path) -> None:
    before = os.umask(0)
    try:
        running = first(claim([place]))
    finally:
        os.umask(before)
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert {each.name: stat.S_IMODE(each.stat().st_mode) for each in place.iterdir()} == {
        "tray.lock": 0o1600,
        "tray.sock": 0o1600,
    }
    running.close()
    assert [each.name for each in place.iterdir()] == ["tray.lock"]


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_no_verb_is_accepted_from_another_user(place: Path) -> None:
    running = first(claim([place]))
    place.parent.chmod(0o755)
    place.chmod(0o755)
    (place / "tray.sock").chmod(0o666)
    code = f"""
import os, socket
os.setuid({NOBODY})
link = socket.socket(socket.AF_UNIX)
link.settimeout(10)
link.connect({str(place / "tray.sock")!r})
link.sendall({verbs.line("show")!r})
print("connected", flush=True)
try:
    print(link.recv(99))
except ConnectionResetError:
    print(b"")
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as stranger:
        assert said(stranger) == "connected"
        assert running.accept() is None
        assert said(stranger) == "b''"
    running.close()


def test_two_profiles_run_side_by_side(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(place))
    one, other = (first(claim([folders(profile).runtime])) for profile in (None, "work"))
    assert claim([folders("work").runtime], patience=0.05) is Handed.UNANSWERED
    one.close()
    other.close()


def test_a_profile_with_the_longest_name_fits_into_a_sockets_address(place: Path) -> None:
    deep = place / "profiles" / ("x" * 64) / ("y" * 30)
    running = Answering(first(claim([deep])), verbs.line(Answer.TAKEN))
    try:
        assert len(str(deep / "tray.sock")) > 108
        assert claim([deep]) is Handed.TAKEN
    finally:
        running.end()


def test_where_the_runtime_folder_cannot_be_written_the_next_folder_serves(place: Path, tmp_path: Path) -> None:
    place.mkdir(mode=0o700)
    blocked = place / "blocked"
    blocked.write_text("a file where the folder should be")
    running = Answering(first(claim([None, blocked, tmp_path / "state"])), verbs.line(Answer.TAKEN))
    try:
        assert claim([None, blocked, tmp_path / "state"]) is Handed.TAKEN
    finally:
        running.end()


def test_a_tray_starts_where_no_folder_can_be_written(place: Path) -> None:
    """As another user than root, whom no mode keeps from writing."""
    place.mkdir()
    place.parent.chmod(0o755)
    place.chmod(0o555)
    code = (
        "import os, sys; from pathlib import Path; from tray_app.adapters.single_instance import claim\n"
        f"if os.getuid() == 0: os.setuid({NOBODY})\n"
        "instance = claim([Path(sys.argv[1], 'runtime'), Path(sys.argv[1], 'state')])\n"
        "print(instance.fileno(), instance.accept(), instance.problem); instance.close()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(place)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == (
        f"-1 None Nothing keeps a second tray from starting. {place}/runtime: Permission denied. "
        f"{place}/state: Permission denied.\n"
    ), done.stderr


def test_a_second_start_loads_neither_qt_nor_ssl(place: Path) -> None:
    running = Answering(first(claim([place])), verbs.line(Answer.TAKEN))
    code = (
        "import sys; from pathlib import Path; from tray_app.adapters.single_instance import claim\n"
        "print(claim([Path(sys.argv[1])]).name, *sorted({'PySide6', 'ssl', 'hashlib', 'json'} & set(sys.modules)))"
    )
    # Measured for coverage, it would load what coverage loads.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    command = [sys.executable, "-c", code, str(place)]
    try:
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    finally:
        running.end()
    assert done.stdout == "TAKEN\n"


def test_the_places_are_the_runtime_folder_and_then_the_state_folder(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(place))
    monkeypatch.setenv("XDG_STATE_HOME", str(place / "state"))
    inside = Path("swarmui-tray/profiles/work")
    assert list(instance_folders("work")) == [place / inside, place / "state" / inside]
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    assert list(instance_folders()) == [place / "state/swarmui-tray"]
