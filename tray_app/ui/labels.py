"""Text for menus and buttons: what is written arrives as written, whichever of Qt and the panel draws it."""

_SPACES = str.maketrans({"\t": " ", "\n": " ", "\r": " ", "\0": None})


def one_line(text: str) -> str:
    """The text without what cannot be shown in one line: a tab would start Qt's column of shortcuts."""
    return text.translate(_SPACES).encode("utf-16", "replace").decode("utf-16")


def button_text(text: str) -> str:
    """A text for a widget or a menu that Qt draws: `&` would mark a mnemonic there."""
    return one_line(text).replace("&", "&&")


def dbus_menu_text(text: str) -> str:
    """A text for a menu that the panel draws (com.canonical.dbusmenu), where `_` marks a mnemonic.

    Qt turns the first `&` into `_` unless it ends the text, and doubles no underscore (QDBusMenuItem's
    convertMnemonic). So underscores are doubled here, and where there is an `&` an earlier one is given up to Qt: as
    the second half of a doubled underscore, or else as a mark before the first letter. The others pass as they are.
    The first way is preferred, since GTK hosts take doubled underscores after a mark apart twice while the menu is used
    with the mouse (seen in xfce4-panel 4.18: "R&D_x" is "R&Dx" there, and right once a key is pressed). No text avoids
    it where no underscore comes before the first `&`: Qt makes a mark of whichever `&` is first, and a mark is harmless
    only as the second half of a doubled underscore.
    """
    escaped = one_line(text).replace("_", "__")
    ampersand = escaped.find("&")
    if ampersand in {-1, len(escaped) - 1}:
        return escaped
    underscores = escaped.find("__")
    if 0 <= underscores < ampersand:
        return f"{escaped[:underscores]}_&{escaped[underscores + 2 :]}"
    return f"&{escaped}"
