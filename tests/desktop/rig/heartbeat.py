"""How promptly a tray answers, as a panel feels it: the longest wait for a property, asked all the time."""

import threading
import time
from types import TracebackType
from typing import Self

from tests.desktop.rig.bus import Bus
from tests.desktop.rig.tray_item import TrayItem


class Heartbeat:
    """Asks an item on a connection of its own, every 5 ms, as long as it is entered; `worst` is in milliseconds.

    Qt answers on the program's main thread, so the wait is that thread's longest absence.
    """

    def __init__(self, bus: Bus, item: TrayItem) -> None:
        self._item = TrayItem(bus.connect(), item.service, item.path)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        self.worst = 0.0
        self.beats = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, at: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(15)
        assert self.beats, "it never answered"

    def _beat(self) -> None:
        while not self._over.is_set():
            started = time.monotonic()
            self._item.get("Status")
            self.worst = max(self.worst, (time.monotonic() - started) * 1000)
            self.beats += 1
            self._over.wait(0.005)
