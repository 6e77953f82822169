"""Sections 1 and 2 of the contract, line by line: states, figures, and never a zero that nobody counted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.build import POWERUSER, RUNNING, backend, counters, reading, rights
from tray_app.core.errors import Incompatible, KeyRefused, Refused, ServerError, TimedOut, Unreachable
from tray_app.core.model import (
    Backend,
    BackendSummary,
    Counters,
    Identity,
    Jobs,
    Reading,
    Rights,
    Scope,
    State,
    UserJobs,
)
from tray_app.core.truth import assess, comfy_partly_read, comfy_quiet, unreadable

BLIND = rights("plain", frozenset({"basic_image_generation"}))
COMFY_ONLY = rights("power", POWERUSER)


def summary(
    status: str, severity: str = "error", message: str = "Trouble.", *, loading: bool = False
) -> BackendSummary:
    return BackendSummary(status, severity, message, any_loading=loading)


def state(given_reading: Reading, *, quiet_before: bool = False, cancelling: bool = False) -> State:
    return assess("home", "http://x", given_reading, quiet_before=quiet_before, cancelling=cancelling).state


STATES = [
    ("nothing runs and nothing waits", State.IDLE, reading(counters())),
    ("a job runs", State.GENERATING, reading(counters(waiting=1, live=1))),
    ("jobs wait while no model loads", State.GENERATING, reading(counters(waiting=2))),
    ("a model loads for a waiting job", State.LOADING, reading(counters(waiting=1, loading=1, backends=1))),
    ("a model loads while another job runs", State.GENERATING, reading(counters(waiting=2, live=1, loading=1))),
    ("a model is loaded by hand", State.LOADING, reading(counters(loading=1))),
    ("a backend starts", State.LOADING, reading(counters(), backends=(backend(status="loading"),))),
    ("SwarmUI says that backends load", State.LOADING, reading(counters(), summary=summary("loading", loading=True))),
    (
        "a disabled backend waits",
        State.IDLE,
        reading(counters(), backends=(backend(), backend(1, status="waiting", enabled=False))),
    ),
    (
        "an enabled backend has failed",
        State.BACKEND_PROBLEM,
        reading(counters(), backends=(backend(), backend(1, status="errored"))),
    ),
    (
        "an enabled backend does not answer",
        State.BACKEND_PROBLEM,
        reading(counters(), backends=(backend(status="idle"),)),
    ),
    (
        "no backend is enabled",
        State.BACKEND_PROBLEM,
        reading(counters(), backends=(backend(status="disabled", enabled=False),)),
    ),
    ("there is no backend", State.BACKEND_PROBLEM, reading(counters(), backends=())),
    (
        "a disabled backend has failed",
        State.IDLE,
        reading(counters(), backends=(backend(), backend(1, status="errored", enabled=False))),
    ),
    (
        "a backend has failed during work",
        State.GENERATING,
        reading(counters(1, 1), backends=(backend(), backend(1, status="errored"))),
    ),
    (
        "SwarmUI reports errors and the list is not known",
        State.BACKEND_PROBLEM,
        reading(counters(), backends=None, summary=summary("errored")),
    ),
    ("only the backends are seen", State.UNKNOWN, reading(backends=None, key=BLIND)),
    (
        "only the backends are seen and none is up",
        State.BACKEND_PROBLEM,
        reading(backends=None, summary=summary("all_disabled"), key=BLIND),
    ),
    ("one of unseen backends has failed", State.UNKNOWN, reading(backends=None, summary=summary("errored"), key=BLIND)),
    ("nothing at all is seen", State.UNKNOWN, reading(backends=None, summary=None, key=BLIND)),
    ("ComfyUI works", State.GENERATING, reading(comfy={0: 2}, key=COMFY_ONLY)),
    ("ComfyUI's queue is empty once", State.UNKNOWN, reading(comfy={0: 0}, key=COMFY_ONLY)),
    (
        "the list is seen, the figures are not, and none is up",
        State.BACKEND_PROBLEM,
        reading(backends=(backend(status="errored"),), key=COMFY_ONLY),
    ),
]


@pytest.mark.parametrize(("expected", "given_reading"), [case[1:] for case in STATES], ids=[case[0] for case in STATES])
def test_state_follows_the_table_of_precedence(expected: State, given_reading: Reading) -> None:
    assert state(given_reading) is expected


def test_cancelling_stands_above_all_that_a_reading_can_say() -> None:
    assert state(reading(counters(1, 1)), cancelling=True) is State.CANCELLING


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Unreachable("Refused."), State.UNREACHABLE),
        (TimedOut("Slow."), State.UNREACHABLE),
        (KeyRefused("No key."), State.KEY_REFUSED),
        (Incompatible("HTML."), State.INCOMPATIBLE),
        (Refused("An internal error occurred"), State.INCOMPATIBLE),
    ],
)
def test_failed_reading_gives_the_state_of_its_error_and_no_figures(error: ServerError, expected: State) -> None:
    status = unreadable("home", "http://x", error)
    assert (status.state, status.jobs, status.users) == (expected, Jobs(), None)
    assert status.problem is not None
    assert (status.problem.code, status.problem.message) == (error.code, error.title)


def jobs(given_reading: Reading, *, quiet_before: bool = False) -> Jobs:
    return assess("home", "http://x", given_reading, quiet_before=quiet_before).jobs


def test_jobs_handed_over_ahead_do_not_count_as_running() -> None:
    """A ComfyUI backend takes one job ahead: live 2 on one backend is one running job (recorded: cancel_batch)."""
    assert jobs(reading(counters(waiting=6, live=2))) == Jobs(
        6, 1, 5, 0, at_least=False, scope=Scope.SERVER, source="GetGlobalStatus"
    )


def test_each_running_backend_can_run_a_job() -> None:
    two = reading(counters(waiting=6, live=4), backends=(backend(), backend(1), backend(2, status="errored")))
    assert (jobs(two).running, jobs(two).queued) == (2, 4)


def test_running_is_unknown_when_several_are_live_and_the_backends_are_not_known() -> None:
    found = jobs(reading(counters(waiting=6, live=2), backends=None))
    assert (found.total, found.running, found.queued) == (6, None, None)


def test_one_live_job_runs_whatever_the_backends() -> None:
    assert jobs(reading(counters(waiting=3, live=1), backends=None)).running == 1


def test_a_live_job_outweighs_an_older_list_without_running_backends() -> None:
    assert jobs(reading(counters(waiting=3, live=2), backends=(backend(status="loading"),))).running == 1


def test_figures_are_none_when_only_backends_are_seen() -> None:
    assert jobs(reading(backends=None, key=BLIND)) == Jobs()


def test_comfy_gives_a_lower_bound_and_no_queued_figure() -> None:
    found = jobs(reading(comfy={0: 2, 1: 1}, key=COMFY_ONLY))
    assert found == Jobs(total=3, at_least=True, scope=Scope.SERVER, source="ComfyUI")


def test_comfy_zero_is_idle_only_with_two_polls_and_nothing_but_running_comfy() -> None:
    empty = reading(comfy={0: 0}, key=COMFY_ONLY)
    assert jobs(empty).total is None
    assert jobs(empty, quiet_before=True).total == 0
    assert state(empty, quiet_before=True) is State.IDLE


@pytest.mark.parametrize(
    "backends",
    [
        (backend(), backend(1, kind="auto_webui_api")),
        (backend(), backend(1, status="errored")),
        (backend(), backend(1)),  # its queue was not read
        (),
    ],
)
def test_comfy_zero_stays_unknown_when_a_backend_was_not_seen(backends: tuple[Backend, ...]) -> None:
    assert jobs(reading(comfy={0: 0}, backends=backends, key=COMFY_ONLY), quiet_before=True).total is None


def test_users_carry_their_own_figures() -> None:
    status = assess("home", "u", reading(counters(3, 2), users={"ann": counters(2, 2), "local": counters(1)}))
    assert status.users == (UserJobs("ann", 2, 1), UserJobs("local", 1, 0))
    assert status.mine == UserJobs("local", 1, 0)


STRADDLING = [
    ("a job starts at once", (0, 0, 0), {"local": (1, 1, 0)}, State.GENERATING, (1, 1, 0)),
    ("a job begins to wait", (0, 0, 0), {"local": (1, 0, 0)}, State.GENERATING, (1, 0, 0)),
    ("a job begins with a model", (0, 0, 0), {"local": (1, 0, 1)}, State.LOADING, (1, 0, 1)),
    ("a model is loaded by hand", (0, 0, 0), {"local": (0, 0, 1)}, State.LOADING, (0, 0, 1)),
    ("a waiting job starts", (1, 0, 0), {"local": (1, 1, 0)}, State.GENERATING, (1, 1, 0)),
    ("another user comes", (1, 1, 0), {"local": (1, 1, 0), "ann": (2, 0, 0)}, State.GENERATING, (3, 1, 0)),
    ("the job ends", (1, 1, 0), {"local": (0, 0, 0)}, State.GENERATING, (1, 1, 0)),
    ("a user is not listed", (2, 1, 0), {"local": (1, 0, 0)}, State.GENERATING, (2, 1, 0)),
    ("nothing happens", (0, 0, 0), {"local": (0, 0, 0)}, State.IDLE, (0, 0, 0)),
]


@pytest.mark.parametrize(
    ("whole", "users", "expected", "figures"), [case[1:] for case in STRADDLING], ids=[case[0] for case in STRADDLING]
)
def test_figures_of_a_reading_agree_when_something_happens_between_its_calls(
    whole: tuple[int, int, int],
    users: dict[str, tuple[int, int, int]],
    expected: State,
    figures: tuple[int, int, int],
) -> None:
    """Figures are (waiting, live, loading); the users are asked for last."""
    listed = {name: counters(*each) for name, each in users.items()}
    status = assess("home", "u", reading(counters(*whole), users=listed))
    assert status.state is expected
    assert (status.jobs.total, status.jobs.running, status.jobs.loading) == figures
    assert status.users is not None
    assert sum(each.total for each in status.users) <= figures[0]
    assert sum(each.running or 0 for each in status.users) <= figures[1]


def test_users_without_figures_leave_the_whole_as_it_is() -> None:
    status = assess("home", "u", reading(counters(2, 1), users={"local": None}))
    assert (status.users, status.jobs.total) == (None, 2)


def test_users_are_unknown_when_an_old_server_sends_no_counters() -> None:
    assert assess("home", "u", reading(counters(), users={"local": None})).users is None


ONE, TWO = (backend(),), (backend(), backend(1))
WHOSE = [
    ("one has all of it", (4, 2), {"ann": (4, 2), "ben": (0, 0)}, ONE, {"ann": 1, "ben": 0}),
    ("one runs and one is taken ahead", (2, 2), {"ann": (1, 1), "ben": (1, 1)}, ONE, {"ann": None, "ben": None}),
    ("each has a backend", (2, 2), {"ann": (1, 1), "ben": (1, 1)}, TWO, {"ann": 1, "ben": 1}),
    ("one has more than fit", (4, 4), {"ann": (3, 3), "ben": (1, 1)}, TWO, {"ann": None, "ben": None}),
    ("somebody is not listed", (2, 2), {"ann": (1, 1)}, ONE, {"ann": None}),
    ("the backends are not known, and one waits", (2, 1), {"ann": (1, 1), "ben": (1, 0)}, None, {"ann": 1, "ben": 0}),
    ("the backends are not known", (2, 2), {"ann": (2, 2), "ben": (1, 0)}, None, {"ann": None, "ben": 0}),
]


@pytest.mark.parametrize(
    ("whole", "users", "backends", "running"), [case[1:] for case in WHOSE], ids=[case[0] for case in WHOSE]
)
def test_whose_job_runs_is_said_only_where_there_is_one_possibility(
    whole: tuple[int, int],
    users: dict[str, tuple[int, int]],
    backends: tuple[Backend, ...] | None,
    running: dict[str, int | None],
) -> None:
    """Figures are (waiting, live)."""
    listed = {name: counters(*each) for name, each in users.items()}
    status = assess("home", "u", reading(counters(*whole), users=listed, backends=backends))
    assert status.users is not None
    assert {each.name: each.running for each in status.users} == running
    assert {each.name: each.total for each in status.users} == {name: each[0] for name, each in users.items()}


def test_mine_is_zero_only_when_others_are_listed() -> None:
    assert assess("home", "u", reading(counters(1, 1), users={"ann": counters(1, 1)})).mine == UserJobs("local", 0, 0)
    assert assess("home", "u", reading(counters(1, 1))).mine is None


@pytest.mark.parametrize(
    ("key", "backends", "everything", "current"),
    [
        (rights(), (backend(),), True, True),
        (BLIND, None, True, "needs the permission comfy_direct_calls"),
        (
            rights("guest", frozenset()),
            None,
            "needs the permission basic_image_generation",
            "needs the permission comfy_direct_calls",
        ),
        (COMFY_ONLY, (backend(kind="auto_webui_api"),), True, "no ComfyUI backend is running"),
        (COMFY_ONLY, None, True, "the list of backends is not known"),
        (rights(permissions=None), (backend(),), True, True),
    ],
)
def test_abilities_follow_rights_and_backends(
    key: Rights, backends: tuple[Backend, ...] | None, everything: bool | str, current: bool | str
) -> None:
    can = assess("home", "u", reading(counters(), backends=backends, key=key)).can
    assert (can.cancel_all, can.cancel_current) == (everything, current)


def test_a_refusal_counts_more_than_the_list_of_permissions() -> None:
    refused = Rights(Identity("local", "1", "s", frozenset("*")), lacking=frozenset({"comfy_direct_calls"}))
    assert (
        assess("home", "u", reading(counters(), key=refused)).can.cancel_current
        == "needs the permission comfy_direct_calls"
    )


PROBLEMS = [
    (None, reading(counters())),
    ("backend_errored", reading(counters(1, 1), backends=(backend(), backend(1, status="errored")))),
    ("backend_unreachable", reading(counters(), backends=(backend(status="idle"),))),
    ("backends_disabled", reading(counters(), backends=(backend(enabled=False),))),
    ("no_backends", reading(counters(), backends=())),
    ("backend_problem", reading(counters(), backends=None, summary=summary("errored"))),
    (None, reading(counters(), backends=None, summary=summary("some_loading", "warn", loading=True))),
    (None, reading(counters(), backends=None, summary=None)),
    ("not_allowed_to_count", reading(backends=None, key=BLIND)),
    ("not_allowed_to_count", reading(comfy={0: 1}, key=COMFY_ONLY)),
    (
        "too_old_to_count",
        reading(comfy={0: 1}, key=rights(missing_routes=frozenset({"GetGlobalStatus"}), version="0.9.7.0")),
    ),
]


@pytest.mark.parametrize(("code", "given_reading"), PROBLEMS)
def test_problem_names_what_is_wrong_and_what_to_do(code: str | None, given_reading: Reading) -> None:
    problem = assess("home", "u", given_reading).problem
    assert (problem.code if problem else None) == code
    if problem is not None:
        assert problem.message.endswith(".")
        assert problem.advice.endswith(".")


def test_several_failed_backends_are_named_together() -> None:
    problem = assess(
        "h", "u", reading(counters(), backends=(backend(0, status="errored"), backend(1, status="errored")))
    ).problem
    assert problem is not None
    assert problem.message == "2 backends (gpu 0, gpu 1) have failed."


def test_old_version_is_named() -> None:
    old = rights(missing_routes=frozenset({"GetGlobalStatus"}), version="0.9.7.0")
    problem = assess("home", "u", reading(backends=None, key=old)).problem
    assert problem is not None
    assert "SwarmUI 0.9.7.0 cannot tell" in problem.message


def test_without_identity_version_and_user_are_unknown() -> None:
    status = assess("home", "u", Reading(Rights(missing_routes=frozenset({"GetGlobalStatus"})), summary=RUNNING))
    assert (status.version, status.user) == (None, None)


def test_comfy_quiet_needs_comfy_as_the_source() -> None:
    assert comfy_quiet(reading(comfy={0: 0}))
    assert not comfy_quiet(reading(comfy={0: 1}))
    assert not comfy_quiet(reading(counters(), comfy={0: 0}))
    assert not comfy_quiet(reading())


@pytest.mark.parametrize("unseen", [backend(1), backend(1, kind="auto_webui_api"), backend(1, status="errored")])
def test_comfy_is_not_quiet_where_work_may_be_that_its_queues_do_not_show(unseen: Backend) -> None:
    assert not comfy_quiet(reading(comfy={0: 0}, backends=(backend(), unseen)))
    assert not comfy_quiet(reading(comfy={}, backends=(backend(),)))


def test_comfy_is_partly_read_when_one_that_is_up_did_not_tell() -> None:
    two = (backend(), backend(1))
    assert comfy_partly_read(reading(comfy={0: 2}, backends=two))
    assert comfy_partly_read(reading(comfy={}, backends=two))
    assert not comfy_partly_read(reading(comfy={0: 2, 1: 0}, backends=two))
    assert not comfy_partly_read(reading(comfy={0: 2}, backends=(backend(), backend(1, status="errored"))))
    assert not comfy_partly_read(reading(counters(), comfy={0: 2}, backends=two))
    assert not comfy_partly_read(reading(backends=two))


numbers = st.integers(0, 50)


@given(
    st.builds(Counters, numbers, numbers, numbers, numbers),
    st.lists(st.sampled_from(["running", "errored", "idle", "disabled", "loading"]), max_size=4),
)
def test_counted_figures_always_add_up(count: Counters, statuses: list[str]) -> None:
    """Whatever SwarmUI counts: running + queued = total, at most one running job a backend, idle means nothing."""
    backends = tuple(backend(number, status=status) for number, status in enumerate(statuses))
    status = assess("home", "u", reading(count, backends=backends))
    found = status.jobs
    assert found.total == count.waiting_gens
    assert found.running is not None
    assert found.queued is not None
    assert found.running + found.queued == found.total
    assert found.running <= max(1, statuses.count("running"))
    if status.state is State.IDLE:
        assert (count.waiting_gens, count.live_gens, count.loading_models) == (0, 0, 0)


@given(st.booleans(), st.one_of(st.none(), st.dictionaries(st.integers(0, 3), st.integers(0, 3))), st.booleans())
def test_what_nobody_counted_is_never_zero(quiet: bool, comfy: dict[int, int] | None, seen: bool) -> None:
    found = assess(
        "home", "u", reading(comfy=comfy, backends=(backend(),) if seen else None, key=COMFY_ONLY), quiet_before=quiet
    )
    if found.jobs.total == 0:
        assert comfy is not None
        assert quiet
        assert set(comfy) >= {0}
    if found.state is State.IDLE:
        assert found.jobs.total == 0


def test_counters_are_busy_when_anything_waits_or_loads() -> None:
    assert not counters().busy
    assert counters(1).busy
    assert counters(loading=1).busy
