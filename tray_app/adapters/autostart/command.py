"""How this program is started again, by somebody else and later."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Command:
    """What is to be started: the program with its arguments, and the folder it must be started in, if that matters."""

    argv: tuple[str, ...]
    folder: Path | None = None


def own_command(*arguments: str) -> Command:
    """How this program is started again, by absolute paths: a session has less in its PATH than a terminal."""
    if image := os.environ.get("APPIMAGE"):  # the file itself; what runs is mounted anew at each start
        return Command((image, *arguments))
    if getattr(sys, "frozen", False):
        return Command((sys.executable, *arguments))
    script = "swarmui-tray-window" if sys.platform == "win32" else "swarmui-tray"
    found = shutil.which(script, path=str(Path(sys.executable).parent)) or _running_script(script)
    if found:
        return Command((found, *arguments))
    package = Path(__file__).parents[2]
    return Command((sys.executable, "-m", package.name, *arguments), package.parent)


def _running_script(name: str) -> str | None:
    started = Path(sys.argv[0])
    found = started.resolve() if started.name == name else Path(shutil.which(name) or "")
    return str(found) if found.is_file() else None
