"""What SwarmUI's log tells of jobs that failed.

The log is the only place where an onlooker learns of it (src/Text2Image/T2IEngine.cs:325-341): 0.9.8.2 writes "Refused
to generate image for …", 0.9.7.0 an error of the request. The texts are not an interface; a line that is not
recognised is no failure.
"""

import re
from collections import Counter

from tray_app.core.model import LogTail

_FAILURES = (
    re.compile(r"Refused to generate images? for (?P<user>.+?): (?P<text>.+)", re.DOTALL),
    re.compile(
        r"\[WebAPI\] Error handling API request '/API/GenerateText2Image(?:WS)?' "
        r"for user '(?P<user>[^']*)': (?P<text>.+)",
        re.DOTALL,
    ),
)

_STOPPED = ("Generation session interrupted.", "No images were generated (all refused, or failed")
"""How a cancelled job ends: not a failure, whoever cancelled it."""

_LONGEST = 300


def failures(tail: LogTail) -> tuple[tuple[str, str, int], ...]:
    """The failed jobs among these lines as (user, first line of the cause, how many), each pair once, oldest first.

    0.9.8.2 writes both lines for one job, so the form that came more often gives the number.
    """
    found: dict[tuple[str, str], Counter[int]] = {}
    for line in tail.lines:
        for form, pattern in enumerate(_FAILURES):
            match = pattern.match(line.message)
            if match and not match["text"].startswith(_STOPPED):
                failure = match["user"], match["text"].splitlines()[0].strip()[:_LONGEST]
                found.setdefault(failure, Counter())[form] += 1
    return tuple((user, text, max(forms.values())) for (user, text), forms in found.items())
