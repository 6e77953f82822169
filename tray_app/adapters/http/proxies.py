"""Which proxy of the system leads to an address, if any."""

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from tray_app.core.address import Address
from tray_app.core.errors import Unreachable


def proxy_for(address: Address) -> str | None:
    """The URL of the proxy for an address; None for none, and always for this machine itself.

    The environment (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY) or, where it says nothing, the system's settings on
    Windows and macOS. Raises Unreachable for a kind of proxy that is not spoken.
    """
    if address.is_loopback:
        return None
    from urllib.request import getproxies, proxy_bypass  # 20 ms that a local server does not need

    proxies = getproxies()
    url = proxies.get(address.scheme) or proxies.get("all")
    if not url or proxy_bypass(f"{address.host}:{address.port}") or _in_excepted_network(address.host, proxies):
        return None
    if "://" not in url:
        url = f"http://{url}"
    if not _is_http(url):
        raise Unreachable(
            "The proxy that this computer is set to use is none that is reached by http.",
            f"Set NO_PROXY={address.host} if SwarmUI is reached without it, or HTTP_PROXY to an http:// proxy.",
        )
    return url


def _is_http(url: str) -> bool:
    """Whether it is a whole http:// address. What a shell's variables hold may be anything."""
    try:
        parts = urlsplit(url)
        return (
            parts.scheme == "http" and bool(parts.hostname) and parts.port != 0 and url.isascii() and url.isprintable()
        )
    except ValueError:  # of the port, or of brackets
        return False


def _in_excepted_network(host: str, proxies: Mapping[str, str]) -> bool:
    """NO_PROXY may name networks such as 192.168.0.0/16, which urllib does not know."""
    try:
        ip = ipaddress.ip_address(host)
    except ValueError:
        return False
    for entry in proxies.get("no", "").split(","):
        try:
            if ip in ipaddress.ip_network(entry.strip(), strict=False):
                return True
        except ValueError:
            continue  # a name, which proxy_bypass has looked at
    return False
