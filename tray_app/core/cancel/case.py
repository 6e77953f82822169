"""One cancel on its way: what was asked, the reading that it was decided on, and the words for what came of it."""

from collections.abc import Generator
from dataclasses import dataclass

from tray_app.core.cancel.asks import Answer, Ask, is_lost, read_server
from tray_app.core.errors import ServerError
from tray_app.core.model import CancelRequest, CancelResult, Outcome, Reading, ServerStatus
from tray_app.core.truth import assess
from tray_app.core.words import job_count


@dataclass(frozen=True, slots=True)
class Case:
    """`started` is the time of the reading, in the seconds of the answers."""

    request: CancelRequest
    name: str
    url: str
    reading: Reading
    started: float

    @property
    def status(self) -> ServerStatus:
        """What the reading means."""
        return assess(self.name, self.url, self.reading)

    @property
    def others(self) -> int | None:
        """How many jobs other people have; None when that cannot be known."""
        status = self.status
        if status.users is not None:
            return sum(each.total for each in status.users if each.name != status.user)
        return 0 if self.without_accounts else None

    @property
    def without_accounts(self) -> bool:
        """Whether everybody is the user `local`, as on a server without accounts (src/Core/WebServer.cs:500).

        One with accounts calls who comes by loopback `local` too (src/Utils/WebUtil.cs:317), and lists the others.
        """
        names = {each.name for each in self.reading.users or ()}
        return self.status.user == "local" and names <= {"local"}

    @property
    def mine(self) -> int | None:
        """How many jobs a "cancel all" would end; None when not known."""
        status = self.status
        if status.mine is not None:
            return status.mine.total
        return None if status.jobs.at_least or not self.without_accounts else status.jobs.total

    def decline(
        self,
        outcome: Outcome | None,
        message: str,
        *,
        permission_missing: bool = False,
        choices: tuple[tuple[str, CancelRequest], ...] = (),
    ) -> CancelResult:
        """The result where nothing was sent, or nothing was accepted."""
        jobs = self.status.jobs
        return CancelResult(
            server=self.name,
            asked=self.request.asked,
            outcome=outcome,
            cancelled=0,
            remaining_running=jobs.running,
            remaining_queued=jobs.queued,
            message=message,
            permission_missing=permission_missing,
            choices=choices,
        )

    def close(self, outcome: Outcome, message: str, *, held: int = 0) -> Generator[Ask, Answer, CancelResult]:
        """The result after something was sent, by a fresh reading; `{stopped}` in the message is filled by it.

        A reading that fails takes nothing back of what is known: only the figures are missing. So they are where
        ComfyUI still holds more than SwarmUI counts: `held` prompts.
        """
        try:
            reading, _ = yield from read_server()
        except ServerError:
            reading = Reading(self.reading.rights)
        if reading.counters is not None and reading.counters.waiting_gens < held:
            reading = Reading(self.reading.rights)
        after = assess(self.name, self.url, reading)
        cancelled = self._fallen(reading, after)
        stopped = f"Stopped {job_count(cancelled)}." if cancelled else "Stopped."
        if after.jobs.total:
            stopped += f" {'At least ' if after.jobs.at_least else ''}{job_count(after.jobs.total)} left on the server."
        return CancelResult(
            server=self.name,
            asked=self.request.asked,
            outcome=outcome,
            cancelled=cancelled,
            remaining_running=after.jobs.running,
            remaining_queued=after.jobs.queued,
            message=message.replace("{stopped}", stopped),
        )

    def _fallen(self, reading: Reading, after: ServerStatus) -> int | None:
        """Jobs before minus jobs after; None when not known, or when new work hides the figure."""
        before = self.status
        old, new = before.jobs.total, after.jobs.total
        if self.request.user is not None:
            old, new = (jobs_of(self.request.user, each) for each in (self.reading, reading))
        elif self.request.everything and before.mine is not None and after.mine is not None:
            old, new = before.mine.total, after.mine.total
        if old is None or new is None or before.jobs.at_least or after.jobs.at_least or new > old:
            return None
        return old - new

    def not_stopped(self, held: int) -> Generator[Ask, Answer, CancelResult]:
        """The result when the timeout is over and ComfyUI still holds so many prompts that were to be cancelled."""
        return self.close(
            Outcome.STILL_RUNNING,
            f"Asked to stop, but ComfyUI still works on it after {self.request.timeout:g} s. It stops only between "
            "two steps, and never while it loads a model. Wait, or restart the backend in SwarmUI (Server > Backends).",
            held=held,
        )

    def unseen(self, error: ServerError) -> Generator[Ask, Answer, CancelResult]:
        """The result where the server accepted and ComfyUI's queue cannot be read any more.

        Raises what says that the server itself is gone.
        """
        if is_lost(error):
            raise error
        text = f"Asked to stop. Whether the work has really stopped cannot be seen: {error.title} {error.advice}"
        return self.close(Outcome.ASKED, text.strip())

    def nothing(self) -> str:
        """The sentence for "nothing of what was asked for runs"."""
        status = self.status
        others = [each for each in status.users or () if each.name != status.user and each.total]
        if others:
            names = ", ".join(f"{each.name}: {job_count(each.total)}" for each in others)
            return f"Nothing of yours runs, only other people's work ({names})."
        if status.jobs.queued:
            return f"No job runs yet, {job_count(status.jobs.queued)} waiting. Cancel all would drop them."
        return "Nothing is running."


def work_of_all(reading: Reading) -> dict[str, int] | None:
    """Jobs by user, for those who have any; None where that is not known."""
    if reading.users is None:
        return None
    work = {}
    for each in reading.users:
        if each.counters is None:
            return None
        if each.counters.waiting_gens:
            work[each.name] = each.counters.waiting_gens
    return work


def jobs_of(name: str, reading: Reading) -> int | None:
    """How many jobs a user has; SwarmUI lists only those who have work or were there lately."""
    work = work_of_all(reading)
    return None if work is None else work.get(name, 0)


def pause(elapsed: float) -> float:
    """Seconds until the next look at a queue: quick at first, then calmer, since a queue can hold whole pictures."""
    return min(1.0, 0.1 + elapsed / 5)
