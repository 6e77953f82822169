"""What the tray shows and can do for each role: the tables of docs/roles.md, made with simulated servers.

python -m tests.roles           prints them
python -m tests.roles --write   puts them into docs/roles.md
"""

import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tray_app.adapters.swarm.gateway import SwarmServer
from tray_app.adapters.swarm.session_stores import MemorySessions
from tray_app.core.address import parse_address
from tray_app.core.checkup import ABILITIES, permission_report
from tray_app.core.credentials import Credentials
from tray_app.core.model import Rights
from tray_app.core.observations import Seen
from tray_app.core.offers import cancel_people
from tray_app.core.present import tray_view
from tray_app.core.watch import WatchState, advance, begin
from tray_app.simulator.permissions import ROLES
from tray_app.simulator.server import SimulatedSwarmUI

PAGE = Path(__file__).parents[1] / "docs" / "roles.md"
VERSIONS = ("0.9.8.2", "0.9.7.0")
NOBODY = "no accounts"
NOTHING = "\N{EN DASH}"
START, END = "<!-- made by `python -m tests.roles --write` -->\n", "<!-- end -->\n"
SHORT = ("counts", "cancel all", "backends", "cancel current", "others' work", "failures", "picture", "folder")
"""The abilities of `core.checkup` in one or two words, in their order."""


def tables() -> str:
    """All tables as Markdown."""
    return "\n".join(_tables_of(version) for version in VERSIONS)


def _tables_of(version: str) -> str:
    shows, can = [], []
    for role in (NOBODY, *ROLES):
        with _server(version, role) as (simulated, server):
            idle = _look(server)
            _work(simulated, role)
            busy = _look(server)
            shows.append((role, *_shown(idle, busy)))
            can.append((role, *_abilities(server.rights)))
    first = (
        "role",
        "while nobody works",
        "while three jobs run",
        "what it adds",
        "cancel current",
        "cancel all",
        "more",
    )
    return (
        f"## SwarmUI {version}\n\n### What the tray shows\n\n{_markdown(first, shows)}\n"
        f"### What the key can do, else the permission to ask for\n\n{_markdown(('role', *SHORT), can)}"
    )


@contextmanager
def _server(version: str, role: str) -> Iterator[tuple[SimulatedSwarmUI, SwarmServer]]:
    """A server with bob at work on it, and the view on it that ann has, who holds the role."""
    with SimulatedSwarmUI(version, accounts=role != NOBODY) as simulated:
        token = ""
        if role != NOBODY:
            simulated.add_user("bob", "owner")
            token = simulated.add_user("ann", role)
        address = parse_address(simulated.url)
        server = SwarmServer(address, credentials=Credentials(token=token), sessions=MemorySessions())
        with closing(server):
            yield simulated, server


def _work(simulated: SimulatedSwarmUI, role: str) -> None:
    """Two jobs of bob, then one of ann where her role may generate; without accounts all are of the one user."""
    if role == NOBODY:
        simulated.generate(images=3, seconds=600)
    elif role == "guest":
        simulated.generate("bob", images=3, seconds=600)
    else:
        simulated.generate("bob", images=2, seconds=600)
        simulated.wait_until(lambda: simulated.counters().live_gens >= 1)
        simulated.generate("ann", images=1, seconds=600)
    # A ComfyUI backend takes one job ahead.
    simulated.wait_until(lambda: simulated.counters().waiting_gens == 3 and all(simulated.comfy_queue()))


def _look(server: SwarmServer) -> WatchState:
    """The state after two readings, as one of ComfyUI's queues alone proves nothing."""
    state = begin("home", server.url)
    for _ in range(2):
        state = advance(state, Seen(server.read(full=True)), time.time()).state
    return state


def _shown(idle: WatchState, busy: WatchState) -> Iterator[str]:
    quiet, view = (tray_view(state, (), time.time(), lambda _: "") for state in (idle, busy))
    yield quiet.head.text.removeprefix("home: ")
    yield view.head.text.removeprefix("home: ")
    yield view.detail.text or NOTHING
    for entry in (view.cancel_current, view.cancel_all):
        yield entry.text if entry.enabled else f"_{entry.text}_"
    yield "; ".join(entry.text for entry, _ in cancel_people(busy.status)) or NOTHING


def _abilities(rights: Rights) -> Iterator[str]:
    for ability, step in zip(ABILITIES, permission_report(rights), strict=True):
        lacking = " and ".join(f"`{each}`" for each in ability.permissions if not rights.may(each))
        if step.ok:
            yield "yes"
        else:
            yield "no key can" if ability.route in rights.missing_routes else lacking


def _markdown(first: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [first, ("---",) * len(first), *rows]
    return "".join(f"| {' | '.join(each.replace('|', '/') for each in line)} |\n" for line in lines)


def written() -> str:
    """The tables as docs/roles.md has them."""
    return PAGE.read_text("utf-8").partition(START)[2].partition(END)[0]


if __name__ == "__main__":
    made = tables()
    if "--write" in sys.argv:
        before, _, after = PAGE.read_text("utf-8").partition(START)
        PAGE.write_text(before + START + made + END + after.partition(END)[2], "utf-8")
    else:
        print(made)
