"""Several servers in one tray, in a real panel: the worst on the icon, and each server's rows act on it alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desktop.rig.dbusmenu import Menu, MenuEntry
from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.panels import XfcePanel
from tests.desktop.rig.program import TrayProcess, add_server, configure
from tests.desktop.rig.tray_item import TrayItem, registered
from tests.desktop.rig.waiting import until
from tray_app.simulator.server import SimulatedSwarmUI

NAMES = ("one", "two", "three")

Three = dict[str, SimulatedSwarmUI]


@pytest.fixture
def three() -> Iterator[Three]:
    with SimulatedSwarmUI() as one, SimulatedSwarmUI() as two, SimulatedSwarmUI() as three:
        yield dict(zip(NAMES, (one, two, three), strict=True))


def write(desktop: Desktop, servers: Three) -> Path:
    """The settings file with these servers, in this order."""
    (first, server), *others = servers.items()
    file = configure(desktop, server.url, server_name=first, polling__busy=0.2, polling__idle=0.5)
    for name, each in others:
        add_server(file, name, each.url)
    return file


def start(desktop: Desktop, three: Three) -> TrayItem:
    """The program under xfce4-panel; returns when it has seen all three."""
    XfcePanel(desktop)
    write(desktop, three)
    TrayProcess(desktop)
    until("the icon registers", lambda: registered(desktop.bus.client), 15)
    item = registered(desktop.bus.client)[0]
    until("it knows all three", lambda: "2 others: 2 idle" in item.tooltip, 15)
    return item


def server_menu(menu: Menu, name: str) -> MenuEntry:
    """The submenu of a server."""
    (found,) = (each for each in menu.layout().children if each.children and each.text.startswith(f"{name}: "))
    return found


def row(entry: MenuEntry, beginning: str) -> MenuEntry:
    return next(each for each in entry.children if each.visible and each.text.startswith(beginning))


def test_cancel_all_in_the_submenu_of_the_second_stops_the_work_of_the_second(screen: Desktop, three: Three) -> None:
    item = start(screen, three)
    idle = item.icon_bytes()
    for server in three.values():
        server.generate(images=3, seconds=60, steps=300)
    until("the total is shown", lambda: "9 jobs in all" in item.tooltip)
    until("the icon is another", lambda: item.icon_bytes() != idle)

    item.menu.open()
    chosen = row(server_menu(item.menu, "two"), "Cancel all: 3 jobs, everybody's on this server")
    item.menu.click_id(chosen.id)
    two = three["two"]
    until("nothing waits or runs", lambda: two.counters().waiting_gens == 0 and two.comfy_queue() == ([], []))
    until("it says so", lambda: server_menu(item.menu, "two").text == "two: Idle")
    for name in ("one", "three"):
        assert (three[name].counters().waiting_gens, len(three[name].comfy_queue()[0])) == (3, 1)
        assert not any("nterrupt" in each.path for each in three[name].requests)
    said = "Generating, 1 running, 2 queued - one\n2 others: 1 generating, 1 idle\n6 jobs in all"
    until("the tooltip sums up", lambda: item.tooltip == said)
    until("the event says where", lambda: any(_cancelled(each.text) for each in item.menu.layout().walk()))


def test_the_worst_is_on_the_icon_and_nothing_moves_while_the_menu_is_open(screen: Desktop, three: Three) -> None:
    item = start(screen, three)
    idle = item.icon_bytes()
    three["three"].stop(abrupt=True)
    until("the icon is another", lambda: item.icon_bytes() != idle)
    assert item.tooltip.startswith("Not reachable - three\n2 others: 2 idle\n")
    work = three["two"].generate(images=2, seconds=60, steps=300)
    until("it is known", lambda: "two: Generating" in server_menu(item.menu, "two").text)

    before = [each.id for each in item.menu.open().walk()]
    gone = server_menu(item.menu, "two")
    write(screen, {name: three[name] for name in ("three", "one")})
    until("it is said", lambda: server_menu(item.menu, "two").text == "two: no longer in the settings")
    assert [each.id for each in item.menu.layout().walk()] == before
    assert not any(each.enabled for each in server_menu(item.menu, "two").children if each.visible and each.label)
    item.menu.click_id(row(gone, "Cancel all").id)  # as it was seen a moment ago
    kept = server_menu(item.menu, "one")
    item.menu.close()

    def in_order() -> bool:
        return [each.text.partition(":")[0] for each in item.menu.layout().children if each.children][:2] == [
            "three",
            "one",
        ]

    until("it is in order", in_order)
    assert [each.id for each in server_menu(item.menu, "one").children] == [each.id for each in kept.children]
    assert not work.done
    for server in three.values():
        assert not any("nterrupt" in each.path for each in server.requests)


def _cancelled(text: str) -> bool:
    return "two: " in text and "Cancelled: " in text
