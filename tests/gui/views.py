"""Views for the tests of this folder."""

from dataclasses import replace
from typing import Any

from tray_app.core.model import State
from tray_app.core.view import Entry, RecentEntry, TrayView

GENERATING = TrayView(
    state=State.GENERATING,
    badge="3",
    tooltip="Generating: 1 job runs, 3 wait",
    head=Entry("Generating, 1 job runs, 3 wait", enabled=False),
    detail=Entry("home, SwarmUI 0.9.8.2", enabled=False),
    cancel_current=Entry("Cancel current"),
    cancel_all=Entry("Cancel all (4 jobs)"),
    retry=Entry("Try again now"),
    open_web=Entry("Open SwarmUI"),
    recent=(RecentEntry("12:01 4 jobs finished", "http://127.0.0.1:7801/View/1.png"), RecentEntry("11:00 Back")),
    lines=("Generating", "1 job runs", "3 jobs wait"),
)


def view(**changes: Any) -> TrayView:
    """The generating view with some fields changed."""
    return replace(GENERATING, **changes)
