"""`python -m tests.desktop.rig.counted_tray FILE ARGUMENT...`: the program, its living QObjects counted into FILE."""

import sys
from pathlib import Path

from tests.desktop.rig.counted_objects import CountedObjects
from tray_app.cli.main import main

objects = CountedObjects(Path(sys.argv[1]))
code = main(sys.argv[2:])
objects.stop()
sys.exit(code)
