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
from dataclasses import replace

from tray_app.core import observations, watch
from tray_app.core.cancel.run import CancelRun
from tray_app.core.errors import ServerError, Slept, TrayError
from tray_app.core.events import Event
from tray_app.core.model import CancelRequest, CancelResult, Outcome, Reading
from tray_app.core.ports import CLOCK_GAP, Server
from tray_app.watcher.orders import Connect, Order, Pace, PollNow, Rename, Stop, Update
from tray_app.watcher.sights import Sights

log = logging.getLogger(__name__)


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
        self._looked_at = 0.0
        self._cancel: CancelRun | None = None
        self._resume_at = 0.0
        self._sights = Sights(name)

    # ------------------------------------------------------------------------------------------- from other threads

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def submit(self, order: Order) -> None:
        """Put an order into the inbox; it is acted on at once, or after the request that is under way."""
        self._inbox.put(order)

    def stop(self, patience: float = 0.0) -> None:
        """Ask the thread to end and wait at most so many seconds; it is a daemon, so a hanging request ends with us."""
        self._inbox.put(Stop())
        if self._thread.is_alive():
            self._thread.join(patience)

    # ------------------------------------------------------------------------------------------------ on the thread

    def _run(self) -> None:
        while True:
            order = self._next_order()
            if isinstance(order, Stop):
                break
            try:
                self._act(order)
            # A fault of ours must be seen and must not end the watching silently.
            except Exception:
                log.exception("fault in the watcher of %s", self.name)
                fault = ServerError("SwarmUI Tray met a fault of its own.", "The debug log has the details.")
                if self._cancel is not None:
                    self._cancel_broken(fault)
                self._advance(observations.Missed(fault))
        if self._server is not None:
            self._server.close()

    def _next_order(self) -> Order | None:
        """Wait for an order, or until something is due; None then."""
        if self._server is None:
            return self._inbox.get()
        if self._set_back():
            return None
        due = min(self._poll_at, self._resume_at) if self._cancel else self._poll_at
        pause = max(0.0, due - self._clock())
        try:
            order: Order | None = self._inbox.get(timeout=pause)
        except queue.Empty:
            order = None
        if not self._set_back() and self._clock() - due > CLOCK_GAP:
            self._woke()
        return order

    def _set_back(self) -> bool:
        """Look at the clock; where it was set back since the last look, all that waits for it is due now."""
        before, self._looked_at = self._looked_at, self._clock()
        if self._looked_at >= before:
            return False
        self._woke()
        return True

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
            case Rename(name):
                self._rename(name)
            case CancelRequest():
                self._begin_cancel(order)
            case observations.Woke():
                self._woke()
        if self._cancel is not None and self._clock() >= self._resume_at:
            self._go_on(self._cancel)
        if self._server is not None and self._clock() >= self._poll_at:
            self._poll(self._server)

    def _rename(self, name: str) -> None:
        """Call it by another name in all that is published from now on; what is known of it stays."""
        self.name = self._sights.name = name
        self._state = replace(self._state, status=replace(self._state.status, name=name))
        self._tell((), None)

    def _woke(self) -> None:
        if self._server is not None:
            self._server.close()  # what was connected before the sleep may be silent for ever
        self._poll_at = self._resume_at = 0.0  # a clock that was set back would keep both waiting
        self._advance(observations.Woke())

    # ------------------------------------------------------------------------------------------------------- polling

    def _poll(self, server: Server) -> None:
        try:
            reading = server.read(full=False)
        except Slept:
            self._woke()  # and so looks again at once
        except ServerError as error:
            self._advance(observations.Missed(error))
        else:
            self._advance(observations.Seen(reading))

    def _advance(self, observation: observations.Observation, result: CancelResult | None = None) -> None:
        now = self._clock()
        step = watch.advance(self._state, observation, now)
        self._state = step.state
        events = step.events
        if isinstance(observation, observations.Seen | observations.Missed):
            self._poll_at = now + watch.pause_before_poll(
                self._state,
                now,
                busy=self._pace.busy,
                idle=self._pace.idle,
                jitter=random.uniform(-1, 1),  # noqa: S311
            )
        if self._server is not None:
            events = tuple(self._sights.with_picture(self._server, event) for event in events)
        self._tell(events, result)
        if self._server is not None:
            self._look_further(self._server, step.wishes)

    def _look_further(self, server: Server, wishes: tuple[watch.Wish, ...]) -> None:
        """Read what the last step made worth reading."""
        if watch.Wish.BASELINE in wishes:
            self._sights.take_baseline(server)
        if watch.Wish.FAILURES in wishes:
            tail = self._sights.new_log_lines(server)
            if tail is not None:
                self._advance(observations.LogRead(tail))
        if watch.Wish.OUTPUTS in wishes:
            output, number = self._sights.new_outputs(server)
            if output is not None:
                self._advance(observations.OutputsSeen(output, number))

    def _tell(self, events: tuple[Event, ...], result: CancelResult | None) -> None:
        """Publish, unless nothing that anybody shows has changed."""
        old, new = self._published, self._state
        shown = old is None or (old.status, old.stale, old.outage) != (new.status, new.stale, new.outage)
        if shown or events or result is not None or new.outage is not None or new.stale:
            self._published = new
            self._publish(Update(new, events, result))

    # ------------------------------------------------------------------------------------------------------- cancels

    def _begin_cancel(self, request: CancelRequest) -> None:
        if self._cancel is not None or self._server is None:
            return  # a second click does no harm
        self._advance(observations.CancelBegun(request))
        self._cancel = CancelRun(request, self.name, self._server, time.monotonic, self._see)
        self._resume_at = 0.0

    def _see(self, reading: Reading) -> None:
        self._advance(observations.Seen(reading))

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
            self._advance(observations.CancelEnded(step), step)
        else:
            self._resume_at = self._clock() + step

    def _cancel_broken(self, error: TrayError) -> None:
        """The cancel could not be carried through: say so, and look at the server at once."""
        self._cancel = None
        jobs = self._state.status.jobs
        asked = self._state.cancelling.asked if self._state.cancelling else "all"
        result = CancelResult(self.name, asked, Outcome.REFUSED, None, jobs.running, jobs.queued, str(error))
        self._poll_at = 0.0
        self._advance(observations.CancelEnded(result), result)
