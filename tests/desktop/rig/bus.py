"""A private D-Bus daemon without service directories: nothing is activated behind a test's back."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dbus_fast import Message, MessageType, NameFlag, RequestNameReply, Variant
from dbus_fast.aio import MessageBus

from tests.desktop.rig.process import Process
from tests.desktop.rig.waiting import Journal

if TYPE_CHECKING:
    from concurrent.futures import Future

DBUS = "org.freedesktop.DBus"
PROPERTIES = "org.freedesktop.DBus.Properties"
INTROSPECTABLE = "org.freedesktop.DBus.Introspectable"

_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
 <type>session</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
 <policy context="default">
  <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
 </policy>
</busconfig>
"""

Handler = Callable[[Message], Message | bool | None]


class BusError(Exception):
    """An error reply; `name` is D-Bus's name of it."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(f"{name}: {text}")
        self.name = name


class Connection:
    """A connection to a bus, served by a thread of its own. Calls may come from any other thread."""

    def __init__(self, address: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="bus connection", daemon=True)
        self._thread.start()
        self._bus = self._run(self._connect(address), 10.0)
        self.unique_name = self._bus.unique_name or ""

    async def _connect(self, address: str) -> MessageBus:
        return await MessageBus(bus_address=address).connect()

    def _run(self, work: Any, seconds: float) -> Any:
        future: Future[Any] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result(seconds)

    def call(
        self, to: str, path: str, interface: str, member: str, signature: str = "", *body: Any, seconds: float = 5.0
    ) -> list[Any]:
        """Call a method and return the reply's body, its variants unpacked. Raises BusError for an error reply."""
        message = Message(
            destination=to, path=path, interface=interface, member=member, signature=signature, body=list(body)
        )
        reply = self._run(self._bus.call(message), seconds)
        if reply.message_type is MessageType.ERROR:
            raise BusError(reply.error_name or "", str(reply.body))
        return [plain(each) for each in reply.body]

    def get(self, to: str, path: str, interface: str, name: str) -> Any:
        """Read one property."""
        return self.call(to, path, PROPERTIES, "Get", "ss", interface, name)[0]

    def listen(self, handler: Handler, *rules: str) -> None:
        """Give every message to `handler`, on the connection's thread: True or a reply ends its handling."""
        self._bus.add_message_handler(handler)
        for rule in rules:
            self.call(DBUS, "/org/freedesktop/DBus", DBUS, "AddMatch", "s", rule)

    def emit(
        self, path: str, interface: str, member: str, signature: str = "", *body: Any, to: str | None = None
    ) -> None:
        """Send a signal, to everybody or to one."""
        signal = Message.new_signal(path, interface, member, signature, list(body))
        signal.destination = to
        self._loop.call_soon_threadsafe(self._bus.send, signal)

    def own(self, name: str, *, queue: bool = False) -> None:
        """Become the owner of a name; fails when somebody else keeps it. With `queue` wait for one who does."""
        reply = self._run(self._bus.request_name(name, NameFlag.NONE if queue else NameFlag.DO_NOT_QUEUE), 5.0)
        assert reply is (RequestNameReply.IN_QUEUE if queue else RequestNameReply.PRIMARY_OWNER), f"{name}: {reply}"

    def close(self) -> None:
        """Leave the bus as a killed process does: the socket closes, all names are lost."""

        async def leave() -> None:
            self._bus.disconnect()
            with suppress(Exception):  # however it left, it is gone
                await self._bus.wait_for_disconnect()

        if not self._loop.is_closed():
            self._run(leave(), 5.0)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(5.0)
            self._loop.close()


class Bus:
    """A dbus-daemon of one's own; also plays the system bus."""

    def __init__(self, folder: Path, env: Mapping[str, str], socket: str = "bus") -> None:
        self._socket = folder / socket
        config = folder / f"{socket}.conf"
        config.write_text(_CONFIG.format(socket=self._socket))
        self._config = config
        self._env = dict(env)
        self._log = folder / f"{socket}.log"
        self.address = f"unix:path={self._socket}"
        self._connections: list[Connection] = []
        self.owners: Journal[tuple[str, str]] = Journal()  # name, new owner ("" for none)
        self.process = self._start()
        self.client = self._watching_client()

    def _start(self) -> Process:
        command = ["dbus-daemon", f"--config-file={self._config}", "--nofork", "--nopidfile"]
        return Process(command, self._env, self._log, announce=lambda number: [f"--print-address={number}"])

    def _watching_client(self) -> Connection:
        client = self.connect()
        rule = f"type='signal',sender='{DBUS}',interface='{DBUS}',member='NameOwnerChanged'"
        client.listen(self._note_owner, rule)
        return client

    def _note_owner(self, message: Message) -> None:
        if message.message_type is MessageType.SIGNAL and message.member == "NameOwnerChanged":
            self.owners.add((message.body[0], message.body[2]))

    def connect(self) -> Connection:
        """Another connection; it is closed with the bus at the latest."""
        connection = Connection(self.address)
        self._connections.append(connection)
        return connection

    def has_owner(self, name: str) -> bool:
        """Whether somebody owns a name now."""
        return bool(self.client.call(DBUS, "/org/freedesktop/DBus", DBUS, "NameHasOwner", "s", name)[0])

    def process_of(self, name: str) -> int:
        """The number of the process behind a name. Raises BusError when it has gone."""
        return int(self.client.call(DBUS, "/org/freedesktop/DBus", DBUS, "GetConnectionUnixProcessID", "s", name)[0])

    def wait_for_owner(self, name: str, seconds: float = 15.0) -> None:
        """Wait until somebody owns a name."""
        start = len(self.owners)
        if not self.has_owner(name):
            self.owners.wait(f"an owner of {name}", lambda each: each[0] == name and bool(each[1]), seconds, start)

    def wait_for_no_owner(self, name: str, seconds: float = 15.0) -> None:
        """Wait until nobody owns a name."""
        start = len(self.owners)
        if self.has_owner(name):
            self.owners.wait(f"no owner of {name}", lambda each: each[0] == name and not each[1], seconds, start)

    def end(self) -> None:
        """Close all connections, then the bus."""
        for connection in self._connections:
            connection.close()
        self.process.end()


def plain(value: Any) -> Any:
    """A D-Bus value without its variants, at any depth."""
    if isinstance(value, Variant):
        return plain(value.value)
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return value
