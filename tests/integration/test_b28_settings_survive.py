"""B28: settings lost or fatal after a crash, a full disk, an update or a downgrade.

Full, read-only and shared disks are in `test_settings_file.py`, a stored key that outlives them in `test_secrets.py`;
here is what the real program does with a file that somebody or something broke, at every byte.
"""

from pathlib import Path

import pytest

from tests.integration.cli.conftest import CommandLine, cli  # noqa: F401 - a fixture
from tray_app.adapters.settings.file import SettingsFile
from tray_app.core.options import option
from tray_app.core.settings import ServerSettings, Settings
from tray_app.simulator.server import SimulatedSwarmUI

TEXT = '# mine\nschema = 1\n[polling]\nbusy = 3.0\n\n[[servers]]\nname = "gpu"\naddress = "http://127.0.0.1:7801"\n'
WHOLE = Settings(servers=(ServerSettings("gpu", "http://127.0.0.1:7801"),), poll_busy=3.0)


@pytest.mark.parametrize("cut", range(len(TEXT)))
def test_b28_a_file_cut_off_at_any_byte_is_told_kept_and_replaced(tmp_path: Path, cut: int) -> None:
    file = SettingsFile(tmp_path / "settings.toml")
    file.path.write_text(TEXT)
    assert file.load().settings == WHOLE
    file.path.write_text(TEXT[:cut])
    loaded = file.load()
    broken = bool(loaded.problems) and not loaded.problems[0].path
    if broken:
        assert loaded.settings == WHOLE
        assert "The last settings that worked are used." in loaded.problems[0].message
    idle = option("polling.idle")
    assert idle is not None
    file.set_option(idle, 9.0)
    assert file.load().problems == () or not broken
    assert file.load().settings.poll_idle == 9.0
    kept = file.path.with_name("settings.toml.broken")
    assert kept.exists() is broken
    if broken:
        assert kept.read_text() == TEXT[:cut]
        assert file.load().settings.servers == WHOLE.servers


def test_b28_the_program_starts_with_a_broken_file_and_says_so(
    cli: CommandLine,  # noqa: F811
) -> None:
    with SimulatedSwarmUI() as server:
        cli.config.mkdir(parents=True)
        file = cli.config / "settings.toml"
        file.write_text(TEXT.replace("http://127.0.0.1:7801", server.url))
        assert cli("status").server["state"] == "idle"
        file.write_text(file.read_text()[:-30])
        done = cli("status")
    assert (done.code, done.server["name"], done.server["state"]) == (0, "gpu", "idle")
    assert "is no valid TOML" in done.err
    assert "The last settings that worked are used." in done.err


def test_b28_a_file_of_a_newer_program_is_read_and_left_alone(
    cli: CommandLine,  # noqa: F811
) -> None:
    with SimulatedSwarmUI() as server:
        cli.config.mkdir(parents=True)
        file = cli.config / "settings.toml"
        text = TEXT.replace("schema = 1", "schema = 99\nnew = true").replace("http://127.0.0.1:7801", server.url)
        file.write_text(text)
        assert cli("status").server["state"] == "idle"
        done = cli("config", "set", "polling.idle", "7")
    assert done.code == 2
    assert "newer version of this program" in done.err
    assert file.read_text() == text
