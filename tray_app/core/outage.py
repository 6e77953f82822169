"""Times without the server: when one is told, so that a server that comes and goes does not tell of it for ever."""

from dataclasses import dataclass

PATIENCE = (10.0, 60.0, 300.0, 900.0)
"""Seconds that an outage lasts before it is told: the first one, and those that follow soon after others."""

CALM = 1800.0
"""Seconds without a told outage after which the next one counts as the first again."""


@dataclass(frozen=True, slots=True)
class Outage:
    """A time without the server. `told` once an event has gone out; `patience` is how many seconds it must last."""

    since: float
    told: bool = False
    patience: float = PATIENCE[0]

    @property
    def due(self) -> float:
        """When it is to be told."""
        return self.since + self.patience


@dataclass(frozen=True, slots=True)
class Flaps:
    """How many outages were told lately, and when the last of them ended."""

    told: int = 0
    ended: float = 0.0

    def begin(self, now: float) -> Outage:
        """An outage that begins now."""
        lately = self.told if now - self.ended <= CALM else 0
        return Outage(now, patience=PATIENCE[min(lately, len(PATIENCE) - 1)])

    def end(self, now: float) -> "Flaps":
        """After an outage that was told has ended."""
        return Flaps((self.told if now - self.ended <= CALM else 0) + 1, now)
