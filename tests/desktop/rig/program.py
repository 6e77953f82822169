"""The program under test, started as its user starts it."""

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.desktop.rig.desktop import ROOT, Desktop
from tests.desktop.rig.process import Process

BARE_TRAY = (sys.executable, str(Path(__file__).with_name("bare_tray.py")))


def command(*arguments: str) -> tuple[str, ...]:
    """The command line that runs the program from the checkout, any crash told with a traceback."""
    return (sys.executable, "-X", "faulthandler", "-m", "tray_app", *arguments)


class TrayProcess(Process):
    """`swarmui-tray run` with the home, the bus and the display of a desktop.

    Its registration is the host's to tell: `host.wait_for_item()`.
    """

    def __init__(
        self,
        desktop: Desktop,
        *arguments: str,
        env: dict[str, str] | None = None,
        program: Sequence[str] | None = None,
        name: str = "tray",
    ) -> None:
        log = desktop.logs / f"{name}.log"
        chosen = program or command(*arguments, "run")
        super().__init__(chosen, {**desktop.env, **(env or {})}, log, cwd=ROOT)
        desktop.ending.callback(self.end)

    def quit(self, number: signal.Signals = signal.SIGTERM, seconds: float = 2.0) -> int:
        """Ask it to end by a signal, and its exit code; fails when it takes longer."""
        self.send(number)
        return self.wait(seconds)


def run_command(
    desktop: Desktop, *arguments: str, feed: str = "", env: dict[str, str] | None = None, seconds: float = 30.0
) -> subprocess.CompletedProcess[str]:
    """Run one verb of the command line on a desktop."""
    return subprocess.run(
        command(*arguments),
        input=feed,
        env={**desktop.env, **(env or {})},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def status_of(desktop: Desktop, url: str) -> dict[str, Any]:
    """The one server of `status --url`."""
    done = run_command(desktop, "--url", url, "status")
    server: dict[str, Any] = json.loads(done.stdout)["servers"][0]
    return server


def configure(desktop: Desktop, address: str, *, server_name: str = "home", **options: object) -> Path:
    """Write a settings file for one server; options are named as in the file, `table__key`."""
    folder = desktop.home / ".config/swarmui-tray"
    folder.mkdir(parents=True, exist_ok=True)
    tables: dict[str, list[str]] = {}
    for path, value in options.items():
        table, _, key = path.partition("__")
        tables.setdefault(table, []).append(f"{key} = {json.dumps(value)}")
    lines = ["schema = 1", ""]
    for table, entries in tables.items():
        lines += [f"[{table}]", *entries, ""]
    lines += [
        "[[servers]]",
        f"name = {json.dumps(server_name, ensure_ascii=False)}",
        f"address = {json.dumps(address)}",
    ]
    file = folder / "settings.toml"
    file.write_text("\n".join(lines) + "\n")
    return file


def add_server(file: Path, server_name: str, address: str) -> None:
    """Put one more server at the end of a settings file."""
    with file.open("a") as settings:
        name = json.dumps(server_name, ensure_ascii=False)
        settings.write(f"\n[[servers]]\nname = {name}\naddress = {json.dumps(address)}\n")
