"""What stays: memory, CPU and wake-ups of a tray that polls, beside a bare one and a raw poll thread."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench.stage import Stage, settle
from tests.bench.usage import other_qt_programs, pss_mb, span, usage
from tests.desktop.rig.waiting import until


@dataclass(frozen=True, slots=True)
class Resident:
    """One program over one window of time."""

    pss_mb: float
    cpu_percent: float
    wakeups_per_second: float
    processes: int
    requests: int
    disturbers: int  # other programs with Qt at the time of weighing


def resident(stage: Stage, program: Sequence[str], window: float, warm_up: float) -> Resident:
    """Let a program run alone for `warm_up` seconds, watch it over `window` seconds, then weigh it."""
    asked = len(stage.server.requests)
    process, _ = stage.start(program)
    if program != stage.bare:
        until("it polls", lambda: len(stage.server.requests) > asked, 20)
    settle(warm_up)
    asked = len(stage.server.requests)
    before, start = usage(process.session()), time.monotonic()
    settle(window)
    used, seconds = span(before, usage(process.session())), time.monotonic() - start
    result = Resident(
        pss_mb=pss_mb(process.session()),
        cpu_percent=used.cpu_ms / seconds / 10,
        wakeups_per_second=used.wakeups / seconds,
        processes=len(process.session()),
        requests=len(stage.server.requests) - asked,
        disturbers=other_qt_programs(process.session()),
    )
    stage.end(process)
    return result
