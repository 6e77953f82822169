"""Cancels of a named user's work and of everybody's: who is asked about, what is sent, and what is reported of whom."""

from dataclasses import replace

import pytest

from tests.unit.build import POWERUSER, backend, counters, queue, reading, rights
from tests.unit.scripted_server import Script, carry_out
from tray_app.core.errors import NoSuchRoute, NotPermitted, Refused, ServerError, Unreachable
from tray_app.core.model import Abilities, CancelRequest, Outcome, Reading, Rights, State
from tray_app.core.offers import cancel_people
from tray_app.core.truth import assess

ADMIN = POWERUSER | {"read_server_info_panels", "interrupt_others"}
ANN = CancelRequest(everything=False, user="ann")
EVERYONE = CancelRequest(everything=False, everyone=True)
YES_ANN = replace(ANN, confirmed=True)
YES_EVERYONE = replace(EVERYONE, confirmed=True)


def server_of(jobs: dict[str, int], *, key: Rights | None = None, user: str = "bob") -> Reading:
    """A reading with so many jobs of each user, one of each running."""
    counted = {name: counters(number, min(number, 1)) for name, number in jobs.items()}
    total = counters(sum(jobs.values()), sum(min(each, 1) for each in jobs.values()))
    return reading(total, users=counted, key=key or rights(user, ADMIN))


BUSY = server_of({"ann": 3, "bob": 2, "cid": 0})
EMPTY = server_of({"ann": 0, "bob": 0, "cid": 0})


@pytest.mark.parametrize(
    ("request_", "after", "sent", "cancelled", "message"),
    [
        (
            YES_ANN,
            server_of({"bob": 2}),
            ["ann"],
            3,
            "Stopped 3 jobs. 2 jobs left on the server. It was about 3 jobs of ann.",
        ),
        (
            YES_EVERYONE,
            EMPTY,
            ["ann", "bob"],
            5,
            "Stopped 5 jobs. It was about 3 jobs of ann and 2 jobs of bob.",
        ),
        (
            replace(YES_EVERYONE, agreed=frozenset({"ann", "bob"})),
            EMPTY,
            ["ann", "bob"],
            5,
            "Stopped 5 jobs. It was about 3 jobs of ann and 2 jobs of bob.",
        ),
    ],
)
def test_with_a_yes_each_is_asked_for_and_stopped(
    request_: CancelRequest, after: Reading, sent: list[object], cancelled: int, message: str
) -> None:
    server = Script(BUSY, after, queues={0: [queue(0, "a", pending=("b",)), queue(0)]})
    result = carry_out(request_, server)
    assert (result.outcome, result.cancelled, result.message) == (Outcome.STOPPED, cancelled, message)
    assert server.sent == sent


@pytest.mark.parametrize(
    ("request_", "text"),
    [
        (ANN, "This would stop 3 jobs of ann on home."),
        (EVERYONE, "This would stop 3 jobs of ann and 2 jobs of bob on home."),
        # Bob's work came after the yes.
        (
            replace(YES_EVERYONE, agreed=frozenset({"ann"})),
            "This would stop 3 jobs of ann and 2 jobs of bob on home.",
        ),
    ],
)
def test_without_a_yes_whose_work_and_how_much_is_said_and_nothing_sent(request_: CancelRequest, text: str) -> None:
    server = Script(BUSY, EMPTY, queues={0: [queue(0)]})
    result = carry_out(request_, server)
    assert (result.outcome, result.cancelled, result.message) == (Outcome.NEEDS_CONFIRMATION, 0, text)
    assert server.sent == []
    [(label, way_on)] = result.choices
    assert label.startswith("Cancel 3 jobs of ann")
    assert way_on.confirmed
    assert carry_out(way_on, Script(BUSY, EMPTY, queues={0: [queue(0)]})).outcome is Outcome.STOPPED


@pytest.mark.parametrize(
    ("request_", "given", "text"),
    [
        (replace(ANN, user="cid"), BUSY, "cid has no work here. Those who have: ann: 3 jobs, bob: 2 jobs."),
        (replace(ANN, user="nobody"), EMPTY, "nobody has no work here, and nobody else has."),
        (EVERYONE, EMPTY, "Nobody has work here."),
    ],
)
def test_where_there_is_nothing_to_stop_nothing_is_sent(request_: CancelRequest, given: Reading, text: str) -> None:
    server = Script(given)
    result = carry_out(request_, server)
    assert (result.outcome, result.message, server.sent) == (Outcome.NOTHING_RUNNING, text, [])


def test_a_dry_run_says_whose_work_and_sends_nothing() -> None:
    server = Script(BUSY)
    result = carry_out(replace(EVERYONE, dry_run=True), server)
    assert (result.outcome, server.sent) == (None, [])
    assert result.message == "Would ask home to stop 3 jobs of ann and 2 jobs of bob. Nothing was sent."


@pytest.mark.parametrize("lacking", ["interrupt_others", "read_server_info_panels"])
@pytest.mark.parametrize("request_", [YES_ANN, YES_EVERYONE])
def test_without_the_permission_nothing_is_sent(lacking: str, request_: CancelRequest) -> None:
    server = Script(server_of({"ann": 1}, key=rights("bob", ADMIN - {lacking})))
    result = carry_out(request_, server)
    assert (result.outcome, result.permission_missing, server.sent) == (Outcome.REFUSED, True, [])
    assert lacking in result.message


OLD = reading(comfy={0: 1}, users={"local": None}, key=rights(version="0.9.7.0"))
WITHOUT_ROUTE = server_of({"ann": 1}, key=rights(missing_routes=frozenset({"AdminInterruptUser"})))
NO_LIST = reading(counters(1, 1))


@pytest.mark.parametrize(
    ("given", "words"),
    [(OLD, "needs SwarmUI 0.9.8"), (WITHOUT_ROUTE, "needs SwarmUI 0.9.8"), (NO_LIST, "does not say who has work")],
)
def test_a_server_that_cannot_do_it_is_sent_nothing(given: Reading, words: str) -> None:
    server = Script(given)
    result = carry_out(YES_EVERYONE, server)
    assert (result.outcome, server.sent) == (Outcome.NOT_POSSIBLE, [])
    assert words in result.message


@pytest.mark.parametrize(
    ("error", "outcome", "missing"),
    [
        (NotPermitted("You may not.", permission="interrupt_others"), Outcome.REFUSED, True),
        (Refused("No user by that name exists."), Outcome.REFUSED, False),
        (NoSuchRoute("Not known here."), Outcome.NOT_POSSIBLE, False),
    ],
)
def test_refused_for_all_says_why_for_each(error: ServerError, outcome: Outcome, missing: bool) -> None:
    result = carry_out(YES_EVERYONE, Script(BUSY, queues={0: [queue(0)]}, refusal=error))
    assert (result.outcome, result.permission_missing, result.cancelled) == (outcome, missing, 0)
    assert result.message == f"Nothing was cancelled. ann: {error} bob: {error}"


def test_a_connection_lost_for_all_goes_through() -> None:
    with pytest.raises(Unreachable):
        carry_out(YES_EVERYONE, Script(BUSY, queues={0: [queue(0)]}, refusal=Unreachable("Gone.")))


@pytest.mark.parametrize("error", [Refused("It would not."), Unreachable("It broke off.")])
def test_one_users_failure_is_reported_beside_the_others_success(error: ServerError) -> None:
    after = server_of({"bob": 2})
    server = Script(BUSY, after, queues={0: [queue(0, "a"), queue(0)]}, refusals={"bob": error})
    result = carry_out(YES_EVERYONE, server)
    assert server.sent == ["ann", "bob"]
    assert (result.outcome, result.cancelled, result.permission_missing) == (Outcome.REFUSED, 3, False)
    assert result.message == (
        f"Stopped 3 jobs. 2 jobs left on the server. It was about 3 jobs of ann. Not cancelled: bob: {error}"
    )


def test_a_failure_does_not_hide_that_the_rest_still_runs() -> None:
    server = Script(BUSY, queues={0: [queue(0, "a", pending=("b", "c"))]}, refusals={"bob": Refused("It would not.")})
    result = carry_out(replace(YES_EVERYONE, timeout=2), server)
    assert result.outcome is Outcome.STILL_RUNNING
    assert result.message.endswith("It was about 3 jobs of ann. Not cancelled: bob: It would not.")


def test_everybodys_work_counts_as_stopped_only_when_the_queues_say_so() -> None:
    server = Script(BUSY, EMPTY, queues={0: [queue(0, "a")]})
    assert carry_out(YES_EVERYONE, server).outcome is Outcome.STILL_RUNNING
    assert 30 <= server.now - 100 < 32


def test_what_still_runs_may_be_that_of_those_who_were_spared() -> None:
    result = carry_out(YES_ANN, Script(BUSY, server_of({"bob": 2}), queues={0: [queue(0, "a")]}))
    assert result.outcome is Outcome.ASKED
    assert result.message.startswith("Asked to stop the work of ann. What still runs may be other people's;")


def test_no_number_is_given_where_the_users_cannot_be_counted_afterwards() -> None:
    result = carry_out(YES_ANN, Script(BUSY, NO_LIST, queues={0: [queue(0)]}))
    assert (result.outcome, result.cancelled) == (Outcome.STOPPED, None)


@pytest.mark.parametrize(("request_", "word"), [(ANN, "user"), (EVERYONE, "everyone")])
def test_asked_is_the_word_for_json(request_: CancelRequest, word: str) -> None:
    assert request_.asked == word


# -------------------------------------------------------------------------------------------------------------- offers


def test_there_is_a_row_for_each_other_user_and_one_for_everybody() -> None:
    rows = cancel_people(assess("home", "http://a:1", BUSY))
    assert [(entry.text, request) for entry, request in rows] == [
        ("Cancel the work of ann (3 jobs)", ANN),
        ("Cancel everybody's work (5 jobs of 2 users)", EVERYONE),
    ]


@pytest.mark.parametrize(
    ("given", "texts"),
    [
        (server_of({"ann": 1, "bob": 0}), ["Cancel the work of ann (1 job)"]),
        (server_of({"bob": 4}), []),
        (server_of({"ann": 1}, key=rights("bob", ADMIN - {"interrupt_others"})), []),
        (reading(counters(1), backends=(backend(),), key=rights("bob", ADMIN)), []),
        (OLD, []),
    ],
    ids=["one other", "only mine", "no permission", "no list", "too old"],
)
def test_no_row_offers_what_cannot_be_done(given: Reading, texts: list[str]) -> None:
    assert [entry.text for entry, _ in cancel_people(assess("home", "http://a:1", given))] == texts


def test_nothing_is_offered_while_a_cancel_is_under_way_or_nobody_answers() -> None:
    status = assess("home", "http://a:1", BUSY)
    assert status.can.cancel_people is True
    for state in (State.CANCELLING, State.UNREACHABLE):
        assert cancel_people(replace(status, state=state)) == ()
    assert cancel_people(replace(status, can=Abilities())) == ()
