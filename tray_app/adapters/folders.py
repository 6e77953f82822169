"""Where this program keeps its files on this platform, per profile."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tray_app.core.errors import UsageError

APP = "swarmui-tray"


class Folders(NamedTuple):
    """The folders of one profile; none need exist yet. `runtime` is None where the system offers no private one."""

    config: Path
    state: Path
    runtime: Path | None

    @property
    def settings_file(self) -> Path:
        """The settings, unless `--config` names another file."""
        return self.config / "settings.toml"

    @property
    def state_file(self) -> Path:
        """What the program remembers by itself."""
        return self.state / "state.json"

    @property
    def runtime_sessions(self) -> Path | None:
        """Session ids that must not outlive the login; None where they stay in this process."""
        return self.runtime / "sessions.json" if self.runtime else None

    @property
    def activity_log(self) -> Path:
        """What happened and what was cancelled."""
        return self.state / "activity.jsonl"

    @property
    def debug_log(self) -> Path:
        """What the program did, for finding faults."""
        return self.state / "debug.log"


def folders(profile: str | None = None) -> Folders:
    """The folders of a profile, or of the normal one. Raises UsageError for a name that could leave its folder."""
    import platformdirs

    inside = _inside(profile)
    runtime = _runtime_folder()
    return Folders(
        config=platformdirs.user_config_path(APP, appauthor=False) / inside,
        state=platformdirs.user_state_path(APP, appauthor=False) / inside,
        runtime=runtime / APP / inside if runtime else None,
    )


def instance_folders(profile: str | None = None) -> Iterator[Path]:
    """Where the one tray of a profile keeps its lock, best place first. Raises UsageError as `folders` does.

    The second place is only worked out where the first is of no use: that takes another 10 ms of the start.
    """
    inside = _inside(profile)
    runtime = _runtime_folder()
    if runtime is not None:
        yield runtime / APP / inside
    yield folders(profile).state


def _inside(profile: str | None) -> Path:
    """The part of all paths that keeps profiles apart."""
    if profile is not None:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", profile):
            raise UsageError(
                f"“{profile}” cannot be the name of a profile.",
                "Use letters, digits, dots, dashes and underscores, and begin with a letter or digit.",
            )
        return Path("profiles", profile)
    return Path()


def _runtime_folder() -> Path | None:
    """The user's runtime folder, where the system made one: no folder below a shared /tmp will do for a secret."""
    from tray_app.adapters.private_file import is_private_folder

    named = os.environ.get("XDG_RUNTIME_DIR", "")
    return Path(named) if named and is_private_folder(Path(named)) else None
