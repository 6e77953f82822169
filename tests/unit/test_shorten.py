"""Long texts leave JSON while it arrives, whatever the chunks; the rest stays as it was."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tray_app.core.shorten import TextShortener, TooLong

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=60),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=20), inner, max_size=5),
)


def shortened(data: bytes, sizes: list[int], longest: int = 20) -> bytes:
    shortener = TextShortener(longest=longest)
    at = 0
    for size in sizes:
        shortener.feed(data[at : at + size])
        at += size
    shortener.feed(data[at:])
    return shortener.finish()


def expected(value: object, longest: int) -> object:
    if isinstance(value, str):
        return value if len(json.dumps(value)) - 2 <= longest else ""
    if isinstance(value, list):
        return [expected(each, longest) for each in value]
    if isinstance(value, dict):
        return {expected(key, longest): expected(each, longest) for key, each in value.items()}
    return value


@given(JSON, st.lists(st.integers(1, 9), max_size=60))
def test_any_json_in_any_chunks_loses_its_long_texts_and_nothing_else(value: object, sizes: list[int]) -> None:
    assert json.loads(shortened(json.dumps(value).encode(), sizes)) == expected(value, 20)


@given(st.text().map(str.encode) | st.binary(), st.lists(st.integers(1, 5), max_size=30))
def test_what_is_no_json_goes_through_without_an_error(data: bytes, sizes: list[int]) -> None:
    assert len(shortened(data, sizes)) <= len(data) + 2


def test_a_text_that_was_cut_off_does_not_parse() -> None:
    with pytest.raises(ValueError, match=r"."):
        json.loads(shortened(b'["abc', []))


def test_sixty_megabytes_of_one_text_leave_nothing() -> None:
    shortener = TextShortener()
    shortener.feed(b'["')
    for _ in range(60 * 16):
        shortener.feed(b"QUJD" * 16384)
    shortener.feed(b'"]')
    assert shortener.finish() == b'[""]'


def test_more_than_the_bound_outside_of_texts_is_refused() -> None:
    shortener = TextShortener(most=100)
    shortener.feed(b"[" * 100)
    with pytest.raises(TooLong):
        shortener.feed(b"[")
