"""Desktop entries as text: their Exec line, and single keys read and replaced without touching the rest.

Source: Desktop Entry Specification 1.5, "Basic format of the file", "Possible value types" and "The Exec key".
"""

import re
from collections.abc import Sequence

_GROUP = "[Desktop Entry]"
_RESERVED = re.compile(r"[\s\"'\\><~|&;$*?#()`]")
_WORD = re.compile(r'(?:"(?:[^"\\]|\\.)*(?:"|$)|[^\s"])+', re.DOTALL)
_PART = re.compile(r'"((?:[^"\\]|\\.)*)(?:"|$)|([^"]+)', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_FIELD_CODE = re.compile("%[^%]")
_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_UNESCAPES = {"\\": "\\", "n": "\n", "t": "\t", "r": "\r", "s": " "}


def exec_line(command: Sequence[str]) -> str:
    """The value of Exec that starts a command with exactly these arguments, escaped as it stands in a file."""
    return escape(" ".join(_quoted(each) for each in command))


def split_exec(value: str) -> tuple[str, ...]:
    """The arguments in a value of Exec as it stands in a file, field codes such as %U left out; () if it has none.

    An unfinished quotation is taken to its end: such a file is somebody else's mistake, not ours.
    """
    words = [_read_word(match[0]) for match in _WORD.finditer(unescape(value)) if not _FIELD_CODE.fullmatch(match[0])]
    return tuple(word.replace("%%", "%") for word in words)


def _read_word(text: str) -> str:
    """A word without its quotation marks; a backslash means something within them only."""
    return _PART.sub(lambda part: part[2] or _ESCAPED.sub(r"\1", part[1] or ""), text)


def escape(value: str) -> str:
    """A string as it stands in a file."""
    return re.sub(r"[\\\n\t\r]", lambda match: _ESCAPES[match[0]], value)


def unescape(value: str) -> str:
    """A string from how it stands in a file; an unknown escape stays as it is."""
    return re.sub(r"\\(.)", lambda match: _UNESCAPES.get(match[1], match[0]), value, flags=re.DOTALL)


def keys(text: str) -> dict[str, str]:
    """The keys of the main group, their values as they stand in the file; localized ones under their full name."""
    found: dict[str, str] = {}
    for line in _main_lines(_lines(text)):
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(name.strip(), value.strip())
    return found


def with_keys(text: str, changes: dict[str, str | None]) -> str:
    """The same file with some keys of the main group replaced, added at its end, or taken out (None)."""
    lines = _lines(text)
    if _GROUP not in lines:
        lines.insert(0, _GROUP)
    main = _main_lines(lines)
    left = dict(changes)
    new: list[str] = []
    for line in main:
        name = line.partition("=")[0].strip()
        if name not in changes:
            new.append(line)
        elif (value := left.pop(name, None)) is not None:
            new.append(f"{name}={value}")
    while new and not new[-1].strip():
        new.pop()
    new += [f"{name}={value}" for name, value in left.items() if value is not None]
    start = lines.index(_GROUP) + 1
    after = lines[start + len(main) :]
    return "\n".join([*lines[:start], *new, *([""] if after else []), *after]) + "\n"


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").removesuffix("\n").split("\n")


def _main_lines(lines: list[str]) -> list[str]:
    if _GROUP not in lines:
        return []
    start = lines.index(_GROUP) + 1
    end = next((place for place in range(start, len(lines)) if lines[place].startswith("[")), len(lines))
    return lines[start:end]


def _quoted(argument: str) -> str:
    argument = argument.replace("%", "%%")
    if argument and not _RESERVED.search(argument):
        return argument
    return '"' + re.sub(r'(["`$\\])', r"\\\1", argument) + '"'
