"""What the settings window hands out: a server as it is being edited, before anything of it is saved."""

from dataclasses import dataclass, replace

from tray_app.core.address import parse_address, parse_with_credentials
from tray_app.core.credentials import Credentials, pasted_token
from tray_app.core.errors import UsageError
from tray_app.core.fingerprint import parse_fingerprint
from tray_app.core.secret import Secret, SecretKind
from tray_app.core.settings import ServerSettings

SecretChanges = dict[str, dict[SecretKind, Secret | None]]
"""By origin: what to store, and what to remove (None)."""

NO_SECRET = Secret("")

LEND = "&Use the key until SwarmUI Tray quits"
"""The button that does without a keyring."""


@dataclass(frozen=True, slots=True)
class ServerDraft:
    """One server in the window. Empty secrets stand for what the keyring has, unless `forget` names their kind."""

    name: str = ""
    address: str = ""
    token: Secret = NO_SECRET
    authorization: Secret = NO_SECRET
    forget: frozenset[SecretKind] = frozenset()
    certificate: str = ""

    @property
    def origin(self) -> str | None:
        """Where its key belongs; None while the address cannot be read."""
        try:
            return parse_address(self.address).origin
        except UsageError:
            return None

    @property
    def encrypted(self) -> bool:
        """Whether the server shows a certificate."""
        return (self.origin or "").startswith("https:")

    @property
    def shown_name(self) -> str:
        """Its name, or what it will be called without one."""
        if self.name:
            return self.name
        try:
            return parse_address(self.address).display
        except UsageError:
            return self.address or "New server"

    def sorted_out(self) -> "ServerDraft":
        """The same with a user name, a password or a token that was pasted into the address in its proper field."""
        try:
            address, found = parse_with_credentials(self.address)
        except UsageError:
            return self
        if not found.token and not found.authorization:
            return self
        return replace(
            self,
            address=address.url,
            token=Secret(found.token) if found.token else self.token,
            authorization=Secret(found.authorization) if found.authorization else self.authorization,
        )

    def problems(self) -> dict[str, str]:
        """What is wrong, by the name of the field."""
        found: dict[str, str] = {}
        try:
            parse_address(self.address)
        except UsageError as error:
            found["address"] = str(error)
        try:
            certificate = parse_fingerprint(self.certificate)
            if certificate and "address" not in found and parse_address(self.address).scheme != "https":
                found["certificate"] = "Only a server with an https:// address shows a certificate."
        except UsageError as error:
            found["certificate"] = str(error)
        try:
            pasted_token(self.token.reveal())
        except UsageError as error:
            found["token"] = str(error)
        try:
            Credentials(authorization=self.authorization.reveal())
        except UsageError as error:
            found["authorization"] = str(error)
        return found

    def settings(self) -> ServerSettings:
        """The part that is stored in the settings file. Raises UsageError where there are `problems`."""
        return ServerSettings(self.shown_name, self.address, parse_fingerprint(self.certificate))

    def changes(self) -> dict[SecretKind, Secret | None]:
        """The part that is stored in the keyring. With another key the session made with the old one must go too."""
        changes: dict[SecretKind, Secret | None] = {}
        if self.forget:
            changes = dict.fromkeys((*self.forget, SecretKind.SESSION))
        for kind, secret in ((SecretKind.TOKEN, self.token), (SecretKind.AUTHORIZATION, self.authorization)):
            if secret:
                changes[kind] = secret
                changes[SecretKind.SESSION] = None
        return changes
