"""`servers`: the list in the settings, changed without losing anything that its user wrote there."""

import os
import tomllib
from collections.abc import Callable, Iterator

import pytest

from tests.integration.cli.conftest import CommandLine
from tests.private_desktop import Desktop
from tray_app.simulator.server import SimulatedSwarmUI

FILE = """\
# my servers
[[servers]]
name = "home" # under the desk
address = "http://127.0.0.1:7801"
colour = "blue"

[[servers]]
name = "lab"
address = "http://192.0.2.7:7801"
"""


def write(cli: CommandLine, text: str = FILE) -> None:
    cli.config.mkdir(parents=True)
    (cli.config / "settings.toml").write_text(text)


def listed(cli: CommandLine) -> list[tuple[str, str]]:
    return [(each["name"], each["address"]) for each in cli("servers", "list", "--json").object["servers"]]


def test_an_empty_list_says_how_to_fill_it(cli: CommandLine) -> None:
    done = cli("servers")
    assert (done.code, done.out) == (0, "")
    assert "servers add NAME ADDRESS" in done.err
    assert cli("servers", "list", "--json").object == {"schema": 1, "servers": []}


def test_it_is_shown_for_people_and_for_scripts(cli: CommandLine) -> None:
    write(cli)
    assert cli("servers").out == "home  http://127.0.0.1:7801\nlab   http://192.0.2.7:7801\n"
    assert cli("servers", "list", "--json").object["servers"][0] == {
        "name": "home",
        "address": "http://127.0.0.1:7801",
        "certificate": None,
        "key": False,
    }


def test_one_is_added_as_it_is_pasted_and_no_key_of_it_kept(cli: CommandLine) -> None:
    done = cli("servers", "add", "studio", "http://x:canary-pass@gpu.example.org/Text2Image?token=canary-token")
    assert done.code == 0
    assert "left out" in done.err
    assert listed(cli) == [("studio", "http://gpu.example.org")]
    assert "canary" not in done.out + done.err + (cli.config / "settings.toml").read_text()
    assert cli("servers", "add", "second", "gpu.example.org").code == 0
    twice = cli("servers", "add", "third", "gpu.example.org:7801/Text2Image")
    assert (twice.code, twice.err.count("“second”")) == (0, 1)
    assert cli("servers", "remove", "third").code == 0
    assert listed(cli)[1] == ("second", "http://gpu.example.org:7801")


def test_a_new_name_keeps_what_stands_beside_it(cli: CommandLine) -> None:
    write(cli)
    assert cli("servers", "rename", "home", "desk").code == 0
    text = (cli.config / "settings.toml").read_text()
    assert tomllib.loads(text)["servers"][0] == {"name": "desk", "address": "http://127.0.0.1:7801", "colour": "blue"}
    assert "# under the desk" in text
    assert "# my servers" in text


def test_two_of_one_address_are_told_apart_by_their_names(cli: CommandLine) -> None:
    write(cli, FILE.replace("192.0.2.7", "127.0.0.1"))
    assert cli("servers", "rename", "lab", "other").code == 0
    written = tomllib.loads((cli.config / "settings.toml").read_text())["servers"]
    assert [(each["name"], each.get("colour")) for each in written] == [("home", "blue"), ("other", None)]


@pytest.mark.parametrize(
    ("name", "place", "order"),
    [("home", "2", ["lab", "home", "attic"]), ("attic", "1", ["attic", "home", "lab"]), ("lab", "2", None)],
)
def test_one_is_moved(cli: CommandLine, name: str, place: str, order: list[str] | None) -> None:
    write(cli)
    cli("servers", "add", "attic", "http://a:1")
    assert cli("servers", "move", name, place).code == 0
    assert [each for each, _ in listed(cli)] == (order or ["home", "lab", "attic"])


def test_one_is_removed_and_the_rest_stays_as_it_is(cli: CommandLine) -> None:
    write(cli)
    done = cli("servers", "remove", "lab")
    assert (done.code, done.err) == (0, "")
    text = (cli.config / "settings.toml").read_text()
    assert 'colour = "blue"' in text
    assert "lab" not in text
    assert cli("servers", "remove", "home").code == 0
    assert listed(cli) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["add", "home", "http://a:1"], "a server named “home” already"),
        (["add", " ", "http://a:1"], "needs a name"),
        (["add", "x", "ftp://a"], "not by ftp"),
        (["rename", "home", "lab"], "a server named “lab” already"),
        (["rename", "nobody", "x"], "no server named “nobody”"),
        (["remove", "nobody"], "Known names: home, lab."),
        (["move", "home", "3"], "from 1 to 2"),
        (["move", "home", "0"], "from 1 to 2"),
        (["move", "nobody", "1"], "no server named “nobody”"),
        (["list", "--server", "home"], "list in the settings"),
        (["list", "--url", "http://a:1"], "list in the settings"),
    ],
)
def test_what_makes_no_sense_changes_nothing(cli: CommandLine, arguments: list[str], said: str) -> None:
    write(cli)
    done = cli("servers", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert (cli.config / "settings.toml").read_text() == FILE


def test_a_list_with_a_broken_entry_is_left_to_its_user(cli: CommandLine) -> None:
    text = FILE + '[[servers]]\nname = "typo"\n'
    write(cli, text)
    done = cli("servers", "add", "x", "http://a:1")
    assert done.code == 2
    assert "servers[2].address" in done.err
    assert (cli.config / "settings.toml").read_text() == text


def test_a_file_of_a_newer_form_is_only_read(cli: CommandLine) -> None:
    write(cli, "schema = 9\n" + FILE)
    assert [name for name, _ in listed(cli)] == ["home", "lab"]
    for arguments in (["add", "x", "http://a:1"], ["rename", "home", "x"], ["move", "home", "2"], ["remove", "lab"]):
        done = cli("servers", *arguments)
        assert done.code == 2
        assert "newer version" in done.err
    assert (cli.config / "settings.toml").read_text() == "schema = 9\n" + FILE


# -------------------------------------------------------------------------------------------------------------- keys


@pytest.fixture
def keyring(cli: CommandLine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    """The command line on a private bus with an unlocked gnome-keyring."""
    with pytest.MonkeyPatch.context() as patch:
        desktop = Desktop(tmp_path_factory.mktemp("desktop"), patch)
        try:
            desktop.keyring()
            cli.environment["DBUS_SESSION_BUS_ADDRESS"] = os.environ["DBUS_SESSION_BUS_ADDRESS"]
            yield cli
        finally:
            desktop.end()


@pytest.mark.desktop
def test_a_removed_server_takes_its_key_with_it_after_saying_so(
    keyring: CommandLine, servers: Callable[..., SimulatedSwarmUI]
) -> None:
    swarm = servers(accounts=True)
    keyring("servers", "add", "one", swarm.url)
    assert keyring("key", "set", "--server", "one", stdin=swarm.add_user("anna", "admin")).code == 0
    assert "key in the keyring" in keyring("servers").out
    assert keyring("status").server["user"] == "anna"
    done = keyring("servers", "remove", "one")
    assert done.code == 0
    assert f"The key for {swarm.url} is removed" in done.err
    keyring("servers", "add", "one", swarm.url)
    assert "key in the keyring" not in keyring("servers").out
    assert keyring("status").code == 4


@pytest.mark.desktop
def test_a_key_that_is_still_needed_or_shall_stay_stays(
    keyring: CommandLine, servers: Callable[..., SimulatedSwarmUI]
) -> None:
    swarm = servers(accounts=True)
    for name in ("one", "two"):
        keyring("servers", "add", name, swarm.url)
    keyring("key", "set", "--server", "one", stdin=swarm.add_user("anna", "admin"))
    assert keyring("servers", "remove", "one").err == ""
    assert keyring("status").server["user"] == "anna"
    assert keyring("servers", "remove", "two", "--keep-key").code == 0
    assert keyring("status", "--url", swarm.url).server["user"] == "anna"


@pytest.mark.desktop
def test_the_keys_of_several_servers_are_one_question_and_their_sessions_are_kept(
    keyring: CommandLine, servers: Callable[..., SimulatedSwarmUI]
) -> None:
    both = [servers(accounts=True), servers(accounts=True)]
    for number, swarm in enumerate(both):
        keyring("servers", "add", f"n{number}", swarm.url)
        keyring("key", "set", "--server", f"n{number}", stdin=swarm.add_user(f"user{number}", "admin"))
    for _ in range(2):
        done = keyring("status")
        assert [each["user"] for each in done.object["servers"]] == ["user0", "user1"]
    assert [sum(each.path == "/API/GetNewSession" for each in swarm.requests) for swarm in both] == [1, 1]


def test_without_a_keyring_the_server_goes_and_the_way_to_remove_its_key_is_told(cli: CommandLine) -> None:
    write(cli)
    cli.state.mkdir(parents=True)
    (cli.state / "state.json").write_text('{"keys": ["http://127.0.0.1:7801"]}')
    done = cli("servers", "remove", "home", DBUS_SESSION_BUS_ADDRESS="unix:path=/nowhere")
    assert done.code == 4
    assert "its key is still stored" in done.err
    assert "`swarmui-tray key clear --url http://127.0.0.1:7801` removes it" in done.err
    assert [name for name, _ in listed(cli)] == ["lab"]


def test_where_the_list_cannot_be_written_the_key_stays(cli: CommandLine) -> None:
    """The keyring is not even asked: it would have failed here."""
    write(cli, "schema = 9\n" + FILE)
    cli.state.mkdir(parents=True)
    state = '{"keys": ["http://127.0.0.1:7801"]}'
    (cli.state / "state.json").write_text(state)
    done = cli("servers", "remove", "home", DBUS_SESSION_BUS_ADDRESS="unix:path=/nowhere")
    assert done.code == 2
    assert "newer version" in done.err
    assert "key" not in done.err
    assert (cli.state / "state.json").read_text() == state


def test_a_removed_server_takes_its_session_with_it(cli: CommandLine, swarm: SimulatedSwarmUI) -> None:
    for name in ("one", "two"):
        cli("servers", "add", name, swarm.url)
    assert cli("status", "--server", "one").code == 0
    kept = cli.state / "state.json"
    session = next(each.body["session_id"] for each in swarm.requests if each.body and "session_id" in each.body)
    assert cli("servers", "remove", "one").code == 0
    assert session in kept.read_text()
    assert cli("servers", "remove", "two").code == 0
    assert session not in kept.read_text()
