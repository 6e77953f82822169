"""What a process and its living children use, from /proc."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Usage:
    """Running totals of some processes: CPU in milliseconds and voluntary context switches, by thread."""

    cpu_ms: dict[int, float]
    switches: dict[int, int]


@dataclass(frozen=True, slots=True)
class Span:
    """What was used between two looks."""

    cpu_ms: float
    wakeups: int


def pss_mb(pids: Iterable[int]) -> float:
    """Proportional set size of some processes together, in MB: pages shared with others count in part."""
    total = 0
    for pid in pids:
        with suppress(OSError):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
    return total / 1024


def usage(pids: Iterable[int]) -> Usage:
    """Totals so far, by thread: one that ends in between must not count backwards."""
    cpu: dict[int, float] = {}
    switches: dict[int, int] = {}
    for pid in pids:
        with suppress(OSError):
            for task in Path(f"/proc/{pid}/task").iterdir():
                number = int(task.name)
                with suppress(OSError):
                    cpu[number] = int((task / "schedstat").read_text().split()[0]) / 1e6
                    for line in (task / "status").read_text().splitlines():
                        if line.startswith("voluntary_ctxt_switches:"):
                            switches[number] = int(line.split()[1])
    return Usage(cpu, switches)


def span(before: Usage, after: Usage) -> Span:
    """The difference of two looks."""
    return Span(
        sum(value - before.cpu_ms.get(task, 0.0) for task, value in after.cpu_ms.items()),
        sum(value - before.switches.get(task, 0) for task, value in after.switches.items()),
    )


def other_qt_programs(own: Iterable[int]) -> int:
    """How many other processes share Qt's pages: each takes its part of them, so that PSS comes out too low."""
    known, found = set(own), 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) not in known:
            with suppress(OSError):
                found += "libQt6Core" in (entry / "maps").read_text(errors="replace")
    return found
