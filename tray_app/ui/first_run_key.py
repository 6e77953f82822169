"""The part of the first window that asks for a key, with what each kind of key is and where it comes from."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QGroupBox, QPushButton, QRadioButton, QVBoxLayout, QWidget

from tray_app.core.credentials import basic, token_in
from tray_app.core.secret import Secret
from tray_app.ui.settings_draft import NO_SECRET
from tray_app.ui.settings_field import Field, hint_label
from tray_app.ui.settings_form import grid_of


class KeyQuestion(QGroupBox):
    """Three kinds to choose from; only the fields of the chosen one are shown."""

    open_requested = Signal()  # the page that makes tokens
    sign_in_requested = Signal()
    changed = Signal()

    def __init__(self) -> None:
        super().__init__("This server wants a key. Which one do you have?")
        self.account = QRadioButton("An account &token: it says who you are")
        self.header = QRadioButton("The server's own &Authorization value: its admin set it, and gives it")
        self.proxy = QRadioButton("The &login of a proxy in front of SwarmUI: a user name and a password")
        self._kinds = QButtonGroup(self)
        self.make = QPushButton("&Make one…")
        self.make.setAccessibleName("Open the page of SwarmUI that makes tokens")
        self.sign_in = QPushButton("Si&gn in once…")
        self.sign_in.setAccessibleName("Have a token made by signing in once")
        self.token = Field(
            "Toke&n",
            "SwarmUI makes one on its User tab, under Authorization Tokens. The token or the whole cookie swarm_token "
            "can be pasted.",
            secret=True,
            buttons=(self.make, self.sign_in),
        )
        self.value = Field("&Value", "Sent exactly as written, to this server only.", secret=True)
        self.user = Field("&User name", "")
        self.password = Field("&Password", "", secret=True)
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        self._parts: list[tuple[QRadioButton, QWidget, tuple[Field, ...]]] = []
        for button, fields in (
            (self.account, (self.token,)),
            (self.header, (self.value,)),
            (self.proxy, (self.user, self.password)),
        ):
            part = QWidget()
            grid = grid_of(fields)
            grid.setContentsMargins(24, 0, 0, 4)
            part.setLayout(grid)
            self._kinds.addButton(button)
            self._parts.append((button, part, fields))
            layout.addWidget(button)
            layout.addWidget(part)
            for field in fields:
                field.edit.textEdited.connect(self.changed)
        layout.addWidget(hint_label("The key goes into this desktop's keyring, for this server alone."))
        self.account.setChecked(True)
        self._choose()
        self._kinds.buttonToggled.connect(self._choose)
        self.make.clicked.connect(self.open_requested)
        self.sign_in.clicked.connect(self.sign_in_requested)

    @property
    def secrets(self) -> tuple[Secret, Secret]:
        """Account token and Authorization value, as far as one is given."""
        if self.account.isChecked():
            return Secret(token_in(self.token.text)), NO_SECRET
        if self.header.isChecked():
            return NO_SECRET, Secret(self.value.text)
        password = self.password.edit.text()
        return NO_SECRET, Secret(basic(self.user.text, password)) if self.user.text or password else NO_SECRET

    @property
    def first(self) -> Field:
        """The first field of the chosen kind."""
        return next(fields[0] for button, _, fields in self._parts if button.isChecked())

    def set_secrets(self, token: Secret, authorization: Secret) -> None:
        """Fill in what was pasted with the address, or made by signing in."""
        if authorization:
            self.header.setChecked(True)
            self.value.edit.setText(authorization.reveal())
        if token:
            self.account.setChecked(True)
            self.token.edit.setText(token.reveal())

    @Slot()
    def _choose(self) -> None:
        for button, part, _ in self._parts:
            part.setVisible(button.isChecked())
        self.changed.emit()
