"""The demo server: a simulated SwarmUI with its day, for `swarmui-tray demo` and for `--demo`."""

import threading
from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tray_app.simulator.server import SimulatedSwarmUI

HOST = "127.0.0.1"


class DemoUnavailableError(Exception):
    """The library that the demo server is served with is not installed."""


def start(port: int = 0) -> "SimulatedSwarmUI":
    """Start the demo server in a thread of its own; its `url` says where, its `stop` ends it.

    A port of 0 lets the system choose. Raises DemoUnavailableError without aiohttp, OSError if the port is taken.
    """
    if find_spec("aiohttp") is None:
        raise DemoUnavailableError("The demo server needs aiohttp, which the extra named demo of this package brings.")
    from tray_app.simulator.day import MODELS, Day
    from tray_app.simulator.server import SimulatedSwarmUI
    from tray_app.simulator.world import Timing

    timing = Timing(step=0.4, model_load=6.0, backend_start=4.0)
    server = SimulatedSwarmUI(
        host=HOST, port=port, backends=2, model=MODELS[0], timing=timing, whole_batches=True, demo=True
    )
    server.start()
    Day(server).begin()
    return server


def serve(port: int, announce: Callable[[str], None], until: threading.Event | None = None) -> None:
    """Serve the demo until Ctrl-C or until the event is set; `announce(url)` is called once it listens.

    Prints nothing. Raises what `start` raises.
    """
    server = start(port)
    try:
        announce(server.url)
        over = until or threading.Event()
        while not over.wait(0.5):
            pass  # a Ctrl-C that another thread got is noticed here
    except KeyboardInterrupt:
        # The ordinary end of a server in a terminal.
        return
    finally:
        server.stop()
