"""`python -m tests.bench [--quick]`: measure, and print what came of it as Markdown."""

import argparse
import os
import platform
import statistics
import sys
from typing import TYPE_CHECKING

from tests.bench import imports, latencies, residents, several, starts
from tests.bench.peers import PEERS
from tests.bench.stage import Stage, stage
from tests.bench.table import table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.bench.residents import Resident

Row = tuple[str, str, str, str, bool]
"""What, measured, beside, limit, kept."""


PARTS = ("starts", "residents", "latencies", "imports", "several")


def main() -> int:
    """Run all parts that were asked for; 1 when a limit is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds and short windows: for a first look")
    parser.add_argument("--only", choices=PARTS, action="append")
    options = parser.parse_args()
    parts = options.only or PARTS
    quick = options.quick
    rows: list[Row] = []
    breakdown = ""
    with stage() as here:
        if "starts" in parts:
            rows += _starts(here, 5 if quick else 15)
        if "residents" in parts:
            rows += _residents(here, rounds=1 if quick else 3, window=15 if quick else 60)
        if "latencies" in parts:
            rows += _latencies(here, 3 if quick else 10)
        if "imports" in parts:
            breakdown = _imports(here, 3 if quick else 7)
        if "several" in parts:  # the last one: it leaves other settings behind
            rows += _several(here, rounds=1 if quick else 3, window=10 if quick else 30)
    if rows:
        cells = [(name, value, beside, limit, "yes" if good else "**no**") for name, value, beside, limit, good in rows]
        print(table(("What", "Measured", "Beside", "Limit", "Kept"), cells))
    load = os.getloadavg()[2]
    print(f"\nPython {platform.python_version()}, {platform.system()} {platform.machine()}, load {load:.1f} of 15 min.")
    if breakdown:
        print(f"\n{breakdown}")
    others = [(each.name, f"{each.start:.2f} x", f"{each.pss:.2f} x", each.wakeups) for each in PEERS]
    print(f"\n{table(('Other trays, beside the bare tray', 'Start', 'PSS', 'Wake-ups /s'), others)}")
    return 0 if all(row[4] for row in rows) else 1


def _ratio(name: str, value: float, base: float, *, unit: str, beside: str, limit: float) -> Row:
    ratio = value / base if base else float("inf")
    return (name, f"{value:.3g} {unit}: {ratio:.2f} x", f"{base:.3g} {unit} {beside}", f"{limit:.2f} x", ratio <= limit)


def _starts(here: Stage, rounds: int) -> list[Row]:
    icon, status = starts.to_icon(here, rounds), starts.of_status(here, rounds)
    return [
        _ratio("Start to registered icon", icon["tray"], icon["bare"], unit="ms", beside="bare tray", limit=1.25),
        _ratio(
            "`status`, start to end", status["status"], status["httpx"], unit="ms", beside="`import httpx`", limit=1.6
        ),
    ]


def _residents(here: Stage, rounds: int, window: float) -> list[Row]:
    programs = {"bare": here.bare, "raw": here.raw_poll(5.0), "tray": here.tray}
    found: dict[str, list[Resident]] = {name: [] for name in programs}
    for _ in range(rounds):
        for name, program in programs.items():
            found[name].append(residents.resident(here, program, window, warm_up=10 if window > 30 else 5))

    def median(name: str, field: str) -> float:
        return float(statistics.median(getattr(each, field) for each in found[name]))

    cpu = median("tray", "cpu_percent")
    children = median("tray", "processes") - 1
    rows = [
        _ratio(
            f"PSS after {window:.0f} s of polling with a key of the keyring ({children:.0f} living children)",
            median("tray", "pss_mb"),
            median("bare", "pss_mb"),
            unit="MB",
            beside="bare tray",
            limit=1.5,
        ),
        _ratio(
            "Wake-ups, idle, a poll every 5 s",
            median("tray", "wakeups_per_second"),
            median("raw", "wakeups_per_second"),
            unit="/s",
            beside="raw poll thread",
            limit=1.2,
        ),
        (
            "CPU, idle, a poll every 5 s",
            f"{cpu:.3f} % of a core",
            f"{median('raw', 'cpu_percent'):.3f} % raw poll thread",
            "0.1 %",
            cpu <= 0.1,
        ),
    ]
    disturbers = max(each.disturbers for runs in found.values() for each in runs)
    if disturbers:
        print(f"Up to {disturbers} other programs with Qt ran meanwhile: PSS is too low, and its ratio too high.\n")
    raw, requests = median("raw", "pss_mb"), median("tray", "requests")
    rows.append(("PSS of the raw poll thread", f"{raw:.3g} MB", f"the tray asked {requests:.0f} times", "", True))
    return rows


def _several(here: Stage, rounds: int, window: float) -> list[Row]:
    found = several.costs(here, rounds, window)
    one, many = found[1], found[several.MANY]
    each = (many.pss_mb - one.pss_mb) / (several.MANY - 1)
    return [
        (
            f"PSS of each more server, {several.MANY} in one tray",
            f"{each:.3f} MB",
            f"{one.pss_mb:.3g} MB with one, {many.pss_mb:.3g} MB with all",
            "0.3 MB",
            each <= 0.3,
        ),
        _ratio(
            f"CPU per server, {several.MANY} in one tray, each polled every {several.POLL:g} s",
            many.cpu_ms / several.MANY,
            one.cpu_ms,
            unit="ms/s",
            beside="with one",
            limit=1.1,
        ),
    ]


def _latencies(here: Stage, rounds: int) -> list[Row]:
    click = latencies.click_to_wire(here, rounds)
    change = latencies.change_to_icon(here, rounds)
    return [
        ("Click to request in the server", f"{click:.0f} ms", "", "100 ms", click <= 100),
        (
            "Work starts to new icon (poll every 5 s)",
            f"{change['started']:.1f} s",
            "",
            "5.5 s",
            change["started"] <= 5.5,
        ),
        ("Work ends to new icon (poll every 1 s)", f"{change['ended']:.1f} s", "", "2.5 s", change["ended"] <= 2.5),
    ]


def _imports(here: Stage, rounds: int) -> str:
    found = imports.costs(here, rounds)
    cells = [(each.name, str(each.modules or ""), *_figures([each])) for each in found]
    total = ("All", "", *_figures(found))
    return table(("Loaded by the tray, in this order", "Modules", "ms", "MB (PSS)"), [*cells, total])


def _figures(found: "Sequence[imports.Cost]") -> tuple[str, str]:
    return f"{sum(each.milliseconds for each in found):.1f}", f"{sum(each.megabytes for each in found):.2f}"


if __name__ == "__main__":
    sys.exit(main())
