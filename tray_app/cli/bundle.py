"""The diagnostics bundle: one owner-only zip file for a report of a fault, with nothing secret in it."""

import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tray_app.adapters import private_file
from tray_app.core.errors import UsageError
from tray_app.core.options import OPTIONS
from tray_app.core.settings import value_of

if TYPE_CHECKING:
    from tray_app.cli.context import Context

LOG_BYTES = 256 * 1024
"""How much of the end of the debug log goes in."""

_NAMED_SECRETS = re.compile(
    r"(?i)((?:session_id|swarm_token|authorization|token|password|cookie)[\"']?\s*[:=]\s*[\"']?)([^\"'\s,;}]+)"
    r"( [^\"',;}\n]+)?"
)


def write_bundle(context: "Context", report: dict[str, Any], name: str) -> None:
    """Write the report, the settings in force and the end of the debug log. Raises UsageError."""
    clean = cleaner(context.redactor)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doctor.json", clean(json.dumps(report, indent=1, ensure_ascii=False)))
        archive.writestr("settings.json", clean(json.dumps(_settings(context), indent=1, ensure_ascii=False)))
        archive.writestr("debug.log", clean(_end_of(context.folders.debug_log)))
    try:
        private_file.replace(Path(name), packed.getvalue())
    except OSError as error:
        raise UsageError(
            f"The bundle {name} could not be written: {error.strerror or error}.", "Name a file elsewhere."
        ) from error


def cleaner(redact: Callable[[str], str]) -> Callable[[str], str]:
    """Takes out known secrets, what stands where secrets usually stand, and the name of the home folder."""
    home = str(Path.home())

    def clean(text: str) -> str:
        text = _NAMED_SECRETS.sub(r"\1***", redact(text))
        return text.replace(home, "~") if len(home) > 1 else text

    return clean


def _settings(context: "Context") -> dict[str, Any]:
    settings = context.settings
    return {
        "schema": settings.schema,
        "servers": [
            {"name": each.name, "address": each.target.url, "certificate": each.certificate or None}
            for each in settings.servers
        ],
        **{each.path: value_of(settings, each.path) for each in OPTIONS},
    }


def _end_of(log: Path) -> str:
    try:
        with log.open("rb") as file:
            size = file.seek(0, io.SEEK_END)
            file.seek(max(0, size - LOG_BYTES))
            return file.read().decode("utf-8", "replace")
    except OSError as error:
        return f"{log} cannot be read: {error.strerror or error}\n"
