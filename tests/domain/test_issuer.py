"""What can be the issuer of an identity provider, and what an operator can allow beyond it."""

from __future__ import annotations

import pytest
from orgplane_server.domain.destination import NO_HOSTS, AllowedHosts
from orgplane_server.domain.issuer import complaint, single_tenant


@pytest.mark.parametrize(
    "url",
    [
        "https://idp.example",
        "https://idp.example/",
        "https://IDP.Example:8443/realms/acme",
        "https://login.microsoftonline.com/6babcaad-604b-40ac-a9d7-9fd97c0b779f/v2.0",
        "https://xn--strae-oqa.example",
        "https://idp.example/a%20b/~c",
        "https://9.9.9.9",
        "https://[2620:fe::fe]:8443/x",
        "https://keycloak",
        "https://my_idp.internal",
        "https://idp.example:1",
        "https://idp.example:65535",
        "https://idp.example/" + "a" * 2028,
    ],
)
def test_an_issuer(url: str) -> None:
    assert complaint(url, NO_HOSTS) is None


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "begins with https://"),
        ("idp.example", "begins with https://"),
        ("https:idp.example", "begins with https://"),
        ("//idp.example", "begins with https://"),
        ("ftp://idp.example", "begins with https://"),
        ("urn:example:idp", "begins with https://"),
        (" https://idp.example", "begins with https://"),
        ("https://idp.example?", "no query"),
        ("https://idp.example/?tenant=acme", "no query"),
        ("https://idp.example#", "no fragment"),
        ("https://idp.example/#a", "no fragment"),
        ("https://user@idp.example", "no user name"),
        ("https://user:password@idp.example", "no user name"),
        ("https://@idp.example", "no user name"),
        ("https://", "a host"),
        ("https:///realms/acme", "a host"),
        ("https://:8443", "a host"),
        ("https://idp.example.", "a host"),
        ("https://idp..example", "a host"),
        ("https://.example", "a host"),
        ("https://-idp.example", "a host"),
        ("https://idp-.example", "a host"),
        ("https://straße.example", "xn--"),
        ("https://idp。example", "xn--"),
        ("https://idp%2eexample", "a host"),
        ("https://idp.example\\@evil.example", "no user name"),
        ("https://idp.example\\.evil.example", "a host"),
        ("https://idp example", "a host"),
        ("https://idp.example\n", "a host"),
        ("https://idp\t.example", "a host"),
        ("https://" + "a" * 64 + ".example", "a host"),
        ("https://" + "a." * 127 + "example", "a host"),
        ("https://1.2.3", "a host"),
        ("https://256.1.1.1", "a host"),
        ("https://2130706433", "a host"),
        ("https://0x7f.1", "a host"),
        ("https://0x7f000001", "a host"),
        ("https://127.0.0.01", "a host"),
        ("https://[::1", "a host"),
        ("https://[]", "a host"),
        ("https://[1.2.3.4]", "a host"),
        ("https://[fe80::1%25eth0]", "a host"),
        ("https://::1", "a host"),
        ("https://idp.example:", "a port"),
        ("https://idp.example:0", "a port"),
        ("https://idp.example:65536", "a port"),
        ("https://idp.example:99999", "a port"),
        ("https://idp.example:٤٤٣", "a host"),
        ("https://idp.example:443:443", "a host"),
        ("https://idp.example:-1", "a host"),
        ("https://idp.example/a b", "percent-encoded"),
        ("https://idp.example/ä", "percent-encoded"),
        ("https://idp.example/%zz", "percent-encoded"),
        ("https://idp.example/\x7f", "percent-encoded"),
        ("https://idp.example/.well-known/openid-configuration", "stands before"),
        ("https://idp.example/acme/.well-known/openid-configuration/", "stands before"),
        ("https://idp.example/" + "a" * 2029, "at most 2048"),
    ],
)
def test_no_issuer(url: str, why: str) -> None:
    told = complaint(url, NO_HOSTS)
    assert told is not None
    assert why in told


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("http://idp.example", "idp.example:80"),
        ("HTTP://localhost:8081/realms/acme", "localhost:8081"),
        ("http://127.0.0.1:8081", "127.0.0.1:8081"),
        ("http://[::1]:8081", "[::1]:8081"),
    ],
)
def test_plain_http_is_refused_with_the_flag_that_allows_it(url: str, named: str) -> None:
    told = complaint(url, NO_HOSTS)
    assert told is not None
    assert told.endswith(f" --sso-allowed-hosts {named}")
    assert complaint(url, AllowedHosts.parse(named)) is None


@pytest.mark.parametrize(
    "address", ["10.0.0.1", "127.0.0.1", "169.254.169.254", "[::1]", "[fd00::1]"]
)
def test_a_private_address_is_refused_with_the_flag_that_allows_it(address: str) -> None:
    told = complaint(f"https://{address}/realms/acme", NO_HOSTS)
    assert told is not None
    assert told.endswith(f" --sso-allowed-hosts {address}:443")
    assert complaint(f"https://{address}/realms/acme", AllowedHosts.parse(address)) is None


@pytest.mark.parametrize(
    ("listed", "url", "allowed"),
    [
        ("idp.test", "http://IDP.test:8081", True),
        ("IDP.test:8081", "http://idp.test:8081", True),
        ("idp.test:80", "http://idp.test", True),
        ("idp.test:8081", "http://idp.test", False),
        ("idp.test", "http://a.idp.test", False),
        ("a.test, idp.test:1 ,", "http://idp.test:1", True),
        ("[0:0::1]", "http://[::1]:8081", True),
        ("127.0.0.1", "http://localhost", False),
        ("idp.test", "http://idp.test:99999", False),
        ("idp.test", "http://idp.test?x", False),
    ],
)
def test_an_operator_allows_hosts(listed: str, url: str, allowed: bool) -> None:
    assert (complaint(url, AllowedHosts.parse(listed)) is None) is allowed


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://localhost:8081", True),
        ("http://keycloak.localhost", True),
        ("http://127.9.9.9", True),
        ("http://[::1]:8081", True),
        ("http://localhost.example", False),
        ("http://192.0.2.1", False),
    ],
)
def test_the_demo_allows_this_machine(url: str, allowed: bool) -> None:
    assert (complaint(url, AllowedHosts(loopback=True)) is None) is allowed


@pytest.mark.parametrize("text", ["http://idp.test", "a b", "idp.test:", "idp.test:0", "::1", "*"])
def test_what_is_no_host_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="is no HOST or HOST:PORT"):
        AllowedHosts.parse(f"a.test,{text}")


_TENANT = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"


@pytest.mark.parametrize(
    ("url", "single"),
    [
        (f"https://login.microsoftonline.com/{_TENANT}/v2.0", True),
        (f"https://login.microsoftonline.us/{_TENANT}/v2.0", True),
        ("https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0", False),
        ("https://login.microsoftonline.com/common/v2.0", False),
        ("https://login.microsoftonline.com/organizations/v2.0", False),
        (f"https://login.microsoftonline.com.evil.example/{_TENANT}/v2.0", False),
        (f"https://evil.example/https://login.microsoftonline.com/{_TENANT}/v2.0", False),
        (f"http://login.microsoftonline.com/{_TENANT}/v2.0", False),
        (f"https://login.microsoftonline.com/{_TENANT}/v2.0/", False),
        (f"https://sts.windows.net/{_TENANT}/", False),
        ("https://acme.okta.com", False),
        ("https://accounts.google.com", False),
    ],
)
def test_only_of_a_named_tenant_of_entra_silence_says_that_an_address_is_verified(
    url: str, single: bool
) -> None:
    assert single_tenant(url) is single
