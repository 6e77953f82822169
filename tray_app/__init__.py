"""SwarmUI Tray: the state of a SwarmUI server in the system tray, and one click that cancels.

Importing this package does nothing. `tray_app.cli.main` is the way in, `tray_app.app` puts the tray together.
"""

__version__ = "0.1.0"
