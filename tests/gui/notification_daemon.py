"""A double of a notification daemon for tests in this process."""

import asyncio
import contextlib
import threading
from typing import Any

from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus

NAME = "org.freedesktop.Notifications"
ALL = ["actions", "body", "body-markup"]


class Daemon:
    """A notification daemon that does what a test says; `deaf` leaves Notify unanswered until `answer_late`."""

    def __init__(self, capabilities: list[str], first: int = 7) -> None:
        self.capabilities = capabilities
        self.calls: list[tuple[str, list[Any]]] = []
        self.deaf = False
        self._unanswered: list[Message] = []
        self._next = first
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._bus = self._do(self._connect())

    def _do(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _connect(self) -> MessageBus:
        bus = await MessageBus().connect()
        bus.add_message_handler(self._handle)
        await bus.request_name(NAME)
        return bus

    def _handle(self, message: Message) -> Message | bool | None:
        if message.message_type is not MessageType.METHOD_CALL or message.interface != NAME:
            return None
        self.calls.append((message.member or "", message.body))
        if self.deaf:
            self._unanswered.append(message)
            return True
        return self._answer(message)

    def _answer(self, message: Message) -> Message:
        if message.member == "GetCapabilities":
            return Message.new_method_return(message, "as", [self.capabilities])
        if message.member == "Notify":
            number = message.body[1] or self._next
            self._next += message.body[1] == 0
            return Message.new_method_return(message, "u", [number])
        return Message.new_method_return(message)

    def answer_late(self) -> None:
        """Answer what was left unanswered."""

        async def answer() -> None:
            for message in self._unanswered:
                await self._bus.send(self._answer(message))

        self.deaf = False
        self._do(answer())

    def emit(self, member: str, signature: str, *body: Any) -> None:
        """Send a signal of the daemon."""

        async def send() -> None:
            await self._bus.send(
                Message.new_signal("/org/freedesktop/Notifications", NAME, member, signature, list(body))
            )

        self._do(send())

    def bodies(self, member: str) -> list[list[Any]]:
        """The arguments of all calls of one method so far."""
        return [body for name, body in self.calls if name == member]

    def leave(self) -> None:
        """Disconnect from the bus."""

        async def leave() -> None:
            self._bus.disconnect()
            with contextlib.suppress(EOFError):  # the bus went first
                await self._bus.wait_for_disconnect()

        self._do(leave())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
