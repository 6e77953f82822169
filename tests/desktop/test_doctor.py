"""`doctor` on real parts of a desktop: a panel's tray, notification daemons, none of them."""

import json
import subprocess
import sys
from pathlib import Path

from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.dunst import Dunst
from tests.desktop.rig.tray_host import TrayHostDouble

ROOT = Path(__file__).parents[2]


def computer(desktop: Desktop) -> dict[str, tuple[bool | None, str]]:
    """What `doctor` says about the computer: by name, whether it is well and the sentence."""
    done = subprocess.run(
        [sys.executable, "-m", "tray_app", "doctor", "--json", "--url", "http://127.0.0.1:1"],
        env={**desktop.env, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return {each["name"]: (each["ok"], each["text"]) for each in json.loads(done.stdout)["computer"]}


def test_a_desktop_without_tray_and_daemon_is_told_what_to_do(desktop: Desktop) -> None:
    found = computer(desktop)
    assert found["Tray host"][0] is False
    assert "AppIndicator" in found["Tray host"][1]
    assert found["Notifications"][0] is False
    assert "Install a notification daemon" in found["Notifications"][1]


def test_a_panel_and_dunst_are_found_and_asked(desktop: Desktop, host: TrayHostDouble, dunst: Dunst) -> None:
    found = computer(desktop)
    assert found["Tray host"] == (True, "A panel shows tray icons (StatusNotifierItem).")
    ok, text = found["Notifications"]
    assert ok is True
    assert text.startswith("dunst ")
    assert "actions" in text
    assert "body" in text


def test_a_panel_that_went_is_no_panel(desktop: Desktop, host: TrayHostDouble) -> None:
    host.vanish()
    assert computer(desktop)["Tray host"][0] is False


def test_the_start_with_the_session_is_told(desktop: Desktop) -> None:
    assert computer(desktop)["Autostart"] == (True, "The tray does not start with the session.")
