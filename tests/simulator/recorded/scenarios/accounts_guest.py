"""What a guest may do."""

from tests.simulator.recorded.scenarios.accounts import ACCOUNTS, login
from tests.simulator.recorded.script import At, Script, World
from tests.simulator.recorded.stage import Stage


async def log_in(stage: Stage) -> None:
    """The guest's token."""
    await login(stage, "visitor")


def script(_version: str) -> Script:
    """The login is not in the file."""
    return Script(World(accounts=ACCOUNTS), acts=(At(0.005, log_in),))
