"""Files that only their owner may read, shared by several processes: replaced at once or appended to, never half.

Owner-only means mode 0600 in a folder of mode 0700. On Windows the user's own folders have that by themselves.
"""

import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

LOCK_SECONDS = 5.0
"""How long another process may hold a file's lock before the write fails with TimeoutError."""


def make_folder(folder: Path) -> None:
    """Make the folder with its parents; what is made here is owner-only, what exists stays as it is."""
    missing = [folder, *folder.parents]
    for each in reversed(missing):
        if not each.exists():
            each.mkdir(mode=0o700, exist_ok=True)


def is_private_folder(folder: Path) -> bool:
    """Whether the folder is real (no link), ours, and closed to everybody else."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    if not folder.is_dir() or folder.is_symlink():
        return False
    return sys.platform == "win32" or (found.st_uid == os.getuid() and not found.st_mode & 0o077)


def replace(path: Path, content: bytes, *, keep_mode: bool = False) -> None:
    """Write the file so that everybody sees the old content or the new one, also after a power cut.

    A link is followed, so that a file kept elsewhere stays there. The file is owner-only afterwards, unless
    `keep_mode` leaves an existing one as open as its user made it. Raises OSError.
    """
    target = path.resolve()
    make_folder(target.parent)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)  # mode 0600
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if keep_mode and target.exists() and sys.platform != "win32":
            temporary.chmod(target.stat().st_mode & 0o777)
        temporary.replace(target)
    # Whatever ended it, also Ctrl-C: nothing half-written stays behind.
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock that goes with `path` against other processes and threads, by a file beside it.

    Raises OSError where no such file can be made, TimeoutError after `LOCK_SECONDS`.
    """
    make_folder(path.parent)
    handle = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _acquire(handle, path)
        yield
    finally:
        os.close(handle)  # gives the lock back


def _acquire(handle: int, path: Path) -> None:
    deadline = time.monotonic() + LOCK_SECONDS
    while not try_lock(handle):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{path} is held by another process")
        time.sleep(0.01)


if sys.platform == "win32":
    import msvcrt

    def try_lock(handle: int) -> bool:
        """Take the lock of an open file unless somebody has it; it ends with the file or the process."""
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def try_lock(handle: int) -> bool:
        """Take the lock of an open file unless somebody has it; it ends with the file or the process."""
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def append(path: Path, text: str, *, limit: int) -> None:
    """Add whole lines to a file of at most `limit` bytes; a full file becomes `<name>.1`, the one before goes.

    Several processes may do so at once: no line is lost or mixed with another. Raises OSError.
    """
    data = (text.rstrip("\n") + "\n").encode("utf-8", "backslashreplace")
    with locked(path):
        # A process that died in the middle of a line must not spoil the next one.
        tail = _last_byte(path)
        if tail not in (b"", b"\n"):
            data = b"\n" + data
        if tail and path.stat().st_size + len(data) > limit:
            path.replace(path.with_name(path.name + ".1"))
        handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(handle, "ab") as file:
            file.write(data)


def _last_byte(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            if file.seek(0, os.SEEK_END) == 0:
                return b""
            file.seek(-1, os.SEEK_END)
            return file.read(1)
    except FileNotFoundError:
        return b""
