"""One HTTP exchange as `-v` shows it: without secrets, and short."""

import re
from dataclasses import dataclass

_SECRETS = re.compile(r'("(?:session_id|token|tokenId|password|swarm_token)"\s*:\s*")[^"]*')
_LONGEST_SHOWN = 2000


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call: `path` within the server's address, `status` None where no answer came, `ms` from start to end."""

    method: str
    path: str
    status: int | None
    ms: float
    request: str
    answer: str


def shown(body: bytes) -> str:
    """A body fit to be shown: secrets masked, long ones cut, bytes that are no text replaced."""
    text = _SECRETS.sub(r"\1***", body[: 4 * _LONGEST_SHOWN].decode("utf-8", "replace"))
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"
