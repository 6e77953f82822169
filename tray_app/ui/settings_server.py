"""The page of the settings window that is about servers: name, address, key, and a test that names what fails."""

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from tray_app.core.address import parse_address
from tray_app.core.credentials import token_in
from tray_app.core.exposure import exposure
from tray_app.core.secret import Secret
from tray_app.ui.labels import one_line
from tray_app.ui.settings_draft import ServerDraft
from tray_app.ui.settings_field import Field
from tray_app.ui.settings_steps import Step, StepsGrid

_STORED = "Stored in the keyring; leave empty to keep it"
_LEFT_BEHIND = "The key stored for the old address is removed; enter it again"


class ServerPage(QWidget):
    """Edits a list of `ServerDraft`s, one at a time. `stored` are the origins that have a key in the keyring."""

    test_requested = Signal(object)  # ServerDraft
    open_requested = Signal(str)  # an address for the browser
    steps_shown = Signal()

    def __init__(self, drafts: Sequence[ServerDraft], stored: frozenset[str]) -> None:
        super().__init__()
        self._stored = stored
        self._drafts = list(drafts) or [ServerDraft()]
        self._current = 0
        self._origins = [draft.origin for draft in self._drafts]  # by draft: where its stored key lies
        self._loaded = frozenset(self._origins)
        self.chooser = QComboBox()
        self.chooser.setAccessibleName("Server")
        self.add = QPushButton("A&dd")
        self.add.setAccessibleName("Add a server")
        self.remove = QPushButton("&Remove")
        self.remove.setAccessibleName("Remove this server")
        self.name = Field("&Name", "What the tray calls it; without a name it is called by its address.")
        self.address = Field("&Address", "As in the browser, such as http://127.0.0.1:7801.")
        self.certificate = Field(
            "Certif&icate",
            "Only where the connection test does not trust it: the fingerprint that is shown there, once the server's "
            "owner has confirmed it. No other certificate is accepted then.",
        )
        self.get_token = QPushButton("&Get a token…")
        self.get_token.setAccessibleName("Open the page of SwarmUI that makes tokens")
        self.token = Field(
            "Account &token",
            "Only for a server with user accounts. SwarmUI makes one on its User tab, under Authorization Tokens.",
            secret=True,
            button=self.get_token,
        )
        self.authorization = Field(
            "Aut&horization",
            "Only for a server or proxy that wants the same header from everybody; sent exactly as written.",
            secret=True,
        )
        self.forget = QCheckBox("Remove the stored &key when saving")
        self.test = QPushButton("Test c&onnection")
        self.testing = QLabel()
        self._steps = StepsGrid()
        self._lay_out()
        self._connect()
        self._load()

    # ------------------------------------------------------------------------------------------------------ values

    def drafts(self) -> list[ServerDraft]:
        """All servers as they are edited; entries that are wholly empty are left out."""
        self._keep()
        return [draft for draft in self._drafts if draft != ServerDraft()]

    def abandoned(self) -> frozenset[str]:
        """Origins with a stored key that no server has any more: it was removed here, or its address changed."""
        return (self._stored & self._loaded) - {draft.origin for draft in self._drafts}

    def check(self) -> Field | None:
        """Show what is wrong, on the server it is wrong with; the first field to be corrected, or None."""
        self._keep()
        names: set[str] = set()
        for place, draft in enumerate(self._drafts):
            if draft == ServerDraft() and len(self._drafts) > 1:
                continue
            problems = draft.problems()
            if draft.shown_name in names:
                problems["name"] = f"Two servers are called {draft.shown_name}. Give each a name of its own."
            names.add(draft.shown_name)
            if problems:
                self._show(place)
                return self._mark(problems)
        return None

    def _mark(self, problems: dict[str, str]) -> Field | None:
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

    @Slot(object)
    def show_steps(self, steps: Sequence[Step]) -> None:
        """Show how far the test came, in the order of the steps."""
        self._steps.show(steps, self.palette())
        self.testing.clear()
        self.test.setEnabled(True)
        self.steps_shown.emit()

    @Slot()
    def _clear_steps(self) -> None:
        self._steps.clear()
        self.testing.clear()

    @Slot()
    def _test(self) -> None:
        self._keep()
        draft = self._drafts[self._current]
        field = self._mark(draft.problems())
        if field is not None:
            field.edit.setFocus()
            return
        self._clear_steps()
        self.testing.setText("Testing…")
        self.test.setEnabled(False)
        self.test_requested.emit(draft)

    # ----------------------------------------------------------------------------------------------------- servers

    def _keep(self) -> None:
        """Take what stands in the fields over into the draft."""
        self._drafts[self._current] = ServerDraft(
            name=self.name.text,
            address=self.address.text,
            token=Secret(token_in(self.token.text)),
            authorization=Secret(self.authorization.text),
            forget=self.forget.isChecked() and not self.forget.isHidden(),
            certificate="" if self.certificate.isHidden() else self.certificate.text,
        )

    def _load(self) -> None:
        """Show the current draft."""
        draft = self._drafts[self._current]
        self.chooser.blockSignals(True)
        self.chooser.clear()
        self.chooser.addItems([one_line(each.shown_name) for each in self._drafts])
        self.chooser.setCurrentIndex(self._current)
        self.chooser.blockSignals(False)
        self.remove.setEnabled(len(self._drafts) > 1)
        self.name.edit.setText(draft.name)
        self.address.edit.setText(draft.address)
        self.certificate.edit.setText(draft.certificate)
        self.token.edit.setText(draft.token.reveal())
        self.authorization.edit.setText(draft.authorization.reveal())
        self.forget.setChecked(draft.forget)
        self._mark({})
        self._clear_steps()
        self.test.setEnabled(True)
        self._follow_address()

    def _show(self, place: int) -> None:
        self._current = place
        self._load()

    @Slot(int)
    def _choose(self, place: int) -> None:
        self._keep()
        self._show(place)

    @Slot()
    def _add(self) -> None:
        self._keep()
        self._drafts.append(ServerDraft())
        self._origins.append(None)
        self._show(len(self._drafts) - 1)
        self.name.edit.setFocus()

    @Slot()
    def _remove(self) -> None:
        self._keep()
        del self._drafts[self._current], self._origins[self._current]
        self._show(max(0, self._current - 1))

    @Slot()
    def _follow_address(self) -> None:
        """What depends on the address: a stored key belongs to it, and so does the page that makes tokens."""
        draft = ServerDraft(address=self.address.text)
        stored = draft.origin in self._stored
        left_behind = draft.origin is not None and self._origins[self._current] in self._stored
        note = _STORED if stored else _LEFT_BEHIND if left_behind else ""
        for field in (self.token, self.authorization):
            field.edit.setPlaceholderText(note)
        self.forget.setVisible(stored)
        self._warn()
        for part in (self.certificate, self.certificate.label):
            part.setVisible(draft.encrypted)
        self.get_token.setEnabled(draft.origin is not None)
        self.name.edit.setPlaceholderText(draft.shown_name if draft.origin else "")

    @Slot()
    def _warn(self) -> None:
        """Say at the address what is at stake where a key would go there without encryption."""
        draft = ServerDraft(address=self.address.text)
        keyed = (
            self.token.text or self.authorization.text or (draft.origin in self._stored and not self.forget.isChecked())
        )
        self.address.set_hint(exposure(parse_address(draft.address)) if keyed and draft.origin else "")

    @Slot()
    def _sort_out(self) -> None:
        """A key that was pasted with the address goes where it is hidden."""
        self._keep()
        draft = self._drafts[self._current]
        moved = draft.sorted_out()
        if moved != draft:
            self._drafts[self._current] = moved
            self._load()
            self.address.set_error("The key in the address was moved to its own field below.")
        elif draft.address:
            self.address.set_error(draft.problems().get("address", ""))

    @Slot()
    def _open_user_page(self) -> None:
        self.open_requested.emit(f"{parse_address(self.address.text).url}/#User")

    # ------------------------------------------------------------------------------------------------------ widgets

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.chooser, 1)
        top.addWidget(self.add)
        top.addWidget(self.remove)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setVerticalSpacing(12)
        form.setHorizontalSpacing(12)
        for field in (self.name, self.address, self.certificate, self.token, self.authorization):
            form.addRow(field.label, field)
        form.addRow("", self.forget)
        test = QHBoxLayout()
        test.addWidget(self.test)
        test.addWidget(self.testing)
        test.addStretch()
        form.addRow("", test)
        form.addRow("", self._steps)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(14)
        layout.addLayout(top)
        layout.addLayout(form)
        layout.addStretch()

    def _connect(self) -> None:
        self.chooser.activated.connect(self._choose)
        self.add.clicked.connect(self._add)
        self.remove.clicked.connect(self._remove)
        self.get_token.clicked.connect(self._open_user_page)
        self.test.clicked.connect(self._test)
        self.address.edit.textChanged.connect(self._follow_address)
        self.address.edit.editingFinished.connect(self._sort_out)
        self.forget.toggled.connect(self._warn)
        for field in (self.token, self.authorization):
            field.edit.textChanged.connect(self._warn)
        for field in (self.address, self.certificate, self.token, self.authorization):
            field.edit.textEdited.connect(self._clear_steps)
