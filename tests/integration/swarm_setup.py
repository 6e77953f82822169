"""A gateway to any server, with a store for its session that tests can look into."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from tray_app.adapters.swarm.gateway import SwarmServer
from tray_app.core.address import parse_address
from tray_app.core.credentials import Credentials, StoredSession


class KeptInMemory:
    """A place for one session."""

    def __init__(self, session: StoredSession | None = None) -> None:
        self.session = session

    def load(self) -> StoredSession | None:
        """What was saved last."""
        return self.session

    def save(self, session: StoredSession) -> None:
        """Keep it."""
        self.session = session

    def forget(self) -> None:
        """Keep none."""
        self.session = None

    def alone(self) -> AbstractContextManager[None]:
        """There is one user of it."""
        return nullcontext()


@contextmanager
def gateway(
    url: str, *, token: str = "", authorization: str = "", store: KeptInMemory | None = None, deadline: float = 5.0
) -> Iterator[SwarmServer]:
    """A gateway, closed at the end."""
    server = SwarmServer(
        parse_address(url),
        credentials=Credentials(token=token, authorization=authorization),
        sessions=store or KeptInMemory(),
        deadline=deadline,
    )
    try:
        yield server
    finally:
        server.close()
