"""The global options of a command, with their defaults."""

import os
from typing import TYPE_CHECKING

from tray_app.core.errors import UsageError

if TYPE_CHECKING:
    from argparse import Namespace
    from types import SimpleNamespace

TOKEN_VARIABLE = "SWARMUI_TOKEN"  # noqa: S105 - the name of a variable
HEADER_VARIABLE = "SWARMUI_AUTHORIZATION"


class Options:
    """The global options, with their defaults; `args` holds those of the verb.

    `token` and `authorization` are the key that the environment gave. They are taken out of it, so that no program
    that is started from here, such as a browser, inherits them.
    """

    def __init__(self, args: "Namespace | SimpleNamespace") -> None:
        self.args = args
        self.verb: str = getattr(args, "verb", None) or "run"
        self.url: str | None = getattr(args, "url", None)
        self.servers: tuple[str, ...] = tuple(dict.fromkeys(getattr(args, "server", ())))
        self.all_servers: bool = getattr(args, "all_servers", False)
        self.config: str | None = getattr(args, "config", None)
        self.profile: str | None = getattr(args, "profile", None)
        self.request_timeout: float | None = getattr(args, "request_timeout", None)
        self.quiet: bool = getattr(args, "quiet", False)
        self.verbose: bool = getattr(args, "verbose", False)
        self.demo: bool = getattr(args, "demo", False)
        given = {"url": self.url, "server": self.servers, "all-servers": self.all_servers, "demo": self.demo}
        self.token = os.environ.pop(TOKEN_VARIABLE, "").strip()
        self.authorization = os.environ.pop(HEADER_VARIABLE, "").strip()
        # Most often a variable that is not set: what was meant is not known, and a cancel must not go elsewhere.
        for name in ("url", "config", "profile"):
            if getattr(args, name, None) == "":
                raise UsageError(f"--{name} was given without a value.", "Give one, or leave the option out.")
        chosen = [name for name, value in given.items() if value]
        if len(chosen) > 1:
            raise UsageError(f"--{chosen[0]} and --{chosen[1]} name different servers.", "Give one of them.")

    @property
    def server(self) -> str | None:
        """The one server that was named, or None. Raises UsageError where several were."""
        if len(self.servers) > 1:
            raise UsageError(
                f"This is about one server, and {len(self.servers)} were named.", "Name one with --server."
            )
        return self.servers[0] if self.servers else None
