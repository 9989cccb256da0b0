"""Where requests of the server may go."""

from __future__ import annotations

import pytest
from orgplane_server.domain.destination import NO_HOSTS, AllowedHosts, Destination, is_public


@pytest.mark.parametrize(
    "address", ["9.9.9.9", "172.15.0.1", "2620:fe::fe", "::ffff:9.9.9.9", "64:ff9b::909:909"]
)
def test_anybody_on_the_internet_may_be_there(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1"),
        *("192.0.0.8", "192.168.0.1", "192.88.99.1", "198.18.0.1", "224.0.0.1", "255.255.255.255"),
        *("::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:a00:1", "64:ff9b::7f00:1"),
        "::ffff:0:7f00:1",
        *("64:ff9b:1::1", "2001:db8::1", "2001::1", "2002:7f00:1::", "3fff::1", "5f00::1"),
        *("fc00::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1"),
    ],
)
def test_nobody_who_could_be_anybody_is_there(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        *("", "idp.example", "file:///etc/passwd", "ftp://idp.example", "https://"),
        *("https://user@idp.example", "https://:pw@idp.example", "https://idp.example/#a"),
        *("https://idp.example:99999", "https://idp.example/a b", "https://idp.example/\n"),
        *("https://2130706433", "https://0x7f.1", "https://127.1", "https://idp。example"),
        *("https://straße.example", "https://[::1", "https://[fe80::1%25eth0]"),
    ],
)
def test_no_plain_url(url: str) -> None:
    assert Destination.of(url) is None


def test_an_address_of_a_host_that_the_operator_allows() -> None:
    destination = Destination.of("https://idp.corp.example:8443/token?a=b")
    assert destination is not None
    told = destination.refusal("10.1.2.3", NO_HOSTS)
    assert told is not None
    assert told.endswith("--sso-allowed-hosts idp.corp.example:8443")
    allowed = AllowedHosts.parse("idp.corp.example:8443")
    assert destination.refusal("10.1.2.3", allowed) is None
