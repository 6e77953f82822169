"""What is read beside the polls, where the key allows it: the log for failures, the outputs for what is new.

None of it is needed to know the state, so a failure of it is noted in the debug log and passed over.
"""

import logging
from dataclasses import replace

from tray_app.core.errors import ServerError
from tray_app.core.events import Event, EventKind
from tray_app.core.model import LogTail, Output
from tray_app.core.ports import Server
from tray_app.core.truth import READ_LOG, SEE_HISTORY

log = logging.getLogger(__name__)


class Sights:
    """Remembers how far the log was read and which outputs were there, to tell what is new from what is old."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._outputs: frozenset[str] | None = None
        self._log_position: int | None = None

    def take_baseline(self, server: Server) -> None:
        """Note what is there before work ends."""
        listed = self._list(server)
        self._outputs = None if listed is None else frozenset(each.path for each in listed)
        self._log_position = None
        if not _may(server, READ_LOG):
            return
        try:
            self._log_position = server.log_position()
        except ServerError as error:
            log.info("the end of the log of %s is not known: %s", self.name, error)

    def new_log_lines(self, server: Server) -> LogTail | None:
        """The log since the last look; None where it cannot be read or where no look came before."""
        if self._log_position is None or not _may(server, READ_LOG):
            return None
        try:
            tail = server.log_after(self._log_position)
        except ServerError as error:
            log.info("the log of %s cannot be read: %s", self.name, error)
            return None
        self._log_position = tail.last_sequence
        return tail

    def new_outputs(self, server: Server) -> tuple[Output | None, int]:
        """The newest output since the last look, and how many are new; (None, 0) at the first look."""
        listed = self._list(server)
        if listed is None:
            return None, 0
        known, self._outputs = self._outputs, frozenset(each.path for each in listed)
        new = [] if known is None else [each for each in listed if each.path not in known]
        return (new[0], len(new)) if new else (None, 0)

    def with_picture(self, server: Server, event: Event) -> Event:
        """An event about work with its newest picture, where there is a new one."""
        output = event.output
        if event.kind is EventKind.FINISHED:
            output, _ = self.new_outputs(server) if self._outputs is not None else (None, 0)
        if output is None:
            return event
        try:
            return replace(event, output=output, picture=server.picture(output))
        except ServerError as error:
            log.info("the newest picture of %s cannot be had: %s", self.name, error)
            return replace(event, output=output)

    def _list(self, server: Server) -> tuple[Output, ...] | None:
        if not _may(server, SEE_HISTORY):
            return None
        try:
            return server.newest_outputs()
        except ServerError as error:
            log.info("the outputs of %s cannot be listed: %s", self.name, error)
            return None


def _may(server: Server, permission: str) -> bool:
    return server.rights.identity is not None and server.rights.may(permission)
