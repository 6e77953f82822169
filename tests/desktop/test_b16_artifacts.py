"""B16: an installed program that lacks a keyring backend, a plugin of Qt's, or certificates.

The artifact is the wheel, installed away from the checkout: its command keeps a key in a real keyring, shows an icon
that was rendered from SVG, sends a notification with a picture over D-Bus, and trusts a certificate authority over
TLS. A program frozen by PyInstaller goes through the same where PyInstaller is installed (marked slow): no frozen
program is shipped. Windows, macOS and Flatpak builds are unverified; there are no translations to be lost.
"""

import importlib.util
import subprocess
import sys
import zipfile
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.desktop.rig.desktop import ROOT, Desktop
from tests.desktop.rig.keyring import Keyring
from tests.desktop.rig.notification_double import NotificationDouble
from tests.desktop.rig.program import TrayProcess, configure
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.waiting import until
from tests.integration.hostile import Connection, Received, Script, http
from tests.integration.test_wheel import make_environment, run
from tests.integration.tls_server import TlsServer, certify_localhost
from tray_app.simulator.server import SimulatedSwarmUI


def command_of(program: Path, desktop: Desktop, *arguments: str, feed: str = "", **env: str) -> str:
    """What one command of the artifact prints; it must succeed."""
    done = subprocess.run(
        [program, *arguments],
        input=feed,
        env={**desktop.env, **env},
        cwd=desktop.folder,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def passed_on_to(server: SimulatedSwarmUI) -> Script:
    """Answers as that server does."""

    def script(connection: Connection, request: Received) -> None:
        link = HTTPConnection("127.0.0.1", server.port, timeout=10)
        link.request(request.method, request.path, request.body, {"Content-Type": "application/json"})
        connection.send(http(link.getresponse().read()))
        link.close()

    return script


def check(program: Path, desktop: Desktop, host: TrayHostDouble) -> None:
    """Have the artifact do everything that needs more than Python."""
    daemon = NotificationDouble(desktop.bus)
    Keyring(desktop)
    with SimulatedSwarmUI(accounts=True) as server:
        configure(desktop, server.url, polling__busy=0.2, polling__idle=0.5, notifications__longer_than=0)
        token = server.add_user("ann", "owner")
        command_of(program, desktop, "key", "set", feed=f"{token}\n")
        TrayProcess(desktop, program=[str(program), "run"])
        item = host.wait_for_item()
        until("the key came out of the keyring", lambda: item.tooltip.startswith("Idle"))
        icon = item.icons()[22]
        drawn = sum(icon.pixelColor(x, y).alpha() > 127 for x in range(22) for y in range(22))
        assert drawn > 40, "the icon is nearly empty"
        server.generate("ann", images=1, seconds=1)
        told = daemon.calls.wait("the end of the work is told")
        assert told.summary.startswith("Work finished")
        assert "image-data" in told.hints

    certificate = certify_localhost(desktop.folder / "localhost.pem")
    with SimulatedSwarmUI() as server, TlsServer(passed_on_to(server), certificate) as secure:
        url = secure.url.replace("http://127.0.0.1", "https://localhost")
        status = command_of(program, desktop, "--url", url, "status", SSL_CERT_FILE=str(certificate))
        assert '"state": "idle"' in status


def test_b16_the_installed_wheel_has_everything(desktop: Desktop, host: TrayHostDouble, tmp_path: Path) -> None:
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, ROOT)
    environment = make_environment(tmp_path / "venv")
    environment.install(*tmp_path.glob("*.whl"))
    check(environment.command("swarmui-tray"), desktop, host)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.skipif(importlib.util.find_spec("PyInstaller") is None, reason="PyInstaller is not installed")
def test_b16_a_frozen_program_has_everything(desktop: Desktop, host: TrayHostDouble, tmp_path: Path) -> None:
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, ROOT)
    [wheel] = tmp_path.glob("*.whl")
    source = tmp_path / "source"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(source)
    entry = tmp_path / "entry.py"
    entry.write_text("import sys\nfrom tray_app.__main__ import main\nsys.exit(main())\n")
    freeze: list[str | Path] = [sys.executable, "-m", "PyInstaller", "--log-level", "ERROR", "--name", "swarmui-tray"]
    freeze += ["--distpath", tmp_path / "dist", "--workpath", tmp_path / "work", "--specpath", tmp_path]
    freeze += ["--paths", source, "--add-data", f"{source / 'tray_app/resources'}:tray_app/resources"]
    run(*freeze, entry)
    check(tmp_path / "dist/swarmui-tray/swarmui-tray", desktop, host)
