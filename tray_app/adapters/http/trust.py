"""Whose certificates are believed."""

import ssl
import sys

from tray_app.core.errors import CertificateChanged, Untrusted
from tray_app.core.fingerprint import fingerprint


def system_trust() -> ssl.SSLContext:
    """Trusts what the system trusts; SSL_CERT_FILE and SSL_CERT_DIR add to it or replace it, as OpenSSL does."""
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if sys.platform != "win32" and not paths.cafile and not paths.capath:
        import certifi  # httpcore brings it; Python from python.org on macOS has no store of its own

        context.load_verify_locations(certifi.where())
    return context


def trust_in(certificate: str) -> ssl.SSLContext:
    """What the handshake believes: what the system trusts, or any certificate where one is pinned.

    A pinned one is compared by `check_pinned` after the handshake and before the first byte is sent.
    """
    return _anything() if certificate else system_trust()


def check_pinned(sock: ssl.SSLSocket, certificate: str, url: str) -> None:
    """Raise CertificateChanged where the server showed another certificate than the pinned one (empty: none is)."""
    if not certificate:
        return
    seen = fingerprint(sock.getpeercert(binary_form=True) or b"")
    if seen != certificate:
        raise CertificateChanged(
            f"The certificate of {url} has changed, so nothing was sent to it.",
            f"It was {certificate} and is now {seen}. Somebody may stand between you and the server: ask its owner. "
            "Only if the new one is the owner's, put it in place of the old one in the settings.",
            fingerprint=seen,
        )


def untrusted(title: str, url: str, certificate: str) -> Untrusted:
    """The error about a certificate that nobody vouches for; `certificate` is its fingerprint, empty if not seen."""
    vouched = "add its authority to the system's trust store, or name its file in SSL_CERT_FILE."
    if not certificate:
        return Untrusted(title, f"Its fingerprint could not be seen. If the server is the right one, {vouched}")
    return Untrusted(
        title,
        f"Its fingerprint is {certificate}. If the server's owner confirms it, trust it: in the settings, or by "
        f"`swarmui-tray setup --url {url}`. Or {vouched}",
        fingerprint=certificate,
    )


def _anything() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
