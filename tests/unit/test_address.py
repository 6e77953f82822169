"""What people paste as an address becomes one exact form, or a sentence about what is wrong with it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tray_app.core.address import Address, parse_address, parse_with_credentials
from tray_app.core.errors import UsageError

PASTED = {
    "http://127.0.0.1:7801": "http://127.0.0.1:7801",
    "127.0.0.1": "http://127.0.0.1:7801",
    "localhost": "http://localhost:7801",
    "localhost:7802": "http://localhost:7802",
    "  http://gpu.lan:7801/  ": "http://gpu.lan:7801",
    "GPU.Lan": "http://gpu.lan:7801",
    "<http://gpu.lan:7801/>": "http://gpu.lan:7801",
    "“gpu.lan”": "http://gpu.lan:7801",
    "//gpu.lan": "http://gpu.lan:7801",
    "http://gpu.lan": "http://gpu.lan",
    "https://gpu.lan": "https://gpu.lan",
    "HTTPS://gpu.lan:443/": "https://gpu.lan",
    "http://gpu.lan:443": "http://gpu.lan:443",
    "http://localhost:7801/Text2Image": "http://localhost:7801",
    "http://localhost:7801/text2image#utilities_tab": "http://localhost:7801",
    "https://example.org/swarm/Text2Image?x=1": "https://example.org/swarm",
    "https://example.org/swarm/": "https://example.org/swarm",
    "https://example.org//swarm//ui": "https://example.org/swarm/ui",
    "https://example.org/a b": None,
    "https://example.org/a%20b": "https://example.org/a%20b",
    "https://example.org/ä": "https://example.org/%C3%A4",
    "http://localhost:7801/API/GetNewSession": "http://localhost:7801",
    "http://localhost:7801/View/local/raw/x.png": "http://localhost:7801",
    "[::1]:7801": "http://[::1]:7801",
    "[::1]": "http://[::1]:7801",
    "::1": "http://[::1]:7801",
    "http://[FE80:0::1]/": "http://[fe80::1]",
    "http://2001:db8::7/swarm": "http://[2001:db8::7]/swarm",
    "0.0.0.0:7801": "http://127.0.0.1:7801",
    "http://[::]:7801": "http://[::1]:7801",
    "http://bücher.example": "http://xn--bcher-kva.example",
    "https://gpu.lan.": "https://gpu.lan.",
}


@pytest.mark.parametrize(("pasted", "url"), [(pasted, url) for pasted, url in PASTED.items() if url])
def test_what_people_paste_becomes_one_exact_url(pasted: str, url: str) -> None:
    assert parse_address(pasted).url == url


REFUSED = {
    "": "The address is empty.",
    "   ": "The address is empty.",
    "https://example.org/a b": "The address contains a character that no address has.",
    "http://gpu\nlan": "The address contains a character that no address has.",
    "ftp://gpu.lan": "SwarmUI is reached by http or https, not by ftp.",
    "http:/gpu.lan": "The two slashes after http: are missing in the address.",
    "http:gpu.lan": "The two slashes after http: are missing in the address.",
    "http://": "The address has no host name.",
    "http:///swarm": "The address has no host name.",
    ":7801": "The address has no host name.",
    "http://gpu lan": "The address contains a character that no address has.",
    "http://-gpu.lan": "The host name of the address cannot be a host name.",
    "http://gpu..lan": "The host name of the address cannot be a host name.",
    "http://1.2.3": "The host name of the address cannot be a host name.",
    "http://300.1.1.1": "The host name of the address cannot be a host name.",
    "http://0x7f.1": "The host name of the address cannot be a host name.",
    "http://ü" + "a" * 80: "The host name of the address cannot be a host name.",
    "http://gpu.lan:": "The port of the address is not a number from 1 to 65535.",
    "http://gpu.lan:0": "The port of the address is not a number from 1 to 65535.",
    "http://gpu.lan:65536": "The port of the address is not a number from 1 to 65535.",
    "http://gpu.lan:\u0667": "The port of the address is not a number from 1 to 65535.",
    "gpu.lan:78o1": "The port of the address is not a number from 1 to 65535.",
    "http://[::1": "The brackets around the IPv6 address do not match.",
    "http://[::1]x": "The brackets around the IPv6 address do not match.",
    "http://[127.0.0.1]": "There is no IPv6 address between the brackets.",
    "http://[fe80::1%eth0]": "There is no IPv6 address between the brackets.",
    "http://a:b:c": "The address has more colons than an address can have.",
    "http://gpu.lan/../x": "The path of the address goes in circles.",
    "http://gpu.lan/%2e%2e/x": "The path of the address goes in circles.",
    "http://gpu.lan/a%2fb": "The path of the address goes in circles.",
}


@pytest.mark.parametrize(("pasted", "title"), REFUSED.items())
def test_what_is_no_address_is_refused_with_a_sentence(pasted: str, title: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_address(pasted)
    assert raised.value.title == title


def test_a_password_in_the_address_is_taken_out_and_returned_as_basic_authorization() -> None:
    address, credentials = parse_with_credentials("https://ann:p%40ss@example.org/swarm?token=ab.cd.ef&x=1")
    assert address == Address("https", "example.org", 443, "/swarm")
    assert credentials.authorization == "Basic YW5uOnBAc3M="
    assert credentials.token == "ab.cd.ef"


@pytest.mark.parametrize("after", ["?swarm_token=ab.cd.ef", "/Text2Image#token=ab.cd.ef", "/?x=1&token=ab.cd.ef#tab"])
def test_a_token_is_found_under_each_of_its_names(after: str) -> None:
    address, credentials = parse_with_credentials(f"http://gpu.lan{after}")
    assert (address.url, credentials.token) == ("http://gpu.lan", "ab.cd.ef")


def test_an_address_without_secrets_returns_empty_credentials() -> None:
    _, credentials = parse_with_credentials("gpu.lan/?x=1")
    assert (credentials.token, credentials.authorization) == ("", "")


def test_no_secret_shows_in_any_form_of_the_address_or_in_the_error() -> None:
    address, credentials = parse_with_credentials("http://ann:hunter2@gpu.lan/?token=geheim")
    shown = f"{address!r} {address.url} {address.display} {address.origin} {credentials!r}"
    assert "hunter2" not in shown
    assert "geheim" not in shown
    with pytest.raises(UsageError) as raised:
        parse_address("http://ann:hunter2@gpu lan")
    assert "hunter2" not in str(raised.value)


def test_the_origin_always_names_the_port() -> None:
    assert parse_address("https://example.org/swarm").origin == "https://example.org:443"
    assert parse_address("[::1]").origin == "http://[::1]:7801"


def test_the_display_form_is_the_shortest_that_parses_to_the_same() -> None:
    assert parse_address("http://gpu.lan:7801/swarm").display == "gpu.lan:7801/swarm"
    assert parse_address("https://gpu.lan").display == "https://gpu.lan"


@pytest.mark.parametrize(
    ("pasted", "loopback"),
    [
        ("localhost", True),
        ("swarm.localhost", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("[::ffff:127.0.0.1]", True),
        ("192.168.0.4", False),
        ("[fe80::1]", False),
        ("localhost.example.org", False),
    ],
)
def test_loopback_is_this_machine_only(pasted: str, loopback: bool) -> None:
    assert parse_address(pasted).is_loopback is loopback


ADDRESS_LIKE = st.one_of(
    st.text(),
    st.from_regex(
        r"(https?://)?([a-z:@]{0,8})[a-z0-9.\[\]:-]{1,20}(:[0-9]{0,6})?(/[A-Za-z0-9%.~ä-]{0,6}){0,4}(\?token=.*)?"
    ),
)


@given(ADDRESS_LIKE)
def test_any_text_gives_an_address_that_parses_to_itself_or_a_usage_error(text: str) -> None:
    try:
        address = parse_address(text)
    except UsageError:
        return
    assert parse_address(address.url) == address
    assert parse_address(address.origin + address.base) == address
