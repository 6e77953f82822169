"""ComfyUI's /queue, reduced while it arrives to the little that a cancel needs.

The reply holds whole graphs with pictures as base64: tens of megabytes of which a few bytes a prompt matter. Neither
memory nor a JSON parser, which would stop every other thread for as long, ever meets the whole of it.
"""

import re

LOAD_NODE = "SwarmJustLoadTheModelPlease"
"""Class of the node in SwarmUI's model-load prompts (ComfyUIAPIAbstractBackend.cs:1050-1066)."""

LOAD_TEXT = "(load the model please)"
"""The text in them where ComfyUI has none of Swarm's nodes."""

_GRAPH = 4  # how deep a graph lies: {"queue_running": [[number, id, {graph}, {extra data}, [outputs]]]}
_PIECE = 32 * 1024  # bytes looked at in one go: a match holds up the other threads, and remembers each way back
_LONGEST = 4096  # bytes of a text that is looked at whole when it does not end with a chunk
# No possessive quantifiers: Python 3.11.2, Debian 12's, matches groups with them wrongly. Each text has one way to be
# matched, so that a missing end costs one look back over it and no more.
_TEXT = rb'[^"\\]*(?:\\.[^"\\]*)*'
_TEXT_BODY = re.compile(_TEXT, re.DOTALL)
_NO_BRACKET = re.compile(rb'(?:[^"\[\]{}]+|"' + _TEXT + rb'")*', re.DOTALL)
_LOADS = (b'"%s"' % LOAD_NODE.encode(), LOAD_TEXT.encode())
_LOAD_GRAPH = b'"":{"class_type":"%s"}' % LOAD_NODE.encode()


class TooLong(Exception):
    """More is left than can be a queue."""


class QueueSkeleton:
    """Takes the reply in chunks of any size and keeps it without what graphs and other inner objects hold.

    A graph that loads a model keeps one node which says so. `most` bounds what is kept, in bytes. What is no JSON
    stays none.
    """

    def __init__(self, *, most: int = 1024 * 1024) -> None:
        self._most = most
        self._kept = bytearray()
        self._depth = 0
        self._loads = False  # the graph that is being read loads a model
        self._rest = b""  # what the chunk before ended within: a text or an escape sequence
        self._in_long_text = False

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes. Raises TooLong."""
        for start in range(0, len(chunk), _PIECE):
            self._take(chunk[start : start + _PIECE])

    def _take(self, chunk: bytes) -> None:
        data = self._rest + chunk
        self._rest = b""
        at = self._end_of_long_text(data) if self._in_long_text else 0
        while at < len(data):
            run = _NO_BRACKET.match(data, at)
            end = run.end() if run else at
            self._pass(data[at:end])
            if end < len(data):
                end = self._hold(data, end) if data[end] == ord('"') else self._bracket(data, end)
            at = end
        if len(self._kept) > self._most:
            raise TooLong

    def finish(self) -> bytes:
        """What is left, once all has been fed; a text that was cut off stays open, so that it does not parse."""
        return bytes(self._kept) + self._rest + (b'"' if self._in_long_text else b"")

    def _pass(self, data: bytes) -> None:
        if self._depth < _GRAPH:
            self._kept += data
        elif any(mark in data for mark in _LOADS):
            self._loads = True

    def _bracket(self, data: bytes, at: int) -> int:
        bracket = data[at : at + 1]
        if bracket in b"[{":
            self._depth += 1
            if self._depth == _GRAPH:
                self._loads = False
        if self._depth <= _GRAPH:
            if self._depth == _GRAPH and bracket == b"}" and self._loads:
                self._kept += _LOAD_GRAPH
            self._kept += bracket
        if bracket in b"]}":
            self._depth -= 1
        return at + 1

    def _hold(self, data: bytes, at: int) -> int:
        """A text that the chunk cuts: kept for the next one, or dropped as it comes where it is long."""
        if len(data) - at <= _LONGEST:
            self._rest = data[at:]
            return len(data)
        self._in_long_text = True
        return self._end_of_long_text(data, at + 1)

    def _end_of_long_text(self, data: bytes, at: int = 0) -> int:
        body = _TEXT_BODY.match(data, at)
        end = body.end() if body else at
        if end == len(data):
            return end
        if data[end] != ord('"'):  # a backslash, cut off from what it stands for
            self._rest = data[end:]
            return len(data)
        self._in_long_text = False
        self._pass(b'""')
        return end + 1
