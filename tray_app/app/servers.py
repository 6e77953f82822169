"""One watched server as the tray has it: its watcher, its key, its state and what happened on it last."""

import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from tray_app.adapters.swarm.session_stores import KeyringSessions, MemorySessions, ToldSessions, keep_later
from tray_app.app.background import in_background
from tray_app.app.surroundings import Surroundings, Target
from tray_app.core.credentials import Credentials
from tray_app.core.errors import TrayError, UsageError
from tray_app.core.ports import SessionStore
from tray_app.core.settings import Settings
from tray_app.core.view import RECENT_ROWS
from tray_app.core.watch import WatchState, begin
from tray_app.ui.bridge import Bridge
from tray_app.watcher import Connect, Pace, Rename, Update, Watcher

if TYPE_CHECKING:
    from tray_app.adapters.keyring.secrets import Secrets
    from tray_app.adapters.swarm.gateway import SwarmServer
    from tray_app.core.events import Event
    from tray_app.core.model import Output
    from tray_app.core.secret import KeyAnswer, Secret, SecretKind

log = logging.getLogger(__name__)


class WatchedServer:
    """Made and used on the main thread. `bridge.updated` carries itself and each Update of its watcher.

    `number` is what the views call it by, `told` counts the events it has had.
    """

    def __init__(
        self, number: int, target: Target, surroundings: Surroundings, settings: Settings, bridge: Bridge
    ) -> None:
        self.number = number
        self.target = target
        self.state: WatchState = begin(target.name, target.address.url)
        self.recent: deque[Event] = deque(maxlen=RECENT_ROWS)
        self.told = 0
        self.keyring_note = ""
        self._with = surroundings
        self._bridge = bridge
        self._settings = settings
        self._activity_log = surroundings.activity_log if target.noted else None
        self._secrets: Secrets | None = None
        self._connection: Callable[[], SwarmServer] | None = None  # more of them, for what must not hold up the watcher
        self.watcher = Watcher(target.name, target.address.url, self._publish, pace=pace(settings))

    def start(self, secrets: "Callable[[], Secrets]", changed: Callable[[], None]) -> None:
        """Begin to watch. `secrets` gives the keyring if it is needed, `changed` is told of news from it."""
        self.watcher.start()
        self.open(secrets, changed)

    def take(self, update: Update) -> None:
        """Remember what the watcher has found out."""
        self.state = update.state
        for event in update.events:
            self.recent.appendleft(replace(event, picture=None))
            self.told += 1

    def apply(
        self, target: Target, settings: Settings, secrets: "Callable[[], Secrets]", changed: Callable[[], None]
    ) -> None:
        """Let new settings hold: name and pace at once, the deadline and the key with a connection made anew.

        `target` has the same address as before.
        """
        if target.name != self.target.name:
            self.watcher.submit(Rename(target.name))
            self.state = replace(self.state, status=replace(self.state.status, name=target.name))
        self.target = target
        self._settings = settings
        self.watcher.submit(pace(settings))
        self.open(secrets, changed)

    def open(self, secrets: "Callable[[], Secrets]", changed: Callable[[], None], *, ask_again: bool = False) -> None:
        """Give the watcher its server: at once, or when the keyring has answered or has been silent for too long."""
        if lent := self._with.lent_keys.get(self.target.address.origin):
            self.keyring_note = ""
            self._connect(_credentials(lent), MemorySessions())
            return
        try:
            key = self.target.key()
        except UsageError as error:  # such as a key in the environment, which cannot be meant for several servers
            self.keyring_note = str(error)
            self._connect(Credentials(), MemorySessions())
            return
        if key is not None:
            self.keyring_note = ""
            self._connect(*key)
            return
        from tray_app.core.secret import SecretKind

        self._secrets = secrets()

        def on_answer(answer: "KeyAnswer") -> None:
            def take() -> None:
                self._keyring_answered(answer)
                changed()

            self._bridge.answer(take)

        self._secrets.fetch_later(self.target.address.origin, list(SecretKind), on_answer, ask_again=ask_again)

    def _keyring_answered(self, answer: "KeyAnswer") -> None:
        from tray_app.core.secret import SecretKind

        if answer.error is not None or self._secrets is None:
            self.keyring_note = str(answer.error)
            self._connect(Credentials(), MemorySessions())
            return
        self.keyring_note = ""
        credentials = _credentials(answer.secrets)
        self._with.redactor.add(credentials.token, credentials.authorization)
        found = answer.secrets.get(SecretKind.SESSION)
        sessions = KeyringSessions(self.target.address.url, found, keep_later(self._secrets, answer.origin))
        self._connect(credentials, sessions)

    def _connect(self, credentials: Credentials, sessions: SessionStore) -> None:
        from tray_app.adapters.swarm.gateway import SwarmServer

        address, deadline = self.target.address, self._with.deadline(self._settings)
        told = ToldSessions(sessions, self._with.redactor.add)
        connect = partial(SwarmServer, address, credentials=credentials, sessions=told, deadline=deadline)
        self._connection = connect
        self.watcher.submit(Connect(connect()))

    def open_folder(self, output: "Output", failed: Callable[[], None]) -> None:
        """Have the server open an output's folder on its screen; `failed` is called on the main thread."""
        connect = self._connection
        if connect is None:
            failed()
            return

        def work() -> bool:
            server = connect()
            try:
                server.open_folder(output)
            except TrayError as error:
                log.info("%s cannot open the folder: %s", self.target.name, error)
                return False
            finally:
                server.close()
            return True

        in_background(self._bridge, "open folder", work, lambda done: None if done else failed())

    def _publish(self, update: Update) -> None:
        """On the watcher's thread: note the events where they are kept, then hand all to the main thread."""
        if self._activity_log is not None:
            try:
                for event in update.events:
                    self._activity_log.add(event)
            except OSError as error:
                log.warning("the activity log cannot be written: %s", error)
        self._bridge.update(self, update)


def _credentials(secrets: "Mapping[SecretKind, Secret]") -> Credentials:
    from tray_app.core.secret import Secret, SecretKind

    kinds = (SecretKind.TOKEN, SecretKind.AUTHORIZATION)
    return Credentials(*(secrets.get(kind, Secret("")).reveal() for kind in kinds))


def kept(targets: Iterable[Target], servers: Iterable[WatchedServer]) -> list[WatchedServer | None]:
    """For each target the server that is watched for it already, or None.

    A server is the same if its address is, the certificate included; its name tells two of one address apart.
    """
    targets, left = list(targets), list(servers)
    found: list[WatchedServer | None] = [None] * len(targets)
    for by_name in (True, False):
        for place, target in enumerate(targets):
            if found[place] is None:
                found[place] = next((each for each in left if _same(target, each.target, by_name=by_name)), None)
                left = [each for each in left if each is not found[place]]
    return found


def _same(one: Target, other: Target, *, by_name: bool) -> bool:
    return one.address == other.address and (not by_name or one.name == other.name)


def pace(settings: Settings) -> Pace:
    """How often to look, as the user chose."""
    return Pace(settings.poll_busy, settings.poll_idle, settings.notify.everybody)
