"""What a second start says to the tray that runs already: one line that names a verb, and one line back.

The lines carry the version of their form, so that a tray that was updated while it ran understands, or says that it
does not.
"""

from enum import StrEnum

VERSION = 1

LIMIT = 256
"""Bytes that a line may have, its end included."""

_NAME = "swarmui-tray"


class Answer(StrEnum):
    """What becomes of a verb."""

    TAKEN = "taken"  # it is being done
    UNKNOWN = "unknown"  # the running tray is of another version and does not know it


def line(word: str) -> bytes:
    """A verb or an answer as it is sent."""
    return f"{_NAME} {VERSION} {word}\n".encode()


def word(received: bytes) -> str | None:
    """The verb or the answer in the first whole line of what was received; None where there is none to be read."""
    text, end, _ = received.partition(b"\n")
    parts = text.split(b" ")
    if not end or len(text) >= LIMIT or len(parts) != 3 or parts[:2] != [_NAME.encode(), str(VERSION).encode()]:
        return None
    return parts[2].decode("ascii", "replace")
