"""Shows an address in the user's browser."""

import shutil
import subprocess
import sys


def show(address: str) -> None:
    """Hand the address to the desktop; may take seconds, so it is for a thread that can wait.

    Python's own `webbrowser` comes second: it takes a starter that has already ended for a failure, and opens the page
    once more with the next one.
    """
    if sys.platform not in {"win32", "darwin"} and (starter := shutil.which("xdg-open")):
        quiet = subprocess.DEVNULL
        done = subprocess.run([starter, address], stdin=quiet, stdout=quiet, stderr=quiet, check=False)  # noqa: S603
        if done.returncode == 0:
            return
    import webbrowser

    webbrowser.open(address)
