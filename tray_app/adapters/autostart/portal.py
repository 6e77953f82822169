"""Start with the session from inside a Flatpak: the portal asks the user and writes the entry outside.

Source: the XDG desktop portal's org.freedesktop.portal.Background and org.freedesktop.portal.Request.
"""

import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tray_app.adapters.autostart.command import Command
from tray_app.core import desktop_entry
from tray_app.core.errors import AutostartError

if TYPE_CHECKING:
    from jeepney.io.blocking import DBusConnection  # type: ignore[import-untyped]

SECONDS_TO_ANSWER = 120.0
"""How long the user may think about the portal's question."""

_SECONDS_TO_CALL = 5.0
_PORTAL = "org.freedesktop.portal.Desktop"
_PATH = "/org/freedesktop/portal/desktop"
_GRANTED, _DISMISSED = 0, 1
_TRY = "Switch it in the settings of your desktop instead."


class PortalAutostart:
    """The switch in a Flatpak.

    The portal cannot be asked for the state. It is read from the `entry` that the portal writes, which the sandbox
    sees if it may read ~/.config/autostart; if it may not, the portal's last answer in this process stands for it.
    """

    why_not = ""

    def __init__(
        self, entry: Path, command: Command, *, bus: str = "SESSION", seconds: float = SECONDS_TO_ANSWER
    ) -> None:
        self._entry = entry
        self._command = command
        self._bus = bus
        self._seconds = seconds
        self._answered = False

    def is_on(self) -> bool:
        """Whether the entry is there and not switched off."""
        if not self._entry.parent.is_dir():
            return self._answered
        try:
            keys = desktop_entry.keys(self._entry.read_text("utf-8"))
        except (OSError, UnicodeDecodeError):
            return False
        off = keys.get("Hidden") == "true" or keys.get("X-GNOME-Autostart-enabled") == "false"
        return bool(keys.get("Exec")) and not off

    def switch(self, *, on: bool) -> None:
        """Ask the portal, which may ask the user; waits for both."""
        from jeepney.auth import AuthenticationError  # type: ignore[import-untyped]
        from jeepney.io.blocking import open_dbus_connection

        try:
            with open_dbus_connection(bus=self._bus) as connection:
                granted = self._request(connection, on=on)
        except TimeoutError as error:
            raise AutostartError("The desktop did not answer whether the tray may start by itself.", _TRY) from error
        except (OSError, KeyError, AuthenticationError) as error:
            raise AutostartError("There is no session bus to ask for a start with the session.", _TRY) from error
        self._answered = granted
        if on and not granted:
            raise AutostartError("The desktop does not allow the tray to start with the session.", _TRY)

    def repair(self) -> bool:
        """Nothing to do: what the portal writes starts the Flatpak by its id, which does not move."""
        return False

    def _request(self, connection: "DBusConnection", *, on: bool) -> bool:
        """Call RequestBackground and wait for the response; returns whether the tray is started from now on."""
        from jeepney import (  # type: ignore[import-untyped]
            DBusAddress,
            MatchRule,
            MessageType,
            message_bus,
            new_method_call,
        )

        token = "swarmuitray" + uuid.uuid4().hex
        # The response may come before the reply, so its path is computed, not taken from the reply.
        sender = connection.unique_name.removeprefix(":").replace(".", "_")
        response = MatchRule(
            type="signal",
            interface="org.freedesktop.portal.Request",
            member="Response",
            path=f"{_PATH}/request/{sender}/{token}",
        )
        options: dict[str, tuple[str, Any]] = {
            "handle_token": ("s", token),
            "reason": ("s", "Show what SwarmUI is doing from the beginning of the session."),
            "autostart": ("b", on),
            "commandline": ("as", list(self._command.argv)),
        }
        portal = DBusAddress(_PATH, _PORTAL, "org.freedesktop.portal.Background")
        call = new_method_call(portal, "RequestBackground", "sa{sv}", ("", options))
        connection.send_and_get_reply(message_bus.AddMatch(response), timeout=_SECONDS_TO_CALL)
        with connection.filter(response) as responses:
            reply = connection.send_and_get_reply(call, timeout=_SECONDS_TO_CALL)
            if reply.header.message_type is MessageType.error:
                raise AutostartError("This desktop offers Flatpaks no start with the session.", _TRY)
            code, results = connection.recv_until_filtered(responses, timeout=self._seconds).body
        if code == _DISMISSED:
            raise AutostartError("The question whether the tray may start by itself was dismissed.", "Ask again.")
        return bool(code == _GRANTED and results.get("autostart", ("b", False))[1])
