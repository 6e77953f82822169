"""Each server of the table, from outside: one sentence, the exit code, bounded time and memory, no key elsewhere."""

import json
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.cli.conftest import ROOT, CommandLine
from tests.integration.hostile import GOOD_SESSION, GOOD_STATUS, HostileServer, by_route, http
from tests.integration.hostile_table import MEBIBYTE, ROWS, Row, serving

DEADLINE = 2
"""Seconds that one request may take in these tests."""

MEASURE = """
import os, resource, sys, time
started = time.monotonic()
process = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
took = time.monotonic() - started
with open(sys.argv[1], "w") as file:
    print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, took, file=file)
"""
"""Runs the rest of its arguments from a small process: a child's greatest size is never less than its parent's."""

HEADER = "Bearer canary-90ffb3e1c2-header"


@dataclass(frozen=True)
class Seen:
    """What a command did: its code, what it printed, its greatest size in bytes, how long it took in seconds."""

    code: int
    out: str
    err: str
    size: int
    seconds: float


class Measured:
    """Runs `status` with a key and measures it."""

    def __init__(self, folder: Path) -> None:
        self.cli = CommandLine(folder)
        self.token = f"616e6e61.{secrets.token_hex(16)}.{secrets.token_hex(16)}"

    def status(self, url: str) -> Seen:
        words = self.cli.command("status", "--request-timeout", str(DEADLINE), "--url", url)
        keys = {"SWARMUI_TOKEN": self.token, "SWARMUI_AUTHORIZATION": HEADER}
        environment = self.cli.environment | keys
        figures, out, err = (self.cli.home / name for name in ("figures", "out", "err"))
        with out.open("w") as to_out, err.open("w") as to_err:
            measure = [sys.executable, "-I", "-S", "-c", MEASURE, str(figures), *words]
            subprocess.run(measure, stdout=to_out, stderr=to_err, env=environment, check=True)
        code, size, took = figures.read_text().split()
        return Seen(int(code), out.read_text(), err.read_text(), int(size) * 1024, float(took))


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    return Measured(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def usual(measured: Measured) -> dict[str, int]:
    """The size of the command with a server that means well, by scheme; TLS costs some megabytes."""
    good = by_route({"GetNewSession": http(GOOD_SESSION)}, otherwise=http(GOOD_STATUS))
    with HostileServer(good) as server:
        plain = measured.status(server.url).size
        secure = measured.status(server.url.replace("http:", "https:")).size
    return {"http": plain, "https": secure}


@pytest.fixture
def other() -> Iterator[HostileServer]:
    """The other origin, to which nothing may be sent."""
    with HostileServer(http(GOOD_SESSION)) as server:
        yield server


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_a_hostile_server_is_one_sentence(
    row: Row, measured: Measured, usual: dict[str, int], other: HostileServer, tmp_path: Path
) -> None:
    with serving(row, other.url, tmp_path) as url:
        seen = measured.status(url)
    problem = _problem(seen.out)
    said = problem["message"].replace(url, "URL").replace(other.url.partition("//")[2], "OTHER")
    assert (said, seen.code) == (row.says, row.code)
    assert re.fullmatch(r".+[.!?]", problem["advice"])
    assert said.isprintable()
    assert seen.err == ""
    assert seen.seconds < DEADLINE * 2 + 6  # two requests at most, and the start of a program on a busy machine
    assert seen.size - usual[row.scheme] < 12 * MEBIBYTE
    assert other.connections == 0
    assert not any(each in seen.out for each in (measured.token, HEADER))


def test_the_table_in_the_documentation_is_this_one() -> None:
    text = (ROOT / "docs" / "security.md").read_text()
    lines = [
        f"| {row.name} | {row.says.replace('URL', '`URL`').replace('OTHER', '`OTHER`')} | {row.code} |" for row in ROWS
    ]
    _, _, table = text.partition("| The server | What is said | Exit code |\n|---|---|---|\n")
    assert table.partition("\n\n")[0].splitlines() == lines


def _problem(out: str) -> dict[str, str]:
    (server,) = json.loads(out)["servers"]
    return dict(server["problem"])
