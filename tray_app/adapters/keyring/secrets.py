"""The system's keyring, asked through `keyring_child` and never in this process.

Entries are bound to an origin ("scheme://host:port" as in `Address.origin`) and a kind. The command line waits for
an answer with a limit; the tray asks with `fetch_later` and `change_later`, which return at once and answer on a
thread named "keyring".

In one session the user is prompted at most once, unless the user asks for it. What was once read is remembered, so
that a keyring which locks itself again takes nothing away.
"""

import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence

from tray_app.adapters.keyring.keyring_run import Answers, KeyringRun, Request, child_command
from tray_app.core.secret import KeyAnswer, KeyringState, KeyringUnavailable, Secret, SecretKind

PATIENCE = 5.0
"""Seconds after which a silent keyring is reported; the tray then goes on without a key."""

_ORIGIN = re.compile(r"https?://[^/@\s]+")


class _Wish:
    """Requests about one origin, whom to answer, whether the user asked for it, and whether it may not prompt."""

    def __init__(
        self,
        origin: str,
        requests: list[Request],
        on_answer: Callable[[KeyAnswer], None],
        *,
        explicit: bool = False,
        quiet: bool = False,
    ) -> None:
        self.origin = origin
        self.requests = requests
        self.on_answer = on_answer
        self.explicit = explicit
        self.quiet = quiet
        self.impatience: threading.Timer | None = None

    @property
    def changes(self) -> bool:
        """Whether it stores or removes something."""
        return any(request["do"] != "get" for request in self.requests)

    def fits(self, other: "_Wish") -> bool:
        """Whether one run of the child answers both."""
        return self.origin == other.origin and self.requests == other.requests


class Secrets:
    """The keys of all servers. `command` and `patience` (seconds) are for tests."""

    def __init__(self, *, command: Sequence[str] | None = None, patience: float = PATIENCE) -> None:
        self._command = list(command or child_command())
        self._patience = patience
        self._lock = threading.Lock()
        self._wishes: list[_Wish] = []
        self._known: dict[str, Secret] = {}  # by account: what was read or written in this session
        self._prompted = False
        self._run: KeyringRun | None = None
        self._turn = threading.Lock()  # one child changes entries at a time
        self._closed = False

    # ------------------------------------------------------------------------------------- blocking, for a terminal

    def get(
        self, origin: str, kinds: Iterable[SecretKind], *, timeout: float = 30.0, prompt: bool = True
    ) -> dict[SecretKind, Secret]:
        """The stored secrets among `kinds`; raises `KeyringUnavailable`, silent after `timeout` seconds."""
        wanted = list(kinds)
        requests = [_get(origin, kind) for kind in wanted]
        return _read(wanted, self._ask_within(requests, timeout, prompt=prompt))

    def set(self, origin: str, kind: SecretKind, secret: Secret, *, timeout: float = 30.0) -> None:
        """Store one secret; raises `KeyringUnavailable`."""
        self.change(origin, {kind: secret}, timeout=timeout)

    def delete(self, origin: str, kinds: Iterable[SecretKind], *, timeout: float = 30.0) -> None:
        """Remove entries; one that is not there is as good. Raises `KeyringUnavailable`."""
        self.change(origin, dict.fromkeys(kinds), timeout=timeout)

    def change(self, origin: str, changes: Mapping[SecretKind, Secret | None], *, timeout: float = 30.0) -> None:
        """Store and remove (None) several secrets in one run; raises `KeyringUnavailable`.

        What was still to be written for that origin is out of date and dropped; what is being written comes first.
        """
        requests = [_change(origin, kind, secret) for kind, secret in changes.items()]
        self._drop_changes(origin)
        if not self._turn.acquire(timeout=timeout):
            raise KeyringUnavailable(KeyringState.SILENT)
        try:
            _read([], self._ask_within(requests, timeout, prompt=True))
        finally:
            self._turn.release()

    def _drop_changes(self, origin: str) -> None:
        with self._lock:
            waiting = self._wishes[1:] if self._run is not None else self._wishes[:]
            for wish in waiting:
                if wish.origin == origin and wish.changes:
                    self._wishes.remove(wish)
                    if wish.impatience is not None:
                        wish.impatience.cancel()

    def get_all(
        self, origins: Iterable[str], kinds: Iterable[SecretKind], *, timeout: float = 30.0, prompt: bool = True
    ) -> dict[str, dict[SecretKind, Secret]]:
        """The stored secrets of several origins in one run; raises `KeyringUnavailable`."""
        wanted = list(kinds)
        servers = list(origins)
        requests = [_get(origin, kind) for origin in servers for kind in wanted]
        answers = self._ask_within(requests, timeout, prompt=prompt)
        size = len(wanted)
        return {origin: _read(wanted, answers[at * size : (at + 1) * size]) for at, origin in enumerate(servers)}

    def change_all(self, changes: Mapping[str, Mapping[SecretKind, Secret]], *, timeout: float = 30.0) -> None:
        """Store secrets of several origins in one run; raises `KeyringUnavailable`."""
        requests = [
            _change(origin, kind, each) for origin, secrets in changes.items() for kind, each in secrets.items()
        ]
        _read([], self._ask_within(requests, timeout, prompt=True))

    def _ask_within(self, requests: list[Request], timeout: float, *, prompt: bool) -> Answers:
        run = KeyringRun(self._command)
        outcome: list[Answers | KeyringUnavailable] = []

        def ask() -> None:
            try:
                outcome.append(run.ask([request | {"prompt": prompt} for request in requests]))
            except KeyringUnavailable as error:
                outcome.append(error)

        thread = threading.Thread(target=ask, name="keyring", daemon=True)
        thread.start()
        try:
            thread.join(timeout)
            silent = not outcome
        finally:  # also on Ctrl-C
            run.stop()
        if silent:
            raise KeyringUnavailable(KeyringState.SILENT)
        if isinstance(outcome[0], KeyringUnavailable):
            raise outcome[0]
        return outcome[0]

    # --------------------------------------------------------------------------------------- later, for the watcher

    def fetch_later(
        self,
        origin: str,
        kinds: Iterable[SecretKind],
        on_answer: Callable[[KeyAnswer], None],
        *,
        ask_again: bool = False,
    ) -> None:
        """Read without waiting. `on_answer` is called on another thread: with what is stored, or with the error.

        After `patience` seconds it is called with `SILENT`, and once more when the keyring answers after all. A
        fetch while the same one is open joins it. Only the first prompt of the session is shown by itself;
        `ask_again` is for a user who asks explicitly.
        """
        self._wish(_Wish(origin, [_get(origin, kind) for kind in kinds], on_answer, explicit=ask_again))

    def change_later(
        self,
        origin: str,
        changes: Mapping[SecretKind, Secret | None],
        on_answer: Callable[[KeyAnswer], None],
        *,
        quiet: bool = False,
    ) -> None:
        """Store and remove (None) without waiting.

        `on_answer` gets an answer without an error when all of it is done. A prompt may be shown, unless `quiet`: the
        user did not ask for it, and a locked keyring refuses.
        """
        requests = [_change(origin, kind, secret) for kind, secret in changes.items()]
        self._wish(_Wish(origin, requests, on_answer, explicit=not quiet, quiet=quiet))

    def close(self) -> None:
        """End an open child with its prompt; nobody is answered any more."""
        with self._lock:
            self._closed = True
            for wish in self._wishes:
                if wish.impatience is not None:
                    wish.impatience.cancel()
            self._wishes.clear()
            if self._run is not None:
                self._run.stop()

    def _wish(self, wish: _Wish) -> None:
        with self._lock:
            if self._closed:
                return
            wish.impatience = threading.Timer(self._patience, self._report_silence, [wish])
            wish.impatience.daemon = True
            wish.impatience.start()
            self._wishes.append(wish)
            if len(self._wishes) == 1:
                threading.Thread(target=self._serve, name="keyring", daemon=True).start()

    def _report_silence(self, wish: _Wish) -> None:
        with self._lock:
            if wish not in self._wishes:
                return
        wish.on_answer(KeyAnswer(wish.origin, {}, KeyringUnavailable(KeyringState.SILENT)))

    def _serve(self) -> None:
        """Fulfil the wishes, one child after the other; ends with the last wish."""
        while True:
            with self._lock:
                if self._closed or not self._wishes:
                    return
                wish = self._wishes[0]
                prompt = wish.explicit or not (wish.quiet or self._prompted)
                self._run = run = KeyringRun(self._command)
            with self._turn:
                try:
                    answers = run.ask([request | {"prompt": prompt} for request in wish.requests])
                except KeyringUnavailable as error:
                    answers = [{"error": error.state.value}] * len(wish.requests)
            with self._lock:
                self._run = None
                self._prompted = self._prompted or any(answer.get("prompted") for answer in answers)
                self._remember(wish.requests, answers)
                answer = self._outcome(wish, answers)
                done = [each for each in self._wishes if each.fits(wish)]
                # An explicit wish is not answered by a run that was not allowed to prompt.
                done = [each for each in done if prompt or not each.explicit]
                for each in done:
                    self._wishes.remove(each)
                    if each.impatience is not None:
                        each.impatience.cancel()
                last = not self._wishes
            for each in done:
                each.on_answer(answer)
            if last:
                return

    def _remember(self, requests: list[Request], answers: Answers) -> None:
        for request, answer in zip(requests, answers, strict=True):
            if "error" in answer:
                continue
            secret = answer["secret"] if request["do"] == "get" else request.get("secret")
            if secret is None:
                self._known.pop(request["account"], None)
            else:
                self._known[request["account"]] = secret

    def _outcome(self, wish: _Wish, answers: Answers) -> KeyAnswer:
        reads = [request for request in wish.requests if request["do"] == "get"]
        remembered = {
            SecretKind(request["account"].split()[0]): self._known[request["account"]]
            for request in reads
            if request["account"] in self._known
        }
        try:
            _read([], answers)
        except KeyringUnavailable as error:
            if not remembered:
                return KeyAnswer(wish.origin, {}, error)
        return KeyAnswer(wish.origin, remembered)


def _account(origin: str, kind: SecretKind) -> str:
    if not _ORIGIN.fullmatch(origin):
        raise ValueError(f"{origin!r} is not scheme://host:port")
    return f"{kind.value} {origin}"


def _get(origin: str, kind: SecretKind) -> Request:
    return {"do": "get", "account": _account(origin, kind)}


def _change(origin: str, kind: SecretKind, secret: Secret | None) -> Request:
    if secret is None:
        return {"do": "delete", "account": _account(origin, kind)}
    return {"do": "set", "account": _account(origin, kind), "secret": secret}


def _read(kinds: Sequence[SecretKind], answers: Answers) -> dict[SecretKind, Secret]:
    """The secrets in a run's answers; raises the first refusal among them."""
    for answer in answers:
        if "error" in answer:
            raise KeyringUnavailable(KeyringState(answer["error"]))
    return {
        kind: answer["secret"] for kind, answer in zip(kinds, answers, strict=False) if answer["secret"] is not None
    }
