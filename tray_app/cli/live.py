"""The live view in the terminal: what the tray shows, as a few lines that are drawn anew when something changes."""

import queue
import shutil
import time
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from tray_app.adapters.logs import log_to_file, warnings_shown
from tray_app.cli.connection import opened
from tray_app.cli.output import Output, printable
from tray_app.cli.waiting import next_of
from tray_app.core.present import tray_view
from tray_app.core.watch import WatchState, begin
from tray_app.core.words import headline, sentence
from tray_app.watcher import Connect, Pace, Update, Watcher

if TYPE_CHECKING:
    from tray_app.cli.context import Context
    from tray_app.core.events import Event


def live(context: "Context") -> int:
    """Show the servers until Ctrl-C. What the tray would write into its debug log goes there from here too."""
    log_to_file(context.folders.debug_log, context.redactor)
    context.ending.enter_context(warnings_shown(context.output.message, context.redactor))
    settings = context.settings
    pace = Pace(settings.poll_busy, settings.poll_idle, settings.notify.everybody)
    updates: queue.SimpleQueue[tuple[int, Update]] = queue.SimpleQueue()
    states: list[WatchState] = []
    for position, target in enumerate(context.targets):

        def publish(update: Update, position: int = position) -> None:
            updates.put((position, update))

        server = context.ending.enter_context(opened(context, target))
        watcher = Watcher(target.name, target.address.url, publish, pace=pace)
        context.ending.callback(watcher.stop, 0.5)
        states.append(begin(target.name, target.address.url))
        watcher.start()
        watcher.submit(Connect(server))
    screen = Screen(context.output)
    while True:
        screen.draw(_lines(states, demo=context.options.demo))
        position, update = next_of(updates)
        states[position] = update.state
        for event in update.events:
            _note(context, event)
            screen.tell(_told(event))


class Screen:
    """Lines at the lower end of a terminal that are drawn over; elsewhere each new picture follows the last."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._terminal = output.stdout.isatty()
        self._shown: tuple[str, ...] = ()

    def draw(self, lines: Sequence[str]) -> None:
        """Show these lines in place of the last ones, if they differ."""
        width = shutil.get_terminal_size().columns - 1 if self._terminal else 1000
        now = tuple(printable(each)[:width] for each in lines)
        if now != self._shown:
            self._clear()
            self._shown = now
            self._write("".join(f"{each}\n" for each in now))

    def tell(self, line: str) -> None:
        """Leave a line standing above the picture."""
        picture = self._shown if self._terminal else ()
        self._clear()
        self._write(printable(line) + "\n" + "".join(f"{each}\n" for each in picture))

    def _clear(self) -> None:
        if self._terminal and self._shown:
            self._write(f"\x1b[{len(self._shown)}F\x1b[J")

    def _write(self, text: str) -> None:
        self._output.stdout.write(text)
        self._output.stdout.flush()


def _lines(states: Sequence[WatchState], *, demo: bool) -> list[str]:
    now = time.time()
    return [line for state in states for line in tray_view(state, (), now, _clock, demo=demo).lines]


def _told(event: "Event") -> str:
    return f"{_clock(event.time)}  {event.server}: {headline(event)}. {sentence(event)}"


def _clock(moment: float) -> str:
    return datetime.fromtimestamp(moment).astimezone().strftime("%H:%M")


def _note(context: "Context", event: "Event") -> None:
    if context.options.demo:
        return
    try:
        context.activity_log.add(event)
    except OSError as error:
        context.output.message(f"This could not be written to the activity log: {error.strerror or error}.")
