"""One small script per scenario: what its file lacks."""

from importlib import import_module

from tests.simulator.recorded.script import Script


def script(version: str, scenario: str) -> Script:
    """The script of a scenario as recorded on that version. Raises ModuleNotFoundError where there is none."""
    written = import_module(f"{__name__}.{scenario}").script(version)
    if not isinstance(written, Script):
        raise TypeError(f"{scenario}.script() gave no script")
    return written
