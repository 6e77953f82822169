"""A server as a command sees it: opened with its key, read, and each reading turned into a status."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tray_app.core.errors import SecretsError, ServerError, TimedOut
from tray_app.core.model import Problem, ServerStatus, State
from tray_app.core.truth import assess, comfy_quiet, unreadable

if TYPE_CHECKING:
    from tray_app.cli.context import Context, Target
    from tray_app.core.exchange import Exchange
    from tray_app.core.ports import Server

MISSES = 3
"""Answers that may fail to come in time, one after the other, before a server that was there counts as lost."""


@contextmanager
def opened(context: "Context", target: "Target", *, at_most: float | None = None) -> Iterator["Server"]:
    """The server, closed again at the end; `at_most` shortens the seconds that one request may take.

    Raises SecretsError or UsageError where its key cannot be had.
    """
    from tray_app.adapters.swarm.gateway import SwarmServer
    from tray_app.adapters.swarm.session_stores import ToldSessions
    from tray_app.cli.credentials import for_target

    credentials, sessions = for_target(context, target)

    def show(exchange: "Exchange") -> None:
        context.output.message(context.redactor(told(exchange)))

    server = SwarmServer(
        target.address,
        credentials=credentials,
        sessions=ToldSessions(sessions, context.redactor.add),
        deadline=min(context.request_timeout, at_most or context.request_timeout),
        on_exchange=show if context.options.verbose else None,
    )
    try:
        yield server
    finally:
        server.close()


def told(exchange: "Exchange") -> str:
    """One exchange as `-v` shows it."""
    came = f"{exchange.status}" if exchange.status is not None else "no answer"
    took = f"{exchange.ms:.0f} ms" if math.isfinite(exchange.ms) else "?"
    text = f"{exchange.method} {exchange.path}"
    if exchange.request:
        text += f" {exchange.request}"
    text += f" -> {came} in {took}"
    return f"{text}: {exchange.answer}" if exchange.answer else text


class Onlooker:
    """Looks at one server again and again; remembers what a single reading cannot tell."""

    def __init__(self, server: "Server", name: str) -> None:
        self._server = server
        self._name = name
        self._quiet = False
        self._misses = 0
        self._last: ServerStatus | None = None

    @property
    def late(self) -> bool:
        """Whether the last look met no answer in time, so that its status is an older one."""
        return self._misses > 0

    def look(self) -> ServerStatus:
        """The status now. An answer that is late now and then leaves the last status in force."""
        try:
            # A full reading also tries a refused key again, and each refusal is written to the server's log.
            refused = self._last is not None and self._last.state is State.KEY_REFUSED
            reading = self._server.read(full=not refused)
        except TimedOut as error:
            self._misses += 1
            if self._last is not None and self._last.state.connected and self._misses < MISSES:
                return self._last
            return self._seen(unreadable(self._name, self._server.url, error))
        except ServerError as error:
            return self._seen(unreadable(self._name, self._server.url, error))
        status = assess(self._name, self._server.url, reading, quiet_before=self._quiet)
        self._quiet = comfy_quiet(reading)
        self._misses = 0
        return self._seen(status)

    def look_twice(self, pause: float) -> ServerStatus:
        """The status now, where one reading of ComfyUI's queues is not enough after a second one."""
        status = self.look()
        if status.state is State.UNKNOWN and self._quiet:
            import time

            time.sleep(pause)
            status = self.look()
        return status

    def _seen(self, status: ServerStatus) -> ServerStatus:
        self._last = status
        return status


def without_key(target: "Target", error: SecretsError) -> ServerStatus:
    """The status of a server whose stored key cannot be had: it was not asked."""
    problem = Problem(error.code, error.title, error.advice)
    return ServerStatus(target.name, target.address.url, State.KEY_REFUSED, problem=problem)
