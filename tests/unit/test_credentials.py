"""Secrets never show themselves, and a kept session survives its way to a file and back."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tray_app.core.credentials import Credentials, StoredSession, basic, basic_user, login_value, pasted_token, token_in
from tray_app.core.errors import UsageError
from tray_app.core.model import Identity

SESSION = StoredSession("ab" * 20, Identity("local", "0.9.8.2", "id", frozenset({"*", "b"})), "f00")


@pytest.mark.parametrize("token", ["a;b", "a b", "a,b", 'a"b', "a\\b", "a\r\nCookie: x", "ä"])
def test_a_token_that_would_break_the_cookie_is_refused(token: str) -> None:
    with pytest.raises(UsageError, match="account token contains characters"):
        Credentials(token=token)


@pytest.mark.parametrize(
    "pasted",
    [
        "abc.1",
        " abc.1\n",
        "swarm_token=abc.1",
        'swarm_token="abc.1"',
        "a=b; swarm_token=abc.1; c=d",
        "swarm_token= abc.1 ",
    ],
)
def test_a_token_is_found_in_what_was_copied_around_it(pasted: str) -> None:
    assert token_in(pasted) == "abc.1"


@pytest.mark.parametrize("pasted", ["616e6e.id.secret", " 616E6E.id.a-b_c= ", "a=b; swarm_token=616e6e.id.secret", ""])
def test_what_has_a_tokens_shape_is_taken(pasted: str) -> None:
    assert pasted_token(pasted) == token_in(pasted)


@pytest.mark.parametrize("pasted", ["canary", "canary.token", "zz.id.secret", "616e6e.id.", "616e6e..a", "1.2.3.4"])
def test_what_has_not_a_tokens_shape_is_refused_and_not_repeated(pasted: str) -> None:
    with pytest.raises(UsageError, match="three parts with dots between") as raised:
        pasted_token(pasted)
    assert pasted not in str(raised.value)


def test_a_login_sends_what_the_page_sends_in_place_of_the_password() -> None:
    expected = "e2535201008074e6171533cb761657fa6fab994c109e2a83f3e6bcd601de056c"
    assert login_value("anna", "canary") == expected


def test_another_cookie_is_no_token_and_is_left_to_be_refused() -> None:
    assert token_in("session=1; theme=dark") == "session=1; theme=dark"


@pytest.mark.parametrize("value", ["a\r\nX: y", "ä", "a\0"])
def test_an_authorization_value_that_would_break_the_header_is_refused(value: str) -> None:
    with pytest.raises(UsageError, match="Authorization value contains characters"):
        Credentials(authorization=value)


def test_credentials_show_only_which_parts_they_have() -> None:
    assert (
        repr(Credentials(token="geheim", authorization="Bearer geheim")) == "Credentials(token=***, authorization=***)"
    )
    assert repr(Credentials()) == "Credentials()"


def test_a_session_shows_neither_its_id_nor_its_dict_by_repr() -> None:
    assert SESSION.id not in repr(SESSION)


def test_fingerprints_tell_tokens_apart_and_are_empty_without_one() -> None:
    assert Credentials().fingerprint == Credentials(authorization="x").fingerprint == ""
    assert Credentials(token="a").fingerprint != Credentials(token="b").fingerprint
    assert "geheim" not in Credentials(token="geheim").fingerprint


def test_basic_is_rfc_7617_with_utf_8() -> None:
    assert basic("Aladdin", "open sesame") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
    assert basic("ä", "€") == "Basic w6Q64oKs"


def test_the_user_of_a_basic_value_can_be_named_and_nothing_else_is_taken_for_one() -> None:
    assert basic_user(f" {basic('änn', 'a:b').replace('Basic', 'BASIC')} ") == "änn"
    for value in ("", "Bearer YTpi", "Basic ", "Basic YWI=", "Basic !", "Basic /w==", "Basic YQo6Yg==", "Basic OmI="):
        assert basic_user(value) == ""


@pytest.mark.parametrize("permissions", [None, frozenset({"*", "x"}), frozenset()])
def test_a_session_survives_json(permissions: frozenset[str] | None) -> None:
    identity = Identity("local", "0.9", "id", permissions, output_append_user=False)
    session = StoredSession("ab" * 20, identity, "k", frozenset({"GetGlobalStatus"}), 1.5)
    assert StoredSession.from_dict(json.loads(json.dumps(session.to_dict()))) == session


BROKEN: list[object] = [
    None,
    [],
    {},
    {**SESSION.to_dict(), "session_id": ""},
    {**SESSION.to_dict(), "user": 1},
    {**SESSION.to_dict(), "permissions": "*"},
    {**SESSION.to_dict(), "permissions": [1]},
    {**SESSION.to_dict(), "output_append_user": 1},
]


@pytest.mark.parametrize("data", BROKEN)
def test_what_is_no_kept_session_is_none(data: object) -> None:
    assert StoredSession.from_dict(data) is None


@pytest.mark.parametrize("change", [{}, {"missing_routes": "x"}, {"missed_at": 1}, {"missed_at": "now"}])
def test_a_session_of_an_earlier_version_is_taken_without_what_that_did_not_know(
    change: dict[str, object],
) -> None:
    kept = SESSION.to_dict() | {"missing_routes": ["GetGlobalStatus"], "missed_at": 1.5}
    for name in () if change else ("missing_routes", "missed_at"):
        del kept[name]
    assert StoredSession.from_dict(kept | change) == SESSION


@given(
    st.dictionaries(
        st.sampled_from(sorted(SESSION.to_dict())), st.none() | st.booleans() | st.text() | st.lists(st.text())
    )
)
def test_any_dict_gives_a_session_or_none(data: dict[str, object]) -> None:
    session = StoredSession.from_dict(data)
    assert session is None or StoredSession.from_dict(session.to_dict()) == session
