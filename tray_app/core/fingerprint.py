"""Fingerprints of certificates: SHA-256 of the whole certificate (DER), as browsers and OpenSSL show them."""

import hashlib
import re

from tray_app.core.errors import UsageError

_FORM = re.compile(r"(?:sha-?256)?\s*(?:fingerprint)?\s*[:=]?\s*((?:[0-9a-f]{2}[:\s]?){31}[0-9a-f]{2})", re.IGNORECASE)
_PAIR = re.compile("([0-9A-F]{2}:)(?=[0-9A-F]{2}:)")
_LONGEST = 300
BREAK = "\N{ZERO WIDTH SPACE}"
"""Where a fingerprint may go on in the next line when it is shown; it may be copied along."""


def fingerprint(certificate: bytes) -> str:
    """The fingerprint of a certificate in the one form that is shown and stored: "sha256:AB:CD:…"."""
    return _written(hashlib.sha256(certificate).hexdigest())


def parse_fingerprint(text: str) -> str:
    """A fingerprint as somebody copied it, in the one form; empty for an empty text. Raises UsageError."""
    text = text.replace(BREAK, "").strip()
    if not text:
        return ""
    found = _FORM.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        raise UsageError(
            "That is no SHA-256 fingerprint of a certificate.",
            "Copy it from the connection test or from a browser: 32 pairs of hex digits.",
        )
    return _written(re.sub(r"[:\s]", "", found[1]))


def breakable(text: str) -> str:
    """The text with its fingerprints so that they can go on in the next line."""
    return _PAIR.sub(rf"\1{BREAK}", text)


def _written(digits: str) -> str:
    digits = digits.upper()
    return "sha256:" + ":".join(digits[at : at + 2] for at in range(0, 64, 2))
