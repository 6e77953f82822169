"""Nothing stands in the tables that no recording needs."""

from pathlib import Path

import pytest

from tests.simulator.recorded.logs import PROGRESS
from tests.simulator.recorded.polls import sight_of
from tests.simulator.recorded.recording import JSON, VERSIONS, Exchange, Recording, load, scenarios
from tests.simulator.recorded.volatile import (
    COUNTED_OTHERWISE,
    EXCEPTIONS,
    LOG_LINES_NOT_COMPARED,
    NOT_SENT,
    UNRECORDED,
    VOLATILE,
    CountedOtherwise,
    Exempt,
    Volatile,
)

PAGE = Path(__file__).parents[3] / "docs" / "simulator.md"
RECORDINGS = [load(version, scenario) for version, scenario in scenarios()]


def places(route: str, value: JSON, path: str = "") -> list[str]:
    """All places of a reply, as the table names them."""
    found = [f"{route} {path}"]
    if isinstance(value, dict):
        for key, entry in value.items():
            found += places(route, entry, f"{path}.{key}" if path else key)
    if isinstance(value, list):
        for index, entry in enumerate(value):
            found += places(route, entry, f"{path}.{index}" if path else str(index))
    return found


def all_places() -> set[str]:
    found = {"log text"}
    for recording in RECORDINGS:
        for exchange in recording.exchanges:
            found.update(places(exchange.route, exchange.reply))
        for frame in recording.frames:
            found.update(places("ws", frame.value))
    return found


def log_lines() -> list[str]:
    found = [line.text for recording in RECORDINGS for line in recording.log]
    for recording in RECORDINGS:
        for exchange in recording.exchanges:
            found += messages(exchange)
    return found


def messages(exchange: Exchange) -> list[str]:
    if not isinstance(exchange.reply, dict) or not isinstance(data := exchange.reply.get("data"), dict):
        return []
    lists = [entries for entries in data.values() if isinstance(entries, list)]
    return [str(entry["message"]) for entries in lists for entry in entries if isinstance(entry, dict)]


PLACES = sorted(all_places())
LINES = log_lines()


@pytest.mark.parametrize("entry", VOLATILE, ids=lambda entry: entry.where)
def test_each_volatile_value_is_in_a_recording(entry: Volatile) -> None:
    assert any(entry.covers(place) for place in PLACES)


def test_no_two_entries_speak_of_the_same_value() -> None:
    for place in PLACES:
        assert sum(entry.covers(place) for entry in VOLATILE) <= 1, place


@pytest.mark.parametrize("entry", NOT_SENT, ids=lambda entry: entry.what)
def test_each_request_that_is_not_sent_is_in_a_recording(entry: Exempt) -> None:
    assert any(entry.covers(f"{r.name} {x.method} {x.path}") for r in RECORDINGS for x in r.exchanges)


@pytest.mark.parametrize("entry", LOG_LINES_NOT_COMPARED, ids=lambda entry: entry.what)
def test_each_log_line_that_is_not_compared_is_in_a_recording(entry: Exempt) -> None:
    assert any(entry.covers(line) for line in LINES)


def test_lines_about_requests_are_compared() -> None:
    for start in ("User local requested ", "Generated an image in ", "Saved an output file ", "Refused to generate "):
        assert not any(
            entry.covers(line) for entry in LOG_LINES_NOT_COMPARED for line in LINES if line.startswith(start)
        )
    assert not any(entry.covers("Progress [0]: 5/7, curPercent=10.0") for entry in LOG_LINES_NOT_COMPARED)
    assert "Progress" in PROGRESS


@pytest.mark.parametrize("entry", COUNTED_OTHERWISE, ids=lambda entry: entry.scenario)
def test_each_counter_that_differs_is_in_a_recording(entry: CountedOtherwise) -> None:
    recording: Recording = next(each for each in RECORDINGS if each.name == entry.scenario)
    assert entry.recorded in [sight_of(poll.status) for poll in recording.polls]


def test_every_table_entry_has_a_reason() -> None:
    assert all(entry.reason for entry in (*VOLATILE, *EXCEPTIONS))


def test_what_was_recorded_of_one_version_only_is_marked() -> None:
    recorded = {version: {r.scenario for r in RECORDINGS if r.version == version} for version in VERSIONS}
    everything = set().union(*recorded.values())
    missing = {version: sorted(everything - names) for version, names in recorded.items() if everything - names}
    assert missing == {version: sorted(names) for version, names in UNRECORDED.items()}


def test_the_page_about_the_simulator_lists_every_exception() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [entry.what for entry in EXCEPTIONS if f"| {entry.what} | {entry.reason} |" not in page] == []
    assert [name for names in UNRECORDED.values() for name in names if f"`{name}`" not in page] == []
