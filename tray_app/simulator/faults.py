"""What a script can break on a simulated server: its ComfyUIs, its backends, its answers."""

from tray_app.simulator.backends import Backend, BackendStatus
from tray_app.simulator.host import ServerHost


class FaultyHost(ServerHost):
    """A server on which things go wrong when told to. All methods may be called from any thread."""

    def fail_next(self, reason: str = "simulated CUDA out of memory", backend_id: int = 0) -> None:
        """Let the next image that a backend is given fail in ComfyUI."""
        self._call(lambda: self._backend(backend_id).comfy.fail_next.append(reason))

    def fail_next_load(self, reason: str = "simulated CUDA out of memory", backend_id: int = 0) -> None:
        """Let the next model that a backend is to load fail to load."""
        self._call(lambda: self._backend(backend_id).comfy.fail_next_load.append(reason))

    def fail_no_more(self, backend_id: int = 0) -> None:
        """Take back all `fail_next` that have not struck yet."""
        self._call(self._backend(backend_id).comfy.fail_next.clear)

    def hang(self, backend_id: int = 0, hanging: bool = True) -> None:  # noqa: FBT001, FBT002
        """Let a ComfyUI never end its present step, or let it go on."""
        self._call(lambda: self._backend(backend_id).comfy.hang(hanging=hanging))

    def comfy_answers(self, backend_id: int = 0, answering: bool = True) -> None:  # noqa: FBT001, FBT002
        """Let a ComfyUI meet everything with 503 while its backend stays "running", or end that."""
        self._call(lambda: setattr(self._backend(backend_id).comfy, "answering", answering))

    def set_backend(
        self,
        backend_id: int = 0,
        *,
        status: str | None = None,
        enabled: bool | None = None,
        kind: str | None = None,
    ) -> None:
        """Put a backend into a state: disabled, errored, waiting, loading, idle or running; or change its type.

        Types that do not begin with "comfyui_" (such as auto_webui_api) are out of the pass-through's reach.
        """

        def put() -> None:
            backend = self._backend(backend_id)
            if enabled is not None:
                backend.enabled = enabled
                backend.status = BackendStatus.RUNNING if enabled else BackendStatus.DISABLED
            backend.type = kind or backend.type
            if status is not None:
                backend.status = BackendStatus(status)
            self.world.forget_summary()
            self.world.changed()
            self.world.dispatcher.wake()

        self._call(put)

    def slow(self, seconds: float) -> None:
        """Delay every answer by this much real time."""
        self._call(lambda: setattr(self._live_site().faults, "slow", seconds))

    def refuse(self, refusing: bool = True) -> None:  # noqa: FBT001, FBT002
        """Break every connection without an answer, or end that."""
        self._call(lambda: setattr(self._live_site().faults, "refusing", refusing))

    def answer_with(
        self, path_end: str, body: bytes, status: int = 200, content_type: str = "application/json"
    ) -> None:
        """Answer all paths that end so (any case) with these bytes from now on."""
        self._call(lambda: self._live_site().faults.replaced.update({path_end: (status, body, content_type)}))

    def answer_truly(self) -> None:
        """End all that `slow`, `refuse` and `answer_with` began."""
        self._call(lambda: self._live_site().forget_faults())

    def _backend(self, backend_id: int) -> Backend:
        backend = self.world.backend(backend_id)
        if backend is None:
            raise KeyError(f"There is no backend {backend_id}.")
        return backend
