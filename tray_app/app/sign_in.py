"""Signing in once from a window: a user name and a password become an account token, and the password is forgotten."""

import platform
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, SignalInstance, Slot

from tray_app.app.background import in_background
from tray_app.core.credentials import login_value
from tray_app.core.errors import ServerError, UsageError
from tray_app.core.secret import Secret
from tray_app.ui.login_dialog import LoginDialog

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from tray_app.adapters.logs import Redactor
    from tray_app.ui.bridge import Bridge
    from tray_app.ui.settings_draft import ServerDraft


class SignIn(QObject):
    """A dialog over `window` for the server of a draft; `done` gets the token. It ends when the window has `closed`."""

    def __init__(  # noqa: PLR0913 - each is needed once
        self,
        draft: "ServerDraft",
        window: "QWidget",
        closed: SignalInstance,
        done: Callable[[Secret], None],
        *,
        bridge: "Bridge",
        redactor: "Redactor",
        seconds: float,
    ) -> None:
        super().__init__(window)
        self._draft = draft
        self._done = done
        self._bridge = bridge
        self._redactor = redactor
        self._seconds = seconds
        self.dialog = LoginDialog(draft.settings().target, window)
        self.dialog.entered.connect(self._sign_in)
        self._over = False
        self.dialog.finished.connect(self._close)
        closed.connect(self.dialog.reject)
        self.dialog.open()

    @Slot(str, object)
    def _sign_in(self, user: str, password: Secret) -> None:
        in_background(self._bridge, "sign in", lambda: self._make(user, password), self._answer)

    @Slot()
    def _close(self) -> None:
        self._over = True
        self.dialog.deleteLater()

    def _make(self, user: str, password: Secret) -> Secret | str:
        """The token, or why there is none."""
        from tray_app.adapters.swarm.sign_in import make_token

        self._redactor.add(password.reveal(), login_value(user, password.reveal()))
        address, header = self._draft.settings().target, self._draft.authorization.reveal()
        try:
            token = make_token(address, header, user, password, name=token_name(), seconds=self._seconds)
        except (ServerError, UsageError) as error:
            return str(error)
        self._redactor.add(token.reveal())
        return token

    def _answer(self, answer: Secret | str) -> None:
        if self._over:
            return  # it was closed meanwhile: its user wants no token any more
        if isinstance(answer, str):
            self.dialog.show_problem(answer)
            return
        self.dialog.accept()
        self._done(answer)


def token_name() -> str:
    """What the token is called in SwarmUI's list: which computer it is on."""
    host = "".join(each for each in platform.node() if each.isprintable())[:100]
    return f"SwarmUI Tray on {host or 'a computer'}"
