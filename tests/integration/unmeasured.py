"""For programs that a test ends by Ctrl-C: those run without coverage.

Its tracer takes a lock in Python code (coverage 7, Collector.lock_data), so a KeyboardInterrupt that comes just then
leaves it locked for ever, and the program hanging at its end.
"""

from collections.abc import Mapping


def unmeasured(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without what starts coverage in child processes."""
    return {name: value for name, value in environment.items() if not name.startswith("COVERAGE_")}
