"""Fingerprints of certificates, however they were copied."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tray_app.core.errors import UsageError
from tray_app.core.fingerprint import breakable, fingerprint, parse_fingerprint

DIGITS = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
WRITTEN = "sha256:" + ":".join(DIGITS[at : at + 2] for at in range(0, 64, 2)).upper()


def test_it_is_sha_256_of_the_certificate_as_fips_180_gives_it() -> None:
    assert fingerprint(b"abc") == WRITTEN


@pytest.mark.parametrize(
    "copied",
    [
        WRITTEN,
        DIGITS,
        f"sha256:{DIGITS}",
        f" {WRITTEN.removeprefix('sha256:').lower()}\n",
        f"sha256 Fingerprint={WRITTEN.removeprefix('sha256:')}",
        f"SHA-256: {WRITTEN.removeprefix('sha256:').replace(':', ' ')}",
    ],
)
def test_each_usual_form_is_read(copied: str) -> None:
    assert parse_fingerprint(copied) == WRITTEN


def test_an_empty_text_is_none() -> None:
    assert parse_fingerprint(" ") == ""


@pytest.mark.parametrize(
    "text", ["x", DIGITS[:-2], DIGITS + "00", f"sha1:{DIGITS}", "sha256:", "a" * 10_000, "\u0661" * 64]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_fingerprint(text)


@given(st.text(max_size=400) | st.from_regex(r"(sha256:)?([0-9a-f]{2}[: ]?){0,40}", fullmatch=True))
def test_any_text_gives_the_one_form_or_a_usage_error(text: str) -> None:
    try:
        found = parse_fingerprint(text)
    except UsageError:
        return
    assert found in {"", parse_fingerprint(found)}


@given(st.binary(max_size=200))
def test_what_is_shown_can_be_pasted(certificate: bytes) -> None:
    assert parse_fingerprint(fingerprint(certificate)) == fingerprint(certificate)
    assert parse_fingerprint(breakable(fingerprint(certificate))) == fingerprint(certificate)
