"""From what a server said (`Reading`) to what it means (`ServerStatus`): sections 1 and 2 of the contract.

The one rule above all others: what is not known is None. A zero is only written where somebody counted.
"""

from dataclasses import replace

from tray_app.core.errors import KeyRefused, ServerError, Unreachable
from tray_app.core.model import (
    Abilities,
    Backend,
    Counters,
    Jobs,
    Problem,
    Reading,
    Scope,
    ServerStatus,
    State,
    UserJobs,
)

COUNT_ALL = "read_server_info_panels"
SEE_BACKENDS = "view_backends_list"
COMFY_READ = "comfy_direct_calls"
COMFY_WRITE = "comfy_backend_generate"
INTERRUPT_OTHERS = "interrupt_others"
GENERATE = "basic_image_generation"
READ_LOG = "view_logs"
SEE_HISTORY = "view_image_history"
OPEN_FOLDER = "local_image_folder"

_DEAD = {"errored", "idle"}
"""Backend states that need somebody: "idle" means that an API backend does not answer (NetworkBackendUtils.cs:125)."""

_STARTING = {"waiting", "loading"}

_NO_BACKEND_UP = {"empty", "all_disabled", "disabled", "idle", "unknown", "loading"}
"""`backend_status` values under which nothing can run (BackendHandler.cs:128-220); "errored" may hide running ones."""


def assess(
    name: str, url: str, reading: Reading, *, quiet_before: bool = False, cancelling: bool = False
) -> ServerStatus:
    """Say what a reading means.

    `quiet_before`: the reading before this one already found ComfyUI's queues empty; only two such readings in a row
    make an "idle" where the counters cannot be read. `cancelling`: a cancel of ours was sent and is unconfirmed.
    """
    reading = _reconciled(reading)
    identity = reading.rights.identity
    jobs = _jobs(reading, quiet_before=quiet_before)
    return ServerStatus(
        name=name,
        url=url,
        state=State.CANCELLING if cancelling else _state(reading, jobs),
        version=identity.version if identity else None,
        user=identity.user if identity else None,
        jobs=jobs,
        users=_users(reading),
        backends=reading.backends,
        can=abilities(reading),
        problem=_problem(reading, jobs),
    )


def unreadable(name: str, url: str, error: ServerError) -> ServerStatus:
    """Say what a failed reading means; nothing of the past is kept."""
    state = State.INCOMPATIBLE
    if isinstance(error, KeyRefused):
        state = State.KEY_REFUSED
    elif isinstance(error, Unreachable):
        state = State.UNREACHABLE
    return ServerStatus(name=name, url=url, state=state, problem=Problem(error.code, error.title, error.advice))


def comfy_quiet(reading: Reading) -> bool:
    """Whether ComfyUI's queues are the source of this reading, hold all the work there can be, and are all empty."""
    if reading.counters is not None or any(load.remaining for load in reading.comfy or ()):
        return False
    return _all_comfy(reading)


def comfy_partly_read(reading: Reading) -> bool:
    """Whether ComfyUI's queues are the source of this reading and one that is up did not tell."""
    if reading.counters is not None or reading.comfy is None:
        return False
    read = {load.backend_id for load in reading.comfy}
    return any(each.enabled and each.id not in read for each in running_comfy(reading))


def running_comfy(reading: Reading) -> tuple[Backend, ...]:
    """The ComfyUI backends that are up, in the order of their ids."""
    return tuple(each for each in reading.backends or () if each.is_comfy and each.status == "running")


def abilities(reading: Reading) -> Abilities:
    """What this key can cancel here, by its rights and by the kind of the backends; not by whether work runs."""
    rights = reading.rights
    current: bool | str = True
    for permission in (COMFY_READ, COMFY_WRITE, SEE_BACKENDS):
        if not rights.may(permission):
            current = f"needs the permission {permission}"
            break
    else:
        if reading.backends is None:
            current = "the list of backends is not known"
        elif not running_comfy(reading):
            current = "no ComfyUI backend is running"
    everything: bool | str = True if rights.may(GENERATE) else f"needs the permission {GENERATE}"
    folder: bool | str = True if rights.may(OPEN_FOLDER) else f"needs the permission {OPEN_FOLDER}"
    return Abilities(
        cancel_all=everything, cancel_current=current, cancel_people=cancel_people(reading), open_folder=folder
    )


def cancel_people(reading: Reading) -> bool | str:
    """Whether a named user's work can be cancelled, or the reason against."""
    for permission in (INTERRUPT_OTHERS, COUNT_ALL):
        if not reading.rights.may(permission):
            return f"needs the permission {permission}"
    listed = reading.users is None or all(each.counters is not None for each in reading.users)
    if not listed or reading.rights.missing_routes & {"AdminInterruptUser", "ListConnectedUsers"}:
        return "needs SwarmUI 0.9.8 or newer"
    return True


def _reconciled(reading: Reading) -> Reading:
    """The reading with counters no smaller than what its users have together.

    Both come from the same figures of the same server (BasicAPIFeatures.cs:552-570, AdminAPI.cs:536-583) but by two
    calls, and a job may begin between them. Each figure is then the larger one, which somebody did count; where a job
    ended in between, that holds until the next reading. Fewer among the users proves nothing: some are not listed.
    """
    if reading.counters is None or reading.users is None:
        return reading
    counted = [each.counters for each in reading.users if each.counters is not None]
    whole = reading.counters
    counters = Counters(
        waiting_gens=max(whole.waiting_gens, sum(each.waiting_gens for each in counted)),
        loading_models=max(whole.loading_models, sum(each.loading_models for each in counted)),
        waiting_backends=max(whole.waiting_backends, sum(each.waiting_backends for each in counted)),
        live_gens=max(whole.live_gens, sum(each.live_gens for each in counted)),
    )
    return replace(reading, counters=counters)


def _running_cap(reading: Reading) -> int | None:
    """How many jobs can run at once; None when the backends are not known."""
    if reading.backends is None:
        return None
    return sum(each.status == "running" for each in reading.backends)


def _running(counters: Counters, cap: int | None) -> int | None:
    """Running jobs: `live_gens` counts those handed over ahead too, so at most one per running backend."""
    live = min(counters.live_gens, counters.waiting_gens)
    if live <= 1:
        return live
    # A live job proves that some backend is up, whatever an older list says.
    return min(live, max(cap, 1)) if cap is not None else None


def _jobs(reading: Reading, *, quiet_before: bool) -> Jobs:
    if reading.counters is not None:
        total = reading.counters.waiting_gens
        running = _running(reading.counters, _running_cap(reading))
        return Jobs(
            total=total,
            running=running,
            queued=None if running is None else total - running,
            loading=reading.counters.loading_models,
            scope=Scope.SERVER,
            source="GetGlobalStatus",
        )
    if not reading.comfy:
        return Jobs()
    remaining = sum(load.remaining for load in reading.comfy)
    if remaining:
        return Jobs(total=remaining, at_least=True, scope=Scope.SERVER, source="ComfyUI")
    if quiet_before and _all_comfy(reading):
        return Jobs(total=0, running=0, queued=0, scope=Scope.SERVER, source="ComfyUI")
    return Jobs(scope=Scope.SERVER, source="ComfyUI")


def _all_comfy(reading: Reading) -> bool:
    """Whether every enabled backend is a running ComfyUI whose queue was read."""
    enabled = [each for each in reading.backends or () if each.enabled]
    read = {load.backend_id for load in reading.comfy or ()}
    return bool(enabled) and all(each.is_comfy and each.status == "running" and each.id in read for each in enabled)


def _users(reading: Reading) -> tuple[UserJobs, ...] | None:
    """What each user has.

    A backend holds one user's job and takes another one's ahead: both count as live and one of them runs, and nobody
    says which. So how many of a user's jobs run is known only where there is one possibility.
    """
    counted = [(each.name, each.counters) for each in reading.users or () if each.counters is not None]
    if reading.users is None or len(counted) < len(reading.users):
        return None
    handed = [min(counters.live_gens, counters.waiting_gens) for _, counters in counted]
    whole = reading.counters
    live = max(sum(handed), min(whole.live_gens, whole.waiting_gens) if whole is not None else 0)
    cap = _running_cap(reading)
    # Where the backends are not known, one of the live jobs runs for certain.
    fewest, most = (min(live, 1), live) if cap is None else (min(live, max(cap, 1)),) * 2
    users = []
    for (name, counters), own in zip(counted, handed, strict=True):
        least, greatest = max(0, fewest - (live - own)), min(own, most)
        users.append(UserJobs(name, counters.waiting_gens, least if least == greatest else None))
    return tuple(users)


def _state(reading: Reading, jobs: Jobs) -> State:
    counters, summary = reading.counters, reading.summary
    live = counters.live_gens if counters else 0
    loading = counters.loading_models if counters else 0
    if live or (jobs.total and not loading):
        return State.GENERATING
    if loading or (summary is not None and summary.any_loading) or _some(reading, _STARTING):
        return State.LOADING
    if _broken(reading, jobs):
        return State.BACKEND_PROBLEM
    return State.UNKNOWN if jobs.total is None else State.IDLE


def _some(reading: Reading, statuses: set[str]) -> bool:
    return any(each.enabled and each.status in statuses for each in reading.backends or ())


def _broken(reading: Reading, jobs: Jobs) -> bool:
    """Whether nothing runs and a backend needs somebody."""
    if reading.backends is not None:
        none_up = not any(each.enabled and each.status == "running" for each in reading.backends)
        # Where the counters are not known, only "nothing can run" proves that nothing runs.
        return none_up or (jobs.total is not None and _some(reading, _DEAD))
    if reading.summary is None:
        return False
    return reading.summary.status in _NO_BACKEND_UP or (jobs.total is not None and reading.summary.status == "errored")


def _problem(reading: Reading, jobs: Jobs) -> Problem | None:
    return _backend_problem(reading) or (_blindness(reading) if jobs.total is None or jobs.at_least else None)


def _backend_problem(reading: Reading) -> Problem | None:
    advice = "Look at Server > Backends and Server > Logs in SwarmUI."
    if reading.backends is None:
        summary = reading.summary
        if summary is None or summary.severity not in {"error", "warn"} or summary.any_loading:
            return None
        return Problem("backend_problem", summary.message or "SwarmUI reports trouble with its backends.", advice)
    enabled = [each for each in reading.backends if each.enabled]
    if not reading.backends:
        return Problem("no_backends", "SwarmUI has no backend, so nothing can be generated.", advice)
    if not enabled:
        return Problem("backends_disabled", "All backends are disabled, so nothing can be generated.", advice)
    for status, code, what in (
        ("errored", "backend_errored", "has failed"),
        ("idle", "backend_unreachable", "does not answer"),
    ):
        names = [each.title or f"{each.type} {each.id}" for each in enabled if each.status == status]
        if names:
            which = (
                f"The backend “{names[0]}”" if len(names) == 1 else f"{len(names)} backends ({', '.join(names[:3])})"
            )
            return Problem(code, f"{which} {what if len(names) == 1 else _plural(what)}.", advice)
    return None


def _plural(what: str) -> str:
    return {"has failed": "have failed", "does not answer": "do not answer"}[what]


def _blindness(reading: Reading) -> Problem:
    """Why the figures are not known, and who can change that."""
    rights = reading.rights
    seen = "ComfyUI's queue shows part of the work." if reading.comfy is not None else "Only the backends are seen."
    if "GetGlobalStatus" in rights.missing_routes:
        version = rights.identity.version if rights.identity else ""
        return Problem(
            "too_old_to_count",
            f"SwarmUI {version} cannot tell how many jobs it has. {seen}".replace("  ", " "),
            "Update SwarmUI to 0.9.8 or newer.",
        )
    return Problem(
        "not_allowed_to_count",
        f"This key may not see how many jobs the server has. {seen}",
        f"Ask the server's admin for the permission {COUNT_ALL}.",
    )
