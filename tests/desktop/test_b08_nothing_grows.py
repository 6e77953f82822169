"""B08: memory and handles that grow with every update."""

import itertools
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.desktop.rig.counted_objects import counted
from tests.desktop.rig.desktop import ROOT, Desktop
from tests.desktop.rig.program import TrayProcess
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.tray_item import TrayItem
from tests.desktop.rig.waiting import until
from tests.desktop.rig.x_resources import x_resources
from tests.integration.hostile import GOOD_SESSION, GOOD_STATUS, Connection, HostileServer, Received, http

BACKENDS = {"0": {"id": 0, "title": "one", "type": "other", "status": "running", "enabled": True}}


@dataclass(frozen=True)
class Weight:
    """What a tray holds."""

    rss_kb: int
    threads: int
    descriptors: int
    objects: int  # Qt's, of every kind
    x_resources: int


class ChangingServer(HostileServer):
    """A server that says something else each time it is asked: up to 12 jobs, a model that loads, now and then none."""

    def __init__(self) -> None:
        super().__init__(self._answer)
        self._told = threading.Condition()
        self._figures = _figures()
        self.changes = 0

    def _answer(self, connection: Connection, request: Received) -> None:
        self.requests.clear()  # it is asked very often
        match request.path.rpartition("/")[2]:
            case "GetNewSession":
                connection.send(http(GOOD_SESSION))
            case "GetGlobalStatus":
                connection.send(http(GOOD_STATUS | {"status": next(self._figures)}))
                with self._told:
                    self.changes += 1
                    self._told.notify_all()
            case "ListBackends":
                connection.send(http(BACKENDS))
            case "ListConnectedUsers":
                connection.send(http({"users": []}))
            case _:
                connection.send(http(b"", 404))

    def wait_for_change(self, number: int) -> None:
        """Wait until it was asked so often."""
        with self._told:
            assert self._told.wait_for(lambda: self.changes >= number, 10), f"asked {self.changes} times only"


def _figures() -> Iterator[dict[str, int]]:
    for turn in itertools.count():
        jobs = 0 if turn % 40 == 39 else 1 + turn % 12
        loading = int(turn % 5 == 4 and jobs > 0)
        yield {"waiting_gens": jobs, "loading_models": loading, "waiting_backends": 0, "live_gens": min(jobs, 1)}


def _amounts(short: int) -> list[object]:
    return [
        short,
        pytest.param(20_000, marks=[pytest.mark.slow, pytest.mark.timeout(900)]),
        pytest.param(100_000, marks=[pytest.mark.slow, pytest.mark.timeout(3600)]),
    ]


@pytest.mark.parametrize("changes", _amounts(600))
def test_b08_state_changes_leave_memory_handles_and_objects_alone(screen: Desktop, changes: int) -> None:
    host = TrayHostDouble(screen.bus)
    host.appear()
    objects = _empty(screen.folder / "objects")
    with ChangingServer() as server:
        counting = (sys.executable, "-m", "tests.desktop.rig.counted_tray", str(objects), "--url", server.url, "run")
        tray = TrayProcess(screen, program=counting)
        item = host.wait_for_item()
        until("it has looked", lambda: item.tooltip.startswith(("Generating", "Loading", "Idle")))
        _change(server, item, 300)
        weights = [_weigh(tray.pid, objects, screen)]
        for _ in range(2):
            _change(server, item, changes // 2)
            weights.append(_weigh(tray.pid, objects, screen))
        assert tray.quit() == 0
    # Two dozen icons are kept, of which one a second is new at first.
    _judge(weights, changes, slack_kb=256 if changes < 10_000 else 0)


@pytest.mark.parametrize("changes", _amounts(2000))
def test_b08_icons_and_tooltips_that_are_all_shown_leave_them_alone_too(screen: Desktop, changes: int) -> None:
    """The program shows one change a second at most; here is one after the other, without those pauses."""
    host = TrayHostDouble(screen.bus)
    host.appear()
    objects = _empty(screen.folder / "objects")
    command = (sys.executable, "-m", "tests.desktop.rig.counted_icons", str(objects))
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=screen.env, cwd=ROOT
    ) as process:
        host.wait_for_item()
        icons = _Icons(process, host)
        weights = []
        # The heap takes its shape in the first some ten thousand changes.
        for amount in (500 if changes < 10_000 else 30_000, changes // 2, changes // 2):
            icons.show(amount)
            weights.append(_lightest(icons, lambda: _weigh(process.pid, objects, screen)))
        icons.end()
    until("every icon was told of", lambda: len(host.signals.since(0, lambda each: each.name == "NewIcon")) >= changes)
    _judge(weights, changes, slack_kb=512 if changes < 10_000 else 0)


class _Icons:
    """The process that shows one icon after the other, always all that there are, so that equal ones are weighed."""

    def __init__(self, process: subprocess.Popen[str], host: TrayHostDouble) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process, self._in, self._out, self._host = process, process.stdin, process.stdout, host
        self.all = int(self._out.readline())
        self._shown = 0

    def show(self, least: int) -> None:
        """Show so many at least."""
        until = self._shown + least
        while self._shown < until:
            for _ in range(6):
                self._say(self.all // 6)
                self._shown += self.all // 6
                # Both signals of each change; what a host that falls behind has not read would be weighed, too.
                self._host.signals.wait_for_number("the host has heard of all", 2 * self._shown)

    def tidy(self) -> None:
        """Have it give back the memory that its C library keeps for later."""
        self._say(0)

    def end(self) -> None:
        """End it."""
        self._in.close()
        assert self._process.wait(10) == 0

    def _say(self, number: int) -> None:
        print(number, file=self._in, flush=True)
        assert self._out.readline() == "\n"


def _lightest(icons: _Icons, weigh: Callable[[], Weight]) -> Weight:
    """The least of five weighings: what was under way in one of them is not there for good."""
    found = []
    for _ in range(5):
        icons.show(icons.all)
        icons.tidy()
        found.append(weigh())
    return min(found, key=lambda each: each.rss_kb)


def _judge(weights: list[Weight], changes: int, slack_kb: int) -> None:
    """Everything is as it was but for a little memory: at most 1 KiB in 100 changes in the second half, and a slack."""
    first, half, last = weights
    print(f"{changes} changes: {first}, half way {half}, at the end {last}")  # shown with -rP
    assert last.threads == first.threads
    assert last.x_resources == first.x_resources
    assert abs(last.descriptors - first.descriptors) <= 1  # an idle connection may be closed just now
    assert abs(last.objects - first.objects) <= 3  # some come and go
    assert last.rss_kb - half.rss_kb <= changes / 2 / 100 + slack_kb


def _empty(path: Path) -> Path:
    path.write_bytes(bytes(8))
    return path


def _change(server: ChangingServer, item: TrayItem, times: int) -> None:
    """Make the tray look, and see something else, so many times."""
    menu = item.menu
    look_again = menu.find("Look again now").id
    for _ in range(times):
        seen = server.changes
        menu.click_id(look_again)
        server.wait_for_change(seen + 1)


def _weigh(pid: int, objects: Path, desktop: Desktop) -> Weight:
    proc = Path(f"/proc/{pid}")
    status = dict(line.split(":", 1) for line in (proc / "status").read_text().splitlines())
    return Weight(
        rss_kb=int(status["VmRSS"].split()[0]),
        threads=int(status["Threads"]),
        descriptors=len(list((proc / "fd").iterdir())),
        objects=counted(objects),
        x_resources=x_resources(desktop.env["DISPLAY"]),
    )
