"""The connection test against every server that somebody may point it at: the step that fails, and what to do."""

import re
import time
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.integration.hostile import GOOD_SESSION, Connection, HostileServer, Received, Script, by_route, hang, http
from tests.integration.tls_server import TlsServer, certify_localhost
from tray_app.adapters.checkup import STEPS, check
from tray_app.adapters.swarm.session_stores import MemorySessions
from tray_app.core.address import parse_address
from tray_app.core.checkup import ABILITIES, Step
from tray_app.core.credentials import Credentials
from tray_app.simulator.permissions import ROLES, permissions
from tray_app.simulator.server import SimulatedSwarmUI

HEADER = "Bearer canary-header-0123456789"
VERSIONS = ("0.9.8.2", "0.9.7.0")
SWARMUI_ROOT = http(b"", 302, headers={"Location": "/Text2Image"})
ADVICE = re.compile(
    r"\. (Add|Ask|Change|Check|Correct|Enter|If|It may|Look|Make|Set|Start|SwarmUI may|Try|Update|Wait) .*\.$"
)
TIME = re.compile(r" \(\d+ ms\)\.")
WITHOUT_TIME = re.compile(r"needs no look-up\.$|^Not needed:|^(This key|With this SwarmUI) ")
"""Steps that ask for nothing, and what the one answer about the key comes to."""


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def tried(url: str, token: str = "", authorization: str = "", seconds: float = 5.0) -> list[Step]:
    """The steps, each of which must keep to what all have in common."""
    sessions = MemorySessions()
    steps = check(parse_address(url), Credentials(token, authorization), sessions, seconds=seconds)
    assert list(dict.fromkeys(step.name for step in steps if step.name != "Proxy")) == list(STEPS)
    made = sessions.load()
    for step in steps:
        assert step.text[0].isupper() or step.text.startswith(("http", parse_address(url).host))
        assert step.text.endswith(".")
        assert step.ok is not False or ADVICE.search(step.text), step
        for secret in (token, authorization, made.id if made else ""):
            assert not secret or secret not in step.text
    return steps


def outcomes(steps: list[Step]) -> dict[str, bool | None]:
    """How the steps before the permissions went."""
    return {step.name: step.ok for step in steps if step.name != "May"}


def failures(steps: list[Step]) -> list[str]:
    """The names of the steps that failed."""
    return [step.name for step in steps if step.ok is False]


def failure(steps: list[Step]) -> Step:
    """The one step that failed, without its time; all after it were not tried."""
    [failed] = [step for step in steps if step.ok is False]
    assert TIME.search(failed.text), failed
    place = steps.index(failed)
    assert [step[1:] for step in steps[place + 1 :]] == [(None, "Not tried.")] * (len(steps) - place - 1)
    return failed._replace(text=TIME.sub(".", failed.text))


class TestSwarmUI:
    """Servers that are what they should be."""

    @pytest.mark.parametrize("version", VERSIONS)
    @pytest.mark.parametrize("role", ROLES)
    def test_each_role_is_told_what_it_can_do_and_whom_to_ask_for_more(self, version: str, role: str) -> None:
        with SimulatedSwarmUI(version, accounts=True) as swarm:
            token = swarm.add_user("ann", role)
            steps = tried(swarm.url, token)
            made = [request for request in swarm.requests if request.path.endswith("GetNewSession")]
        assert all(outcomes(steps).values())
        assert all(TIME.search(step.text) or WITHOUT_TIME.search(step.text) for step in steps)
        assert steps[3].text.startswith(f"It is SwarmUI {version} (")
        assert re.fullmatch(r"You are the user ann there, with your key \(\d+ ms\)\.", steps[5].text)
        assert re.fullmatch(r"The server told its state, as far as this key may see it \(\d+ ms\)\.", steps[6].text)
        assert len(made) == 1
        held = set(permissions(role, old=version == "0.9.7.0"))
        for ability, step in zip(ABILITIES, steps[7:], strict=True):
            too_old = version == "0.9.7.0" and bool(ability.route)
            assert step.ok is (held.issuperset(ability.permissions) and not too_old)
            if not step.ok and not step.text.startswith("With this SwarmUI"):
                assert all((each in step.text) is (each not in held) for each in ability.permissions)

    @pytest.mark.parametrize("role", ["guest", "user", "poweruser"])
    def test_a_test_adds_no_refusal_to_the_servers_log(self, role: str) -> None:
        with SimulatedSwarmUI(accounts=True) as swarm:
            tried(swarm.url, swarm.add_user("ann", role))
            assert swarm.log("Warning") + swarm.log("Error") == []

    @pytest.mark.parametrize("version", VERSIONS)
    def test_a_server_without_accounts_needs_no_key(self, version: str) -> None:
        with SimulatedSwarmUI(version) as swarm:
            steps = tried(swarm.url.replace("127.0.0.1", "localhost"))
        assert all(outcomes(steps).values())
        assert steps[0].text.startswith("localhost is 127.0.0.1 (")
        assert steps[5].text.startswith("You are the user local there, without an account token (")

    @pytest.mark.parametrize(("token", "what"), [("", "wants an account"), ("61.b.c", "does not accept the account")])
    @pytest.mark.parametrize("version", VERSIONS)
    def test_a_missing_and_a_wrong_token_fail_at_the_account(self, version: str, token: str, what: str) -> None:
        with SimulatedSwarmUI(version, accounts=True) as swarm:
            steps = tried(swarm.url, token)
        failed = failure(steps)
        assert failed.name == "Account"
        assert what in failed.text
        assert steps[3] == Step("SwarmUI", ok=True, text="Its start page is the one of SwarmUI.")

    @pytest.mark.parametrize("header", ["", "Bearer wrong-header-0123456789"])
    @pytest.mark.parametrize("version", VERSIONS)
    def test_a_missing_and_a_wrong_header_fail_at_the_account_too(self, version: str, header: str) -> None:
        with SimulatedSwarmUI(version, authorization=HEADER) as swarm:
            steps = tried(swarm.url, authorization=header)
        failed = failure(steps)
        assert failed.name == "Account"
        assert "wants its server-wide Authorization header" in failed.text
        assert steps[3] == Step("SwarmUI", ok=None, text="Whether it is SwarmUI shows when it lets this key in.")

    def test_a_kept_session_is_used_again_and_one_that_has_ended_is_made_anew(self) -> None:
        sessions = MemorySessions()
        with SimulatedSwarmUI() as swarm:

            def again() -> list[str]:
                steps = check(parse_address(swarm.url), Credentials(), sessions, fresh=False)
                assert all(step.ok for step in steps)
                return [re.sub(r" \(\d+ ms\)", "", step.text) for step in steps if step.name == "Session"]

            [made] = again()
            assert made == "A new session was made."
            assert again() == ["The kept session is used again."]
            assert sum(request.path.endswith("GetNewSession") for request in swarm.requests) == 1
            kept = sessions.load()
            assert kept is not None
            sessions.save(replace(kept, identity=replace(kept.identity, version="0.9.7.0")))
            swarm.drop_sessions()
            assert again() == [
                "The kept session is used again.",
                "The kept session had ended; the new one is of the user local on SwarmUI 0.9.8.2.",
            ]

    def test_a_kept_session_does_not_hide_a_header_that_is_refused(self) -> None:
        sessions = MemorySessions()
        with SimulatedSwarmUI(authorization=HEADER) as swarm:
            address = parse_address(swarm.url)
            assert failures(check(address, Credentials(authorization=HEADER), sessions, fresh=False)) == []
            steps = check(address, Credentials(authorization="Bearer another"), sessions, fresh=False)
        assert failures(steps) == ["Account"]

    def test_a_connection_that_others_can_read_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with SimulatedSwarmUI() as swarm, HostileServer(_forward_to(swarm.port)) as proxy:
            monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
            steps = tried("http://gpu.example:7801")
        assert "not encrypted" in steps[3].text
        assert "https://" in steps[3].text

    def test_header_and_token_together_open_a_server_that_wants_both(self) -> None:
        with SimulatedSwarmUI(accounts=True, authorization=HEADER) as swarm:
            steps = tried(swarm.url, swarm.add_user("ann", "owner"), HEADER)
        assert all(step.ok for step in steps)


def answers(answer: bytes | Script) -> Script:
    """The start page of SwarmUI, and this to all else."""
    return by_route({"": SWARMUI_ROOT}, answer)


def speak_otherwise(connection: Connection, _request: Received) -> None:
    """Answer as a mail server does."""
    connection.send(b"220 mail.example ESMTP\r\n502 Command not recognised\r\n\r\n")
    connection.hang_up()


SESSION = http(GOOD_SESSION)
PAGE = http(b"<html>It works!</html>", content_type="text/html")
NOT_SWARMUI: list[tuple[str, bytes | Script, str, str]] = [
    ("another web server", PAGE, "SwarmUI", "is not SwarmUI's start page"),
    ("a web server that sends on to https", http(b"", 301, headers={"Location": "https://x/"}), "SwarmUI", "start"),
    ("no HTTP at all", speak_otherwise, "Connection", "does not answer as a web server does"),
    ("a proxy with a login", http(b"", 401, headers={"WWW-Authenticate": "Basic"}), "Account", "login by Basic"),
    ("the start page and nothing more", answers(http(b"", 404)), "SwarmUI", "There is no SwarmUI"),
    ("a session that is no JSON", answers(PAGE), "SwarmUI", "A web page answers"),
    ("a session without an id", answers(http({"user_id": "local"})), "SwarmUI", "“version” is missing"),
    ("deep JSON", answers(http(b'{"a":' * 50_000)), "SwarmUI", "no JSON object"),
    ("three megabytes", answers(http(b" " * 3_000_000)), "SwarmUI", "larger than 2 MiB"),
    ("a repeated token", answers(http({"error": "canary-token-0123456789"})), "Account", "does not accept"),
    (
        "a session and then errors",
        by_route({"": SWARMUI_ROOT, "GetNewSession": SESSION}, http({"error": "canary-token-0123456789"})),
        "May",
        "SwarmUI says: ***. Look",
    ),
    (
        "a session that comes back in an error",
        by_route({"": SWARMUI_ROOT, "GetNewSession": SESSION}, http({"error": f"Odd {GOOD_SESSION['session_id']}"})),
        "May",
        "SwarmUI says: Odd ***. Look",
    ),
]


@pytest.mark.parametrize(
    ("answer", "name", "what"), [case[1:] for case in NOT_SWARMUI], ids=[c[0] for c in NOT_SWARMUI]
)
def test_what_is_no_swarmui_fails_at_the_step_that_shows_it(answer: bytes | Script, name: str, what: str) -> None:
    with HostileServer(answer) as server:
        steps = tried(server.url, "canary-token-0123456789")
    failed = failure(steps)
    assert failed.name == name
    assert what in failed.text
    assert str(GOOD_SESSION["session_id"]) not in "".join(step.text for step in steps)


HANGING: list[tuple[str, Script, str]] = [
    ("at once", hang, "Connection"),
    ("after the start page", by_route({"": SWARMUI_ROOT}, hang), "SwarmUI"),
    ("after the session", by_route({"": SWARMUI_ROOT, "GetNewSession": SESSION}, hang), "May"),
]


@pytest.mark.punctual
@pytest.mark.parametrize(("script", "name"), [case[1:] for case in HANGING], ids=[case[0] for case in HANGING])
def test_a_server_that_hangs_is_given_up_in_time(script: Script, name: str) -> None:
    with HostileServer(script) as server:
        began = time.monotonic()
        failed = failure(tried(server.url, seconds=0.4))
    assert time.monotonic() - began < 2.0
    assert failed.name == name
    assert "did not answer within 0.4 s" in failed.text


class TestTheWayThere:
    """What goes wrong before anybody answers."""

    def test_a_port_where_nobody_listens_fails_at_the_connection(self) -> None:
        with HostileServer(b"") as server:
            url = server.url
        failed = failure(tried(url))
        assert failed == Step(
            "Connection",
            ok=False,
            text=f"Nothing answers at {url}. Start SwarmUI there, or correct the address in the settings.",
        )

    def test_a_name_that_nobody_knows_fails_at_the_name(self) -> None:
        steps = tried("http://no-such-host.invalid:7801", seconds=10.0)
        failed = failure(steps)
        assert failed.name == "Name"
        assert failed.text.startswith("The host name no-such-host.invalid is not known. Check")

    @pytest.mark.parametrize("version", VERSIONS)
    def test_the_proxy_of_the_environment_is_used_and_named(
        self, version: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with SimulatedSwarmUI(version) as swarm, HostileServer(_forward_to(swarm.port)) as proxy:
            monkeypatch.setenv("HTTP_PROXY", f"http://ann:canary-password@127.0.0.1:{proxy.port}")
            steps = tried("http://gpu.example:7801")
            assert {request.path.rpartition("/")[0] for request in proxy.requests} >= {"http://gpu.example:7801/API"}
        assert all(outcomes(steps).values())
        assert steps[0].text == "The proxy of this computer looks the name up."
        assert steps[1].text == f"This computer is set to reach it by the proxy 127.0.0.1:{proxy.port}."
        assert steps[2].text.startswith("Port 7801 answers through this computer's proxy (")
        assert "canary" not in "".join(step.text for step in steps)

    def test_a_proxy_that_is_gone_is_named_without_its_password(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with HostileServer(b"") as proxy:
            monkeypatch.setenv("HTTP_PROXY", f"http://ann:canary-password@127.0.0.1:{proxy.port}")
        failed = failure(tried("http://gpu.example:7801"))
        assert failed.name == "Connection"
        assert f"Nothing answers at the proxy 127.0.0.1:{proxy.port}." in failed.text
        assert "canary" not in failed.text

    def test_a_proxy_of_another_kind_fails_at_the_name(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ALL_PROXY", "socks5://ann:canary-password@127.0.0.1:1")
        failed = failure(tried("http://gpu.example:7801"))
        assert failed.name == "Name"
        assert "Set NO_PROXY=gpu.example" in failed.text
        assert "canary" not in failed.text


class TestTls:
    """Encrypted connections."""

    def test_a_certificate_that_nobody_vouches_for_fails_at_the_connection(self, certificate: Path) -> None:
        with TlsServer(SWARMUI_ROOT, certificate) as server:
            failed = failure(tried(f"https://localhost:{server.port}"))
        assert failed.name == "TLS"
        assert "is not trusted: self-signed certificate. Its fingerprint is sha256:" in failed.text

    def test_a_trusted_one_is_not_in_the_way(self, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with TlsServer(by_route({"": SWARMUI_ROOT}, SESSION), certificate) as server:
            steps = tried(f"https://localhost:{server.port}")
        assert [step.ok for step in steps[1:6]] == [True] * 5

    def test_https_to_a_server_without_it_says_so(self) -> None:
        with SimulatedSwarmUI() as swarm:
            failed = failure(tried(swarm.url.replace("http://", "https://")))
        assert failed.name == "TLS"
        assert failed.text.endswith("could be made. Check whether it should be http://.")


def _forward_to(port: int) -> Script:
    """A proxy for plain HTTP that reaches the same server whatever is asked for."""

    def forward(connection: Connection, request: Received) -> None:
        onward = HTTPConnection("127.0.0.1", port, timeout=5)
        path = "/" + request.path.split("/", 3)[3]
        kept = {name: value for name, value in request.headers.items() if name in {"host", "content-type", "cookie"}}
        onward.request(request.method, path, request.body or None, kept)
        answer = onward.getresponse()
        location = answer.headers.get("Location", "")
        kind = answer.headers.get("Content-Type", "")
        connection.send(http(answer.read(), answer.status, kind, {"Location": location}))
        onward.close()

    return forward


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that vouches for itself, with its key."""
    return certify_localhost(tmp_path_factory.mktemp("tls") / "both.pem")
