"""What runs first, as `swarmui-tray` and as `python -m tray_app`: takes care of Ctrl-C, then loads the rest."""

import signal
import sys


def main() -> int:
    """Run the command line. While it is still being loaded, Ctrl-C ends the process without a traceback."""
    handler = signal.getsignal(signal.SIGINT)
    if handler is signal.default_int_handler:  # a shell may have it ignored for what runs in the background
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from tray_app.cli.main import main as run

    try:
        signal.signal(signal.SIGINT, handler)
        return run()
    except KeyboardInterrupt:  # between the two
        return 128 + signal.SIGINT


if __name__ == "__main__":
    sys.exit(main())
