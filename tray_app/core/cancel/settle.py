"""How one knows that all of somebody's work has stopped: by ComfyUI's queues, for every cancel that names no prompt."""

from collections.abc import Generator

from tray_app.core.cancel.asks import Answer, Ask, Procedure, Wait, is_lost, read_queue
from tray_app.core.cancel.case import Case, pause
from tray_app.core.errors import ServerError, Slept
from tray_app.core.model import ComfyQueue, Outcome
from tray_app.core.truth import COMFY_READ, SEE_BACKENDS, running_comfy

SETTLED = 3.0
"""Seconds after which prompts that may be other people's are no longer waited for."""


def all_queues(case: Case) -> Generator[Ask, Answer, tuple[ComfyQueue, ...] | None]:
    """The queues of all running ComfyUI backends; None where they cannot be read, which keeps nothing from being sent.

    A ComfyUI that hangs, or has a queue too long to be read, is the one that somebody wants to cancel.
    """
    if not _may_look(case):
        return None
    queues = []
    try:
        for backend in running_comfy(case.reading):
            queue, _ = yield from read_queue(backend.id)
            queues.append(queue)
    except ServerError as error:
        # After a sleep what runs may be other work than what was meant: nothing is sent then.
        if is_lost(error) or isinstance(error, Slept):
            raise
        return None
    return tuple(queues)


def _may_look(case: Case) -> bool:
    rights = case.reading.rights
    return case.reading.backends is not None and rights.may(COMFY_READ) and rights.may(SEE_BACKENDS)


def settled(case: Case, queues: tuple[ComfyQueue, ...] | None, *, whose: str, spared: int | None) -> Procedure:
    """Wait until everything that was in the queues at the call has left them.

    `whose` work was to stop, to be put after "Asked to stop"; `spared` jobs were other people's, None: not known.
    """
    left = {queue.backend_id: queue.ids for queue in queues or () if queue.ids}
    elapsed = 0.0
    yield Wait(pause(elapsed))  # the counters fall within milliseconds, the request that held them a moment later
    while left:
        try:
            for backend, ids in tuple(left.items()):
                queue, now = yield from read_queue(backend)
                elapsed = now - case.started
                left[backend] = ids & queue.ids
        except ServerError as error:
            return (yield from case.unseen(error))
        left = {backend: ids for backend, ids in left.items() if ids}
        rest = sum(len(ids) for ids in left.values())
        if rest and elapsed > SETTLED and (spared is None or 0 < rest <= spared):
            text = f"Asked to stop {whose}. What still runs may be other people's; the two cannot be told apart."
            return (yield from case.close(Outcome.ASKED, text))
        if rest and elapsed >= case.request.timeout:
            return (yield from case.not_stopped(rest))
        if rest:
            yield Wait(pause(elapsed))
    if queues is None:
        why = ", as ComfyUI's queue cannot be read" if _may_look(case) else " with this key"
        text = f"Asked to stop. Whether the work has really stopped cannot be seen{why}."
        return (yield from case.close(Outcome.ASKED, text))
    if any(each.status == "running" and not each.is_comfy for each in case.reading.backends or ()):
        text = "Asked to stop. One of the backends is not a ComfyUI: whether it has really stopped cannot be seen."
        return (yield from case.close(Outcome.ASKED, text))
    return (yield from case.close(Outcome.STOPPED, "{stopped}"))
