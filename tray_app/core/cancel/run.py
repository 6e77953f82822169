"""Carries a cancel procedure out against a server, up to its next wait. The caller does the waiting."""

from collections.abc import Callable
from typing import assert_never

from tray_app.core.cancel import cancel
from tray_app.core.cancel.asks import (
    Answer,
    Ask,
    Deed,
    Interrupt,
    InterruptAll,
    InterruptUser,
    ReadQueue,
    ReadServer,
    ReadVersion,
    Wait,
)
from tray_app.core.errors import ServerError
from tray_app.core.model import CancelRequest, CancelResult, Reading
from tray_app.core.ports import Server


class CancelRun:
    """A cancel under way. `clock` gives seconds; `seen` is called with every reading that it takes."""

    def __init__(
        self,
        request: CancelRequest,
        name: str,
        server: Server,
        clock: Callable[[], float],
        seen: Callable[[Reading], None] = lambda _reading: None,
    ) -> None:
        self._procedure = cancel(request, name, server.url)
        self._server = server
        self._clock = clock
        self._seen = seen
        self._started = False

    def step(self) -> float | CancelResult:
        """Go on until it wants to wait, and give the seconds to wait; or give the result.

        Raises what `cancel` lets through: UsageError, and a ServerError such as Unreachable.
        """
        try:
            ask = self._procedure.send(Answer(self._clock())) if self._started else next(self._procedure)
            self._started = True
            while not isinstance(ask, Wait):
                ask = self._next(ask)
        except StopIteration as end:
            result: CancelResult = end.value
            return result
        return ask.seconds

    def _next(self, ask: Deed) -> Ask:
        try:
            answer = self._fulfil(ask)
        except ServerError as error:
            return self._procedure.throw(error)
        return self._procedure.send(answer)

    def _fulfil(self, ask: Deed) -> Answer:
        match ask:
            case ReadServer():
                reading = self._server.read(full=True)
                self._seen(reading)
                return Answer(self._clock(), reading)
            case ReadQueue(backend):
                return Answer(self._clock(), self._server.queue(backend))
            case ReadVersion(backend):
                return Answer(self._clock(), self._server.comfy_version(backend))
            case Interrupt(backend, prompt):
                self._server.interrupt(backend, prompt)
            case InterruptAll():
                self._server.interrupt_all()
            case InterruptUser(name):
                self._server.interrupt_user(name)
            case never:
                assert_never(never)
        return Answer(self._clock())
