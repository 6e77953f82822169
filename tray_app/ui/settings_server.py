"""The form for one server in the settings window: name, address, key, and a test that names what fails."""

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QWidget,
)

from tray_app.core.address import parse_address
from tray_app.core.credentials import basic, basic_user, token_in
from tray_app.core.exposure import exposure
from tray_app.core.fingerprint import breakable
from tray_app.core.secret import Secret, SecretKind
from tray_app.ui.labels import one_line
from tray_app.ui.login_dialog import PROXY, LoginDialog
from tray_app.ui.settings_draft import ServerDraft
from tray_app.ui.settings_field import Field
from tray_app.ui.settings_form import grid_of
from tray_app.ui.settings_steps import Step, StepsGrid

_STORED = "Leave empty to keep the stored one"
_LOGIN = "The login of a proxy: the user name is {user}."
_UNKNOWN = (
    "The server shows {certificate}. Nobody vouches for it: accept it only if the server's owner confirms this "
    "fingerprint. No other certificate is taken from then on."
)
_LEFT_BEHIND = "The key stored for the old address is removed; enter it again"


class ServerForm(QWidget):
    """Edits one `ServerDraft`. `stored` are the origins that have a key in the keyring."""

    test_requested = Signal(object)  # ServerDraft
    sign_in_requested = Signal(object)  # ServerDraft
    open_requested = Signal(str)  # an address for the browser
    steps_shown = Signal()
    edited = Signal()

    def __init__(self, stored: frozenset[str]) -> None:
        super().__init__()
        self._stored = stored
        self._origin: str | None = None
        self._tested: ServerDraft | None = None
        self.name = Field("&Name", "What the tray calls it; without a name it is called by its address.")
        self.address = Field("&Address", "As in the browser, such as http://127.0.0.1:7801.")
        self.trust = QPushButton("Acce&pt this one")
        self.trust.hide()
        self.trust.setAccessibleName("Accept the certificate that the server shows")
        self._unknown = ""
        self.certificate = Field(
            "Certif&icate",
            "Only where the connection test does not trust it: the fingerprint that is shown there, once the server's "
            "owner has confirmed it. No other certificate is accepted then.",
            buttons=(self.trust,),
        )
        self.get_token = QPushButton("&Make one…")
        self.get_token.setAccessibleName("Open the page of SwarmUI that makes tokens")
        self.sign_in = QPushButton("Si&gn in once…")
        self.sign_in.setAccessibleName("Have a token made by signing in once")
        self.token = Field(
            "Account &token",
            "Only for a server with user accounts. SwarmUI makes one on its User tab, under Authorization Tokens.",
            secret=True,
            buttons=(self.get_token, self.sign_in),
        )
        self.login = QPushButton("Proxy &login…")
        self.login.setAccessibleName("Enter the user name and the password of a proxy")
        self.authorization = Field(
            "Aut&horization",
            "Only for a server that wants the same header from everybody, sent exactly as written; or for a proxy in "
            "front of it that wants a user name and a password.",
            secret=True,
            buttons=(self.login,),
        )
        self.forget_token = QCheckBox("Remove the stored to&ken when saving")
        self.forget_authorization = QCheckBox("Remove the stored value or pro&xy login when saving")
        self.token.add(self.forget_token)
        self.authorization.add(self.forget_authorization)
        self.test = QPushButton("Test c&onnection")
        self.testing = QLabel()
        self._steps = StepsGrid()
        self._lay_out()
        self._connect()

    # ------------------------------------------------------------------------------------------------------ values

    def draft(self) -> ServerDraft:
        """What stands in the fields."""
        return ServerDraft(
            name=self.name.text,
            address=self.address.text,
            token=Secret(token_in(self.token.text)),
            authorization=Secret(self.authorization.text),
            forget=frozenset(kind for kind, box in self._forgets if box.isChecked() and not box.isHidden()),
            certificate="" if self.certificate.isHidden() else self.certificate.text,
        )

    def load(self, draft: ServerDraft, origin: str | None) -> None:
        """Show a server; `origin` is where its key lies if one is stored."""
        self._origin = origin
        self.name.edit.setText(draft.name)
        self.address.edit.setText(draft.address)
        self.certificate.edit.setText(draft.certificate)
        self.token.edit.setText(draft.token.reveal())
        self.authorization.edit.setText(draft.authorization.reveal())
        for kind, box in self._forgets:
            box.setChecked(kind in draft.forget)
        self.mark({})
        self._clear_steps()
        self._follow_address()

    def set_stored(self, stored: frozenset[str]) -> None:
        """Other origins have a key in the keyring now."""
        if stored != self._stored:
            self._stored = stored
            self._follow_address()

    def mark(self, problems: dict[str, str]) -> Field | None:
        """Say at each field what is wrong with it; the first of them, or None."""
        fields = {
            "name": self.name,
            "address": self.address,
            "certificate": self.certificate,
            "token": self.token,
            "authorization": self.authorization,
        }
        for name, field in fields.items():
            field.set_error(problems.get(name, ""))
        return next((field for name, field in fields.items() if name in problems), None)

    # ------------------------------------------------------------------------------------------------------- steps

    def show_steps(
        self, steps: Sequence[Step], tested: ServerDraft | None = None, unknown_certificate: str = ""
    ) -> None:
        """Show how far the test came, in the order of the steps; not where what was `tested` is no longer shown.

        A certificate that nobody vouches for can be accepted at its field, by its fingerprint.
        """
        if tested is not None and tested != self._tested:
            return
        self._clear_steps()
        self._steps.show(steps, self.palette())
        if unknown_certificate and not self.certificate.text:
            self._unknown = unknown_certificate
            self.trust.show()
            self.certificate.set_hint(_UNKNOWN.format(certificate=breakable(unknown_certificate)))
        self.steps_shown.emit()

    @Slot()
    def _clear_steps(self) -> None:
        self._tested = None
        self._unknown = ""
        self.trust.hide()
        self.certificate.set_hint("")
        self._steps.clear()
        self.testing.clear()
        self.test.setEnabled(True)

    @Slot()
    def _test(self) -> None:
        draft = self.draft()
        field = self.mark(draft.problems())
        if field is not None:
            field.edit.setFocus()
            return
        self._clear_steps()
        self._tested = draft
        self.testing.setText("Testing…")
        self.test.setEnabled(False)
        self.test_requested.emit(draft)

    @Slot()
    def _accept(self) -> None:
        """Believe the certificate that was shown, and see how far the test comes with it."""
        self.certificate.edit.setText(self._unknown)
        self.certificate.edit.setFocus()
        self._test()

    # ----------------------------------------------------------------------------------------------------- the fields

    def set_token(self, token: Secret) -> None:
        """Put a token into its field that was made by signing in."""
        self.token.edit.setText(token.reveal())
        self.token.set_error("")
        self._clear_steps()
        self.token.edit.setFocus()

    @Slot()
    def _follow_address(self) -> None:
        """What depends on the address: a stored key belongs to it, and so does the page that makes tokens."""
        draft = ServerDraft(address=self.address.text)
        stored = draft.origin in self._stored
        left_behind = draft.origin is not None and self._origin in self._stored
        note = _STORED if stored else _LEFT_BEHIND if left_behind else ""
        for field in (self.token, self.authorization):
            field.edit.setPlaceholderText(note)
        for _, box in self._forgets:
            box.setVisible(stored)
        self._warn()
        for part in (self.certificate, self.certificate.label):
            part.setVisible(draft.encrypted)
        for button in (self.get_token, self.sign_in, self.login):
            button.setEnabled(draft.origin is not None)
        self.name.edit.setPlaceholderText(draft.shown_name if draft.origin else "")

    @Slot()
    def _warn(self) -> None:
        """Say at the address what is at stake where a key would go there without encryption."""
        draft = ServerDraft(address=self.address.text)
        left = draft.origin in self._stored and not all(box.isChecked() for _, box in self._forgets)
        keyed = self.token.text or self.authorization.text or left
        self.address.set_hint(exposure(parse_address(draft.address)) if keyed and draft.origin else "")

    @Slot()
    def _sort_out(self) -> None:
        """A key that was pasted with the address goes where it is hidden."""
        draft = self.draft()
        moved = draft.sorted_out()
        if moved != draft:
            self.load(moved, self._origin)
            self.address.set_error("The key in the address was moved to its own field below.")
        elif draft.address:
            self.address.set_error(draft.problems().get("address", ""))

    @Slot()
    def _open_user_page(self) -> None:
        self.open_requested.emit(f"{parse_address(self.address.text).url}/#User")

    @Slot()
    def _sign_in(self) -> None:
        draft = self.draft()
        field = self.mark({name: text for name, text in draft.problems().items() if name != "token"})
        if field is None:
            self.sign_in_requested.emit(draft)
        else:
            field.edit.setFocus()

    @Slot()
    def _ask_login(self) -> None:
        """Ask for what a proxy wants; it becomes an Authorization value."""
        dialog = LoginDialog(parse_address(self.address.text), self, PROXY)

        def take(user: str, password: Secret) -> None:
            self.authorization.edit.setText(basic(user, password.reveal()))
            self.authorization.set_error("")
            self._clear_steps()
            dialog.accept()
            self.authorization.edit.setFocus()

        dialog.entered.connect(take)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot()
    def _name_login(self) -> None:
        """Say whose login it is: the value itself tells nobody."""
        user = basic_user(self.authorization.text)
        self.authorization.set_hint(_LOGIN.format(user=one_line(user)) if user else "")

    # ------------------------------------------------------------------------------------------------------ widgets

    @property
    def _forgets(self) -> tuple[tuple[SecretKind, QCheckBox], ...]:
        return (SecretKind.TOKEN, self.forget_token), (SecretKind.AUTHORIZATION, self.forget_authorization)

    def _lay_out(self) -> None:
        fields = (self.name, self.address, self.certificate, self.token, self.authorization)
        form = grid_of(fields)
        test = QHBoxLayout()
        test.addWidget(self.test)
        test.addWidget(self.testing)
        test.addStretch()
        form.addLayout(test, len(fields), 1)
        form.addLayout(self._steps, len(fields) + 1, 1)
        self.setLayout(form)

    def _connect(self) -> None:
        for field in (self.name, self.address, self.certificate, self.token, self.authorization):
            field.edit.textChanged.connect(self.edited)
        self.get_token.clicked.connect(self._open_user_page)
        self.sign_in.clicked.connect(self._sign_in)
        self.trust.clicked.connect(self._accept)
        self.test.clicked.connect(self._test)
        self.address.edit.textChanged.connect(self._follow_address)
        self.address.edit.editingFinished.connect(self._sort_out)
        self.login.clicked.connect(self._ask_login)
        self.authorization.edit.textChanged.connect(self._name_login)
        for _, box in self._forgets:
            box.toggled.connect(self._warn)
        for field in (self.token, self.authorization):
            field.edit.textChanged.connect(self._warn)
        for field in (self.address, self.certificate, self.token, self.authorization):
            field.edit.textEdited.connect(self._clear_steps)
