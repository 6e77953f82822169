"""Desktop entries: what is quoted comes back, and what is not ours to change stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tray_app.core import desktop_entry
from tray_app.core.desktop_entry import exec_line, keys, split_exec, with_keys


@pytest.mark.parametrize(
    ("command", "line"),
    [
        (["/usr/bin/swarmui-tray", "run"], "/usr/bin/swarmui-tray run"),
        (["/opt/my tray/bin"], '"/opt/my tray/bin"'),
        (["a", ""], 'a ""'),
        (["100%"], "100%%"),
        (["$HOME"], r'"\\$HOME"'),
        (["a`b"], r'"a\\`b"'),
        (['say "x"'], r'"say \\"x\\""'),
        (["back\\slash"], r'"back\\\\slash"'),
        (["two\nlines"], r'"two\nlines"'),
        (["it's"], '"it\'s"'),
        (["a~b", "c#d"], '"a~b" "c#d"'),
    ],
)
def test_arguments_are_quoted_as_the_specification_says(command: list[str], line: str) -> None:
    assert exec_line(command) == line
    assert split_exec(line) == tuple(command)


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cc", "Cs"]) | st.sampled_from("\t\n\r\"\\$`%'"), max_size=12))
)
def test_any_arguments_come_back(command: list[str]) -> None:
    assert split_exec(exec_line(command)) == tuple(command)
    assert "\n" not in exec_line(command)


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("", ()),
        ("  ", ()),
        ("tray %U --flag %f", ("tray", "--flag")),
        ('"/opt/my tray" run', ("/opt/my tray", "run")),
        ('/opt/"my tray"/bin', ("/opt/my tray/bin",)),
        ('"unfinished one', ("unfinished one",)),
    ],
)
def test_what_others_wrote_is_read(line: str, command: tuple[str, ...]) -> None:
    assert split_exec(line) == command


@given(st.text(max_size=60))
def test_no_text_makes_reading_fail(text: str) -> None:
    split_exec(text)
    keys(text)
    assert keys(with_keys(text, {"Hidden": "true"}))["Hidden"] == "true"


FILE = """# a comment
[Desktop Entry]
Name=Mine
Name[de]=Meins
# Exec=old
Exec = tray --mine
Hidden=false

[Desktop Action x]
Name=Other
"""


def test_keys_are_those_of_the_main_group() -> None:
    assert keys(FILE) == {"Name": "Mine", "Name[de]": "Meins", "Exec": "tray --mine", "Hidden": "false"}
    assert keys("Name=none\n[Other]\nName=x\n") == {}


def test_a_change_touches_nothing_else() -> None:
    assert with_keys(FILE, {"Hidden": None, "Exec": "new", "X-New": "1"}) == FILE.replace(
        "Hidden=false\n", "X-New=1\n"
    ).replace("Exec = tray --mine", "Exec=new")


def test_a_file_without_the_group_gets_it() -> None:
    assert with_keys("", {"Name": "x"}) == "[Desktop Entry]\nName=x\n"


def test_lines_end_where_the_format_ends_them() -> None:
    assert keys("[Desktop Entry]\r\nName=a\u2028b\r\n") == {"Name": "a\u2028b"}


def test_escapes_come_back_and_unknown_ones_stay() -> None:
    assert desktop_entry.escape("a\tb\\") == "a\\tb\\\\"
    assert desktop_entry.unescape("a\\tb\\\\\\s\\q") == "a\tb\\ \\q"
