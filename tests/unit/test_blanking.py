"""A secret that a server repeats is found in each form that it may have there."""

import base64
import json
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from tray_app.core.blanking import SHORTEST, blanked, pieces

TOKEN = "616e6e.0123456789abcdef0123456789abcdef.fedcba9876543210fedcba9876543210"
BASIC = "Basic " + base64.b64encode(b"ann:a long pass/word").decode()
VISIBLE = st.characters(min_codepoint=0x20, max_codepoint=0x7E)


def test_a_token_is_blanked_whole_and_its_secret_part_alone() -> None:
    assert pieces(TOKEN) == (TOKEN, TOKEN.rpartition(".")[2])
    assert blanked(f"a {TOKEN} b {TOKEN[-32:]}".encode(), [TOKEN]) == b"a *** b ***"


def test_the_value_of_a_header_is_blanked_without_its_scheme_too() -> None:
    assert blanked(b"[0123456789abcdef]", ["Bearer 0123456789abcdef"]) == b"[***]"
    assert blanked(b"[a long pass/word]", [BASIC]) == b"[***]"
    assert blanked(BASIC.encode(), [BASIC]) == b"***"


def test_short_secrets_are_left_as_they_could_be_part_of_any_answer() -> None:
    assert pieces("") == ()
    assert pieces("Bearer abc") == ("Bearer abc",)
    assert blanked(b'{"status": 1}', ["status", ""]) == b'{"status": 1}'


@given(st.text(VISIBLE, min_size=SHORTEST, max_size=60), st.binary(max_size=30), st.data())
def test_no_form_of_a_secret_survives(secret: str, around: bytes, data: st.DataObject) -> None:
    written = json.dumps(secret)[1:-1]
    at = data.draw(st.integers(0, len(secret)))
    numbers = json.dumps(secret[:at])[1:-1] + "".join(f"\\u{ord(each):04X}" for each in secret[at:])
    for form in (secret, written, numbers, quote(secret), quote(secret, safe="")):
        left = blanked(around + b"\n" + form.encode() + b"\n" + around, [secret])
        assert form.encode() not in left
        assert b"***" in left


def test_a_basic_value_that_is_none_is_blanked_as_it_is() -> None:
    broken = "Basic this is no base64 text"
    assert broken in pieces(broken)
    assert b"***" in blanked(f"sent {broken} back".encode(), [broken])
