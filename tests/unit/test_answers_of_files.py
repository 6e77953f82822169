"""What the answers of ComfyUI's pass-through and of saved files mean, beside those of SwarmUI's API."""

import json

import pytest

from tray_app.core.address import parse_address
from tray_app.core.answers import Answer, check_file, check_passed_through
from tray_app.core.errors import (
    Incompatible,
    KeyRefused,
    NoSuchRoute,
    NotPermitted,
    Refused,
    ServerError,
)

HOME = parse_address("http://s")
HTML = "text/html; charset=utf-8"
PAGE = b"<!DOCTYPE html>\n<html><body>hello</body></html>"
COMFY_PAGE = b'<!DOCTYPE html><span class="comfy-failed-to-load">Permission denied.</span>'


def said(status: int, data: object) -> Answer:
    return Answer(status, {"content-type": "application/json"}, json.dumps(data).encode())


def page(status: int, body: bytes = PAGE, **headers: str) -> Answer:
    return Answer(status, {"content-type": HTML, **{k.replace("_", "-"): v for k, v in headers.items()}}, body)


PASSED: list[tuple[str, Answer, type[ServerError], str]] = [
    ("no right", page(401, COMFY_PAGE), NotPermitted, "This key lacks the permission comfy_direct_calls."),
    ("no backend", page(400, COMFY_PAGE), Refused, "The ComfyUI of backend 3 does not answer."),
    ("exception", page(500), Refused, "The ComfyUI of backend 3 does not answer."),
    ("down", page(503), Refused, "The ComfyUI of backend 3 does not answer."),
    (
        "unknown to ComfyUI",
        Answer(404, {"content-type": "text/plain"}, b"404: Not Found"),
        NoSuchRoute,
        "The ComfyUI of backend 3 does not know this request.",
    ),
    ("wrong base path", page(404), Incompatible, "There is no SwarmUI at http://s (404)."),
    (
        "proxy's login",
        page(401, www_authenticate="Basic"),
        KeyRefused,
        "A proxy at http://s wants a login by Basic Authorization (401).",
    ),
    (
        "server-wide header",
        Answer(401, {}, b"Unauthorized"),
        KeyRefused,
        "http://s wants its server-wide Authorization header.",
    ),
    ("a page", page(200), Incompatible, "A web page answers at http://s where SwarmUI's API should."),
    (
        "JSON as a page",
        Answer(200, {"content-type": HTML}, b'{"a": 1}'),
        Incompatible,
        "A web page answers at http://s where SwarmUI's API should.",
    ),
    ("bad body", Answer(400, {}, b""), Incompatible, "An empty answer came from http://s (400)."),
]


@pytest.mark.parametrize(("answer", "kind", "title"), [case[1:] for case in PASSED], ids=[case[0] for case in PASSED])
def test_a_refused_pass_through_means_one_error(answer: Answer, kind: type[ServerError], title: str) -> None:
    with pytest.raises(ServerError) as raised:
        check_passed_through(answer, HOME, permission="comfy_direct_calls", backend_id=3)
    assert (type(raised.value), raised.value.title) == (kind, title)


def test_a_pass_through_may_answer_nothing_or_anything_that_is_no_page() -> None:
    for answer in (Answer(200, {"content-type": "application/octet-stream"}, b""), said(200, {"a": 1})):
        check_passed_through(answer, HOME, permission="comfy_backend_generate", backend_id=0)


FILES: list[tuple[str, Answer, type[ServerError], str]] = [
    ("no login", said(400, {"error_id": "invalid_user"}), KeyRefused, "This SwarmUI wants an account."),
    ("another user's", said(400, {"error_id": "unauthorized"}), NotPermitted, "The file belongs to another user."),
    ("missing", said(404, {"error_id": "file_not_found", "error": "gone"}), Refused, "SwarmUI says: gone."),
    (
        "a video",
        Answer(200, {"content-type": "video/mp4"}, b"x"),
        Refused,
        "SwarmUI has no small picture of this output.",
    ),
    ("a page", page(200), Incompatible, "A web page answers at http://s where SwarmUI's API should."),
    ("JSON", said(200, {"a": 1}), Incompatible, "SwarmUI sent something else where a picture was expected."),
]


@pytest.mark.parametrize(("answer", "kind", "title"), [case[1:] for case in FILES], ids=[case[0] for case in FILES])
def test_what_is_no_picture_means_one_error(answer: Answer, kind: type[ServerError], title: str) -> None:
    with pytest.raises(ServerError) as raised:
        check_file(answer, HOME)
    assert (type(raised.value), raised.value.title) == (kind, title)


def test_a_picture_is_one_by_its_type() -> None:
    check_file(Answer(200, {"content-type": "image/jpg"}, b"x"), HOME)
