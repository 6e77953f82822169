"""Generation requests: how their images are handed out, counted and reported (src/WebAPI/T2IAPI.cs:257-430)."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tray_app.simulator.backends import Backend
from tray_app.simulator.comfy import Prompt
from tray_app.simulator.graphs import NODES, picture_graph
from tray_app.simulator.jobs import NOTHING_MADE, Job
from tray_app.simulator.orders import Order
from tray_app.simulator.sessions import Session

if TYPE_CHECKING:
    from tray_app.simulator.clock import Timer
    from tray_app.simulator.world import World

Frame = dict[str, Any]

INTERRUPTED = "Generation session interrupted."
NOTHING_MADE_LOGGED = "No images were generated (all refused, or failed)."
UNREADABLE = (
    "Failed to read JSON '503: Service Unavailable' with message: "
    "Unexpected character encountered while parsing number: :. Path '', line 1, position 3."
)
# T2IAPI.cs:420-423: the pause between two starts of jobs.
STAGGER = 0.02
# User.cs:287 with the default role limit.
MOST_JOBS_AT_ONCE = 32


@dataclass(eq=False)
class GenerationRequest:
    """One call of GenerateText2Image or its websocket. `result` is the reply of the former, None until it is over."""

    world: "World"
    session: Session
    order: Order
    number: int
    on_frame: Callable[[Frame], None] | None = None
    result: dict[str, Any] | None = None
    on_end: list[Callable[[dict[str, Any]], None]] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    aborted: bool = False
    _claims: int = 0
    _started: int = 0
    _waiting: list[Job] = field(default_factory=list)
    _live: list[Job] = field(default_factory=list)
    _stagger: "Timer | None" = None
    _starting: bool = True

    def start(self) -> None:
        """Count the images and hand the first jobs out."""
        self._claims = self.order.images
        self.session.counters.waiting_gens += self._claims
        self.session.requests.append(self)
        count = "1 image" if self._claims == 1 else f"{self._claims} images"
        log = self.world.log
        log.write("Info", f"User {self.session.user} requested {count} with model '{self.order.model_file}'...")
        log.write("Verbose", "[Webhooks] Marking server as starting generations silently.")
        self._tell_status()
        self._start_jobs()

    @property
    def live_jobs(self) -> tuple[Job, ...]:
        """The jobs that hold a backend."""
        return tuple(self._live)

    def interrupt(self) -> None:
        """InterruptAll: nothing of this request counts any more, at once; ComfyUI stops at its next step."""
        self.aborted, self._starting = True, False
        self._drop_waiting()
        for job in self.live_jobs:
            self._cut_off(job)
        self._end_if_done()

    def kill(self, backend: Backend) -> None:
        """The backend is shut down under its jobs."""
        for job in [job for job in self._live if job.backend is backend]:
            self.job_refused(job, NOTHING_MADE)

    def job_granted(self, job: Job) -> None:
        """Called by a job that got its backend."""
        backend = job.backend
        if backend is None:
            raise AssertionError("A job without a backend was granted.")
        counters = self.session.counters
        self._waiting.remove(job)
        counters.waiting_backends -= 1
        self._tell_status()
        if self.aborted:
            # ENG:290: a job of a broken request notices only now, and keeps its claim until the request ends.
            self.world.dispatcher.release(backend)
            self._end_if_done()
            return
        counters.live_gens += 1
        self._live.append(job)
        self._tell_status()
        if not backend.comfy.answering:
            self.world.later(0.0, lambda: self.job_refused(job, UNREADABLE))
            return
        for line in ("Will await a job, do parse...", "JSON parsed.", "Reuse existing websocket"):
            self.world.log.write("Verbose", line)
        job.prompt = Prompt(
            number=backend.comfy.next_number(),
            id=str(uuid.uuid4()),
            graph=picture_graph(self.order, job.seed, negates=self.world.version.sampler_negates),
            client_id=backend.client_ids[backend.usages - 1],
            outputs=["9"],
            steps=self.order.steps,
            step_seconds=self.order.step_seconds or self.world.timing.step,
            listener=job,
        )
        backend.comfy.submit(job.prompt)

    def job_unserved(self, job: Job, reason: str) -> None:
        """Called by a job that no backend takes."""
        if job not in self._waiting:
            return
        self.world.dispatcher.withdraw(job)
        self._waiting.remove(job)
        self.session.counters.waiting_backends -= 1
        self._give_back()
        self._refuse(reason)
        self._tell_status()
        self._go_on()

    def job_progressed(self, job: Job, nodes_done: int, share: float) -> None:
        """Called at each step."""
        first = job.started is None
        job.started = self.world.now() if job.started is None else job.started
        if self.world.version.progress_lines:
            # .NET's "00.0" pads to two digits; a finished share prints as 100.0.
            line = f"Progress [{job.index}]: {nodes_done}/{NODES}, curPercent={share * 100:04.1f}"
            self.world.log.write("Verbose", line)
        if self.on_frame is None:
            return
        overall = min(1.0, (nodes_done + share) / (NODES + 1))
        progress: Frame = {
            "batch_index": str(job.index),
            "request_id": str(self.number),
            "overall_percent": round(overall, 6),
            "current_percent": round(share, 6),
        }
        if first:
            progress["metadata"] = self.world.outputs.preview_metadata(self.order, job.seed)
        self.on_frame({"gen_progress": progress})

    def job_finished(self, job: Job) -> None:
        """Called when ComfyUI delivered: the picture is stored and the job leaves the counters."""
        if job not in self._live:
            return
        now = self.world.now()
        began = now if job.started is None else job.started
        times = (began - job.asked, now - began)
        log = self.world.log
        for _ in range(self.order.batchsize if self.world.whole_batches else 1):
            saved = self.world.outputs.deliver(self, job.seed, times)
            words = self.world.version.media_type_words
            # Pictures are drawn when somebody looks at them: the size is a guess.
            size = self.order.width * self.order.height * 2
            head = f"ComfyUI Websocket sent: {size} bytes of image data as event 1 in format {words} to index 0"
            log.write("Verbose", head)
            tail = f"for index {job.index} for gen request id {self.number}, isreal=True"
            log.write("Verbose", f"T2IAPI received save request {tail}")
            self.outputs.append(saved.address)
            if self.on_frame is not None:
                frame = {"image": saved.address, "batch_index": str(job.index), "request_id": str(self.number)}
                self.on_frame(frame | {"metadata": saved.metadata})
        log.write("Verbose", "Ignore type execution_success")
        log.write("Info", f"Generated an image in {times[0]:.2f} sec (prep) and {times[1]:.2f} sec (gen)")
        self._leave(job)

    def job_refused(self, job: Job, reason: str) -> None:
        """Called when a job ends without a picture: it takes along what no backend has yet, unless asked not to."""
        if job not in self._live:
            return
        self._refuse(reason)
        self._leave(job)

    def _refuse(self, reason: str) -> None:
        goes_on = self.order.continue_after_errors and self.world.version.continue_after_errors
        log = self.world.log
        if reason == NOTHING_MADE:
            log.write("Info", NOTHING_MADE_LOGGED)
        elif self.world.version.refusals_logged:
            log.write("Warning", f"Refused to generate image for {self.session.user}: {reason}")
        if not goes_on:
            self.aborted = True
            self._report(reason)

    def _report(self, reason: str) -> None:
        self.errors.append(reason)
        if self.on_frame is not None:
            self.on_frame({"error": reason})

    def _leave(self, job: Job) -> None:
        """End a live job: counters first, then its backend is free for the next."""
        backend = job.backend
        self._starting = False
        self._live.remove(job)
        self._give_back()
        self.session.counters.live_gens -= 1
        self._tell_status()
        if backend is not None:
            self.world.dispatcher.release(backend)
        self._go_on()

    def _go_on(self) -> None:
        if not self.aborted and self._stagger is None:
            self._start_jobs()
        self._end_if_done()

    def _cut_off(self, job: Job) -> None:
        """Take a job from its backend while ComfyUI may go on with it."""
        backend = job.backend
        if backend is not None and job.prompt is not None:
            job.prompt.listener = None
            if not backend.comfy.delete(job.prompt.id):
                backend.comfy.interrupt(job.prompt.id)
        # As recorded (hang_then_cancel): from a ComfyUI that hangs the page hears no error.
        if backend is None or not backend.comfy.hanging:
            self.world.log.write("Info", INTERRUPTED)
            self._report(INTERRUPTED)
        self._leave(job)

    def _give_back(self) -> None:
        self._claims -= 1
        self.session.counters.waiting_gens -= 1

    def _drop_waiting(self) -> None:
        """Dropped jobs keep their claim until the request ends."""
        for job in tuple(self._waiting):
            self.world.dispatcher.withdraw(job)
            self._waiting.remove(job)
            self.session.counters.waiting_backends -= 1
            self._tell_status()

    def _start_jobs(self) -> None:
        """Start one job and come back for the next, as long as there is room."""
        self._stagger = None
        if self.aborted or self._started >= self.order.images:
            return
        slots = 2 * sum(backend.max_usages for backend in self.world.backends if backend.is_up)
        if len(self._live) + len(self._waiting) > max(1, min(MOST_JOBS_AT_ONCE, slots)):
            return
        job = Job(self, self._started, self.world.now())
        self._started += 1
        if self._started < self.order.images:
            self._stagger = self.world.later(STAGGER, self._start_jobs)
        self._waiting.append(job)
        self.session.counters.waiting_backends += 1
        self._tell_status()
        self.world.dispatcher.ask(job)
        self._starting = self._starting and self._started < self.order.images

    def _end_if_done(self) -> None:
        if self.result is not None or self._live or self._waiting:
            return
        if not self.aborted and self._started < self.order.images:
            return
        if self._stagger is not None:
            self._stagger.cancel()
        self.session.counters.waiting_gens -= self._claims
        self._claims = 0
        self.session.requests.remove(self)
        self.result = {"error": self.errors[0]} if self.errors else {"images": list(self.outputs)}
        self.world.changed()
        if self.errors:
            where = "WS" if self.on_frame is not None else ""
            self.world.log_api_error(f"GenerateText2Image{where}", self.session.user, self.errors[0])
        for told in self.on_end:
            told(self.result)

    def _tell_status(self) -> None:
        self.world.changed()
        if self.on_frame is None:
            return
        self.on_frame(self.world.current_status(self.session))
        if not self._starting:
            self.on_frame({"keep_alive": True})
