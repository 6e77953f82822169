"""Section 3 of the contract for cancels: every outcome, and what is sent to whom before it."""

from collections.abc import Generator

import pytest

from tests.unit.build import POWERUSER, backend, counters, queue, reading, rights
from tests.unit.scripted_server import Script, carry_out
from tray_app.core.cancel.asks import Answer, Ask, read_queue, read_server, read_version
from tray_app.core.errors import (
    Incompatible,
    NotPermitted,
    Refused,
    ServerError,
    Slept,
    TimedOut,
    Unreachable,
    UsageError,
)
from tray_app.core.model import CancelRequest, ComfyQueue, Outcome, Reading, Rights

ALL = CancelRequest(everything=True)
CURRENT = CancelRequest(everything=False)

IDLE = reading(counters(), users={"local": counters()})
ONE = reading(counters(1, 1), users={"local": counters(1, 1)})
FOUR = reading(counters(4, 2), users={"local": counters(4, 2)})


def accounts(user: str, permissions: frozenset[str] = POWERUSER | {"read_server_info_panels"}) -> Rights:
    return rights(user, permissions)


# -------------------------------------------------------------------------------------------------------- cancel all


def test_all_is_stopped_when_every_prompt_has_left_the_queues() -> None:
    busy = queue(0, "a", pending=("b",))
    server = Script(FOUR, IDLE, queues={0: [busy, queue(0, "a"), queue(0)]})
    result = carry_out(ALL, server)
    assert (result.outcome, result.cancelled, result.remaining_running, result.remaining_queued) == (
        Outcome.STOPPED,
        4,
        0,
        0,
    )
    assert result.message == "Stopped 4 jobs."
    assert server.sent == ["all"]


def test_all_does_not_believe_counters_while_comfy_works_on() -> None:
    """Recorded hang_then_cancel: the counters are zero 3 ms after the call, ComfyUI never finishes its step."""
    server = Script(FOUR, IDLE, queues={0: [queue(0, "a")]})
    result = carry_out(ALL, server)
    assert result.outcome is Outcome.STILL_RUNNING
    assert (result.cancelled, result.remaining_running, result.remaining_queued) == (None, None, None)
    assert 30 <= server.now - 100 < 32
    assert "30 s" in result.message
    assert "restart the backend" in result.message


def test_all_waits_as_long_as_asked() -> None:
    server = Script(FOUR, IDLE, queues={0: [queue(0, "a")]})
    assert carry_out(CancelRequest(everything=True, timeout=3), server).outcome is Outcome.STILL_RUNNING
    assert server.now - 100 < 5


def test_all_returns_as_soon_as_the_outcome_is_known() -> None:
    server = Script(FOUR, IDLE, queues={0: [queue(0, "a"), queue(0, "new")]})
    assert carry_out(ALL, server).outcome is Outcome.STOPPED
    assert server.now - 100 < 0.5


def test_all_with_jobs_that_wait_for_a_backend_needs_no_queue() -> None:
    server = Script(reading(counters(2)), IDLE, queues={0: [queue(0)]})
    assert carry_out(ALL, server).outcome is Outcome.STOPPED


def test_all_with_nothing_running_sends_nothing() -> None:
    server = Script(IDLE, queues={0: [queue(0)]})
    result = carry_out(ALL, server)
    assert (result.outcome, result.cancelled, result.message) == (Outcome.NOTHING_RUNNING, 0, "Nothing is running.")
    assert server.sent == []


def test_all_does_not_say_that_nothing_runs_while_comfy_works_on() -> None:
    """As it does after a cancel that it did not heed: SwarmUI has forgotten the job by then."""
    server = Script(IDLE, queues={0: [queue(0, "a")]})
    result = carry_out(ALL, server)
    assert (result.outcome, server.sent) == (Outcome.NOTHING_RUNNING, [])
    assert result.message.startswith("SwarmUI has no work left. ComfyUI still works")


def test_what_is_left_is_a_lower_bound_where_only_the_queues_are_known() -> None:
    given = reading(comfy={0: 3}, users={"local": None}, key=rights(version="0.9.7.0"))
    server = Script(given, queues={0: [queue(0, "a", pending=("b", "c")), queue(0, "b", pending=("c",))]})
    assert carry_out(CURRENT, server).message == "Stopped. At least 3 jobs left on the server."


def test_all_leaves_other_peoples_work_alone_and_names_it() -> None:
    others = reading(counters(2, 1), users={"ann": counters(2, 1), "bob": counters()}, key=accounts("bob"))
    server = Script(others)
    result = carry_out(ALL, server)
    assert result.outcome is Outcome.NOTHING_RUNNING
    assert result.message == "Nothing of yours runs, only other people's work (ann: 2 jobs)."
    assert server.sent == []


def test_all_counts_only_its_own_users_jobs() -> None:
    before = reading(counters(5, 2), users={"ann": counters(2, 1), "bob": counters(3, 1)}, key=accounts("bob"))
    after = reading(counters(2, 1), users={"ann": counters(2, 1), "bob": counters()}, key=accounts("bob"))
    server = Script(before, after, queues={0: [queue(0, "b"), queue(0)]})
    result = carry_out(ALL, server)
    assert (result.outcome, result.cancelled) == (Outcome.STOPPED, 3)
    assert result.message == "Stopped 3 jobs. 2 jobs left on the server."


def test_all_says_asked_when_what_still_runs_may_be_other_peoples() -> None:
    before = reading(counters(2, 2), users={"ann": counters(1, 1), "bob": counters(1, 1)}, key=accounts("bob"))
    server = Script(before, queues={0: [queue(0, "x")]})
    result = carry_out(ALL, server)
    assert result.outcome is Outcome.ASKED
    assert server.now - 100 < 5
    assert "other people's" in result.message


def test_all_says_asked_when_nobody_knows_whose_work_runs() -> None:
    """A power user sees ComfyUI's queues but nobody's counters."""
    server = Script(reading(comfy={0: 1}, key=accounts("power", POWERUSER)), queues={0: [queue(0, "x")]})
    result = carry_out(ALL, server)
    assert (result.outcome, result.cancelled) == (Outcome.ASKED, None)
    assert server.sent == ["all"]


def test_all_says_asked_when_this_key_cannot_see_the_queues() -> None:
    blind = reading(backends=None, key=rights("plain", frozenset({"basic_image_generation"})))
    result = carry_out(ALL, Script(blind))
    assert (result.outcome, result.cancelled, result.remaining_running) == (Outcome.ASKED, None, None)
    assert "cannot be seen with this key" in result.message


UNSEEN = [
    NotPermitted("No.", permission="comfy_direct_calls"),
    Refused("Comfy is gone."),
    TimedOut("Comfy hangs."),
    Incompatible("The queue is too long."),
]
"""What keeps a ComfyUI's queue from being read while SwarmUI itself is well."""


@pytest.mark.parametrize("error", UNSEEN)
def test_all_is_sent_when_the_queues_cannot_be_read(error: ServerError) -> None:
    server = Script(FOUR, IDLE, queues={0: [error]})
    result = carry_out(ALL, server)
    assert (result.outcome, result.cancelled, server.sent) == (Outcome.ASKED, 4, ["all"])
    assert "queue cannot be read" in result.message


@pytest.mark.parametrize("error", UNSEEN)
def test_all_says_asked_when_the_queues_cannot_be_read_any_more(error: ServerError) -> None:
    server = Script(FOUR, IDLE, queues={0: [queue(0, "a"), error]})
    result = carry_out(ALL, server)
    assert (result.outcome, result.cancelled, result.permission_missing) == (Outcome.ASKED, 4, False)
    assert error.title in result.message


def test_a_reading_that_fails_after_the_end_leaves_the_outcome_and_no_figures() -> None:
    server = Script(FOUR, TimedOut("Late."), queues={0: [queue(0, "a"), queue(0)]})
    result = carry_out(ALL, server)
    assert (result.outcome, result.cancelled, result.message) == (Outcome.STOPPED, None, "Stopped.")
    assert (result.remaining_running, result.remaining_queued) == (None, None)


def test_a_server_that_is_lost_after_the_call_is_told_as_lost() -> None:
    with pytest.raises(Unreachable):
        carry_out(ALL, Script(FOUR, IDLE, queues={0: [queue(0, "a"), Unreachable("Gone.")]}))


def test_all_says_asked_when_a_backend_is_no_comfy() -> None:
    mixed = reading(counters(2, 2), backends=(backend(), backend(1, kind="auto_webui_api")))
    result = carry_out(ALL, Script(mixed, IDLE, queues={0: [queue(0)]}))
    assert result.outcome is Outcome.ASKED
    assert "not a ComfyUI" in result.message


def test_all_without_the_right_is_refused_before_anything_is_sent() -> None:
    server = Script(reading(backends=None, key=rights("guest", frozenset())))
    result = carry_out(ALL, server)
    assert (result.outcome, result.permission_missing, server.sent) == (Outcome.REFUSED, True, [])
    assert "basic_image_generation" in result.message


@pytest.mark.parametrize(
    ("error", "missing"), [(NotPermitted("You lack it."), True), (Refused("Settings are locked."), False)]
)
def test_all_refused_by_the_server_says_why(error: ServerError, missing: bool) -> None:
    result = carry_out(ALL, Script(FOUR, queues={0: [queue(0)]}, refusal=error))
    assert (result.outcome, result.permission_missing) == (Outcome.REFUSED, missing)
    assert error.args[0] in result.message


def test_all_lets_a_lost_connection_through() -> None:
    with pytest.raises(Unreachable):
        carry_out(ALL, Script(FOUR, queues={0: [Unreachable("Gone.")]}))


def test_after_a_sleep_nothing_is_sent_any_more() -> None:
    server = Script(FOUR, queues={0: [Slept("This computer slept.")]})
    with pytest.raises(Slept):
        carry_out(ALL, server)
    assert not server.sent


def test_all_says_nothing_of_a_number_that_new_work_hides() -> None:
    more = reading(counters(6, 1), users={"local": counters(6, 1)})
    assert carry_out(ALL, Script(FOUR, more, queues={0: [queue(0)]})).cancelled is None


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (FOUR, "stop 4 jobs of local"),
        (reading(backends=None, key=rights("plain", frozenset({"basic_image_generation"}))), "stop all jobs of plain"),
    ],
)
def test_all_dry_run_says_what_would_be_sent_and_sends_nothing(given: Reading, words: str) -> None:
    server = Script(given)
    result = carry_out(CancelRequest(everything=True, dry_run=True), server)
    assert (result.outcome, server.sent) == (None, [])
    assert words in result.message


# ---------------------------------------------------------------------------------------------------- cancel current


def test_current_stops_exactly_the_running_prompt() -> None:
    server = Script(ONE, IDLE, queues={0: [queue(0, "a", pending=("b",)), queue(0, "a"), queue(0, "b")]})
    result = carry_out(CURRENT, server)
    assert (result.outcome, result.cancelled, server.sent) == (Outcome.STOPPED, 1, [(0, "a")])


def test_current_reports_what_remains() -> None:
    after = reading(counters(2, 2), users={"local": counters(2, 2)})
    result = carry_out(CURRENT, Script(FOUR, after, queues={0: [queue(0, "a"), queue(0)]}))
    assert (result.remaining_running, result.remaining_queued) == (1, 1)
    assert result.message == "Stopped 2 jobs. 2 jobs left on the server."


def test_current_is_still_running_when_the_prompt_never_leaves() -> None:
    server = Script(ONE, queues={0: [queue(0, "a")]})
    result = carry_out(CancelRequest(everything=False, timeout=2), server)
    assert (result.outcome, result.cancelled) == (Outcome.STILL_RUNNING, 0)


@pytest.mark.parametrize("permission", ["comfy_direct_calls", "comfy_backend_generate", "view_backends_list"])
def test_current_needs_three_rights(permission: str) -> None:
    server = Script(reading(counters(1, 1), key=accounts("power", POWERUSER - {permission})))
    result = carry_out(CURRENT, server)
    assert (result.outcome, result.permission_missing, server.sent) == (Outcome.REFUSED, True, [])
    assert permission in result.message


def test_current_never_touches_a_model_load() -> None:
    server = Script(reading(counters(1, 0, loading=1)), queues={0: [queue(0, "load", load=True)]})
    result = carry_out(CURRENT, server)
    assert (result.outcome, server.sent) == (Outcome.NOT_POSSIBLE, [])
    assert "model is being loaded" in result.message


def test_current_while_a_load_is_not_yet_in_the_queue() -> None:
    result = carry_out(CURRENT, Script(reading(counters(1, 0, loading=1)), queues={0: [queue(0)]}))
    assert result.outcome is Outcome.NOT_POSSIBLE


@pytest.mark.parametrize(
    ("version", "said"), [((0, 3, 56), "is 0.3.56"), (None, "does not tell its version"), ((0, 2), "is 0.2")]
)
def test_current_needs_a_comfy_that_stops_by_id(version: tuple[int, ...] | None, said: str) -> None:
    server = Script(ONE, queues={0: [queue(0, "a")]}, version=version)
    result = carry_out(CURRENT, server)
    assert (result.outcome, server.sent) == (Outcome.NOT_POSSIBLE, [])
    assert said in result.message


def test_current_is_not_possible_when_the_work_is_on_another_kind_of_backend() -> None:
    other = reading(counters(1, 1), backends=(backend(kind="auto_webui_api"),))
    result = carry_out(CURRENT, Script(other))
    assert result.outcome is Outcome.NOT_POSSIBLE
    assert result.message.startswith("gpu 0 is not a ComfyUI backend")


def test_current_with_empty_queues_runs_nothing() -> None:
    assert carry_out(CURRENT, Script(IDLE, queues={0: [queue(0)]})).message == "Nothing is running."
    waiting = carry_out(CURRENT, Script(reading(counters(3)), queues={0: [queue(0)]}))
    assert waiting.message == "No job runs yet, 3 jobs waiting. Cancel all would drop them."


TWO = reading(counters(4, 4), backends=(backend(), backend(1)))


def both() -> dict[int, list[ComfyQueue | ServerError]]:
    return {0: [queue(0, "a"), queue(0)], 1: [queue(1, "b"), queue(1)]}


def test_current_asks_which_when_several_backends_are_busy() -> None:
    server = Script(TWO, queues=both())
    result = carry_out(CancelRequest(everything=False, confirmed=True), server)
    assert (result.outcome, server.sent) == (Outcome.NEEDS_CONFIRMATION, [])
    assert [(label, choice.backend) for label, choice in result.choices] == [
        ("Cancel on gpu 0", 0),
        ("Cancel on gpu 1", 1),
        ("Cancel on all of them", "all"),
    ]


@pytest.mark.parametrize(("named", "sent"), [(1, [(1, "b")]), ("all", [(0, "a"), (1, "b")])])
def test_current_stops_on_the_backends_that_were_named(named: int | str, sent: list[object]) -> None:
    server = Script(TWO, queues=both())
    assert carry_out(CancelRequest(everything=False, backend=named), server).outcome is Outcome.STOPPED
    assert server.sent == sent


def test_current_of_all_backends_spares_the_one_that_loads() -> None:
    queues: dict[int, list[ComfyQueue | ServerError]] = {0: [queue(0, "load", load=True)], 1: [queue(1, "b"), queue(1)]}
    server = Script(TWO, queues=queues)
    assert carry_out(CancelRequest(everything=False, backend="all"), server).outcome is Outcome.STOPPED
    assert server.sent == [(1, "b")]


def test_current_on_an_idle_backend_runs_nothing_there() -> None:
    queues: dict[int, list[ComfyQueue | ServerError]] = {0: [queue(0)], 1: [queue(1, "b")]}
    server = Script(TWO, queues=queues)
    assert carry_out(CancelRequest(everything=False, backend=0), server).outcome is Outcome.NOTHING_RUNNING
    assert server.sent == []


def test_current_on_an_unknown_backend_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(UsageError, match=r"home has no backend 7\. Its backends: 0, 1\."):
        carry_out(CancelRequest(everything=False, backend=7), Script(TWO))


OTHERS = reading(counters(1, 1), users={"ann": counters(1, 1)}, key=accounts("bob"))
MIXED = reading(counters(2, 2), users={"ann": counters(1, 1), "bob": counters(1, 1)}, key=accounts("bob"))
UNKNOWN = reading(comfy={0: 1}, key=accounts("power", POWERUSER))


@pytest.mark.parametrize(
    ("given", "words"), [(OTHERS, "belongs to ann"), (MIXED, "Both you and ann"), (UNKNOWN, "cannot be known")]
)
def test_current_asks_before_it_may_hit_other_peoples_work(given: Reading, words: str) -> None:
    server = Script(given, queues={0: [queue(0, "a")]})
    result = carry_out(CURRENT, server)
    assert (result.outcome, server.sent) == (Outcome.NEEDS_CONFIRMATION, [])
    assert words in result.message
    assert result.choices[0][1].confirmed


NOBODY = reading(counters(), users={"ann": counters(), "bob": counters()}, key=accounts("bob"))
OLD = reading(comfy={0: 1}, users={"local": None, "ann": None}, key=rights(version="0.9.7.0"))


@pytest.mark.parametrize("given", [NOBODY, OLD])
def test_current_asks_on_a_server_with_accounts_when_nobody_is_known_to_have_the_job(given: Reading) -> None:
    """Started in ComfyUI itself, which SwarmUI does not count; or by loopback, where an old server counts nobody."""
    server = Script(given, queues={0: [queue(0, "a")]})
    result = carry_out(CURRENT, server)
    assert (result.outcome, server.sent) == (Outcome.NEEDS_CONFIRMATION, [])
    assert "cannot be known" in result.message


@pytest.mark.parametrize("version", ["0.9.7.0", "0.9.8.2"])
def test_current_does_not_ask_on_a_server_without_accounts(version: str) -> None:
    alone = reading(comfy={0: 1}, users={"local": None}, key=rights(version=version))
    server = Script(alone, queues={0: [queue(0, "a"), queue(0)]})
    assert carry_out(CURRENT, server).outcome is Outcome.STOPPED


@pytest.mark.parametrize("error", UNSEEN)
def test_current_says_asked_when_the_queue_cannot_be_read_any_more(error: ServerError) -> None:
    server = Script(ONE, IDLE, queues={0: [queue(0, "a"), error]})
    result = carry_out(CURRENT, server)
    assert (result.outcome, result.cancelled, server.sent) == (Outcome.ASKED, 1, [(0, "a")])
    assert error.title in result.message


def test_current_on_all_backends_tells_of_the_one_that_refuses() -> None:
    queues: dict[int, list[ComfyQueue | ServerError]] = {
        0: [queue(0, "a"), queue(0)],
        1: [queue(1, "b")],
    }
    server = Script(TWO, IDLE, queues=queues, refusals={"b": Refused("Comfy is gone.")})
    result = carry_out(CancelRequest(everything=False, backend="all"), server)
    assert (result.outcome, result.cancelled, server.sent) == (Outcome.REFUSED, 4, [(0, "a"), (1, "b")])
    assert result.message == "Stopped 4 jobs. Not cancelled: backend 1: Comfy is gone."


def test_current_refused_on_all_backends_is_refused() -> None:
    queues: dict[int, list[ComfyQueue | ServerError]] = {0: [queue(0, "a")], 1: [queue(1, "b")]}
    server = Script(TWO, queues=queues, refusal=Refused("Comfy is gone."))
    result = carry_out(CancelRequest(everything=False, backend="all"), server)
    assert (result.outcome, result.cancelled) == (Outcome.REFUSED, 0)


def test_current_goes_on_with_a_yes() -> None:
    server = Script(OTHERS, queues={0: [queue(0, "a"), queue(0)]})
    assert carry_out(CancelRequest(everything=False, confirmed=True), server).outcome is Outcome.STOPPED
    assert server.sent == [(0, "a")]


def test_current_dry_run_names_the_backend_and_sends_nothing() -> None:
    server = Script(ONE, queues={0: [queue(0, "a")]})
    result = carry_out(CancelRequest(everything=False, dry_run=True), server)
    assert (result.outcome, server.sent) == (None, [])
    assert result.message == "Would stop the running job on backend 0 of home. Nothing was sent."


def test_every_reading_is_shown_to_the_caller() -> None:
    seen: list[Reading] = []
    carry_out(ALL, Script(FOUR, IDLE, queues={0: [queue(0)]}), seen.append)
    assert seen == [FOUR, IDLE]


def test_asked_is_the_word_for_json() -> None:
    assert (ALL.asked, CURRENT.asked) == ("all", "current")


@pytest.mark.parametrize("ask", [read_server(), read_queue(0), read_version(0)])
def test_an_answer_of_the_wrong_kind_is_a_fault_of_the_driver(ask: Generator[Ask, Answer, object]) -> None:
    next(ask)
    with pytest.raises(TypeError):
        ask.send(Answer(0.0, value="nonsense"))  # type: ignore[arg-type]
