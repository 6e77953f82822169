"""`run`: the tray, or, where there is no display to show it on, the same live in the terminal."""

import os
import signal
import socket
import sys
from functools import partial
from typing import TYPE_CHECKING

from tray_app.adapters.folders import instance_folders
from tray_app.adapters.single_instance import Handed, Instance, claim
from tray_app.cli.exit_codes import ExitCode
from tray_app.core.errors import UsageError

if TYPE_CHECKING:
    from tray_app.app.surroundings import Surroundings, Target
    from tray_app.cli.context import Context
    from tray_app.cli.context import Target as Named
    from tray_app.cli.options import Options
    from tray_app.cli.output import Output
    from tray_app.core.settings import Settings


def run(options: "Options", output: "Output") -> int:
    """Start what can be shown here. Raises what keeps it from starting."""
    reason = why_no_display()
    instance = Instance(None) if reason else one_tray(options)
    if isinstance(instance, Handed):
        output.message(_HANDED[instance])
        return ExitCode.DONE
    if instance.problem:
        output.message(instance.problem)
    contexts: list[Context] = []
    or_demo: bool = getattr(options.args, "or_demo", False)

    def context() -> "Context":
        from tray_app.cli.context import Context

        contexts.append(Context(options, output))
        return contexts[0]

    try:
        if reason is None:
            handler = _let_interrupts_end_the_process()
            try:
                from tray_app.app.run import run as run_tray
            except ImportError as error:  # Qt's own libraries are missing from the system
                signal.signal(signal.SIGINT, handler)
                reason = f"The user interface cannot be loaded ({error})."
            else:
                return run_tray(lambda: surroundings(_with_servers(context()) if or_demo else context()), instance)
        from tray_app.cli.live import live

        output.message(f"{reason} Here is the same in the terminal; Ctrl-C ends it.")
        return live(_with_servers(context()))
    finally:
        instance.close()
        for each in contexts:
            each.ending.close()


_HANDED = {
    Handed.TAKEN: "SwarmUI Tray is already running; its window is shown.",
    Handed.UNKNOWN: "SwarmUI Tray is already running, in another version. Quit it to use this one.",
    Handed.UNANSWERED: "SwarmUI Tray is already running and busy; its window will be shown.",
}


def one_tray(options: "Options") -> Instance | Handed:
    """The right to be the one tray of this profile, of the settings file that was named, or of the demo."""
    inside = ""
    if options.demo:
        inside = "demo"
    elif options.config:
        from hashlib import sha256

        inside = f"config-{sha256(os.fsencode(os.path.realpath(options.config))).hexdigest()[:16]}"
    return claim(each / inside for each in instance_folders(options.profile))


def _let_interrupts_end_the_process() -> "signal._HANDLER":
    """Have Ctrl-C end the process as SIGTERM does, until Qt runs and hears of both; returns how it was before.

    PySide6 cannot stand Python's own exception while it is loaded: it crashes, or swallows it and goes on.
    """
    handler = signal.getsignal(signal.SIGINT)
    if handler is signal.default_int_handler:  # a shell may have it ignored for what runs in the background
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    return handler


def _with_servers(context: "Context") -> "Context":
    """Look for the servers; where there is none at all, take the demo."""
    from importlib.util import find_spec

    from tray_app.cli.context import NoServer

    try:
        context.targets  # noqa: B018 - looks for the servers
    except NoServer as error:
        if find_spec("aiohttp") is None:  # the demo's libraries
            raise
        context.output.message(f"{error.title} Here is the demo instead; `swarmui-tray setup` sets your server up.")
        context.options.demo = True
    return context


def surroundings(context: "Context") -> "Surroundings":
    """What the tray is started with; from here on it writes its debug log. Without any server it asks for one."""
    from dataclasses import replace

    from tray_app.adapters.logs import log_to_file
    from tray_app.app.surroundings import Surroundings, Target
    from tray_app.cli.context import NoServer, configured
    from tray_app.cli.credentials import without_keyring

    log_to_file(context.folders.debug_log, context.redactor)

    def target(named: "Named") -> "Target":
        return Target(named.name, named.address, partial(without_keyring, context, named))

    def targets_of(settings: "Settings") -> "tuple[Target, ...]":
        return tuple(target(configured(each)) for each in settings.servers)

    def targets() -> "tuple[Target, ...]":
        try:
            return tuple(target(each) for each in context.targets)
        except NoServer:
            return ()

    def in_demo() -> Surroundings:
        context.options.demo = True
        try:
            # Not `demo`: what its user sets up afterwards is none, and the name of this one says what it is.
            return replace(found, targets=tuple(replace(each, noted=False) for each in targets()), proposes=False)
        except UsageError:
            context.options.demo = False
            raise

    found = Surroundings(
        targets=targets(),
        targets_of=targets_of,
        settings=context.settings,
        settings_file=context.settings_file,
        state_file=context.state_file,
        request_timeout=context.options.request_timeout,
        redactor=context.redactor,
        activity_log=None if context.options.demo else context.activity_log,
        demo=context.options.demo,
        proposes=not context.options.demo,
        fixed=context.options.url is not None or bool(context.options.servers),
        profile=context.options.profile,
        reads_file=context.options.url is None and not context.options.demo,
        settings_problems=context.settings_problems,
        in_demo=in_demo,
    )
    return found


def why_no_display() -> str | None:
    """Why no window or icon can be shown; None where it can. Qt itself would end the process without a word."""
    if sys.platform in {"win32", "darwin"}:
        return None
    platform = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if platform and not platform.startswith(("xcb", "wayland")):
        return None  # offscreen and the like show nothing and need nothing
    display, wayland = os.environ.get("DISPLAY", ""), os.environ.get("WAYLAND_DISPLAY", "")
    if not display and not wayland:
        return "There is no display."
    if (wayland and _wayland_answers(wayland)) or (display and _x11_answers(display)):
        return None
    return f"The display {wayland or display} does not answer."


def _wayland_answers(name: str) -> bool:
    path = name if name.startswith("/") else os.path.join(os.environ.get("XDG_RUNTIME_DIR", ""), name)  # noqa: PTH118
    return _connects(path)


def _x11_answers(display: str) -> bool:
    host, _, number = display.rpartition(":")
    number = number.partition(".")[0]
    if not number.isdigit():
        return True  # an unusual form: left to Qt
    if host not in {"", "unix"}:
        return True  # another computer's: left to Qt
    path = f"/tmp/.X11-unix/X{number}"  # noqa: S108 - where X servers listen by convention
    return _connects(path) or _connects(f"\0{path}")


def _connects(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(2.0)
        try:
            sock.connect(path)
        except OSError:
            return False
    return True
