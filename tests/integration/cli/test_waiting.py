"""Waits of the main thread: Ctrl-C ends them even when the system hands it to another thread."""

import queue
import subprocess
import sys

import pytest

from tests.integration.cli.conftest import ROOT
from tray_app.cli.waiting import next_of

SCRIPT = """
import queue, signal, threading
from tray_app.cli.waiting import for_ever, next_of
signal.signal(signal.SIGINT, signal.default_int_handler)
threading.Timer(0.3, lambda: signal.pthread_kill(threading.get_ident(), signal.SIGINT)).start()
{wait}
"""


@pytest.mark.skipif(sys.platform == "win32", reason="sends a POSIX signal to a thread")
@pytest.mark.parametrize("wait", ["next_of(queue.SimpleQueue())", "next_of(queue.SimpleQueue(), 300)", "for_ever()"])
def test_ctrl_c_ends_a_wait_whichever_thread_gets_it(wait: str) -> None:
    command = [sys.executable, "-c", SCRIPT.format(wait=wait)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)
    assert done.stderr.rstrip().endswith("KeyboardInterrupt")


def test_what_is_there_comes_at_once_and_nothing_after_the_time() -> None:
    items: queue.SimpleQueue[int] = queue.SimpleQueue()
    items.put(1)
    assert next_of(items) == 1
    with pytest.raises(queue.Empty):
        next_of(items, 0.01)
