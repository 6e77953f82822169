"""Notifications through org.freedesktop.Notifications, with `QSystemTrayIcon.showMessage` as the floor.

One live notification per subject: a newer notice replaces the older one by the number that this daemon gave it.
Numbers lead to their own target only; those of other programs or of a daemon that has gone lead nowhere. Nothing here
waits: a bus or daemon that hangs is given `SECONDS`, then the notice goes to the fallback.

Specification: https://specifications.freedesktop.org/notification-spec/1.2/
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from tray_app.core.view import Notice, Urgency
from tray_app.ui.notify_text import body_text, title_text

if TYPE_CHECKING:
    from tray_app.ui.notify_dbus import Bus, Reply

SECONDS = 5.0
"""How long a daemon may take. One that is only now being started by the bus needs some of it."""
APP_NAME = "SwarmUI Tray"
DESKTOP_ENTRY = "swarmui-tray"

_NAME = "org.freedesktop.Notifications"
_URGENCY = {Urgency.LOW: 0, Urgency.NORMAL: 1, Urgency.CRITICAL: 2}


@dataclass(slots=True)
class _Subject:
    """What the daemon shows of one subject, and what it shall show next."""

    id: int = 0  # the daemon's number; 0 while it has given none
    shown: Notice | None = None
    waiting: Notice | None = None  # comes after the answer to the notice that is on its way
    on_its_way: bool = False
    close: bool = False


@dataclass(slots=True)
class _Daemon:
    """What is known of the present owner of the name; empty `capabilities` before it was asked."""

    owner: str = ""
    capabilities: frozenset[str] | None = None
    asking: bool = False
    subjects: dict[str, _Subject] = field(default_factory=dict)


class Notifier(QObject):
    """Shows notices. `fallback` shows one by other means and says whether it could; without it, it could not."""

    clicked = Signal(str)  # target of the notice
    button = Signal(object, str)  # the Notice as it was given to `show`, id of the button
    delivered = Signal(object)  # a Notice that is on the screen
    undeliverable = Signal(object)  # a Notice that nothing could show

    def __init__(
        self,
        fallback: Callable[[Notice], bool] | None = None,
        *,
        icon: str = "",
        seconds: float = SECONDS,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._fallback = fallback
        self._icon = icon
        self._seconds = seconds
        self._last_fallback: Notice | None = None
        self._bus: Bus | None = None
        self._ready = False
        self._daemon = _Daemon()

    # ---------------------------------------------------------------------------------------------------- requests

    def show(self, notice: Notice) -> None:
        """Show a notice, in place of the one of the same subject if that is still there."""
        if sys.platform in ("win32", "darwin"):
            self._fall_back(notice)
            return
        subject = self._daemon.subjects.setdefault(notice.subject, _Subject())
        subject.waiting = notice
        subject.close = False
        self._go_on()

    def close(self, subject: str) -> None:
        """Take the notification of a subject away, if it is there."""
        known = self._daemon.subjects.get(subject)
        if known is None:
            return
        known.waiting = None
        known.close = True
        self._send(subject, known)

    def fallback_clicked(self) -> None:
        """To be connected to what tells of a click on the fallback's message (`QSystemTrayIcon.messageClicked`)."""
        if self._last_fallback is not None and self._last_fallback.target:
            self.clicked.emit(self._last_fallback.target)

    def shut_down(self) -> None:
        """Leave the bus; what is shown stays."""
        if self._bus is not None:
            self._bus.lost.disconnect(self._on_lost)
            self._bus.close()
            self._bus = None

    # -------------------------------------------------------------------------------------------------- connection

    def _go_on(self) -> None:
        """Take the next step towards a daemon whose capabilities are known, then send what waits."""
        if self._bus is None:
            # Here and not above: 20 ms and 2 MB that are not spent before there is something to say.
            from tray_app.ui.notify_dbus import Bus

            self._bus = Bus(self)
            self._bus.opened.connect(self._on_opened)
            self._bus.lost.connect(self._on_lost)
            self._bus.signalled.connect(self._on_signal)
        if not self._bus.is_open:
            self._bus.open()
        elif self._ready and self._daemon.capabilities is None:
            self._ask_capabilities()
        elif self._ready:
            for name, subject in list(self._daemon.subjects.items()):
                self._send(name, subject)

    def _on_opened(self) -> None:
        from jeepney import MatchRule  # type: ignore[import-untyped]

        assert self._bus is not None  # noqa: S101 - for the type checker
        self._ready = True
        self._bus.watch(MatchRule(type="signal", sender=_NAME, interface=_NAME))
        owner_changed = MatchRule(type="signal", sender="org.freedesktop.DBus", member="NameOwnerChanged")
        owner_changed.add_arg_condition(0, _NAME)
        self._bus.watch(owner_changed)
        self._go_on()

    def _on_lost(self) -> None:
        self._ready = False
        self._forget_daemon("")

    def _ask_capabilities(self) -> None:
        if self._daemon.asking:
            return
        self._daemon.asking = True
        daemon = self._daemon
        self._call("GetCapabilities", on_reply=lambda reply: self._on_capabilities(daemon, reply))

    def _on_capabilities(self, daemon: _Daemon, reply: "Reply") -> None:
        if daemon is not self._daemon:
            return
        daemon.asking = False
        if reply.error is None:
            daemon.owner = reply.sender
            daemon.capabilities = frozenset(each for each in reply.body[0] if isinstance(each, str))
            self._go_on()
        else:
            self._forget_daemon("")

    def _forget_daemon(self, owner: str) -> None:
        """Numbers and capabilities end with the daemon that gave them. With nobody left, what waits is not kept."""
        waiting = [subject.waiting for subject in self._daemon.subjects.values() if subject.waiting is not None]
        self._daemon = _Daemon(owner)
        for notice in waiting:
            if owner:
                self.show(notice)
            else:
                self._fall_back(notice)

    # ----------------------------------------------------------------------------------------------------- sending

    def _send(self, name: str, subject: _Subject) -> None:
        if subject.on_its_way or self._daemon.capabilities is None:
            return
        if subject.close:
            del self._daemon.subjects[name]
            if subject.id:
                self._call("CloseNotification", "u", (subject.id,))
        elif subject.waiting is not None:
            notice, subject.waiting = subject.waiting, None
            subject.on_its_way = True
            daemon = self._daemon
            arguments = self._arguments(notice, subject.id, self._daemon.capabilities)
            self._call(
                "Notify", "susssasa{sv}i", arguments, on_reply=lambda reply: self._on_shown(daemon, notice, reply)
            )

    def _arguments(self, notice: Notice, replaces: int, capabilities: frozenset[str]) -> tuple[Any, ...]:
        actions: list[str] = []
        if "actions" in capabilities:
            # xfce4-notifyd draws a default action that has a label as one more button.
            actions += ["default", "" if notice.buttons else "Open"] if notice.target else []
            for button, label in notice.buttons:
                actions += [button, title_text(label)] if button != "default" else []
        hints: dict[str, tuple[str, Any]] = {
            "urgency": ("y", _URGENCY[notice.urgency]),
            "desktop-entry": ("s", DESKTOP_ENTRY),
        }
        if notice.picture:
            from tray_app.ui.notify_picture import image_data

            data = image_data(notice.picture)
            if data is not None:
                hints["image-data"] = ("(iiibiiay)", data)
        body = body_text(notice.body, markup="body-markup" in capabilities)
        if "body" not in capabilities:
            body = ""
        return APP_NAME, replaces, self._icon, title_text(notice.title), body, actions, hints, -1

    def _on_shown(self, daemon: _Daemon, notice: Notice, reply: "Reply") -> None:
        if daemon is not self._daemon:
            if reply.error is not None and not reply.late and notice.subject not in self._daemon.subjects:
                self.show(notice)
            return
        if reply.late:
            self._on_shown_late(notice, reply)
            return
        subject = daemon.subjects[notice.subject]
        subject.on_its_way = False
        if reply.error is None:
            subject.id = reply.body[0]
            subject.shown = notice
            self.delivered.emit(notice)
        else:
            self._fall_back(notice)
            if reply.error == "lost":
                return
        self._send(notice.subject, subject)

    def _on_shown_late(self, notice: Notice, reply: "Reply") -> None:
        """The daemon shows a notice after all that the fallback has got long ago."""
        if reply.error is not None:
            return
        subject = self._daemon.subjects.get(notice.subject)
        if subject is None or subject.on_its_way or subject.id:
            self._call("CloseNotification", "u", (reply.body[0],))
        else:
            subject.id = reply.body[0]
            subject.shown = notice

    def _fall_back(self, notice: Notice) -> None:
        if self._fallback is not None and self._fallback(notice):
            self._last_fallback = notice
            self.delivered.emit(notice)
        else:
            self.undeliverable.emit(notice)

    def _call(self, member: str, signature: str | None = None, body: tuple[Any, ...] = (), **options: Any) -> None:
        from jeepney import DBusAddress, new_method_call

        assert self._bus is not None  # noqa: S101 - for the type checker
        # Once known, the daemon itself is addressed: numbers must never reach another that took its name.
        address = DBusAddress("/org/freedesktop/Notifications", self._daemon.owner or _NAME, _NAME)
        self._bus.call(new_method_call(address, member, signature, body), seconds=self._seconds, **options)

    # ----------------------------------------------------------------------------------------------------- signals

    def _on_signal(self, sender: str, member: str, body: tuple[Any, ...]) -> None:
        if member == "NameOwnerChanged" and sender == "org.freedesktop.DBus":
            self._on_owner(body[2])
        elif sender != self._daemon.owner or len(body) < 2:
            return
        elif member == "ActionInvoked":
            self._on_action(body[0], body[1])
        elif member == "NotificationClosed":
            name = self._subject_of(body[0])
            if name is not None:
                self._on_closed(name, self._daemon.subjects[name])

    def _on_closed(self, name: str, subject: _Subject) -> None:
        subject.id = 0
        subject.shown = None
        if not subject.on_its_way and subject.waiting is None:
            del self._daemon.subjects[name]

    def _on_owner(self, owner: str) -> None:
        if owner != self._daemon.owner:
            self._forget_daemon(owner)

    def _on_action(self, number: object, action: object) -> None:
        name = self._subject_of(number)
        notice = self._daemon.subjects[name].shown if name is not None else None
        if name is None or notice is None:
            return
        # dunst leaves a notification whose action was invoked by other means than a click.
        self.close(name)
        if action == "default" and notice.target:
            self.clicked.emit(notice.target)
        elif action in [button for button, _ in notice.buttons]:
            self.button.emit(notice, action)

    def _subject_of(self, number: object) -> str | None:
        for name, subject in self._daemon.subjects.items():
            if subject.id and subject.id == number:
                return name
        return None
