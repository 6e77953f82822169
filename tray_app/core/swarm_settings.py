"""What SwarmUI's own settings file, `Data/Settings.fds`, says about where it listens (src/Core/Program.cs:143-172).

Sections and keys are indented by tabs, a value follows its key after a colon, `#` begins a comment.
"""

SECTION = "network"
KEY = "port"


def network_port(text: str) -> int | None:
    """The port under `Network`, or None where the text names none that can be one."""
    inside = False
    for line in text.splitlines():
        plain = line.partition("#")[0].rstrip()
        if not plain:
            continue
        key, colon, value = plain.strip().partition(":")
        if not plain[0].isspace():
            inside = bool(colon) and key.strip().lower() == SECTION
        elif inside and colon and key.strip().lower() == KEY:
            port = value.strip()
            valid = port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) < 65536
            return int(port) if valid else None
    return None
