"""Tells when one small file has changed, whoever changed it: written in place, or replaced by another of its name.

Editors and this program replace the file, which ends a watch on the file itself; so its folder is watched too. While
nothing happens there, nothing here wakes up.
"""

from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal, Slot

QUIET_MS = 250
"""How long nothing must have happened before a change counts as complete: saving takes several steps."""

_Mark = tuple[int, int, int]


class FileWatch(QObject):
    """`changed` is emitted once for a change of the file's content; a file that is gone has not changed."""

    changed = Signal()

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._mark = self._look()
        self._watcher = QFileSystemWatcher(self)
        self._watcher.fileChanged.connect(self._touched)
        self._watcher.directoryChanged.connect(self._touched)
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.setInterval(QUIET_MS)
        self._quiet.timeout.connect(self._settle)
        self._follow()

    @Slot()
    def _touched(self) -> None:
        self._quiet.start()

    @Slot()
    def _settle(self) -> None:
        self._follow()
        mark = self._look()
        if mark is not None and mark != self._mark:
            self._mark = mark
            self.changed.emit()

    def _follow(self) -> None:
        """Watch the file and its folder, or where they are not there yet, the nearest folder that is."""
        wanted = {str(_nearest_folder(self._path))}
        if self._path.exists():
            wanted |= {str(self._path), str(self._path.resolve().parent)}  # it may be a link to a file kept elsewhere
        watched = {*self._watcher.files(), *self._watcher.directories()}
        if gone := sorted(watched - wanted):
            self._watcher.removePaths(gone)
        if new := sorted(wanted - watched):
            self._watcher.addPaths(new)

    def _look(self) -> _Mark | None:
        """What tells one content of the file from another; None where there is no file."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino


def _nearest_folder(path: Path) -> Path:
    return next(each for each in path.absolute().parents if each.is_dir())
