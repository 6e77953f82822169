"""The direction of imports holds, and the check that says so bites."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.layers import LAYERS, ONLY_IN, violations

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "tray_app"


def test_every_import_points_inward() -> None:
    assert violations(PACKAGE) == []


def test_every_file_that_alone_may_import_something_exists() -> None:
    assert [file for files in ONLY_IN.values() for file in files if not (PACKAGE / file).is_file()] == []


BAD = [
    # The core knows nobody and touches nothing.
    ("core/x.py", "from tray_app.adapters.swarm import gateway as swarm", "core must not import adapters"),
    ("core/x.py", "import tray_app.watcher", "core must not import watcher"),
    ("core/x.py", "from tray_app.ui.tray import Tray", "core must not import ui"),
    ("core/x.py", "from tray_app import cli", "core must not import cli"),
    ("core/x.py", "import httpx2", "core must not import httpx2"),
    ("core/deeper/x.py", "import os", "core must not import os"),
    ("core/x.py", "from os.path import join", "core must not import os.path.join"),
    ("core/x.py", "import time", "core must not import time"),
    ("core/x.py", "from threading import Lock", "core must not import threading.Lock"),
    ("core/x.py", "import logging.handlers", "core must not import logging.handlers"),
    ("core/x.py", "from pathlib import Path", "core must not import pathlib.Path"),
    ("core/x.py", "import socket", "core must not import socket"),
    ("core/x.py", "import subprocess", "core must not import subprocess"),
    ("core/x.py", "import urllib.request", "core must not import urllib.request"),
    ("core/x.py", "def late():\n    import random", "core must not import random"),
    ("core/x.py", "if TYPE_CHECKING:\n    import tomlkit", "core must not import tomlkit"),
    # Siblings do not know each other.
    ("adapters/x.py", "from tray_app.watcher import Watcher", "adapters must not import watcher"),
    ("adapters/x.py", "from tray_app.ui import tray", "adapters must not import ui"),
    ("adapters/x.py", "from tray_app.simulator import server", "adapters must not import simulator"),
    ("watcher.py", "from tray_app.adapters.swarm.gateway import Swarm", "watcher must not import adapters"),
    ("watcher.py", "import tomlkit", "watcher must not import tomlkit"),
    ("ui/x.py", "from tray_app.adapters import logs", "ui must not import adapters"),
    ("ui/x.py", "from tray_app.watcher import Watcher", "ui must not import watcher"),
    ("ui/x.py", "import tray_app.app", "tray_app.app is imported in cli/run.py only"),
    ("simulator/x.py", "from tray_app.core.model import State", "simulator must not import core"),
    ("simulator/x.py", "from tray_app.adapters.swarm import gateway as swarm", "simulator must not import adapters"),
    # The two roots do not know each other's outside.
    ("cli/x.py", "from tray_app.ui import tray", "cli must not import ui"),
    ("cli/x.py", "from tray_app.app import run", "tray_app.app is imported in cli/run.py only"),
    ("app.py", "from tray_app.cli import main", "app must not import cli"),
    ("__init__.py", "from tray_app.core import model", "__init__ must not import core"),
    ("__main__.py", "from tray_app.core import model", "__main__ must not import core"),
    # Packages from elsewhere have one home.
    ("adapters/swarm/gateway.py", "import httpcore", "httpcore is imported in adapters/http/transport.py only"),
    ("cli/x.py", "from httpcore import Request", "httpcore is imported in adapters/http/transport.py only"),
    ("adapters/http/transport.py", "import httpx", "adapters must not import httpx"),
    (
        "adapters/keyring/secrets.py",
        "import keyring.errors",
        "keyring is imported in adapters/keyring/keyring_child.py only",
    ),
    (
        "adapters/keyring/secrets.py",
        "import secretstorage",
        "secretstorage is imported in adapters/keyring/keyring_child.py only",
    ),
    ("adapters/x.py", "from PySide6.QtCore import QObject", "adapters must not import PySide6"),
    ("watcher.py", "import PySide6", "watcher must not import PySide6"),
    ("cli/run.py", "from PySide6 import QtWidgets", "cli must not import PySide6"),
    ("cli/x.py", "from aiohttp import web", "cli must not import aiohttp"),
    ("ui/x.py", "import aiohttp", "ui must not import aiohttp"),
    ("simulator/x.py", "import httpx", "simulator must not import httpx"),
    ("cli/x.py", "import tests.data", "cli must not import tests"),
    # No way round.
    ("core/x.py", "__import__('os')", "core must not import os"),
    ("core/x.py", "import importlib.util", "core must not import importlib.util"),
    ("cli/x.py", "import importlib\nimportlib.import_module('PySide6')", "cli must not import PySide6"),
    ("cli/x.py", "import_module('Py' + 'Side6')", "cli must not import by a relative or computed name"),
    ("cli/x.py", "from .. import ui", "cli must not import by a relative or computed name"),
    ("helpers/x.py", "", "belongs to no layer: give helpers one"),
    ("misc.py", "", "belongs to no layer: give misc one"),
]


@pytest.mark.parametrize(("file", "source", "message"), BAD, ids=[f"{file}: {source!r}" for file, source, _ in BAD])
def test_a_planted_import_in_the_wrong_direction_is_found(tmp_path: Path, file: str, source: str, message: str) -> None:
    planted = tmp_path / file
    planted.parent.mkdir(parents=True, exist_ok=True)
    planted.write_text(source, "utf-8")

    found = violations(tmp_path)

    assert [(violation.file, violation.message) for violation in found] == [(file, message)]


GOOD = [
    ("core/x.py", "import json\nfrom urllib.parse import urlsplit\nfrom tray_app.core.model import State"),
    ("adapters/http/transport.py", "import httpcore\nfrom tray_app import __version__"),
    ("adapters/keyring/keyring_child.py", "import keyring.errors"),
    ("cli/x.py", "if TYPE_CHECKING:\n    from _typeshed import SupportsWrite"),
    ("watcher.py", "import threading\nfrom tray_app.core import watch"),
    ("ui/x.py", "from PySide6 import QtWidgets\nfrom tray_app.core.view import TrayView"),
    ("simulator/x.py", "from aiohttp import web\nfrom tray_app.simulator import clock"),
    ("cli/run.py", "def run():\n    from tray_app import app\n    from tray_app.app import main"),
    ("app.py", "from tray_app.ui import tray\nfrom tray_app.adapters.swarm import gateway as swarm"),
    ("__main__.py", "from tray_app.cli.main import main"),
]


@pytest.mark.parametrize(("file", "source"), GOOD, ids=[file for file, _ in GOOD])
def test_an_import_in_the_right_direction_is_left_alone(tmp_path: Path, file: str, source: str) -> None:
    planted = tmp_path / file
    planted.parent.mkdir(parents=True, exist_ok=True)
    planted.write_text(source, "utf-8")

    assert violations(tmp_path) == []


def test_every_layer_has_a_planted_bad_file() -> None:
    planted = {file.split("/")[0].removesuffix(".py") for file, _, _ in BAD}

    assert planted >= set(LAYERS)


def test_importing_the_package_imports_nothing_else_of_it() -> None:
    code = "import sys, tray_app; print(sorted(name for name in sys.modules if name.startswith('tray_app')))"

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)

    assert result.stdout == "['tray_app']\n"
