"""Labels arrive as written, whoever draws the menu."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tray_app.ui.labels import button_text, dbus_menu_text, one_line

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\t\n\r\0"))


def qt_to_dbusmenu(text: str) -> str:
    """What Qt puts on the bus: QDBusMenuItem::convertMnemonic."""
    place = text.find("&")
    return text if place in (-1, len(text) - 1) else f"{text[:place]}_{text[place + 1 :]}"


def read_by_panel(label: str) -> str:
    """com.canonical.dbusmenu: two underscores are one, a single one marks the mnemonic and is not shown."""
    return re.sub("_(.?)", r"\1", label, flags=re.DOTALL)


def read_by_qt(text: str) -> str:
    """What Qt's own menus and buttons show: two ampersands are one, a single one marks the mnemonic."""
    return re.sub("&(.?)", r"\1", text, flags=re.DOTALL)


@given(TEXTS)
@example("sd_xl_base_1.0")
@example("R&D")
@example("__a__ & b && c_&_d &")
@example("&")
@example("a_b & c")
@example("a_b&")
@example("a&b_c&d")
@example("_")
@example("🐝 <lora:x:0.8> שלום")
def test_a_label_reads_the_same_in_a_panel_and_in_qt(text: str) -> None:
    assert read_by_panel(qt_to_dbusmenu(dbus_menu_text(text))) == text
    assert read_by_qt(button_text(text)) == text


@pytest.mark.parametrize(
    ("text", "shown"), [("a\tb", "a b"), ("a\nb\r", "a b "), ("a\0b", "ab"), ("\ud800x", "?x"), ("", "")]
)
def test_what_a_line_cannot_hold_is_replaced(text: str, shown: str) -> None:
    assert one_line(text) == shown
