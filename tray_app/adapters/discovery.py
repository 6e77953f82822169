"""Looking for a SwarmUI on this computer: one harmless GET / per port, never a session, never the network.

SwarmUI answers GET / with a redirect to its page `Text2Image` (src/Core/WebServer.cs).
"""

import http.client
from collections.abc import Iterable

PORTS = range(7801, 7806)
"""SwarmUI's own port (src/Core/Settings.cs:260-263) and those that it moves on to where that is taken."""


def find_local(ports: Iterable[int] = PORTS, *, timeout: float = 1.0) -> str | None:
    """The address of the first port on loopback behind which a SwarmUI answers; `timeout` is seconds per port."""
    for port in ports:
        if _is_swarm(port, timeout):
            return f"http://127.0.0.1:{port}"
    return None


def _is_swarm(port: int, timeout: float) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", "/")
        answer = connection.getresponse()
        target = answer.getheader("Location", "")
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return answer.status == 302 and target.rpartition("/")[2].lower() == "text2image"
