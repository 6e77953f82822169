"""The port in SwarmUI's own settings file, whatever is in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tray_app.core.swarm_settings import network_port

FILE = """\
#: about
Paths:
\tPort: 1

Network:
\t#: Port: 2
\tHost: localhost
\tPort: 7812 # here
\tPortCanChange: true
"""


@pytest.mark.parametrize(
    ("text", "port"),
    [
        (FILE, 7812),
        (FILE.replace("\n", "\r\n"), 7812),
        ("network:\n  port: 80\n", 80),
        ("Network:\n\tHost: x\nOther:\n\tPort: 7801\n", None),
        ("Network:\n\tPort: zero\n", None),
        ("Network:\n\tPort: 0\n", None),
        ("Network:\n\tPort: 65536\n", None),
        ("Network:\n\tPort: 999999999999\n", None),
        ("Network:\n\tPort: ٧٨\n", None),
        ("Network\n\tPort: 7801\n", None),
        ("\tPort: 7801\n", None),
        ("", None),
    ],
)
def test_the_port_of_the_section_network_counts_and_no_other(text: str, port: int | None) -> None:
    assert network_port(text) == port


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    assert network_port(f"Network:\n{text}") is None or 0 < (network_port(f"Network:\n{text}") or 0) < 65536
