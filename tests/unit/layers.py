"""The direction of imports in `tray_app`, as tables, and the check that reads the source against them.

Arrows point inward: core knows nobody, adapters, watcher and ui know the core but not each other, the simulator knows
nobody at all (it must not agree with us by sharing our mistakes), and only `cli` and `app` put everything together.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

PACKAGE = "tray_app"


@dataclass(frozen=True)
class Layer:
    """What the files of one layer may import: layers of this project, and packages from elsewhere."""

    layers: frozenset[str]
    third_party: frozenset[str] = frozenset()
    banned_stdlib: frozenset[str] = frozenset()


class Violation(NamedTuple):
    """One import in the wrong direction; `file` is relative to the package."""

    file: str
    line: int
    message: str


# The core computes; the world (clock, files, threads, processes, chance) is handed to it.
IMPURE = frozenset(
    {"time", "random", "secrets"}
    | {"os", "sys", "io", "pathlib", "shutil", "tempfile", "glob", "sqlite3", "logging"}
    | {"socket", "select", "selectors", "ssl", "http", "urllib.request", "asyncio"}
    | {"threading", "queue", "concurrent", "multiprocessing", "subprocess", "signal", "ctypes", "importlib"}
)

LAYERS = {
    "core": Layer(frozenset({"core"}), banned_stdlib=IMPURE),
    "adapters": Layer(
        frozenset({"core", "adapters"}),
        frozenset({"httpcore", "keyring", "platformdirs", "tomlkit", "jeepney", "secretstorage", "certifi"}),
    ),
    "watcher": Layer(frozenset({"core", "watcher"})),
    "ui": Layer(frozenset({"core", "ui"}), frozenset({"PySide6", "jeepney"})),
    "simulator": Layer(frozenset({"simulator"}), frozenset({"aiohttp"})),
    "cli": Layer(frozenset({"core", "adapters", "watcher", "simulator", "cli", "app"})),
    "app": Layer(frozenset({"core", "adapters", "watcher", "ui", "app"}), frozenset({"PySide6"})),
    "__main__": Layer(frozenset({"cli"})),
    "__init__": Layer(frozenset()),
}

# Imports that only the named files may make, whatever their layer allows.
ONLY_IN = {
    "httpcore": frozenset({"adapters/http/transport.py"}),
    "certifi": frozenset({"adapters/http/trust.py"}),
    "keyring": frozenset({"adapters/keyring/keyring_child.py"}),
    "secretstorage": frozenset({"adapters/keyring/keyring_child.py"}),
    "tray_app.app": frozenset({"cli/run.py"}),
}


def violations(package: Path) -> list[Violation]:
    """Every import below the folder `package` (a `tray_app`) that the tables forbid."""
    return [found for path in sorted(package.rglob("*.py")) for found in _violations_of(path, package)]


def _violations_of(path: Path, package: Path) -> Iterator[Violation]:
    file = path.relative_to(package).as_posix()
    name = file.split("/", maxsplit=1)[0].removesuffix(".py")
    layer = LAYERS.get(name)
    if layer is None:
        yield Violation(file, 1, f"belongs to no layer: give {name} one")
        return
    for line, module in _imports(ast.parse(path.read_text("utf-8"), str(path))):
        message = _judge(module, file, name, layer)
        if message:
            yield Violation(file, line, message)


def _judge(module: str, file: str, name: str, layer: Layer) -> str | None:
    """What is wrong with importing `module` (dotted) in that file; None when nothing is."""
    for owned, files in ONLY_IN.items():
        if _is_within(module, owned) and file not in files and owned != f"{PACKAGE}.{name}":
            return f"{owned} is imported in {', '.join(sorted(files))} only"
    top, _, rest = module.partition(".")
    if top == PACKAGE:
        target = rest.split(".", maxsplit=1)[0]
        # Without a target it is the package itself, which holds its version and nothing else.
        return f"{name} must not import {target}" if target in LAYERS and target not in layer.layers else None
    if top in sys.stdlib_module_names or top == "_typeshed":  # the latter is there for type checkers only
        banned = any(_is_within(module, bad) for bad in layer.banned_stdlib)
        return f"{name} must not import {module}" if banned else None
    return None if top in layer.third_party else f"{name} must not import {top or 'by a relative or computed name'}"


def _is_within(module: str, parent: str) -> bool:
    return module == parent or module.startswith(parent + ".")


def _imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and dotted name of all that is imported, at the top or inside functions; "" for a name nobody can read."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name) for alias in names)
            case ast.ImportFrom(module=str() as module, names=names, level=0):
                # The name may be a module of its own (from tray_app import ui) or a value in one; both are judged.
                yield from ((node.lineno, f"{module}.{alias.name}") for alias in names)
            case ast.ImportFrom():
                yield node.lineno, ""
            case ast.Call(func=ast.Name(id="__import__" | "import_module") | ast.Attribute(attr="import_module")):
                argument = node.args[0] if node.args else None
                constant = isinstance(argument, ast.Constant) and isinstance(argument.value, str)
                yield node.lineno, argument.value if constant else ""  # type: ignore[union-attr]
