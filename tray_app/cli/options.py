"""The global options of a command, with their defaults."""

import argparse

from tray_app.core.errors import UsageError


class Options:
    """The global options, with their defaults; `args` holds those of the verb."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.verb: str = getattr(args, "verb", None) or "run"
        self.url: str | None = getattr(args, "url", None)
        self.server: str | None = getattr(args, "server", None)
        self.config: str | None = getattr(args, "config", None)
        self.profile: str | None = getattr(args, "profile", None)
        self.request_timeout: float | None = getattr(args, "request_timeout", None)
        self.quiet: bool = getattr(args, "quiet", False)
        self.verbose: bool = getattr(args, "verbose", False)
        self.demo: bool = getattr(args, "demo", False)
        chosen = [name for name in ("url", "server", "demo") if getattr(self, name)]
        if len(chosen) > 1:
            raise UsageError(f"--{chosen[0]} and --{chosen[1]} name different servers.", "Give one of them.")
