"""What the icon itself shows: a module of its own, so that the icon is on its way before the menu's texts are loaded.

A named tuple: `dataclasses` alone would take as long to load as all that the icon needs.
"""

from typing import NamedTuple

from tray_app.core.state import State


class Face(NamedTuple):
    """A picture and a tooltip; `badge`, `stale` and `tooltip` are as in `TrayView`."""

    state: State
    badge: str
    stale: bool
    tooltip: str


STARTING_FACE = Face(State.UNKNOWN, "", stale=False, tooltip="Connecting\N{HORIZONTAL ELLIPSIS}")
"""What the icon shows before settings and servers are known."""
