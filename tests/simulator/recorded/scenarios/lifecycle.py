"""Four images, a batch of two, one that is not saved; steps of 100 ms. On 0.9.7.0 the model was not loaded yet."""

from tests.simulator.recorded.scenarios.idle import two_pictures
from tests.simulator.recorded.script import Script, World


def script(version: str) -> Script:
    """The first generations on either server."""
    if version == "0.9.7.0":
        return Script(World(loaded_model=None))
    return Script(prelude=two_pictures)
