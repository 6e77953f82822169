"""How the icon is coloured for each choice, in a light and in a dark scheme."""

import pytest

from tray_app.core.icon_look import IconChoice, IconLook, icon_look


@pytest.mark.parametrize(
    ("choice", "light_scheme", "dark_scheme"),
    [
        (IconChoice.AUTOMATIC, IconLook.COLOUR, IconLook.BRIGHT_COLOUR),
        (IconChoice.COLOUR, IconLook.COLOUR, IconLook.COLOUR),
        (IconChoice.LIGHT, IconLook.LIGHT, IconLook.LIGHT),
        (IconChoice.DARK, IconLook.DARK, IconLook.DARK),
    ],
)
def test_only_the_automatic_choice_follows_the_scheme(
    choice: IconChoice, light_scheme: IconLook, dark_scheme: IconLook
) -> None:
    assert (icon_look(choice, dark_scheme=False), icon_look(choice, dark_scheme=True)) == (light_scheme, dark_scheme)
