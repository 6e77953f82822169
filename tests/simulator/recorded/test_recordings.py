"""The simulated server does what two real ones did: in every recorded scenario."""

import asyncio

import pytest

from tests.simulator.recorded.player import play
from tests.simulator.recorded.recording import load, scenarios
from tests.simulator.recorded.scenarios import script


@pytest.mark.parametrize(("version", "scenario"), scenarios(), ids=str)
def test_the_simulated_server_answers_as_recorded(version: str, scenario: str) -> None:
    deviations = asyncio.run(play(load(version, scenario), script(version, scenario)))
    assert not deviations, "\n" + "\n".join(deviations)
