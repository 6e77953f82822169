"""How to get a tray, for the desktops that lack one at first or can lose theirs."""

_ADVICE = {
    "gnome": "GNOME needs its extension “AppIndicator and KStatusNotifierItem Support”.",
    "kde": "Add the widget “System Tray” to a panel of Plasma.",
    "lxqt": "Add the plugin “Status Notifier” to the panel of LXQt.",
    "mate": "Add “Notification Area” to a panel of MATE.",
    "x-cinnamon": "Add the applets “System Tray” and “XApp Status” to a panel of Cinnamon.",
    "xfce": "Add “Status Tray Plugin” to a panel of Xfce.",
}
_OTHERWISE = "Add a tray to a panel, or start one, such as waybar on Wayland or trayer on X11."


def tray_hint(desktop: str) -> str:
    """What to say where nothing shows tray icons.

    `desktop` is the session's XDG_CURRENT_DESKTOP: names with colons between them, such as "ubuntu:GNOME".
    """
    advice = (_ADVICE[name] for name in desktop.lower().split(":") if name in _ADVICE)
    return f"Nothing on this desktop shows tray icons. {next(advice, _OTHERWISE)}"
