"""One tray per user and profile: the first start keeps a lock, later ones hand it their verb and end.

The lock alone decides who is first: it belongs to an open file, so the kernel gives it back whichever way the process
ends. The socket beside it only carries verbs. Its owner makes it anew at each start, so one that was left behind does
no harm, and it listens before Qt is loaded, so a verb can wait in it until the tray is up.

Nothing here loads Qt: a second start is over as soon as Python has started.
"""

import os
import socket
import stat
import struct
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from enum import Enum, auto
from pathlib import Path

from tray_app.adapters import private_file
from tray_app.core import verbs
from tray_app.core.verbs import Answer

PATIENCE = 0.5
"""Seconds that a second start spends on handing over its verb, at most."""

_WAITING_STARTS = 64
_SHORT_PATH = 100  # bytes; the kernel takes 107 on Linux and 103 on macOS (sun_path)


class Handed(Enum):
    """What became of the verb of a second start; it ends in any case."""

    TAKEN = auto()
    UNKNOWN = auto()  # the running tray is of another version and does not know the verb
    UNANSWERED = auto()  # the running tray is busy: the verb waits in its queue


class Instance:
    """The right to be the one tray, and what other starts say to it. `problem` says why there is no such right."""

    def __init__(self, folder: Path | None, lock: int = -1, listener: socket.socket | None = None) -> None:
        self._folder = folder
        self._lock = lock
        self._listener = listener
        self.problem = ""

    @property
    def pipe(self) -> str:
        """The name of the pipe on which a tray is spoken to on Windows, which has no such sockets for Python."""
        return _pipe_name(self._folder) if self._folder else ""

    def fileno(self) -> int:
        """What to wait for until somebody can be accepted; -1 where nobody can come."""
        return self._listener.fileno() if self._listener else -1

    def accept(self) -> socket.socket | None:
        """The next connection, never waiting; None if there is none, or if it comes from another user."""
        if self._listener is None:
            return None
        try:
            link, _ = self._listener.accept()
        except OSError:
            return None
        link.settimeout(0)
        if _is_of_this_user(link):
            return link
        link.close()
        return None

    def close(self) -> None:
        """Hear nobody any more, then give the right to whoever starts next. Who still waits is told by the end."""
        if self._listener is not None and self._folder is not None:
            with suppress(OSError):
                _socket_file(self._folder).unlink()
            self._listener.close()
            self._listener = None
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def claim(folders: Iterable[Path | None], verb: str = "show", *, patience: float = PATIENCE) -> Instance | Handed:
    """Become the one tray, or tell the one there is.

    `folders` are owner-only places of the profile, best first; a later one is used where a file cannot be made in the
    earlier. Where it can be made in none, the tray starts all the same, and `problem` says so.
    """
    problem = ""
    for folder in folders:
        if folder is None:
            continue
        try:
            private_file.make_folder(folder)
            lock = _open_lock(folder / "tray.lock")
        except OSError as error:
            problem = f"{problem}{folder}: {error.strerror or error}. "
            continue
        try:
            outcome = _compete(folder, lock, verb, time.monotonic() + patience)
        except OSError as error:  # a file system without locks
            os.close(lock)
            problem = f"{problem}{folder}: {error.strerror or error}. "
            continue
        if isinstance(outcome, Handed):
            os.close(lock)
        return outcome
    alone = Instance(None)
    alone.problem = f"Nothing keeps a second tray from starting. {problem}".strip()
    return alone


def _open_lock(path: Path) -> int:
    # The sticky bit keeps the file from being cleaned up with the runtime folder (XDG Base Directory Specification).
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600 | stat.S_ISVTX)


def _compete(folder: Path, lock: int, verb: str, deadline: float) -> Instance | Handed:
    while not private_file.try_lock(lock):
        handed = _hand_over(folder, verb, deadline - time.monotonic())
        if handed is not None:
            return handed
        if time.monotonic() > deadline:
            return Handed.UNANSWERED
        # The other is just about to listen, or to end: then the lock is free.
        time.sleep(0.01)
    try:
        return Instance(folder, lock, _listen(folder))
    except OSError as error:
        deaf = Instance(folder, lock)
        deaf.problem = f"A second start cannot be heard: {error.strerror or error}."
        return deaf


def _socket_file(folder: Path) -> Path:
    return folder / "tray.sock"


def _address(folder: Path, handle: int) -> str:
    """Where the socket is, in a form that is short enough: a long path goes by way of the open folder."""
    path = _socket_file(folder)
    if sys.platform == "linux" and len(os.fsencode(path)) > _SHORT_PATH:
        return f"/proc/self/fd/{handle}/{path.name}"
    return str(path)


if sys.platform == "win32":

    def _pipe_name(folder: Path) -> str:
        import hashlib

        return "swarmui-tray-" + hashlib.sha256(str(folder).lower().encode()).hexdigest()[:24]

    def _listen(_folder: Path) -> socket.socket | None:
        """The pipe is opened on Qt's loop: a start that finds none yet tries again."""
        return None

    def _hand_over(folder: Path, verb: str, seconds: float) -> Handed | None:  # noqa: ARG001 - writing does not wait
        # A pipe opens like a file. It keeps what was written, so no answer is awaited. Unverified.
        try:
            with open(rf"\\.\pipe\{_pipe_name(folder)}", "r+b", buffering=0) as pipe:  # noqa: PTH123 - no path
                pipe.write(verbs.line(verb))
        except OSError:
            return None
        return Handed.TAKEN

else:

    def _pipe_name(_folder: Path) -> str:
        return ""

    def _hand_over(folder: Path, verb: str, seconds: float) -> Handed | None:
        """Say the verb; None if nobody listens, or if the one who did has ended."""
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(max(0.01, seconds))
            try:
                handle = os.open(folder, os.O_RDONLY)
                try:
                    link.connect(_address(folder, handle))
                finally:
                    os.close(handle)
                if not _is_of_this_user(link):
                    return None
                link.sendall(verbs.line(verb))
                answer = verbs.word(link.recv(verbs.LIMIT))
            except TimeoutError:
                return Handed.UNANSWERED
            except OSError:
                return None
        match answer:
            case None:
                return None
            case Answer.TAKEN:
                return Handed.TAKEN
            case _:
                return Handed.UNKNOWN

    def _listen(folder: Path) -> socket.socket:
        """Listen on a new socket; only who holds the lock may call this."""
        path = _socket_file(folder)
        path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX)
        try:
            handle = os.open(folder, os.O_RDONLY)
            try:
                listener.bind(_address(folder, handle))
            finally:
                os.close(handle)
            # Nobody can connect before `listen`, so the socket is never open to others, whatever the folder is.
            path.chmod(0o600 | stat.S_ISVTX if sys.platform == "linux" else 0o600)
            listener.listen(_WAITING_STARTS)
            listener.settimeout(0)
        # Whatever ended it, also Ctrl-C: the socket is given back.
        except BaseException:
            listener.close()
            raise
        return listener


def _is_of_this_user(link: socket.socket) -> bool:
    """Whether the process at the other end belongs to the user of this one, as the kernel knows it."""
    if sys.platform == "linux":
        _pid, user, _group = struct.unpack("3i", link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        return bool(user == os.getuid())
    elif sys.platform == "darwin":  # noqa: RET505 - a type checker judges one platform at a time
        # LOCAL_PEERCRED (1) of SOL_LOCAL (0) gives a struct xucred: version, user, groups (sys/ucred.h). Unverified.
        _version, user = struct.unpack("2I", link.getsockopt(0, 1, 76)[:8])
        return bool(user == os.getuid())
    else:
        return True  # elsewhere the modes of folder and socket keep others out
