"""The settings window: edits a copy of the settings and hands it out. It reads, sends and stores nothing itself."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QPoint, Qt, QTimer, Signal, SignalInstance, Slot
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QDialogButtonBox, QPushButton, QScrollArea, QTabWidget, QVBoxLayout, QWidget

from tray_app.core.secret import SecretKind
from tray_app.core.settings import ServerSettings, Settings, with_values
from tray_app.ui.icons import application_icon
from tray_app.ui.placement import place_window
from tray_app.ui.settings_draft import LEND, SecretChanges, ServerDraft
from tray_app.ui.settings_field import error_label, wrapped_label
from tray_app.ui.settings_form import scrolled
from tray_app.ui.settings_options import BehaviourPage, NotificationsPage
from tray_app.ui.settings_servers import ServersPage
from tray_app.ui.settings_steps import Step
from tray_app.ui.window_keys import obeys_key

_TOO_NEW = (
    "The settings file was written by a newer SwarmUI Tray, so this one does not change it. "
    "Update SwarmUI Tray to change settings."
)
_FOLLOWED = "The settings file was changed outside this window, which follows it where you have changed nothing here."
_LAYOUT_MS = 300
"""How long after a test the page may take to find its height."""
_BOTH = "“{name}” was changed there too; what you have entered here stays."


class SettingsWindow(QWidget):
    """Made anew each time it is opened. `stored` are the origins with a key in the keyring.

    `proposed` servers are shown where the settings have none.

    Save emits `save_requested`; the window stays, with its button disabled, until `show_saved` closes it or
    `show_problem` says why nothing was saved. The test emits `test_requested` and waits for `show_steps`; an empty
    secret in its draft means the stored one.
    """

    save_requested = Signal(object, object)  # Settings, SecretChanges
    lend_requested = Signal(object, object)  # the same, where the keyring cannot keep the keys: only until the end
    test_requested = Signal(object)  # ServerDraft
    sign_in_requested = Signal(object)  # ServerDraft
    open_requested = Signal(str)  # an address for the browser
    closed = Signal()

    def __init__(
        self, settings: Settings, stored: frozenset[str] = frozenset(), proposed: Sequence[ServerSettings] = ()
    ) -> None:
        super().__init__(None, Qt.WindowType.Window)
        self.setWindowTitle("Settings")
        self.setWindowIcon(application_icon())
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        self._settings = settings
        self._laying_out = QTimer(self)
        self._laying_out.setSingleShot(True)
        self._laying_out.setInterval(_LAYOUT_MS)
        self._saving = self._faulty = False
        self.servers = ServersPage(settings.servers, stored, proposed)
        self.server = self.servers.form
        self.notifications = NotificationsPage(settings)
        self.behaviour = BehaviourPage(settings)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        for page, title in (
            (self.servers, "&Servers"),
            (self.notifications, "Noti&fications"),
            (self.behaviour, "Beha&viour"),
        ):
            area = scrolled(page)
            area.verticalScrollBar().rangeChanged.connect(self._scroll)
            self.tabs.addTab(area, title)
        self.server.steps_shown.connect(self._scroll_to_steps)
        self.news = wrapped_label("")
        self.news.hide()
        self.problem = error_label()
        self.lend = QPushButton(LEND)
        self.lend.hide()
        self.save = QPushButton("Sav&e")
        self.cancel = QPushButton("&Cancel")
        self._lay_out()
        self.save.clicked.connect(lambda: self._save(self.save_requested))
        self.lend.clicked.connect(lambda: self._save(self.lend_requested))
        self.cancel.clicked.connect(self.close)
        self.servers.corrected.connect(self._name_faults)
        self.notifications.quiet.edit.textEdited.connect(self._name_faults)
        self.server.test_requested.connect(self.test_requested)
        self.server.open_requested.connect(self.open_requested)
        self.server.sign_in_requested.connect(self.sign_in_requested)
        self._allow()

    @Slot()
    def open(self) -> None:
        """Show the window in front of the others, on the screen with the pointer, ready to type."""
        place_window(self)
        self.show()
        self.raise_()
        self.activateWindow()
        field = self.server.name if self.server.address.text else self.server.address
        field.edit.setFocus()

    def show_steps(
        self, steps: Sequence[Step], tested: ServerDraft | None = None, unknown_certificate: str = ""
    ) -> None:
        """How the test went: (name, True, False or None for "not tried", a whole sentence) for each step."""
        self.server.show_steps(steps, tested, unknown_certificate)

    @Slot()
    def show_saved(self) -> None:
        """All is stored."""
        self.close()

    def show_problem(self, text: str, *, lendable: bool = False) -> None:
        """Something could not be stored; `text` says what, and what to do. `lendable` offers to do without keyring."""
        self._saving = self._faulty = False
        self._say(text)
        self.lend.setVisible(lendable)
        self._allow()

    def follow(self, settings: Settings, stored: frozenset[str]) -> None:
        """Take over what was changed in the settings file meanwhile, unless it was changed here too, and tell of it."""
        if settings == self._settings:
            return
        self._settings = settings
        told = self.servers.follow(settings.servers, stored)
        for page in (self.notifications, self.behaviour):
            told += [_BOTH.format(name=name) for name in page.entries.follow(settings)]
        self.news.setText(" ".join([_FOLLOWED, *told]))
        self.news.show()
        self._allow()

    @Slot()
    def _scroll_to_steps(self) -> None:
        """Bring the steps into view from the first on, or the question about a certificate with those below it.

        How high the page is now is known only after some layouts.
        """
        self._laying_out.start()
        self._scroll()

    @Slot()
    def _scroll(self) -> None:
        area = self.tabs.widget(0)
        if isinstance(area, QScrollArea) and self._laying_out.isActive():
            asks = not self.server.trust.isHidden()
            first = self.server.certificate if asks else self.server.test
            area.verticalScrollBar().setValue(first.mapTo(self.servers, QPoint()).y() - 8)

    def _save(self, signal: SignalInstance) -> None:
        checked = enumerate((self.servers.check(), self.notifications.check()))
        wrong = [(tab, field) for tab, field in checked if field is not None]
        self._faulty = bool(wrong)
        if wrong:
            self.tabs.setCurrentIndex(wrong[0][0])
            wrong[0][1].edit.setFocus()
            self._name_faults()
            return
        drafts = self.servers.drafts()
        servers = tuple(draft.settings() for draft in drafts)
        chosen = self.notifications.entries.changed() | self.behaviour.entries.changed()
        settings = with_values(replace(self._settings, servers=servers), chosen)
        changes: SecretChanges = {origin: dict.fromkeys(SecretKind) for origin in self.servers.abandoned()}
        for draft in drafts:
            wanted = draft.changes()
            if wanted and draft.origin is not None:
                changes.setdefault(draft.origin, {}).update(wanted)
        self._say("")
        self.news.hide()
        self._saving = True
        self._allow()
        signal.emit(settings, changes)

    @Slot()
    def _name_faults(self) -> None:
        """Say where something is left to be corrected."""
        if self._faulty:
            places = self.servers.marked + (["Notifications"] if self.notifications.quiet.error.text() else [])
            self._say(f"Nothing is saved yet. To be corrected, in red: {', '.join(places)}." if places else "")

    def _allow(self) -> None:
        self.save.setEnabled(self._settings.writable and not self._saving)
        if not self._settings.writable:
            self._say(_TOO_NEW)

    def _say(self, text: str) -> None:
        self.lend.hide()
        self.problem.setText(text)
        self.problem.setVisible(bool(text))

    def closeEvent(self, event: QCloseEvent) -> None:
        event.accept()
        self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not obeys_key(self, event, self.save):
            super().keyPressEvent(event)

    def _lay_out(self) -> None:
        buttons = QDialogButtonBox()
        buttons.addButton(self.save, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self.cancel, QDialogButtonBox.ButtonRole.RejectRole)
        self.save.setDefault(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.tabs, 1)
        bottom = QVBoxLayout()
        bottom.setContentsMargins(16, 8, 16, 16)
        bottom.setSpacing(10)
        bottom.addWidget(self.news)
        bottom.addWidget(self.problem)
        bottom.addWidget(self.lend, alignment=Qt.AlignmentFlag.AlignLeft)
        bottom.addWidget(buttons)
        layout.addLayout(bottom)
        self.setMinimumWidth(560)
        # Room for the steps of a test; on a small screen the pages scroll.
        height = max(page.sizeHint().height() for page in (self.servers, self.notifications, self.behaviour))
        self.resize(600, min(height + 180, self.screen().availableGeometry().height() - 40))
