"""Fixtures: each puts one real part, or one double, on a private desktop and takes it away again."""

from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.display import Display
from tests.desktop.rig.dunst import Dunst
from tests.desktop.rig.program import TrayProcess
from tests.desktop.rig.tray_host import TrayHostDouble
from tray_app.simulator.server import SimulatedSwarmUI

StartTray = Callable[..., TrayProcess]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs the real parts."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.desktop)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what the tray wrote when its test fails."""
    report = yield
    desktop = getattr(item, "funcargs", {}).get("bare_desktop")
    if report.failed and isinstance(desktop, Desktop):
        debug = desktop.home / ".local/state/swarmui-tray/debug.log"
        for log in [*sorted(desktop.logs.glob("tray*.log")), *([debug] if debug.exists() else [])]:
            report.sections.append((log.name, log.read_text(errors="replace")[-5000:]))
    return report


@pytest.fixture(scope="session")
def shared_display(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Display]:
    """One X server for all tests that look at no pixels and press no keys."""
    folder = tmp_path_factory.mktemp("display")
    display = Display(folder, {"PATH": "/usr/bin:/bin", "HOME": str(folder)})
    yield display
    display.end()


@pytest.fixture
def bare_desktop(tmp_path: Path) -> Iterator[Desktop]:
    """A home and a session bus; no display."""
    desktop = Desktop(tmp_path / "desktop")
    yield desktop
    desktop.end()


@pytest.fixture
def desktop(bare_desktop: Desktop, shared_display: Display) -> Desktop:
    """A desktop on the shared display."""
    bare_desktop.use(shared_display)
    return bare_desktop


@pytest.fixture
def screen(bare_desktop: Desktop) -> Desktop:
    """A desktop with a display of its own, for pixels, windows, mouse and keys."""
    bare_desktop.start_display()
    return bare_desktop


@pytest.fixture
def host(desktop: Desktop) -> TrayHostDouble:
    """A tray host without pixels that is there from the start."""
    double = TrayHostDouble(desktop.bus)
    double.appear()
    return double


@pytest.fixture
def dunst(desktop: Desktop) -> Dunst:
    """dunst on the shared display."""
    return Dunst(desktop)


@pytest.fixture
def server() -> Iterator[SimulatedSwarmUI]:
    """An idle server without accounts, in this process."""
    with SimulatedSwarmUI() as simulated:
        yield simulated


@pytest.fixture
def start_tray(desktop: Desktop, browser: Path) -> StartTray:
    """Starts the program under test with the given global options."""

    def start(*arguments: str, **options: object) -> TrayProcess:
        return TrayProcess(desktop, *arguments, **options)  # type: ignore[arg-type]

    return start


@pytest.fixture
def browser(bare_desktop: Desktop) -> Path:
    """A browser that only writes down which address it was given, into the file returned."""
    opened = bare_desktop.folder / "opened"
    folder = bare_desktop.folder / "bin"
    folder.mkdir()
    script = folder / "xdg-open"
    # It stays for a moment, as browsers do: Python takes one that has gone at once for one that failed.
    script.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$1\" >>'{opened}'\nexec sleep 1\n")
    script.chmod(0o700)
    bare_desktop.env["PATH"] = f"{folder}:{bare_desktop.env['PATH']}"
    bare_desktop.env["BROWSER"] = str(script)
    return opened
