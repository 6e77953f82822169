"""What HTTP answers mean: every line of what SwarmUI, old and new, and proxies before it answer."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tray_app.core.address import parse_address
from tray_app.core.answers import Answer, api_reply, is_swarmui_root, parse_json
from tray_app.core.errors import (
    Incompatible,
    InvalidSession,
    KeyRefused,
    NoSuchRoute,
    NotPermitted,
    Refused,
    ServerError,
    Unreachable,
)

HOME = parse_address("http://s")
JSON = "application/json"
HTML = "text/html; charset=utf-8"
PAGE = b"<!DOCTYPE html>\n<html><body>hello</body></html>"


def said(status: int, data: object) -> Answer:
    return Answer(status, {"content-type": JSON}, json.dumps(data).encode())


def page(status: int, body: bytes = PAGE, **headers: str) -> Answer:
    return Answer(
        status, {"content-type": HTML, **{key.replace("_", "-"): value for key, value in headers.items()}}, body
    )


def sent_on(location: str, status: int = 302) -> Answer:
    return Answer(status, {"location": location}, b"")


MALFORMED = "SwarmUI found our request malformed"
CASES: list[tuple[str, Answer, type[ServerError], str]] = [
    (
        "missing session, new",
        said(400, {"error_id": "basic_api", "error": "missing session id"}),
        Incompatible,
        MALFORMED + ": missing session id.",
    ),
    ("missing session, old", sent_on("/Error/BasicAPI"), Incompatible, MALFORMED + "."),
    (
        "invalid session",
        said(401, {"error_id": "invalid_session_id", "error": "Invalid session ID."}),
        InvalidSession,
        "SwarmUI does not know our session.",
    ),
    (
        "unknown route, new",
        said(400, {"error_id": "bad_route", "error": "Unknown API route"}),
        NoSuchRoute,
        "This SwarmUI does not know the route.",
    ),
    ("unknown route, old", sent_on("/Error/404"), NoSuchRoute, "This SwarmUI does not know the route."),
    (
        "unknown route, old, behind a proxy",
        sent_on("http://s/swarm/Error/404"),
        NoSuchRoute,
        "This SwarmUI does not know the route.",
    ),
    (
        "no permission, new",
        said(400, {"error_id": "bad_permissions", "error": "You lack permissions for this route."}),
        NotPermitted,
        "This key lacks the permission view_logs.",
    ),
    ("no permission, old", sent_on("/Error/Permissions"), NotPermitted, "This key lacks the permission view_logs."),
    (
        "malformed JSON, new",
        said(400, {"error_id": "internal_error", "error": "An internal error occurred"}),
        Refused,
        "SwarmUI had an internal error.",
    ),
    ("malformed JSON, old", sent_on("/Error/Internal"), Refused, "SwarmUI had an internal error."),
    (
        "wrong content type",
        said(400, {"error_id": "basic_api", "error": "Wrong content type"}),
        Incompatible,
        MALFORMED + ": Wrong content type.",
    ),
    ("no error text", said(400, {"error_id": "basic_api"}), Incompatible, MALFORMED + ": basic_api."),
    ("GET", sent_on("/Error/NoGetAPI"), Incompatible, MALFORMED + "."),
    (
        "route returned null",
        said(400, {"error_id": "no_result", "error": "nothing"}),
        Refused,
        "SwarmUI says: nothing.",
    ),
    ("websocket route", said(400, {"error_id": "bad_request_method", "error": "x"}), Incompatible, MALFORMED + ": x."),
    ("refusal with 200", said(200, {"error": "Invalid backend ID 9"}), Refused, "SwarmUI says: Invalid backend ID 9."),
    ("refusal by id alone", said(200, {"error_id": "invalid_login"}), Refused, "SwarmUI says: invalid_login."),
    (
        "refusal of an odd shape",
        said(200, {"error": {"a": 1}, "error_id": 3}),
        Refused,
        "SwarmUI says: no reason given.",
    ),
    ("rate limit", said(200, {"error_id": "ratelimit"}), Refused, "SwarmUI asks to wait: too many attempts."),
    (
        "server-wide header",
        Answer(401, {}, b"Unauthorized"),
        KeyRefused,
        "http://s wants its server-wide Authorization header.",
    ),
    (
        "Basic of a proxy",
        page(401, www_authenticate='Basic realm="x"'),
        KeyRefused,
        "A proxy at http://s wants a login by Basic Authorization (401).",
    ),
    (
        "plain Basic",
        Answer(401, {"www-authenticate": "Basic"}, b"Unauthorized"),
        KeyRefused,
        "A proxy at http://s wants a login by Basic Authorization (401).",
    ),
    ("401 page", page(401), KeyRefused, "A proxy at http://s wants a login (401)."),
    ("403 page", page(403), KeyRefused, "A proxy at http://s wants a login (403)."),
    ("407", page(407), KeyRefused, "The network's own proxy wants a password."),
    (
        "proxy without SwarmUI",
        page(502),
        Unreachable,
        "The proxy at http://s answers, but SwarmUI behind it does not (502).",
    ),
    (
        "service unavailable",
        page(503),
        Unreachable,
        "The proxy at http://s answers, but SwarmUI behind it does not (503).",
    ),
    ("gateway timeout", page(504), Unreachable, "The proxy at http://s answers, but SwarmUI behind it does not (504)."),
    ("other server error", page(500), Unreachable, "The server at http://s answers with error 500."),
    ("too many requests", page(429), Unreachable, "The server at http://s answers with error 429."),
    ("wrong base path", page(404), Incompatible, "There is no SwarmUI at http://s (404)."),
    ("a web page", page(200), Incompatible, "A web page answers at http://s where SwarmUI's API should."),
    (
        "a page without a type",
        Answer(200, {}, b"  <!doctype HTML>"),
        Incompatible,
        "A web page answers at http://s where SwarmUI's API should.",
    ),
    ("nothing", Answer(200, {}, b" "), Incompatible, "An empty answer came from http://s (200)."),
    ("no content", Answer(204, {}, b""), Incompatible, "An empty answer came from http://s (204)."),
    ("a list", said(200, [1]), Incompatible, "The answer of http://s is no JSON object that can be read (200)."),
    (
        "garbage",
        Answer(200, {"content-type": JSON}, b"\xff\x00{"),
        Incompatible,
        "The answer of http://s is no JSON object that can be read (200).",
    ),
    (
        "cut off",
        Answer(200, {"content-type": JSON}, b'{"a": 1'),
        Incompatible,
        "The answer of http://s is no JSON object that can be read (200).",
    ),
    (
        "deep",
        Answer(200, {"content-type": JSON}, b'{"a":' * 200_000),
        Incompatible,
        "The answer of http://s is no JSON object that can be read (200).",
    ),
    (
        "a number without end",
        Answer(200, {}, b'{"a":' + b"9" * 5000 + b"}"),
        Incompatible,
        "The answer of http://s is no JSON object that can be read (200).",
    ),
    (
        "too many parts",
        Answer(200, {}, b'{"a":[' + b"[]," * 26_000 + b"[]]}"),
        Incompatible,
        "The answer of http://s is no JSON object that can be read (200).",
    ),
    (
        "a teapot with JSON",
        said(418, {"ok": 1}),
        Incompatible,
        "The answer of http://s is no JSON object that can be read (418).",
    ),
    ("to https", sent_on("https://s/API/x", 301), Incompatible, "http://s sends everybody on to https."),
    ("to a login", sent_on("http://login.example/?next=x"), Incompatible, "http://s sends us on to login.example."),
    (
        "to an error page elsewhere",
        sent_on("http://evil.example/Error/404"),
        Incompatible,
        "http://s sends us on to evil.example.",
    ),
    ("to a page here", sent_on("/Login"), Incompatible, "http://s sends us on to /Login."),
    ("to nowhere", sent_on("http://[bad"), Incompatible, "http://s redirects to nowhere."),
    ("without a location", Answer(304, {}, b""), Incompatible, "http://s sends us on to another page."),
]


@pytest.mark.parametrize(("answer", "kind", "title"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_an_answer_that_is_no_reply_means_one_error(answer: Answer, kind: type[ServerError], title: str) -> None:
    with pytest.raises(ServerError) as raised:
        api_reply(answer, HOME, permission="view_logs")
    assert (type(raised.value), raised.value.title) == (kind, title)


def test_a_reply_is_returned_even_with_an_empty_error() -> None:
    assert api_reply(said(200, {"success": True, "error": None}), HOME) == {"success": True, "error": None}


def test_the_missing_permission_is_named() -> None:
    with pytest.raises(NotPermitted) as raised:
        api_reply(sent_on("/Error/Permissions"), HOME)
    assert raised.value.title == "This key lacks a permission."
    with pytest.raises(NotPermitted) as raised:
        api_reply(said(400, {"error_id": "bad_permissions"}), HOME, permission="view_logs")
    assert raised.value.permission == "view_logs"


def test_a_foreign_text_is_cut_to_one_line() -> None:
    with pytest.raises(Refused) as raised:
        api_reply(said(200, {"error": "a\n" * 9000, "error_id": "x" * 100}), HOME)
    assert "\n" not in raised.value.title
    assert len(raised.value.title) < 330
    assert len(raised.value.error_id) <= 60


@pytest.mark.parametrize(
    ("answer", "is_one"),
    [
        (sent_on("Text2Image"), True),
        (sent_on("/swarm/Text2Image/"), True),
        (sent_on("/Login"), False),
        (Answer(200, {"location": "Text2Image"}, b""), False),
        (Answer(302, {}, b""), False),
    ],
)
def test_swarmui_is_known_by_where_its_root_leads(answer: Answer, is_one: bool) -> None:
    assert is_swarmui_root(answer) is is_one


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_json_or_none(body: bytes) -> None:
    parse_json(body)


@given(
    st.builds(
        Answer,
        st.integers(200, 599),
        st.dictionaries(st.sampled_from(["location", "content-type", "www-authenticate"]), st.text(max_size=40)),
        st.binary(max_size=60) | st.sampled_from([PAGE, b'{"error": "x"}', b'{"a": 1}', b"Unauthorized", b""]),
    )
)
def test_any_answer_is_a_reply_or_one_whole_sentence(answer: Answer) -> None:
    try:
        api_reply(answer, HOME)
    except ServerError as error:
        title = error.title
    else:
        return
    assert title.strip()
    assert title.isprintable()
