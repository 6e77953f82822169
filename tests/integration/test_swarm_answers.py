"""Every malformed answer to the gateway's questions is one clear sentence, and no figure is invented from it."""

import json
from typing import Any

import pytest

from tests.integration.hostile import GOOD_SESSION, GOOD_STATUS, HostileServer, Script, by_route, hang_up, http
from tests.integration.swarm_setup import KeptInMemory, gateway
from tray_app.core.errors import Incompatible, KeyRefused, Refused, ServerError, Unreachable
from tray_app.core.model import Output
from tray_app.simulator.server import SimulatedSwarmUI

PAGE = b"<!DOCTYPE html><html><body>x</body></html>"


def page(status: int, **headers: str) -> bytes:
    return http(PAGE, status, "text/html", {name.replace("_", "-"): value for name, value in headers.items()})


def sent_on(location: str) -> bytes:
    return http(b"", 302, "", {"Location": location})


BASIC = page(401, WWW_Authenticate="Basic")
ANSWERS: list[tuple[str, bytes | Script, type[ServerError], str]] = [
    ("a web page", page(200), Incompatible, "A web page answers at {url} where SwarmUI's API should."),
    ("404", page(404), Incompatible, "There is no SwarmUI at {url} (404)."),
    ("502", page(502), Unreachable, "The proxy at {url} answers, but SwarmUI behind it does not (502)."),
    ("500", page(500), Unreachable, "The server at {url} answers with error 500."),
    (
        "Basic",
        page(401, WWW_Authenticate="Basic"),
        KeyRefused,
        "A proxy at {url} wants a login by Basic Authorization (401).",
    ),
    ("header", http(b"Unauthorized", 401, ""), KeyRefused, "{url} wants its server-wide Authorization header."),
    ("login page", sent_on("https://login.example/"), Incompatible, "{url} sends everybody on to https."),
    ("elsewhere", sent_on("http://login.example/"), Incompatible, "{url} sends us on to login.example."),
    ("old malformed", sent_on("/Error/BasicAPI"), Incompatible, "SwarmUI found our request malformed."),
    ("old internal", sent_on("/Error/Internal"), Refused, "SwarmUI had an internal error."),
    ("internal", http({"error_id": "internal_error", "error": "x"}, 400), Refused, "SwarmUI had an internal error."),
    (
        "garbage",
        http(b"\x00\xff\xfe" * 99),
        Incompatible,
        "The answer of {url} is no JSON object that can be read (200).",
    ),
    ("empty", http(b""), Incompatible, "An empty answer came from {url} (200)."),
    ("cut JSON", http(b'{"status": {'), Incompatible, "The answer of {url} is no JSON object that can be read (200)."),
    ("deep", http(b'{"a":' * 300_000), Incompatible, "The answer of {url} is no JSON object that can be read (200)."),
    ("list", http([]), Incompatible, "The answer of {url} is no JSON object that can be read (200)."),
    ("huge", http(b" " * (3 << 20)), Incompatible, "{url} sent an answer larger than 2 MiB."),
    ("hangs up", hang_up, Unreachable, "The connection to {url} broke off."),
    ("no web server", b"220 ftp ready\r\n\r\n", Incompatible, "{url} does not answer as a web server does."),
]


@pytest.mark.parametrize(("answer", "kind", "title"), [each[1:] for each in ANSWERS], ids=[each[0] for each in ANSWERS])
@pytest.mark.parametrize("route", ["GetNewSession", "GetGlobalStatus"])
def test_a_malformed_answer_is_one_clear_sentence(
    route: str, answer: bytes | Script, kind: type[ServerError], title: str
) -> None:
    routes = {"GetNewSession": http(GOOD_SESSION), "GetGlobalStatus": http(GOOD_STATUS), route: answer}
    store = KeptInMemory()
    with HostileServer(by_route(routes)) as hostile, gateway(hostile.url, store=store) as server:
        with pytest.raises(kind) as raised:
            server.read(full=False)
        assert raised.value.title == title.format(url=hostile.url)
        assert raised.value.advice
        assert (store.session is None) == (route == "GetNewSession")


def changed(path: str, value: Any) -> dict[str, Any]:
    """The good status with one part replaced; None takes it out."""
    status: dict[str, Any] = json.loads(json.dumps(GOOD_STATUS))
    parent, _, key = path.rpartition(".")
    place = status[parent] if parent else status
    if value is None:
        del place[key]
    else:
        place[key] = value
    return status


PARTS: list[tuple[str, object]] = [
    ("status.waiting_gens", None),
    ("status.live_gens", True),
    ("status.loading_models", -1),
    ("status.waiting_backends", 10**12),
    ("status.waiting_gens", "0"),
    ("status.waiting_gens", 0.0),
    ("status", []),
    ("status", None),
    ("backend_status", "running"),
    ("backend_status.any_loading", 0),
    ("backend_status.status", ""),
]


@pytest.mark.parametrize(("path", "value"), PARTS)
def test_a_status_with_a_wrong_part_is_never_read_as_idle(path: str, value: object) -> None:
    routes = {"GetNewSession": http(GOOD_SESSION), "GetGlobalStatus": http(changed(path, value))}
    with (
        HostileServer(by_route(routes)) as hostile,
        gateway(hostile.url) as server,
        pytest.raises(Incompatible, match="The reply to GetGlobalStatus cannot be read"),
    ):
        server.read(full=False)


@pytest.mark.parametrize("path", ["", "/API/GetNewSession"])
def test_an_old_server_under_a_wrong_path_is_no_swarmui(path: str) -> None:
    with HostileServer(sent_on("/Error/404")) as hostile, gateway(f"{hostile.url}/wrong{path}") as server:
        with pytest.raises(Incompatible, match="There is no SwarmUI API at"):
            server.read(full=True)
        assert hostile.paths() == ["/wrong/API/GetNewSession"]


def test_a_base_path_leads_every_request() -> None:
    routes = {
        "GetNewSession": http(GOOD_SESSION),
        "GetGlobalStatus": http(GOOD_STATUS),
        "ListBackends": http({}),
        "ListConnectedUsers": http({"users": []}),
        "queue": http({"queue_running": [], "queue_pending": []}),
    }
    with HostileServer(by_route(routes)) as hostile, gateway(f"{hostile.url}/swarm/Text2Image") as server:
        server.read(full=True)
        server.queue(0)
    assert {path.split("/")[1] for path in hostile.paths()} == {"swarm"}


def test_a_redirect_takes_no_credentials_with_it() -> None:
    with HostileServer(http(GOOD_SESSION)) as thief, HostileServer(b"") as hostile:
        hostile.answer = sent_on(f"{thief.url}/API/GetNewSession")
        with gateway(hostile.url, token="aa.bb.cc", authorization="Bearer x") as server, pytest.raises(Incompatible):
            server.read(full=True)
    assert thief.requests == []


def test_the_folder_of_a_picture_is_opened_by_the_server_and_what_it_refuses_is_said() -> None:
    with SimulatedSwarmUI() as sim, gateway(sim.url) as server:
        server.read(full=True)
        sim.generate(images=1, seconds=0.1).wait(10)
        (picture,) = server.newest_outputs()
        server.open_folder(picture)
        assert [each.route for each in sim.requests][-1] == "OpenImageFolder"
        with pytest.raises(Refused, match="does not exist"):
            server.open_folder(Output("raw/none.png", "View/local/raw/none.png"))
