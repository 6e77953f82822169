"""The pass-through to ComfyUI (ComfyUIRedirectHelper.cs:76-535) and what ComfyUI itself answers (its server.py)."""

import asyncio
import json
import uuid
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tray_app.simulator.backends import Backend
from tray_app.simulator.comfy import Prompt
from tray_app.simulator.http.access import identify
from tray_app.simulator.http.answers import bare, comfy_json, comfy_refusal

if TYPE_CHECKING:
    from tray_app.simulator.http.site import Site
    from tray_app.simulator.received import ReceivedRequest

PREFIX = "/ComfyBackendDirect/"
_MULTI = {"true", "queue", "reserve"}


async def answer(site: "Site", request: web.Request, received: "ReceivedRequest") -> web.StreamResponse:
    """Answer one request below PREFIX."""
    old = not site.world.version.json_errors
    if not _may(site, request):
        return comfy_refusal(401, "Permission denied.", old=old)
    backend = _chosen(site, request)
    if backend is None:
        return comfy_refusal(400, "No ComfyUI backend available, loading failed.", old=old)
    if not backend.comfy.answering:
        return bare(503, "503: Service Unavailable", Content_Type="text/plain; charset=utf-8")
    path = request.path.removeprefix(PREFIX)
    if path == "ws" and request.headers.get("Upgrade", "").lower() == "websocket":
        return await _watch(site, request, received, backend)
    if request.method == "POST":
        return await _post(site, request, backend, path)
    return _get(backend, path)


def _may(site: "Site", request: web.Request) -> bool:
    user = identify(site.world, site.access, request)
    if user is None:
        return False
    held = set(site.world.permissions_of(user.name))
    needed = {"comfy_direct_calls"} | ({"comfy_backend_generate"} if request.method == "POST" else set())
    return "*" in held or needed <= held


def _chosen(site: "Site", request: web.Request) -> Backend | None:
    """The backend of the header, else the first that is up."""
    named = request.headers.get("X-Swarm-Backend-ID")
    for backend in site.world.backends:
        if backend.is_up and backend.is_comfy and named in {None, str(backend.id)}:
            return backend
    return None


def _get(backend: Backend, path: str) -> web.Response:
    comfy = backend.comfy
    if path == "queue":
        running = [comfy.running.as_json()] if comfy.running is not None else []
        return comfy_json({"queue_running": running, "queue_pending": [each.as_json() for each in comfy.pending]})
    if path == "prompt":
        return comfy_json({"exec_info": {"queue_remaining": comfy.remaining}})
    if path == "system_stats":
        system = {"os": "posix", "comfyui_version": comfy.version, "python_version": "3.11"}
        device = {"name": "cpu", "type": "cpu", "index": None, "vram_total": 0, "vram_free": 0}
        return comfy_json({"system": system, "devices": [device]})
    return bare(404, "404: Not Found", Content_Type="text/plain; charset=utf-8")


async def _post(site: "Site", request: web.Request, backend: Backend, path: str) -> web.Response:
    body = _parsed(await request.read())
    if path == "interrupt":
        return _interrupt(site, request, backend, body)
    fields = body if isinstance(body, dict) else {}
    if path == "queue":
        doomed = list(fields.get("delete", []))
        if fields.get("clear"):
            doomed += [prompt.id for prompt in backend.comfy.pending]
        for prompt_id in doomed:
            # SwarmUI is not told: the job goes on waiting for a prompt that nobody has.
            backend.comfy.delete(str(prompt_id))
        return _nothing()
    if path == "prompt" and isinstance(fields.get("prompt"), dict):
        return comfy_json(_foreign(site, backend, fields))
    return bare(404, "404: Not Found", Content_Type="text/plain; charset=utf-8")


def _interrupt(site: "Site", request: web.Request, backend: Backend, body: Any) -> web.Response:
    fields = body if isinstance(body, dict) else {}
    if site.world.version.strict_interrupt_body:
        # Without an id the id is looked up as a null key, which throws as soon as anybody is connected.
        throws = "prompt_id" not in fields and site.comfy_sockets
        if not isinstance(body, dict) or throws:
            return bare(400, Cache_Control="no-cache,no-store")
    everywhere = request.cookies.get("comfy_domulti") in _MULTI
    reached = [each for each in site.world.backends if each.is_up] if everywhere else [backend]
    for each in reached:
        each.comfy.interrupt(str(fields["prompt_id"]) if fields.get("prompt_id") else None)
    return _nothing()


def _nothing() -> web.Response:
    return web.Response(body=b"", headers={"Content-Type": "application/octet-stream"})


def _foreign(site: "Site", backend: Backend, fields: dict[str, Any]) -> dict[str, Any]:
    """A prompt that does not come from SwarmUI: no counter shows it."""
    number, prompt_id = backend.comfy.next_number(), str(uuid.uuid4())
    client = str(fields.get("client_id", ""))
    prompt = Prompt(number, prompt_id, fields["prompt"], client, ["9"], 10, site.world.timing.step)
    backend.comfy.submit(prompt)
    return {"prompt_id": prompt_id, "number": number, "node_errors": {}}


async def _watch(
    site: "Site", request: web.Request, received: "ReceivedRequest", backend: Backend
) -> web.WebSocketResponse:
    """ComfyUI's websocket: a stranger hears of changes of the queue only (ComfyUI's server.py:936-951)."""
    socket = await site.open_socket(request)
    changes: asyncio.Queue[int] = asyncio.Queue()
    client = request.query.get("clientId") or uuid.uuid4().hex
    backend.comfy.watchers.append(changes.put_nowait)
    site.comfy_sockets += 1
    sender = asyncio.ensure_future(_send_changes(socket, changes, received))
    try:
        await socket.send_str(_frame(backend.comfy.remaining, client))
        async for _ in socket:
            pass
    finally:
        sender.cancel()
        site.comfy_sockets -= 1
        if changes.put_nowait in backend.comfy.watchers:
            backend.comfy.watchers.remove(changes.put_nowait)
    return socket


async def _send_changes(
    socket: web.WebSocketResponse, changes: asyncio.Queue[int], received: "ReceivedRequest"
) -> None:
    while True:
        received.waits = changes.empty()
        remaining = await changes.get()
        received.waits = False
        await socket.send_str(_frame(remaining))


def _frame(remaining: int, client: str | None = None) -> str:
    """SwarmUI rewrites the frames with line breaks."""
    data: dict[str, Any] = {"status": {"exec_info": {"queue_remaining": remaining}}}
    if client is not None:
        data["sid"] = client
    return json.dumps({"type": "status", "data": data}, indent=2)


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return None
