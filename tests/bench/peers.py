"""What other trays cost, as multiples of the same smallest PySide6 tray, which was measured beside them.

They were measured once, on another day than the rest of the table: idle, without accounts or servers to talk to (only
buildnotify had one), PSS after 60 s of all their processes, start from `exec` to the registered icon. Figures of
different runs compare as ratios only: the speed of the day is in both of their parts.
"""

from typing import NamedTuple


class Peer(NamedTuple):
    """A program with its version, the ratios of its start and its PSS to the bare tray's, and wake-ups per second."""

    name: str
    start: float
    pss: float
    wakeups: str


_BARE_START_MS, _BARE_PSS_MB = 406, 41.2

PEERS = tuple(
    Peer(name, start / _BARE_START_MS, pss / _BARE_PSS_MB, wakeups)
    for name, start, pss, wakeups in (
        ("qBittorrent 4.5.2 (C++)", 110, 72.0, "6.0"),
        ("Syncthing Tray 1.3.2 (C++)", 298, 93.2, "0.23"),
        ("Vorta 0.11.6 (PyQt6)", 871, 99.4, "0.05"),
        ("Maestral 1.9.8 (PyQt6, two processes)", 1510, 142, "not measurable"),
        ("BuildNotify 3.0.0 (PySide6, 100 projects)", 2916, 98.7, "5.9"),
    )
)
