"""Encrypted connections: whose certificates are believed, and what is said of those that are not."""

import contextlib
import re
import socket
import ssl
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.integration.hostile import Connection, HostileServer, Received, Script, http
from tests.integration.swarm_setup import KeptInMemory
from tests.integration.tls_server import TlsServer, certify_localhost
from tray_app.adapters.checkup import check
from tray_app.adapters.http.connecting import Resolver
from tray_app.adapters.http.transport import Request, Transport
from tray_app.adapters.http.trust import system_trust
from tray_app.core.address import Address, parse_address
from tray_app.core.answers import Answer
from tray_app.core.credentials import Credentials
from tray_app.core.errors import CertificateChanged, ServerError, TimedOut, Unreachable, Untrusted
from tray_app.core.fingerprint import fingerprint


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def ask(url: str, *, seconds: float = 5.0, resolver: Resolver | None = None) -> Answer:
    transport = Transport(parse_address(url), resolver=resolver)
    try:
        return transport.call(Request("GET", "/x", seconds))
    finally:
        transport.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate with its key, for localhost."""
    return certify_localhost(tmp_path_factory.mktemp("tls") / "both.pem")


def test_a_certificate_in_ssl_cert_file_is_trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with TlsServer(http({}), certificate) as server:
        transport = Transport(parse_address(f"https://localhost:{server.port}"))
        for _ in range(2):
            assert transport.call(Request("GET", "/x", 5)).status == 200
        transport.close()
    assert server.connections == 1


def test_an_untrusted_certificate_and_a_wrong_name_are_told_apart_from_silence(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with TlsServer(http({}), certificate) as server:
        with pytest.raises(Unreachable, match="is not trusted: self-signed certificate"):
            ask(f"https://localhost:{server.port}")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with pytest.raises(Unreachable, match="is not trusted: IP address mismatch"):
            ask(f"https://127.0.0.1:{server.port}")


def test_a_server_without_tls_is_told() -> None:
    with HostileServer(b"", greeting=http(b"", 400)) as server, pytest.raises(Unreachable) as raised:
        ask(f"https://127.0.0.1:{server.port}")
    assert raised.value.title == f"No secure connection to https://127.0.0.1:{server.port} could be made."


def test_a_handshake_that_hangs_ends_with_the_deadline() -> None:
    with HostileServer(b"") as server, pytest.raises(TimedOut):
        ask(f"https://127.0.0.1:{server.port}", seconds=0.3)


def test_the_system_is_trusted() -> None:
    context = system_trust()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def test_without_a_store_of_the_system_the_one_of_certifi_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = ssl.DefaultVerifyPaths(None, None, "", "", "", "")  # type: ignore[arg-type]
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: nowhere)
    monkeypatch.setenv("SSL_CERT_FILE", "/nonexistent")
    monkeypatch.setenv("SSL_CERT_DIR", "/nonexistent")
    assert system_trust().cert_store_stats()["x509_ca"] > 20


def tunnel_to(port: int) -> Script:
    """A proxy that leads every CONNECT to that port of this computer."""

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):  # one of the two has hung up
            while data := source.recv(65536):
                sink.sendall(data)

    def script(connection: Connection, _request: Received) -> None:
        with socket.create_connection(("127.0.0.1", port)) as server:
            connection.send(b"HTTP/1.1 200 OK\r\n\r\n")
            back = threading.Thread(target=pump, args=(server, connection.sock), daemon=True)
            back.start()
            pump(connection.sock, server)
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            back.join(10)

    return script


def der(file: Path) -> bytes:
    text = file.read_text()
    return ssl.PEM_cert_to_DER_cert(text[text.index("-----BEGIN CERTIFICATE") :])


def pinned(server: HostileServer, certificate: str) -> Address:
    return replace(parse_address(f"https://127.0.0.1:{server.port}"), certificate=certificate)


def seen_in(error: ServerError) -> list[str]:
    return re.findall(r"sha256:[0-9A-F:]{95}", error.advice)


def test_an_untrusted_certificate_is_shown_and_nothing_is_sent(certificate: Path) -> None:
    with TlsServer(http({}), certificate) as server:
        with pytest.raises(Untrusted) as raised:
            ask(f"https://127.0.0.1:{server.port}")
        assert seen_in(raised.value) == [fingerprint(der(certificate))] == [raised.value.fingerprint]
        assert f"`swarmui-tray setup --url https://127.0.0.1:{server.port}`" in raised.value.advice
    assert server.requests == []


def test_behind_a_proxy_the_certificate_is_shown_and_pinned_as_well(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with TlsServer(http({}), certificate) as server, HostileServer(tunnel_to(server.port)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with pytest.raises(Untrusted) as raised:
            ask("https://gpu.example")
        assert raised.value.fingerprint == fingerprint(der(certificate))
        assert server.requests == []
        steps = {step.name: step for step in check(parse_address("https://gpu.example"), Credentials(), KeptInMemory())}
        assert (steps["Connection"].ok, steps["TLS"].ok, steps["SwarmUI"].ok) == (True, False, None)
        assert raised.value.fingerprint in steps["TLS"].text
        address = replace(parse_address("https://gpu.example"), certificate=raised.value.fingerprint)
        transport = Transport(address)
        assert transport.call(Request("GET", "/x", 5)).status == 200
        transport.close()
        steps = {step.name: step for step in check(address, Credentials(), KeptInMemory())}
        assert f"by the proxy 127.0.0.1:{proxy.port}." in steps["Proxy"].text
        assert "the one that you trust" in steps["TLS"].text
    assert {each.path for each in proxy.requests} == {"gpu.example:443"}


def test_where_the_certificate_cannot_be_seen_that_is_said(certificate: Path) -> None:
    """The server takes one connection and no other."""
    with TlsServer(http({}), certificate) as server:

        class Once(Resolver):
            asked = 0

            def resolve(self, *args: Any) -> Any:
                self.asked += 1
                if self.asked > 1:
                    raise Unreachable("Gone.")
                return super().resolve(*args)

        with pytest.raises(Untrusted) as raised:
            ask(f"https://127.0.0.1:{server.port}", resolver=Once())
    assert raised.value.fingerprint == ""
    assert raised.value.advice.startswith("Its fingerprint could not be seen.")
    assert "trust it" not in raised.value.advice


def test_a_pinned_certificate_is_accepted_whatever_its_chain_and_name(certificate: Path) -> None:
    with TlsServer(http({}), certificate) as server:
        transport = Transport(pinned(server, fingerprint(der(certificate))))
        for _ in range(2):
            assert transport.call(Request("GET", "/x", 5)).status == 200
        transport.close()
    assert server.connections == 1


def test_any_other_certificate_than_the_pinned_one_is_an_alarm(
    certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one that the system would trust."""
    other = certify_localhost(tmp_path / "other.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    with TlsServer(http({}), other) as server:
        assert ask(f"https://localhost:{server.port}").status == 200
        server.requests.clear()
        transport = Transport(pinned(server, fingerprint(der(certificate))), authorization="Bearer canary")
        with pytest.raises(CertificateChanged):
            transport.call(Request("POST", "/API/GetNewSession", 5, body={}))
        with pytest.raises(CertificateChanged) as raised:
            transport.call(Request("POST", "/API/GetNewSession", 5, body={}))
        transport.close()
    assert seen_in(raised.value) == [fingerprint(der(certificate)), fingerprint(der(other))]
    assert raised.value.title.endswith("has changed, so nothing was sent to it.")
    assert server.requests == []
