"""ComfyUI never finishes a step; cancelling sets the counters to zero within milliseconds."""

from tests.simulator.recorded.script import At, Script
from tests.simulator.recorded.stage import Stage


async def hang(stage: Stage) -> None:
    """From now on no step ends."""
    stage.server.swarm.hang()


async def counters_are_zero(stage: Stage) -> None:
    """As the note at the end tells: 3 ms after the cancel was sent."""
    cancelled = next(pending for pending in stage.pending if pending.exchange.route == "InterruptAll")
    when, counts = stage.server.history(None)[-1]
    if any(counts) or when - stage.began - cancelled.sent > 0.003:
        stage.differ(5, f"counters {counts} since {when - stage.began:.3f}, cancelled at {cancelled.sent:.3f}")


def script(_version: str) -> Script:
    """It hangs from the start."""
    return Script(acts=(At(0.0, hang),), close=counters_are_zero)
