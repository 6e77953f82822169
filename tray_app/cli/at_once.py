"""Several servers at the same time: each in a thread of its own, all within one deadline.

The threads do not keep the process alive: neither Ctrl-C nor the deadline waits for a server that hangs.
"""

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

from tray_app.cli.waiting import next_of
from tray_app.core.errors import TimedOut
from tray_app.core.truth import unreadable

if TYPE_CHECKING:
    from tray_app.cli.context import Context, Target
    from tray_app.core.model import ServerStatus

Told = TypeVar("Told")


class Threads(Generic[Told]):
    """Runs `work` for each target; what it tells, as often as it likes, comes out of `told` with the target's position.

    An error ends the work on its target, and is raised by `told`. Where a keyring holds keys of several of them, it is
    asked once, and the deadline begins when it has answered: its user may have to type a password.
    """

    def __init__(
        self,
        context: "Context",
        targets: "Sequence[Target]",
        work: "Callable[[Target, Callable[[Told], None]], None]",
    ) -> None:
        self._work = work
        self._found: queue.SimpleQueue[tuple[int, Told | Exception]] = queue.SimpleQueue()
        keyed = len(targets) > 1 and any(context.state_file.has_key(each.address.origin) for each in targets)
        keys = context.stored_keys if keyed and not context.options.demo else None
        for position, target in enumerate(targets):
            threading.Thread(target=self._run, args=(position, target), daemon=True).start()
        if keys is not None:
            keys.wait()
        self.started = time.monotonic()

    def told(self, seconds: float | None = None) -> Iterator[tuple[int, Told]]:
        """Position and word, as they come; ends that many seconds after the start, or never."""
        while True:
            left = None if seconds is None else self.started + seconds - time.monotonic()
            if left is not None and left <= 0:
                return
            try:
                position, word = next_of(self._found, left)
            except queue.Empty:
                return
            if isinstance(word, Exception):
                raise word
            yield position, word

    def _run(self, position: int, target: "Target") -> None:
        try:
            self._work(target, lambda word: self._found.put((position, word)))
        # Whatever it is, it is raised again where somebody listens.
        except Exception as error:
            self._found.put((position, error))


def too_late(target: "Target", seconds: float) -> "ServerStatus":
    """The status of a server that has told nothing within the deadline."""
    error = TimedOut(
        f"{target.address.display} did not answer within {seconds:g} s.",
        "It may be starting, busy, or behind a firewall; give it longer with --request-timeout.",
    )
    return unreadable(target.name, target.address.url, error)
