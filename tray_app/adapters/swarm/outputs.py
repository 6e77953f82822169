"""Finding what was saved last, by walking down SwarmUI's output folders instead of listing them all."""

from collections.abc import Callable
from urllib.parse import quote

from tray_app.core.model import Identity, Output

_DEEPEST = 5
_NOT_MADE_HERE = ("Starred", "inputs", "_comfy")  # beside the outputs in the root (src/WebAPI/T2IAPI.cs:710-716)

Listing = Callable[[str], tuple[tuple[str, ...], tuple[str, ...]]]


def newest_files(listing: Listing, identity: Identity) -> tuple[Output, ...]:
    """The files of the newest folder, newest first. `listing` gives the folders and files of one path.

    By default files lie in raw/<date>/ and begin with the time (src/Core/Settings.cs:399), so the greatest name is the
    newest. Root and all its folders in one request would cost the server seconds.
    """
    path = "raw"
    folders, files = listing(path)
    if not folders and not files:  # the user chose another layout
        path = ""
        folders, files = listing(path)
    found = path, files
    for _level in range(_DEEPEST):
        made = [each for each in folders if not each.startswith(_NOT_MADE_HERE)]
        if not made:
            break
        path = _join(path, max(made))
        folders, files = listing(path)
        if files:
            found = path, files
    path, files = found
    return tuple(_output(_join(path, name), identity) for name in files)


def _join(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name


def _output(path: str, identity: Identity) -> Output:
    """The URL as SwarmUI's own page builds it (outputhistory.js:43-54, src/Accounts/Session.cs:274)."""
    prefix = f"View/{quote(identity.user, safe='')}" if identity.output_append_user else "Output"
    return Output(path, f"{prefix}/{quote(path)}")
