"""The permission report: what a key can do, and what to ask the server's admin for."""

import pytest

from tests.unit.build import POWERUSER, rights
from tray_app.core.checkup import ABILITIES, Step, permission_report, usable

USER = frozenset({"basic_image_generation", "view_image_history"})
ADMIN = POWERUSER | {"read_server_info_panels", "view_logs", "interrupt_others"}


@pytest.mark.parametrize(
    ("role", "can"),
    [
        (frozenset(), [False] * 8),
        (USER, [False, True, False, False, False, False, True, False]),
        (POWERUSER, [False, True, True, True, False, False, True, False]),
        (ADMIN, [True] * 7 + [False]),
        (frozenset("*"), [True] * 8),
        (None, [True] * 8),
    ],
    ids=["guest", "user", "poweruser", "admin", "owner", "before there were permissions"],
)
def test_each_default_role_gets_its_report(role: frozenset[str] | None, can: list[bool]) -> None:
    assert [step.ok for step in permission_report(rights("ann", role))] == can


def test_what_is_missing_comes_with_the_permission_to_ask_for_and_what_goes_without() -> None:
    texts = [step.text for step in permission_report(rights("ann", USER))]
    assert texts[0] == (
        "This key cannot see how many jobs the server has: only ComfyUI's queue, or nothing, tells of the work. "
        "Ask the server's admin for read_server_info_panels."
    )
    assert texts[1] == "This key can cancel all of your jobs."
    assert texts[3].endswith(
        "Ask the server's admin for comfy_direct_calls, comfy_backend_generate and view_backends_list."
    )


def test_every_ability_says_what_happens_without_it() -> None:
    assert all(each.what and each.without and each.permissions for each in ABILITIES)


def test_what_no_key_can_do_on_an_old_server_is_not_asked_of_its_admin() -> None:
    steps = permission_report(rights("ann", ADMIN, missing_routes=frozenset({"GetGlobalStatus"})))
    assert (steps[0].ok, steps[0].text) == (
        False,
        "With this SwarmUI no key can see how many jobs the server has: only ComfyUI's queue, or nothing, tells of the "
        "work. Update it to 0.9.8 or newer.",
    )
    assert (steps[1].ok, steps[2].ok) == (True, True)


@pytest.mark.parametrize(
    ("outcomes", "can_be_used"),
    [
        ([("Session", True), ("May", True), ("May", False)], True),
        ([("Session", True), ("May", False)], False),
        ([("Session", None), ("May", True)], False),
        ([("Session", False), ("May", None)], False),
        ([("Key", False)], False),
    ],
    ids=["not everything", "no reading", "not tried", "no session", "no key"],
)
def test_a_server_that_can_be_read_can_be_used(outcomes: list[tuple[str, bool | None]], can_be_used: bool) -> None:
    assert usable([Step(name, ok, ".") for name, ok in outcomes]) is can_be_used
