"""Reading a server's state with as few and as honest calls as its version and our rights allow."""

import time

from tray_app.adapters.swarm.routes import Routes
from tray_app.core import replies
from tray_app.core.errors import NoSuchRoute, NotPermitted, Refused, ServerError, TimedOut, Unreachable
from tray_app.core.model import Backend, BackendSummary, ComfyLoad, Counters, Reading, UserCounters
from tray_app.core.truth import COMFY_READ, COUNT_ALL, SEE_BACKENDS

SEE_STATUS = "fundamental_generate_tab_access"

_BACKENDS_KEPT = 60.0
"""Seconds for which the list of backends is kept while the server's summary of them stays the same."""

_BACKENDS_KEPT_BLIND = 15.0
"""The same where no summary comes with the poll."""


class StatusReader:
    """The ladder: GetGlobalStatus, else ComfyUI's queue lengths, else the summary of the backends alone.

    GetCurrentStatus counts only its caller's session (src/WebAPI/BasicAPIFeatures.cs:552-570), so its counters are
    never looked at.
    """

    def __init__(self, routes: Routes) -> None:
        self._routes = routes
        self._backends: tuple[Backend, ...] | None = None
        self._read_at: float | None = None
        self._summary: BackendSummary | None = None

    def read(self, *, full: bool) -> Reading:
        """One reading. Parts that are not allowed, not there or not asked for are None."""
        try:
            return self._read(full=full)
        except ServerError as error:
            self._read_at = None  # after a gap nothing remembered is sure
            if isinstance(error, Unreachable) and not isinstance(error, TimedOut):
                self._routes.session.routes_may_have_come()
            raise

    def _read(self, *, full: bool) -> Reading:
        counters, summary = self._global_status() or (None, None)
        comfy = None
        if counters is not None:
            self._refresh_backends(summary, full=full)
        else:
            summary = self._own_status() if full else None
            self._refresh_backends(summary, full=full)
            comfy, complete = self._comfy_loads()
            if summary is None and not complete:
                summary = self._own_status()
                self._refresh_backends(summary, full=False)
        busy = counters is not None and (counters.waiting_gens > 0 or counters.loading_models > 0)
        users = self._users() if full or busy else None
        return Reading(self._routes.rights, counters, summary, users, self._backends, comfy)

    def _global_status(self) -> tuple[Counters, BackendSummary] | None:
        try:
            return replies.global_status(self._routes.api("GetGlobalStatus", COUNT_ALL))
        except (NotPermitted, NoSuchRoute):
            return None

    def _own_status(self) -> BackendSummary | None:
        try:
            return replies.backend_summary(self._routes.api("GetCurrentStatus", SEE_STATUS))
        except (NotPermitted, NoSuchRoute):
            return None

    def _users(self) -> tuple[UserCounters, ...] | None:
        try:
            return replies.connected_users(self._routes.api("ListConnectedUsers", COUNT_ALL))
        except (NotPermitted, NoSuchRoute):
            return None

    def _refresh_backends(self, summary: BackendSummary | None, *, full: bool) -> None:
        """Read the list again where it may have changed; else keep the one we have."""
        now = time.monotonic()
        keep = _BACKENDS_KEPT if summary is not None else _BACKENDS_KEPT_BLIND
        changed = summary is not None and self._summary is not None and summary != self._summary
        if summary is not None:
            self._summary = summary
        if not (full or changed or self._read_at is None or now >= self._read_at + keep):
            return
        self._read_at = now
        try:
            self._backends = replies.backends(self._routes.api("ListBackends", SEE_BACKENDS, {"full_data": True}))
        except (NotPermitted, NoSuchRoute):
            self._backends = None

    def _comfy_loads(self) -> tuple[tuple[ComfyLoad, ...] | None, bool]:
        """Each running ComfyUI's queue length, and whether all of them told it. An unread one is no zero."""
        asked = [each for each in self._backends or () if each.is_comfy and each.enabled and each.status == "running"]
        if not asked or not self._routes.rights.may(COMFY_READ):
            return None, False
        loads = []
        for backend in asked:
            try:
                data = self._routes.comfy("/prompt", backend.id, COMFY_READ)
            except NotPermitted:
                return None, False
            except (Refused, NoSuchRoute):
                self._read_at = None  # the list is out of date
                continue
            except Unreachable:
                break  # SwarmUI may be well and this ComfyUI not: the next question to SwarmUI tells
            loads.append(ComfyLoad(backend.id, replies.queue_remaining(data)))
        return tuple(loads), len(loads) == len(asked)
