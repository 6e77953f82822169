"""Cancel all: InterruptAll for every session of the key's own user, confirmed by ComfyUI's queues.

SwarmUI's own counters fall to zero 3 ms after the call while ComfyUI goes on to its next step or loads a model
(recorded: hang_then_cancel, cancel_while_loading); only the queues tell when the GPU is free.
"""

from collections.abc import Generator

from tray_app.core.cancel.asks import Answer, Ask, InterruptAll, Procedure, Wait, read_queue
from tray_app.core.cancel.case import Case, pause
from tray_app.core.errors import NotPermitted, Refused
from tray_app.core.model import ComfyQueue, Outcome
from tray_app.core.truth import COMFY_READ, GENERATE, SEE_BACKENDS, running_comfy
from tray_app.core.words import job_count

SETTLED = 3.0
"""Seconds after which prompts that may be other people's are no longer waited for."""


def cancel_everything(case: Case) -> Procedure:
    """Stop all work of the key's own user."""
    if not case.reading.rights.may(GENERATE):
        text = f"Cancelling needs the permission {GENERATE}. Ask the server's admin for it."
        return case.decline(Outcome.REFUSED, text, permission_missing=True)
    if case.mine == 0:
        return case.decline(Outcome.NOTHING_RUNNING, case.nothing())
    if case.request.dry_run:
        count = "all jobs" if case.mine is None else job_count(case.mine)
        whose = case.status.user or "this key's user"
        text = f"Would ask {case.name} to stop {count} of {whose}, in every browser tab and script. Nothing was sent."
        return case.decline(None, text)
    queues = yield from _queues(case)
    yield InterruptAll()
    return (yield from _confirm(case, queues))


def _queues(case: Case) -> Generator[Ask, Answer, tuple[ComfyQueue, ...] | None]:
    """The queues of all running ComfyUI backends; None where this key cannot see them."""
    rights = case.reading.rights
    if case.reading.backends is None or not (rights.may(COMFY_READ) and rights.may(SEE_BACKENDS)):
        return None
    queues = []
    try:
        for backend in running_comfy(case.reading):
            queue, _ = yield from read_queue(backend.id)
            queues.append(queue)
    except (NotPermitted, Refused):
        return None
    return tuple(queues)


def _confirm(case: Case, queues: tuple[ComfyQueue, ...] | None) -> Procedure:
    """Wait until everything that was in the queues at the call has left them."""
    left = {queue.backend_id: queue.ids for queue in queues or () if queue.ids}
    elapsed = 0.0
    yield Wait(pause(elapsed))  # the counters fall within milliseconds, the request that held them a moment later
    while left:
        for backend, ids in tuple(left.items()):
            queue, now = yield from read_queue(backend)
            elapsed = now - case.started
            left[backend] = ids & queue.ids
        left = {backend: ids for backend, ids in left.items() if ids}
        rest = sum(len(ids) for ids in left.values())
        if rest and elapsed > SETTLED and (case.others is None or 0 < rest <= case.others):
            text = "Asked to stop your work. What still runs may be other people's; the two cannot be told apart."
            return (yield from case.close(Outcome.ASKED, text))
        if rest and elapsed >= case.request.timeout:
            return (yield from case.not_stopped())
        if rest:
            yield Wait(pause(elapsed))
    if queues is None:
        text = "Asked to stop. Whether the work has really stopped cannot be seen with this key."
        return (yield from case.close(Outcome.ASKED, text))
    if any(each.status == "running" and not each.is_comfy for each in case.reading.backends or ()):
        text = "Asked to stop. One of the backends is not a ComfyUI: whether it has really stopped cannot be seen."
        return (yield from case.close(Outcome.ASKED, text))
    return (yield from case.close(Outcome.STOPPED, "{stopped}"))
