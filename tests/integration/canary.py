"""Canaries: secrets that are looked for afterwards wherever a command may have left them, whole or in part.

world = World(tmp_path)
world.run("status", "--url", url, SWARMUI_TOKEN=token)
assert world.traces(token) == []
"""

import base64
import stat
import zipfile
from pathlib import Path

from tests.integration.cli.conftest import CommandLine, Done

WINDOW = 12
"""So many characters of a secret in a row are a trace of it."""

# Written by every Python process of the commands before anything else: what it starts, with which environment.
_SPY = """
import json, os, sys
def note(event, args):
    if event in {"subprocess.Popen", "os.exec", "os.posix_spawn", "os.system", "os.spawn"}:
        environment = next((each for each in args[2:] if isinstance(each, dict)), None) or dict(os.environ)
        with open(os.environ["CHILDREN"], "a") as file:
            file.write(json.dumps([event, repr(args), repr(environment)]) + "\\n")
sys.addaudithook(note)
"""


class World:
    """A home for commands. All that they print, write and pass on to other programs is kept."""

    def __init__(self, folder: Path) -> None:
        self.cli = CommandLine(folder)
        self.home = folder
        self.children = folder / "children"
        self.elsewhere: list[Path] = []
        self._printed: list[tuple[str, str]] = []
        spy = folder / "spy"
        spy.mkdir()
        (spy / "sitecustomize.py").write_text(_SPY)
        environment = self.cli.environment
        environment["PYTHONPATH"] = f"{spy}:{environment['PYTHONPATH']}"
        environment["CHILDREN"] = str(self.children)
        environment["XDG_CACHE_HOME"] = str(folder / "cache")
        environment["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nowhere"

    def run(self, *arguments: str, stdin: str = "", **environment: str) -> Done:
        """Run a command to its end, and keep what it printed."""
        done = self.cli(*arguments, stdin=stdin, timeout=60.0, **environment)
        self.keep(" ".join(arguments[:3]), done.out + done.err)
        return done

    def keep(self, place: str, printed: str) -> None:
        """Look there too."""
        self._printed.append((place, printed))

    def traces(self, *secrets: str, session: str = "") -> list[str]:
        """Where something of a secret is to be found; `session` may be in the owner-only files that sessions lie in."""
        found = [f"printed: {place}" for place, text in self._printed if _in(text, (*secrets, session))]
        for path in (each for root in (self.home, *self.elsewhere) for each in root.rglob("*") if each.is_file()):
            text = _content(path)
            if _in(text, secrets) or (_in(text, (session,)) and not self._may_hold_sessions(path)):
                found.append(str(path.relative_to(path.anchor)))
        return found

    def _may_hold_sessions(self, path: Path) -> bool:
        ours = path == self.cli.state / "state.json" or path.is_relative_to(self.home / "run")
        return ours and stat.S_IMODE(path.stat().st_mode) == 0o600


def _content(path: Path) -> str:
    """All bytes of a file, or of what is packed in it."""
    if not zipfile.is_zipfile(path):
        return path.read_bytes().decode("latin-1")
    with zipfile.ZipFile(path) as archive:
        return "".join(archive.read(each).decode("latin-1") for each in archive.namelist())


def _in(text: str, secrets: tuple[str, ...]) -> bool:
    return any(window in text for secret in secrets for window in _windows(secret))


def _windows(secret: str) -> set[str]:
    """So many characters as they are, as hex, and as base64 at each of the three places they can have there."""
    found = set()
    for at in range(max(1, len(secret) - WINDOW + 1) if secret else 0):
        part = secret[at : at + WINDOW]
        found |= {part, part.encode().hex()}
        found |= {base64.b64encode(b"\0" * shift + part.encode()).decode()[4:-4] for shift in range(3)}
    return {each for each in found if len(each) >= 8}
