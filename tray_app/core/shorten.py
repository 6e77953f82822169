"""Shortening long texts in JSON while it arrives, so that neither memory nor a parser ever meets the whole of it.

ComfyUI's /queue holds whole graphs with pictures as base64 (SwarmUI's SwarmLoadImageB64): tens of megabytes of which
a cancel needs a few hundred bytes. Parsing them in one go would stop every other thread for as long.
"""

import re

_TEXT_BODY = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)


class TooLong(Exception):
    """More than the allowed number of bytes is left after shortening."""


class TextShortener:
    """Takes JSON in chunks of any size; every string literal longer than `longest` bytes becomes an empty one.

    `most` bounds what is kept, in bytes; more raises TooLong. What is no JSON stays no JSON.
    """

    def __init__(self, *, longest: int = 1024, most: int = 4 * 1024 * 1024) -> None:
        self._longest = longest
        self._most = most
        self._kept = bytearray()
        self._text = bytearray()  # the string literal that is being read, while it is not too long
        self._in_text = False
        self._dropping = False
        self._escaped = False  # the chunk before ended within an escape sequence

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes."""
        at = 0
        while at < len(chunk):
            at = self._read_text(chunk, at) if self._in_text else self._read_outside(chunk, at)
        if len(self._kept) > self._most:
            raise TooLong

    def finish(self) -> bytes:
        """What is left, once all has been fed; a literal that was cut off stays open, so that it does not parse."""
        return bytes(self._kept + b'"' if self._in_text else self._kept)

    def _read_outside(self, chunk: bytes, at: int) -> int:
        quote = chunk.find(b'"', at)
        if quote < 0:
            self._kept += chunk[at:]
            return len(chunk)
        self._kept += chunk[at:quote]
        self._in_text, self._dropping, self._escaped = True, False, False
        self._text.clear()
        return quote + 1

    def _read_text(self, chunk: bytes, at: int) -> int:
        start = at
        if self._escaped:  # the byte that the backslash before this chunk stands for
            self._escaped = False
            at += 1
        found = _TEXT_BODY.match(chunk, at)
        end = found.end() if found else at
        if end < len(chunk) and chunk[end] != ord('"'):  # a backslash that ends the chunk
            self._escaped = True
            self._take(chunk[start:])
            return len(chunk)
        self._take(chunk[start:end])
        if end == len(chunk):
            return end
        self._kept += b'""' if self._dropping else b'"' + self._text + b'"'
        self._in_text = False
        return end + 1

    def _take(self, piece: bytes) -> None:
        if self._dropping or len(self._text) + len(piece) > self._longest:
            self._dropping = True
            self._text.clear()
        else:
            self._text += piece
