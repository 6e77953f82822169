"""What is asked to be cancelled, on which server, and the question that may have to be answered first."""

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from tray_app.core.model import CancelRequest, Jobs
from tray_app.core.offers import confirmation
from tray_app.core.view import Question

if TYPE_CHECKING:
    from tray_app.app.servers import WatchedServer
    from tray_app.core.settings import Settings
    from tray_app.ui.question import QuestionBox
    from tray_app.watcher import Update


class Cancels(QObject):
    """Made and used on the main thread. A question is about the server that it was put for, whatever comes between."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.question: QuestionBox | None = None
        self._asked: WatchedServer | None = None

    def everything(self, server: "WatchedServer", settings: "Settings") -> None:
        """Cancel all of one's own work there, after a question where the user wants one."""
        question = confirmation(server.state, settings.confirm_cancel_after_minutes, time.time())
        if question is None:
            server.watcher.submit(CancelRequest(everything=True))
        else:
            self._put(question, server)

    def updated(self, server: "WatchedServer", update: "Update") -> None:
        """Put the question that a cancel has led to, or take one back that nothing is left to be asked about."""
        result = update.result
        if result is not None and result.choices:
            self._put(Question(f"Cancel on {server.target.name}", result.message, result.choices), server)
        elif server is self._asked and _nothing_left(update.state.status.jobs):
            self._withdraw()

    def gone(self, server: "WatchedServer") -> None:
        """The server is no longer watched: an answer could not reach it any more."""
        if server is self._asked:
            self._withdraw()
            self._asked = None

    def _withdraw(self) -> None:
        if self.question is not None:
            self.question.withdraw()

    def _put(self, question: Question, server: "WatchedServer") -> None:
        if self.question is None:
            from tray_app.ui.question import QuestionBox

            self.question = QuestionBox(self)
            self.question.chosen.connect(self._submit_chosen)
        self.question.ask(question)
        self._asked = server

    @Slot(object)
    def _submit_chosen(self, request: CancelRequest) -> None:
        if self._asked is not None:
            self._asked.watcher.submit(request)


def _nothing_left(jobs: Jobs) -> bool:
    return jobs.total == 0 and not jobs.loading
