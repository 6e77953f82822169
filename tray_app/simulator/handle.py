"""What a script holds of work that it started on the simulated server."""

import threading
from collections.abc import Callable
from typing import Any

from tray_app.simulator.orders import Order
from tray_app.simulator.sessions import Session
from tray_app.simulator.world import World


class GenerationHandle:
    """One request, seen from any thread."""

    def __init__(self, session_id: str) -> None:
        self.session_id = session_id
        self._over = threading.Event()
        self._result: dict[str, Any] | None = None

    def end(self, result: dict[str, Any]) -> None:
        """The server's side: the request is over."""
        self._result = result
        self._over.set()

    @property
    def done(self) -> bool:
        """Whether the request is over."""
        return self._over.is_set()

    @property
    def result(self) -> dict[str, Any] | None:
        """What GenerateText2Image would have answered: {"images": […]} or {"error": …}; None while it runs."""
        return self._result

    def wait(self, timeout: float = 10.0) -> dict[str, Any]:
        """The result, waited for in real time. Raises TimeoutError."""
        if not self._over.wait(timeout) or self._result is None:
            raise TimeoutError(f"The request was not over after {timeout} s.")
        return self._result


class ForeverTab:
    """A browser tab in Generate Forever (src/wwwroot/js/genpage/gentab/generatecontrols.js:28-63)."""

    def __init__(
        self, world: World, session: Session, order: Order, pause: float, call: Callable[[Callable[[], None]], None]
    ) -> None:
        self._world, self._session, self._order, self._pause, self._call = world, session, order, pause, call
        self._going = True
        self.asked = 0

    @property
    def session_id(self) -> str:
        """The tab's session."""
        return self._session.id

    def stop(self) -> None:
        """Switch it off; the image under way is finished."""

        def switch_off() -> None:
            self._going = False

        self._call(switch_off)

    def ask(self) -> None:
        """Ask for one more image, in the server's thread; an error does not stop the tab."""
        if not self._going:
            return
        self.asked += 1
        request = self._world.generate(self._session, self._order)
        if request.result is None:
            request.on_end.append(self._again)
        else:
            self._again(request.result)

    def _again(self, _result: dict[str, Any]) -> None:
        self._world.later(self._pause, self.ask)
