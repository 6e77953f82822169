"""B05: blurry, tiny or gigantic icons. Each offered size is the vector drawn at that size, whatever state and scale."""

import itertools
from contextlib import ExitStack

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage

from tests.desktop.rig.desktop import ROOT, Desktop
from tests.desktop.rig.pictures import drawn, similarity
from tests.desktop.rig.program import TrayProcess
from tests.desktop.rig.states import SCENES, Scene
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.waiting import until
from tray_app.core.model import State

SMALL, MEDIUM = QRectF(0, 0, 16, 16), QRectF(32, 0, 22, 22)
"""The two drawings in each file, for grids of 16 and of 22 pixels."""

SCALES = ("1", "1.25", "1.5", "2", "3")
COUNTED = {State.GENERATING, State.LOADING, State.CANCELLING}
"""The states of `SCENES` in which jobs wait, and their number covers the lower right corner."""

ALWAYS = list(zip(SCENES, itertools.cycle(SCALES), strict=False))
"""Each state once and each scale at least once; the other pairs are slow."""


@pytest.mark.parametrize(
    ("scene", "scale"),
    [
        pytest.param(*pair, marks=[] if pair in ALWAYS else pytest.mark.slow, id=f"{pair[0].state}-{pair[1]}")
        for pair in itertools.product(SCENES, SCALES)
    ],
)
def test_b05_every_size_is_the_vector_drawn_at_that_size(
    desktop: Desktop, host: TrayHostDouble, scene: Scene, scale: str
) -> None:
    with ExitStack() as ending:
        server, env = scene.server(ending)
        TrayProcess(desktop, "--url", server.url, env={**env, "QT_SCALE_FACTOR": scale})
        item = host.wait_for_item()
        until("it has looked", lambda: not item.tooltip.startswith("Connecting"), 20)
        if scene.click:
            item.menu.click(scene.click)
        until(f"it says {scene.tooltip!r}", lambda: item.tooltip.startswith(scene.tooltip), 20)
        icons = item.icons()
    assert {16, 22, 24, 32, 48, 64} <= set(icons)
    assert max(icons) <= 128
    assert sum(image.sizeInBytes() for image in icons.values()) <= 64 * 1024
    svg = (ROOT / f"resources/icons/{scene.state}.svg").read_bytes()
    for side, image in icons.items():
        expected = [drawn(svg, SMALL, side), drawn(svg, MEDIUM, side), drawn(svg, MEDIUM, side, _centred(side))]
        if scene.state in COUNTED:
            for each in (image, *expected):
                _without_count(each)
        assert max(similarity(image, each) for each in expected) >= 0.98, f"{side} pixels"


def _centred(side: int) -> QRectF:
    """The drawing for 22 pixels at a whole multiple of its size, in the middle."""
    used = max(22, side // 22 * 22)
    return QRectF((side - used) // 2, (side - used) // 2, used, used)


def _without_count(image: QImage) -> None:
    """Empty the corner in which the number of waiting jobs is drawn."""
    side = image.width()
    for x in range(side // 2, side):
        for y in range(side * 5 // 16, side):
            image.setPixel(x, y, 0)
