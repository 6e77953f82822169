"""Whatever stands in a file of ours, comes from a child or over the wire: a value or an error of our own, soon."""

import gzip
import io
import json
import os
import tempfile
import time
import tomllib
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.hostile import Connection, HostileServer, Received, http
from tray_app.adapters.activity_log import ActivityLog
from tray_app.adapters.discovery import find_local
from tray_app.adapters.http.decompress import decoded
from tray_app.adapters.http.proxies import proxy_for
from tray_app.adapters.http.transport import Request, Transport
from tray_app.adapters.keyring import keyring_run
from tray_app.adapters.settings.exchange import put_in_force
from tray_app.adapters.settings.file import SettingsFile, template
from tray_app.adapters.state_file import StateFile
from tray_app.core.address import parse_address
from tray_app.core.errors import Incompatible, ServerError, Unreachable, UsageError
from tray_app.core.options import OPTIONS
from tray_app.core.settings import ServerSettings

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
STATE = st.fixed_dictionaries({}, optional={"schema": JSON, "sessions": JSON, "keys": JSON, "snooze": JSON})
EVENT = st.fixed_dictionaries({}, optional=dict.fromkeys(("schema", "time", "server", "event", "missed", "text"), JSON))
SERVER = st.fixed_dictionaries({}, optional=dict.fromkeys(("name", "address", "certificate"), JSON))
few = settings(max_examples=60, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture])


def written(value: object) -> bytes:
    return json.dumps(value).encode()


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """In memory where the system has such a place: hundreds of files are written, each of them to the disk."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as made:
        yield Path(made)


@few
@given(st.binary(max_size=400) | JSON.map(written) | STATE.map(written))
def test_any_state_file_is_read_and_written(folder: Path, content: bytes) -> None:
    file = StateFile(folder / "state.json")
    file.path.write_bytes(content)
    file.load("http://a")
    file.has_key("http://a:80")
    file.mark_key("http://a:80", present=True)
    assert file.has_key("http://a:80")


@few
@given(st.lists(st.binary(max_size=100) | JSON.map(written) | EVENT.map(written), max_size=5))
def test_any_activity_log_is_read(folder: Path, lines: list[bytes]) -> None:
    log = ActivityLog(folder / "activity.jsonl")
    log.path.write_bytes(b"\n".join(lines))
    for entry in log.entries():
        assert isinstance(entry["missed"], bool)


@few
@given(st.binary(max_size=400) | st.tuples(st.integers(0, len(template())), st.binary(max_size=9)))
def test_any_settings_file_is_read_and_can_be_changed(folder: Path, content: bytes | tuple[int, bytes]) -> None:
    if isinstance(content, tuple):
        at, wrong = content
        content = template().encode()[:at] + wrong
    file = SettingsFile(folder / "settings.toml")
    file.last_good.unlink(missing_ok=True)
    file.path.write_bytes(content)
    file.load()
    file.set_option(OPTIONS[0], 2.5)
    file.set_servers([ServerSettings("home", "http://127.0.0.1:7801")])
    again = file.load()
    assert (again.settings.poll_busy, [each.name for each in again.settings.servers]) == (2.5, ["home"])
    tomllib.loads(file.path.read_text("utf-8"))


@few
@given(st.binary(max_size=200) | JSON.map(written))
def test_any_words_of_the_keyrings_child_are_answers_or_none(said: bytes) -> None:
    try:
        (answer,) = keyring_run._converse(io.BytesIO(), io.BytesIO(said), [{"do": "get", "account": "x"}])
    except (ValueError, OSError):  # what its caller takes for a child that broke off
        return
    assert isinstance(answer, dict)


@few
@given(
    st.binary(max_size=300), st.sampled_from(["gzip", "deflate", "br", "", "GZIP ", "gzip, gzip"]), st.integers(1, 50)
)
def test_any_compressed_body_is_read_within_bounds(data: bytes, encoding: str, limit: int) -> None:
    for body in (data, gzip.compress(data * 50), zlib.compress(data * 50)):
        try:
            read = b"".join(decoded(iter([body[:7], body[7:]]), encoding, limit))
        except Incompatible:
            continue
        assert len(read) <= max(limit + 1, len(body))


PROXY = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
PROXY_LIKE = st.from_regex(r"(https?://|socks5:)?[\[\]:@/0-9a-z%]{0,24}", fullmatch=True)


@few
@given(PROXY | PROXY_LIKE, PROXY | PROXY_LIKE)
def test_any_proxy_of_the_environment_is_one_or_an_error(proxy: str, exceptions: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("http_proxy", proxy), ("no_proxy", exceptions)):
            patch.setenv(name, value)
            patch.delenv(name.upper(), raising=False)
        try:
            way = proxy_for(parse_address("http://10.0.0.1:7801"))
        except Unreachable:
            return
    if way is not None:
        parts = urlsplit(way)
        assert (parts.scheme, bool(parts.hostname), (parts.port or 80) > 0) == ("http", True, True)


@few
@given(st.text(max_size=200) | st.tuples(st.integers(0, len(template())), st.text(max_size=9)) | JSON.map(json.dumps))
def test_any_text_is_imported_or_refused_and_then_nothing_is_changed(folder: Path, text: str | tuple[int, str]) -> None:
    if isinstance(text, tuple):
        at, wrong = text
        text = template()[:at] + wrong
    file = SettingsFile(folder / "imported.toml")
    file.path.write_text("# before\n")
    try:
        imported = put_in_force(file, text)
    except UsageError:
        assert file.path.read_text() == "# before\n"
        return
    assert file.load().settings.servers == imported.servers
    assert not file.load().problems


HEADS = st.sampled_from(
    [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", http(b"{}")]
)


@few
@given(HEADS, st.binary(max_size=200))
def test_any_bytes_over_the_wire_are_an_answer_or_an_error(wire: HostileServer, head: bytes, rest: bytes) -> None:
    def answer(connection: Connection, _: Received) -> None:
        connection.send(head + rest)
        connection.hang_up()

    wire.answer = answer
    transport = Transport(parse_address(wire.url))
    started = time.monotonic()
    try:
        transport.call(Request("POST", "/API/x", 5, body={}))
    except ServerError:
        pass  # whose sentences test_transport.py looks at
    finally:
        transport.close()
    assert time.monotonic() - started < 4


@few
@given(HEADS, st.binary(max_size=200))
def test_any_bytes_of_another_program_on_a_port_are_no_swarmui(wire: HostileServer, head: bytes, rest: bytes) -> None:
    def answer(connection: Connection, _: Received) -> None:
        connection.send(head + rest)
        connection.hang_up()

    wire.answer = answer
    assert find_local([wire.port]) is None


@pytest.fixture(scope="module")
def wire() -> Iterator[HostileServer]:
    with HostileServer(b"") as server:
        yield server
