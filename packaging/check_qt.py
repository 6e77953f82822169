"""Say which system libraries the installed Qt lacks. Exit code 0: none.

Loads Qt's window library and the plugins for X11 and Wayland as Qt itself would; the loader names what is missing.
Qt's own message names one package for whatever is missing (Qt 6.11, platform plugin xcb).
"""

import ctypes
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path


def libraries() -> Iterator[Path]:
    """Qt's libraries that lean on the system, below the installed PySide6."""
    spec = importlib.util.find_spec("PySide6")
    if spec is None or spec.origin is None:
        return
    qt = Path(spec.origin).parent / "Qt"
    yield qt / "lib" / "libQt6Widgets.so.6"
    yield qt / "plugins" / "platforms" / "libqxcb.so"
    yield from sorted((qt / "plugins" / "platforms").glob("libqwayland*.so"))


def main() -> int:
    problems = []
    for library in libraries():
        try:
            ctypes.CDLL(str(library))
        except OSError as error:
            problems.append(f"{library.name}: {error}")
    for problem in problems:
        print(f"Qt lacks a system library. {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
