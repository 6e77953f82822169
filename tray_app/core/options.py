"""What there is to choose: the one table of options, and what makes sense as the value of each.

The settings file with its comments, `swarmui-tray config set` and the bounds in the settings window are made from it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from tray_app.core.icon_look import IconChoice
from tray_app.core.quiet_hours import EXAMPLE, BadQuietHours, parse_quiet_hours

Scalar = bool | int | float | str


def _why_not_quiet_hours(text: str) -> str | None:
    try:
        parse_quiet_hours(text)
    except BadQuietHours as error:
        return str(error)
    return None


@dataclass(frozen=True, slots=True)
class Option:
    """One setting. `path` is `table.key`; numbers lie between `least` and `most`; `comment` explains it in the file.

    A text is one of `choices` where there are any; `why_not` gives a sentence about one that makes no sense, or None.
    """

    path: str
    default: Scalar
    comment: str
    least: float = 0
    most: float = 0
    choices: tuple[str, ...] = ()
    why_not: Callable[[str], str | None] = lambda _: None
    example: str = ""

    @property
    def table(self) -> str:
        """The TOML table it stands in."""
        return self.path.partition(".")[0]

    @property
    def key(self) -> str:
        """Its key within that table."""
        return self.path.partition(".")[2]

    @property
    def expected(self) -> str:
        """What a valid value is, to be put after "is not"."""
        if isinstance(self.default, bool):
            return "true or false"
        if isinstance(self.default, str):
            return f"one of {', '.join(self.choices)}" if self.choices else f'a text such as "{self.example}"'
        kind = "whole number" if isinstance(self.default, int) else "number"
        return f"a {kind} from {self.least:g} to {self.most:g}"


OPTIONS: tuple[Option, ...] = (
    Option("polling.busy", 1.0, "Seconds between two looks at the server while it works.", 0.2, 60),
    Option("polling.idle", 5.0, "Seconds between two looks while nothing runs.", 0.5, 600),
    Option("polling.timeout", 10.0, "Seconds after which one request counts as failed.", 0.5, 300),
    Option("notifications.finished", default=True, comment="Tell when the work is done."),
    Option("notifications.failed", default=True, comment="Tell when a job failed. Needs the permission view_logs."),
    Option("notifications.lost", default=True, comment="Tell when the server cannot be reached any more."),
    Option("notifications.back", default=True, comment="Tell when it can be reached again."),
    Option("notifications.cancel", default=True, comment="Tell how a cancel ended."),
    Option("notifications.longer_than", 20, "Only announce work that took longer than this many seconds.", 0, 86_400),
    Option(
        "notifications.everybody",
        default=False,
        comment="On a server with accounts: announce everybody's work, not only your own.",
    ),
    Option(
        "notifications.quiet_hours",
        "",
        f'When to show no notifications, such as "{EXAMPLE}"; a summary comes afterwards. Empty: never.',
        why_not=_why_not_quiet_hours,
        example=EXAMPLE,
    ),
    Option(
        "notifications.trouble_breaks_through",
        default=False,
        comment="Tell of failed jobs, a lost server and a refused key even in quiet hours and while snoozed.",
    ),
    Option(
        "notifications.trouble_stays",
        default=False,
        comment="Mark the same three as critical: most desktops then show them until they are clicked away.",
    ),
    Option(
        "cancel.confirm_after_minutes",
        0,
        "Ask before cancelling work that has run longer than this many minutes; 0 never asks.",
        0,
        100_000,
    ),
    Option(
        "tray.icon",
        IconChoice.AUTOMATIC.value,
        "The icon's colours: automatic, colour, light (white, for dark panels) or dark (black, for light panels).",
        choices=tuple(each.value for each in IconChoice),
    ),
    Option(
        "activity.prompts",
        default=False,
        comment="Let the activity log keep texts that may hold prompts, such as failure messages.",
    ),
)


def option(path: str) -> Option | None:
    """The option of that path, or None where there is none."""
    return next((each for each in OPTIONS if each.path == path), None)


def check(wanted: Option, value: object) -> Scalar | None:
    """The value as the option wants it (a whole number becomes a float where one is due), or None if it cannot be."""
    if isinstance(wanted.default, bool) or isinstance(value, bool):
        return value if isinstance(wanted.default, bool) and isinstance(value, bool) else None
    if isinstance(wanted.default, str):
        return _check_text(wanted, value)
    if not isinstance(value, (int, float)) or not math.isfinite(value) or not wanted.least <= value <= wanted.most:
        return None
    if isinstance(wanted.default, float):
        return float(value)
    return int(value) if value == int(value) else None


def _check_text(wanted: Option, value: object) -> str | None:
    if not isinstance(value, str) or wanted.why_not(value) is not None:
        return None
    return value if not wanted.choices or value in wanted.choices else None


def from_text(wanted: Option, text: str) -> Scalar | None:
    """What somebody typed for the option on a command line, or None where it is not `wanted.expected`."""
    word = text.strip().lower()
    if isinstance(wanted.default, bool):
        return {"true": True, "on": True, "yes": True, "false": False, "off": False, "no": False}.get(word)
    if isinstance(wanted.default, str):
        return _check_text(wanted, word if wanted.choices else text.strip())
    try:
        return check(wanted, float(word))
    except ValueError:
        return None
