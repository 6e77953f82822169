"""Builders of readings for the tests of the core: everything has a plain default, a test names what it is about."""

from collections.abc import Mapping

from tray_app.core.model import (
    Backend,
    BackendSummary,
    ComfyLoad,
    ComfyQueue,
    Counters,
    Identity,
    Prompt,
    Reading,
    Rights,
    UserCounters,
)

RUNNING = BackendSummary("running", "", "", any_loading=False)
POWERUSER = frozenset(
    {
        "basic_image_generation",
        "comfy_direct_calls",
        "comfy_backend_generate",
        "view_backends_list",
        "view_image_history",
    }
)


def counters(waiting: int = 0, live: int = 0, loading: int = 0, backends: int = 0) -> Counters:
    """SwarmUI's four counters."""
    return Counters(waiting_gens=waiting, loading_models=loading, waiting_backends=backends, live_gens=live)


def backend(number: int = 0, *, kind: str = "comfyui_api", status: str = "running", enabled: bool = True) -> Backend:
    """One backend, called "gpu N"."""
    return Backend(id=number, title=f"gpu {number}", type=kind, status=status, enabled=enabled, model=None)


def rights(
    user: str = "local",
    permissions: frozenset[str] | None = frozenset("*"),
    *,
    missing_routes: frozenset[str] = frozenset(),
    version: str = "0.9.8.2",
) -> Rights:
    """What a key may do; the owner of a server without accounts by default."""
    return Rights(Identity(user, version, "server", permissions), missing_routes=missing_routes)


def reading(
    count: Counters | None = None,
    *,
    users: Mapping[str, Counters | None] | None = None,
    backends: tuple[Backend, ...] | None = (backend(),),
    summary: BackendSummary | None = RUNNING,
    comfy: Mapping[int, int] | None = None,
    key: Rights | None = None,
) -> Reading:
    """One reading of the server."""
    return Reading(
        rights=key or rights(),
        counters=count,
        summary=summary,
        users=None if users is None else tuple(UserCounters(name, each) for name, each in users.items()),
        backends=backends,
        comfy=None if comfy is None else tuple(ComfyLoad(number, remaining) for number, remaining in comfy.items()),
    )


def queue(number: int = 0, *running: str, pending: tuple[str, ...] = (), load: bool = False) -> ComfyQueue:
    """ComfyUI's queue of a backend, by prompt ids."""
    return ComfyQueue(
        number,
        tuple(Prompt(each, loads_model=load) for each in running),
        tuple(Prompt(each, loads_model=False) for each in pending),
    )
