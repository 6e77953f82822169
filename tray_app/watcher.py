"""The watcher: one background thread per server that owns all its HTTP and is spoken to through an inbox.

Waiting for the next poll and waiting for an order are the same `queue.get(timeout)`: no timer, no lock, no idle
wake-up, an order is acted on at once. What polls and cancels mean is decided in `core.watch` and `core.cancel`; this
file only asks the server, keeps the time, and publishes frozen values.
"""

import logging
import queue
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from tray_app.core import watch
from tray_app.core.cancel.run import CancelRun
from tray_app.core.errors import ServerError, TrayError
from tray_app.core.model import CancelRequest, CancelResult, Event, EventKind, Outcome, Reading, Rights
from tray_app.core.ports import Server
from tray_app.core.truth import READ_LOG, SEE_HISTORY

log = logging.getLogger(__name__)

CLOCK_GAP = 5.0
"""Seconds by which a wait may overrun before the machine counts as having slept."""


@dataclass(frozen=True, slots=True)
class Update:
    """What the watcher publishes: the state after something happened, what is to be told, how a cancel ended."""

    state: watch.WatchState
    events: tuple[Event, ...] = ()
    result: CancelResult | None = None


@dataclass(frozen=True, slots=True)
class Connect:
    """Order: use this server from now on, for instance with a key that has just come from the keyring."""

    server: Server


@dataclass(frozen=True, slots=True)
class PollNow:
    """Order: look at once ("Try again now", the menu opens)."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Order: poll so often, in seconds, and whose work "finished" is about."""

    busy: float = 1.0
    idle: float = 5.0
    everybody: bool = False


@dataclass(frozen=True, slots=True)
class _Stop:
    """Order: end."""


Order = Connect | PollNow | Pace | CancelRequest | watch.Woke | _Stop


class Watcher:
    """Watches one server. `publish` is called on the watcher's thread and must not block.

    Nothing is asked before a `Connect` order. `clock` gives Unix seconds.
    """

    def __init__(
        self,
        name: str,
        url: str,
        publish: Callable[[Update], None],
        *,
        pace: Pace | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.name = name
        self._publish = publish
        self._pace = pace or Pace()
        self._clock = clock
        self._inbox: queue.SimpleQueue[Order] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=f"watcher {name}", daemon=True)
        self._state = watch.begin(name, url, everybody=self._pace.everybody)
        self._published: watch.WatchState | None = None
        self._server: Server | None = None
        self._poll_at = 0.0
        self._cancel: CancelRun | None = None
        self._resume_at = 0.0
        self._known_outputs: frozenset[str] | None = None
        self._log_position: int | None = None

    # ------------------------------------------------------------------------------------------- from other threads

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def submit(self, order: Order) -> None:
        """Put an order into the inbox; it is acted on at once, or after the request that is under way."""
        self._inbox.put(order)

    def stop(self, patience: float = 0.0) -> None:
        """Ask the thread to end and wait at most so many seconds; it is a daemon, so a hanging request ends with us."""
        self._inbox.put(_Stop())
        if self._thread.is_alive():
            self._thread.join(patience)

    # ------------------------------------------------------------------------------------------------ on the thread

    def _run(self) -> None:
        while True:
            order = self._next_order()
            if isinstance(order, _Stop):
                break
            try:
                self._act(order)
            # A fault of ours must be seen and must not end the watching silently.
            except Exception:
                log.exception("fault in the watcher of %s", self.name)
                fault = ServerError("SwarmUI Tray met a fault of its own.", "The debug log has the details.")
                if self._cancel is not None:
                    self._cancel_broken(fault)
                self._advance(watch.Missed(fault))
        if self._server is not None:
            self._server.close()

    def _next_order(self) -> Order | None:
        """Wait for an order, or until something is due; None then."""
        if self._server is None:
            return self._inbox.get()
        due = min(self._poll_at, self._resume_at) if self._cancel else self._poll_at
        pause = max(0.0, due - self._clock())
        try:
            order: Order | None = self._inbox.get(timeout=pause)
        except queue.Empty:
            order = None
        if self._clock() - due > CLOCK_GAP:
            self._woke()
        return order

    def _act(self, order: Order | None) -> None:
        match order:
            case Connect(server):
                if self._server is not None:
                    self._server.close()
                self._server = server
                self._poll_at = 0.0
            case PollNow():
                self._poll_at = 0.0
            case Pace():
                self._pace = order
                self._state = replace(self._state, everybody=order.everybody)
                self._poll_at = 0.0
            case CancelRequest():
                self._begin_cancel(order)
            case watch.Woke():
                self._woke()
        if self._cancel is not None and self._clock() >= self._resume_at:
            self._go_on(self._cancel)
        if self._server is not None and self._clock() >= self._poll_at:
            self._poll(self._server)

    def _woke(self) -> None:
        self._poll_at = 0.0
        self._advance(watch.Woke())

    # ------------------------------------------------------------------------------------------------------- polling

    def _poll(self, server: Server) -> None:
        try:
            reading = server.read(full=False)
        except ServerError as error:
            self._advance(watch.Missed(error))
        else:
            self._advance(watch.Seen(reading))

    def _advance(self, observation: watch.Observation, result: CancelResult | None = None) -> None:
        now = self._clock()
        step = watch.advance(self._state, observation, now)
        self._state = step.state
        events = step.events
        if isinstance(observation, watch.Seen | watch.Missed):
            self._poll_at = now + watch.pause_before_poll(
                self._state,
                now,
                busy=self._pace.busy,
                idle=self._pace.idle,
                jitter=random.uniform(-1, 1),  # noqa: S311
            )
        if any(event.kind is EventKind.FINISHED for event in events):
            events = tuple(self._with_picture(event) for event in events)
        self._tell(events, result)
        if watch.Wish.BASELINE in step.wishes:
            self._take_baseline(observation)
        if watch.Wish.FAILURES in step.wishes:
            self._look_for_failures()

    def _tell(self, events: tuple[Event, ...], result: CancelResult | None) -> None:
        """Publish, unless nothing that anybody shows has changed."""
        old, new = self._published, self._state
        shown = old is None or (old.status, old.stale, old.outage) != (new.status, new.stale, new.outage)
        if shown or events or result is not None or new.outage is not None or new.stale:
            self._published = new
            self._publish(Update(new, events, result))

    # ------------------------------------------------------------------------------------------------ reading further

    def _may(self, permission: str) -> Server | None:
        """The server, if the key holds the permission."""
        rights = self._server.rights if self._server is not None else Rights()
        return self._server if rights.identity is not None and rights.may(permission) else None

    def _take_baseline(self, observation: watch.Observation) -> None:
        """Note what is there before the work ends, to tell what is new from what is old."""
        self._known_outputs = self._outputs_now()
        server = self._may(READ_LOG)
        if server is not None and isinstance(observation, watch.Seen):
            try:
                self._log_position = server.log_position()
            except ServerError as error:
                self._log_position = None
                log.info("the end of the log of %s is not known: %s", self.name, error)

    def _outputs_now(self) -> frozenset[str] | None:
        server = self._may(SEE_HISTORY)
        if server is None:
            return None
        try:
            return frozenset(output.path for output in server.newest_outputs())
        except ServerError as error:
            log.info("the outputs of %s cannot be listed: %s", self.name, error)
            return None

    def _look_for_failures(self) -> None:
        server = self._may(READ_LOG)
        if server is None or self._log_position is None:
            return
        try:
            tail = server.log_after(self._log_position)
        except ServerError as error:
            log.info("the log of %s cannot be read: %s", self.name, error)
            return
        self._log_position = tail.last_sequence
        self._advance(watch.LogRead(tail))

    def _with_picture(self, event: Event) -> Event:
        """The finished event with the newest picture that was not there before."""
        server = self._may(SEE_HISTORY)
        if event.kind is not EventKind.FINISHED or server is None or self._known_outputs is None:
            return event
        try:
            newest = next((each for each in server.newest_outputs() if each.path not in self._known_outputs), None)
            return event if newest is None else replace(event, output=newest, picture=server.picture(newest))
        except ServerError as error:
            log.info("the newest picture of %s is not known: %s", self.name, error)
            return event

    # ------------------------------------------------------------------------------------------------------- cancels

    def _begin_cancel(self, request: CancelRequest) -> None:
        if self._cancel is not None or self._server is None:
            return  # a second click does no harm
        self._advance(watch.CancelBegun(request))
        self._cancel = CancelRun(request, self.name, self._server, self._clock, self._see)
        self._resume_at = 0.0

    def _see(self, reading: Reading) -> None:
        self._advance(watch.Seen(reading))

    def _go_on(self, run: CancelRun) -> None:
        """Go on with the cancel until it wants to wait, or ends."""
        try:
            step = run.step()
        except TrayError as error:
            self._cancel_broken(error)
            return
        if isinstance(step, CancelResult):
            self._cancel = None
            self._poll_at = 0.0
            self._advance(watch.CancelEnded(step), step)
        else:
            self._resume_at = self._clock() + step

    def _cancel_broken(self, error: TrayError) -> None:
        """The cancel could not be carried through: say so, and look at the server at once."""
        self._cancel = None
        jobs = self._state.status.jobs
        asked = self._state.cancelling.asked if self._state.cancelling else "all"
        result = CancelResult(self.name, asked, Outcome.REFUSED, None, jobs.running, jobs.queued, str(error))
        self._poll_at = 0.0
        self._advance(watch.CancelEnded(result), result)
