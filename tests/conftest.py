"""What holds for all tests."""

import pytest


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of the real desktop in one worker: they look at the clock, and none may disturb the next."""
    for item in items:
        if item.get_closest_marker("desktop") or item.path.match("tests/desktop/*"):
            item.add_marker(pytest.mark.xdist_group("desktop"))
