"""The first window of all: which SwarmUI is meant, a key if it wants one, or the demo. It sends and stores nothing."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from tray_app.core.address import parse_address
from tray_app.core.exposure import exposure
from tray_app.core.secret import Secret
from tray_app.ui.first_run_key import KeyQuestion
from tray_app.ui.icons import application_icon
from tray_app.ui.placement import place_window
from tray_app.ui.settings_draft import LEND, NO_SECRET, ServerDraft
from tray_app.ui.settings_field import Field, error_label, wrapped_label
from tray_app.ui.settings_form import grid_of, scrolled
from tray_app.ui.settings_steps import Step, StepsGrid
from tray_app.ui.window_keys import obeys_key

_LOOKING = "Looking for a SwarmUI on this computer…"
_FOUND = "A SwarmUI answers on this computer, at {url}. Connect to it, or give another address."
_NONE = "No SwarmUI answers on this computer. Start it and look again, or give the address of one elsewhere."
_ADDRESS = "As in the browser, such as http://127.0.0.1:7801; what is copied from there will do."
_SHOWN = (
    "Nobody vouches for that certificate: accept it only if the server's owner confirms the fingerprint above. No "
    "other one is taken from then on."
)


class FirstRunWindow(QWidget):
    """Connect emits `connect_requested` with a draft; then it waits for `show_steps`, or to be closed as done.

    Closing it changes nothing; it can be opened again.
    """

    look_requested = Signal()
    connect_requested = Signal(object)  # ServerDraft
    keep_requested = Signal(object)  # ServerDraft: store it, though it cannot be reached now
    lend_requested = Signal(object)  # ServerDraft: the same with a key that the keyring cannot keep
    demo_requested = Signal()
    sign_in_requested = Signal(object)  # ServerDraft
    open_requested = Signal(str)  # an address for the browser
    closed = Signal()

    def __init__(self) -> None:
        super().__init__(None, Qt.WindowType.Window)
        self.setWindowTitle("Set up SwarmUI Tray")
        self.setWindowIcon(application_icon())
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        self._certificate = self._unknown = ""
        self._pasted = (NO_SECRET, NO_SECRET)
        self.found = wrapped_label(_LOOKING)
        self.look = QPushButton("Look aga&in")
        self.address = Field("A&ddress", _ADDRESS)
        self.key = KeyQuestion()
        self.key.hide()
        self.accept = QPushButton("Accept this certi&ficate")
        self.accept.hide()
        self.problem = error_label()
        self.lend = QPushButton(LEND)
        self.lend.hide()
        self.steps = StepsGrid()
        self.demo = QPushButton("Try the d&emo")
        self.demo.setAccessibleDescription("A simulated SwarmUI inside this program; nothing is set up.")
        self.keep = QPushButton("&Keep it anyway")
        self.keep.hide()
        self.connect_button = QPushButton("&Connect")
        self.connect_button.setDefault(True)
        self._lay_out()
        self.look.clicked.connect(self._look)
        self.demo.clicked.connect(self._take_demo)
        self.keep.clicked.connect(lambda: self._hand_out(self.keep_requested))
        self.lend.clicked.connect(lambda: self._hand_out(self.lend_requested))
        self.connect_button.clicked.connect(self._connect)
        self.accept.clicked.connect(self._accept)
        self.key.open_requested.connect(self._open_user_page)
        self.key.sign_in_requested.connect(lambda: self._hand_out(self.sign_in_requested))
        self.key.changed.connect(self._warn)
        self.address.edit.textEdited.connect(self._start_over)
        self.address.edit.editingFinished.connect(self._sort_out)

    # ------------------------------------------------------------------------------------------------- what is shown

    @Slot()
    def open(self) -> None:
        """Show the window in front of the others, ready to type."""
        place_window(self)
        self.show()
        self.raise_()
        self.activateWindow()
        self.address.edit.setFocus()

    def show_found(self, url: str | None) -> None:
        """What was found on this computer; where nothing is typed yet, it is proposed."""
        self.look.setEnabled(True)
        self.found.setText(_FOUND.format(url=url) if url else _NONE)
        if url and not self.address.text:
            self.address.edit.setText(url)
            self.address.edit.selectAll()

    def show_steps(self, steps: Sequence[Step], unknown_certificate: str, *, wants_key: bool) -> None:
        """Where the connection failed, and what can be done here about it."""
        self._wait(None)
        self.steps.show([each for each in steps if each[1] is not None and not (wants_key and each[1])], self.palette())
        self._unknown = unknown_certificate
        self.accept.setVisible(bool(unknown_certificate))
        if unknown_certificate:
            self._say(_SHOWN)
        if wants_key:
            if self.key.isHidden():
                self.key.show()
                self.key.set_secrets(*self._pasted)
                if not any(self._pasted):  # that one is wanted is all there is to say
                    self.steps.clear()
            self.key.first.edit.setFocus()
        self.keep.setVisible(not wants_key and not unknown_certificate)
        self._grow()

    def show_problem(self, text: str, *, lendable: bool = False) -> None:
        """Something could not be stored or started; `text` says what, and what to do.

        `lendable` offers to do without the keyring.
        """
        self._wait(None)
        self._say(text)
        self.lend.setVisible(lendable)

    def set_token(self, token: Secret) -> None:
        """Put a token into its field that was made by signing in."""
        self.key.set_secrets(token, NO_SECRET)
        self.connect_button.setFocus()

    # ---------------------------------------------------------------------------------------------- what its user does

    def draft(self) -> ServerDraft:
        """What stands in the fields."""
        token, authorization = self._pasted if self.key.isHidden() else self.key.secrets
        return ServerDraft("", self.address.text, token, authorization, certificate=self._certificate)

    @Slot()
    def _look(self) -> None:
        self.look.setEnabled(False)
        self.found.setText(_LOOKING)
        self.look_requested.emit()

    @Slot()
    def _connect(self) -> None:
        self._sort_out()
        self._hand_out(self.connect_requested)

    @Slot()
    def _take_demo(self) -> None:
        self._wait(self.demo)
        self.demo_requested.emit()

    def _hand_out(self, signal: object) -> None:
        draft = self.draft()
        problems = draft.problems()
        self.address.set_error(problems.get("address", ""))
        wrong = self.key.token if "token" in problems else self.key.value
        for field in (self.key.token, self.key.value):
            field.set_error(problems.get("token", problems.get("authorization", "")) if field is wrong else "")
        if problems:
            (self.address if "address" in problems else wrong).edit.setFocus()
            return
        if signal is not self.sign_in_requested:
            self._wait(self.keep if signal is self.keep_requested else self.connect_button)  # also while it is lent
        signal.emit(draft)  # type: ignore[attr-defined]

    @Slot()
    def _accept(self) -> None:
        """Believe the certificate that was shown, and see how far that comes."""
        self._certificate = self._unknown
        self._connect()

    @Slot()
    def _open_user_page(self) -> None:
        self.open_requested.emit(f"{parse_address(self.address.text).url}/#User")

    @Slot()
    def _start_over(self) -> None:
        """Another address: what was learned of the old one holds no more, nor does a key for it."""
        self._certificate = self._unknown = ""
        self._pasted = (NO_SECRET, NO_SECRET)
        for part in (self.key, self.accept, self.keep, self.problem, self.lend):
            part.hide()
        for field in (self.key.token, self.key.value, self.key.user, self.key.password):
            field.edit.clear()
        self.steps.clear()
        self._warn()

    @Slot()
    def _sort_out(self) -> None:
        """A key that was pasted with the address goes where it is hidden."""
        draft = ServerDraft(address=self.address.text)
        moved = draft.sorted_out()
        if moved != draft:
            self._pasted = moved.token, moved.authorization
            self.address.edit.setText(moved.address)
            self.address.set_hint("The key in the address was taken out of it, and is used as one.")
        self._warn()

    @Slot()
    def _warn(self) -> None:
        """Say what is at stake where a key would go there without encryption."""
        draft = self.draft()
        keyed = bool(draft.token or draft.authorization or not self.key.isHidden())
        warning = exposure(parse_address(draft.address)) if keyed and draft.origin else ""
        if warning or not any(self._pasted):
            self.address.set_hint(warning)

    # ------------------------------------------------------------------------------------------------------- widgets

    def _wait(self, pressed: QPushButton | None) -> None:
        """While something is under way, nothing can be started beside it."""
        self._say("")
        self.connect_button.setText("Connecting…" if pressed is self.connect_button else "&Connect")
        self.demo.setText("Starting…" if pressed is self.demo else "Try the d&emo")
        for each in (self.connect_button, self.demo, self.keep, self.accept, self.key, self.address):
            each.setEnabled(pressed is None)
        if pressed is not None:
            self.steps.clear()

    def _say(self, text: str) -> None:
        self.lend.hide()
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
        self._grow()

    def _grow(self) -> None:
        """Have room for what is shown, as far as the screen has; texts of several lines make no window grow."""
        # The layout learns of what was shown and hidden with the next event.
        QTimer.singleShot(0, self, self._fit)

    @Slot()
    def _fit(self) -> None:
        page, layout = self._area.widget(), self.layout()
        if page is None or layout is None:
            return
        wanted = page.heightForWidth(self._area.viewport().width()) + self.height() - self._area.viewport().height()
        self.resize(self.width(), max(self.height(), min(wanted, self.screen().availableGeometry().height() - 60)))

    def closeEvent(self, event: QCloseEvent) -> None:
        event.accept()
        self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not obeys_key(self, event, self.connect_button):
            super().keyPressEvent(event)

    def _lay_out(self) -> None:
        heading = wrapped_label("Which SwarmUI shall be watched?")
        font = heading.font()
        font.setPointSizeF(font.pointSizeF() * 1.3)
        font.setBold(True)
        heading.setFont(font)
        found = QHBoxLayout()
        found.addWidget(self.found, 1)
        found.addWidget(self.look, alignment=Qt.AlignmentFlag.AlignTop)
        page = QWidget()
        inner = QVBoxLayout(page)
        inner.setContentsMargins(16, 16, 16, 8)
        inner.setSpacing(12)
        inner.addWidget(heading)
        inner.addLayout(found)
        inner.addLayout(grid_of((self.address,)))
        inner.addWidget(self.key)
        inner.addLayout(self.steps)
        inner.addWidget(self.problem)
        inner.addWidget(self.lend, alignment=Qt.AlignmentFlag.AlignLeft)
        inner.addWidget(self.accept, alignment=Qt.AlignmentFlag.AlignLeft)
        inner.addStretch()
        self._area = scrolled(page)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(16, 0, 16, 16)
        buttons.addWidget(self.demo)
        buttons.addStretch()
        buttons.addWidget(self.keep)
        buttons.addWidget(self.connect_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._area, 1)
        layout.addLayout(buttons)
        self.resize(560, 300)
