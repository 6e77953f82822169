"""Loads and builds what the icon does not need, in a thread beside it, and joins the two."""

import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from tray_app.ui.bridge import Bridge

if TYPE_CHECKING:
    from tray_app.app.first_run import FirstRun
    from tray_app.app.surroundings import Surroundings
    from tray_app.app.tray import Tray
    from tray_app.ui.tray import TrayIcon

PATIENCE_AT_QUIT = 0.5
"""Seconds that an unfinished start gets to end; the process ends in any case."""


class Start(QObject):
    """Loads and prepares the rest in a thread, so that the panel gets its answers meanwhile, then builds the tray.

    `prepare` finds settings and servers, on that thread; `failure` is what it raised. `leave` ends the program.
    """

    def __init__(self, prepare: "Callable[[], Surroundings]", icon: "TrayIcon", leave: Callable[[], None]) -> None:
        super().__init__()
        self.failure: Exception | None = None
        self._prepare = prepare
        self._icon = icon
        self._leave = leave
        self._tray: Tray | FirstRun | None = None
        self._over = False
        self._wanted = False
        self._settings_wanted = False
        self._thread = threading.Thread(target=self._load, name="start", daemon=True)
        self._bridge = Bridge()
        self._bridge.answered.connect(self._call)
        icon.window_requested.connect(self._want_window)
        icon.host_missing.connect(self._want_window)
        icon.settings_requested.connect(self._want_settings)

    @property
    def loading(self) -> bool:
        """Whether the thread still runs."""
        return self._thread.is_alive()

    def begin(self) -> None:
        """Start the thread."""
        self._thread.start()

    def _load(self) -> None:
        build = None
        try:
            build = self._chosen()
            # Loaded here: the main thread, which needs it next, would keep the panel waiting for 100 ms.
            import tray_app.adapters.swarm.gateway  # noqa: F401
        # Whatever it is: the thread would end in silence, and the icon wait for ever. `run` raises it again.
        except Exception as error:
            self.failure = error
        self._bridge.answer(partial(self._build, build))

    def _chosen(self) -> "Callable[[], Tray | FirstRun]":
        """What there is to be shown: the tray, or, where no server is known, the question for one."""
        from tray_app.app.tray import Tray

        surroundings = self._prepare()
        if surroundings.targets:
            return partial(Tray, surroundings, self._leave, self._icon)
        from tray_app.app.first_run import FirstRun

        return partial(FirstRun, surroundings, self._icon, self._watch)

    @Slot(object)
    def _call(self, function: Callable[[], None]) -> None:
        function()

    def _watch(self, surroundings: "Surroundings") -> None:
        """The first run is over: there is something to watch now."""
        from tray_app.app.tray import Tray

        self._wanted = True
        self._build(partial(Tray, surroundings, self._leave, self._icon))

    def _build(self, build: "Callable[[], Tray | FirstRun] | None") -> None:
        """Build the tray; None with `failure` set ends the program."""
        if build is None:
            self._leave()
        elif not self._over:
            self._tray = build()
            self._tray.start()
            if self._wanted:
                self._tray.open_window()
            if self._settings_wanted:
                self._settings_wanted = False
                self._tray.open_settings()

    @Slot()
    def _want_window(self) -> None:
        """Remember a click that came before there is anything to show."""
        self._wanted = self._tray is None

    @Slot()
    def _want_settings(self) -> None:
        """The same for a click on Settings; the tray hears later ones itself."""
        self._settings_wanted = self._tray is None

    @Slot(str)
    def obey(self, _verb: str) -> None:
        """Show the window, now or once there is one."""
        if self._tray is not None:
            self._tray.open_window()
        else:
            self._wanted = True

    @Slot()
    def shut_down(self) -> None:
        """Take everything down again."""
        self._over = True
        self._bridge.close()
        if self._tray is not None:
            self._tray.shut_down()
        else:
            self._icon.hide()
            self._thread.join(PATIENCE_AT_QUIT)
