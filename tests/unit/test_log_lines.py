"""Failures of jobs as SwarmUI's log tells them (recorded: log_tail, failures)."""

import pytest

from tray_app.core.log_lines import failures
from tray_app.core.model import LogLine, LogTail

NEW = "Refused to generate image for local: ComfyUI execution error: simulated CUDA out of memory"
OLD = (
    "[WebAPI] Error handling API request '/API/GenerateText2Image' for user 'local': "
    "ComfyUI execution error: simulated CUDA out of memory"
)
CAUSE = ("local", "ComfyUI execution error: simulated CUDA out of memory", 1)


def found(*messages: str) -> tuple[tuple[str, str, int], ...]:
    return failures(LogTail(tuple(LogLine(number, "Warning", each) for number, each in enumerate(messages)), 9))


@pytest.mark.parametrize("line", [NEW, OLD, OLD.replace("Text2Image", "Text2ImageWS")])
def test_both_generations_tell_user_and_cause(line: str) -> None:
    assert found(line) == (CAUSE,)


def test_a_failure_that_is_written_twice_is_one() -> None:
    assert found(NEW, OLD) == (CAUSE,)


def test_failures_with_the_same_cause_are_counted() -> None:
    assert found(NEW, OLD, NEW, OLD) == ((*CAUSE[:2], 2),)
    assert found(NEW, NEW, NEW, OLD) == ((*CAUSE[:2], 3),)


@pytest.mark.parametrize(
    "line",
    [
        "Refused to generate image for local: Generation session interrupted.",
        "Refused to generate image for local: No images were generated (all refused, or failed - check server logs).",
        "[WebAPI] Error handling API request '/API/ListRecentLogMessages' for user 'local': Internal exception",
        "Generated an image in 0.00 sec (prep) and 1.54 sec (gen)",
        "User local requested 2 images with model 'tiny.safetensors'...",
    ],
)
def test_cancelled_work_and_other_lines_are_no_failures(line: str) -> None:
    assert found(line) == ()


def test_only_the_first_line_of_a_long_cause_is_kept() -> None:
    assert found("Refused to generate image for a b: " + "x" * 500 + "\n  at Somewhere()") == (("a b", "x" * 300, 1),)
