"""A simulated server on a clock that the test moves by hand."""

from collections.abc import Iterator

import pytest

from tray_app.simulator.clock import ManualClock
from tray_app.simulator.server import SimulatedSwarmUI


@pytest.fixture
def clock() -> ManualClock:
    """The server's clock."""
    return ManualClock()


@pytest.fixture
def server(clock: ManualClock) -> Iterator[SimulatedSwarmUI]:
    """A server of the new generation without accounts and with one backend."""
    with SimulatedSwarmUI(clock=clock) as running:
        yield running
