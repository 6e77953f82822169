"""B05: blurry, tiny or gigantic icons. Each offered size is the vector drawn at that size, whatever the scale."""

import pytest
from PySide6.QtCore import QRectF

from tests.desktop.conftest import StartTray
from tests.desktop.rig.desktop import ROOT
from tests.desktop.rig.pictures import drawn, similarity
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.waiting import until
from tray_app.simulator.server import SimulatedSwarmUI

SMALL, MEDIUM = QRectF(0, 0, 16, 16), QRectF(32, 0, 22, 22)
"""The two drawings in each file, for grids of 16 and of 22 pixels."""


@pytest.mark.parametrize("scale", ["1", "1.25", "1.5", "2", "3"])
def test_b05_every_size_is_the_vector_drawn_at_that_size(
    start_tray: StartTray, server: SimulatedSwarmUI, host: TrayHostDouble, scale: str
) -> None:
    start_tray("--url", server.url, env={"QT_SCALE_FACTOR": scale})
    item = host.wait_for_item()
    until("it says idle", lambda: item.tooltip.startswith("Idle"))
    icons = item.icons()
    assert {16, 22, 24, 32, 48, 64} <= set(icons)
    assert max(icons) <= 128
    assert sum(image.sizeInBytes() for image in icons.values()) <= 64 * 1024
    svg = (ROOT / "resources/icons/idle.svg").read_bytes()
    for side, image in icons.items():
        expected = [drawn(svg, SMALL, side), drawn(svg, MEDIUM, side), drawn(svg, MEDIUM, side, _centred(side))]
        assert max(similarity(image, each) for each in expected) >= 0.98, f"{side} pixels"


def _centred(side: int) -> QRectF:
    """The drawing for 22 pixels at a whole multiple of its size, in the middle."""
    used = max(22, side // 22 * 22)
    return QRectF((side - used) // 2, (side - used) // 2, used, used)
