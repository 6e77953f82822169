"""The connection test behind the buttons of the windows: with the key as it is typed, or with the stored one."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tray_app.adapters.checkup import check, distrust
from tray_app.adapters.swarm.session_stores import MemorySessions
from tray_app.core.checkup import Step, usable
from tray_app.core.credentials import Credentials
from tray_app.core.errors import CertificateChanged, SecretsError
from tray_app.core.secret import Secret, SecretKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from tray_app.adapters.keyring.secrets import Secrets
    from tray_app.app.surroundings import Surroundings
    from tray_app.ui.settings_draft import ServerDraft


_TRUST_HERE = (
    "Its fingerprint is {certificate}. If the server's owner confirms it, accept it here. Or add its authority to the "
    "system's trust store."
)


@dataclass(frozen=True, slots=True)
class Tested:
    """How a test went. `unknown_certificate` is the fingerprint that a first use may trust, else empty.

    It is empty as well where a trusted certificate has changed: that is an alarm, and nothing to be clicked away.
    """

    steps: tuple[Step, ...]
    unknown_certificate: str = ""

    @property
    def works(self) -> bool:
        """Whether the server can be used."""
        return usable(self.steps)

    @property
    def wants_key(self) -> bool:
        """Whether it is the key that is missing or wrong."""
        return any(step.name in {"Session", "Account"} and step.ok is False for step in self.steps)


def try_out(
    draft: "ServerDraft", surroundings: "Surroundings", secrets: "Callable[[], Secrets]", seconds: float
) -> Tested:
    """Test the server of a draft without problems; `seconds` bounds each request. Not for the main thread."""
    address = draft.settings().target
    try:
        credentials = _credentials(draft, surroundings, secrets)
    except SecretsError as error:
        return Tested((Step("Key", ok=False, text=str(error)),))
    steps = tuple(check(address, credentials, MemorySessions(), seconds=seconds))
    unknown = ""
    if address.scheme == "https" and any(step.name == "TLS" and step.ok is False for step in steps):
        found = distrust(address, seconds=seconds)
        if found is not None and found.fingerprint and not isinstance(found, CertificateChanged):
            unknown = found.fingerprint
            here = _TRUST_HERE.format(certificate=unknown)
            steps = tuple(step._replace(text=step.text.replace(found.advice, here)) for step in steps)
    return Tested(steps, unknown)


def _credentials(draft: "ServerDraft", surroundings: "Surroundings", secrets: "Callable[[], Secrets]") -> Credentials:
    """The key of the draft, or where it leaves it empty, the one there is."""
    origin = draft.settings().target.origin
    stored: dict[SecretKind, Secret] = {}
    wanted = [each for each in (SecretKind.TOKEN, SecretKind.AUTHORIZATION) if each not in draft.forget]
    if origin in surroundings.lent_keys:
        stored = {kind: each for kind, each in surroundings.lent_keys[origin].items() if kind in wanted}
    elif wanted and surroundings.state_file.has_key(origin):
        stored = secrets().get(origin, wanted)
    token = draft.token or stored.get(SecretKind.TOKEN, Secret(""))
    header = draft.authorization or stored.get(SecretKind.AUTHORIZATION, Secret(""))
    surroundings.redactor.add(token.reveal(), header.reveal())
    return Credentials(token.reveal(), header.reveal())
