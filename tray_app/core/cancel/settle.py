"""How one knows that all of somebody's work has stopped: by ComfyUI's queues, for every cancel that names no prompt."""

from collections.abc import Generator

from tray_app.core.cancel.asks import Answer, Ask, Procedure, Wait, read_queue
from tray_app.core.cancel.case import Case, pause
from tray_app.core.errors import NotPermitted, Refused
from tray_app.core.model import ComfyQueue, Outcome
from tray_app.core.truth import COMFY_READ, SEE_BACKENDS, running_comfy

SETTLED = 3.0
"""Seconds after which prompts that may be other people's are no longer waited for."""


def all_queues(case: Case) -> Generator[Ask, Answer, tuple[ComfyQueue, ...] | None]:
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


def settled(case: Case, queues: tuple[ComfyQueue, ...] | None, *, whose: str, spared: int | None) -> Procedure:
    """Wait until everything that was in the queues at the call has left them.

    `whose` work was to stop, to be put after "Asked to stop"; `spared` jobs were other people's, None: not known.
    """
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
        if rest and elapsed > SETTLED and (spared is None or 0 < rest <= spared):
            text = f"Asked to stop {whose}. What still runs may be other people's; the two cannot be told apart."
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
