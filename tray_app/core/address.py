"""What people paste as the address of their SwarmUI, made into one exact form."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, unquote

from tray_app.core.credentials import Credentials, basic
from tray_app.core.errors import UsageError

DEFAULT_PORT = 7801  # src/Core/Settings.cs:260-263
_SCHEME_PORTS = {"http": 80, "https": 443}
# SwarmUI's own top-level paths (src/Core/WebServer.cs:282-314): from here on it is no base path of a proxy.
_PAGES = frozenset({"text2image", "login", "install", "error", "api", "view", "output", "comfybackenddirect"})
_HOST_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*\.?")
_AROUND = "<>\"'`“”"  # what texts put around an address
_EXAMPLE = "Give it as in http://127.0.0.1:7801 or https://example.org/swarm."


@dataclass(frozen=True, slots=True)
class Address:
    """Where a SwarmUI is. `host` is bare (no brackets), lower-case and ASCII; `base` is "" or as in "/swarm".

    `certificate` is the fingerprint of the one certificate that is believed there, whatever its chain or name; empty
    where the system decides.
    """

    scheme: str
    host: str
    port: int
    base: str = ""
    certificate: str = ""

    @property
    def netloc(self) -> str:
        """Host and port as they stand in a URL; the scheme's own port is left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _SCHEME_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port, the port always given: what credentials are bound to."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def url(self) -> str:
        """The whole address, without a trailing slash."""
        return f"{self.scheme}://{self.netloc}{self.base}"

    @property
    def display(self) -> str:
        """The shortest form that people recognise."""
        return self.url.removeprefix("http://")

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine itself."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        ip = _ip(self.host)
        mapped = getattr(ip, "ipv4_mapped", None)
        return ip is not None and (mapped or ip).is_loopback


def parse_address(text: str) -> Address:
    """Read an address; user names, passwords and tokens in it are left out. Raises UsageError."""
    return parse_with_credentials(text)[0]


def parse_with_credentials(text: str) -> tuple[Address, Credentials]:
    """Read an address, and what was pasted with it that does not belong there.

    `user:password@` becomes a Basic Authorization value and `?token=` or `?swarm_token=` an account token, so that the
    caller can offer to store them. Raises UsageError, which never repeats the text, as that may hold a secret.
    """
    text = text.strip().strip(_AROUND)
    if not text:
        raise UsageError("The address is empty.", _EXAMPLE)
    if any(char.isspace() or not char.isprintable() or char in '<>"`\\^{}|' for char in text):
        raise UsageError("The address contains a character that no address has.", _EXAMPLE)
    scheme, rest = _split_scheme(text)
    rest, _, fragment = rest.partition("#")
    rest, _, query = rest.partition("?")
    netloc, slash, path = rest.partition("/")
    userinfo, _, hostport = netloc.rpartition("@")
    host, port = _host_and_port(hostport)
    if port is None:
        port = _SCHEME_PORTS.get(scheme, DEFAULT_PORT)
    address = Address(scheme or "http", host, port, _base_path(slash + path))
    return address, _credentials(userinfo, f"{query}&{fragment}")


def _split_scheme(text: str) -> tuple[str, str]:
    """The scheme in lower case ("" where none is given), and the rest."""
    found = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):/", text)
    if found is None:
        if re.match(r"https?:", text, re.IGNORECASE):
            raise UsageError("The two slashes after http: are missing in the address.", _EXAMPLE)
        return "", text.removeprefix("//")
    scheme = found[1].lower()
    if scheme not in _SCHEME_PORTS:
        raise UsageError(f"SwarmUI is reached by http or https, not by {scheme[:20]}.", _EXAMPLE)
    rest = text[found.end() - 1 :]
    if not rest.startswith("//"):
        raise UsageError("The two slashes after http: are missing in the address.", _EXAMPLE)
    return scheme, rest[2:]


def _host_and_port(text: str) -> tuple[str, int | None]:
    if text.startswith("["):
        inside, closed, after = text[1:].partition("]")
        if not closed or (after and not after.startswith(":")):
            raise UsageError("The brackets around the IPv6 address do not match.", "Give it as in http://[::1]:7801.")
        ip = _ip(inside)
        if ip is None or ip.version != 6:
            raise UsageError("There is no IPv6 address between the brackets.", "Give it as in http://[::1]:7801.")
        return _named_ip(ip), _port(after[1:]) if after else None
    if text.count(":") > 1:
        ip = _ip(text)
        if ip is None:
            raise UsageError("The address has more colons than an address can have.", _EXAMPLE)
        return _named_ip(ip), None
    name, colon, port = text.partition(":")
    return _host(name), _port(port) if colon else None


def _host(name: str) -> str:
    if not name:
        raise UsageError("The address has no host name.", _EXAMPLE)
    ip = _ip(name)
    if ip is not None:
        return _named_ip(ip)
    host = name.lower()
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            raise UsageError("The host name of the address cannot be a host name.", _EXAMPLE) from None
    last = host.rstrip(".").rpartition(".")[2]
    if not _HOST_NAME.fullmatch(host) or last.isdigit() or last.startswith("0x"):
        raise UsageError("The host name of the address cannot be a host name.", _EXAMPLE)
    return host


def _ip(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        ip = ipaddress.ip_address(text)
    except ValueError:
        return None
    return None if getattr(ip, "scope_id", None) else ip


def _named_ip(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    """An IP address as text. "All addresses" is where a server listens; from here it is reached by loopback."""
    if ip.is_unspecified:
        return "127.0.0.1" if ip.version == 4 else "::1"
    return str(ip)


def _port(text: str) -> int:
    if not re.fullmatch("[0-9]{1,5}", text) or not 0 < int(text) < 65536:
        raise UsageError("The port of the address is not a number from 1 to 65535.", _EXAMPLE)
    return int(text)


def _base_path(path: str) -> str:
    """The part of the path under which a proxy serves SwarmUI, percent-encoded."""
    base: list[str] = []
    for segment in path.split("/"):
        plain = unquote(segment)
        if plain.lower() in _PAGES:
            break
        if plain in {".", ".."} or "/" in plain:
            raise UsageError("The path of the address goes in circles.", _EXAMPLE)
        if plain:
            base.append(quote(plain, safe="!$&'()*+,;=:@~"))
    return "".join(f"/{segment}" for segment in base)


def _credentials(userinfo: str, query: str) -> Credentials:
    given = parse_qs(query, max_num_fields=None) if "token=" in query else {}
    token = next((given[name][0] for name in ("token", "swarm_token") if name in given), "")
    if not userinfo:
        return Credentials(token=token)
    user, _, password = userinfo.partition(":")
    return Credentials(token=token, authorization=basic(unquote(user), unquote(password)))
