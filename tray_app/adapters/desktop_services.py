"""What this desktop offers to a tray program, looked up on the session bus without a user interface.

Nothing is started by looking: a service that is not there yet is only said to be startable.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

from tray_app.core.checkup import Step

WATCHER = "org.kde.StatusNotifierWatcher"
NOTIFICATIONS = "org.freedesktop.Notifications"
SECONDS = 2.0
"""How long one answer on the bus may take."""


def desktop_report() -> tuple[Step, ...]:
    """The tray host and the notification daemon, each with what to do where it is missing; takes seconds at most."""
    if sys.platform in {"win32", "darwin"}:
        return (Step("Tray host", ok=True, text="The system shows tray icons and notifications itself."),)
    from jeepney.wrappers import DBusErrorResponse  # type: ignore[import-untyped]

    try:
        with closing(_Bus()) as bus:
            return tuple(_guarded(bus, DBusErrorResponse))
    except (OSError, KeyError, ValueError, RuntimeError, TimeoutError) as error:
        text = f"There is no session bus ({type(error).__name__}). Start this in a desktop session."
        return (Step("Tray host", None, text), Step("Notifications", None, text))


def _guarded(bus: "_Bus", refused: type[Exception]) -> Iterator[Step]:
    looks: tuple[tuple[str, Callable[[_Bus], Step]], ...] = (
        ("Tray host", _tray_host),
        ("Notifications", _notifications),
    )
    for name, look in looks:
        try:
            yield look(bus)
        except (refused, TimeoutError) as error:
            yield Step(
                name, ok=False, text=f"It does not answer ({type(error).__name__}). Restart the desktop's panel."
            )


def _tray_host(bus: "_Bus") -> Step:
    if not bus.has_owner(WATCHER):
        text = (
            "Nothing on this desktop shows tray icons of the present kind (StatusNotifierItem); on X11 a panel of the "
            "older kind may. GNOME needs the extension AppIndicator, others a panel with a tray."
        )
        return Step("Tray host", ok=False, text=text)
    arguments = (WATCHER, "IsStatusNotifierHostRegistered")
    place = (WATCHER, "/StatusNotifierWatcher", "org.freedesktop.DBus.Properties")
    ((_signature, there),) = bus.call(place, "Get", "ss", arguments)
    if not there:
        text = "A service for tray icons runs, but no panel shows them. Add a tray to a panel."
        return Step("Tray host", ok=False, text=text)
    return Step("Tray host", ok=True, text="A panel shows tray icons (StatusNotifierItem).")


def _notifications(bus: "_Bus") -> Step:
    if not bus.has_owner(NOTIFICATIONS):
        if bus.can_start(NOTIFICATIONS):
            return Step("Notifications", ok=True, text="A notification service will be started when it is needed.")
        text = "Nothing shows notifications. Install a notification daemon, such as dunst or xfce4-notifyd."
        return Step("Notifications", ok=False, text=text)
    place = (NOTIFICATIONS, "/org/freedesktop/Notifications", NOTIFICATIONS)
    name, vendor, version, protocol = bus.call(place, "GetServerInformation")
    (abilities,) = bus.call(place, "GetCapabilities")
    can = ", ".join(sorted(abilities)) or "nothing beyond text"
    text = f"{name} {version} by {vendor} shows them (specification {protocol}); it can: {can}."
    return Step("Notifications", ok=True, text=text)


class _Bus:
    """The session bus, asked and waited for. Raises OSError and others where there is none, TimeoutError, refusals."""

    def __init__(self) -> None:
        from jeepney.io.blocking import open_dbus_connection  # type: ignore[import-untyped]

        self._connection = open_dbus_connection("SESSION")

    def close(self) -> None:
        """Give the connection up."""
        self._connection.close()

    def call(
        self, at: tuple[str, str, str], member: str, signature: str = "", arguments: tuple[Any, ...] = ()
    ) -> tuple[Any, ...]:
        """One call `at` a service, a path and an interface; the body of its answer."""
        from jeepney import DBusAddress, new_method_call  # type: ignore[import-untyped]
        from jeepney.wrappers import unwrap_msg

        service, path, interface = at
        message = new_method_call(DBusAddress(path, service, interface), member, signature or None, arguments)
        body: tuple[Any, ...] = unwrap_msg(self._connection.send_and_get_reply(message, timeout=SECONDS))
        return body

    def has_owner(self, name: str) -> bool:
        """Whether the service runs."""
        return bool(self._ask("NameHasOwner", "s", (name,))[0])

    def can_start(self, name: str) -> bool:
        """Whether the bus would start the service when it is called."""
        return name in self._ask("ListActivatableNames")[0]

    def _ask(self, member: str, signature: str = "", arguments: tuple[Any, ...] = ()) -> tuple[Any, ...]:
        bus = "org.freedesktop.DBus"
        return self.call((bus, "/org/freedesktop/DBus", bus), member, signature, arguments)
