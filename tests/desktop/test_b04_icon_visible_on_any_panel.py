"""B04: an icon that cannot be seen. Every state must stand out on dark and light panels."""

from contextlib import ExitStack

import pytest
from PySide6.QtGui import QColor

from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.pictures import visible_share
from tests.desktop.rig.program import TrayProcess
from tests.desktop.rig.states import SCENES, Scene
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.waiting import until

PANELS = ("#000000", "#ffffff", "#2d2d2d", "#f0f0f0", "#300a24")
CONTRAST = 3.0


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: str(scene.state))
def test_b04_most_of_the_glyph_has_contrast_on_every_panel(
    desktop: Desktop, host: TrayHostDouble, scene: Scene
) -> None:
    with ExitStack() as ending:
        server, env = scene.server(ending)
        TrayProcess(desktop, "--url", server.url, env=env)
        item = host.wait_for_item()
        until("it has looked", lambda: not item.tooltip.startswith("Connecting"), 20)
        if scene.click:
            item.menu.click(scene.click)
        until(f"it says {scene.tooltip!r}", lambda: item.tooltip.startswith(scene.tooltip), 20)
        shares = {
            (side, panel): round(visible_share(image, QColor(panel), CONTRAST), 2)
            for side, image in item.icons().items()
            for panel in PANELS
        }
    assert {place: share for place, share in shares.items() if share < 0.5} == {}
