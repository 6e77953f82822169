"""A small dialog that asks for a user name and a password, once. It keeps neither."""

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPushButton, QVBoxLayout, QWidget

from tray_app.core.address import Address
from tray_app.core.exposure import exposure
from tray_app.core.secret import Secret
from tray_app.ui.settings_field import Field, error_label, hint_label, wrapped_label
from tray_app.ui.settings_form import grid_of

_WIDTH = 440


@dataclass(frozen=True, slots=True)
class Wording:
    """What a dialog is for; `of_what` stands before the name of the server."""

    title: str
    of_what: str
    what: str
    button: str


ACCOUNT = Wording(
    "Sign in once",
    "Your account on",
    "SwarmUI makes a token for this computer, which goes into the field for it. The password is used for that alone "
    "and then forgotten.",
    "&Sign in",
)
PROXY = Wording(
    "Login of a proxy",
    "The proxy before SwarmUI, on",
    "For a proxy that asks for a user name and a password itself, before SwarmUI is reached (HTTP Basic, 401). They go "
    "into the field Authorization, in place of another value: both are sent in the same header, to this server only.",
    "&Take over",
)


class LoginDialog(QDialog):
    """`entered` carries the user name and the password, a Secret, which is gone from the dialog by then.

    Afterwards it is `waiting` until `show_problem`, or until it is closed.
    """

    entered = Signal(str, object)

    def __init__(self, address: Address, parent: QWidget, wording: Wording = ACCOUNT) -> None:
        super().__init__(parent)
        self._wording = wording
        self.setWindowTitle(wording.title)
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        self.setModal(True)
        self.waiting = False
        self.user = Field("&User name", "")
        self.password = Field("&Password", "", secret=True)
        self.problem = error_label()
        self.sign_in = QPushButton(wording.button)
        self.give_up = QPushButton("&Cancel")
        self._layout = layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(wrapped_label(f"{wording.of_what} {address.display}"))
        layout.addLayout(grid_of((self.user, self.password)))
        layout.addWidget(self.problem)
        layout.addWidget(hint_label(" ".join(each for each in (wording.what, exposure(address)) if each)))
        buttons = QDialogButtonBox()
        buttons.addButton(self.sign_in, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self.give_up, QDialogButtonBox.ButtonRole.RejectRole)
        layout.addWidget(buttons)
        self.sign_in.setDefault(True)
        self.sign_in.clicked.connect(self._enter)
        self.give_up.clicked.connect(self.close)
        self.finished.connect(self._forget)
        self.resize(_WIDTH, layout.totalHeightForWidth(_WIDTH))

    @Slot(str)
    def show_problem(self, text: str) -> None:
        """Say why there is no token, and take another try."""
        self._wait(False)
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
        # Texts of several lines make no window grow by themselves.
        self.resize(self.width(), max(self.height(), self._layout.totalHeightForWidth(self.width())))
        self.password.edit.setFocus()

    @Slot()
    def _enter(self) -> None:
        user, password = self.user.text, Secret(self.password.edit.text())
        empty = next((field for field in (self.user, self.password) if not field.edit.text()), None)
        if empty is not None:
            empty.edit.setFocus()
            return
        self.password.edit.clear()
        self.problem.hide()
        self._wait(True)
        self.entered.emit(user, password)

    def _wait(self, waiting: bool) -> None:
        self.waiting = waiting
        self.sign_in.setEnabled(not waiting)
        self.sign_in.setText("Signing in…" if waiting else self._wording.button)
        for field in (self.user, self.password):
            field.setEnabled(not waiting)

    @Slot()
    def _forget(self) -> None:
        self.waiting = False
        self.password.edit.clear()
        self.user.edit.clear()
