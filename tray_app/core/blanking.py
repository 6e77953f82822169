"""Taking secrets out of what a server sent, in each form in which it may repeat them."""

import base64
import binascii
import re
from collections.abc import Iterable
from urllib.parse import quote

SHORTEST = 16
"""Characters; a shorter secret could be part of any answer, and blanking it would make the answer unreadable."""

_SHORTEST_PART = 8
_JSON_ESCAPES = {'"': r"\\\"", "\\": r"\\\\", "/": r"\\/"}


def pieces(secret: str) -> tuple[str, ...]:
    """The secret, and what of it is secret by itself, the longest first.

    The last part of an account token (hex of the name, id, secret), the value after "Bearer", the password in "Basic".
    """
    found = []
    scheme, space, value = secret.partition(" ")
    if space:
        found.append(value.strip())
        if scheme.lower() == "basic":
            found += _basic(value)
    elif secret.count(".") == 2:
        found.append(secret.rpartition(".")[2])
    parts = {each for each in found if len(each) >= _SHORTEST_PART} | ({secret} if secret else set())
    return tuple(sorted(parts, key=lambda each: (-len(each), each)))


def blanked(data: bytes, secrets: Iterable[str]) -> bytes:
    """`data` with each of the secrets as `***`: as it is, as in a JSON text with any escapes, as in an address."""
    for secret in secrets:
        for piece in pieces(secret):
            if len(piece) < SHORTEST:
                continue
            for form in dict.fromkeys((piece, quote(piece, safe=""), quote(piece))):
                data = data.replace(form.encode(), b"***")
            if b"\\" in data:
                data = _escaped(piece).sub(b"***", data)
    return data


def _basic(value: str) -> tuple[str, ...]:
    """User and password of a Basic value, and the password alone."""
    try:
        both = base64.b64decode(value.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return ()
    return both, both.partition(":")[2]


def _escaped(piece: str) -> re.Pattern[bytes]:
    """Finds the piece in a JSON text, in which any character may be written as its number."""
    return re.compile("".join(map(_character, piece)).encode())


def _character(char: str) -> str:
    forms = [re.escape(char), rf"\\u(?i:{ord(char):04x})"]
    if char in _JSON_ESCAPES:
        forms.append(_JSON_ESCAPES[char])
    return f"(?:{'|'.join(forms)})"
