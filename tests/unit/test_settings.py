"""Settings from the content of a file: defaults, bounds, problems, and what is left alone."""

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tray_app.core import options, settings
from tray_app.core.icon_look import IconChoice
from tray_app.core.options import OPTIONS, Option
from tray_app.core.quiet_hours import EXAMPLE
from tray_app.core.settings import Notify, ServerSettings, SettingProblem, Settings, parse

NO_FTP = "SwarmUI is reached by http or https, not by ftp. The server is left out."


def test_an_empty_file_gives_the_defaults() -> None:
    assert parse({}) == (Settings(), ())


def test_every_default_of_the_table_is_the_default_of_the_value() -> None:
    assert {each.path: each.default for each in OPTIONS} == {
        each.path: settings.value_of(Settings(), each.path) for each in OPTIONS
    }


def test_the_table_names_every_notification_there_is() -> None:
    assert [each.key for each in OPTIONS if each.table == "notifications"] == [each.name for each in fields(Notify)]


def test_a_whole_file_is_taken_over() -> None:
    data = {
        "schema": 1,
        "servers": [{"name": " home ", "address": "http://127.0.0.1:7801"}, {"address": "http://gpu:7801/"}],
        "polling": {"busy": 2, "idle": 7.5, "timeout": 3},
        "notifications": {
            "finished": False,
            "failed": False,
            "lost": False,
            "back": False,
            "cancel": False,
            "longer_than": 0,
            "everybody": True,
            "quiet_hours": "mon 1:00-2:00",
            "trouble_breaks_through": True,
            "trouble_stays": True,
        },
        "cancel": {"confirm_after_minutes": 15},
        "tray": {"icon": "dark"},
        "activity": {"prompts": True},
        "something_newer": {"kept": 1},
    }
    expected = Settings(
        servers=(ServerSettings("home", "http://127.0.0.1:7801"), ServerSettings("gpu:7801", "http://gpu:7801/")),
        poll_busy=2.0,
        poll_idle=7.5,
        request_timeout=3.0,
        notify=Notify(
            finished=False,
            failed=False,
            lost=False,
            back=False,
            cancel=False,
            longer_than=0,
            everybody=True,
            quiet_hours="mon 1:00-2:00",
            trouble_breaks_through=True,
            trouble_stays=True,
        ),
        confirm_cancel_after_minutes=15,
        icon=IconChoice.DARK,
        allow_prompts=True,
    )
    assert parse(data) == (expected, ())
    assert settings.value_of(expected, "cancel.confirm_after_minutes") == 15
    chosen = {each.path: settings.value_of(expected, each.path) for each in OPTIONS}
    server = ServerSettings("home", "http://127.0.0.1:7801")
    other = settings.with_values(Settings(servers=(server,), schema=7), chosen)
    assert other == replace(expected, servers=(server,), schema=7)


@pytest.mark.parametrize(
    ("data", "path", "message"),
    [
        ({"polling": {"busy": "fast"}}, "polling.busy", "'fast' is not a number from 0.2 to 60; 1 is used."),
        ({"polling": {"busy": True}}, "polling.busy", "True is not a number from 0.2 to 60; 1 is used."),
        ({"polling": {"busy": 0.1}}, "polling.busy", "0.1 is not a number from 0.2 to 60; 1 is used."),
        ({"polling": {"idle": float("nan")}}, "polling.idle", "nan is not a number from 0.5 to 600; 5 is used."),
        ({"polling": {"idle": float("inf")}}, "polling.idle", "inf is not a number from 0.5 to 600; 5 is used."),
        ({"polling": 3}, "polling", "3 is not a table; its defaults are used."),
        (
            {"notifications": {"longer_than": 1.5}},
            "notifications.longer_than",
            "1.5 is not a whole number from 0 to 86400; 20 is used.",
        ),
        (
            {"notifications": {"finished": 1}},
            "notifications.finished",
            "1 is not true or false; true is used.",
        ),
        (
            {"activity": {"prompts": "x " * 45}},
            "activity.prompts",
            "'" + "x " * 18 + "... is not true or false; false is used.",
        ),
        (
            {"notifications": {"quiet_hours": 22}},
            "notifications.quiet_hours",
            f'22 is not a text such as "{EXAMPLE}"; "" is used.',
        ),
        (
            {"notifications": {"quiet_hours": "moon 22:00-07:00"}},
            "notifications.quiet_hours",
            "“moon” in “moon 22:00-07:00” is no weekday; they are mon, tue, wed, thu, fri, sat, sun."
            ' Instead, "" is used.',
        ),
        (
            {"tray": {"icon": "pink"}},
            "tray.icon",
            "'pink' is not one of automatic, colour, light, dark; \"automatic\" is used.",
        ),
        ({"schema": "one"}, "schema", "'one' is not a whole number from 1 on."),
        ({"schema": True}, "schema", "True is not a whole number from 1 on."),
        ({"schema": 0}, "schema", "0 is not a whole number from 1 on."),
        ({"servers": {"name": "home"}}, "servers", "{'name': 'home'} is not a list of [[servers]] tables."),
        ({"servers": ["home"]}, "servers[0]", "'home' is not a table with a name and an address."),
        ({"servers": [{"name": "home"}]}, "servers[0].address", "The server has no address and is left out."),
        ({"servers": [{"address": "  "}]}, "servers[0].address", "The server has no address and is left out."),
        ({"servers": [{"address": "ftp://x"}]}, "servers[0].address", NO_FTP),
        ({"servers": [{"address": 7801}]}, "servers[0].address", "The server has no address and is left out."),
    ],
)
def test_what_makes_no_sense_is_reported_and_falls_back(data: dict[str, Any], path: str, message: str) -> None:
    assert parse(data) == (Settings(), (SettingProblem(path, message),))


def test_all_problems_are_reported_together() -> None:
    data = {"polling": {"busy": 0, "idle": 0}, "notifications": [], "servers": 1}
    assert [problem.path for problem in parse(data)[1]] == ["servers", "polling.busy", "polling.idle", "notifications"]


def test_a_bad_name_leaves_the_server_under_its_address() -> None:
    found, problems = parse({"servers": [{"name": 5, "address": "a:1"}, {"name": " ", "address": "b:1"}]})
    assert found.servers == (ServerSettings("a:1", "a:1"), ServerSettings("b:1", "b:1"))
    assert [problem.path for problem in problems] == ["servers[0].name", "servers[1].name"]


def test_a_key_in_an_address_is_left_out_and_not_repeated() -> None:
    entry = {"name": "home", "address": "https://ann:geheim@example.org/swarm?token=geheim"}
    settings, problems = parse({"servers": [entry]})
    assert settings.servers == (ServerSettings("home", "https://example.org/swarm"),)
    assert [each.path for each in problems] == ["servers[0].address"]
    assert "geheim" not in problems[0].message
    assert "geheim" not in str(parse({"servers": entry["address"], "polling": {"busy": "token=geheim"}}))


def test_a_pinned_certificate_is_read_in_its_one_form() -> None:
    entry = {"name": "home", "address": "https://gpu.lan", "certificate": "AB" * 32}
    [server], problems = parse({"servers": [entry]})[0].servers, parse({"servers": [entry]})[1]
    assert server.certificate == "sha256:" + ":".join(["AB"] * 32)
    assert (server.target.url, server.target.certificate) == ("https://gpu.lan", server.certificate)
    assert problems == ()


@pytest.mark.parametrize("certificate", ["sha256:zz", 5, ["x"]])
def test_a_server_whose_certificate_cannot_be_read_is_left_out(certificate: object) -> None:
    """Without it nothing would say whom to trust, and its key could go to anybody."""
    found, problems = parse({"servers": [{"address": "https://gpu.lan", "certificate": certificate}]})
    assert found.servers == ()
    assert [each.path for each in problems] == ["servers[0].certificate"]


def test_a_certificate_of_a_server_without_encryption_is_reported() -> None:
    found, problems = parse({"servers": [{"address": "http://gpu.lan", "certificate": "ab" * 32}]})
    assert found.servers[0].certificate == ""
    assert [each.path for each in problems] == ["servers[0].certificate"]


def test_of_two_servers_with_one_name_the_first_stays() -> None:
    found, problems = parse({"servers": [{"name": "a", "address": "a:1"}, {"name": "a", "address": "b:1"}]})
    assert found.servers == (ServerSettings("a", "a:1"),)
    assert problems == (SettingProblem("servers[1].name", "Two servers are named 'a'; one is left out."),)


def test_what_is_wrong_can_be_told_without_what_holds_instead() -> None:
    data = {
        "polling": {"busy": "fast"},
        "notifications": {"quiet_hours": "moon 1-2"},
        "servers": [
            {"address": "a:1"},
            {"address": "a:1"},
            {},
            {"address": "ftp://x"},
            {"address": "https://h", "certificate": "1"},
        ],
        "schema": 0,
    }
    causes = [problem.cause for problem in parse(data)[1]]
    assert causes[0] == "0 is not a whole number from 1 on."
    assert [each for each in causes if "left out" in each or "used" in each] == []
    assert "'fast' is not a number from 0.2 to 60." in causes


def test_a_file_of_a_newer_form_is_read_and_never_written() -> None:
    found, problems = parse({"schema": 2, "polling": {"busy": 3.0}})
    assert (found.schema, found.writable, found.poll_busy) == (2, False, 3.0)
    assert [problem.path for problem in problems] == ["schema"]
    assert Settings().writable


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        ("polling.busy", "2", 2.0),
        ("polling.busy", " 0.5 ", 0.5),
        ("polling.busy", "0.01", None),
        ("polling.busy", "fast", None),
        ("polling.busy", "nan", None),
        ("notifications.longer_than", "30", 30),
        ("notifications.longer_than", "30.5", None),
        ("notifications.longer_than", "1e3", 1000),
        ("notifications.quiet_hours", " Mon 22:00-07:00 ", "Mon 22:00-07:00"),
        ("notifications.quiet_hours", "22-7", None),
        ("tray.icon", " Light ", "light"),
        ("tray.icon", "pink", None),
        ("notifications.lost", "true", True),
        ("notifications.lost", "Off", False),
        ("notifications.lost", "yes", True),
        ("notifications.lost", "1", None),
    ],
)
def test_what_is_typed_becomes_a_value_or_nothing(path: str, text: str, value: object) -> None:
    wanted = options.option(path)
    assert wanted is not None
    found = options.from_text(wanted, text)
    assert (found, type(found)) == (value, type(value))


def test_an_unknown_path_is_no_option() -> None:
    assert options.option("polling.often") is None


def test_an_option_says_what_it_wants() -> None:
    assert {each.path: each.expected for each in OPTIONS if each.table == "cancel"} == {
        "cancel.confirm_after_minutes": "a whole number from 0 to 100000"
    }
    assert OPTIONS[3].expected == "true or false"


def test_an_option_with_choices_takes_just_those() -> None:
    size = Option("icon.size", "small", "How large.", choices=("small", "large"))
    assert size.expected == "one of small, large"
    assert [options.from_text(size, each) for each in ("large", " Small", "huge")] == ["large", "small", None]
    assert [options.check(size, each) for each in ("large", "Large", 1, True)] == ["large", None, None, None]


WORDS = st.text("abcé_. ", max_size=60) | st.sampled_from(["busy", "idle", "name", "address", "finished"])
TOML_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner) | st.dictionaries(WORDS, inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["schema", "servers", "polling", "notifications", "cancel", "x"]), TOML_VALUES))
def test_no_content_makes_it_fail(data: dict[str, Any]) -> None:
    found, _ = parse(data)
    for each in OPTIONS:
        assert options.check(each, settings.value_of(found, each.path)) is not None
