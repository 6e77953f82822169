"""Other people's work: who is named with how much, and what may be cancelled of it."""

from dataclasses import replace

from tests.unit.build import POWERUSER, counters, reading, rights
from tray_app.core.model import CancelRequest, State, UserJobs
from tray_app.core.people import people_rows
from tray_app.core.truth import assess
from tray_app.core.view import PEOPLE_ROWS, Entry, PeopleRows, PersonRow

SEES = POWERUSER | {"read_server_info_panels"}
JOBS = {"ann": 2, "bert": 1, "cleo": 4, "dan": 0}


def rows(jobs: dict[str, int], permissions: frozenset[str], state: State | None = None) -> PeopleRows:
    listed = {name: counters(number, min(1, number)) for name, number in jobs.items()}
    total = counters(sum(jobs.values()), 1)
    status = assess("home", "http://x", reading(total, users=listed, key=rights("ann", permissions)))
    return people_rows(status if state is None else replace(status, state=state))


def test_an_admin_gets_a_row_for_each_who_has_work_and_one_for_all() -> None:
    found = rows(JOBS, SEES | {"interrupt_others"})
    assert found.title == Entry("Other people: 5 jobs")
    assert found.rows == (
        PersonRow("cleo", Entry("Cancel the work of cleo (4 jobs)"), CancelRequest(everything=False, user="cleo")),
        PersonRow("bert", Entry("Cancel the work of bert (1 job)"), CancelRequest(everything=False, user="bert")),
    )
    everyone = CancelRequest(everything=False, everyone=True)
    assert found.everybody == PersonRow("", Entry("Cancel everybody's work (7 jobs of 3 users)"), everyone)


def test_others_may_read_who_is_busy_and_are_offered_nothing() -> None:
    found = rows(JOBS, SEES)
    # One of three jobs that the backend holds is computed, and nobody says whose.
    assert found.rows == (
        PersonRow("cleo", Entry("cleo: 4 jobs", enabled=False)),
        PersonRow("bert", Entry("bert: 1 job", enabled=False)),
    )
    assert rows({"cleo": 4}, SEES).rows == (PersonRow("cleo", Entry("cleo: 4 jobs, 1 running", enabled=False)),)
    assert found.everybody is None
    while_cancelling = rows(JOBS, SEES | {"interrupt_others"}, State.CANCELLING)
    assert (while_cancelling.rows, while_cancelling.everybody) == (found.rows, None)


def test_where_nobody_else_has_work_there_is_nothing_to_say() -> None:
    assert rows({"ann": 3, "bert": 0}, SEES) == PeopleRows()
    blind = assess("home", "http://x", reading(counters(3, 1), key=rights("ann", SEES)))
    assert people_rows(blind) == PeopleRows()


def test_many_people_are_summed_up_in_the_last_row() -> None:
    status = assess("home", "http://x", reading(counters(), key=rights("ann", SEES)))
    crowd = tuple(UserJobs(f"user {number:02}", 1, 0) for number in range(PEOPLE_ROWS))
    assert [each.name for each in people_rows(replace(status, users=crowd)).rows] == [each.name for each in crowd]
    more = (*crowd, UserJobs("zoe", 7, 1))
    found = people_rows(replace(status, users=more))
    assert len(found.rows) == PEOPLE_ROWS
    assert found.rows[0].name == "zoe"
    assert found.rows[-1] == PersonRow("", Entry("2 others: 2 jobs", enabled=False))
