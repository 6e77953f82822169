"""The comparison bites: each kind of deviation from a recording is found."""

import json
from dataclasses import replace

import pytest

from tests.simulator.recorded import logs
from tests.simulator.recorded.compare import Answer, Comparison, Ids
from tests.simulator.recorded.recording import JSON, Exchange, load

RECORDED_ID, SIMULATED_ID = "<SESSION tray 1>", "0A" * 20


def exchange(number: int, scenario: str = "idle") -> Exchange:
    return next(entry for entry in load("0.9.8.2", scenario).exchanges if entry.line == number)


def same(original: Exchange) -> Answer:
    return Answer(original.status, dict(original.reply_headers), json.loads(json.dumps(original.reply)))


def changed(value: JSON, **changes: JSON) -> JSON:
    assert isinstance(value, dict)
    return {**value, **changes}


def test_the_recorded_answer_itself_is_accepted() -> None:
    for version, scenario in (("0.9.8.2", "lifecycle"), ("0.9.7.0", "cancel_current"), ("0.9.8.2", "accounts")):
        comparison = Comparison(Ids())
        for original in load(version, scenario).exchanges:
            assert comparison.answers(original, same(original)) == []


def test_a_changed_status_is_found() -> None:
    original = exchange(2)
    assert Comparison(Ids()).answers(original, replace(same(original), status=201)) == [
        "status: recorded 200, simulated 201"
    ]


@pytest.mark.parametrize("header", ["Content-Type", "Server", "Cache-Control", "Content-Encoding"])
def test_a_missing_or_changed_header_is_found(header: str) -> None:
    original = exchange(2)
    for headers in ({**original.reply_headers, header: "other"}, {**original.reply_headers}):
        if headers[header] != "other":
            del headers[header]
        assert len(Comparison(Ids()).answers(original, replace(same(original), headers=headers))) == 1


def test_a_content_type_where_the_real_server_sent_none_is_found() -> None:
    original = exchange(13, "errors")
    headers = {**original.reply_headers, "Content-Type": "text/html"}
    assert len(Comparison(Ids()).answers(original, replace(same(original), headers=headers))) == 1


def test_another_redirect_is_found() -> None:
    original = exchange(13, "errors")
    headers = {**original.reply_headers, "Location": "/Error/404"}
    assert len(Comparison(Ids()).answers(original, replace(same(original), headers=headers))) == 1


def test_a_changed_text_is_found() -> None:
    original = exchange(3, "errors")
    body = changed(original.reply, error="Missing session id")
    assert Comparison(Ids()).answers(original, replace(same(original), body=body)) == [
        "GetCurrentStatus error: recorded 'missing session id', simulated 'Missing session id'"
    ]


def test_a_missing_key_is_found() -> None:
    original = exchange(3, "errors")
    assert Comparison(Ids()).values("GetCurrentStatus", original.reply, {"error": "missing session id"}) == [
        "GetCurrentStatus : key 'error_id' is missing"
    ]


def test_a_key_too_many_is_found() -> None:
    original = exchange(7)
    body = changed(original.reply, more=1)
    assert Comparison(Ids()).values("InterruptAll", original.reply, body) == [
        "InterruptAll : key 'more' is not in the recording"
    ]


@pytest.mark.parametrize(("recorded", "simulated"), [(1, "1"), (1, True), (1, 1.0), (None, 0), ([], {}), ("", None)])
def test_a_wrong_type_is_found(recorded: JSON, simulated: JSON) -> None:
    assert len(Comparison(Ids()).values("X", {"key": recorded}, {"key": simulated})) == 1


def test_a_volatile_number_may_differ_but_not_in_type() -> None:
    comparison = Comparison(Ids())
    assert comparison.values("ListBackends", {"0": {"modcount": 1}}, {"0": {"modcount": 7}}) == []
    assert len(comparison.values("ListBackends", {"0": {"modcount": 1}}, {"0": {"modcount": 7.0}})) == 1
    assert len(comparison.values("ListBackends", {"0": {"max_usages": 2}}, {"0": {"max_usages": 1}})) == 1


def test_a_list_of_another_length_is_found() -> None:
    assert len(Comparison(Ids()).values("ListImages", {"folders": ["raw"]}, {"folders": ["raw", "raw"]})) == 1


def test_an_unordered_list_may_be_shuffled_but_not_changed() -> None:
    comparison = Comparison(Ids())
    recorded: JSON = {"supported_features": ["a", "b"]}
    assert comparison.values("GetCurrentStatus", recorded, {"supported_features": ["b", "a"]}) == []
    assert len(comparison.values("GetCurrentStatus", recorded, {"supported_features": ["b", "c"]})) == 1
    assert len(comparison.values("GetCurrentStatus", recorded, {"supported_features": ["a", "b", "b"]})) == 1


def test_ids_are_mapped_as_they_appear_and_only_once() -> None:
    ids = Ids()
    comparison = Comparison(ids)
    recorded: JSON = {"session_id": RECORDED_ID}
    assert comparison.values("GetNewSession", recorded, {"session_id": SIMULATED_ID}) == []
    assert ids.translate({"session_id": RECORDED_ID, "n": 1}) == {"session_id": SIMULATED_ID, "n": 1}
    assert len(comparison.values("GetNewSession", recorded, {"session_id": "0B" * 20})) == 1
    assert len(comparison.values("GetNewSession", {"session_id": "<SESSION web 2>"}, {"session_id": SIMULATED_ID})) == 1


def test_an_id_of_another_form_is_found() -> None:
    body: JSON = {"session_id": "short"}
    assert len(Comparison(Ids()).values("GetNewSession", {"session_id": RECORDED_ID}, body)) == 1


def test_a_picture_may_have_another_time_in_its_name_but_no_other_name() -> None:
    recorded: JSON = {"images": ["View/local/raw/2026-11-22/1244004-a red cube on a table-tiny-1.png"]}
    for name, accepted in (
        ("View/local/raw/2030-01-02/0001001-a red cube on a table-tiny-1.png", True),
        ("View/local/raw/2030-01-02/0001001-a red cube on a table-tiny-2.png", False),
        ("View/other/raw/2030-01-02/0001001-a red cube on a table-tiny-1.png", False),
        ("View/local/raw/0001001-a red cube on a table-tiny-1.png", False),
    ):
        found = Comparison(Ids()).values("GenerateText2Image", recorded, {"images": [name]})
        assert (found == []) is accepted, name


def test_metadata_is_compared_but_for_its_times() -> None:
    recorded = '{\n  "seed": 7,\n  "date": "2026-11-22",\n  "prep_time": "1.00 sec"\n}'
    for text, accepted in (
        (recorded.replace("1.00", "0.25").replace("2026", "2030"), True),
        (recorded.replace("7", "8"), False),
        (recorded.replace("\n  ", " "), False),
        (recorded.replace("sec", "min"), False),
    ):
        body: JSON = {"files": [{"metadata": text}]}
        found = Comparison(Ids()).values("ListImages", {"files": [{"metadata": recorded}]}, body)
        assert (found == []) is accepted, text


def line(message: str, **changes: JSON) -> JSON:
    return {"sequence_id": 5, "time": "2026-11-22 12:44:53.977", "message": message, **changes}


def test_a_missing_a_changed_and_an_added_log_line_are_found() -> None:
    recorded = [line("User local requested 2 images with model 'tiny.safetensors'..."), line("JSON parsed.")]
    assert logs.differences(recorded, [recorded[0]], None) == []
    assert len(logs.differences(recorded, [], None)) == 1
    assert len(logs.differences(recorded, [line("User local requested 3 images with model 'tiny'...")], None)) == 1
    assert len(logs.differences(recorded, [recorded[0], recorded[0]], None)) == 1


def test_a_malformed_log_line_is_found() -> None:
    recorded = [line("Generation session interrupted.")]
    for changes in ({"time": "12:44"}, {"sequence_id": "5"}, {"timestamp": 1}):
        assert len(logs.differences(recorded, [line("Generation session interrupted.", **changes)], None)) == 1


def test_progress_lines_may_be_fewer_but_not_invented_and_not_absent() -> None:
    recorded = [f"Progress [0]: 5/7, curPercent={percent}.0" for percent in (10, 20, 30)]
    assert logs.text_differences(recorded, recorded[1:]) == []
    assert len(logs.text_differences(recorded, [*recorded, "Progress [0]: 5/7, curPercent=35.0"])) == 1
    assert len(logs.text_differences(recorded, [])) == 1
