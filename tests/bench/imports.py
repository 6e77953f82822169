"""Where start-up time and memory go: every package that the tray really loads, in the order in which it does."""

import json
import re
import statistics
import subprocess
import sys
from dataclasses import dataclass

from tests.bench.stage import Stage
from tests.bench.usage import pss_mb
from tests.desktop.rig.desktop import ROOT
from tests.desktop.rig.waiting import until

_LINE = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \| (\s*)(\S+)$")

_WEIGH = """
import gc, importlib, json, sys, time
def pss():
    for line in open("/proc/self/smaps_rollup"):
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
found = [["the interpreter", 0, 0.0, pss()]]
for name, modules in json.loads(sys.argv[1]):
    before, started, loaded = pss(), time.perf_counter(), 0
    for module in modules:
        try:
            importlib.import_module(module)
            loaded += 1
        except ImportError:
            pass  # tried by a library, and not there
    took = (time.perf_counter() - started) * 1000
    found.append([name, loaded, took, pss() - before])
print(json.dumps(found))
"""

_OURS = "tray_app"


@dataclass(frozen=True, slots=True)
class Cost:
    """One package: its modules, the time of their import in milliseconds, and what they add in MB of PSS."""

    name: str
    modules: int
    milliseconds: float
    megabytes: float


def costs(stage: Stage, rounds: int) -> list[Cost]:
    """What a running tray consists of: packages in order, each weighed after those before it, then all the rest.

    The standard library comes first and our own packages last, so that each stands for what it adds by itself.
    """
    groups, running = _loaded(stage)
    wanted = json.dumps(sorted(groups.items(), key=lambda group: (group[0] != "standard library", _OURS in group[0])))
    runs = []
    for _ in range(rounds):
        command = [sys.executable, "-c", _WEIGH, wanted]
        done = subprocess.run(
            command, env=stage.desktop.env, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
        )
        runs.append(json.loads(done.stdout))
    found = []
    for rows in zip(*runs, strict=True):
        name, modules = rows[0][0], rows[0][1]
        if modules or name == "the interpreter":
            found.append(Cost(name, modules, *(statistics.median(row[column] for row in rows) for column in (2, 3))))
    made = running - sum(each.megabytes for each in found)
    return [*found, Cost("what it makes: application, icon, menu, connection, threads", 0, 0.0, made)]


def _loaded(stage: Stage) -> tuple[dict[str, list[str]], float]:
    """The modules that a tray has loaded once it shows the server, by package, as Python reports them; its PSS."""
    program = [stage.tray[0], "-X", "importtime", *stage.tray[1:]]
    process, _ = stage.start(program)
    item = stage.host.items()[0]
    until("it says idle", lambda: item.tooltip.startswith("Idle"), 20)
    until("the keyring's process is gone", lambda: len(process.session()) == 1, 20)
    running = pss_mb(process.session())
    stage.end(process)
    groups: dict[str, list[str]] = {}
    for line in process.output.splitlines():
        match = _LINE.match(line)
        if match and not match[4].startswith(("encodings", "site", "sitecustomize", "_")):
            groups.setdefault(_package(match[4]), []).append(match[4])
    return groups, running


def _package(module: str) -> str:
    parts = module.split(".")
    if parts[0] == "PySide6" and len(parts) > 1 and parts[1].startswith("Qt"):
        return ".".join(parts[:2])
    if parts[0] in {"PySide6", "shiboken6", "shibokensupport"}:
        return "PySide6 itself"
    if parts[0] == _OURS:
        return ".".join(parts[:2])
    return "standard library" if parts[0] in sys.stdlib_module_names else parts[0]
