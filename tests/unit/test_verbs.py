"""The lines between two starts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tray_app.core import verbs
from tray_app.core.verbs import Answer


def test_a_verb_is_sent_with_the_version_of_its_form() -> None:
    assert verbs.line("show") == b"swarmui-tray 1 show\n"
    assert verbs.line(Answer.TAKEN) == b"swarmui-tray 1 taken\n"


@pytest.mark.parametrize(
    "received",
    [
        b"",
        b"show\n",
        b"swarmui-tray 1 show",
        b"swarmui-tray 2 show\n",
        b"swarmui-tray 1 show more\n",
        b"swarmui-tray 1  show\n",
        b"other 1 show\n",
        b"swarmui-tray 1 " + b"x" * verbs.LIMIT + b"\n",
    ],
)
def test_what_is_not_a_line_of_this_form_is_no_word(received: bytes) -> None:
    assert verbs.word(received) is None


def test_only_the_first_line_counts() -> None:
    assert verbs.word(b"swarmui-tray 1 show\nswarmui-tray 1 quit\n") == "show"


@given(st.binary(max_size=300))
def test_nothing_that_is_received_makes_it_fail(received: bytes) -> None:
    found = verbs.word(received)
    assert found is None or "\n" not in found


@given(st.from_regex(r"[a-z-]{1,40}", fullmatch=True))
def test_a_word_comes_through(sent: str) -> None:
    assert verbs.word(verbs.line(sent)) == sent
