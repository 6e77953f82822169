"""`config`: where the file is, what is in force, and changing it."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.integration.cli.conftest import CommandLine
from tests.integration.hostile import GOOD_SESSION, GOOD_STATUS, by_route, http
from tests.integration.tls_server import TlsServer, certify_localhost
from tray_app.core.options import OPTIONS


def test_path_follows_profile_and_file(cli: CommandLine, tmp_path: Path) -> None:
    assert cli("config", "path").out == f"{cli.config / 'settings.toml'}\n"
    assert cli("--profile", "studio", "config", "path").out == f"{cli.config / 'profiles' / 'studio'}/settings.toml\n"
    assert cli("config", "path", "--config", str(tmp_path / "x.toml")).out == f"{tmp_path / 'x.toml'}\n"
    assert cli("--profile", "../x", "config", "path").code == 2
    assert not cli.config.exists()


def test_show_names_every_setting(cli: CommandLine) -> None:
    shown = cli("config", "show").object
    assert (shown.pop("schema"), shown.pop("servers")) == (1, [])
    assert {f"{table}.{key}": value for table, keys in shown.items() for key, value in keys.items()} == {
        each.path: each.default for each in OPTIONS
    }


def test_set_writes_a_commented_file_that_shows_it(cli: CommandLine) -> None:
    assert cli("config", "set", "polling.busy", "2").code == 0
    assert cli("config", "set", "notifications.lost", "off").code == 0
    assert cli("config", "set", "server", "gpu.example.org").code == 0
    text = (cli.config / "settings.toml").read_text()
    assert f"# {OPTIONS[0].comment}\nbusy = 2.0\n" in text
    data = tomllib.loads(text)
    assert data["servers"] == [{"name": "gpu.example.org:7801", "address": "http://gpu.example.org:7801"}]
    shown = cli("config", "show").object
    assert (shown["polling"]["busy"], shown["notifications"]["lost"]) == (2.0, False)


def test_the_address_of_the_only_server_is_replaced_and_a_named_one_added(cli: CommandLine) -> None:
    cli("config", "set", "server", "http://a:1", "--server", "home")
    cli("config", "set", "server", "http://b:1")
    cli("config", "set", "server", "http://c:1", "--server", "gpu")
    assert cli("config", "show").object["servers"] == [
        {"name": "home", "address": "http://b:1"},
        {"name": "gpu", "address": "http://c:1"},
    ]
    done = cli("config", "set", "server", "http://d:1")
    assert done.code == 2
    assert "home, gpu" in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["polling.often", "1"], "There is no setting polling.often"),
        (["polling.busy", "soon"], "is not a number from 0.2 to 60"),
        (["polling.busy", "0"], "is not a number from 0.2 to 60"),
        (["notifications.lost", "1"], "is not true or false"),
        (["server", "ftp://x"], "not by ftp"),
        (["server", ""], "empty"),
    ],
)
def test_what_cannot_be_set_is_told_and_nothing_written(cli: CommandLine, arguments: list[str], said: str) -> None:
    done = cli("config", "set", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert not (cli.config / "settings.toml").exists()


def test_what_cannot_be_used_in_the_file_is_told_all_at_once(cli: CommandLine) -> None:
    cli.config.mkdir(parents=True)
    (cli.config / "settings.toml").write_text('[polling]\nbusy = "x"\nidle = 0\n')
    done = cli("config", "show")
    assert (done.code, done.object["polling"]["busy"]) == (2, 1.0)
    assert "polling.busy: " in done.err
    assert "polling.idle: " in done.err


def test_a_server_given_on_the_line_has_no_meaning_for_it(cli: CommandLine) -> None:
    assert cli("config", "show", "--url", "http://a:1").code == 2
    assert cli("config", "show", "--demo").code == 2


def test_a_home_that_cannot_be_written(cli: CommandLine) -> None:
    (cli.home / "config").write_text("a file, not a folder")
    done = cli("config", "set", "polling.busy", "2")
    assert done.code == 2
    assert "cannot be written" in done.err


def test_a_profile_keeps_its_own_settings_and_memory(cli: CommandLine) -> None:
    cli("--profile", "studio", "config", "set", "polling.busy", "2")
    assert cli("config", "show").object["polling"]["busy"] == 1.0
    assert cli("config", "show", "--profile", "studio").object["polling"]["busy"] == 2.0


def test_a_certificate_is_trusted_on_first_use_by_its_fingerprint_and_a_change_is_an_alarm(
    cli: CommandLine, tmp_path: Path
) -> None:
    routes = {"GetNewSession": http(GOOD_SESSION), "ListConnectedUsers": http({"users": []}), "ListBackends": http({})}
    good = by_route(routes, otherwise=http(GOOD_STATUS))
    first, second = (certify_localhost(tmp_path / f"{number}.pem") for number in (1, 2))
    with TlsServer(good, first) as server:
        port = server.port
        assert cli("config", "set", "server", f"https://127.0.0.1:{port}", "--server", "home").code == 0
        untrusted = cli("status")
        assert (untrusted.code, untrusted.server["problem"]["code"]) == (3, "untrusted")
        shown = re.findall("sha256:[0-9A-F:]{95}", untrusted.server["problem"]["advice"])[0]
        assert server.requests == []
        assert cli("config", "set", "server-certificate", shown).code == 0
        assert cli("config", "show").object["servers"][0]["certificate"] == shown
        assert cli("status").code == 0
    with TlsServer(good, second, port=port) as server:
        changed = cli("status")
        assert (changed.code, changed.server["problem"]["code"]) == (3, "certificate_changed")
        assert shown in changed.server["problem"]["advice"]
        assert server.requests == []
        # Another name keeps it, another port does not, and an empty text takes it back.
        assert cli("servers", "rename", "home", "studio").code == 0
        assert cli("config", "show").object["servers"][0]["certificate"] == shown
        assert cli("config", "set", "server-certificate", "").code == 0
        assert cli("status").server["problem"]["code"] == "untrusted"
    cli("config", "set", "server-certificate", shown)
    assert cli("config", "set", "server", "https://127.0.0.1:1").code == 0
    assert "certificate" not in cli("config", "show").object["servers"][0]


def test_a_certificate_that_makes_no_sense_is_refused(cli: CommandLine) -> None:
    assert cli("config", "set", "server-certificate", "ab" * 32).code == 2
    assert cli("config", "set", "server", "http://gpu.lan").code == 0
    for text in ("ab" * 32, "sha256:x"):
        assert cli("config", "set", "server-certificate", text).code == 2
