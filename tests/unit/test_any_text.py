"""Whatever text a server or a person hands over, what reads it neither fails nor takes long."""

import contextlib
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tray_app.core.credentials import Credentials, token_in
from tray_app.core.errors import UsageError
from tray_app.core.exchange import shown
from tray_app.core.log_lines import failures
from tray_app.core.model import LogLine, LogTail

LINES = st.text() | st.from_regex(r"Refused to generate images? for .*", fullmatch=True) | st.just("[WebAPI] Error")


@pytest.fixture
def quick() -> Iterator[None]:
    """Two seconds of computing are many times what it takes."""
    started = time.process_time()
    yield
    assert time.process_time() - started < 2


@given(st.lists(LINES, max_size=5))
def test_any_log_gives_short_failures_of_one_line(messages: list[str]) -> None:
    tail = LogTail(tuple(LogLine(number, "Error", text) for number, text in enumerate(messages)), len(messages))
    for _user, text, _number in failures(tail):
        assert len(text) <= 300
        assert "\n" not in text


@pytest.mark.parametrize(
    "text", ["Refused to generate image for " + "a: " * 500_000, "Refused to generate image for " * 50_000]
)
@pytest.mark.usefixtures("quick")
def test_a_log_line_of_a_megabyte_is_read_at_once(text: str) -> None:
    assert len(failures(LogTail((LogLine(1, "Error", text),), 1))) <= 1


@given(st.binary(max_size=3000))
def test_any_body_can_be_shown(body: bytes) -> None:
    assert len(shown(body)) <= 2001


@given(st.binary(max_size=200), st.text("abcdef0123456789", min_size=12, max_size=40), st.binary(max_size=200))
def test_no_body_shows_a_session(before: bytes, session: str, after: bytes) -> None:
    assert (
        session not in shown(before + b'"session_id": "' + session.encode() + b'"' + after)
        or session.encode() in before + after
    )


@given(st.text() | st.from_regex(r"(\w+=\"?[^;]*\"?; ?){0,4}swarm_token=.*", fullmatch=True))
def test_any_paste_is_a_token_or_is_refused(pasted: str) -> None:
    token = token_in(pasted)
    assert token == token.strip()
    with contextlib.suppress(UsageError):
        Credentials(token=token)


@pytest.mark.parametrize("text", ["=;" * 500_000, "swarm_token" * 100_000, ";" * 1_000_000])
@pytest.mark.usefixtures("quick")
def test_a_paste_of_a_megabyte_is_read_at_once(text: str) -> None:
    assert token_in(text) is not None
