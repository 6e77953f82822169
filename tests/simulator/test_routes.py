"""Routes and parameters that the recordings do not touch."""

import threading
from urllib.parse import quote

import pytest

from tests.simulator.client import Answer, call, get, new_session, post, request
from tray_app.simulator.clock import ManualClock
from tray_app.simulator.server import SimulatedSwarmUI

ORDER = {"images": 1, "model": "tiny", "prompt": "x"}


def refusal(server: SimulatedSwarmUI, route: str, **parameters: object) -> str:
    """The error of a call that is refused with 200."""
    answer = call(server.url, route, new_session(server.url), **parameters)
    assert (answer.status, set(answer.json)) == (200, {"error"})
    return str(answer.json["error"])


@pytest.mark.parametrize(
    ("route", "parameters", "error"),
    [
        ("GenerateText2Image", {}, "Missing required parameter 'images'"),
        ("GenerateText2Image", {"images": 1}, "No model input given. Did your UI load properly?"),
        (
            "GenerateText2Image",
            ORDER | {"images": "many"},
            "Invalid value 'many' for parameter 'images', must be an integer",
        ),
        (
            "GenerateText2Image",
            ORDER | {"steps": "x"},
            "Invalid integer value for param steps - 'x' - must be a number",
        ),
        ("ToggleBackend", {"backend_id": 9, "enabled": True}, "Invalid backend ID 9"),
        (
            "ToggleBackend",
            {"backend_id": 0, "enabled": 1},
            "Invalid value '1' for parameter 'enabled', must be a boolean",
        ),
        ("RestartBackends", {"backend": "x"}, "Invalid backend ID x"),
        ("ListImages", {"path": ""}, "Missing required parameter 'depth'"),
        ("ListImages", {"path": "../..", "depth": 1}, "404, path not found."),
        ("ListImages", {"path": "", "depth": 1, "sortBy": "Size"}, "Invalid sort mode 'Size'."),
        ("AdminInterruptUser", {"name": "nobody"}, "No user by that name exists."),
        ("Logout", {}, "Authorization is not enabled."),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(
    server: SimulatedSwarmUI, route: str, parameters: dict[str, object], error: str
) -> None:
    assert refusal(server, route, **parameters) == error


def test_toggling_to_the_same_changes_nothing(server: SimulatedSwarmUI) -> None:
    answer = call(server.url, "ToggleBackend", new_session(server.url), backend_id=0, enabled="true")
    assert answer.json == {"result": "No change."}


def test_an_errored_backend_stays_errored_when_switched_off(server: SimulatedSwarmUI) -> None:
    session = new_session(server.url)
    server.set_backend(0, status="errored")
    call(server.url, "ToggleBackend", session, backend_id=0, enabled=False)
    assert call(server.url, "ListBackends", session).json["0"]["status"] == "errored"


def test_one_backend_can_be_restarted_and_freed_alone(clock: ManualClock) -> None:
    with SimulatedSwarmUI(clock=clock, backends=2) as server:
        session = new_session(server.url)
        assert call(server.url, "RestartBackends", session, backend="1").json == {"result": "Success.", "count": 1}
        backends = call(server.url, "ListBackends", session, full_data=True).json
        assert [backends[key]["status"] for key in "01"] == ["running", "loading"]
        clock.advance(5.0)
        assert call(server.url, "FreeBackendMemory", session, backend=0).json == {"result": True, "count": 1}
        backends = call(server.url, "ListBackends", session, full_data=True).json
        assert [backends[key]["current_model"] for key in "01"] == [None, None]


def test_selecting_a_model_waits_until_it_is_loaded_or_has_failed(clock: ManualClock, server: SimulatedSwarmUI) -> None:
    session = new_session(server.url)
    answers: list[Answer] = []
    for expected in ({"error": "Model failed to load."}, {"success": True}):
        if "error" in expected:
            server.fail_next_load()
        asking = threading.Thread(target=lambda: answers.append(call(server.url, "SelectModel", session, model="huge")))
        asking.start()
        server.settle(received=len(answers) + 2)
        assert server.counters().loading_models == 1
        clock.advance(2.0)
        asking.join(10)
        assert answers[-1].json == expected
        assert not any(server.counters())


def test_a_model_that_does_not_load_fails_everybody_who_waits_for_it(
    clock: ManualClock, server: SimulatedSwarmUI
) -> None:
    server.fail_next_load()
    work = server.generate(images=3, model="huge")
    clock.advance(3.0)
    assert work.wait() == {"error": "All available backends failed to load the model."}
    assert not any(server.counters())


def test_a_restart_of_the_backend_during_a_load_loads_again(clock: ManualClock, server: SimulatedSwarmUI) -> None:
    work = server.generate(model="huge")
    clock.advance(0.5)
    call(server.url, "RestartBackends", new_session(server.url))
    assert server.counters().loading_models == 0
    clock.advance(30.0)
    assert "images" in work.wait()


def test_a_model_wanted_for_long_gets_its_turn_against_a_busy_one(clock: ManualClock, server: SimulatedSwarmUI) -> None:
    tabs = [server.generate_forever(seconds=2.0, pause=0.0) for _ in range(3)]
    work = server.generate(model="huge")
    clock.advance(60.0)
    assert "images" in work.wait()
    assert all(tab.asked > 3 for tab in tabs)


def test_a_second_backend_helps_with_the_model_after_a_while(clock: ManualClock) -> None:
    with SimulatedSwarmUI(clock=clock, backends=2, model=None) as server:
        server.generate(images=12, seconds=5.0)
        clock.advance(20.0)
        assert [len(server.comfy_queue(number)[0]) for number in (0, 1)] == [1, 1]


def test_tokens_are_listed_revoked_and_forgotten(clock: ManualClock) -> None:
    with SimulatedSwarmUI(clock=clock, accounts=True) as server:
        cookie = {"Cookie": f"swarm_token={server.add_user('mara', 'user')}"}
        session = new_session(server.url, **cookie)

        def ask(route: str, **parameters: object) -> object:
            return post(server.url, f"/API/{route}", {"session_id": session, **parameters}, **cookie).json

        assert ask("RevokeMyAuthToken", tokenId="x") == {"error": "Token not found."}
        assert ask("CreateAuthToken", reason="") == {"error": "Invalid reason."}
        assert ask("Logout") == {"success": "true"}
        assert "error" in post(server.url, "/API/GetNewSession", {}, **cookie).json
        assert ask("ListMyAuthTokens") == {"tokens": []}
        assert ask("GetMyUserData")["user_name"] == "mara"  # type: ignore[index]


def test_pictures_of_others_are_for_those_who_may(clock: ManualClock) -> None:
    with SimulatedSwarmUI(clock=clock, accounts=True) as server:
        cookies = {role: f"swarm_token={server.add_user(role, role)}" for role in ("user", "poweruser", "admin")}
        work = server.generate("user")
        clock.advance(5.0)
        path = "/" + quote(work.wait()["images"][0])
        statuses = [get(server.url, path, Cookie=cookies[role]).status for role in ("user", "poweruser", "admin")]
        assert statuses == [200, 400, 200]
        assert get(server.url, path).json["error_id"] == "invalid_user"


def test_a_header_names_another_user_where_there_are_no_accounts(server: SimulatedSwarmUI) -> None:
    headers = {"Content-Type": "application/json", "X-SWARM-USER_ID": "tom"}
    assert request(server.url, "POST", "/API/GetNewSession", b"{}", headers).json["user_id"] == "tom"


@pytest.mark.parametrize(("name", "status"), [("404", 404), ("BasicAPI", 200), ("Internal", 500), ("Permissions", 200)])
def test_the_error_pages_set_their_own_status(server: SimulatedSwarmUI, name: str, status: int) -> None:
    answer = get(server.url, f"/Error/{name}")
    assert (answer.status, b"SwarmUI" in answer.body) == (status, True)


def test_the_log_types_can_be_listed(server: SimulatedSwarmUI) -> None:
    kinds = call(server.url, "ListLogTypes", new_session(server.url)).json["types_available"]
    assert [kind["name"] for kind in kinds] == ["Verbose", "Debug", "Info", "Init", "Warning", "Error"]


def test_a_websocket_route_by_post_and_the_other_way_round(server: SimulatedSwarmUI) -> None:
    answer = call(server.url, "GenerateText2ImageWS", new_session(server.url), **ORDER)
    assert (answer.status, answer.json["error_id"]) == (400, "bad_request_method")
