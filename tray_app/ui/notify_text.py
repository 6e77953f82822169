"""Texts as notification daemons need them: prompts and server messages hold anything."""

import re

TITLE_LENGTH = 120
BODY_LENGTH = 1000

# Control characters, halves of surrogate pairs, overrides of the writing direction, and two that are no characters.
_UNPRINTABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufffe\uffff]")


def title_text(text: str) -> str:
    """A title is never markup, for any daemon: one line, made printable and short."""
    return _shorten(" ".join(_UNPRINTABLE.sub(" ", text).split()), TITLE_LENGTH)


def body_text(text: str, *, markup: bool) -> str:
    """A body, printable and short; `markup` says that the daemon would take `<`, `>` and `&` for markup."""
    text = _shorten(_UNPRINTABLE.sub(" ", text.replace("\r\n", "\n")).strip(), BODY_LENGTH)
    if not markup:
        return text
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _shorten(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
