"""What the outside must offer. Adapters implement these; the watcher, the command line and tests rely on no more."""

from contextlib import AbstractContextManager
from typing import Protocol

from tray_app.core.credentials import StoredSession
from tray_app.core.model import ComfyQueue, LogTail, Output, Reading, Rights

CLOCK_GAP = 5.0
"""Seconds by which a wait may overrun before the machine counts as having slept, on both sides of a port."""


class Server(Protocol):
    """A SwarmUI, spoken to by one thread at a time. Every method may raise a `tray_app.core.errors.ServerError`.

    `deadline` of an implementation bounds each call from start to last byte.
    """

    @property
    def url(self) -> str:
        """The address people know it by, without credentials and without a trailing slash."""
        ...

    @property
    def rights(self) -> Rights:
        """What is known so far of this key on this server; no request is made for it."""
        ...

    def read(self, *, full: bool) -> Reading:
        """Ask for the state: counters always, users and backends when `full` or when the counters call for them.

        Never raises for a missing permission or route: the part is None and `Rights` remembers why.
        """
        ...

    def queue(self, backend_id: int) -> ComfyQueue:
        """Read the queue of one ComfyUI backend (GET /ComfyBackendDirect/queue). May be large: on a click only."""
        ...

    def comfy_version(self, backend_id: int) -> tuple[int, ...] | None:
        """ComfyUI's version, such as (0, 3, 64); None when it does not say."""
        ...

    def interrupt(self, backend_id: int, prompt_id: str) -> None:
        """Ask ComfyUI to stop exactly this prompt; answers success whether or not it ran."""
        ...

    def interrupt_all(self) -> None:
        """Ask SwarmUI to stop everything of the key's own user (InterruptAll with other_sessions true)."""
        ...

    def interrupt_user(self, name: str) -> None:
        """Ask SwarmUI to stop everything of a named user (AdminInterruptUser). Needs interrupt_others."""
        ...

    def log_position(self) -> int:
        """The newest sequence number of the log, by an answer that is as small as possible. Needs view_logs."""
        ...

    def log_after(self, sequence: int) -> LogTail:
        """The Warning and Error lines after that number: 0.9.8.2 writes failures as the one, 0.9.7.0 as the other."""
        ...

    def newest_outputs(self) -> tuple[Output, ...]:
        """The newest folder's files, newest first; needs view_image_history. Walks the disk: after a finish only."""
        ...

    def picture(self, output: Output) -> bytes:
        """A small picture of that output (`?preview=true`), at most 2 MiB."""
        ...

    def close(self) -> None:
        """Give the connection back; the session stays valid and is kept. The next call makes a new connection."""
        ...


class SessionStore(Protocol):
    """Where the session of one server and key is kept between two starts. No method raises: a lost one is remade."""

    def load(self) -> StoredSession | None:
        """The session kept, or None."""
        ...

    def save(self, session: StoredSession) -> None:
        """Keep this one in place of any other."""
        ...

    def forget(self) -> None:
        """Keep none."""
        ...

    def alone(self) -> AbstractContextManager[None]:
        """Held while a session is asked for: whoever else wants one for the same server waits, as far as it can be told
        here, and finds it kept afterwards.
        """
        ...
