"""The routes that change something (BasicAPIFeatures.cs:597-614, AdminAPI.cs:1179-1193, BackendAPI.cs:109-326)."""

from collections.abc import Sequence
from typing import Any

from tray_app.simulator.backends import Backend, BackendStatus
from tray_app.simulator.http.call import Call, Refusal

SUCCESS = "Success."


async def interrupt_all(call: Call) -> dict[str, Any]:
    """Cancel the caller's session, or with `other_sessions` all of the caller's user."""
    everywhere = call.flag("other_sessions", "false")
    session = call.session
    call.world.log.write(
        "Debug", f"User {session.user} requested interruption of {'all sessions' if everywhere else 'one session'}"
    )
    call.world.interrupt(call.world.sessions.of(session.user) if everywhere else [session])
    return {"success": True}


async def admin_interrupt_user(call: Call) -> dict[str, Any]:
    """Cancel all sessions of a named user."""
    name = call.text("name")
    if call.world.accounts.find(name) is None:
        raise Refusal("No user by that name exists.")
    call.world.interrupt(call.world.sessions.of(name))
    return {"success": True}


async def toggle_backend(call: Call) -> dict[str, Any]:
    """Switch one backend on or off; waits while it is fully occupied."""
    backend_id, enabled = call.integer("backend_id"), call.flag("enabled")
    backend = call.world.backend(backend_id)
    if backend is None:
        raise Refusal(f"Invalid backend ID {backend_id}")
    if backend.enabled == enabled:
        return {"result": "No change."}
    backend.enabled = enabled
    if enabled:
        call.world.boot(backend)
        return {"result": SUCCESS}
    await _until_free(call, backend)
    # BKA:137-140: one that was errored stays so.
    errored = backend.status is BackendStatus.ERRORED
    call.world.shut_down(backend, BackendStatus.ERRORED if errored else BackendStatus.DISABLED)
    return {"result": SUCCESS}


async def restart_backends(call: Call) -> dict[str, Any]:
    """Restart one backend or all; waits while one is fully occupied, but a single running job does not count."""
    chosen = [backend for backend in _chosen(call) if backend.enabled]
    for backend in chosen:
        await _until_free(call, backend)
        call.world.shut_down(backend, BackendStatus.WAITING)
        call.world.boot(backend)
    return {"result": SUCCESS, "count": len(chosen)}


async def free_backend_memory(call: Call) -> dict[str, Any]:
    """Ask the backends to forget their models; they do so after the present job."""
    chosen = [backend for backend in _chosen(call) if backend.is_up]
    for backend in chosen:
        backend.current_model = None
    return {"result": bool(chosen), "count": len(chosen)}


async def select_model(call: Call) -> dict[str, Any]:
    """Load a model on all backends and wait for it."""
    model = call.text("model")
    file = model if model.endswith(".safetensors") else f"{model}.safetensors"
    for backend in call.world.backends:
        if backend.is_up and backend.current_model != file and backend.loading_model is None:
            loaded = call.site.future()
            load = call.world.dispatcher.start_load(backend, file, [call.session])
            load.on_end.append(loaded.give)
            if not await loaded.wait(call.received):
                raise Refusal("Model failed to load.")
    return {"success": True}


def _chosen(call: Call) -> Sequence[Backend]:
    which = call.text("backend", "all")
    if which == "all":
        return call.world.backends
    backend = call.world.backend(int(which)) if which.lstrip("-").isdigit() else None
    if backend is None:
        raise Refusal(f"Invalid backend ID {which}")
    return [backend]


async def _until_free(call: Call, backend: Backend) -> None:
    while backend.usages >= backend.max_usages and backend.is_up:
        await call.site.sleep(0.5, call.received)
