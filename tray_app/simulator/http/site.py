"""The one handler behind all paths: faults first, then the server-wide header, then the route."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakSet

from aiohttp import web

from tray_app.simulator.http import api, comfy_routes, output_routes, pages
from tray_app.simulator.http.access import Access, header_accepted, identify
from tray_app.simulator.http.answers import BareResponse, bare, redirect
from tray_app.simulator.received import ReceivedRequest
from tray_app.simulator.world import World

ROUNDS_TO_ANSWER = 20


@dataclass(slots=True)
class Faults:
    """What goes wrong on purpose. `slow` is in seconds of real time; `replaced` maps a path's end to an answer."""

    slow: float = 0.0
    refusing: bool = False
    replaced: dict[str, tuple[int, bytes, str]] = field(default_factory=dict)


class Promise:
    """A value that the engine gives later, or None when the server stops first."""

    def __init__(self) -> None:
        self._future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def give(self, value: Any) -> None:
        """Hand the value over; only the first one counts."""
        if not self._future.done():
            self._future.set_result(value)

    async def wait(self, received: ReceivedRequest) -> Any:
        """The value; meanwhile the request shows that it waits for the clock."""
        received.waits = True
        try:
            return await self._future
        finally:
            received.waits = False


class Site:
    """All routes over one world."""

    def __init__(self, world: World, access: Access, *, title: str, marker: str | None) -> None:
        self.world = world
        self.access = access
        self.faults = Faults()
        self.requests: list[ReceivedRequest] = []
        self.comfy_sockets = 0
        self._title = title
        self._marker = marker
        # Weak, so that what is over needs no farewell.
        self._promises: WeakSet[Promise] = WeakSet()
        self._sockets: WeakSet[web.WebSocketResponse] = WeakSet()

    def application(self) -> web.Application:
        """The aiohttp application."""
        application = web.Application(client_max_size=api.MOST_BYTES + 1)
        application.router.add_route("*", "/{path:.*}", self.handle)
        application.on_response_prepare.append(self._dress)
        return application

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request, compressed where the client takes that."""
        answered = await self._handle(request)
        takes_gzip = "gzip" in request.headers.get("Accept-Encoding", "")
        if takes_gzip and not answered.prepared and _is_text(answered):
            answered.enable_compression(web.ContentCoding.gzip)
        return answered

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        received = await self._receive(request)
        if self.faults.slow > 0:
            await asyncio.sleep(self.faults.slow)
        if self.faults.refusing:
            if request.transport is not None:
                request.transport.abort()
            return bare(503)
        for end, (status, body, content_type) in self.faults.replaced.items():
            if request.path.lower().endswith(end.lower()):
                received.status = status
                return web.Response(status=status, body=body, headers={"Content-Type": content_type})
        try:
            answered = await self._answer(request, received)
        # Whatever ended it, the request counts as over; it is raised again.
        except BaseException:
            received.status = 500
            raise
        received.status = answered.status
        return answered

    async def _receive(self, request: web.Request) -> ReceivedRequest:
        raw = await request.read()
        try:
            body: Any = json.loads(raw) if raw else None
        except (ValueError, RecursionError):
            body = raw.decode("utf-8", "replace")
        received = ReceivedRequest(
            request.method, request.path, request.query_string, dict(request.headers), body, self.world.now()
        )
        self.requests.append(received)
        if self.world.keep is not None:
            del self.requests[: -self.world.keep]
        return received

    async def _answer(self, request: web.Request, received: ReceivedRequest) -> web.StreamResponse:
        if not header_accepted(self.access, request):
            return bare(401, "Unauthorized")
        path = request.path
        if path.lower().startswith("/api/"):
            return await api.answer(self, request, received)
        if path.startswith(comfy_routes.PREFIX):
            return await comfy_routes.answer(self, request, received)
        if request.method != "GET":
            return bare(405, Allow="GET")
        if path.startswith(("/View/", "/Output/")):
            return output_routes.view(self, request)
        return self._page(request, path)

    def _page(self, request: web.Request, path: str) -> web.Response:
        number = self.world.version.number
        if path == "/":
            return redirect("Text2Image")
        if path in {"/Text2Image", "/Login"}:
            logged_in = path == "/Login" or identify(self.world, self.access, request) is not None
            return pages.front(self._title, number, logged_in=logged_in)
        if path.startswith("/Error/"):
            return pages.error(self._title, number, path.removeprefix("/Error/"))
        return redirect("/Error/404")

    async def _dress(self, _request: web.Request, answered: web.StreamResponse) -> None:
        """Kestrel's headers in place of aiohttp's."""
        answered.headers["Server"] = "Kestrel"
        if self._marker is not None:
            answered.headers["X-SwarmUI-Tray-Demo"] = self._marker
        if isinstance(answered, BareResponse):
            # aiohttp supplies a content type where Kestrel sends none.
            answered.headers.pop("Content-Type", None)

    # ---------------------------------------------------------------------------------- what routes wait with

    def future(self) -> Promise:
        """A value that is given later."""
        promise = Promise()
        self._promises.add(promise)
        return promise

    async def sleep(self, seconds: float, received: ReceivedRequest) -> None:
        """Wait on the server's clock."""
        promise = self.future()
        self.world.later(seconds, lambda: promise.give("over"))
        await promise.wait(received)

    async def open_socket(self, request: web.Request) -> web.WebSocketResponse:
        """Accept a websocket."""
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        self._sockets.add(socket)
        return socket

    def forget_faults(self) -> None:
        """Answer truly and at once from now on."""
        self.faults = Faults()

    async def release_all(self) -> None:
        """The server stops: whoever waits gets nothing, sockets are closed."""
        for promise in tuple(self._promises):
            promise.give(None)
        for socket in tuple(self._sockets):
            await socket.close()
        for _ in range(ROUNDS_TO_ANSWER):
            # Each round of the loop brings the answers given up above one step nearer to their sockets.
            await asyncio.sleep(0)


def _is_text(answered: web.StreamResponse) -> bool:
    return answered.headers.get("Content-Type", "").startswith(("application/json", "text/"))
