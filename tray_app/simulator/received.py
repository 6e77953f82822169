"""What reached the server, for tests to look at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(eq=False)
class ReceivedRequest:
    """One request, in the order of arrival. `body` is parsed JSON, text if it is none, or None if there was none.

    `status` is None until it is answered; `waits` tells that only the server's clock can bring its answer nearer.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: Any
    time: float
    status: int | None = None
    waits: bool = False
    length: int = 0
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def route(self) -> str:
        """The last part of the path: "GetNewSession" of /API/GetNewSession."""
        return self.path.rsplit("/", 1)[-1]
