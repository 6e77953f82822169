"""Whose certificates are believed."""

import ssl
import sys


def system_trust() -> ssl.SSLContext:
    """Trusts what the system trusts; SSL_CERT_FILE and SSL_CERT_DIR add to it or replace it, as OpenSSL does."""
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if sys.platform != "win32" and not paths.cafile and not paths.capath:
        import certifi  # httpcore brings it; Python from python.org on macOS has no store of its own

        context.load_verify_locations(certifi.where())
    return context
