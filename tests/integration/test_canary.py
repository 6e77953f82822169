"""No key and no session leaves keyring, memory and wire: each flow from outside, then a look into every place."""

import base64
import json
import os
import secrets
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.integration.canary import World
from tests.integration.hostile import GOOD_SESSION, GOOD_STATUS, Connection, HostileServer, Received, http
from tests.private_desktop import Desktop
from tray_app.cli.arguments import build_parser
from tray_app.core.credentials import login_value
from tray_app.simulator.server import SimulatedSwarmUI

Servers = Callable[..., SimulatedSwarmUI]

HEADER = "Bearer canary-5c1e07d2a94b-header"
PASSWORD = "canary-77ab02e1-password"
SESSION = "c0" + "5e55" * 9 + "af"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def servers() -> Iterator[Servers]:
    with ExitStack() as stack:
        yield lambda *args, **options: stack.enter_context(SimulatedSwarmUI(*args, **options))


def secret_of(token: str) -> str:
    """An account token without the name at its start, which is no secret."""
    return token.partition(".")[2]


def session_of(server: SimulatedSwarmUI) -> str:
    """The last session id that the server was sent."""
    ids = [each.body["session_id"] for each in server.requests if each.body and "session_id" in each.body]
    return str(ids[-1])


def post(server: SimulatedSwarmUI, route: str, body: dict[str, str]) -> object:
    request = urllib.request.Request(
        f"{server.url}/API/{route}", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def test_the_search_finds_a_secret_in_each_form_and_place(world: World) -> None:
    token = secrets.token_hex(16)
    for at, form in enumerate((token[4:18], token.encode().hex(), base64.b64encode(f"a:{token}".encode()).decode())):
        (world.home / f"file{at}").write_text(f"x{form}x")
    world.keep("somewhere", f"…{token[:12]}")
    assert len(world.traces(token)) == 4
    assert world.traces(token[::-1]) == []


def test_right_keys_leave_no_trace_with_any_verb(world: World, servers: Servers) -> None:
    server = servers(accounts=True, authorization=HEADER)
    token = server.add_user("anna", "owner")
    keys = {"SWARMUI_TOKEN": token, "SWARMUI_AUTHORIZATION": HEADER}
    server.generate("anna", images=2, seconds=30, steps=30)
    for verb in (
        ["status"],
        ["key", "test"],
        ["cancel", "--dry-run"],
        ["cancel", "--all", "--yes", "--reason", "because"],
        ["wait", "--until", "reachable"],
        ["log", "--json"],
    ):
        assert world.run("-v", *verb, "--url", server.url, **keys).code == 0, verb
    assert world.traces(secret_of(token), HEADER, session=session_of(server)) == []


def test_diagnostics_and_exported_settings_hold_no_trace(world: World, servers: Servers) -> None:
    server = servers(accounts=True, authorization=HEADER)
    token = server.add_user("anna", "owner")
    keys = {"SWARMUI_TOKEN": token, "SWARMUI_AUTHORIZATION": HEADER}
    address = server.url.replace("://", f"://anna:{PASSWORD}@") + f"/?token={token}"
    assert world.run("config", "set", "server", address).code == 0
    world.cli.state.mkdir(parents=True, exist_ok=True)
    (world.cli.state / "debug.log").write_text("an older line\n")
    assert world.run("-v", "doctor", "--json", "--bundle", "bundle.zip", **keys).code == 0
    assert world.run("doctor", "--bundle", "another.zip", SWARMUI_TOKEN=token).code == 4
    assert zipfile.is_zipfile(world.home / "bundle.zip")
    assert world.run("config", "export", "settings.txt").code == 0
    assert world.run("config", "show").code == 0
    assert world.traces(secret_of(token), HEADER, PASSWORD, session=session_of(server)) == []


def test_no_child_is_given_a_key_by_argument_or_environment(world: World, servers: Servers) -> None:
    server = servers(accounts=True)
    token = server.add_user("anna", "admin")
    # The keyring's child is started for a server with a stored key while the environment holds another one.
    other = f"616e6e.{HEADER.split()[1]}.x"
    assert world.run("key", "set", "--url", server.url, stdin=other, SWARMUI_TOKEN=token).code == 4
    assert "keyring_child" in world.children.read_text()
    assert world.traces(secret_of(token), HEADER.split()[1]) == []


def test_wrong_keys_leave_no_trace(world: World, servers: Servers) -> None:
    server = servers(accounts=True, authorization=HEADER)
    token = f"616e6e61.{secrets.token_hex(16)}.{secrets.token_hex(16)}"
    wrong = "Basic " + base64.b64encode(f"anna:{PASSWORD}".encode()).decode()
    for keys in (
        {"SWARMUI_TOKEN": token},
        {"SWARMUI_AUTHORIZATION": wrong},
        {"SWARMUI_TOKEN": token, "SWARMUI_AUTHORIZATION": HEADER},
        {"SWARMUI_TOKEN": f"{token} with a blank"},
        {"SWARMUI_AUTHORIZATION": f"{wrong}\u2028"},
    ):
        for verb in ("status", "wait"):
            assert world.run("-v", verb, "--url", server.url, **keys).code in {2, 4}
    assert world.traces(secret_of(token), HEADER, wrong, PASSWORD) == []


def test_expired_sessions_and_revoked_tokens_leave_no_trace(world: World, servers: Servers) -> None:
    server = servers(accounts=True)
    token = server.add_user("anna", "admin")
    status = ["-v", "status", "--url", server.url]
    assert world.run(*status, SWARMUI_TOKEN=token).code == 0
    old = session_of(server)
    server.drop_sessions()
    assert world.run(*status, SWARMUI_TOKEN=token).code == 0
    new = session_of(server)
    assert old != new
    assert post(server, "RevokeMyAuthToken", {"session_id": new, "tokenId": token.split(".")[1]}) == {"success": True}
    server.drop_sessions()
    assert world.run(*status, SWARMUI_TOKEN=token).code == 4
    assert world.traces(secret_of(token), old, session=new) == []


def test_no_key_follows_a_redirect(world: World) -> None:
    token = f"616e6e61.{secrets.token_hex(16)}.{secrets.token_hex(16)}"
    with HostileServer(http(GOOD_SESSION)) as other:
        for location in (f"{other.url}/API/GetNewSession?{token}", f"//127.0.0.1:{other.port}/{token}", f"/{token}"):
            for status in (301, 302, 303, 307, 308):
                with HostileServer(http(b"", status, headers={"Location": location})) as server:
                    done = world.run("-v", "status", "--url", server.url, SWARMUI_TOKEN=token)
                    assert (done.code, len(server.requests)) == (5, 1)
                if location.startswith("/"):
                    break
    assert other.connections == 0
    assert world.traces(secret_of(token)) == []


def escaped(data: bytes) -> bytes:
    """The same JSON with every character of its texts as a number."""

    def numbers(value: object) -> str:
        match value:
            case str():
                return '"' + "".join(f"\\u{ord(each):04x}" for each in value) + '"'
            case dict():
                return "{" + ",".join(f"{json.dumps(name)}:{numbers(each)}" for name, each in value.items()) + "}"
            case list():
                return "[" + ",".join(map(numbers, value)) + "]"
            case _:
                return json.dumps(value)

    return numbers(json.loads(data)).encode()


def repeating(*, by_numbers: bool) -> Callable[[Connection, Received], None]:
    """A server that says all that it was sent in every text that it answers with."""

    def script(connection: Connection, request: Received) -> None:
        said = f"{request.headers.get('cookie')} {request.headers.get('authorization')} {request.body.decode()}"
        route = request.path.rpartition("/")[2]
        answers: dict[str, object] = {
            "GetNewSession": GOOD_SESSION | {"user_id": said, "version": f"0.9.8.2 {said}", "session_id": SESSION},
            "GetGlobalStatus": GOOD_STATUS
            | {"backend_status": {"status": "errored", "class": "error", "message": said, "any_loading": False}},
            "ListConnectedUsers": {"users": [{"id": said}]},
        }
        body = json.dumps(answers.get(route, {"error": said, "error_id": said})).encode()
        connection.send(http(escaped(body) if by_numbers else body))

    return script


@pytest.mark.parametrize("by_numbers", [False, True])
def test_what_a_server_repeats_leaves_no_trace(world: World, by_numbers: bool) -> None:
    token = f"616e6e61.{secrets.token_hex(16)}.{secrets.token_hex(16)}"
    keys = {"SWARMUI_TOKEN": token, "SWARMUI_AUTHORIZATION": HEADER}
    with HostileServer(repeating(by_numbers=by_numbers)) as server:
        for verb in (
            ["status"],
            ["key", "test"],
            ["cancel", "--all", "--yes", "--reason", token],
            ["cancel", "--yes"],
            ["wait", "--timeout", "1"],
            ["log"],
        ):
            world.run("-v", *verb, "--url", server.url, **keys)
    assert any("GetGlobalStatus" in path for path in server.paths())
    assert world.traces(secret_of(token), HEADER, session=SESSION) == []


def test_what_a_server_repeats_in_headers_and_pages_leaves_no_trace(world: World) -> None:
    token = f"616e6e61.{secrets.token_hex(16)}.{secrets.token_hex(16)}"
    for status in (302, 401, 403, 404, 407, 500, 503):

        def script(connection: Connection, request: Received, status: int = status) -> None:
            said = f"{request.headers.get('authorization')} {request.headers.get('cookie')}"
            headers = {"Location": f"/{said}", "WWW-Authenticate": said, "X-Said": said}
            connection.send(http(f"<html>{said}".encode(), status, "text/html", headers))

        with HostileServer(script) as server:
            keys = {"SWARMUI_TOKEN": token, "SWARMUI_AUTHORIZATION": HEADER}
            assert world.run("-v", "status", "--url", server.url, **keys).code != 0
    assert world.traces(secret_of(token), HEADER) == []


FAULT = """
import sys
import tray_app.adapters.{module} as module
before = module.{function}
def broken(self, *args, **kwargs):
    token, header = self.__dict__, locals()
    raise {kind}(f"{{TOKEN}} {{HEADER}} {{args}} {{kwargs}}", {{"all": [TOKEN, HEADER]}})
module.{function} = broken
import os
TOKEN, HEADER = os.environ["SWARMUI_TOKEN"], os.environ["SWARMUI_AUTHORIZATION"]
from tray_app.cli.main import main
sys.exit(main())
"""


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("http.transport:Transport._read", "RuntimeError"),
        ("swarm.gateway:SwarmServer.read", "KeyError"),
        ("swarm.session:Session._use", "RecursionError"),
        ("state_file:StateFile._read", "AttributeError"),
    ],
)
@pytest.mark.parametrize("verb", ["status", "watch", "run"])
def test_a_fault_of_our_own_among_secrets_leaves_no_trace(
    world: World, servers: Servers, place: str, kind: str, verb: str
) -> None:
    server = servers(accounts=True, authorization=HEADER)
    token = server.add_user("anna", "admin")
    keys = {"SWARMUI_TOKEN": token, "SWARMUI_AUTHORIZATION": HEADER}
    module, _, function = place.partition(":")
    script = FAULT.format(module=module, function=function, kind=kind)
    process = subprocess.Popen(
        [sys.executable, "-c", script, "-v", verb, "--url", server.url],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=world.home,
        env=world.cli.environment | keys,
    )
    try:
        printed, _ = process.communicate(timeout=20 if verb != "run" else 4)
        assert process.returncode == 1
    except subprocess.TimeoutExpired:  # the live view goes on without what has failed
        assert verb == "run"
        process.kill()
        printed, _ = process.communicate()
    world.keep(verb, printed)
    assert "Traceback" not in printed
    assert f"{kind}: " in (world.cli.state / "debug.log").read_text()
    ids = {each.body["session_id"] for each in server.requests if each.body and "session_id" in each.body}
    assert world.traces(secret_of(token), HEADER, session=next(iter(ids), "")) == []


def test_failures_that_are_told_and_noted_leave_no_trace(world: World, servers: Servers) -> None:
    server = servers(accounts=True, authorization=HEADER)
    token = server.add_user("anna", "owner")
    for option, value in (("server", server.url), ("polling.idle", "0.5"), ("activity.prompts", "true")):
        assert world.run("config", "set", option, value).code == 0
    environment = world.cli.environment | {"SWARMUI_TOKEN": token, "SWARMUI_AUTHORIZATION": HEADER}
    printed = world.home / "printed"
    with printed.open("w") as file:
        live = subprocess.Popen(world.cli.command("-v", "run"), stdout=file, stderr=file, env=environment)
    try:
        server.wait_until(lambda: any(each.path.endswith("GetGlobalStatus") for each in server.requests), 30)
        session = session_of(server)
        server.fail_next(f"out of memory at {token} {HEADER} {session}")
        server.generate("anna", images=2, seconds=3)
        noted = world.cli.state / "activity.jsonl"
        server.wait_until(lambda: noted.exists() and "failed" in noted.read_text(), 20)
    finally:
        live.kill()
        live.wait()
    assert "Traceback" not in printed.read_text()
    assert "***" in "".join(each.read_text() for each in world.cli.state.glob("activity*"))
    assert world.traces(secret_of(token), HEADER, session=session) == []


def test_keys_where_none_belong_are_not_repeated(world: World, servers: Servers) -> None:
    server = servers()
    token = f"616e6e61.{secrets.token_hex(16)}.{secrets.token_hex(16)}"
    address = server.url.replace("://", f"://anna:{PASSWORD}@") + f"/?token={token}"
    assert world.run("-v", "status", "--url", address).code == 0
    assert world.run("config", "set", "server", address).code == 0
    for wrong in (
        ["key", "set", token],
        ["key", "set", "--token", token],
        ["key", "set", f"--token={token}"],
        ["key", token],
        ["status", f"--request-timeout={token}"],
        ["status", "--backend", token],
        ["config", "set", "server", f"http://[{token}"],
        ["config", "set", token, "x"],
        ["config", "set", "polling.busy", token],
        ["config", "set", "notifications.quiet_hours", token],
        ["config", "set", "notifications.quiet_hours", f"token={token[:14]}"],
        ["config", "set", "tray.icon", f"Bearer {token}"],
        ["config", "set", "server-certificate", token],
        ["config", "set", "server", f"ftp://anna:{PASSWORD}@host"],
    ):
        assert world.run(*wrong).code == 2, wrong
    assert world.run("key", "set", "--url", server.url, stdin=f"{token} {token}").code == 2
    assert world.run("key", "set", "--url", server.url, stdin=f"{token}\n" * 200).code == 2
    assert world.run("key", "set", "--url", server.url, stdin=secret_of(token)).code == 2
    assert world.traces(secret_of(token), PASSWORD) == []


@pytest.mark.parametrize(
    "written",
    [
        '[[servers]]\nname = "home"\naddress = "{address}"\n',
        'servers = "{address}"\n',
        'servers = ["{address}"]\n',
        '[[servers]]\nname = "home"\naddress = ["{address}"]\n',
        '[polling]\nbusy = "{address}"\n',
        '[notifications]\nquiet_hours = "{address}"\n',
        'polling = "{token}"\n',
        '[[servers]]\naddress = "{address}\n',
    ],
)
def test_keys_written_into_the_settings_by_hand_are_not_repeated(world: World, servers: Servers, written: str) -> None:
    server = servers()
    token = f"616e6e61.{secrets.token_hex(16)}.{secrets.token_hex(16)}"
    address = server.url.replace("://", f"://anna:{PASSWORD}@") + f"/?token={token}"
    settings = Path(world.run("config", "path").out.strip())
    settings.parent.mkdir(parents=True)
    settings.write_text(written.format(address=address, token=f"Bearer-token-{token}"))
    for verb in (["config", "show"], ["status", "-v"], ["key", "test"]):
        assert world.run(*verb).code in {0, 2}
    for each in settings.parent.iterdir():  # what its user wrote there is the user's
        each.unlink()
    assert world.traces(secret_of(token), PASSWORD) == []


def test_the_password_of_a_proxy_leaves_no_trace(world: World) -> None:
    with HostileServer(http(b"no", 407, headers={"Proxy-Authenticate": "Basic"})) as proxy:
        way = f"http://anna:{PASSWORD}@127.0.0.1:{proxy.port}"
        for url in ("http://swarm.example:7801", "https://swarm.example:7801"):
            keys = {"HTTP_PROXY": way, "HTTPS_PROXY": way, "SWARMUI_AUTHORIZATION": HEADER}
            assert world.run("-v", "status", "--url", url, **keys).code in {3, 4}
    sent = [each.headers.get("proxy-authorization", "") for each in proxy.requests]
    assert all(each.startswith("Basic ") for each in sent)
    assert world.traces(PASSWORD, HEADER) == []


@pytest.mark.desktop
def test_stored_keys_leave_no_trace_from_set_to_clear(
    world: World, servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> None:
    server = servers(accounts=True, authorization=HEADER)
    token = server.add_user("anna", "admin")
    url = ["--url", server.url]
    with pytest.MonkeyPatch.context() as patch:
        desktop = Desktop(tmp_path_factory.mktemp("desktop"), patch)
        try:
            desktop.keyring()
            world.elsewhere.append(desktop.home)
            world.cli.environment["DBUS_SESSION_BUS_ADDRESS"] = os.environ["DBUS_SESSION_BUS_ADDRESS"]
            assert world.run("-v", "key", "set", *url, stdin=f"{token}\n").code == 0
            assert world.run("-v", "key", "set", "--authorization", *url, stdin=f"{HEADER}\n").code == 0
            for verb in (["status"], ["key", "test"], ["cancel", "--all", "--yes"], ["log"]):
                assert world.run("-v", *verb, *url).code == 0, verb
            session = session_of(server)
            assert world.run("-v", "key", "clear", *url).code == 0
            assert world.run("-v", "status", *url).code == 4
            server.add_user("anna", "admin", PASSWORD)
            for password, code in ((f"{PASSWORD}x", 4), (PASSWORD, 0)):
                words = ["-v", "key", "sign-in", "--user", "anna", *url]
                assert world.run(*words, stdin=password, SWARMUI_AUTHORIZATION=HEADER).code == code
        finally:
            desktop.end()
    assert "keyring_child" in world.children.read_text()
    login = next(each.headers["Cookie"] for each in server.requests if each.route == "RevokeMyAuthToken")
    made = [each.secret for each in server.world.accounts.all()[0].tokens.values()]
    kept = [PASSWORD, login_value("anna", PASSWORD), login_value("anna", f"{PASSWORD}x"), secret_of(login), *made]
    assert world.traces(secret_of(token), HEADER, session, *kept) == []


def test_every_verb_has_been_thought_of() -> None:
    """A new verb goes through the flows above, or is named here: it meets no key, or has a test of this kind itself."""
    known = {"run", "status", "watch", "wait", "cancel", "log", "config", "key", "doctor"}
    known |= {"demo", "servers", "setup", "completion", "manual"}
    verbs = next(each for each in build_parser()._actions if each.dest == "verb").choices
    assert set(verbs or ()) <= known
