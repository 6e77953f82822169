"""`python -m tray_app` is the same as the command `swarmui-tray`."""

import sys

from tray_app.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
