"""The activity log on a real disk: form, bounds, owner, prompts, secrets, and several processes at once."""

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tray_app.adapters.activity_log import ActivityLog
from tray_app.adapters.logs import Redactor
from tray_app.core.events import Event, EventKind
from tray_app.core.model import Output

CANCEL = Event(
    EventKind.CANCEL,
    "home",
    1_800_000_000.4,
    text="Stopped 1 job.",
    jobs=1,
    user="local",
    outcome="stopped",
    reason="wrong model",
)


@pytest.fixture
def log(tmp_path: Path) -> ActivityLog:
    return ActivityLog(tmp_path / "state" / "activity.jsonl")


def test_an_entry_has_the_form_that_scripts_rely_on(log: ActivityLog) -> None:
    log.add(CANCEL)
    assert list(log.entries()) == [
        {
            "schema": 1,
            "time": "2027-01-15T08:00:00+00:00",
            "server": "home",
            "event": "cancel",
            "text": "Stopped 1 job.",
            "reason": "wrong model",
            "outcome": "stopped",
            "user": "local",
            "missed": False,
        }
    ]


def test_what_nobody_was_shown_is_marked_afterwards(log: ActivityLog) -> None:
    shown, missed, late = (Event(EventKind.LOST, "home", float(each), text="Gone.") for each in (1, 2, 3))
    log.add(shown)
    log.add(missed)
    log.add(late)
    log.mark_missed([missed, late])
    assert [entry["missed"] for entry in log.entries()] == [False, True, True]


def test_a_mark_holds_when_its_entry_has_moved_to_the_older_file(tmp_path: Path) -> None:
    log = ActivityLog(tmp_path / "activity.jsonl", limit=2000)
    missed = Event(EventKind.LOST, "home", 1.0, text="Gone.")
    log.add(missed)
    for number in range(10):
        log.add(Event(EventKind.LOST, "other", float(number), text="x" * 100))
    log.mark_missed([missed])
    assert (tmp_path / "activity.jsonl.1").exists()
    assert [entry["server"] for entry in log.entries() if entry["missed"]] == ["home"]


def test_a_file_of_an_older_program_and_odd_marks_are_read(log: ActivityLog) -> None:
    log.path.parent.mkdir(parents=True)
    entry = {"schema": 1, "time": "t", "server": "home", "event": "lost", "text": "Gone."}
    lines = [entry, {"missed": [["t"], {}]}, {"missed": 1}, {**entry, "missed": "yes"}]
    log.path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert [each["missed"] for each in log.entries()] == [False, False]


def test_no_log_has_no_entries(log: ActivityLog) -> None:
    assert list(log.entries()) == []


def test_an_event_without_a_text_of_its_own_gets_a_sentence(log: ActivityLog) -> None:
    log.add(Event(EventKind.BACK, "home", 0.0, seconds=75))
    assert [entry["text"] for entry in log.entries()] == ["It can be reached again. It was away for 1 min 15 s."]


def test_prompts_are_kept_only_when_allowed(log: ActivityLog) -> None:
    failed = Event(EventKind.FAILED, "home", 0.0, text="Could not make 'a secret garden'")
    finished = Event(EventKind.FINISHED, "home", 0.0, jobs=1, output=Output("raw/a secret garden.png", "/View/x"))
    log.add(failed)
    log.add(finished)
    assert b"garden" not in log.path.read_bytes()
    ActivityLog(log.path, allow_prompts=True).add(failed)
    assert list(log.entries())[-1]["text"] == "Could not make 'a secret garden'"


def test_secrets_are_taken_out(log: ActivityLog) -> None:
    clean = Redactor()
    clean.add("canary-token")
    event = Event(EventKind.CANCEL, "home", 0.0, text="with canary-token", reason="canary-token again")
    ActivityLog(log.path, clean=clean).add(event)
    entry = next(log.entries())
    assert (entry["text"], entry["reason"]) == ("with ***", "*** again")


def test_only_its_owner_may_read_it(log: ActivityLog) -> None:
    log.add(CANCEL)
    assert stat.S_IMODE(log.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(log.path.parent.stat().st_mode) == 0o700


def test_it_is_bounded_and_keeps_the_newest(tmp_path: Path) -> None:
    log = ActivityLog(tmp_path / "activity.jsonl", limit=2000)
    for number in range(100):
        log.add(Event(EventKind.LOST, "home", float(number), text=f"number {number}"))
    sizes = [each.stat().st_size for each in tmp_path.iterdir() if ".jsonl" in each.name and "lock" not in each.name]
    assert len(sizes) == 2
    assert max(sizes) <= 2000
    numbers = [int(entry["text"].split()[1]) for entry in log.entries()]
    assert numbers == list(range(numbers[0], 100))
    assert len(numbers) > 10


def test_a_line_that_was_cut_off_spoils_no_other(log: ActivityLog) -> None:
    log.add(CANCEL)
    with log.path.open("ab") as file:
        file.write(b'{"schema": 1, "time": "2027')
    log.add(CANCEL)
    with log.path.open("ab") as file:
        file.write(b'\n[1]\n{"time": 3}\n\xff\n' + b"[" * 5000 + b"\n")
    log.add(CANCEL)
    assert len(list(log.entries())) == 3


def test_odd_characters_stay_one_line(log: ActivityLog) -> None:
    log.add(Event(EventKind.CANCEL, "hö\u2028me\n", 0.0, text="a\nb \x1b[31m 🙂 \ud800"))
    assert len(log.path.read_bytes().splitlines()) == 1
    assert json.loads(log.path.read_bytes().decode())["server"] == "hö\u2028me\n"


def test_several_processes_append_at_once_and_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "activity.jsonl"
    script = (
        "import sys; from pathlib import Path\n"
        "from tray_app.adapters.activity_log import ActivityLog\n"
        "from tray_app.core.events import Event, EventKind\n"
        "log = ActivityLog(Path(sys.argv[1]))\n"
        "for number in range(50):\n"
        "    log.add(Event(EventKind.LOST, sys.argv[2], 0.0, text=str(number) + 'x' * 300))\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", script, str(path), name]) for name in "abc"]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    entries = list(ActivityLog(path).entries())
    for name in "abc":
        texts = [entry["text"] for entry in entries if entry["server"] == name]
        assert texts == [str(number) + "x" * 300 for number in range(50)]
