from __future__ import annotations

import pytest
from orgplane_server.domain.client_address import NO_PROXIES, TrustedProxies, network

PROXIES = TrustedProxies.parse("10.0.0.0/8, 192.0.2.1, fd00::/8,")
PROXY = ("10.0.0.1", 4000)


@pytest.mark.parametrize(
    ("peer", "client"),
    [
        (("203.0.113.7", 5), "203.0.113.7:5"),
        (("2001:db8::7", 5), "[2001:db8::7]:5"),
        (("::ffff:203.0.113.7", 5), "203.0.113.7:5"),
        (("fe80::1%eth0", 5), "[fe80::1]:5"),
        (None, ""),
    ],
)
@pytest.mark.parametrize("proxies", [NO_PROXIES, PROXIES])
def test_who_is_no_proxy_of_ours_is_believed_nothing(
    proxies: TrustedProxies, peer: tuple[str, int] | None, client: str
) -> None:
    assert proxies.client(peer, ["198.51.100.1", "10.0.0.2"]) == client


@pytest.mark.parametrize("peer", [PROXY, ("::ffff:10.0.0.1", 4000), ("fd00::1", 4000)])
def test_a_proxy_of_ours_says_whom_it_passes_a_request_on_for(peer: tuple[str, int]) -> None:
    assert PROXIES.client(peer, ["203.0.113.7"]) == "203.0.113.7"
    assert NO_PROXIES.client(PROXY, ["203.0.113.7"]) == "10.0.0.1:4000"


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        # what the caller wrote is on the left
        (["198.51.100.1, 203.0.113.7"], "203.0.113.7"),
        (["10.9.9.9, 203.0.113.7"], "203.0.113.7"),
        (["nonsense, 203.0.113.7"], "203.0.113.7"),
        # through several proxies
        (["203.0.113.7, 10.0.0.2, 192.0.2.1"], "203.0.113.7"),
        (["198.51.100.1, 203.0.113.7", "10.0.0.2"], "203.0.113.7"),
        (["198.51.100.1", "203.0.113.7", "10.0.0.2, 10.0.0.1"], "203.0.113.7"),
        # however it is written
        (["203.0.113.7:9"], "203.0.113.7:9"),
        (["2001:DB8::7"], "2001:db8::7"),
        (["[2001:db8::7]"], "2001:db8::7"),
        (["[2001:db8::7]:9"], "[2001:db8::7]:9"),
        (["::ffff:203.0.113.7"], "203.0.113.7"),
        (["[::ffff:10.0.0.2]:9, 10.0.0.3"], "10.0.0.2:9"),
        (["\t 203.0.113.7 ,, ", "", " , "], "203.0.113.7"),
        # one of ours asks by itself
        (["10.0.0.2"], "10.0.0.2"),
        ([], "10.0.0.1:4000"),
        ([" , "], "10.0.0.1:4000"),
        # what cannot be read hides what is left of it
        (["203.0.113.7, unknown"], "10.0.0.1:4000"),
        (["203.0.113.7, unknown, 10.0.0.2"], "10.0.0.2"),
        (["203.0.113.7, _hidden"], "10.0.0.1:4000"),
        (["203.0.113.999"], "10.0.0.1:4000"),
        (["203.0.113.7:port"], "10.0.0.1:4000"),
        (["fe80::1%injected"], "10.0.0.1:4000"),
        (["2001:db8::7]:9"], "10.0.0.1:4000"),
        (["::1::"], "10.0.0.1:4000"),
        (["for=203.0.113.7"], "10.0.0.1:4000"),
        (["203.0.113.7 line=forged"], "10.0.0.1:4000"),
    ],
)
def test_the_caller_is_the_right_most_who_is_no_proxy_of_ours(
    forwarded: list[str], client: str
) -> None:
    assert PROXIES.client(PROXY, forwarded) == client


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("10.0.0.0/8, proxy.example", "'proxy.example' is no address and no network"),
        ("10.0.0.1:8080", "'10.0.0.1:8080' is no address and no network"),
        ("10.0.0.0/33", "'10.0.0.0/33' is no address and no network"),
        ("10.0.0.1/8", r"'10.0.0.1/8' is no network, .* 10.0.0.0/8 is the network"),
        ("0.0.0.0/0", "'0.0.0.0/0' is everybody"),
        ("::/0", "'::/0' is everybody"),
        ("::ffff:0:0/96", "'::ffff:0:0/96' is everybody"),
    ],
)
def test_what_is_no_network_is_refused_by_name(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=f"^{why}"):
        TrustedProxies.parse(text)


def test_a_network_of_mapped_addresses_is_one_of_ipv4() -> None:
    assert TrustedProxies.parse("::ffff:10.0.0.0/104") == TrustedProxies.parse("10.0.0.0/8")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.7:1", "203.0.113.7", True),
        ("203.0.113.7:1", "203.0.113.8:1", False),
        ("[2001:db8:0:1::7]:1", "2001:db8:0:1:ffff::", True),
        ("[2001:db8:0:1::7]:1", "[2001:db8:0:2::7]:1", False),
    ],
)
def test_one_caller_is_an_address_or_a_64(one: str, other: str, same: bool) -> None:
    assert (network(one) == network(other)) is same
    assert network("") is None
