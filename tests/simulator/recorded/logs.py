"""Compares lines of the server's log: those about requests, not those about Swarm's own workings."""

import re

from tests.simulator.recorded.recording import JSON
from tests.simulator.recorded.volatile import LOG_LINES_NOT_COMPARED, STACK_TRACE, VOLATILE

KEYS = {"sequence_id": int, "time": str, "message": str}
TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}"
PROGRESS = r"Progress \[\d+\]: \d+/\d+, curPercent="


def differences(recorded: list[JSON], simulated: list[JSON], own: int | None) -> list[str]:
    """Compare two `data` lists of ListRecentLogMessages; only the last `own` recorded lines, None for all of them."""
    found = [problem for entry in simulated for problem in _malformed(entry)]
    if found:
        return found
    wanted, got = compared(_messages(recorded)), compared(_messages(simulated))
    if own is not None:
        wanted, got = wanted[-own:], got[-own:]
    return text_differences(wanted, got)


def text_differences(recorded: list[str], simulated: list[str]) -> list[str]:
    """Compare two runs of lines of one type. Progress lines may be collapsed; each must be in the recording."""
    found = [
        f"log line is not in the recording: {line!r}"
        for line in simulated
        if re.match(PROGRESS, line) and line not in recorded
    ]
    if any(re.match(PROGRESS, line) for line in recorded) != any(re.match(PROGRESS, line) for line in simulated):
        found.append("progress lines are in only one of the two logs")
    wanted = [line for line in recorded if not re.match(PROGRESS, line)]
    got = [line for line in simulated if not re.match(PROGRESS, line)]
    if wanted != got:
        found.append(f"log lines: recorded {wanted}, simulated {got}")
    return found


def compared(messages: list[str]) -> list[str]:
    """The lines that are compared, without their volatile parts."""
    mask = next(entry.mask for entry in VOLATILE if entry.covers("log text"))
    return [
        re.sub(mask, "<...>", re.split(STACK_TRACE.where, line)[0])
        for line in messages
        if not any(exempt.covers(line) for exempt in LOG_LINES_NOT_COMPARED)
    ]


def _messages(entries: list[JSON]) -> list[str]:
    return [str(entry["message"]) for entry in entries if isinstance(entry, dict)]


def _malformed(entry: JSON) -> list[str]:
    if not isinstance(entry, dict) or entry.keys() != KEYS.keys():
        return [f"a log line has other keys: {entry!r}"]
    wrong = [key for key, kind in KEYS.items() if type(entry[key]) is not kind]
    if not re.fullmatch(TIME, str(entry["time"])):
        wrong.append("time")
    return [f"a log line has a malformed {key}: {entry[key]!r}" for key in wrong]
