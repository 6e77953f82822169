"""How the tray icon is coloured, by the user's choice and the desktop's colour scheme."""

from enum import StrEnum


class IconChoice(StrEnum):
    """What the user chooses (`tray.icon`).

    AUTOMATIC keeps the colours. Which background an icon will lie on cannot be read reliably on Linux: GNOME's bar is
    black in the light scheme too, Xfce's and KDE's panels have colours of their own, and neither StatusNotifierItem
    nor XEmbed tells. The coloured glyphs stand out from any panel, so no guess can make the icon vanish; the colour
    scheme only decides between two shades of them that both do.
    """

    AUTOMATIC = "automatic"
    COLOUR = "colour"
    LIGHT = "light"  # for dark panels
    DARK = "dark"  # for light panels


class IconLook(StrEnum):
    """How a drawing is rendered."""

    COLOUR = "colour"  # as drawn
    BRIGHT_COLOUR = "bright colour"  # the same, as light as it may be to still stand out from a white panel
    LIGHT = "light"  # white, in a single colour
    DARK = "dark"  # near black, in a single colour


def icon_look(choice: IconChoice, *, dark_scheme: bool) -> IconLook:
    """The look for a choice on a desktop whose colour scheme is dark, or is not."""
    match choice:
        case IconChoice.LIGHT:
            return IconLook.LIGHT
        case IconChoice.DARK:
            return IconLook.DARK
        case IconChoice.COLOUR:
            return IconLook.COLOUR
    return IconLook.BRIGHT_COLOUR if dark_scheme else IconLook.COLOUR
