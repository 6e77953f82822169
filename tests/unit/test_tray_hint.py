"""One hint for each desktop."""

import pytest

from tray_app.core.tray_hint import tray_hint


@pytest.mark.parametrize(
    ("desktop", "named"),
    [
        ("GNOME", "AppIndicator"),
        ("ubuntu:GNOME", "AppIndicator"),
        ("KDE", "System Tray"),
        ("LXQt", "Status Notifier"),
        ("MATE", "Notification Area"),
        ("X-Cinnamon", "XApp Status"),
        ("XFCE", "Status Tray Plugin"),
        ("", "such as waybar"),
        ("sway", "such as waybar"),
        ("::", "such as waybar"),
    ],
)
def test_the_hint_is_about_the_desktop_that_runs(desktop: str, named: str) -> None:
    said, _, advice = tray_hint(desktop).partition(". ")
    assert said == "Nothing on this desktop shows tray icons"
    assert named in advice
