"""Where a scenario is played: the simulated server, its clock, the clients, and what they got."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from yarl import URL

from tests.simulator.recorded.compare import Answer, Comparison, Ids
from tests.simulator.recorded.recording import JSON, Exchange, Recording
from tests.simulator.recorded.server import Server

# Far more than any scenario needs, in real seconds: a server that never gets calm is a deviation, not a hung test.
CALM_WITHIN = 30.0
ROUNDS_OF_CALM = 5
SMALL = 1e-6  # added to each step of the clock, so that rounding cannot leave a call undone


class DeadlockError(AssertionError):
    """The simulated server works on although its clock stands still."""


@dataclass
class Pending:
    """A request that is on its way. `sent` and `answered` are times of the simulated clock, since the start."""

    exchange: Exchange
    sent: float
    task: asyncio.Task[Answer]
    answered: float | None = None


@dataclass
class Stage:
    """A running scenario. Scripts act through it; the player looks at what it gathered."""

    recording: Recording
    server: Server
    client: aiohttp.ClientSession
    ids: Ids = field(default_factory=Ids)
    deviations: list[str] = field(default_factory=list)
    pending: list[Pending] = field(default_factory=list)
    frames: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    log: list[tuple[str, str]] = field(default_factory=list)  # type and text of each line read
    own_log_lines: Mapping[int, int] = field(default_factory=dict)
    began: float = 0.0
    _outstanding: int = 0
    _given_up: int = 0
    _sockets: list[asyncio.Task[None]] = field(default_factory=list)
    _last_sequence: int = 0

    @property
    def now(self) -> float:
        """Simulated seconds since the scenario began."""
        return self.server.clock.now() - self.began

    def begin(self) -> None:
        """The scenario starts now: t=0."""
        self.began = self.server.clock.now()

    def next_due(self) -> float | None:
        """When something will happen next, in simulated seconds since the beginning; None for never."""
        due = self.server.clock.next_due()
        return None if due is None else due - self.began

    def differ(self, line: int | str, text: str) -> None:
        """Note a deviation."""
        self.deviations.append(f"{self.recording.name}:{line}: {text}")

    async def move_to(self, t: float) -> None:
        """Move the clock to `t`, stopping at each call on the way until everything that it caused is done."""
        await self.calm()
        clock = self.server.clock
        while (due := self.next_due()) is not None and due <= t:
            clock.advance(max(0.0, due - self.now) + SMALL)
            await self.calm()
        clock.advance(max(0.0, t - self.now))
        await self.calm()

    async def calm(self) -> None:
        """Wait until every request sent has been answered or waits on the clock.

        So it is when nothing is left to run in the loop, three rounds long, and the server holds exactly the requests
        that its clients wait for. Raises DeadlockError when that never happens.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + CALM_WITHIN
        rounds = 0
        while rounds < ROUNDS_OF_CALM:
            await asyncio.sleep(0)
            # asyncio has no public way to ask whether it has something left to run.
            ready = getattr(loop, "_ready")  # noqa: B009
            busy = bool(ready) or self._outstanding + self._given_up != self.server.in_flight
            rounds = 0 if busy else rounds + 1
            if loop.time() > deadline:
                raise DeadlockError(
                    f"{self.recording.name}: at {self.now:.3f} clients wait for {self._outstanding} answers, "
                    f"the server works on {self.server.in_flight}"
                )

    async def request(self, method: str, path: str, headers: Mapping[str, str], body: object) -> Answer:
        """Send one request as the recorder did. A dict is sent as JSON, text as it is, None without a body."""
        data: bytes | None = None
        headers = {"User-Agent": "referee", "Accept-Encoding": "gzip", **headers}
        if isinstance(body, str):
            data = body.encode()
        elif body is not None:
            data = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        route, _, query = path.partition("?")
        url = URL(self.server.url).with_path(route).with_query(query)
        self._outstanding += 1
        try:
            async with self.client.request(
                method, url, headers=headers, data=data, allow_redirects=False, skip_auto_headers=("Content-Type",)
            ) as reply:
                raw = await reply.read()
                return Answer(reply.status, dict(reply.headers), _body(raw), raw)
        finally:
            self._outstanding -= 1

    def send(self, exchange: Exchange) -> None:
        """Send a recorded request; its answer is compared as soon as it comes."""
        pending = Pending(exchange, self.now, asyncio.create_task(self._exchange(exchange)))
        pending.task.add_done_callback(lambda task: self._answered(pending, task))
        self.pending.append(pending)

    def give_up(self, pending: Pending) -> None:
        """Wait for this answer no longer."""
        pending.task.cancel()
        pending.answered = self.now
        self._given_up += 1

    async def _exchange(self, exchange: Exchange) -> Answer:
        headers = {name: str(self.ids.translate(value)) for name, value in exchange.headers.items()}
        path, body = str(self.ids.translate(exchange.path)), self.ids.translate(exchange.body)
        if isinstance(body, dict) and body.get("last_sequence_ids"):
            # Lines are counted anew here: the recorder meant "since my last reading".
            body["last_sequence_ids"] = dict.fromkeys(("Warning", "Error"), self._last_sequence)
        return await self.request(exchange.method, path, headers, body)

    def _answered(self, pending: Pending, task: asyncio.Task[Answer]) -> None:
        pending.answered = self.now
        line = pending.exchange.line
        if task.cancelled():
            return
        if (error := task.exception()) is not None:
            self.differ(line, f"{pending.exchange.route}: no answer but {error!r}")
            return
        comparison = Comparison(self.ids, self.own_log_lines.get(line))
        for difference in comparison.answers(pending.exchange, task.result()):
            self.differ(line, difference)

    async def ask(self, method: str, path: str, body: object, headers: Mapping[str, str] | None = None) -> Any:
        """A request of the script's own, answered without the clock moving; its JSON."""
        answer = await self.request(method, path, headers or {}, body)
        await self.calm()
        return answer.body

    def session_of(self, who: str) -> str:
        """The simulated id of the session that `who` got last."""
        placeholders = [
            str(pending.exchange.reply["session_id"])
            for pending in self.pending
            if isinstance(pending.exchange.reply, dict)
            and "session_id" in pending.exchange.reply
            and pending.exchange.who == who
        ]
        return self.ids.simulated(placeholders[-1])

    def cookie(self, name: str) -> dict[str, str]:
        """The header that carries a user's token."""
        return {"Cookie": f"swarm_token={self.ids.simulated(f'<TOKEN {name}>')}"}

    async def earlier_picture(self, prompt: str, steps: int, seed: int) -> None:
        """Make a picture before the scenario begins, in a session of its own, and let 20 s pass."""
        reply = await self.ask("POST", "/API/GetNewSession", {})
        body = {"images": 1, "model": "tiny", "prompt": prompt, "steps": steps, "seed": seed, "cfgscale": 5}
        body |= {"width": 64, "height": 64, "session_id": reply["session_id"]}
        picture = asyncio.create_task(self.request("POST", "/API/GenerateText2Image", {}, body))
        await asyncio.sleep(0)
        await self.move_to(self.now + 20)
        await picture

    async def forget_log(self, who: str) -> None:
        """Read on from what the log holds now."""
        body = {"types": [], "last_sequence_ids": {}, "session_id": self.session_of(who)}
        self._last_sequence = (await self.ask("POST", "/API/ListRecentLogMessages", body))["last_sequence_id"]

    async def pair_prompts(
        self, running: str | None = None, pending: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        """Read ComfyUI's queue, as the recorder did unseen, and learn which prompt the recorded ids stand for."""
        queue = await self.ask("GET", "/ComfyBackendDirect/queue", None, headers)
        for key, recorded in (("queue_running", running), ("queue_pending", pending)):
            if recorded is None:
                continue
            if not isinstance(queue, dict) or len(queue.get(key, [])) != 1:
                self.differ(recorded, f"{key} should hold one prompt: {json.dumps(queue)[:200]}")
            elif not self.ids.pair(recorded, queue[key][0][1]):
                self.differ(recorded, f"{key} holds another prompt than before")

    async def open_websocket(self, who: str, path: str, message: JSON = None) -> None:
        """Open a websocket, send a message if there is one, and gather the frames that come."""
        self._outstanding += 1
        socket = await self.client.ws_connect(self.server.url + path, headers={"User-Agent": "referee"})
        if message is not None:
            await socket.send_str(json.dumps(self.ids.translate(message)))
        self._sockets.append(asyncio.create_task(self._gather(who, socket)))

    async def _gather(self, who: str, socket: aiohttp.ClientWebSocketResponse) -> None:
        frames = self.frames.setdefault(who, [])
        try:
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    frames.append((self.now, message.data))
        finally:
            self._outstanding -= 1

    async def read_log(self, who: str, *types: str) -> None:
        """Read the lines of the log since the last reading, as the recorder did for the `log` lines of a file."""
        after = dict.fromkeys(types, self._last_sequence)
        body = {"types": list(types), "last_sequence_ids": after, "session_id": self.session_of(who)}
        reply = await self.ask("POST", "/API/ListRecentLogMessages", body)
        self._last_sequence = reply["last_sequence_id"]
        for kind in types:
            self.log += [(kind, entry["message"]) for entry in reply["data"].get(kind, [])]

    async def close(self) -> None:
        """End what still runs."""
        for task in (*self._sockets, *(pending.task for pending in self.pending)):
            task.cancel()
        await asyncio.gather(*self._sockets, *(pending.task for pending in self.pending), return_exceptions=True)


def _body(raw: bytes) -> JSON:
    """In the form of the recordings: JSON, or text, or the length of what is neither."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return f"<{len(raw)} bytes>"
    try:
        value: JSON = json.loads(text)
    except ValueError:
        return text
    return value
