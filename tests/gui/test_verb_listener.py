"""Verbs on Qt's loop: real sockets, and the local server that stands for Windows' pipes."""

import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtNetwork import QLocalSocket
from pytestqt.qtbot import QtBot

from tray_app.adapters.single_instance import Handed, Instance, claim
from tray_app.core import verbs
from tray_app.core.verbs import Answer
from tray_app.ui.verb_listener import VerbListener

pytestmark = pytest.mark.usefixtures("qtbot")


@pytest.fixture
def instance() -> Iterator[Instance]:
    with tempfile.TemporaryDirectory(prefix="tray-", dir="/tmp") as folder:
        first = claim([Path(folder)])
        assert isinstance(first, Instance)
        first.place = folder  # type: ignore[attr-defined]
        yield first
        first.close()


def place(instance: Instance) -> Path:
    return Path(instance.place)  # type: ignore[attr-defined]


def connect(instance: Instance) -> socket.socket:
    link = socket.socket(socket.AF_UNIX)
    link.settimeout(5)
    link.connect(str(place(instance) / "tray.sock"))
    return link


def read_to_the_end(link: socket.socket) -> bytes:
    received = b""
    try:
        while part := link.recv(99):
            received += part
    except ConnectionResetError:  # what was sent was not read to its end
        return received
    return received


def test_a_second_start_is_heard_and_answered(instance: Instance, qtbot: QtBot) -> None:
    listener = VerbListener(instance, {"show"})
    outcomes: list[Instance | Handed] = []
    second = threading.Thread(target=lambda: outcomes.append(claim([place(instance)], "show", patience=5)))
    with qtbot.waitSignal(listener.received, timeout=5000) as heard:
        second.start()
    second.join(5)
    assert heard.args == ["show"]
    assert outcomes == [Handed.TAKEN]
    listener.close()


def test_a_verb_that_came_before_the_loop_is_heard_later_although_its_sender_has_gone(
    instance: Instance, qtbot: QtBot
) -> None:
    assert claim([place(instance)], "show", patience=0.05) is Handed.UNANSWERED
    listener = VerbListener(instance, {"show"})
    with qtbot.waitSignal(listener.received, timeout=5000) as heard:
        pass
    assert heard.args == ["show"]
    qtbot.waitUntil(lambda: not listener._links)
    listener.close()


def test_an_unknown_verb_is_answered_as_such_and_not_told(instance: Instance, qtbot: QtBot) -> None:
    listener = VerbListener(instance, {"show"})
    outcomes: list[Instance | Handed] = []
    second = threading.Thread(target=lambda: outcomes.append(claim([place(instance)], "dance", patience=5)))
    with qtbot.assertNotEmitted(listener.received):
        second.start()
        qtbot.waitUntil(lambda: bool(outcomes))
    assert outcomes == [Handed.UNKNOWN]
    listener.close()


@pytest.mark.parametrize("said", [b"GET / HTTP/1.0\r\n\r\n", b"x" * 5000, b"swarmui-tray 9 show\n"])
def test_what_is_no_verb_ends_the_connection(instance: Instance, qtbot: QtBot, said: bytes) -> None:
    listener = VerbListener(instance, {"show"})
    answers: list[bytes] = []
    with connect(instance) as link, qtbot.assertNotEmitted(listener.received):
        link.sendall(said)
        reader = threading.Thread(target=lambda: answers.append(read_to_the_end(link)))
        reader.start()
        qtbot.waitUntil(lambda: bool(answers))
        reader.join(5)
    assert answers == [verbs.line(Answer.UNKNOWN) if b"\n" in said else b""]
    listener.close()


def test_a_verb_in_pieces_is_put_together(instance: Instance, qtbot: QtBot) -> None:
    listener = VerbListener(instance, {"show"})
    with connect(instance) as link:
        link.sendall(b"swarmui-tray 1 s")
        qtbot.waitUntil(lambda: bool(listener._links and listener._links[0]._line))
        with qtbot.waitSignal(listener.received, timeout=5000):
            link.sendall(b"how\n")
        assert link.recv(99) == verbs.line(Answer.TAKEN)
    listener.close()


def test_those_who_say_nothing_are_bounded_and_keep_nobody_waiting(instance: Instance, qtbot: QtBot) -> None:
    listener = VerbListener(instance, {"show"})
    silent = [connect(instance) for _ in range(20)]
    qtbot.waitUntil(lambda: len(listener._links) == 16)
    with connect(instance) as link, qtbot.waitSignal(listener.received, timeout=5000):
        link.sendall(verbs.line("show"))
    for each in silent:
        each.close()
    qtbot.waitUntil(lambda: not listener._links)
    listener.close()


def test_a_closed_listener_ends_open_connections(instance: Instance, qtbot: QtBot) -> None:
    listener = VerbListener(instance, {"show"})
    with connect(instance) as link:
        qtbot.waitUntil(lambda: bool(listener._links))
        listener.close()
        assert link.recv(99) == b""


class Pipe:
    """What a start on Windows has in place of a socket."""

    def __init__(self, pipe: str) -> None:
        self.pipe = pipe

    def fileno(self) -> int:
        return -1

    def accept(self) -> None:
        return None


def test_a_pipe_is_heard_as_well(qtbot: QtBot, tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="tray-", dir="/tmp") as folder:
        listener = VerbListener(Pipe(f"{folder}/pipe"), {"show"})
        link = QLocalSocket()
        link.connectToServer(f"{folder}/pipe")
        with qtbot.waitSignal(listener.received, timeout=5000) as heard:
            link.write(b"swarmui-tray 1 ")
            link.flush()
            link.write(b"show\n")
        assert heard.args == ["show"]
        qtbot.waitUntil(lambda: link.bytesAvailable() > 0)
        assert link.readAll().data() == verbs.line(Answer.TAKEN)
        flooding = QLocalSocket()
        flooding.connectToServer(f"{folder}/pipe")
        with qtbot.waitSignal(flooding.disconnected, timeout=5000):
            flooding.write(b"x" * 5000)
        listener.close()


def test_where_nobody_can_come_it_is_quiet() -> None:
    VerbListener(Pipe(""), {"show"}).close()
