"""Looking for a SwarmUI on this computer: one harmless GET / per port, never a session, never the network.

SwarmUI answers GET / with a redirect to its page `Text2Image` (src/Core/WebServer.cs).
"""

import http.client
from collections.abc import Iterable
from pathlib import Path

from tray_app.core.swarm_settings import network_port

PORTS = range(7801, 7806)
"""SwarmUI's own port (src/Core/Settings.cs:260-263) and those that it moves on to where that is taken."""

MAX_BYTES = 1024 * 1024
"""Of a settings file of SwarmUI; it has some ten thousand."""


def find_local(ports: Iterable[int] = PORTS, *, timeout: float = 1.0) -> str | None:
    """The address of the first port on loopback behind which a SwarmUI answers; `timeout` is seconds per port."""
    for port in ports:
        if _is_swarm(port, timeout):
            return f"http://127.0.0.1:{port}"
    return None


def likely_ports(folder: Path | None = None) -> list[int]:
    """The ports to look at: those that the SwarmUI in `folder`, or in a usual place, is set to, then the usual ones."""
    folders = [folder] if folder is not None else usual_folders()
    named = [port for each in folders if (port := port_of(each)) is not None]
    near = [port + step for port in named for step in range(len(PORTS)) if port + step < 65536]
    return list(dict.fromkeys([*named, *near, *PORTS]))


def port_of(folder: Path) -> int | None:
    """The port that the SwarmUI installed in a folder is set to; None where there is none, or it does not say."""
    try:
        with (folder / "Data" / "Settings.fds").open("rb") as file:
            return network_port(file.read(MAX_BYTES).decode("utf-8", "replace"))
    except OSError:
        return None


def usual_folders() -> list[Path]:
    """Where SwarmUI is often installed."""
    homes = [Path.home(), Path.home() / "Documents", Path.home() / "AI", Path("/opt"), Path("C:/")]
    return [home / name for home in homes for name in ("SwarmUI", "swarmui")]


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
