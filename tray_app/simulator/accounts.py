"""Users, their tokens and the login (Accounts/User.cs, Utils/WebUtil.cs:257-310, BasicAPIFeatures.cs:61-124)."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

# BasicAPIFeatures.cs:61-64: tries per minute.
TRIES_PER_ADDRESS = 5
TRIES_PER_USER = 15


@dataclass(eq=False)
class Token:
    """One login: the three parts of `swarm_token`."""

    id: str
    secret: str
    user_agent: str
    address: str
    created: float
    last_active: float

    def as_json(self, *, current: bool) -> dict[str, Any]:
        """The entry of ListMyAuthTokens."""
        return {
            "id": self.id,
            "created": int(self.created),
            "last_active": int(self.last_active),
            "user_agent": self.user_agent,
            "origin_address": self.address,
            "is_current": current,
        }


@dataclass(eq=False)
class User:
    """One user; times are those of the last API call and of the last deed."""

    name: str
    role: str
    password: str | None
    present: float
    used: float
    tokens: dict[str, Token] = field(default_factory=dict)

    def cookie(self, token: Token) -> str:
        """The value of the `swarm_token` cookie."""
        return f"{self.name.encode().hex()}.{token.id}.{token.secret}"


class Accounts:
    """All users by name. Names are as SwarmUI keeps them, in lower case."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._users: dict[str, User] = {}
        self._tries: list[tuple[float, str, str]] = []

    def add(self, name: str, role: str, password: str | None = None) -> User:
        """A new user, or the known one with a new role and password."""
        moment = self._now()
        user = self._users.setdefault(name, User(name, role, password, moment, moment))
        user.role, user.password = role, password
        return user

    def find(self, name: str) -> User | None:
        """The user of that name."""
        return self._users.get(name)

    def all(self) -> list[User]:
        """All users, by name."""
        return [self._users[name] for name in sorted(self._users)]

    def new_token(self, user: User, user_agent: str, address: str) -> Token:
        """Another login of a user."""
        moment = self._now()
        token = Token(secrets.token_hex(16), secrets.token_hex(16), user_agent, address, moment, moment)
        user.tokens[token.id] = token
        return token

    def by_cookie(self, value: str) -> tuple[User, Token] | None:
        """Who a `swarm_token` belongs to; None for anything else, a quoted value included."""
        name_hex, _, rest = value.partition(".")
        token_id, _, secret = rest.partition(".")
        try:
            user = self._users.get(bytes.fromhex(name_hex).decode())
        except ValueError:
            return None
        token = user.tokens.get(token_id) if user is not None else None
        if user is None or token is None or not secrets.compare_digest(token.secret.encode(), secret.encode()):
            return None
        token.last_active = self._now()
        return user, token

    def login(self, name: str, password: str, address: str, user_agent: str) -> str | tuple[User, Token]:
        """Log in with a password hashed as the page hashes it; else SwarmUI's `error_id`."""
        moment = self._now()
        self._tries = [each for each in self._tries if moment - each[0] < 60]
        by_address = sum(each[1] == address for each in self._tries)
        by_user = sum(each[2] == name for each in self._tries)
        if by_address >= TRIES_PER_ADDRESS or by_user >= TRIES_PER_USER:
            return "ratelimit"
        self._tries.append((moment, address, name))
        user = self._users.get(name)
        if user is None or user.password is None or not _fits(user.name, user.password, password):
            return "invalid_login"
        return user, self.new_token(user, user_agent, address)


def _fits(name: str, password: str, sent: str) -> bool:
    plain = f"swarmclientpw:{name}:{password}"
    hashed = hashlib.sha256(plain.encode()).hexdigest()
    return sent in {hashed, f"__swarmdoprehash:{plain}"}
