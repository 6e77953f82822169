"""The sockets of the server, on aiohttp's runner."""

import asyncio
import socket
from collections.abc import Iterable

from aiohttp import web

from tray_app.simulator.http.site import Site

# How long connections may take to end when the server stops, in seconds.
GRACE = 1.0


class Listener:
    """Accepts connections for a site between `open` and `close`."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._runner = web.AppRunner(site.application(), handle_signals=False, access_log=None, shutdown_timeout=GRACE)

    async def open(self, host: str, port: int) -> int:
        """Listen; returns the port. Raises OSError if it is taken."""
        await self._runner.setup()
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        door = socket.socket(family, socket.SOCK_STREAM)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((host, port))
        except OSError:
            door.close()
            await self._runner.cleanup()
            raise
        await web.SockSite(self._runner, door).start()
        return int(door.getsockname()[1])

    async def close(self, *, abrupt: bool) -> None:
        """Stop listening and let go of everybody."""
        await self._let_in()
        for site in tuple(self._runner.sites):
            await site.stop()
        server = self._runner.server
        transports = [each.transport for each in server.connections if each.transport] if server is not None else []
        if abrupt:
            _abort(transports)
        await self._site.release_all()
        await self._runner.cleanup()
        # Closed ones stay open for as long as somebody does not read the rest of an answer.
        _abort(transports)
        await asyncio.sleep(0)

    async def _let_in(self) -> None:
        """Wait until nobody is between accepted and served: asyncio forgets those when it stops listening."""
        while arriving := {task for task in asyncio.all_tasks() if "accept_connection" in repr(task.get_coro())}:
            await asyncio.wait(arriving)


def _abort(transports: Iterable[asyncio.WriteTransport]) -> None:
    for transport in transports:
        transport.abort()
