"""The values that cross borders between threads and modules: frozen, a change is a new value. None is "not known".

What a server said (`Reading`), what that means (`ServerStatus`, the shape of `status`), and what is asked for.
"""

from dataclasses import dataclass
from enum import StrEnum

from tray_app.core.state import State as State  # noqa: PLC0414 - "as" says that it is exported from here too

# ---------------------------------------------------------------------------------------------- what a server said


@dataclass(frozen=True, slots=True)
class Counters:
    """SwarmUI's four counters, in jobs (src/WebAPI/BasicAPIFeatures.cs:552-570).

    `waiting_gens` includes `live_gens`; `waiting_backends` is no queue length.
    """

    waiting_gens: int
    loading_models: int
    waiting_backends: int
    live_gens: int

    @property
    def busy(self) -> bool:
        """Whether anything runs, waits or loads."""
        return self.waiting_gens > 0 or self.loading_models > 0


@dataclass(frozen=True, slots=True)
class BackendSummary:
    """`backend_status` of a status reply: "running" means that a backend is up, not that it works.

    Values: src/Backends/BackendHandler.cs:128-220.
    """

    status: str
    severity: str  # SwarmUI's `class`: "", "soft", "warn" or "error"
    message: str
    any_loading: bool


@dataclass(frozen=True, slots=True)
class UserCounters:
    """One entry of ListConnectedUsers; `counters` is None before 2025-10-16, which sent none."""

    name: str
    counters: Counters | None


@dataclass(frozen=True, slots=True)
class Backend:
    """One entry of ListBackends. `status`: disabled, errored, waiting, loading, idle (unreachable) or running."""

    id: int
    title: str
    type: str
    status: str
    enabled: bool
    model: str | None

    @property
    def is_comfy(self) -> bool:
        """Whether ComfyUI's own routes lie behind it."""
        return self.type.startswith("comfyui_")


@dataclass(frozen=True, slots=True)
class Identity:
    """What GetNewSession told of us and of the server; `permissions` is None on servers before 2024-10-23."""

    user: str
    version: str
    server_id: str
    permissions: frozenset[str] | None
    output_append_user: bool = True

    def may(self, permission: str) -> bool:
        """Whether the role holds the flag; owners hold `*`, and an absent list means that all is allowed."""
        return self.permissions is None or "*" in self.permissions or permission in self.permissions


@dataclass(frozen=True, slots=True)
class Rights:
    """What this key can do on this server: the permission list, corrected by the refusals met in this session.

    `lacking` holds permission names, `missing_routes` API routes that this SwarmUI does not have.
    """

    identity: Identity | None = None
    lacking: frozenset[str] = frozenset()
    missing_routes: frozenset[str] = frozenset()

    def may(self, permission: str) -> bool:
        """Whether the permission is held as far as known."""
        return permission not in self.lacking and (self.identity is None or self.identity.may(permission))


@dataclass(frozen=True, slots=True)
class ComfyLoad:
    """ComfyUI's `queue_remaining` of one backend: running plus pending prompts, foreign ones included."""

    backend_id: int
    remaining: int


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that one poll of a server brought. A part that was not asked for or not allowed is None."""

    rights: Rights
    counters: Counters | None = None  # GetGlobalStatus: the whole server
    summary: BackendSummary | None = None
    users: tuple[UserCounters, ...] | None = None
    backends: tuple[Backend, ...] | None = None
    comfy: tuple[ComfyLoad, ...] | None = None  # only where `counters` cannot be had


@dataclass(frozen=True, slots=True)
class Prompt:
    """One entry of ComfyUI's queue; `loads_model` marks SwarmUI's model-load prompts, which must not be cut off."""

    id: str
    loads_model: bool


@dataclass(frozen=True, slots=True)
class ComfyQueue:
    """ComfyUI's GET /queue of one backend, reduced to what a cancel needs."""

    backend_id: int
    running: tuple[Prompt, ...]
    pending: tuple[Prompt, ...]

    @property
    def ids(self) -> frozenset[str]:
        """All prompt ids, running and pending."""
        return frozenset(prompt.id for prompt in self.running + self.pending)


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of SwarmUI's log (ListRecentLogMessages). `sequence` restarts with the server."""

    sequence: int
    type: str
    message: str


@dataclass(frozen=True, slots=True)
class LogTail:
    """The lines after a known sequence number, oldest first, and where the next read goes on."""

    lines: tuple[LogLine, ...]
    last_sequence: int


@dataclass(frozen=True, slots=True)
class Output:
    """A file that SwarmUI saved. `path` is relative to the user's output folder, `url` to the server's address."""

    path: str
    url: str


# --------------------------------------------------------------------------------------------------- what it means


class Scope(StrEnum):
    """Whose jobs a figure counts."""

    SERVER = "server"
    MINE = "mine"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Jobs:
    """Jobs, not images: a batch of two is one job. `total` includes the running ones; None is "not known"."""

    total: int | None = None
    running: int | None = None
    queued: int | None = None
    loading: int | None = None
    at_least: bool = False
    scope: Scope = Scope.UNKNOWN
    source: str | None = None  # GetGlobalStatus, ComfyUI or None


@dataclass(frozen=True, slots=True)
class UserJobs:
    """What one user has on the server, in jobs; `running` is None where it may be another user's job that runs."""

    name: str
    total: int
    running: int | None


@dataclass(frozen=True, slots=True)
class Abilities:
    """What this key can do here: True, or the sentence that says why not. `open_folder`: on the server's screen."""

    cancel_all: bool | str = "not connected"
    cancel_current: bool | str = "not connected"
    cancel_people: bool | str = "not connected"  # a named user's work, or everybody's
    open_folder: bool | str = "not connected"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a person should know: `code` for scripts, the other two as whole sentences."""

    code: str
    message: str
    advice: str


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """One server as the tray and `status` show it (contract, section 3)."""

    name: str
    url: str
    state: State
    version: str | None = None
    user: str | None = None
    jobs: Jobs = Jobs()
    users: tuple[UserJobs, ...] | None = None
    backends: tuple[Backend, ...] | None = None
    can: Abilities = Abilities()
    problem: Problem | None = None

    @property
    def mine(self) -> UserJobs | None:
        """The key's own user among `users`; None when not known, zeros when known to have nothing."""
        if self.users is None or self.user is None:
            return None
        return next((each for each in self.users if each.name == self.user), UserJobs(self.user, 0, 0))


# ------------------------------------------------------------------------------------------------ what is asked for


@dataclass(frozen=True, slots=True)
class CancelRequest:
    """A wish to cancel.

    `everything` is "cancel all": all jobs of the key's own user. `user` means all jobs of that one instead, `everyone`
    those of all users. Otherwise the running prompt of one ComfyUI backend is meant, `backend` says which ("all", an
    id, or None where there is one choice). `confirmed` is a yes given beforehand; with `agreed` it holds for the work
    of these users only. `timeout` is in seconds.
    """

    everything: bool
    backend: int | str | None = None
    confirmed: bool = False
    dry_run: bool = False
    reason: str | None = None
    timeout: float = 30.0
    user: str | None = None
    everyone: bool = False
    agreed: frozenset[str] | None = None

    @property
    def asked(self) -> str:
        """The word used in JSON: "everyone", "user", "all" or "current"."""
        if self.everyone:
            return "everyone"
        if self.user is not None:
            return "user"
        return "all" if self.everything else "current"


class Outcome(StrEnum):
    """How a cancel ended (contract, section 3)."""

    STOPPED = "stopped"
    ASKED = "asked"
    NOTHING_RUNNING = "nothing_running"
    NEEDS_CONFIRMATION = "needs_confirmation"
    NOT_POSSIBLE = "not_possible"
    REFUSED = "refused"
    STILL_RUNNING = "still_running"


@dataclass(frozen=True, slots=True)
class CancelResult:
    """What a cancel did. `cancelled` and the two `remaining` figures are jobs, None when not known."""

    server: str
    asked: str
    outcome: Outcome | None  # None: a dry run
    cancelled: int | None
    remaining_running: int | None
    remaining_queued: int | None
    message: str
    permission_missing: bool = False  # refused for want of a right: exit 4 rather than 1
    choices: tuple[tuple[str, CancelRequest], ...] = ()  # with needs_confirmation: label and request of each way on
