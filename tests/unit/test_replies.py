"""SwarmUI's JSON becomes values; whatever is missing or makes no sense becomes an error and never a zero."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tray_app.core import replies
from tray_app.core.credentials import StoredSession
from tray_app.core.errors import Incompatible
from tray_app.core.model import (
    Backend,
    BackendSummary,
    ComfyQueue,
    Counters,
    Identity,
    LogLine,
    LogTail,
    Prompt,
    UserCounters,
)

COUNTS = {"waiting_gens": 4, "loading_models": 0, "waiting_backends": 2, "live_gens": 2}
SUMMARY = {"status": "running", "class": "", "message": "", "any_loading": False}
GLOBAL = {"status": COUNTS, "backend_status": SUMMARY, "supported_features": ["comfyui"]}
SESSION = {
    "session_id": "ab" * 20,
    "user_id": "local",
    "output_append_user": True,
    "version": "0.9.8.2",
    "server_id": "70a3e1ff-da29-4ba7-ab7c-7a652734b4f2",
    "permissions": ["*", "view_logs"],
}
BACKEND = {
    "type": "comfyui_api",
    "status": "running",
    "id": 0,
    "settings": {"Address": "http://127.0.0.1:8188"},
    "modcount": 1,
    "features": ["comfyui"],
    "enabled": True,
    "title": "one",
    "max_usages": 2,
    "can_load_models": True,
    "current_model": "tiny.safetensors",
}
LOAD_NODE = {"4": {"class_type": "SwarmJustLoadTheModelPlease", "inputs": {"model": ["4", 0]}}}
LOAD_TEXT = {"6": {"class_type": "CLIPTextEncode", "inputs": {"text": "(load the model please)"}}}
WORK = {"6": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["4", 1], "text": "a red cube"}}, "7": {}}
NOT_COUNTS: list[object] = [None, -1, 1.0, "1", True, False, [], {}, 1_000_001, float("nan"), float("inf"), 10**30]


def without(data: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name != key}


def test_a_new_session_is_who_we_are_and_what_we_may() -> None:
    identity = Identity("local", "0.9.8.2", SESSION["server_id"], frozenset({"*", "view_logs"}))  # type: ignore[arg-type]
    assert replies.new_session(SESSION, key="k") == StoredSession("ab" * 20, identity, "k")


def test_a_server_before_permissions_allows_everything() -> None:
    session = replies.new_session(without(without(without(SESSION, "permissions"), "server_id"), "output_append_user"))
    assert session.identity == Identity("local", "0.9.8.2", "", None)
    assert session.identity.may("anything")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("session_id", None),
        ("session_id", ""),
        ("session_id", 7),
        ("session_id", "x" * 501),
        ("user_id", None),
        ("user_id", "a\nb"),
        ("version", 9),
        ("server_id", 9),
        ("permissions", "*"),
        ("permissions", [1]),
        ("permissions", {}),
        ("output_append_user", "true"),
    ],
)
def test_a_session_reply_with_a_wrong_part_cannot_be_read(key: str, value: object) -> None:
    with pytest.raises(Incompatible, match=f"“{key}” is missing or makes no sense"):
        replies.new_session({**SESSION, key: value})


def test_the_global_status_is_counters_and_summary() -> None:
    assert replies.global_status(GLOBAL) == (Counters(4, 0, 2, 2), BackendSummary("running", "", "", any_loading=False))


@pytest.mark.parametrize("counter", COUNTS)
@pytest.mark.parametrize("value", NOT_COUNTS, ids=repr)
def test_a_counter_that_is_none_is_never_a_zero(counter: str, value: object) -> None:
    with pytest.raises(Incompatible, match=f"“{counter}” is missing"):
        replies.global_status({**GLOBAL, "status": {**COUNTS, counter: value}})


@pytest.mark.parametrize("counter", COUNTS)
def test_a_counter_that_is_missing_is_never_a_zero(counter: str) -> None:
    with pytest.raises(Incompatible, match=f"“{counter}” is missing"):
        replies.global_status({**GLOBAL, "status": without(COUNTS, counter)})
    with pytest.raises(Incompatible, match=f"“{counter}” is missing"):
        replies.connected_users({"users": [{"id": "local", **without(COUNTS, counter)}]})


@pytest.mark.parametrize("key", SUMMARY)
def test_a_backend_summary_without_a_part_cannot_be_read(key: str) -> None:
    with pytest.raises(Incompatible, match=key):
        replies.backend_summary({"backend_status": without(SUMMARY, key)})


def test_the_current_status_gives_its_summary_and_no_counters() -> None:
    assert replies.backend_summary(GLOBAL) == BackendSummary("running", "", "", any_loading=False)


def test_a_server_without_a_backend_summary_is_too_old() -> None:
    with pytest.raises(Incompatible, match="too old"):
        replies.backend_summary({"status": COUNTS})


def test_connected_users_have_counters_or_none_at_all() -> None:
    users = {"users": [{"id": "ann", "last_active_seconds": 1, **COUNTS}, {"id": "bob"}]}
    assert replies.connected_users(users) == (UserCounters("ann", Counters(4, 0, 2, 2)), UserCounters("bob", None))


def test_backends_come_in_the_order_of_their_ids() -> None:
    second = {**without(without(BACKEND, "current_model"), "title"), "id": 10, "type": "swarmswarmbackend"}
    assert replies.backends({"10": second, "0": BACKEND}) == (
        Backend(0, "one", "comfyui_api", "running", enabled=True, model="tiny.safetensors"),
        Backend(10, "", "swarmswarmbackend", "running", enabled=True, model=None),
    )


@pytest.mark.parametrize(
    ("key", "value"),
    [("id", "0"), ("id", True), ("id", 10**9), ("enabled", 1), ("current_model", 1), ("type", ""), ("status", None)],
)
def test_a_backend_with_a_wrong_part_cannot_be_read(key: str, value: object) -> None:
    with pytest.raises(Incompatible, match=f"“{key}”"):
        replies.backends({"0": {**BACKEND, key: value}})


def test_the_length_of_comfys_queue_is_a_count() -> None:
    assert replies.queue_remaining({"exec_info": {"queue_remaining": 2}}) == 2


@pytest.mark.parametrize("value", NOT_COUNTS, ids=repr)
def test_a_queue_length_that_is_none_is_never_a_zero(value: object) -> None:
    with pytest.raises(Incompatible, match="queue_remaining"):
        replies.queue_remaining({"exec_info": {"queue_remaining": value}})


def test_comfys_queue_names_the_prompts_and_marks_model_loads() -> None:
    queue = {
        "queue_running": [[18, "run", WORK, {"client_id": "x"}, ["9"]]],
        "queue_pending": [[19, "node", LOAD_NODE, {}, []], [20, "text", LOAD_TEXT]],
    }
    pending = (Prompt("node", loads_model=True), Prompt("text", loads_model=True))
    assert replies.comfy_queue(queue, 3) == ComfyQueue(3, (Prompt("run", loads_model=False),), pending)


@pytest.mark.parametrize("entry", [None, [], [1, "a"], [1, 2, {}], [1, "", {}], [1, "a", []], {"id": "a"}])
def test_a_queue_entry_of_another_shape_cannot_be_read(entry: object) -> None:
    with pytest.raises(Incompatible):
        replies.comfy_queue({"queue_running": [], "queue_pending": [entry]}, 0)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("0.3.64", (0, 3, 64)),
        ("v0.4", (0, 4)),
        ("0.3.57-2-gabc", (0, 3, 57)),
        ("unknown", None),
        ("", None),
        (None, None),
        (3, None),
        ("9" * 40, None),
    ],
)
def test_comfys_version_is_its_leading_numbers_or_not_known(text: object, version: tuple[int, ...] | None) -> None:
    assert replies.comfy_version({"system": {"comfyui_version": text}}) == version


def test_comfy_without_a_system_says_no_version() -> None:
    assert replies.comfy_version({}) is None


def test_success_is_a_plain_yes_or_no() -> None:
    assert replies.succeeded({"success": True}, "InterruptAll") is True
    assert replies.succeeded({"success": False}, "InterruptAll") is False
    for value in (None, "true", 1):
        with pytest.raises(Incompatible, match="InterruptAll"):
            replies.succeeded({"success": value}, "InterruptAll")


def test_log_lines_of_all_types_come_in_the_order_of_the_sequence() -> None:
    reply = {
        "types_available": [],
        "last_sequence_id": 9,
        "data": {
            "Warning": [{"sequence_id": 8, "time": "t", "message": "w"}],
            "Info": [{"sequence_id": 7, "time": "t", "message": "i"}],
        },
    }
    assert replies.log_tail(reply) == LogTail((LogLine(7, "Info", "i"), LogLine(8, "Warning", "w")), 9)


@pytest.mark.parametrize(
    "reply",
    [
        {"data": {}},
        {"last_sequence_id": -1, "data": {}},
        {"last_sequence_id": 1, "data": []},
        {"last_sequence_id": 1, "data": {"Info": {}}},
        {"last_sequence_id": 1, "data": {"Info": [{"sequence_id": True, "message": "x"}]}},
        {"last_sequence_id": 1, "data": {"Info": [{"sequence_id": 1, "message": None}]}},
    ],
)
def test_a_log_of_another_shape_cannot_be_read(reply: object) -> None:
    with pytest.raises(Incompatible):
        replies.log_tail(reply)


def test_listed_images_are_folders_and_files() -> None:
    reply = {"folders": ["2026-11-22"], "files": [{"src": "1244005-a red cube.png", "metadata": None}]}
    assert replies.listed_images(reply) == (("2026-11-22",), ("1244005-a red cube.png",))


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/../b", "/etc", "a//b", "a\\b", "a\nb"])
def test_a_listed_name_that_leads_elsewhere_is_left_out(name: str) -> None:
    assert replies.listed_images({"folders": [name], "files": [{"src": name}]}) == ((), ())


@pytest.mark.parametrize("reply", [{"folders": [], "files": {}}, {"folders": [1], "files": []}, {"files": []}])
def test_a_listing_of_another_shape_cannot_be_read(reply: object) -> None:
    with pytest.raises(Incompatible):
        replies.listed_images(reply)


def test_clipped_text_is_one_line_without_control_characters() -> None:
    assert replies.clip(" a\r\n\tb\x1b[31m ") == "a b [31m"
    assert replies.clip("x" * 400) == "x" * 299 + "…"


PARSERS: list[Callable[[object], object]] = [
    replies.new_session,
    replies.global_status,
    replies.backend_summary,
    replies.connected_users,
    replies.backends,
    replies.queue_remaining,
    lambda data: replies.comfy_queue(data, 0),
    replies.comfy_version,
    lambda data: replies.succeeded(data, "InterruptAll"),
    replies.log_tail,
    replies.listed_images,
]
SAMPLES: list[dict[str, Any]] = [
    SESSION,
    GLOBAL,
    {"users": [{"id": "local", **COUNTS}]},
    {"0": BACKEND},
    {"exec_info": {"queue_remaining": 2}},
    {"queue_running": [[18, "run", WORK]], "queue_pending": [[19, "node", LOAD_NODE]]},
    {"system": {"comfyui_version": "0.3.64"}},
    {"success": True},
    {"last_sequence_id": 9, "data": {"Info": [{"sequence_id": 7, "message": "i"}]}},
    {"folders": ["a"], "files": [{"src": "b", "metadata": None}]},
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def damaged(draw: st.DrawFn) -> object:
    """A good reply with some of its parts replaced by anything or taken out."""

    def damage(value: object, depth: int) -> object:
        if draw(st.integers(0, 7)) == 0:
            return draw(JSON)
        if isinstance(value, dict):
            return {key: damage(each, depth + 1) for key, each in value.items() if draw(st.integers(0, 15))}
        if isinstance(value, list):
            return [damage(each, depth + 1) for each in value]
        return value

    return damage(draw(st.sampled_from(SAMPLES)), 0)


@pytest.mark.parametrize("parse", PARSERS)
@given(data=JSON | damaged())
def test_any_json_gives_a_value_or_incompatible(parse: Callable[[object], object], data: object) -> None:
    try:
        parse(data)
    except Incompatible:
        return
