"""The states of a server: a module of its own, so that the icon can be shown before the rest is loaded."""

from enum import StrEnum


class State(StrEnum):
    """The state of a server, by the order of precedence in which it is decided."""

    UNREACHABLE = "unreachable"
    INCOMPATIBLE = "incompatible"
    KEY_REFUSED = "key_refused"
    CANCELLING = "cancelling"
    GENERATING = "generating"
    LOADING = "loading"
    BACKEND_PROBLEM = "backend_problem"
    UNKNOWN = "unknown"
    IDLE = "idle"

    @property
    def connected(self) -> bool:
        """Whether a SwarmUI answered and accepted us."""
        return self not in {State.UNREACHABLE, State.INCOMPATIBLE, State.KEY_REFUSED}

    @property
    def working(self) -> bool:
        """Whether work is known to run or to be just ending."""
        return self in {State.CANCELLING, State.GENERATING, State.LOADING}
