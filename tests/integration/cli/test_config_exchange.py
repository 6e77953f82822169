"""`config export` and `config import`: everything its user wrote comes along, no key does."""

import stat
import tomllib
from pathlib import Path

import pytest

from tests.integration.cli.conftest import CommandLine

FILE = """\
# mine
schema = 1
later = "unknown here" # kept

[polling]
busy = 2.5 # quicker

[[servers]]
name = "home"
address = "http://ann:canary-pass@gpu.example:7801/?token=canary-token" # by hand
colour = "blue"

[[servers]]
name = "lab"
address = "http://lab.example:7801"
"""


@pytest.fixture
def filled(cli: CommandLine) -> CommandLine:
    """A home with settings, in which the keyring is known to hold a key for `home`."""
    cli.config.mkdir(parents=True)
    (cli.config / "settings.toml").write_text(FILE)
    cli.state.mkdir(parents=True)
    (cli.state / "state.json").write_text('{"keys": ["http://gpu.example:7801"]}')
    return cli


def test_everything_but_the_keys_is_exported_and_comes_back(filled: CommandLine) -> None:
    away = filled.home / "away.toml"
    done = filled("config", "export", str(away))
    assert (done.code, done.out) == (0, "")
    assert stat.S_IMODE(away.stat().st_mode) == 0o600
    text = away.read_text()
    assert "canary" not in text
    for kept in ("# mine", "# kept", "# quicker", "# by hand", 'colour = "blue"', 'later = "unknown here"'):
        assert kept in text
    assert filled("config", "export", "-").out == text

    (filled.config / "settings.toml").unlink()
    (filled.config / "settings.toml.last-good").unlink(missing_ok=True)
    (filled.state / "state.json").unlink()
    done = filled("config", "import", str(away))
    assert done.code == 0
    assert "`key set --server home` asks for it" in done.err
    assert "--server lab" not in done.err
    back = (filled.config / "settings.toml").read_text()
    assert tomllib.loads(back)["servers"] == [
        {"name": "home", "address": "http://gpu.example:7801", "colour": "blue"},
        {"name": "lab", "address": "http://lab.example:7801"},
    ]
    assert "# quicker" in back
    assert filled("config", "show").object["polling"]["busy"] == 2.5


def test_what_was_in_force_is_kept_beside_it(filled: CommandLine) -> None:
    done = filled("config", "import", "-", stdin="schema = 1\n")
    assert done.code == 0
    assert (filled.config / "settings.toml.before-import").read_text() == FILE
    assert filled("config", "show").object["servers"] == []


def test_without_settings_the_explained_defaults_are_exported(cli: CommandLine) -> None:
    text = cli("config", "export", "-").out
    assert "# Seconds between two looks at the server while it works." in text
    assert tomllib.loads(text)["schema"] == 1
    assert not cli.config.exists()


def test_a_key_that_is_here_already_is_not_asked_for(filled: CommandLine) -> None:
    text = filled("config", "export", "-").out
    assert "key set" not in filled("config", "import", "-", stdin=text).err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("busy = [", "no valid TOML"),
        ("[polling]\nbusy = 'x'\nidle = 0\n", "polling.idle"),
        ("schema = 9\n", "form 9"),
        ("[[servers]]\nname = 'x'\n", "servers[0].address"),
        ("#" * 1_100_000, "too large"),
    ],
)
def test_what_cannot_be_used_is_told_all_at_once_and_changes_nothing(filled: CommandLine, text: str, said: str) -> None:
    done = filled("config", "import", "-", stdin=text)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert (filled.config / "settings.toml").read_text() == FILE


def test_settings_of_a_newer_form_are_exported_but_never_replaced(filled: CommandLine) -> None:
    newer = FILE.replace("schema = 1", "schema = 9")
    (filled.config / "settings.toml").write_text(newer)
    assert "schema = 9" in filled("config", "export", "-").out
    for arguments in (["import", "-"], ["set", "polling.busy", "2"]):
        done = filled("config", *arguments, stdin="schema = 1\n")
        assert done.code == 2
        assert "newer version" in done.err
    assert (filled.config / "settings.toml").read_text() == newer


def test_a_broken_file_is_not_exported_but_can_be_replaced(filled: CommandLine) -> None:
    (filled.config / "settings.toml").write_text("broken [")
    done = filled("config", "export", "-")
    assert (done.code, done.out) == (2, "")
    assert filled("config", "import", "-", stdin=FILE).code == 0
    assert (filled.config / "settings.toml.before-import").read_text() == "broken ["


def test_files_that_cannot_be_read_or_written_are_told(cli: CommandLine, tmp_path: Path) -> None:
    (cli.home / "file").write_text("")
    (cli.home / "bytes").write_bytes(b"\xff\xfe\x00")
    assert "cannot be read" in cli("config", "import", "nowhere.toml").err
    assert "it is no text" in cli("config", "import", "bytes").err
    assert "cannot be written" in cli("config", "export", str(cli.home / "file" / "x.toml")).err
