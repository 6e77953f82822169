"""A SwarmUI as the rest of the program sees it: `tray_app.core.ports.Server` over HTTP."""

from collections.abc import Callable, Mapping
from typing import Any

from tray_app.adapters.http.transport import Request, Transport
from tray_app.adapters.http.wire import AnswerTooLarge
from tray_app.adapters.swarm.outputs import newest_files
from tray_app.adapters.swarm.routes import Routes
from tray_app.adapters.swarm.status import StatusReader
from tray_app.core import replies
from tray_app.core.address import Address
from tray_app.core.answers import check_file, is_swarmui_root, parse_json
from tray_app.core.credentials import Credentials
from tray_app.core.errors import Refused, ServerError, UsageError
from tray_app.core.exchange import Exchange
from tray_app.core.model import ComfyQueue, Identity, LogTail, Output, Reading, Rights
from tray_app.core.ports import SessionStore
from tray_app.core.queue_skeleton import QueueSkeleton, TooLong
from tray_app.core.truth import COMFY_READ, COMFY_WRITE, GENERATE, INTERRUPT_OTHERS, OPEN_FOLDER, READ_LOG, SEE_HISTORY


class SwarmServer:
    """One SwarmUI. `deadline` is in seconds, for each HTTP exchange from start to last byte.

    `sessions` is where the session is kept between two starts. `on_exchange` is told of every exchange, secrets masked.
    """

    def __init__(
        self,
        address: Address,
        *,
        credentials: Credentials,
        sessions: SessionStore,
        deadline: float = 5.0,
        on_exchange: Callable[[Exchange], None] | None = None,
    ) -> None:
        self.address = address
        self._transport = Transport(address, authorization=credentials.authorization, on_exchange=on_exchange)
        self._routes = Routes(self._transport, credentials, sessions, deadline)
        self._status = StatusReader(self._routes)

    @property
    def url(self) -> str:
        """The address people know it by, without credentials and without a trailing slash."""
        return self.address.url

    @property
    def rights(self) -> Rights:
        """What is known so far of this key on this server; no request is made for it."""
        return self._routes.rights

    def sign_in(self, *, fresh: bool = False) -> Identity:
        """Who we are here; asks for a session where there is none, or in any case when `fresh`."""
        session = self._routes.session
        return (session.fresh() if fresh else session.current()).identity

    def read(self, *, full: bool) -> Reading:
        """Ask for the state: counters always, users and backends when `full` or when the counters call for them.

        An idle server costs one request. Never raises for a missing permission or route. `full` is for readings that a
        person waits for: it also tries a refused key again at once.
        """
        self._routes.begin()
        if full:
            self._routes.session.forget_refusal()
        return self._status.read(full=full)

    def queue(self, backend_id: int) -> ComfyQueue:
        """Read the queue of one ComfyUI backend; its graphs are dropped while they arrive."""
        self._routes.begin()
        skeleton = QueueSkeleton()
        try:
            self._routes.comfy("/queue", backend_id, COMFY_READ, sink=skeleton.feed)
        except TooLong:
            raise AnswerTooLarge(
                "ComfyUI's queue is too long to be read.", "Cancel everything instead, or look into ComfyUI itself."
            ) from None
        return replies.comfy_queue(parse_json(skeleton.finish()), backend_id)

    def comfy_version(self, backend_id: int) -> tuple[int, ...] | None:
        """ComfyUI's version, such as (0, 3, 64); None when it does not say."""
        self._routes.begin()
        return replies.comfy_version(self._routes.comfy("/system_stats", backend_id, COMFY_READ))

    def interrupt(self, backend_id: int, prompt_id: str) -> None:
        """Ask ComfyUI to stop exactly this prompt; answers success whether or not it ran."""
        if not prompt_id:
            # ComfyUI would stop whatever runs (its server.py:744-764).
            raise UsageError("A prompt to stop has to be named.")
        self._routes.begin()
        self._routes.comfy("/interrupt", backend_id, COMFY_WRITE, body={"prompt_id": prompt_id})

    def interrupt_all(self) -> None:
        """Ask SwarmUI to stop everything of the key's own user (InterruptAll with other_sessions true)."""
        self._routes.begin()
        self._interrupt("InterruptAll", GENERATE, {"other_sessions": True})

    def interrupt_user(self, name: str) -> None:
        """Ask SwarmUI to stop everything of a named user (AdminInterruptUser, src/WebAPI/AdminAPI.cs:1179-1193)."""
        self._routes.begin()
        self._interrupt("AdminInterruptUser", INTERRUPT_OTHERS, {"name": name})

    def log_position(self) -> int:
        """The newest sequence number of the log. Needs view_logs."""
        # Names of types are case-sensitive and unknown ones are skipped (src/WebAPI/AdminAPI.cs:271-304, recorded), so
        # this brings the number and not a line.
        return self._log(["none"], {}).last_sequence

    def log_after(self, sequence: int) -> LogTail:
        """The Warning and Error lines after that number; all of them where the server has restarted since."""
        kinds = ["Warning", "Error"]
        tail = self._log(kinds, dict.fromkeys(kinds, sequence))
        return self._log(kinds, {}) if tail.last_sequence < sequence else tail

    def newest_outputs(self) -> tuple[Output, ...]:
        """The newest folder's files, newest first; needs view_image_history. Walks the disk: after a finish only.

        Nothing where the folder holds too many files to be listed.
        """
        self._routes.begin()
        try:
            return newest_files(self._list_images, self.sign_in())
        except AnswerTooLarge:
            return ()

    def picture(self, output: Output) -> bytes:
        """A small picture of that output, at most 2 MiB. Raises Refused where there is none, AnswerTooLarge."""
        answer = self._routes.file(f"{output.url}?preview=true&noanim=true")
        check_file(answer, self.address)
        return answer.body

    def open_folder(self, output: Output) -> None:
        """Have a file manager opened on the server's own screen (OpenImageFolder). Raises Refused where it cannot."""
        self._routes.begin()
        reply = self._routes.api("OpenImageFolder", OPEN_FOLDER, {"path": output.path})
        if not replies.succeeded(reply, "OpenImageFolder"):
            raise Refused("SwarmUI did not open the folder.", "Look at its outputs in the browser instead.")

    def close(self) -> None:
        """Give the connection back, from any thread; the session stays valid and is kept for the next start."""
        self._transport.close()

    def _interrupt(self, route: str, permission: str, body: Mapping[str, Any]) -> None:
        if not replies.succeeded(self._routes.api(route, permission, body), route):
            raise Refused("SwarmUI did not cancel.", "Try again, or look at Server > Logs in SwarmUI.")

    def _log(self, kinds: list[str], last: dict[str, int]) -> LogTail:
        self._routes.begin()
        body = {"types": kinds, "last_sequence_ids": last}
        return replies.log_tail(self._routes.api("ListRecentLogMessages", READ_LOG, body))

    def _list_images(self, path: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        body = {"path": path, "depth": 1, "sortBy": "Name", "sortReverse": False}
        return replies.listed_images(self._routes.api("ListImages", SEE_HISTORY, body))


def probe(address: Address, *, deadline: float = 1.0) -> bool:
    """Whether a SwarmUI answers there, by GET / alone: no session is made and nothing is logged there."""
    transport = Transport(address)
    try:
        return is_swarmui_root(transport.call(Request("GET", "/", deadline)))
    except ServerError:
        return False
    finally:
        transport.close()
