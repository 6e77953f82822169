"""`python -m tests.desktop.rig.counted_icons FILE`: the tray icon alone, with every change shown and none held back.

Its living QObjects are counted into FILE. It says how many views there are, one after the other. For each line that it
reads, a number, it goes through so many views and answers with an empty line; for 0 it gives back the memory that the C
library keeps for later.
"""

import ctypes
import itertools
import sys
from dataclasses import replace
from pathlib import Path

from PySide6.QtWidgets import QApplication

from tests.desktop.rig.counted_objects import CountedObjects
from tray_app.core.model import State
from tray_app.core.view import STARTING, Entry
from tray_app.ui import tray
from tray_app.ui.tray import TrayIcon

objects = CountedObjects(Path(sys.argv[1]))
tray.QUIET_MS = 0
app = QApplication(["icons"])
icon = TrayIcon(STARTING)
icon.show()
badges = ("", *map(str, range(1, 10)), "9+")
faces = list(itertools.product(State, badges, (False, True)))
print(len(faces), flush=True)
turns = itertools.count()
library = ctypes.CDLL(None)
for line in sys.stdin:
    if int(line) == 0:
        library.malloc_trim(0)
    for _ in range(int(line)):
        turn = next(turns)
        state, badge, stale = faces[turn % len(faces)]
        words = f"Change number {turn}"
        icon.render(
            replace(STARTING, state=state, badge=badge, stale=stale, tooltip=words, head=Entry(words, enabled=False))
        )
        app.processEvents()
    print(flush=True)
icon.hide()
objects.stop()
