"""Cancel all: InterruptAll for every session of the key's own user, confirmed by ComfyUI's queues.

SwarmUI's own counters fall to zero 3 ms after the call while ComfyUI goes on to its next step or loads a model
(recorded: hang_then_cancel, cancel_while_loading); only the queues tell when the GPU is free.
"""

from tray_app.core.cancel.asks import InterruptAll, Procedure
from tray_app.core.cancel.case import Case
from tray_app.core.cancel.settle import all_queues, settled
from tray_app.core.model import Outcome
from tray_app.core.truth import GENERATE
from tray_app.core.words import job_count


def cancel_everything(case: Case) -> Procedure:
    """Stop all work of the key's own user."""
    if not case.reading.rights.may(GENERATE):
        text = f"Cancelling needs the permission {GENERATE}. Ask the server's admin for it."
        return case.decline(Outcome.REFUSED, text, permission_missing=True)
    if case.mine == 0:
        return (yield from _nothing(case))
    if case.request.dry_run:
        count = "all jobs" if case.mine is None else job_count(case.mine)
        whose = case.status.user or "this key's user"
        text = f"Would ask {case.name} to stop {count} of {whose}, in every browser tab and script. Nothing was sent."
        return case.decline(None, text)
    queues = yield from all_queues(case)
    yield InterruptAll()
    return (yield from settled(case, queues, whose="your work", spared=case.others))


def _nothing(case: Case) -> Procedure:
    """Nothing of the key's own user runs as far as SwarmUI counts; ComfyUI may still work on what it let go of."""
    queues = None if case.status.jobs.total else (yield from all_queues(case))
    if any(queue.running for queue in queues or ()):
        text = "SwarmUI has no work left. ComfyUI still works, on what was cancelled or on work from outside SwarmUI."
        return case.decline(Outcome.NOTHING_RUNNING, text)
    return case.decline(Outcome.NOTHING_RUNNING, case.nothing())
