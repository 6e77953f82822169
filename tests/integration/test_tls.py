"""Encrypted connections: whose certificates are believed, and what is said of those that are not."""

import re
import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from tests.integration.hostile import HostileServer, http
from tests.integration.tls_server import TlsServer, certify_localhost
from tray_app.adapters.http.connecting import Resolver
from tray_app.adapters.http.transport import Request, Transport
from tray_app.adapters.http.trust import system_trust
from tray_app.core.address import Address, parse_address
from tray_app.core.answers import Answer
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
        # Once as what it is, once within the command that trusts it.
        assert seen_in(raised.value) == [fingerprint(der(certificate))] * 2
    assert server.requests == []


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
