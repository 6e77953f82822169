"""logind's word of sleep, played by python-dbusmock on a private bus: the real one needs systemd as process 1."""

from dbus_fast import Variant

from tests.desktop.rig.desktop import Desktop

LOGIN1 = "org.freedesktop.login1"
_PATH = "/org/freedesktop/login1"


class Logind:
    """A system bus with a logind that sleeps when it is told to."""

    def __init__(self, desktop: Desktop) -> None:
        self._bus = desktop.start_system_bus()
        # Debian's own Python: dbusmock needs libraries that no wheel brings.
        desktop.start("/usr/bin/python3", "-m", "dbusmock", "--system", "--template", "logind")
        self._bus.wait_for_owner(LOGIN1)

    def fall_asleep(self) -> None:
        """Announce that the computer is about to sleep."""
        self._signal(going=True)

    def wake_up(self) -> None:
        """Announce that it is awake again."""
        self._signal(going=False)

    def _signal(self, *, going: bool) -> None:
        self._bus.client.call(
            LOGIN1,
            _PATH,
            "org.freedesktop.DBus.Mock",
            "EmitSignal",
            "sssav",
            "org.freedesktop.login1.Manager",
            "PrepareForSleep",
            "b",
            [Variant("b", going)],
        )
