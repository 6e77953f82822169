"""Who else is busy on a server with how much, and what may be cancelled of it: the rows of "Other people"."""

from tray_app.core.model import ServerStatus
from tray_app.core.offers import cancel_people
from tray_app.core.view import PEOPLE_ROWS, Entry, PeopleRows, PersonRow
from tray_app.core.words import job_count, jobs_of, label


def people_rows(status: ServerStatus) -> PeopleRows:
    """The people with work, those with most first; nothing where that is not known or nobody else has any.

    Whoever may cancel their work gets rows that do, the others the same figures to read.
    """
    others = sorted(
        (each for each in status.users or () if each.total and each.name != status.user),
        key=lambda each: (-each.total, each.name),
    )
    if not others:
        return PeopleRows()
    offers = {request.user: (entry, request) for entry, request in cancel_people(status)}
    shown = others if len(others) <= PEOPLE_ROWS else others[: PEOPLE_ROWS - 1]
    rows = []
    for each in shown:
        text = label(jobs_of(each))
        rows.append(PersonRow(each.name, *offers.get(each.name, (Entry(text, enabled=False),))))
    if rest := others[len(shown) :]:
        text = f"{len(rest)} others: {job_count(sum(each.total for each in rest))}"
        rows.append(PersonRow("", Entry(text, enabled=False)))
    everybody = PersonRow("", *offers[None]) if None in offers else None
    return PeopleRows(Entry(f"Other people: {job_count(sum(each.total for each in others))}"), tuple(rows), everybody)
