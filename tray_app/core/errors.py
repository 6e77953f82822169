"""What can go wrong, as people are told it.

TrayError                       title (what happened) and advice (what to do), both whole sentences
├── UsageError                  the call or the configuration is wrong                       exit 2
├── SecretsError                the keyring does not give or take a key                      exit 4
├── AutostartError              the desktop does not let a program start at login            exit 1
└── ServerError                 something between us and a SwarmUI
    ├── Unreachable             no connection, or the answer broke off                       exit 3
    │   ├── TimedOut            no whole answer within the deadline                          exit 3
    │   │   └── Slept           this computer slept meanwhile                                exit 3
    │   └── Untrusted           a certificate that nobody vouches for; nothing was sent      exit 3
    │       └── CertificateChanged  another one than the one that was trusted                exit 3
    ├── Incompatible            something answers that is not a SwarmUI we can read          exit 5
    ├── KeyRefused              an account or a header is wanted, or ours is refused         exit 4
    ├── InvalidSession          SwarmUI does not know our session id; the gateway renews it once
    ├── NotPermitted            this key lacks one permission; `permission` names it         exit 4
    ├── NoSuchRoute             this SwarmUI has no such API route                           exit 5
    └── Refused                 SwarmUI said no, in its own words (`error`, `error_id`)      exit 1

Errors are told apart by type, never by text. `code` is the stable word used in JSON (`problem.code`).
"""

from typing import ClassVar


class TrayError(Exception):
    """Root of all expected failures: `title` says what happened, `advice` what to do about it."""

    code: ClassVar[str] = "error"

    def __init__(self, title: str, advice: str = "") -> None:
        super().__init__(title)
        self.title = title
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.title} {self.advice}".strip()


class UsageError(TrayError):
    """The caller or the configuration asks for something that makes no sense."""

    code = "usage"


class SecretsError(TrayError):
    """The keyring is locked, absent, silent or was dismissed."""

    code = "keyring"


class AutostartError(TrayError):
    """The start at login could not be switched."""

    code = "autostart"


class ServerError(TrayError):
    """Root of everything that can go wrong between us and a SwarmUI."""

    code = "server_error"


class Unreachable(ServerError):
    """No connection could be made, or the answer broke off."""

    code = "unreachable"


class TimedOut(Unreachable):
    """The server took longer than the deadline; a single one proves little."""

    code = "timed_out"


class Slept(TimedOut):
    """This computer slept while an answer was waited for: what was asked may have happened, long ago."""


class Untrusted(Unreachable):
    """The server's certificate is not believed; nothing was sent to it.

    `fingerprint` is that of the certificate that it shows ("sha256:AB:CD:…"), empty where it could not be seen.
    """

    code = "untrusted"

    def __init__(self, title: str, advice: str = "", *, fingerprint: str = "") -> None:
        super().__init__(title, advice)
        self.fingerprint = fingerprint


class CertificateChanged(Untrusted):
    """The server shows another certificate than the one that its user trusted; nothing was sent to it."""

    code = "certificate_changed"


class Incompatible(ServerError):
    """Something answers that is not a SwarmUI, or one that cannot be read."""

    code = "incompatible"


class KeyRefused(ServerError):
    """SwarmUI, or a proxy before it, wants a credential that we lack, or refuses the one we sent."""

    code = "key_refused"


class InvalidSession(ServerError):
    """SwarmUI answered 401 `invalid_session_id` (src/WebAPI/API.cs:115-120)."""

    code = "invalid_session"


class NotPermitted(ServerError):
    """The key's role lacks a permission. Never retried: each refusal is written to the server's log."""

    code = "not_permitted"

    def __init__(self, title: str, advice: str = "", *, permission: str = "") -> None:
        super().__init__(title, advice)
        self.permission = permission


class NoSuchRoute(ServerError):
    """This version of SwarmUI does not know the route: 400 `bad_route`, or 302 to `/Error/404` when old."""

    code = "no_such_route"


class Refused(ServerError):
    """SwarmUI answered with an `error` of its own."""

    code = "refused"

    def __init__(self, title: str, advice: str = "", *, error_id: str = "") -> None:
        super().__init__(title, advice)
        self.error_id = error_id
