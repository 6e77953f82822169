"""The demo's day: who asks for what and what goes wrong, again and again, in an order that changes."""

import random
from collections.abc import Callable, Iterator

from tray_app.simulator.server import SimulatedSwarmUI

# The user whose key the tray has, and two others of the same server.
YOU = "local"
OTHERS = ("mara", "tom")
MODELS = ("dawn-xl", "ink-sketch", "toy-photo")
PROMPTS = (
    "a lighthouse in the first light",
    "hills after rain, wide angle",
    "a red bicycle at the sea",
    "paper boats on a pond <lora:ink:0.8>",
    "an orchard & its keeper, evening",
)
SIZE = 256

# A scene does something, yields how many seconds pass, does the next thing, and so on.
Scene = Iterator[float]


class Day:
    """A script over one server; it goes on until the server stops. Runs on the server's own clock."""

    def __init__(self, server: SimulatedSwarmUI, seed: int | None = None) -> None:
        self._server = server
        self._dice = random.Random(seed)
        self._scenes = self._whole_day()

    def begin(self) -> None:
        """Let the first scene happen now and the others in their time."""
        for name in OTHERS:
            self._server.add_user(name, "user")
        self._server.soon(0.0, self._next)

    def _next(self) -> None:
        self._server.soon(next(self._scenes), self._next)

    def _whole_day(self) -> Scene:
        yield from self._a_few_pictures()
        parts: list[Callable[[], Scene]] = [
            self._two_people,
            self._another_model,
            self._a_failure,
            self._a_batch,
            self._a_broken_backend,
            self._generate_forever,
            self._everybody_leaves,
            self._one_picture,
        ]
        while True:
            self._dice.shuffle(parts)
            for part in parts:
                yield from part()
                yield self._dice.uniform(4.0, 12.0)

    def _ask(self, user: str, images: int, seconds: float, model: str | None = None, *, batchsize: int = 1) -> None:
        self._server.generate(
            user,
            images,
            model or MODELS[0],
            seconds=seconds,
            prompt=self._dice.choice(PROMPTS),
            batchsize=batchsize,
            size=SIZE,
        )

    def _a_few_pictures(self) -> Scene:
        yield 1.0
        self._ask(YOU, 3, 4.0)
        yield 10.0

    def _one_picture(self) -> Scene:
        self._ask(YOU, 1, self._dice.uniform(3.0, 8.0))
        yield 9.0

    def _two_people(self) -> Scene:
        self._ask(YOU, self._dice.randrange(3, 7), 4.0)
        yield self._dice.uniform(2.0, 6.0)
        self._ask(self._dice.choice(OTHERS), 2, 5.0)
        yield 20.0

    def _another_model(self) -> Scene:
        self._ask(self._dice.choice((YOU, *OTHERS)), 2, 4.0, self._dice.choice(MODELS[1:]))
        yield 18.0

    def _a_failure(self) -> Scene:
        for backend in range(self._server.backend_count):
            self._server.fail_next("CUDA out of memory", backend)
        self._ask(YOU, 1, 4.0)
        yield 8.0
        for backend in range(self._server.backend_count):
            self._server.fail_no_more(backend)
        yield 2.0

    def _a_batch(self) -> Scene:
        self._ask(YOU, 2, 9.0, batchsize=4)
        yield 22.0

    def _a_broken_backend(self) -> Scene:
        broken = self._server.backend_count - 1
        self._server.set_backend(broken, status="errored")
        yield self._dice.uniform(10.0, 20.0)
        self._server.set_backend(broken, status="loading")
        yield 4.0
        self._server.set_backend(broken, status="running")
        yield 3.0

    def _generate_forever(self) -> Scene:
        tab = self._server.generate_forever(self._dice.choice((YOU, *OTHERS)), MODELS[0], seconds=2.5)
        yield self._dice.uniform(10.0, 20.0)
        tab.stop()
        yield 4.0

    def _everybody_leaves(self) -> Scene:
        yield self._dice.uniform(20.0, 40.0)
