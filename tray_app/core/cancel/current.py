"""Cancel current: the running prompt of a ComfyUI backend, by its id through SwarmUI's pass-through.

What it takes along is SwarmUI's doing: the rest of a request for several images that no backend holds yet is
dropped, unless the request says "continue after errors" (recorded: cancel_batch).
"""

from collections.abc import Generator, Mapping
from dataclasses import replace

from tray_app.core.cancel.asks import Answer, Ask, Interrupt, Procedure, Wait, read_queue, read_version
from tray_app.core.cancel.case import Case, pause
from tray_app.core.errors import ServerError, UsageError
from tray_app.core.model import Backend, CancelResult, ComfyQueue, Outcome
from tray_app.core.truth import COMFY_READ, COMFY_WRITE, SEE_BACKENDS, running_comfy

STOPS_BY_ID = (0, 3, 57)
"""The first ComfyUI that stops a prompt by its id (2025-09-04); older ones stop whatever runs."""


def cancel_current(case: Case) -> Procedure:
    """Stop the running prompt of one backend, or of all that the request names."""
    for permission in (COMFY_READ, COMFY_WRITE, SEE_BACKENDS):
        if not case.reading.rights.may(permission):
            text = f"Cancelling one job alone needs the permission {permission}. Ask the server's admin for it."
            return case.decline(Outcome.REFUSED, text, permission_missing=True)
    busy: list[ComfyQueue] = []
    for backend in _wanted(case):
        queue, _ = yield from read_queue(backend.id)
        if queue.running:
            busy.append(queue)
    obstacle = (_obstacle(case, busy) if busy else _idle(case)) or (yield from _too_old(case, busy))
    if obstacle is not None:
        return obstacle
    targets = {queue.backend_id: queue.running[0].id for queue in busy if not queue.running[0].loads_model}
    if case.request.dry_run:
        where = " and ".join(f"backend {backend}" for backend in targets)
        return case.decline(None, f"Would stop the running job on {where} of {case.name}. Nothing was sent.")
    failures = yield from _interrupt(targets)
    result = yield from _confirm(case, _reached(targets, failures))
    return _reported(result, failures) if failures else result


def _wanted(case: Case) -> tuple[Backend, ...]:
    """The running ComfyUI backends that the request speaks of."""
    comfy = running_comfy(case.reading)
    wanted = case.request.backend
    if wanted in {None, "all"}:
        return comfy
    ids = [each.id for each in case.reading.backends or ()]
    if wanted not in ids:
        known = ", ".join(map(str, ids)) or "none"
        raise UsageError(f"{case.name} has no backend {wanted}.", f"Its backends: {known}.")
    return tuple(each for each in comfy if each.id == wanted)


def _idle(case: Case) -> CancelResult:
    """Why there is nothing to stop on the wanted backends."""
    jobs, wanted = case.status.jobs, case.request.backend
    up = [each for each in case.reading.backends or () if each.status == "running" and wanted in {None, "all", each.id}]
    foreign = next((each for each in up if not each.is_comfy), None)
    if foreign is not None and jobs.total != 0:
        name = foreign.title or foreign.type
        text = f"{name} is not a ComfyUI backend, so one job alone cannot be stopped there. Cancel all can be tried."
        return case.decline(Outcome.NOT_POSSIBLE, text)
    if jobs.loading:
        return case.decline(Outcome.NOT_POSSIBLE, _LOADING)
    return case.decline(Outcome.NOTHING_RUNNING, case.nothing())


_LOADING = "A model is being loaded, and cutting that off would only start the job. Wait for it, or cancel all."


def _obstacle(case: Case, busy: list[ComfyQueue]) -> CancelResult | None:
    """What must be asked, or cannot be done, before one of the busy backends is touched."""
    request = case.request
    if len(busy) > 1 and request.backend is None:
        titles = {each.id: each.title or f"backend {each.id}" for each in case.reading.backends or ()}
        one = [(f"Cancel on {titles[each.backend_id]}", replace(request, backend=each.backend_id)) for each in busy]
        return case.decline(
            Outcome.NEEDS_CONFIRMATION,
            f"{len(busy)} backends are busy.",
            choices=(*one, ("Cancel on all of them", replace(request, backend="all"))),
        )
    if all(queue.running[0].loads_model for queue in busy):
        return case.decline(Outcome.NOT_POSSIBLE, _LOADING)
    doubt = None if request.confirmed else _doubt(case)
    if doubt:
        choices = (("Cancel it all the same", replace(request, confirmed=True)),)
        return case.decline(Outcome.NEEDS_CONFIRMATION, doubt, choices=choices)
    return None


def _doubt(case: Case) -> str | None:
    """Why the running job may be somebody else's; None when it is the key's own user's."""
    status = case.status
    if case.others is None:
        return "Whose job is running cannot be known with this key."
    if not case.mine and not case.others and not case.without_accounts:
        return "SwarmUI counts no work, so whose job ComfyUI works on cannot be known."
    if case.others == 0:
        return None
    names = ", ".join(each.name for each in status.users or () if each.name != status.user and each.total)
    if case.mine:
        return f"Both you and {names} have work here; whose job is running cannot be known."
    return f"The running job belongs to {names}."


def _too_old(case: Case, busy: list[ComfyQueue]) -> Generator[Ask, Answer, CancelResult | None]:
    """Refuse where a ComfyUI would ignore the id and stop whatever runs."""
    for queue in busy:
        version = yield from read_version(queue.backend_id)
        if version is None or version < STOPS_BY_ID:
            said = "does not tell its version" if version is None else f"is {'.'.join(map(str, version))}"
            text = (
                f"Stopping one job by its id needs ComfyUI 0.3.57 or newer; this one {said}. Cancel all can be tried."
            )
            return case.decline(Outcome.NOT_POSSIBLE, text)
    return None


def _interrupt(targets: Mapping[int, str]) -> Generator[Ask, Answer, dict[int, ServerError]]:
    """Ask on each backend, whatever came of the ones before; gives what went wrong."""
    failures: dict[int, ServerError] = {}
    for backend, prompt in targets.items():
        try:
            yield Interrupt(backend, prompt)
        except ServerError as error:
            failures[backend] = error
    return failures


def _reached(targets: Mapping[int, str], failures: Mapping[int, ServerError]) -> dict[int, str]:
    """The targets that took the interrupt. Raises the first of the failures where none did."""
    reached = {backend: prompt for backend, prompt in targets.items() if backend not in failures}
    if not reached:
        raise next(iter(failures.values()))
    return reached


def _reported(result: CancelResult, failures: Mapping[int, ServerError]) -> CancelResult:
    """The result with the failures among the backends."""
    told = " ".join(f"backend {backend}: {error}" for backend, error in failures.items())
    done = result.outcome in {Outcome.STOPPED, Outcome.ASKED}
    outcome = Outcome.REFUSED if done else result.outcome
    return replace(result, outcome=outcome, message=f"{result.message} Not cancelled: {told}")


def _confirm(case: Case, targets: dict[int, str]) -> Procedure:
    """Wait until the prompts have left the queues; ComfyUI answers 200 whether or not the id ran."""
    left = dict(targets)
    while True:
        elapsed = 0.0
        try:
            for backend, prompt in tuple(left.items()):
                queue, now = yield from read_queue(backend)
                elapsed = now - case.started
                if prompt not in queue.ids:
                    del left[backend]
        except ServerError as error:
            return (yield from case.unseen(error))
        if not left:
            break
        if elapsed >= case.request.timeout:
            return (yield from case.not_stopped(len(left)))
        yield Wait(pause(elapsed))
    yield Wait(pause(0))  # SwarmUI learns of the end over its own socket, a moment after the queue shows it
    return (yield from case.close(Outcome.STOPPED, "{stopped}"))
