"""The first run: no server is set up and none was found at the start, so a window asks which one is meant."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from tray_app.adapters.discovery import find_local, likely_ports
from tray_app.app.background import in_background
from tray_app.app.connection_test import Tested, try_out
from tray_app.app.live_settings import LiveSettings
from tray_app.app.settings_saving import Problem, save
from tray_app.core.errors import UsageError
from tray_app.core.settings import Settings
from tray_app.core.view import STARTING, Entry
from tray_app.ui.bridge import Bridge
from tray_app.ui.first_run import FirstRunWindow

if TYPE_CHECKING:
    from tray_app.adapters.keyring.secrets import Secrets
    from tray_app.app.surroundings import Surroundings
    from tray_app.core.secret import Secret
    from tray_app.ui.settings_draft import SecretChanges, ServerDraft
    from tray_app.ui.tray import TrayIcon

_NO_SERVER = "No server is set up"
WAITING = replace(
    STARTING,
    tooltip=f"{_NO_SERVER}. Click to set one up.",
    head=Entry(_NO_SERVER, enabled=False),
    detail=Entry("Settings… sets one up", enabled=False),
    lines=(_NO_SERVER,),
)


class FirstRun(QObject):
    """Stands in the tray's place until there is something to watch, and hands that to `finished`."""

    def __init__(
        self, surroundings: "Surroundings", icon: "TrayIcon", finished: "Callable[[Surroundings], None]"
    ) -> None:
        super().__init__()
        self._with = surroundings
        self._icon = icon
        self._finished = finished
        self._over = False
        self._secrets: Secrets | None = None
        self._bridge = Bridge()
        self._bridge.answered.connect(self._call)
        self._icon.window_requested.connect(self.open_window)
        self._icon.settings_requested.connect(self.open_settings)
        self.window = FirstRunWindow()
        self.window.look_requested.connect(self._look)
        self.window.connect_requested.connect(self._connect)
        self.window.keep_requested.connect(self._keep)
        self.window.lend_requested.connect(self._lend)
        self.window.demo_requested.connect(self._take_demo)
        self.window.sign_in_requested.connect(self._sign_in)
        self.window.open_requested.connect(self._open_address)
        # A server may as well be added by hand or by a command meanwhile.
        self._live = LiveSettings(surroundings.settings_file, lambda: self._with.settings, self._bridge, self)
        self._live.changed.connect(self._begin)

    def start(self) -> None:
        """Show the window, and look for a server on this computer."""
        self._icon.render(WAITING)
        self.window.open()
        self._look()

    @Slot()
    def open_window(self) -> None:
        """Show the window again."""
        self.window.open()

    @Slot()
    def open_settings(self) -> None:
        """The same: there are no settings before there is a server."""
        self.window.open()

    @Slot()
    def shut_down(self) -> None:
        """Take the window away; what still comes is let go."""
        self._over = True
        self._icon.hide()
        self._leave()

    def _leave(self) -> None:
        self._over = True
        self._bridge.close()
        self._icon.window_requested.disconnect(self.open_window)
        self._icon.settings_requested.disconnect(self.open_settings)
        self.window.close()
        self.window.deleteLater()
        if self._secrets is not None:
            self._secrets.close()
        self.deleteLater()

    @Slot(object)
    def _call(self, function: Callable[[], None]) -> None:
        if not self._over:
            function()

    def _keyring(self) -> "Secrets":
        if self._secrets is None:
            from tray_app.adapters.keyring.secrets import Secrets

            self._secrets = Secrets()
        return self._secrets

    @property
    def _seconds(self) -> float:
        return self._with.deadline(self._with.settings)

    # --------------------------------------------------------------------------------------------- what its user does

    @Slot()
    def _look(self) -> None:
        in_background(self._bridge, "look for a server", lambda: find_local(likely_ports()), self.window.show_found)

    @Slot(object)
    def _connect(self, draft: "ServerDraft") -> None:
        def done(found: Tested) -> None:
            if found.works:
                self._keep(draft)
            else:
                self.window.show_steps(found.steps, found.unknown_certificate, wants_key=found.wants_key)

        in_background(
            self._bridge, "connection test", lambda: try_out(draft, self._with, self._keyring, self._seconds), done
        )

    @Slot(object)
    def _keep(self, draft: "ServerDraft") -> None:
        self._store(draft, self._keyring)

    @Slot(object)
    def _lend(self, draft: "ServerDraft") -> None:
        self._store(draft, None)

    def _store(self, draft: "ServerDraft", secrets: "Callable[[], Secrets] | None") -> None:
        """Store the server with its key, and begin to watch it; without `secrets` this process keeps the key."""
        settings = replace(self._with.settings, servers=(draft.settings(),))
        wanted = draft.changes()
        changes: SecretChanges = {draft.origin: wanted} if wanted and draft.origin is not None else {}

        def done(problem: Problem | None) -> None:
            if problem is not None:
                self.window.show_problem(problem.text, lendable=problem.lendable)
            else:
                self._begin(settings)

        in_background(self._bridge, "save settings", lambda: save(settings, changes, self._with, secrets), done)

    @Slot(object)
    def _begin(self, settings: Settings) -> None:
        if self._over:
            return
        targets = self._with.targets_of(settings)
        self._with = replace(self._with, settings=settings, targets=targets)
        if targets:
            self._leave()
            self._finished(self._with)

    @Slot()
    def _take_demo(self) -> None:
        def work() -> "Surroundings | str":
            try:
                return self._with.in_demo()
            except UsageError as error:
                return str(error)

        def done(found: "Surroundings | str") -> None:
            if isinstance(found, str):
                self.window.show_problem(found)
            else:
                self._leave()
                self._finished(found)

        in_background(self._bridge, "start the demo", work, done)

    @Slot(object)
    def _sign_in(self, draft: "ServerDraft") -> None:
        from tray_app.app.sign_in import SignIn

        def done(token: "Secret") -> None:
            self.window.set_token(token)

        window, redactor = self.window, self._with.redactor
        SignIn(draft, window, window.closed, done, bridge=self._bridge, redactor=redactor, seconds=self._seconds)

    @Slot(str)
    def _open_address(self, address: str) -> None:
        from tray_app.adapters.browser import show

        threading.Thread(target=show, args=(address,), name="browser", daemon=True).start()
