"""The drawings: told apart without colour, seen on any panel, sharp at each size."""

from collections import Counter
from itertools import combinations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QImage, QPainter
from pytestqt.qtbot import QtBot

from tray_app.core.icon_look import IconChoice, IconLook, icon_look
from tray_app.core.model import State
from tray_app.ui.icon_ink import luminance
from tray_app.ui.icons import TRAY_SIZES, IconSet, application_icon, render, resource

PANELS = ("#000000", "#ffffff", "#2d2d2d", "#f0f0f0", "#300a24")
DARK_PANELS = ("#000000", "#2d2d2d", "#300a24")
LIGHT_PANELS = ("#ffffff", "#f0f0f0")
LOOKS_AND_PANELS = (
    *((look, panel) for look in (IconLook.COLOUR, IconLook.BRIGHT_COLOUR) for panel in PANELS),
    *((IconLook.LIGHT, panel) for panel in DARK_PANELS),
    *((IconLook.DARK, panel) for panel in LIGHT_PANELS),
)
"""Each look with the panels that it must be seen on."""

INKED = ((IconLook.LIGHT, "#ffffff"), (IconLook.DARK, "#1b1b1f"))
WHITE = QColor("#ffffff")
pytestmark = pytest.mark.usefixtures("qtbot")


def drawing(
    state: State, side: int, badge: str = "", *, stale: bool = False, look: IconLook = IconLook.COLOUR
) -> QImage:
    svg = resource(f"icons/{state.value}.svg").read_bytes()
    return render(svg, side, badge, stale=stale, look=look).convertToFormat(QImage.Format.Format_ARGB32)


def on_panel(image: QImage, panel: str) -> QImage:
    result = QImage(image.size(), QImage.Format.Format_RGB32)
    result.fill(QColor(panel))
    painter = QPainter(result)
    painter.drawImage(0, 0, image)
    painter.end()
    return result


def pixels(image: QImage) -> list[QColor]:
    return [image.pixelColor(x, y) for y in range(image.height()) for x in range(image.width())]


def grey(colour: QColor) -> float:
    return 0.299 * colour.red() + 0.587 * colour.green() + 0.114 * colour.blue()


def contrast(one: QColor, other: QColor) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def rgb(colour: QColor) -> tuple[int, int, int]:
    return colour.red(), colour.green(), colour.blue()


def blended(ink: str, alpha: int, panel: str) -> QColor:
    """The colour of a pixel of a glyph on a panel."""
    above, below = QColor(ink), QColor(panel)
    parts = [
        round((one * alpha + other * (255 - alpha)) / 255) for one, other in zip(rgb(above), rgb(below), strict=True)
    ]
    return QColor(*parts)


def differing(one: QImage, other: QImage, panel: str) -> float:
    """The share of the pixels of either glyph that differ by a quarter of the range of greys, on a panel."""
    glyph = [
        place
        for place, pair in enumerate(zip(pixels(one), pixels(other), strict=True))
        if max(each.alpha() for each in pair) >= 128
    ]
    greys = [[grey(colour) for colour in pixels(on_panel(image, panel))] for image in (one, other)]
    return sum(abs(greys[0][place] - greys[1][place]) >= 64 for place in glyph) / len(glyph)


@pytest.mark.parametrize(("look", "panel"), LOOKS_AND_PANELS)
@pytest.mark.parametrize("badge", ["", "3"])
def test_any_two_states_differ_in_grey_at_16_pixels(look: IconLook, panel: str, badge: str) -> None:
    images = {state: drawing(state, 16, badge, look=look) for state in State}
    shares = {(one, other): differing(images[one], images[other], panel) for one, other in combinations(State, 2)}
    assert min(shares.values()) >= 0.15, sorted(shares.items(), key=lambda item: item[1])[:5]


@pytest.mark.parametrize("side", TRAY_SIZES)
@pytest.mark.parametrize("stale", [False, True])
@pytest.mark.parametrize("look", [IconLook.COLOUR, IconLook.BRIGHT_COLOUR])
@pytest.mark.parametrize("state", State)
def test_the_coloured_glyph_stands_out_from_any_panel(state: State, look: IconLook, side: int, stale: bool) -> None:
    """The body against the panel, and what is drawn in white against the body around it."""
    image = drawing(state, side, stale=stale, look=look)
    solid = Counter(colour.name() for colour in pixels(image) if colour.alpha() == 255)
    body, covered = solid.most_common(1)[0]
    assert covered >= 0.5 * solid.total()
    assert min(contrast(QColor(body), QColor(panel)) for panel in PANELS) >= 3
    assert contrast(QColor(body), WHITE) >= 3
    assert covered + solid["#ffffff"] >= 0.7 * solid.total()


@pytest.mark.parametrize(("look", "panels"), [(IconLook.LIGHT, DARK_PANELS), (IconLook.DARK, LIGHT_PANELS)])
@pytest.mark.parametrize("side", TRAY_SIZES)
@pytest.mark.parametrize("stale", [False, True])
@pytest.mark.parametrize("state", State)
def test_the_glyph_in_a_single_colour_stands_out_from_the_panels_it_is_for(
    state: State, look: IconLook, panels: tuple[str, ...], side: int, stale: bool
) -> None:
    """All that is covered whole, and most of what is covered by half or more: the rest are edges."""
    covered = Counter(colour.alpha() for colour in pixels(drawing(state, side, stale=stale, look=look)))
    fullest = max(covered)
    assert fullest == (179 if stale else 255)
    glyph = {alpha: count for alpha, count in covered.items() if alpha >= fullest / 2}
    for panel in panels:
        seen = sum(
            count
            for alpha, count in glyph.items()
            if contrast(blended(dict(INKED)[look], alpha, panel), QColor(panel)) >= 3
        )
        assert contrast(blended(dict(INKED)[look], fullest, panel), QColor(panel)) >= 3
        assert seen >= 0.85 * sum(glyph.values()), panel


@pytest.mark.parametrize(("look", "ink"), INKED)
def test_a_single_colour_is_all_there_is_and_marks_are_holes(look: IconLook, ink: str) -> None:
    image = drawing(State.CANCELLING, 16, look=look)
    assert {colour.name() for colour in pixels(image) if colour.alpha() == 255} == {ink}
    assert image.pixelColor(8, 8).alpha() == 0
    assert image.pixelColor(2, 8).name() == ink


@pytest.mark.parametrize(("look", "ink"), INKED)
def test_the_count_in_a_single_colour_is_cut_out_of_its_box(look: IconLook, ink: str) -> None:
    image = drawing(State.GENERATING, 16, "3", look=look)
    box = [image.pixelColor(x, y) for y in range(10, 15) for x in range(12, 15)]
    assert {colour.name() for colour in box if colour.alpha()} == {ink}
    assert {colour.alpha() for colour in box} == {0, 255}
    assert [[image.pixelColor(x, y).alpha() for x in range(12, 15)] for y in range(10, 15)] == [
        [0, 0, 0],
        [255, 255, 0],
        [0, 0, 0],
        [255, 255, 0],
        [0, 0, 0],
    ]


@pytest.mark.parametrize("state", State)
def test_the_bright_shade_is_lighter_and_of_the_same_shape(state: State) -> None:
    plain, light = drawing(state, 32), drawing(state, 32, look=IconLook.BRIGHT_COLOUR)
    assert [colour.alpha() for colour in pixels(light)] == [colour.alpha() for colour in pixels(plain)]
    body = Counter(colour.name() for colour in pixels(plain) if colour.alpha() == 255).most_common(1)[0][0]
    lighter = Counter(colour.name() for colour in pixels(light) if colour.alpha() == 255).most_common(1)[0][0]
    assert luminance(QColor(lighter)) > luminance(QColor(body))


def test_the_choice_decides_and_automatic_asks_the_scheme_for_the_shade_alone() -> None:
    looks = {choice: [icon_look(choice, dark_scheme=dark) for dark in (False, True)] for choice in IconChoice}
    assert looks == {
        IconChoice.AUTOMATIC: [IconLook.COLOUR, IconLook.BRIGHT_COLOUR],
        IconChoice.COLOUR: [IconLook.COLOUR] * 2,
        IconChoice.LIGHT: [IconLook.LIGHT] * 2,
        IconChoice.DARK: [IconLook.DARK] * 2,
    }


@pytest.mark.parametrize("badge", ["1", "2", "3", "4", "5", "6", "7", "8", "9", "9+"])
@pytest.mark.parametrize("side", TRAY_SIZES)
def test_the_count_is_white_on_near_black_without_blur(side: int, badge: str) -> None:
    image = drawing(State.GENERATING, side, badge)
    plain = drawing(State.GENERATING, side)
    height = 7 if side == 16 else 9 if side < 32 else 7 * side // 16
    rows = range(side - height + max(1, side // 16), side - max(1, side // 16))
    width = (4 if badge == "1" else 5) if len(badge) == 1 else 9
    columns = range(side - width * max(1, side // 16) + max(1, side // 16), side - max(1, side // 16))
    inside = [image.pixelColor(x, y).name() for y in rows for x in columns]
    assert set(inside) == {"#1b1b1f", "#ffffff"}
    assert image != plain


def test_counts_differ_from_one_another_at_16_pixels() -> None:
    images = [drawing(State.GENERATING, 16, badge) for badge in ("", *"123456789", "9+")]
    for one, other in combinations(images, 2):
        changed = sum(a != b for a, b in zip(pixels(one), pixels(other), strict=True))
        assert changed >= 1


@pytest.mark.parametrize(("side", "sharp"), [(16, 0.75), (22, 0.75), (24, 0.75), (32, 0.8), (48, 0.85), (64, 0.9)])
def test_straight_edges_lie_between_pixels(side: int, sharp: float) -> None:
    """The octagon and the square in it: at each offered size few pixels are half covered."""
    image = drawing(State.CANCELLING, side)
    touched = [colour.alpha() for colour in pixels(image) if colour.alpha()]
    assert sum(alpha == 255 for alpha in touched) / len(touched) >= sharp
    assert {image.pixelColor(x, side // 2).alpha() for x in range(side)} <= {0, 255}


def test_an_icon_offers_each_size_as_the_vector_rendered_at_it() -> None:
    icon = IconSet().icon(State.IDLE)
    assert [size.width() for size in icon.availableSizes()] == list(TRAY_SIZES)
    for side in (*TRAY_SIZES, 20, 40):
        for scale in (1.0, 1.25, 2.0, 3.0):
            image = icon.pixmap(QSize(side, side), scale).toImage().convertToFormat(QImage.Format.Format_ARGB32)
            assert image.size() == QSize(side, side)
            assert pixels(image) == pixels(drawing(State.IDLE, side))


def test_an_icon_paints_itself_centred_where_qt_draws_it() -> None:
    canvas = QImage(40, 24, QImage.Format.Format_ARGB32_Premultiplied)
    canvas.fill(QColor("#ffffff"))
    painter = QPainter(canvas)
    IconSet().icon(State.CANCELLING).paint(painter, canvas.rect())
    painter.end()
    assert canvas.pixelColor(2, 12) == WHITE
    assert canvas.pixelColor(12, 12).name() == "#8f63d8"
    assert canvas.pixelColor(20, 12) == WHITE


def test_the_same_arguments_give_the_same_icon() -> None:
    icons = IconSet()
    first = icons.icon(State.GENERATING, "3")
    assert icons.icon(State.GENERATING, "3") is first
    assert icons.icon(State.GENERATING, "4").cacheKey() != first.cacheKey()
    assert icons.icon(State.GENERATING, "3", stale=True).cacheKey() != first.cacheKey()
    assert icons.icon(State.GENERATING, "3", look=IconLook.DARK).cacheKey() != first.cacheKey()


def test_icons_kept_are_bounded_when_many_are_asked_for() -> None:
    icons = IconSet()
    for state in State:
        for badge in ("", *"123456789", "9+"):
            icons.icon(state, badge)
    assert len(icons._icons) == 24


def test_a_stale_icon_keeps_its_shape_and_loses_its_colour() -> None:
    fresh, stale = drawing(State.GENERATING, 32), drawing(State.GENERATING, 32, stale=True)
    assert [colour.alpha() for colour in pixels(stale)] == [colour.alpha() for colour in pixels(fresh)]
    assert all(colour.saturation() == 0 for colour in pixels(stale) if colour.alpha() == 255)
    assert any(colour.saturation() > 100 for colour in pixels(fresh))


def test_a_missing_file_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"icons/nothing\.svg is missing"):
        resource("icons/nothing.svg")


def test_the_program_has_an_icon_for_its_windows(qtbot: QtBot) -> None:
    icon = application_icon()
    assert isinstance(icon, QIcon)
    assert {size.width() for size in icon.availableSizes()} >= {16, 32, 48}
