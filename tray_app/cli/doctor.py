"""`doctor`: what this computer offers to the tray, and the connection test of each server."""

import os
import platform
from importlib import metadata
from typing import TYPE_CHECKING, Any

from tray_app import __version__
from tray_app.cli.exit_codes import ExitCode
from tray_app.cli.json_forms import SCHEMA
from tray_app.cli.key import HOW_TO_STORE
from tray_app.core.checkup import Step
from tray_app.core.errors import SecretsError, TrayError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tray_app.cli.context import Context, Target

Report = dict[str, Any]

REQUESTS = 4
"""How many requests' time the test of a server may take."""

LIBRARIES = (
    "PySide6-Essentials",
    "httpcore",
    "platformdirs",
    "keyring",
    "tomlkit",
    "jeepney",
    "SecretStorage",
    "certifi",
    "aiohttp",
)

_CODES = {
    "Name": ExitCode.UNREACHABLE,
    "Proxy": ExitCode.UNREACHABLE,
    "Connection": ExitCode.UNREACHABLE,
    "TLS": ExitCode.UNREACHABLE,
    "SwarmUI": ExitCode.NOT_POSSIBLE,
    "Session": ExitCode.KEY,
    "Account": ExitCode.KEY,
    "Key": ExitCode.KEY,
}


def doctor(context: "Context") -> int:
    """Look at everything, print it, and put it into a bundle where one is asked for.

    The code is that of the first server that cannot be used; what a key may not do is told and costs nothing.
    """
    args = context.options.args
    report = examine(context)
    if getattr(args, "json", False):
        context.output.json(report)
    else:
        _show(context, report)
    if args.bundle:
        from tray_app.cli.bundle import write_bundle

        write_bundle(context, report, args.bundle)
        context.output.message(f"{args.bundle} holds this report and the end of the debug log. Look through it first.")
    code = next((code for each in report["servers"] if (code := _code(each["steps"]))), ExitCode.DONE)
    if code is ExitCode.KEY:
        context.output.message(HOW_TO_STORE)
    return code


def examine(context: "Context") -> Report:
    """Everything that `doctor` tells, without secrets."""
    servers = _servers(context)
    report: Report = {
        "schema": SCHEMA,
        "versions": _versions(),
        "session": {name: os.environ.get(name, "") for name in ("XDG_CURRENT_DESKTOP", "XDG_SESSION_TYPE")},
        "paths": _paths(context),
        "computer": [_object(each, context) for each in _computer(context)],
        "servers": servers,
    }
    return report


def _versions() -> dict[str, str]:
    found = {"swarmui-tray": __version__, "python": platform.python_version(), "system": platform.platform()}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def _paths(context: "Context") -> dict[str, str]:
    folders = context.folders
    paths = {
        "settings": context.settings_file.path,
        "state": folders.state_file,
        "activity log": folders.activity_log,
        "debug log": folders.debug_log,
    }
    return {name: str(path) for name, path in paths.items()}


def _computer(context: "Context") -> "list[Step]":
    from tray_app.adapters.desktop_services import desktop_report

    return [*desktop_report(), _keyring(), _autostart(context), _proxy(), *_settings(context)]


def _keyring() -> Step:
    """Whether the keyring answers, asked through its child for something that nobody stores, and without a prompt."""
    from tray_app.adapters.keyring.secrets import Secrets
    from tray_app.core.secret import SecretKind

    try:
        Secrets().get("http://doctor.invalid:1", [SecretKind.TOKEN], timeout=5.0, prompt=False)
    except SecretsError as error:
        return Step("Keyring", ok=False, text=str(error))
    return Step("Keyring", ok=True, text="The keyring is there and open.")


def _autostart(context: "Context") -> Step:
    from tray_app.adapters.autostart.switch import autostart

    try:
        switch = autostart(context.options.profile)
        if switch.why_not:
            return Step("Autostart", None, switch.why_not)
        text = "The tray starts with the session." if switch.is_on() else "The tray does not start with the session."
    except TrayError as error:
        return Step("Autostart", ok=False, text=str(error))
    return Step("Autostart", ok=True, text=text)


def _proxy() -> Step:
    from urllib.parse import urlsplit
    from urllib.request import getproxies

    found = []
    for kind, url in sorted(getproxies().items()):
        if kind == "no":
            found.append(f"none for {url}")
        else:
            parts = urlsplit(url if "://" in url else f"http://{url}")
            found.append(f"{kind} by {(parts.netloc or parts.path).rpartition('@')[2]}")
    text = f"This computer is set to use proxies: {', '.join(found)}." if found else "No proxy is set."
    return Step("Proxy", ok=True, text=text)


def _settings(context: "Context") -> "list[Step]":
    if context.options.url or context.options.demo:
        return []
    problems = context.settings_file.load().problems
    if not problems:
        return [Step("Settings", ok=True, text="All settings are understood.")]
    return [
        Step("Settings", ok=False, text=f"{each.path + ': ' if each.path else ''}{each.message}") for each in problems
    ]


# ------------------------------------------------------------------------------------------------------------- servers


def _servers(context: "Context") -> list[Report]:
    from tray_app.cli.at_once import Threads
    from tray_app.cli.context import NoServer

    try:
        targets = context.targets
    except NoServer as error:
        context.output.message(str(error))
        return []

    def work(target: "Target", tell: "Callable[[list[Step]], None]") -> None:
        tell(_examined(context, target))

    found: dict[int, list[Step]] = {}
    for position, steps in Threads(context, targets, work).told(REQUESTS * context.request_timeout + 30.0):
        found[position] = steps
        if len(found) == len(targets):
            break
    late = [Step("Connection", ok=False, text="It did not answer in time. Give it longer with --request-timeout.")]
    return [
        {
            "name": target.name,
            "url": target.address.url,
            "steps": [_object(each, context) for each in found.get(position, late)],
        }
        for position, target in enumerate(targets)
    ]


def _examined(context: "Context", target: "Target") -> list[Step]:
    from tray_app.adapters.checkup import check
    from tray_app.adapters.swarm.session_stores import ToldSessions
    from tray_app.cli.credentials import for_target

    try:
        credentials, sessions = for_target(context, target)
    except SecretsError as error:
        return [Step("Key", ok=False, text=str(error))]
    told = ToldSessions(sessions, context.redactor.add)
    return check(target.address, credentials, told, seconds=context.request_timeout, fresh=False)


def _code(steps: "Sequence[Report]") -> ExitCode:
    failed = [each["name"] for each in steps if each["ok"] is False]
    alone = len([each for each in steps if each["name"] == "May"]) == 1  # an error, not the report of permissions
    if failed == ["May"] and alone:
        return ExitCode.UNREACHABLE
    return next((_CODES[name] for name in failed if name in _CODES), ExitCode.DONE)


# -------------------------------------------------------------------------------------------------------------- shown


def _object(step: Step, context: "Context") -> Report:
    return {"name": step.name, "ok": step.ok, "text": context.redactor(step.text)}


def _show(context: "Context", report: Report) -> None:
    line = context.output.line
    for title, entries in (("Versions", report["versions"]), ("Files", report["paths"])):
        line(title)
        for name, value in entries.items():
            line(f"  {name}: {value}")
    line("This computer")
    _show_steps(context, report["computer"])
    for server in report["servers"]:
        line(f"{server['name']} ({server['url']})")
        _show_steps(context, server["steps"])


def _show_steps(context: "Context", steps: "Sequence[Report]") -> None:
    marks = {True: "ok", False: "no", None: "?"}
    for step in steps:
        context.output.line(f"  {marks[step['ok']]:2}  {step['name']:13}  {step['text']}")
