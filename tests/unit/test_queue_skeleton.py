"""A queue is reduced while it arrives, whatever the chunks, to what a cancel needs."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tray_app.core.queue_skeleton import LOAD_NODE, LOAD_TEXT, QueueSkeleton, TooLong

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=60),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=20), inner, max_size=5),
)
SIZES = st.lists(st.integers(1, 9), max_size=60)


def reduced(data: bytes, sizes: list[int]) -> bytes:
    skeleton = QueueSkeleton()
    at = 0
    for size in sizes:
        skeleton.feed(data[at : at + size])
        at += size
    skeleton.feed(data[at:])
    return skeleton.finish()


def expected(value: object, depth: int = 1) -> object:
    if isinstance(value, list):
        return [expected(each, depth + 1) for each in value] if depth < 4 else []
    if isinstance(value, dict):
        return {key: expected(each, depth + 1) for key, each in value.items()} if depth < 4 else {}
    return value


@given(JSON, SIZES)
def test_any_json_in_any_chunks_loses_what_lies_deep_and_nothing_else(value: object, sizes: list[int]) -> None:
    assert json.loads(reduced(json.dumps(value).encode(), sizes)) == expected(value)


@given(st.text().map(str.encode) | st.binary(), SIZES)
def test_what_is_no_json_goes_through_without_an_error(data: bytes, sizes: list[int]) -> None:
    assert len(reduced(data, sizes)) <= len(data)


def queue(graph: object) -> bytes:
    return json.dumps({"queue_running": [[1, "id", graph, {"a": [1]}, ["9"]]], "queue_pending": []}).encode()


LOADS: list[Any] = [
    {"4": {"class_type": LOAD_NODE, "inputs": {}}},
    {"1": {"inputs": {"x": ["4", {}]}}, "6": {"class_type": "CLIPTextEncode", "inputs": {"text": f" {LOAD_TEXT}"}}},
]


@pytest.mark.parametrize("graph", LOADS)
@given(sizes=SIZES)
def test_a_model_load_is_still_told_from_work(graph: object, sizes: list[int]) -> None:
    assert json.loads(reduced(queue(graph), sizes)) == {
        "queue_running": [[1, "id", {"": {"class_type": LOAD_NODE}}, {}, []]],
        "queue_pending": [],
    }


def test_work_after_a_model_load_is_work() -> None:
    both = [[1, "a", LOADS[0]], [2, "b", {"4": {"class_type": "KSampler"}}]]
    left = json.loads(reduced(json.dumps({"queue_running": both}).encode(), []))
    assert left["queue_running"] == [[1, "a", {"": {"class_type": LOAD_NODE}}], [2, "b", {}]]


@pytest.mark.parametrize("deep", [True, False])
@pytest.mark.parametrize("part", [b"QUJD" * 16384, b"\\n" * 32768, b"\\" * 65536, b"[{" * 100])
def test_a_text_of_many_chunks_leaves_nothing(deep: bool, part: bytes) -> None:
    skeleton = QueueSkeleton()
    start, end = (b'{"q":[[1,"a",{"x":"', b'"},[]]]}') if deep else (b'{"q":[[1,"', b'",{}]]}')
    skeleton.feed(start)
    for _ in range(100):
        skeleton.feed(part)
    skeleton.feed(end)
    assert json.loads(skeleton.finish()) == {"q": [[1, "a", {}, []]] if deep else [[1, "", {}]]}


def test_a_long_text_may_be_cut_within_an_escape() -> None:
    skeleton = QueueSkeleton()
    for chunk in (b'["' + b"x" * 5000 + b"\\", b'"' + b"x" * 5000 + b"\\", b"n", b'",1]'):
        skeleton.feed(chunk)
    assert skeleton.finish() == b'["",1]'


@pytest.mark.parametrize("text", [b'"abc', b'"abc\\', b'"' + b"x" * 5000])
def test_a_text_that_was_cut_off_does_not_parse(text: bytes) -> None:
    with pytest.raises(ValueError, match="Unterminated string"):
        json.loads(reduced(b"[" + text, []))


def test_more_than_a_queue_can_be_is_refused() -> None:
    skeleton = QueueSkeleton(most=100)
    skeleton.feed(b"1" * 100)
    with pytest.raises(TooLong):
        skeleton.feed(b"1")
