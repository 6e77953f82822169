"""Counts, durations, and the sentences of events."""

import pytest

from tray_app.core.events import Event, EventKind
from tray_app.core.model import Outcome
from tray_app.core.words import duration, headline, job_count, sentence, unbroken


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-3, "0 s"), (0.4, "0 s"), (45, "45 s"), (60, "1 min"), (192, "3 min 12 s"), (725, "12 min"),
        (3600, "1 h"), (7500, "2 h 5 min"),
    ],
)  # fmt: skip
def test_duration_is_as_exact_as_it_is_useful(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_a_number_stays_with_its_unit_and_everything_else_may_be_broken() -> None:
    assert unbroken("2 sheep, away for 3 min 11 s.").split(" ") == [
        "2",
        "sheep,",
        "away",
        "for",
        "3\xa0min",
        "11\xa0s.",
    ]


def test_job_count_minds_the_number() -> None:
    assert (job_count(0), job_count(1), job_count(2)) == ("0 jobs", "1 job", "2 jobs")


def event(kind: EventKind, **facts: object) -> Event:
    return Event(kind, "home", 0.0, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "title", "text"),
    [
        (event(EventKind.FINISHED, jobs=4, seconds=192.0), "Work finished", "4 jobs done in 3 min 12 s."),
        (event(EventKind.FINISHED, jobs=1, at_least=True), "Work finished", "At least 1 job done."),
        (event(EventKind.FINISHED), "Work finished", "The work is done."),
        (
            event(EventKind.FINISHED, text="1 job failed.", seconds=60.0),
            "Work has ended",
            "The work has ended in 1 min. 1 job failed.",
        ),
        (event(EventKind.FAILED, text="out of memory", user="local"), "A job failed", "out of memory"),
        (event(EventKind.FAILED, text="out of memory", user="ann"), "A job failed", "ann: out of memory"),
        (event(EventKind.FAILED, text="out of memory", user="local", jobs=2), "2 jobs failed", "out of memory"),
        (event(EventKind.LOST, text="Gone."), "SwarmUI cannot be reached", "Gone."),
        (
            event(EventKind.BACK, seconds=61.0),
            "SwarmUI is back",
            "It can be reached again. It was away for 1 min 1 s.",
        ),
        (event(EventKind.BACK), "SwarmUI is back", "It can be reached again."),
        (event(EventKind.OUTPUTS, text="2 new files were saved."), "New output", "2 new files were saved."),
        (event(EventKind.KEY_REFUSED, text="No."), "The key is refused", "No."),
        (event(EventKind.RETURNED, text="1 new job."), "New work after the cancel", "1 new job."),
        (event(EventKind.CANCEL, text="Would stop.", outcome=None), "Cancel", "Would stop."),
    ],
)
def test_event_has_a_title_and_a_sentence(given: Event, title: str, text: str) -> None:
    assert (headline(given), sentence(given)) == (title, text)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_has_a_title_of_its_own(outcome: Outcome) -> None:
    assert headline(event(EventKind.CANCEL, outcome=outcome.value)) != "Cancel"
