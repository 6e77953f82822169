"""Pictures of what the windows show later on: steps, questions, errors, several servers, other people."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.desktop.rig.accessibility import Accessible, ScreenReader
from tests.desktop.rig.bus import BusError
from tests.desktop.rig.desktop import Desktop
from tests.desktop.rig.program import TrayProcess, add_server, configure
from tests.desktop.rig.tray_host import TrayHostDouble
from tests.desktop.rig.tray_item import TrayItem
from tests.desktop.rig.waiting import until
from tests.desktop.rig.window_manager import start_openbox
from tests.desktop.window_pictures import desktop_of, each_look, keep
from tests.integration.hostile import http
from tests.integration.tls_server import TlsServer, certify_localhost
from tray_app.simulator.server import SimulatedSwarmUI

FIRST, SETTINGS, STATUS = "Set up SwarmUI Tray", "Settings", "SwarmUI Tray"
_NOBODY = "http://127.0.0.1:9"


class Sitting:
    """Somebody at a desktop of one look, and where the pictures go."""

    def __init__(self, desktop: Desktop, env: dict[str, str], folder: Path, end: str) -> None:
        self.desktop = desktop
        self._env = env
        self._folder = folder
        self._end = end
        start_openbox(desktop)
        desktop.display.move_to(2, 2)  # over no window
        self.reader = ScreenReader(desktop)
        self.host = TrayHostDouble(desktop.bus)
        self.host.appear()

    def start(self, env: dict[str, str] | None = None) -> TrayItem:
        """Start the program; its icon."""
        TrayProcess(self.desktop, env={**self._env, **(env or {})})
        return self.host.wait_for_item()

    def type(self, text: str, *then: str) -> None:
        """Type in place of what stands in the field with the keyboard, then press keys."""
        self.desktop.display.key("ctrl+a")
        self.desktop.display.run("xdotool", "type", "--delay", "5", text)
        if then:
            self.desktop.display.key(*then)

    def focus(self, window: Accessible, label: str, mnemonic: str) -> None:
        """Bring the keyboard to a field by its letter."""
        field = self.reader.find(window, "text", label)
        self.desktop.display.key(mnemonic)
        until(f"the keyboard is in {label}", lambda: field.focused)

    def until_said(self, window: Accessible, text: str) -> None:
        """Wait until the window says that."""

        def said() -> bool:
            with suppress(BusError):  # what is replaced meanwhile
                return any(text in each for each in self.reader.texts(window))
            return False

        until(f"it says {text!r}", said, 20)

    def keep(self, name: str, title: str, *, more: tuple[int, int] = (0, 0)) -> None:
        """The picture of the window of that title, as it is from now on, and of `more` at its right and below it."""
        keep(self.desktop, self._folder / f"{name}-{self._end}", title=title, more=more)

    def keep_with_menu(self, name: str, title: str) -> None:
        """The same with what has popped up from it."""
        scale = 2 if "2x" in self._end else 1
        self.keep(name, title, more=(160 * scale, 120 * scale))

    def keep_after_menu(self, name: str, title: str) -> None:
        """The picture once what had popped up is gone."""
        shown = self.desktop.display.windows
        until("the menu is gone", lambda: len([each for each in shown() if title in each.title]) == 1)
        self.keep(name, title)


def dialogs(folder: Path) -> None:
    """WINDOW-STEP-LOOK-SCALE.png."""
    for scene in (first_run, one_server, several_servers, other_people):
        for env, size, end in each_look():
            with desktop_of(size) as desktop:
                scene(Sitting(desktop, env, folder, end))
            print(scene.__name__, end)


def first_run(sitting: Sitting) -> None:
    """The first window: a connection that fails, a certificate that nobody vouches for, a key that is wanted."""
    with _tls() as url, SimulatedSwarmUI(accounts=True) as shared:
        sitting.start({"NO_PROXY": "*"})
        window = sitting.reader.window(FIRST, 20)
        sitting.until_said(window, "No SwarmUI answers")
        sitting.type(_NOBODY, "Return")
        sitting.until_said(window, "Nothing answers at")
        sitting.keep("first-run-failed", FIRST)
        sitting.focus(window, "Address", "alt+d")
        sitting.type(url, "Return")
        sitting.until_said(window, "Nobody vouches for that")
        sitting.keep("first-run-certificate", FIRST)
        sitting.focus(window, "Address", "alt+d")
        sitting.type(shared.url, "Return")
        sitting.reader.find(window, "text", "Token")
        sitting.keep("first-run-key", FIRST)
        sitting.type("616e6e.1.one", "Return")
        sitting.until_said(window, "Account")
        sitting.keep("first-run-key-refused", FIRST)
        sitting.desktop.display.key("alt+l")
        sitting.reader.find(window, "text", "User name")
        sitting.keep("first-run-key-proxy", FIRST)


def one_server(sitting: Sitting) -> None:
    """The settings of one server: tests that fail and succeed, faults, a changed file, both dialogs for a login."""
    with SimulatedSwarmUI(accounts=True) as shared, SimulatedSwarmUI() as open_one, _tls() as url:
        file = configure(sitting.desktop, shared.url)
        item = sitting.start({"NO_PROXY": "*"})
        until("it has looked", lambda: "home" in item.tooltip)
        item.menu.click("Settings")
        window = sitting.reader.window(SETTINGS)
        sitting.reader.button(window, "Test connection").press()
        sitting.until_said(window, "wants an account")
        sitting.keep("settings-test-failed", SETTINGS)
        sitting.reader.button(window, "Have a token made").press()
        dialog = sitting.reader.window("Sign in once")
        sitting.reader.find(dialog, "text", "User name")
        sitting.type("anna", "Tab")
        sitting.type("wrong", "Return")
        sitting.until_said(dialog, "does not know this user name")
        sitting.keep("login", "Sign in once")
        sitting.desktop.display.key("Escape")
        sitting.reader.button(window, "Enter the user name and the password of a proxy").press()
        sitting.reader.window("Login of a proxy")
        sitting.keep("login-proxy", "Login of a proxy")
        sitting.type("anna", "Tab")
        sitting.type("pass", "Return")
        sitting.until_said(window, "The login of a proxy")
        sitting.focus(window, "Address", "alt+a")
        sitting.type(url)
        sitting.reader.button(window, "Test connection").press()
        sitting.until_said(window, "Nobody vouches for it")
        sitting.keep("settings-certificate", SETTINGS)
        sitting.focus(window, "Address", "alt+a")
        sitting.type("ftp://x", "alt+e")
        sitting.until_said(window, "Nothing is saved yet")
        sitting.keep("settings-faults", SETTINGS)
        sitting.focus(window, "Address", "alt+a")
        sitting.type(open_one.url, "alt+o")
        sitting.until_said(window, "can cancel all")
        sitting.keep("settings-test-good", SETTINGS)
        add_server(file, "lab", _NOBODY)
        file.write_text(file.read_text().replace(shared.url, "http://127.0.0.1:2"))
        sitting.until_said(window, "was changed outside this window")
        sitting.keep("settings-changed", SETTINGS)


def several_servers(sitting: Sitting) -> None:
    """The small window with several servers: all together, the choice, and one of them."""
    with SimulatedSwarmUI() as studio, SimulatedSwarmUI() as home:
        file = configure(sitting.desktop, home.url)
        add_server(file, "studio", studio.url)
        add_server(file, "an old computer in the cellar", _NOBODY)
        studio.generate(images=4, seconds=600, steps=2000)
        item = sitting.start()
        until("it has looked", lambda: "generating" in item.tooltip.lower() and "idle" in item.tooltip, 20)
        item.activate()
        window = sitting.reader.window(STATUS)
        sitting.keep("status-several", STATUS)
        sitting.reader.find(window, "combo box").press()
        sitting.keep_with_menu("status-chooser", STATUS)
        sitting.desktop.display.key("Home", "Down", "Return")
        sitting.keep_after_menu("status-chosen", STATUS)
        item.menu.click("Settings")
        sitting.reader.window(SETTINGS)
        sitting.keep("settings-several", SETTINGS)


def other_people(sitting: Sitting) -> None:
    """A shared server's admin: who is busy, the cancels of their work, and the question before."""
    with SimulatedSwarmUI(accounts=True) as shared:
        token = shared.add_user("ann", "admin")
        for name, images in (("ben", 3), ("carla", 12)):
            shared.add_user(name)
            shared.generate(images=images, seconds=600, steps=2000, user=name)
        configure(sitting.desktop, shared.url)
        item = sitting.start({"SWARMUI_TOKEN": token})
        until("it has looked", lambda: "Generating" in item.tooltip, 20)
        item.activate()
        window = sitting.reader.window(STATUS)
        button = sitting.reader.find(window, "button menu", "Other people")
        sitting.keep("status-people", STATUS)
        button.press()
        sitting.keep_with_menu("status-people-menu", STATUS)
        sitting.desktop.display.key("Escape")
        item.menu.click("Cancel everybody")
        sitting.reader.window("Cancel")
        sitting.keep("question-everybody", "Cancel")


@contextmanager
def _tls() -> Iterator[str]:
    """A server behind TLS with a certificate that vouches for itself."""
    with (
        tempfile.TemporaryDirectory(prefix="tls-") as folder,
        TlsServer(http({}), certify_localhost(Path(folder) / "own.pem")) as server,
    ):
        yield f"https://localhost:{server.port}"
