"""`setup`: the first run in a terminal. Finds or asks for a server, shows a certificate that nobody vouches for, asks
for a key if one is needed, tests, stores.
"""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tray_app.adapters.checkup import check, distrust
from tray_app.adapters.discovery import find_local, likely_ports, port_of
from tray_app.adapters.keyring.secrets import Secrets
from tray_app.adapters.swarm.session_stores import FileSessions, KeyringSessions, ToldSessions
from tray_app.cli.exit_codes import ExitCode
from tray_app.cli.key_storage import store_key
from tray_app.core.address import Address, parse_with_credentials
from tray_app.core.checkup import usable
from tray_app.core.credentials import Credentials, basic, pasted_token
from tray_app.core.errors import CertificateChanged, SecretsError, TrayError, UsageError
from tray_app.core.exposure import exposure
from tray_app.core.secret import Secret, SecretKind
from tray_app.core.settings import ServerSettings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tray_app.cli.context import Context
    from tray_app.core.checkup import Step

KINDS = (
    "This server wants a key. Where do you have one from?",
    "  1  Account token. It says who you are. In SwarmUI: User tab, Authorization Tokens, at {url}.",
    "     The token or the whole cookie swarm_token can be pasted.",
    "  2  Server-wide Authorization value. The server's admin set it (Network, Required Authorization), and gives it.",
    "  3  Login of a reverse proxy in front of SwarmUI: a user name and a password.",
    "  4  User name and password of your account. SwarmUI makes a token with them, once; they are kept nowhere.",
    "  Enter  None of them now; `key set` takes one later.",
)
"""It is asked for without echo, and lies in the system's keyring, bound to scheme, host and port."""

NO_KEY = Credentials()

UNKNOWN_CERTIFICATE = (
    "Its fingerprint is {fingerprint}.",
    "Compare it with what the server's owner sees (openssl x509 -noout -fingerprint -sha256 -in cert.pem).",
    "If both are the same it is the owner's; else somebody may stand between you and the server.",
)


def setup(context: "Context") -> int:
    """Ask, test and store. Raises UsageError where there is no terminal to ask on."""
    if context.options.demo or context.options.servers or context.options.all_servers:
        raise UsageError("`setup` is about a server that is not set up yet.", "Give --url, or let it look for one.")
    if sys.stdin is None or not sys.stdin.isatty() or not context.output.stderr.isatty():
        raise UsageError(
            "`setup` asks its questions on a terminal, and there is none.",
            "Use `servers add NAME ADDRESS`, then `key set --server NAME` where a key is needed, then `doctor`.",
        )
    return Setup(context).run()


class Setup:
    """The questions, one after the other. `context` gives the terminal and the files."""

    def __init__(self, context: "Context") -> None:
        self._context = context
        self._say = context.output.question

    def run(self) -> int:
        """All of it; the exit code."""
        found = self._address()
        if found is None:
            self._say("Nothing was set up. `swarmui-tray --demo` shows everything with a simulated SwarmUI.")
            return ExitCode.USAGE
        given, credentials = found
        self._context.redactor.add(credentials.token, credentials.authorization)
        address = self._trusted(self._as_known(given))
        if address is None:
            self._say("Nothing was set up.")
            return ExitCode.UNREACHABLE
        works = self._sign_in(address, credentials)
        self._store(address)
        self._say("`swarmui-tray` starts the tray, `swarmui-tray status` prints the state.")
        return ExitCode.DONE if works else ExitCode.REFUSED

    # ------------------------------------------------------------------------------------------------- which server

    def _address(self) -> tuple[Address, Credentials] | None:
        """The server that is meant, and a key that was pasted with it; None where its user gives none."""
        given = self._context.options.url
        if given is None:
            url = find_local(self._ports())
            if url is not None and self._yes(f"SwarmUI answers at {url} on this computer. Use it?"):
                return parse_with_credentials(url)
            if url is None:
                self._say("No SwarmUI answers on this computer.")
        while True:
            text = given or self._line("Address of your SwarmUI, as in the browser (Enter: none): ")
            if not text:
                return None
            try:
                return parse_with_credentials(text)
            except UsageError as error:
                if given is not None:
                    raise
                self._say(str(error))

    def _ports(self) -> list[int]:
        named = self._context.options.args.folder
        if named is None:
            return likely_ports()
        folder = Path(named)
        if port_of(folder) is None:
            self._say(f"{folder} holds no Data/Settings.fds with a port; the usual ports are tried.")
        return likely_ports(folder)

    # ------------------------------------------------------------------------------------------------ its certificate

    def _as_known(self, address: Address) -> Address:
        """The address with the certificate that the settings have for it."""
        for each in self._context.settings_file.load().settings.servers:
            if replace(each.target, certificate="") == address:
                return each.target
        return address

    def _trusted(self, address: Address) -> Address | None:
        """The address with the one certificate that its user trusts there, where the system trusts none; None for no.

        Another one than the one that was trusted is not asked about.
        """
        error = distrust(address) if address.scheme == "https" else None
        if error is None:
            return address
        if isinstance(error, CertificateChanged) or not error.fingerprint:
            self._say(str(error))
            return None
        for line in (error.title, *UNKNOWN_CERTIFICATE):
            self._say(line.format(fingerprint=error.fingerprint))
        if self._line("Trust it there, and no other? (yes, Enter: no) ").lower() != "yes":
            return None
        return replace(address, certificate=error.fingerprint)

    # ------------------------------------------------------------------------------------------------------- the key

    def _sign_in(self, address: Address, credentials: Credentials) -> bool:
        """Test, and ask for a key as long as one is wanted and given; whether the server can be used."""
        stored = NO_KEY
        if credentials == NO_KEY:
            stored = credentials = self._stored(address)
        while True:
            kept: list[Secret] = []
            tell = self._context.redactor.add
            if credentials.token or credentials.authorization:
                steps = check(address, credentials, ToldSessions(KeyringSessions(address.url, None, kept.append), tell))
            else:
                sessions = ToldSessions(FileSessions(self._context.state_file, address.url), tell)
                steps = check(address, credentials, sessions, fresh=False)
            self._show(steps)
            works = usable(steps)
            if works and (stored == NO_KEY or credentials != stored or self._stays(address)):
                return self._keep(address, credentials, kept, stored)
            wanted = works or any(step.name in {"Session", "Account"} and step.ok is False for step in steps)
            asked = self._credentials(address, credentials.authorization) if wanted else None
            if asked is None:
                return works and self._keep(address, credentials, kept, stored)
            # A server may want two of them: the header at the door, and an account behind it.
            credentials = Credentials(
                asked.token or credentials.token, asked.authorization or credentials.authorization
            )

    def _stored(self, address: Address) -> Credentials:
        """The key that the keyring has for the server; empty where it has none or does not give it."""
        if not self._context.state_file.has_key(address.origin):
            return NO_KEY
        try:
            found = Secrets().get(address.origin, [SecretKind.TOKEN, SecretKind.AUTHORIZATION])
        except SecretsError as error:
            self._say(f"A key for {address.origin} is stored, but it could not be had. {error}")
            return NO_KEY
        token, header = (found.get(kind, Secret("")).reveal() for kind in (SecretKind.TOKEN, SecretKind.AUTHORIZATION))
        self._context.redactor.add(token, header)
        return Credentials(token, header)

    def _stays(self, address: Address) -> bool:
        """Whether the stored key, which works, is to be kept."""
        self._say(f"This is with the key that the keyring has for {address.origin}.")
        return self._yes("Keep it?")

    def _credentials(self, address: Address, authorization: str) -> Credentials | None:
        for line in KINDS:
            self._say(line.format(url=address.url))
        if warning := exposure(address):
            self._say(warning)
        while kind := self._line("Which one (1, 2, 3, 4)? "):
            try:
                if kind == "1":
                    return self._known(Credentials(token=pasted_token(self._hidden("Account token: "))))
                if kind == "2":
                    return self._known(Credentials(authorization=self._hidden("Authorization value: ")))
                if kind == "3":
                    user = self._line("User name: ")
                    return self._known(Credentials(authorization=basic(user, self._hidden("Password: "))))
                if kind == "4":
                    return Credentials(token=self._made(address, authorization))
            except TrayError as error:
                self._say(self._context.redactor(str(error)))
        return None

    def _made(self, address: Address, authorization: str) -> str:
        """A token that SwarmUI makes for whoever signs in. Raises TrayError."""
        from tray_app.cli.sign_in import token_for

        Secrets().get(address.origin, [SecretKind.TOKEN])  # one that could not be stored would be made for nothing
        user = self._line("User name: ")
        return token_for(self._context, address, authorization, user, Secret(self._hidden("Password: "))).reveal()

    def _known(self, credentials: Credentials) -> Credentials:
        if not credentials.token and not credentials.authorization:
            raise UsageError("Nothing was given.")
        self._context.redactor.add(credentials.token, credentials.authorization)
        return credentials

    def _keep(
        self, address: Address, credentials: Credentials, sessions: "Sequence[Secret]", stored: Credentials
    ) -> bool:
        """Store the key that works, with the session made with it; `stored` is what the keyring has already."""
        changes: dict[SecretKind, Secret | None] = {SecretKind.SESSION: sessions[-1] if sessions else None}
        if credentials.token:
            changes[SecretKind.TOKEN] = Secret(credentials.token)
        if credentials.authorization:
            changes[SecretKind.AUTHORIZATION] = Secret(credentials.authorization)
        if len(changes) == 1:
            self._say("No key is needed there.")
            return True
        try:
            store_key(self._context, address, changes)
        except SecretsError as error:
            self._say(f"The key works, but it could not be stored. {error}")
            return False
        kept = "stays" if credentials == stored else "lies"
        self._say(f"The key works, and {kept} in the keyring.")
        return True

    # ------------------------------------------------------------------------------------------------------ the list

    def _store(self, address: Address) -> None:
        """Put the server into the settings under a name that is free, unless its address is there already."""
        known = self._context.settings_file.load().settings.servers
        for each in known:
            if each.target == address:
                self._say(f"It is in the settings already, as “{each.name}”.")
                return
            if each.target == replace(address, certificate=""):
                self._trust(each, address.certificate)
                return
        taken = {each.name for each in known}
        proposed = address.netloc + address.base
        while True:
            name = self._line(f"Name for it (Enter: {proposed}): ") or proposed
            if name not in taken and name.isprintable():
                break
            self._say(f"“{name}” cannot be taken.")
        new = ServerSettings(name, address.url, address.certificate)
        self._context.settings_file.change_servers(lambda now: (*now, new))
        self._say(f"{address.url} is in the settings as “{name}”.")

    def _trust(self, server: ServerSettings, certificate: str) -> None:
        """Store the certificate of a server that is in the settings without one."""
        pinned = replace(server, certificate=certificate)
        self._context.settings_file.change_servers(lambda now: [pinned if each == server else each for each in now])
        self._say(f"It is in the settings as “{server.name}”, from now on with this certificate.")

    # -------------------------------------------------------------------------------------------------- the terminal

    def _show(self, steps: "Iterable[Step]") -> None:
        for step in steps:
            if step.ok is not None:
                mark = "ok" if step.ok else "no"
                self._say(f"  {mark}  {step.name:10}  {self._context.redactor(step.text)}")

    def _yes(self, question: str) -> bool:
        return self._line(f"{question} (Enter: yes, n: no) ").lower() not in {"n", "no"}

    def _line(self, question: str) -> str:
        """What is typed, without the line's end; the end of the input counts as Ctrl-C."""
        stderr = self._context.output.stderr
        stderr.write(question)
        stderr.flush()
        line = sys.stdin.readline()
        if not line:
            raise KeyboardInterrupt
        return line.strip()

    def _hidden(self, question: str) -> str:
        import getpass

        text = getpass.getpass(question).strip()
        self._context.redactor.add(text)
        return text
