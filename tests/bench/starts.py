"""How long starting takes, beside the same for the smallest program, one after the other in turn."""

import statistics
import subprocess
import sys
import time

from tests.bench.stage import Stage
from tests.desktop.rig.desktop import ROOT


def to_icon(stage: Stage, rounds: int) -> dict[str, float]:
    """Medians in milliseconds from start to registered icon: "bare" and "tray"."""
    programs = {"bare": stage.bare, "tray": stage.tray}
    taken: dict[str, list[float]] = {name: [] for name in programs}
    for turn in range(rounds + 1):
        for name, program in programs.items():
            process, milliseconds = stage.start(program)
            stage.end(process)
            if turn:  # the first one fills caches
                taken[name].append(milliseconds)
    return {name: statistics.median(each) for name, each in taken.items()}


def of_status(stage: Stage, rounds: int) -> dict[str, float]:
    """Medians in milliseconds of `status` (no key in the keyring is asked for) and of `import httpx`."""
    python = sys.executable
    programs = {
        "httpx": (python, "-c", "import httpx"),
        "status": (python, "-m", "tray_app", "--url", stage.server.url, "status"),
    }
    env = {**stage.desktop.env, "SWARMUI_TOKEN": stage.cookie}
    taken: dict[str, list[float]] = {name: [] for name in programs}
    for turn in range(rounds + 1):
        for name, program in programs.items():
            started = time.perf_counter()
            done = subprocess.run(program, env=env, cwd=ROOT, capture_output=True, timeout=60, check=False)
            milliseconds = (time.perf_counter() - started) * 1000
            assert done.returncode == 0, done.stderr.decode()
            if turn:
                taken[name].append(milliseconds)
    return {name: statistics.median(each) for name, each in taken.items()}
