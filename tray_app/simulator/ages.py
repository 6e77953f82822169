"""Spans of time in the words that SwarmUI uses for them."""

_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))


def ago(seconds: float, *, nothing: str = "0 milliseconds ago") -> str:
    """ "1 second ago", "12 minutes ago"; below a second what `nothing` says."""
    for unit, size in _UNITS:
        count = int(seconds // size)
        if count:
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return nothing
