"""Plays a recorded scenario against the simulated server and says where the two differ."""

from itertools import combinations

import aiohttp

from tests.simulator.recorded import frames, logs, polls
from tests.simulator.recorded.history import Window
from tests.simulator.recorded.polls import Poller
from tests.simulator.recorded.recording import Exchange, Recording
from tests.simulator.recorded.script import Act, Script
from tests.simulator.recorded.server import Server
from tests.simulator.recorded.stage import Stage
from tests.simulator.recorded.volatile import NOT_SENT

# 50 ms, and what the answers took: the real server looks at its backends once a second, so this beat shows.
POLLED_EVERY = 0.0511
# Simulated seconds after which an answer that the recording has by then is missed.
PATIENCE = 60.0
# How long SwarmUI keeps a websocket after the last image, and a little more.
LINGERS = 3.0
# Answers that came closer together than this may change places.
SAME_TIME = 0.05


async def play(recording: Recording, script: Script) -> list[str]:
    """Every deviation from the recording, each a line of text that begins with the scenario and its line."""
    async with (
        Server.running(recording.version, script.world) as server,
        aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
        ) as client,
    ):
        stage = Stage(recording, server, client, own_log_lines=script.own_log_lines)
        player = _Player(stage, script)
        try:
            await player.play()
        finally:
            await stage.close()
        return stage.deviations


class _Player:
    def __init__(self, stage: Stage, script: Script) -> None:
        self._stage = stage
        self._script = script
        self._recording = stage.recording
        self._late = 0.0  # how far the simulated time is behind the recorded one, seconds
        self._marks: list[tuple[float, float]] = []  # recorded time and simulated time of each thing done
        self._pollers: dict[tuple[str, str], Poller] = {}
        for poll in self._recording.polls:
            poller = self._pollers.setdefault((poll.who, poll.route), Poller(poll.who, poll.route, []))
            poller.recorded.append(poll)

    async def play(self) -> None:
        """Do everything in order of `t`, then compare what can be compared only at the end."""
        stage = self._stage
        if self._script.prelude is not None:
            await self._script.prelude(stage)
        stage.begin()
        for t, _, _, what in sorted(self._programme(), key=lambda entry: entry[:3]):
            await self._reach(t)
            self._marks.append((t, stage.now))
            if isinstance(what, Exchange):
                stage.send(what)
            elif isinstance(what, Poller):
                await self._poll(what)
            else:
                await what(stage)
            await stage.calm()
        await self._reach(
            max([entry.answered for entry in self._sent()] + [entry.t for entry in self._recording.frames] + [0.0])
        )
        # Frames still come after the last answer, and later here if an answer took longer.
        await stage.move_to(stage.now + LINGERS)
        if self._script.close is not None:
            await self._script.close(stage)
        self._compare_order()
        self._compare_polls()
        self._compare_log()
        for difference in frames.differences(stage):
            stage.differ("frames", difference)

    def _sent(self) -> list[Exchange]:
        name = self._recording.name
        return [
            entry
            for entry in self._recording.exchanges
            if not any(exempt.covers(f"{name} {entry.method} {entry.path}") for exempt in NOT_SENT)
        ]

    def _programme(self) -> list[tuple[float, int, int, Exchange | Poller | Act]]:
        programme: list[tuple[float, int, int, Exchange | Poller | Act]] = []
        programme += [(at.t, 0, index, at.act) for index, at in enumerate(self._script.acts)]
        programme += [(entry.t, 1, entry.line, entry) for entry in self._sent()]
        for index, poller in enumerate(self._pollers.values()):
            for first, last in self._windows(poller):
                count = int((last - first) / POLLED_EVERY) + 2
                programme += [(first + POLLED_EVERY * tick, 2, index, poller) for tick in range(count)]
        return programme

    def _windows(self, poller: Poller) -> tuple[Window, ...]:
        first, last = poller.recorded[0].t, poller.recorded[-1].t
        if self._script.windows is None:
            return ((first, last),)
        # A poller of its own start: the windows of the script hold for each of them, from its first poll on.
        return tuple((max(start, first), end) for start, end in self._script.windows if end > first)

    async def _reach(self, t: float) -> None:
        """Let the time come at which something was done, and every answer that the recording has by then."""
        stage = self._stage
        await stage.move_to(t + self._late)
        limit = stage.now + PATIENCE
        while missing := [p for p in stage.pending if p.answered is None and p.exchange.answered <= t]:
            due = stage.next_due()
            if due is None or due > limit:
                for pending in missing:
                    stage.differ(pending.exchange.line, f"{pending.exchange.route}: is not answered by {t:.3f}")
                    stage.give_up(pending)
                return
            await stage.move_to(due)
            self._late = max(self._late, stage.now - t)

    async def _poll(self, poller: Poller) -> None:
        stage = self._stage
        session = stage.session_of(poller.who)
        try:
            answer = await stage.request("POST", f"/API/{poller.route}", {}, {"session_id": session})
        except aiohttp.ClientConnectionError:
            poller.seen.append((stage.now, "ClientConnectorError", None))
            return
        body = answer.body if answer.status == 200 else None
        if isinstance(body, dict) and "status" in body:
            poller.seen.append((stage.now, body["status"], body.get("backend_status")))
        else:
            poller.seen.append((stage.now, body, None))

    def _compare_order(self) -> None:
        """Answers more than 50 ms apart come in the recorded order, and none comes before what it waited for."""
        answered = [(p.exchange, p.answered) for p in self._stage.pending if p.answered is not None]
        answered.sort(key=lambda entry: entry[0].answered)
        for earlier, later in combinations(answered, 2):
            if later[0].answered - earlier[0].answered > SAME_TIME and later[1] < earlier[1]:
                self._stage.differ(later[0].line, f"is answered before line {earlier[0].line}")
        for exchange, when in answered:
            for recorded, simulated in self._marks:
                if (
                    exchange.t < recorded < exchange.answered - SAME_TIME
                    and when < simulated - 1e-9
                    and self._mattered(recorded)
                ):
                    self._stage.differ(exchange.line, f"is answered before what was done at {recorded}")
                    break

    def _mattered(self, recorded: float) -> bool:
        return any(entry.t == recorded for entry in self._sent()) or any(at.t == recorded for at in self._script.acts)

    def _compare_polls(self) -> None:
        for poller in self._pollers.values():
            windows = [(self._simulated(first), self._simulated(last)) for first, last in self._windows(poller)]
            for difference in polls.differences(self._stage, poller, windows):
                self._stage.differ(f"poll of {poller.route} by {poller.who}", difference)

    def _simulated(self, t: float) -> float:
        """The simulated time at which a recorded moment was reached."""
        return max((simulated for recorded, simulated in self._marks if recorded <= t), default=t)

    def _compare_log(self) -> None:
        kinds = sorted({line.type for line in self._recording.log} | {kind for kind, _ in self._stage.log})
        for kind in kinds:
            recorded = logs.compared([line.text for line in self._recording.log if line.type == kind])
            simulated = logs.compared([text for found, text in self._stage.log if found == kind])
            for difference in logs.text_differences(recorded, simulated):
                self._stage.differ(f"log {kind}", difference)
