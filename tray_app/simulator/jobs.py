"""One image on its way: from the queue for a backend to a prompt in ComfyUI (src/Text2Image/T2IEngine.cs)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tray_app.simulator.backends import Backend
from tray_app.simulator.comfy import Prompt
from tray_app.simulator.sessions import Session

if TYPE_CHECKING:
    from tray_app.simulator.requests import GenerationRequest

NOTHING_MADE = "No images were generated (all refused, or failed - check server logs for details)."


@dataclass(eq=False)
class Job:
    """One image (or batch) of a request, on its way through a backend; the listener of its prompt."""

    request: "GenerationRequest"
    index: int
    asked: float
    backend: Backend | None = None
    prompt: Prompt | None = None
    started: float | None = None

    @property
    def session(self) -> Session:
        """Whose it is."""
        return self.request.session

    @property
    def model_file(self) -> str:
        """The model that must be loaded."""
        return self.request.order.model_file

    @property
    def seed(self) -> int:
        """Seeds count up within a request, a batch using up one for each of its members."""
        return self.request.order.seed + self.index * self.request.order.batchsize

    def granted(self, backend: Backend) -> None:
        """It leaves the queue and is handed to ComfyUI."""
        self.backend = backend
        self.request.job_granted(self)

    def unserved(self, reason: str) -> None:
        """It leaves the queue with an error."""
        self.request.job_unserved(self, reason)

    def progressed(self, nodes_done: int, share: float) -> None:
        """A step was done."""
        self.request.job_progressed(self, nodes_done, share)

    def finished(self) -> None:
        """The picture is there."""
        self.request.job_finished(self)

    def failed(self, reason: str) -> None:
        """ComfyUI reported an exception."""
        self.request.job_refused(self, f"ComfyUI execution error: {reason}")

    def interrupted(self) -> None:
        """Somebody interrupted the prompt in ComfyUI: to SwarmUI it just made nothing (api 6.3)."""
        self.request.job_refused(self, NOTHING_MADE)
