"""A short-lived process that speaks to the system's keyring, so that its 25 MB never live in the tray.

Run as a file by `keyring_run`, or by `swarmui-tray --keyring-child` where the program is frozen. It imports nothing of
tray_app. Requests come as JSON lines on stdin, one answer line for each goes to stdout:

    {"do": "get", "account": "token http://127.0.0.1:7801", "prompt": true}   -> {"secret": "…"}  or {"secret": null}
    {"do": "set", "account": "…", "secret": "…", "prompt": true}              -> {"secret": null}
    {"do": "delete", "account": "…", "prompt": true}                          -> {"secret": null}
    any of them                                                               -> {"error": "locked"}

with `"prompted": true` added once the user was asked for something. Errors are the words of `KeyringState`. The end
of stdin ends the process at once and takes an open prompt away: the one who asked is gone. Secrets pass only
through the two pipes; what a backend prints, and every traceback, goes nowhere.
"""

import json
import os
import queue
import sys
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "SwarmUI Tray"
COLLECTION_LABEL = "org.freedesktop.Secret.Collection.Label"


class Refusal(Exception):
    """Ends a request; `state` is the word that is answered."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


class Child:
    """Answers requests one after the other; at most one prompt in its life."""

    def __init__(self) -> None:
        self.prompted = False
        self.prompt = Prompt()
        self._refused: str | None = None

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer one request. Once a prompt was refused, the rest of the run is answered alike without another."""
        try:
            answer: dict[str, Any] = {"secret": self._do(request)} if not self._refused else {"error": self._refused}
        except Refusal as refusal:
            if self.prompted:
                self._refused = refusal.state
            answer = {"error": refusal.state}
        # Backends raise anything, and the text of it may hold the secret: only its kind leaves.
        except Exception as error:
            answer = {"error": state_of(error)}
        if self.prompted:
            answer["prompted"] = True
        return answer

    def _do(self, request: dict[str, Any]) -> str | None:
        backend = usable_backend()
        what, account = request["do"], request["account"]
        if not self._unlock(backend, may_prompt=request["prompt"], create=what == "set"):
            return None
        if what == "set":
            backend.set_password(SERVICE, account, request["secret"])
        elif what == "delete":
            delete(backend, account)
        else:
            return backend.get_password(SERVICE, account)
        return None

    def _unlock(self, backend: "KeyringBackend", *, may_prompt: bool, create: bool) -> bool:
        """Unlock the backend's keyring, asking the user only when allowed. False: there is no keyring to look into.

        keyring itself cannot be kept from prompting and does not tell a dismissed prompt from a missing one. For
        the Secret Service its own library does both; Windows never prompts; any other backend may prompt, and
        answers "locked" when that is not allowed.
        """
        module = type(backend).__module__
        if module.endswith(".Windows"):
            return True
        if not module.endswith(".SecretService"):
            if not may_prompt:
                raise Refusal("locked")
            return True
        import secretstorage

        with closing(secretstorage.dbus_init()) as bus:
            try:
                where = getattr(backend, "preferred_collection", secretstorage.collection.DEFAULT_COLLECTION)
                collection = secretstorage.Collection(bus, where)
            except secretstorage.ItemNotFoundException:
                # No default keyring yet: looking for a key must not ask for a new keyring's password.
                if not create:
                    return False
                if not may_prompt or not can_prompt(bus):
                    raise Refusal("absent") from None
                self._ask(bus, "CreateCollection", "a{sv}s", {COLLECTION_LABEL: ("s", "Default keyring")}, "default")
                return True
            if collection.is_locked():
                if not may_prompt or not can_prompt(bus):
                    raise Refusal("locked")
                self._ask(bus, "Unlock", "ao", [where])
            return True

    def _ask(self, bus: Any, member: str, signature: str, *arguments: Any) -> None:
        self.prompted = True
        if not self.prompt.ask(bus, member, signature, arguments):
            raise Refusal("dismissed")


class Prompt:
    """A prompt of the Secret Service that goes away with the one who asked.

    gnome-keyring leaves a prompt on the screen when its client dies, and secretstorage cannot end one early.
    """

    def __init__(self) -> None:
        self._gone = threading.Event()
        self._over = threading.Event()
        self._over.set()

    def ask(self, bus: Any, member: str, signature: str, arguments: tuple[Any, ...]) -> bool:
        """Call a method of the service that may prompt; whether the user agreed, or was not even asked."""
        from jeepney import DBusAddress, MatchRule, new_method_call  # type: ignore[import-untyped]

        name = "org.freedesktop.secrets"
        service = DBusAddress("/org/freedesktop/secrets", name, "org.freedesktop.Secret.Service")
        path = bus.send_and_get_reply(new_method_call(service, member, signature, arguments)).body[1]
        if path == "/":
            return True
        prompt = DBusAddress(path, name, "org.freedesktop.Secret.Prompt")
        rule = MatchRule(type="signal", interface=prompt.interface, member="Completed", path=path)
        self._over.clear()
        try:
            with bus.filter(rule) as completed:
                bus.send_and_get_reply(new_method_call(prompt, "Prompt", "s", ("",)))
                while not self._gone.is_set():
                    try:
                        dismissed = bus.recv_until_filtered(completed, timeout=0.2).body[0]
                    except TimeoutError:
                        continue
                    return not dismissed
                bus.send_and_get_reply(new_method_call(prompt, "Dismiss"))
                return False
        finally:
            self._over.set()

    def withdraw(self) -> None:
        """Take an open prompt away, from another thread; waits a second at most."""
        self._gone.set()
        self._over.wait(1)


def usable_backend() -> "KeyringBackend":
    """The backend that the user's system or configuration picks, unless it is none or keeps its keys unencrypted.

    keyring marks what it recommends by a priority of 1 or more; keyrings.alt's plain-text file has 0.5.
    """
    import keyring

    try:
        backend = keyring.get_keyring()
        recommended = backend.priority >= 1
    except (RuntimeError, ImportError, AttributeError, ValueError):  # the configured one cannot run here
        raise Refusal("absent") from None
    if not recommended:
        raise Refusal("absent")
    first = getattr(backend, "backends", None)  # the chainer asks several; the first one is where keys are stored
    return first[0] if first else backend


def delete(backend: "KeyringBackend", account: str) -> None:
    """Remove an entry; one that is not there is as good."""
    from keyring.errors import PasswordDeleteError

    try:
        backend.delete_password(SERVICE, account)
    except PasswordDeleteError:
        if backend.get_password(SERVICE, account) is not None:
            raise


def can_prompt(bus: Any) -> bool:
    """Whether anybody could see a prompt: gnome-keyring needs gcr's prompter, other services draw their own."""
    from jeepney import message_bus
    from jeepney.io.blocking import Proxy  # type: ignore[import-untyped]

    names = Proxy(message_bus, bus)
    if not names.NameHasOwner("org.gnome.keyring")[0]:
        return True
    prompter = "org.gnome.keyring.SystemPrompter"
    return bool(names.NameHasOwner(prompter)[0]) or prompter in names.ListActivatableNames()[0]


def state_of(error: Exception) -> str:
    """Name a backend's exception by a word of `KeyringState`; nothing else of it is kept."""
    import keyring.errors

    chain = (error, error.__cause__)
    if sys.platform == "linux":
        from secretstorage import exceptions

        if any(isinstance(each, exceptions.PromptDismissedException) for each in chain):
            return "dismissed"
        if isinstance(error, exceptions.LockedException):
            return "locked"
        if isinstance(error, exceptions.SecretServiceNotAvailableException):
            return "absent"
    if isinstance(error, keyring.errors.KeyringLocked):
        return "locked"
    if isinstance(error, (keyring.errors.NoKeyringError, keyring.errors.InitError, ConnectionError)):
        return "absent"
    return "denied"


def serve(requests: TextIO, answers: TextIO) -> None:
    """Answer until the requests end. An end before the last answer ends the process: nobody waits any more."""
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    child = Child()
    answered = 0

    def read() -> None:
        received = 0
        for line in requests:
            received += 1
            lines.put(line)
        if answered < received:
            child.prompt.withdraw()
            os._exit(0)
        lines.put(None)

    threading.Thread(target=read, name="requests", daemon=True).start()
    while (line := lines.get()) is not None:
        answer = json.dumps(child.answer(json.loads(line))) + "\n"
        answered += 1
        answers.write(answer)
        answers.flush()


def main() -> int:
    """Serve the two pipes; the original stdout is kept for answers only."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    with answers, open(0, encoding="utf-8", closefd=False) as requests:
        serve(requests, answers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
