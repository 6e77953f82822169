"""dunst: a real notification daemon that remembers what it showed."""

import json
import subprocess
from dataclasses import dataclass
from typing import Any

from tests.desktop.rig.desktop import Desktop, program
from tests.desktop.rig.waiting import until

NOTIFICATIONS = "org.freedesktop.Notifications"

_RC = """[global]
 width = 420
 origin = top-right
 offset = 10x10
 icon_position = left
 max_icon_size = 96
 font = DejaVu Sans 10
 markup = full
 format = "<b>%s</b>\\n%b"
 mouse_left_click = do_action, close_current
 idle_threshold = 0
 show_indicators = yes
 dmenu = {pick}
[urgency_low]
 timeout = 0
[urgency_normal]
 timeout = 0
[urgency_critical]
 timeout = 0
"""

_PICK = """#!/bin/sh
# Stands where dunst expects a menu program: answers the offered line that holds the wanted text.
grep -m1 -F -- "$(cat '{wanted}')"
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """A notification that dunst closed and remembers."""

    id: int
    app: str
    summary: str
    body: str
    icon: str


class Dunst:
    """The daemon and `dunstctl`. Nothing expires by itself."""

    def __init__(self, desktop: Desktop) -> None:
        self._desktop = desktop
        folder = desktop.home / ".config/dunst"
        folder.mkdir(parents=True, exist_ok=True)
        self._wanted = folder / "wanted"
        pick = folder / "pick"
        pick.write_text(_PICK.format(wanted=self._wanted))
        pick.chmod(0o700)
        config = folder / "dunstrc"
        config.write_text(_RC.format(pick=pick))
        self._config = config
        self.start()

    def start(self) -> None:
        """Start the daemon (again)."""
        self.process = self._desktop.start(program("dunst"), "-config", str(self._config))
        self._desktop.bus.wait_for_owner(NOTIFICATIONS)

    def shown(self) -> int:
        """How many notifications are on the screen."""
        return int(self._ctl("count", "displayed"))

    def wait_until_shown(self, number: int = 1, seconds: float = 10.0) -> None:
        """Wait until at least that many are on the screen."""
        until(f"{number} notifications on the screen", lambda: self.shown() >= number, seconds)

    def close_all(self) -> list[Shown]:
        """Take everything from the screen; returns what dunst has shown so far, newest first."""
        self._ctl("close-all")
        until("nothing is on the screen", lambda: self.shown() == 0)
        return self.history()

    def history(self) -> list[Shown]:
        """What was shown and closed, newest first."""
        data = json.loads(self._ctl("history"))["data"][0]
        return [_shown(each) for each in data]

    def press_default(self) -> None:
        """Click the newest one."""
        self._ctl("action", "0")

    def press(self, label: str) -> None:
        """Choose a button by its label."""
        self._wanted.write_text(label)
        self._ctl("context")

    def _ctl(self, *arguments: str) -> str:
        done = subprocess.run(
            ["dunstctl", *arguments], env=self._desktop.env, capture_output=True, text=True, timeout=10, check=True
        )
        return done.stdout


def _shown(entry: dict[str, Any]) -> Shown:
    def field(name: str) -> Any:
        return entry[name]["data"]

    return Shown(field("id"), field("appname"), field("summary"), field("body"), field("icon_path"))
