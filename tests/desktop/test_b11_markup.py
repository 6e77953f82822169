"""B11: markup in notifications. Text is shown as it is, nothing vanishes and nothing can be injected."""

import html

import pytest

from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.dunst import Dunst
from tests.desktop.rig.notification_double import ALL_CAPABILITIES, NotificationDouble, Notify
from tests.desktop.rig.program import TrayProcess, configure
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.waiting import until
from tray_app.simulator.server import SimulatedSwarmUI

TEXT = (
    "no such lora <lora:x:0.8> "
    "fish & chips &amp; &#60; "
    '<b>bold</b> <a href="http://evil.example/">update now</a> '
    "]]> <![CDATA[ <img src='x'/>"
)
NAME = "R&D <i>lab</i>"


def _fail_with(text: str, desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble) -> None:
    """Start a tray and let a job fail with that text while it looks."""
    configure(desktop, server.url, server_name=NAME, polling__busy=0.2, polling__idle=0.5)
    TrayProcess(desktop)
    item = host.wait_for_item()
    until("it says idle", lambda: item.tooltip.startswith("Idle"))
    first = server.generate(images=1, seconds=2)
    until("it says generating", lambda: item.tooltip.startswith("Generating"))
    assert not first.done
    server.fail_next(text)
    server.generate(images=1)


def _read(notify: Notify, *, markup: bool) -> str:
    """What a daemon shows of the body."""
    return html.unescape(notify.body) if markup else notify.body


@pytest.mark.parametrize("markup", [True, False], ids=["with-markup", "without-markup"])
def test_b11_a_daemon_shows_exactly_the_text(
    desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble, *, markup: bool
) -> None:
    able = tuple(each for each in ALL_CAPABILITIES if markup or each != "body-markup")
    daemon = NotificationDouble(desktop.bus, able)
    _fail_with(TEXT, desktop, server, host)
    told = daemon.calls.wait("the failure is told", lambda each: each.summary.startswith("A job failed"), 15)
    assert TEXT in _read(told, markup=markup)
    assert not markup or "<" not in told.body
    assert told.summary == f"A job failed ({NAME})"


def test_b11_dunst_shows_exactly_the_text(
    desktop: Desktop, server: SimulatedSwarmUI, host: TrayHostDouble, dunst: Dunst
) -> None:
    _fail_with(TEXT, desktop, server, host)
    dunst.wait_until_shown(seconds=15)
    (shown,) = dunst.close_all()
    assert TEXT in html.unescape(shown.body)
    assert html.unescape(shown.summary) == f"A job failed ({NAME})"
