"""The settings window at work: tests a server, stores keys and settings, and says how that went."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from tray_app.adapters.checkup import check
from tray_app.adapters.swarm.session_stores import MemorySessions
from tray_app.app.autostart import AutostartControl
from tray_app.app.background import in_background
from tray_app.app.surroundings import Surroundings
from tray_app.core.address import parse_address
from tray_app.core.checkup import Step
from tray_app.core.credentials import Credentials
from tray_app.core.errors import SecretsError, UsageError
from tray_app.core.secret import Secret, SecretKind
from tray_app.core.settings import ServerSettings, Settings
from tray_app.ui.bridge import Bridge
from tray_app.ui.settings_draft import SecretChanges, ServerDraft
from tray_app.ui.settings_window import SettingsWindow

if TYPE_CHECKING:
    from tray_app.adapters.keyring.secrets import Secrets


class SettingsEditor(QObject):
    """Opens the window, one at a time. `saved` carries the settings that hold from now on."""

    saved = Signal(object)

    def __init__(
        self,
        surroundings: Surroundings,
        bridge: Bridge,
        secrets: "Callable[[], Secrets]",
        open_address: Callable[[str], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._with = surroundings
        self._bridge = bridge
        self._secrets = secrets
        self._open_address = open_address
        self._deadline = surroundings.deadline(surroundings.settings)
        self._autostart = AutostartControl(surroundings.profile, bridge, self)
        self.window: SettingsWindow | None = None

    def open(self) -> None:
        """Show the window with the settings of the file, or bring the open one to the front."""
        if self.window is not None:
            self.window.open()
        else:
            in_background(self._bridge, "load settings", self._load, self._show)

    def _load(self) -> tuple[Settings, frozenset[str]]:
        settings = self._with.settings_file.load().settings
        if not settings.servers and not self._with.demo:
            # The server that was found or named is the one most likely to be set up.
            found = tuple(
                ServerSettings(each.name, each.address.url, each.address.certificate) for each in self._with.targets
            )
            settings = replace(settings, servers=found)
        origins = {parse_address(each.address).origin for each in settings.servers}
        return settings, frozenset(each for each in origins if self._with.state_file.has_key(each))

    def _show(self, loaded: tuple[Settings, frozenset[str]]) -> None:
        self._deadline = self._with.deadline(loaded[0])
        if self.window is None:
            self.window = SettingsWindow(*loaded)
            self.window.test_requested.connect(self._test)
            self.window.save_requested.connect(self._save)
            self.window.open_requested.connect(self._open_address)
            self.window.closed.connect(self._closed)
            self._autostart.attach(self.window.behaviour.autostart)
        self.window.open()

    @Slot()
    def _closed(self) -> None:
        if self.window is not None:
            self._autostart.detach()
            self.window.deleteLater()
            self.window = None

    # ------------------------------------------------------------------------------------------------------- testing

    @Slot(object)
    def _test(self, draft: ServerDraft) -> None:
        def done(steps: list[Step]) -> None:
            if self.window is not None:
                self.window.show_steps(steps, draft)

        in_background(self._bridge, "connection test", lambda: self._try_out(draft), done)

    def _try_out(self, draft: ServerDraft) -> list[Step]:
        address = draft.settings().target
        try:
            credentials = self._credentials(draft, address.origin)
        except SecretsError as error:
            return [Step("Key", ok=False, text=str(error))]
        return check(address, credentials, MemorySessions(), seconds=self._deadline)

    def _credentials(self, draft: ServerDraft, origin: str) -> Credentials:
        """The key of the draft, or where it leaves it empty, the stored one."""
        stored: dict[SecretKind, Secret] = {}
        if not draft.forget and self._with.state_file.has_key(origin):
            stored = self._secrets().get(origin, [SecretKind.TOKEN, SecretKind.AUTHORIZATION])
        token = draft.token or stored.get(SecretKind.TOKEN, Secret(""))
        header = draft.authorization or stored.get(SecretKind.AUTHORIZATION, Secret(""))
        self._with.redactor.add(token.reveal(), header.reveal())
        return Credentials(token.reveal(), header.reveal())

    # -------------------------------------------------------------------------------------------------------- saving

    @Slot(object, object)
    def _save(self, settings: Settings, changes: SecretChanges) -> None:
        def done(problem: str) -> None:
            if problem:
                if self.window is not None:
                    self.window.show_problem(problem)
                return
            if self.window is not None:
                self.window.show_saved()
            self.saved.emit(settings)

        in_background(self._bridge, "save settings", lambda: self._store(settings, changes), done)

    def _store(self, settings: Settings, changes: SecretChanges) -> str:
        """Store keys first, so that no server is saved whose key is lost; what went wrong, or nothing."""
        try:
            for origin, secrets in changes.items():
                for secret in secrets.values():
                    self._with.redactor.add(secret.reveal() if secret else "")
                self._secrets().change(origin, secrets)
                kept = any(secrets.get(kind) for kind in (SecretKind.TOKEN, SecretKind.AUTHORIZATION))
                removed = SecretKind.TOKEN in secrets and SecretKind.AUTHORIZATION in secrets and not kept
                if kept or removed:
                    self._with.state_file.mark_key(origin, present=kept)
            self._forget_sessions(settings, frozenset(changes))
            self._with.settings_file.save(settings)
        except (SecretsError, UsageError) as error:
            return str(error)
        except OSError as error:
            return (
                f"{self._with.state_file.path} could not be written: {error.strerror or error}. "
                "Make its folder writable and save again; the settings are as they were."
            )
        return ""

    def _forget_sessions(self, settings: Settings, origins: frozenset[str]) -> None:
        """Drop what was made without the new key, with the old one, or for a server that is gone. Raises OSError."""
        before = {parse_address(each.address) for each in self._with.settings_file.load().settings.servers}
        now = {parse_address(each.address) for each in settings.servers}
        for address in before | now:
            if address.origin in origins or address not in now:
                self._with.state_file.forget(address.url)
