"""GenerateText2Image and its websocket (src/WebAPI/T2IAPI.cs:52-270)."""

import asyncio
import json
from dataclasses import replace
from typing import Any

from aiohttp import web

from tray_app.simulator.http.call import Call, Refusal
from tray_app.simulator.orders import Order, order_from
from tray_app.simulator.requests import Frame

# T2IAPI.cs:80-151: how long a finished socket waits for more work.
LINGERS = 2.0


async def generate(call: Call) -> Any:
    """All pictures in one answer at the end, or the first error."""
    request = call.world.generate(call.session, _order(call))
    if request.result is None:
        ended = call.site.future()
        request.on_end.append(ended.give)
        if await ended.wait(call.received) is None:
            # As recorded (restart): a server that stops ends the open request with nothing in it.
            return web.Response(body=b"", headers={"Content-Type": "application/json", "Cache-Control": "no-store"})
    return request.result


async def generate_ws(call: Call) -> web.WebSocketResponse:
    """The same as frames, for as many orders as the page sends before the socket has lingered enough.

    Called with the socket's first message as the body. When the page leaves, what it ordered goes on.
    """
    socket = call.socket
    if socket is None:
        raise AssertionError("This route was registered for a websocket.")
    order: Order | None = _order(call)
    while order is not None:
        await _deliver(call, socket, order)
        order = await _next_order(call, socket)
    await socket.send_str(_text(call.world.current_status(call.session)))
    return socket


async def _deliver(call: Call, socket: web.WebSocketResponse, order: Order) -> None:
    frames: asyncio.Queue[Frame | None] = asyncio.Queue()
    request = call.world.generate(call.session, order, frames.put_nowait)

    def ended(_result: dict[str, Any]) -> None:
        frames.put_nowait({"discard_indices": []})
        frames.put_nowait({"socket_intention": "close"})
        frames.put_nowait(None)

    if request.result is None:
        request.on_end.append(ended)
    else:
        ended(request.result)
    while (frame := await _next(frames, call)) is not None:
        await socket.send_str(_text(frame))


async def _next_order(call: Call, socket: web.WebSocketResponse) -> Order | None:
    """What the page sends while the socket lingers; None once it has done so or the page has left."""
    listening = asyncio.ensure_future(socket.receive_str())
    lingering = asyncio.ensure_future(call.site.sleep(LINGERS, call.received))
    try:
        await asyncio.wait((listening, lingering), return_when=asyncio.FIRST_COMPLETED)
        if not listening.done():
            return None
        body = json.loads(listening.result())
        return _order(replace(call, body=body if isinstance(body, dict) else {}))
    except TypeError:
        # receive_str meets the page's close.
        return None
    finally:
        listening.cancel()
        lingering.cancel()


def _text(frame: Frame) -> str:
    return json.dumps(frame, separators=(",", ":"), ensure_ascii=False)


async def _next(frames: asyncio.Queue[Frame | None], call: Call) -> Frame | None:
    call.received.waits = frames.empty()
    frame = await frames.get()
    call.received.waits = False
    return frame


def _order(call: Call) -> Order:
    images = call.integer("images")
    try:
        return order_from(call.body, max(1, min(images, 10000)), call.world.dice.randrange(1 << 31))
    except ValueError as broken:
        raise Refusal(str(broken)) from broken
