"""Work that may wait, done off the main thread, its result brought back to it."""

import threading
from collections.abc import Callable
from typing import TypeVar

from tray_app.ui.bridge import Bridge

T = TypeVar("T")


def in_background(bridge: Bridge, name: str, work: Callable[[], T], done: Callable[[T], None]) -> None:
    """Call `work` in a thread of its own and `done` with what it returns on the main thread.

    `work` must turn its expected errors into its result; others end in the debug log through threading.excepthook.
    """

    def run() -> None:
        result = work()
        bridge.answer(lambda: done(result))

    threading.Thread(target=run, name=name, daemon=True).start()
