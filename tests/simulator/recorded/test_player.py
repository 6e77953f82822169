"""The player bites: a recording that says something else than the simulator does is found out."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.simulator.recorded.player import play
from tests.simulator.recorded.recording import JSON, Exchange, Poll, Recording, load
from tests.simulator.recorded.scenarios import script


def deviations(recording: Recording) -> list[str]:
    return asyncio.run(play(recording, script(recording.version, recording.scenario)))


def answered(recording: Recording, line: int, **changes: JSON) -> Recording:
    """The same recording with another answer in one line."""

    def change(exchange: Exchange) -> Exchange:
        if exchange.line != line:
            return exchange
        assert isinstance(exchange.reply, dict)
        return replace(exchange, reply={**exchange.reply, **changes})

    return replace(recording, exchanges=tuple(change(exchange) for exchange in recording.exchanges))


def polled(recording: Recording, choose: Callable[[Poll], Poll | None]) -> Recording:
    """The same recording with other polls."""
    return replace(recording, polls=tuple(new for poll in recording.polls if (new := choose(poll)) is not None))


def counted(poll: Poll, waiting_gens: int) -> bool:
    return isinstance(poll.status, dict) and poll.status["waiting_gens"] == waiting_gens


def test_another_text_is_found() -> None:
    found = deviations(answered(load("0.9.8.2", "cancel_current"), 10, error="No images."))
    assert len(found) == 1
    assert found[0].startswith("0.9.8.2/cancel_current:10: GenerateText2Image error: recorded 'No images.'")


def test_another_location_is_found() -> None:
    recording = load("0.9.7.0", "errors")
    exchanges = [
        replace(each, reply_headers={**each.reply_headers, "Location": "/Error/500"}) if each.line == 7 else each
        for each in recording.exchanges
    ]
    found = deviations(replace(recording, exchanges=tuple(exchanges)))
    assert [each.partition(": ")[0] for each in found] == ["0.9.7.0/errors:7"]


def test_a_recorded_counter_that_never_comes_is_found() -> None:
    def one_more(poll: Poll) -> Poll:
        assert isinstance(poll.status, dict)
        return replace(poll, status={**poll.status, "waiting_gens": 9}) if counted(poll, 3) else poll

    found = deviations(polled(load("0.9.8.2", "cancel_current"), one_more))
    assert any("never comes" in each and "(9, " in each for each in found)


def test_a_counter_that_lasts_and_was_not_recorded_is_found() -> None:
    found = deviations(polled(load("0.9.8.2", "cancel_current"), lambda poll: None if counted(poll, 4) else poll))
    assert any("was never recorded" in each and "(4, 0, 2, 2)" in each for each in found)


def test_a_state_of_the_backends_that_never_comes_is_found() -> None:
    def errored(poll: Poll) -> Poll:
        assert isinstance(poll.backend_status, dict)
        if poll.backend_status["status"] != "loading":
            return poll
        return replace(poll, backend_status={**poll.backend_status, "status": "errored"})

    found = deviations(polled(load("0.9.8.2", "failures"), errored))
    assert any("backend_status" in each and "never comes" in each for each in found)


@pytest.mark.parametrize("change", ["text", "missing"])
def test_another_or_a_missing_frame_is_found(change: str) -> None:
    recording = load("0.9.8.2", "websocket_cancelled")
    frames = [
        replace(frame, text=frame.text.replace("interrupted", "cut short"))
        for frame in recording.frames
        if change == "text" or "discard_indices" not in frame.text
    ]
    if change == "missing":
        frames = [frame for frame in recording.frames if "discard_indices" not in frame.text]
    assert deviations(replace(recording, frames=tuple(frames)))


def test_another_log_line_is_found() -> None:
    recording = load("0.9.8.2", "log_tail")
    lines = [replace(line, text=line.text.replace("2 images", "3 images")) for line in recording.log]
    found = deviations(replace(recording, log=tuple(lines)))
    assert [each.partition(": ")[0] for each in found] == ["0.9.8.2/log_tail:log Info"]


def test_an_answer_that_came_before_another_one_is_found() -> None:
    recording = load("0.9.8.2", "cancel_current")
    exchanges = [replace(each, seconds=9.0) if each.line == 10 else each for each in recording.exchanges]
    found = deviations(replace(recording, exchanges=tuple(exchanges)))
    assert any("is answered before" in each for each in found)


def test_an_answer_that_never_comes_is_found() -> None:
    recording = load("0.9.8.2", "hang_then_cancel")
    exchanges = tuple(each for each in recording.exchanges if each.route != "InterruptAll")
    written = replace(script("0.9.8.2", "hang_then_cancel"), close=None)
    found = asyncio.run(play(replace(recording, exchanges=exchanges), written))
    assert any("is not answered by" in each for each in found)
