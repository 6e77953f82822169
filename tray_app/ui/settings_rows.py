"""The servers of the settings window while they are edited, and how they follow a settings file that changes then."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from tray_app.core.settings import ServerSettings
from tray_app.ui.settings_draft import ServerDraft

EMPTY = ServerDraft()
_CHANGED = "“{name}” was changed there too; what you have entered here stays."
_KEPT = "“{name}” was removed there; you have changed it here, so saving adds it again."
_GONE = "“{name}” was removed there."
_BACK = "“{name}” was changed there after you had removed it, so it is listed again."


@dataclass(slots=True, eq=False)
class Row:
    """A server as it is edited. `stored` is what it was edited from, or None for one that was added here."""

    draft: ServerDraft = EMPTY
    stored: ServerSettings | None = None
    problems: dict[str, str] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether nothing is entered."""
        return self.draft == EMPTY

    @property
    def origin(self) -> str | None:
        """Where its stored key lies, if it has one."""
        return draft_of(self.stored).origin if self.stored is not None else None


@dataclass(frozen=True, slots=True)
class Followed:
    """The rows after the file has changed, which stored servers are removed here, and what its user has to be told."""

    rows: list[Row]
    removed: list[ServerSettings]
    told: list[str]


def draft_of(server: ServerSettings) -> ServerDraft:
    """A stored server as the form edits it."""
    return ServerDraft(server.name, server.address, certificate=server.certificate)


def follow(
    rows: Sequence[Row],
    removed: Sequence[ServerSettings],
    before: Sequence[ServerSettings],
    after: Sequence[ServerSettings],
) -> Followed:
    """Take the servers of the file over, `after` in place of `before`; what was changed here stays.

    `rows` are changed. A server is the same by its name, or else by its address. The order is the file's, unless it was
    changed here.
    """
    ordered = _in_order(rows, before)
    found, new = _matched([*(row.stored for row in rows if row.stored is not None), *removed], after)
    told: list[str] = []
    kept = [row for row in rows if _keep(row, found, told)]
    back = {server.name: found[server.name] for server in removed if found.get(server.name, server) != server}
    told += [_BACK.format(name=name) for name in back]
    added = [Row(draft_of(server), server) for server in after if server in new or server in back.values()]
    if ordered:
        by_name = {row.stored.name: row for row in [*kept, *added] if row.stored is not None}
        places = [by_name[server.name] for server in after if server.name in by_name]
        kept, added = places, [row for row in kept if row.stored is None]
    still = [server for server in removed if found.get(server.name) == server]
    return Followed([*kept, *added], still, told)


def _keep(row: Row, found: dict[str, ServerSettings], told: list[str]) -> bool:
    """Take over what the file says of the server; whether there is one any more."""
    old = row.stored
    if old is None:
        return True
    now = found.get(old.name)
    if now is None:
        touched = row.draft != draft_of(old)
        told.append((_KEPT if touched else _GONE).format(name=old.name))
        row.stored = None
        return touched
    row.stored = now
    draft = row.draft
    # A key that was typed is for the address that is shown with it, and a certificate is too.
    bound = draft != replace(draft_of(old), name=draft.name)
    theirs_moved = (now.address, now.certificate) != (old.address, old.certificate)
    same = (now.address, now.certificate) == (draft.address, draft.certificate)
    renamed = draft.name != old.name
    if (bound and theirs_moved and not same) or (renamed and now.name not in {old.name, draft.name}):
        told.append(_CHANGED.format(name=old.name))
    if not bound:
        draft = replace(draft, address=now.address, certificate=now.certificate)
    row.draft = draft if renamed else replace(draft, name=now.name)
    return True


def _matched(
    stored: Iterable[ServerSettings], after: Iterable[ServerSettings]
) -> tuple[dict[str, ServerSettings], list[ServerSettings]]:
    """What has become of each stored server, by its old name; and those that are new."""
    left, new, found = list(stored), list(after), dict[str, ServerSettings]()
    for attribute in ("name", "address"):
        for old in list(left):
            now = next((each for each in new if getattr(each, attribute) == getattr(old, attribute)), None)
            if now is not None:
                found[old.name] = now
                left.remove(old)
                new.remove(now)
    return found, new


def _in_order(rows: Sequence[Row], before: Sequence[ServerSettings]) -> bool:
    """Whether the rows still stand as in the file, with those that were added here after them."""
    names = [row.stored.name if row.stored is not None else None for row in rows]
    stored = [each.name for each in before if each.name in names]
    return names == stored + [None] * (len(names) - len(stored))
