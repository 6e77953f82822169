"""The wheel and the source archive: what is in them, and that the wheel works in an empty environment."""

import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tray_app import __version__

# One worker, so that the archives are built once.
pytestmark = pytest.mark.xdist_group("wheel")

ROOT = Path(__file__).parents[2]
TEXT = (
    ".py",
    ".md",
    ".txt",
    ".toml",
    ".svg",
    ".json",
    ".jsonl",
    ".sh",
    ".desktop",
    ".xml",
    "METADATA",
    "RECORD",
    "WHEEL",
)

# Whom the project may name: itself on loopback, reserved names (RFC 2606, 5737), and what its documents link to.
KNOWN_HOSTS = frozenset(
    {
        "localhost",
        "127.0.0.1",
        "::1",
        "github.com",
        "www.w3.org",
        "www.freedesktop.org",
        "specifications.freedesktop.org",
        "dbus.freedesktop.org",
        "keepachangelog.com",
        "semver.org",
    }
)
RESERVED = re.compile(r"(^|\.)(example|invalid|test|localhost|example\.(com|net|org))$|^(192\.0\.2|198\.51\.100)\.\d+$")


@dataclass(frozen=True)
class Archives:
    """The two files that the build made, the wheel from the source archive."""

    wheel: Path
    source: Path

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Path and content of every file in both."""
        with zipfile.ZipFile(self.wheel) as wheel:
            yield from ((name, wheel.read(name)) for name in wheel.namelist())
        with tarfile.open(self.source) as source:
            for member in source:
                content = source.extractfile(member)
                if content is not None:
                    yield member.name, content.read()


@dataclass(frozen=True)
class Environment:
    """An empty virtual environment, with the packages that the tests run on within its reach."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")

    def install(self, *arguments: str | Path) -> None:
        pip: list[str | Path] = [
            sys.executable,
            "-m",
            "pip",
            "--python",
            self.python,
            "install",
            "--disable-pip-version-check",
        ]
        run(*pip, "--quiet", "--no-index", "--no-deps", *arguments)

    def command(self, name: str) -> Path:
        return self.python.with_name(name + self.python.suffix)


def run(*command: str | Path, code: int = 0, home: Path | None = None) -> str:
    """What the command prints, run away from the checkout, with this process' own way of importing taken away."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "XDG_", "DBUS_"))
    }
    if home is not None:
        environment["HOME"] = str(home)
    result = subprocess.run(
        command, capture_output=True, text=True, timeout=110, check=False, env=environment, cwd=Path(sys.prefix)
    )
    assert result.returncode == code, result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Archives:
    target = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", target, ROOT)
    (wheel,) = target.glob("*.whl")
    (source,) = target.glob("*.tar.gz")
    return Archives(wheel, source)


def make_environment(folder: Path) -> Environment:
    run(sys.executable, "-m", "venv", "--without-pip", folder)
    environment = Environment(folder)
    site = run(environment.python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    reach = sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})
    (Path(site) / "packages_of_the_tests.pth").write_text("\n".join(reach) + "\n", "utf-8")
    return environment


@pytest.fixture(scope="module")
def installed(archives: Archives, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    environment = make_environment(tmp_path_factory.mktemp("installed") / "venv")
    environment.install(archives.wheel)
    return environment


def test_the_wheel_holds_the_package_and_every_resource(archives: Archives) -> None:
    with zipfile.ZipFile(archives.wheel) as wheel:
        names = set(wheel.namelist())
    resources = {path.relative_to(ROOT).as_posix() for path in (ROOT / "resources").rglob("*") if path.is_file()}

    assert resources
    assert {f"tray_app/{name}" for name in resources} <= names
    assert {"tray_app/__init__.py", "tray_app/cli/main.py", "tray_app/py.typed"} <= names


def test_the_wheel_holds_nothing_but_the_package_and_its_metadata(archives: Archives) -> None:
    with zipfile.ZipFile(archives.wheel) as wheel:
        tops = {name.split("/")[0] for name in wheel.namelist()}

    assert tops == {"tray_app", f"swarmui_tray-{__version__}.dist-info"}


def test_the_source_archive_holds_what_its_tests_and_commands_need(archives: Archives) -> None:
    with tarfile.open(archives.source) as source:
        names = {name.split("/", maxsplit=1)[-1] for name in source.getnames()}

    assert {"pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "packaging/run", "packaging/test"} <= names
    assert {"packaging/requirements.txt", "tests/integration/test_wheel.py", "docs/quick-reference.md"} <= names


def test_nothing_names_a_place_or_a_package_index_of_the_machine_that_built_it(archives: Archives) -> None:
    # The last one is where packaging/README.md says to try the commands out.
    places = {str(ROOT), str(archives.wheel.parent), sys.prefix, str(Path.home())} - {"/", "/root", "/srv/swarmui-tray"}
    index = run(sys.executable, "-m", "pip", "config", "list")
    hosts = {host for address in re.findall(r"https?://[^\s'\"]+", index) if not is_known(host := host_of(address))}
    needles = [name.encode() for name in places | hosts] + [b"/" + b"root/"]

    assert [(name, needle) for name, content in archives.files() for needle in needles if needle in content] == []


def test_every_address_outside_the_tests_is_on_loopback_reserved_or_known(archives: Archives) -> None:
    strangers = {
        (name, host)
        for name, content in archives.files()
        if name.endswith(TEXT) and "/tests/" not in name
        for address in re.findall(rb"https?://[^\s\"'`<>\\)]+", content)
        if not is_known(host := host_of(address.decode("utf-8", "replace")))
    }

    assert strangers == set()


def host_of(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def is_known(host: str) -> bool:
    return (
        host in KNOWN_HOSTS or not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", host) or RESERVED.search(host) is not None
    )


def test_the_installed_commands_answer(installed: Environment) -> None:
    version = f"swarmui-tray {__version__}\n"

    assert run(installed.command("swarmui-tray"), "--version") == version
    assert run(installed.python, "-m", "tray_app", "--version") == version
    assert installed.command("swarmui-tray-window").is_file()


def test_the_installed_command_says_that_nothing_listens(installed: Environment, tmp_path: Path) -> None:
    output = run(installed.command("swarmui-tray"), "status", "--url", "http://127.0.0.1:1", code=3, home=tmp_path)

    assert '"state": "unreachable"' in output


def test_the_installed_command_reads_the_simulated_server(installed: Environment, tmp_path: Path) -> None:
    output = run(installed.command("swarmui-tray"), "status", "--demo", home=tmp_path)

    assert '"schema": 1' in output


WHERE = "from tray_app.ui.icons import resource; print(resource('icons/idle.svg'))"


def test_the_installed_package_finds_its_own_resources(installed: Environment) -> None:
    found = Path(run(installed.python, "-c", WHERE).strip())

    assert found.parts[-4:] == ("tray_app", "resources", "icons", "idle.svg")
    assert found.is_relative_to(installed.folder)


def test_an_editable_installation_finds_the_resources_of_the_checkout(tmp_path: Path) -> None:
    editable = make_environment(tmp_path / "venv")
    editable.install("--no-build-isolation", "--editable", ROOT)

    assert Path(run(editable.python, "-c", WHERE).strip()) == ROOT / "resources" / "icons" / "idle.svg"
    assert run(editable.command("swarmui-tray"), "--version") == f"swarmui-tray {__version__}\n"
