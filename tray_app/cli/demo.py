"""`demo`: a simulated SwarmUI on loopback, for trying everything out without one."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tray_app.cli.waiting import for_ever
from tray_app.core.errors import UsageError

if TYPE_CHECKING:
    from tray_app.cli.context import Context


def demo(context: "Context") -> int:
    """Serve until Ctrl-C; the address is the first line of the output."""
    with embedded(context.options.args.port) as url:
        context.output.line(url)
        context.output.message("This is a simulated SwarmUI: it computes nothing. Ctrl-C ends it.")
        for_ever()


@contextmanager
def embedded(port: int = 0) -> Iterator[str]:
    """A simulated SwarmUI in this process, with people who work on it; gives its address."""
    from tray_app.simulator.demo import DemoUnavailableError, start

    try:
        server = start(port)
    except DemoUnavailableError as error:
        raise UsageError(
            "The libraries of the demo server are not installed.", "Install them with `pip install swarmui-tray[demo]`."
        ) from error
    except OSError as error:
        raise UsageError(
            f"The demo server cannot listen on port {port}: {error.strerror or error}.", "Choose another with --port."
        ) from error
    try:
        yield server.url
    finally:
        server.stop()
