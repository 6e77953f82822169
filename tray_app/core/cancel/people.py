"""Cancel a named user's work, or everybody's: AdminInterruptUser for each of them, confirmed by ComfyUI's queues.

Whose work and how many jobs is said before, and a yes holds for the people it was given for. One user's refusal does
not spare the others; it is reported beside what came of them.
"""

from collections.abc import Generator, Iterable, Mapping
from dataclasses import replace

from tray_app.core.cancel.asks import Answer, Ask, InterruptUser, Procedure
from tray_app.core.cancel.case import Case, work_of_all
from tray_app.core.cancel.settle import all_queues, settled
from tray_app.core.errors import NoSuchRoute, NotPermitted, Refused, ServerError
from tray_app.core.model import CancelResult, Outcome
from tray_app.core.truth import COUNT_ALL, INTERRUPT_OTHERS
from tray_app.core.truth import cancel_people as possible
from tray_app.core.words import job_count, whose_jobs


def cancel_people(case: Case) -> Procedure:
    """Stop all work of the user that the request names, or of all who have any."""
    everybody = work_of_all(case.reading)
    obstacle = _obstacle(case)
    if obstacle is not None or everybody is None:
        return obstacle or case.decline(Outcome.NOT_POSSIBLE, f"{case.name} does not say who has work there.")
    named = case.request.user
    work = {name: jobs for name, jobs in everybody.items() if case.request.everyone or name == named}
    if not work:
        return case.decline(Outcome.NOTHING_RUNNING, _nothing(named, everybody))
    if case.request.dry_run:
        return case.decline(None, f"Would ask {case.name} to stop {whose_jobs(work)}. Nothing was sent.")
    agreed = case.request.agreed
    if not case.request.confirmed or (agreed is not None and not agreed >= work.keys()):
        return _ask_first(case, work)
    queues = yield from all_queues(case)
    failures = yield from _interrupt(work)
    reached = {name: jobs for name, jobs in work.items() if name not in failures}
    spared = sum(everybody.values()) - sum(reached.values())
    whose = f"the work of {', '.join(reached)}"
    stopped = (yield from settled(case, queues, whose=whose, spared=spared)) if reached else None
    return _reported(stopped, reached, failures) if stopped else _refused(case, failures)


def _obstacle(case: Case) -> CancelResult | None:
    """Why nothing may be sent."""
    for permission in (INTERRUPT_OTHERS, COUNT_ALL):
        if not case.reading.rights.may(permission):
            text = f"Cancelling other people's work needs the permission {permission}. Ask the server's admin for it."
            return case.decline(Outcome.REFUSED, text, permission_missing=True)
    why_not = possible(case.reading)
    if isinstance(why_not, str):
        return case.decline(Outcome.NOT_POSSIBLE, f"Cancelling a named user's work {why_not}.")
    return None


def _nothing(named: str | None, everybody: Mapping[str, int]) -> str:
    if named is None or not everybody:
        return "Nobody has work here." if named is None else f"{named} has no work here, and nobody else has."
    return f"{named} has no work here. Those who have: {_list(everybody)}."


def _list(work: Mapping[str, int]) -> str:
    return ", ".join(f"{name}: {job_count(jobs)}" for name, jobs in work.items())


def _ask_first(case: Case, work: Mapping[str, int]) -> CancelResult:
    yes = replace(case.request, confirmed=True, agreed=frozenset(work))
    return case.decline(
        Outcome.NEEDS_CONFIRMATION,
        f"This would stop {whose_jobs(work)} on {case.name}.",
        choices=((f"Cancel {whose_jobs(work)}", yes),),
    )


def _interrupt(names: Iterable[str]) -> Generator[Ask, Answer, dict[str, ServerError]]:
    """Ask for each of them, whatever came of the ones before; gives what went wrong."""
    failures: dict[str, ServerError] = {}
    for name in names:
        try:
            yield InterruptUser(name)
        except ServerError as error:
            failures[name] = error
    return failures


def _refused(case: Case, failures: Mapping[str, ServerError]) -> CancelResult:
    """The result where nobody's work was reached. Raises what says nothing about the cancel itself."""
    errors = tuple(failures.values())
    for error in errors:
        if not isinstance(error, NotPermitted | NoSuchRoute | Refused):
            raise error
    text = f"Nothing was cancelled. {_told(failures)}"
    if all(isinstance(error, NoSuchRoute) for error in errors):
        return case.decline(Outcome.NOT_POSSIBLE, text)
    missing = all(isinstance(error, NotPermitted) for error in errors)
    return case.decline(Outcome.REFUSED, text, permission_missing=missing)


def _told(failures: Mapping[str, ServerError]) -> str:
    return " ".join(f"{name}: {error}" for name, error in failures.items())


def _reported(result: CancelResult, reached: Mapping[str, int], failures: Mapping[str, ServerError]) -> CancelResult:
    """The result with whose work it was, and with the failures among them."""
    text = f"{result.message} It was about {whose_jobs(reached)}."
    if not failures:
        return replace(result, message=text)
    done = result.outcome in {Outcome.STOPPED, Outcome.ASKED}
    text += f" Not cancelled: {_told(failures)}"
    return replace(result, outcome=Outcome.REFUSED if done else result.outcome, message=text)
