"""SwarmUI's four counters, as each session keeps them (src/WebAPI/BasicAPIFeatures.cs:552-570)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


class Counts(NamedTuple):
    """One sight of the counters, in jobs. `waiting_gens` includes the live ones."""

    waiting_gens: int
    loading_models: int
    waiting_backends: int
    live_gens: int

    def as_json(self) -> dict[str, int]:
        """The `status` object of a reply."""
        return self._asdict()


@dataclass(slots=True)
class Counters:
    """The running counters of one session."""

    waiting_gens: int = 0
    loading_models: int = 0
    waiting_backends: int = 0
    live_gens: int = 0

    def sight(self) -> Counts:
        """The values of this moment."""
        return Counts(self.waiting_gens, self.loading_models, self.waiting_backends, self.live_gens)


def total(sights: Iterable[Counts]) -> Counts:
    """The sum over sessions, as GetGlobalStatus and ListConnectedUsers give it."""
    waiting = loading = backends = live = 0
    for each in sights:
        waiting += each.waiting_gens
        loading += each.loading_models
        backends += each.waiting_backends
        live += each.live_gens
    return Counts(waiting, loading, backends, live)
