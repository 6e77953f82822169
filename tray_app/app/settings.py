"""The settings window at work: tests a server, stores keys and settings, and says how that went."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from tray_app.app.autostart import AutostartControl
from tray_app.app.background import in_background
from tray_app.app.connection_test import Tested, try_out
from tray_app.app.settings_saving import Problem, save
from tray_app.app.surroundings import Surroundings
from tray_app.core.address import parse_address
from tray_app.core.secret import Secret
from tray_app.core.settings import ServerSettings, Settings
from tray_app.ui.bridge import Bridge
from tray_app.ui.file_watch import FileWatch
from tray_app.ui.settings_draft import SecretChanges, ServerDraft
from tray_app.ui.settings_window import SettingsWindow

if TYPE_CHECKING:
    from tray_app.adapters.keyring.secrets import Secrets
    from tray_app.adapters.settings.file import Loaded


@dataclass(frozen=True, slots=True)
class _Content:
    """What the window shows: the settings file, the origins that have a key, and servers for an empty list."""

    loaded: "Loaded"
    keys: frozenset[str]
    proposed: tuple[ServerSettings, ...]

    @property
    def settings(self) -> Settings:
        return self.loaded.settings


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
        self._content: _Content | None = None  # what the window was last given
        self._saving = False
        self.window: SettingsWindow | None = None

    def open(self) -> None:
        """Show the window with the settings of the file, or bring the open one to the front."""
        if self.window is not None:
            self.window.open()
        else:
            in_background(self._bridge, "load settings", self._load, self._show)

    def _load(self) -> _Content:
        loaded = self._with.settings_file.load()
        proposed: tuple[ServerSettings, ...] = ()
        if self._with.proposes:
            # The server that was found or named is the one most likely to be set up.
            proposed = tuple(
                ServerSettings(each.name, each.address.url, each.address.certificate) for each in self._with.targets
            )
        origins = {parse_address(each.address).origin for each in (*loaded.settings.servers, *proposed)}
        return _Content(loaded, frozenset(each for each in origins if self._with.has_key(each)), proposed)

    def _show(self, content: _Content) -> None:
        self._deadline = self._with.deadline(content.settings)
        if self.window is None:
            self._content = content
            self.window = SettingsWindow(content.settings, content.keys, content.proposed)
            FileWatch(self._with.settings_file.path, self.window).changed.connect(self._read_again)
            self.window.test_requested.connect(self._test)
            self.window.save_requested.connect(self._save)
            self.window.lend_requested.connect(self._lend)
            self.window.open_requested.connect(self._open_address)
            self.window.sign_in_requested.connect(self._sign_in)
            self.window.closed.connect(self._closed)
            self._autostart.attach(self.window.behaviour.autostart)
        self.window.open()

    @Slot()
    def _read_again(self) -> None:
        in_background(self._bridge, "settings changed", self._load, self._follow)

    def _follow(self, content: _Content) -> None:
        """Show what was changed in the file meanwhile; not while it has faults, of which the tray tells."""
        # While these here are being saved, it is known only afterwards what the file has.
        if self.window is None or self._saving or any(each.path != "schema" for each in content.loaded.problems):
            return
        self._content = content
        self.window.follow(content.settings, content.keys)

    @Slot()
    def _closed(self) -> None:
        if self.window is not None:
            self._autostart.detach()
            self.window.deleteLater()
            self.window = None

    # ------------------------------------------------------------------------------------------------------- testing

    @Slot(object)
    def _test(self, draft: ServerDraft) -> None:
        def done(found: Tested) -> None:
            if self.window is not None:
                self.window.show_steps(found.steps, draft, found.unknown_certificate)

        in_background(self._bridge, "connection test", lambda: self._try_out(draft), done)

    def _try_out(self, draft: ServerDraft) -> Tested:
        return try_out(draft, self._with, self._secrets, self._deadline)

    @Slot(object)
    def _sign_in(self, draft: ServerDraft) -> None:
        from tray_app.app.sign_in import SignIn

        window = self.window
        if window is None:
            return

        def done(token: Secret) -> None:
            # Another server may be shown by now; the token is of this one alone.
            if window.server.draft().address == draft.address:
                window.server.set_token(token)

        SignIn(
            draft,
            window,
            window.closed,
            done,
            bridge=self._bridge,
            redactor=self._with.redactor,
            seconds=self._deadline,
        )

    # -------------------------------------------------------------------------------------------------------- saving

    @Slot(object, object)
    def _save(self, settings: Settings, changes: SecretChanges) -> None:
        self._store(settings, changes, self._secrets)

    @Slot(object, object)
    def _lend(self, settings: Settings, changes: SecretChanges) -> None:
        """Save without the keyring: its key is kept by this process alone."""
        self._store(settings, changes, None)

    def _store(self, settings: Settings, changes: SecretChanges, secrets: "Callable[[], Secrets] | None") -> None:
        def done(problem: Problem | None) -> None:
            self._saving = False
            if problem is not None:
                if self.window is not None:
                    self.window.show_problem(problem.text, lendable=problem.lendable)
                self._read_again()
                return
            if self.window is not None:
                self.window.show_saved()
            self.saved.emit(settings)

        based_on = self._content.loaded if self._content is not None else None
        self._saving = True
        in_background(
            self._bridge, "save settings", lambda: save(settings, changes, self._with, secrets, based_on), done
        )
