"""Proxies that the environment names: which is used, and how it is named when something goes wrong."""

from __future__ import annotations

from typing import Any

import orgplane
import pytest
from either_client import settled
from fake_gateway import Gateway, nobody
from orgplane._core import proxy

#: A name that nothing answers to; a proxy is asked for it, nobody else.
SERVER = "http://orgplane.invalid:8080"


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> Any:
    return orgplane.Client if request.param == "sync" else orgplane.AsyncClient


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


async def refused(kind: Any, url: str, **options: Any) -> orgplane.APIError:
    client = kind(url=url, token="x", max_retries=0, **options)
    with pytest.raises(orgplane.APIError) as caught:
        await settled(client.identity.get_authenticated_identity())
    await settled(client.close())
    return caught.value


@pytest.mark.parametrize("protocol", ["connect", "grpc-web"])
async def test_what_a_proxy_answers_names_it(
    kind: Any, monkeypatch: pytest.MonkeyPatch, protocol: str
) -> None:
    with Gateway(407) as gateway:
        monkeypatch.setenv("HTTP_PROXY", f"http://user:hunter2@{gateway.address}")
        error = await refused(kind, SERVER, protocol=protocol)
    assert "HTTP 407 Proxy Authentication Required" in str(error)
    assert str(error).endswith(f"(through the proxy {gateway.url} of HTTP_PROXY)")
    assert "hunter2" not in str(error)
    assert gateway.asked[0].startswith(f"POST {SERVER}/".encode())


@pytest.mark.parametrize("url", [SERVER, "https://orgplane.invalid"])
async def test_a_proxy_that_is_not_there_is_named(
    kind: Any, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    with nobody() as address:
        monkeypatch.setenv("all_proxy", address.replace("://", "://user:hunter2@"))
        error = await refused(kind, url)
    assert isinstance(error, orgplane.NotReachedError)
    assert str(error).endswith(f"refused (os error 111) (through the proxy {address} of all_proxy)")
    assert "hunter2" not in str(error)


@pytest.mark.parametrize(
    ("status", "complaint"),
    [(407, "the proxy asks for a user and a password"), (502, "the proxy does not connect to it")],
)
async def test_a_proxy_that_makes_no_tunnel_says_so(
    kind: Any, monkeypatch: pytest.MonkeyPatch, status: int, complaint: str
) -> None:
    with Gateway(status) as gateway:
        monkeypatch.setenv("HTTPS_PROXY", gateway.url)
        error = await refused(kind, "https://orgplane.invalid")
    assert isinstance(error, orgplane.NotReachedError)
    assert complaint in str(error)
    assert str(error).endswith(f"(through the proxy {gateway.url} of HTTPS_PROXY)")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_this_machine_is_called_without_a_proxy(
    kind: Any, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    with Gateway(200) as unused, Gateway(403) as server:
        monkeypatch.setenv("ALL_PROXY", unused.url)
        monkeypatch.setenv("HTTP_PROXY", unused.url)
        error = await refused(kind, server.url.replace("127.0.0.1", host))
    assert isinstance(error, orgplane.PermissionDeniedError)
    assert "proxy" not in str(error)
    assert unused.asked == []


@pytest.mark.parametrize(
    ("url", "environment", "variable"),
    [
        ("http://a.example", {"HTTP_PROXY": "http://p:1"}, "HTTP_PROXY"),
        (
            "http://a.example",
            {"HTTP_PROXY": "http://p:1", "http_proxy": "http://q:1"},
            "http_proxy",
        ),
        ("http://a.example", {"HTTP_PROXY": "http://p:1", "http_proxy": ""}, None),
        ("http://a.example", {"HTTP_PROXY": "http://p:1", "REQUEST_METHOD": "GET"}, None),
        ("http://a.example", {"HTTPS_PROXY": "http://p:1"}, None),
        ("https://a.example", {"HTTPS_PROXY": "p:1", "ALL_PROXY": "http://q:1"}, "HTTPS_PROXY"),
        (
            "https://a.example",
            {"HTTP_PROXY": "http://p:1", "ALL_PROXY": "socks5://q:1"},
            "ALL_PROXY",
        ),
        ("http://a.example", {"HTTP_PROXY": "p:1", "NO_PROXY": "b.example, .example"}, None),
        ("http://a.example", {"HTTP_PROXY": "p:1", "NO_PROXY": "*.example"}, None),
        ("http://a.example.", {"HTTP_PROXY": "p:1", "NO_PROXY": "b  A.example. c"}, None),
        ("http://a.example", {"HTTP_PROXY": "p:1", "NO_PROXY": "*"}, None),
        ("http://a.example", {"HTTP_PROXY": "p:1", "no_proxy": "ample"}, "HTTP_PROXY"),
        ("http://10.1.2.3", {"HTTP_PROXY": "p:1", "no_proxy": "10.0.0.0/8"}, None),
        ("http://11.1.2.3", {"HTTP_PROXY": "p:1", "no_proxy": "10.0.0.0/8"}, "HTTP_PROXY"),
        ("http://[fd00::1]", {"HTTP_PROXY": "p:1", "no_proxy": "[fd00::1]"}, None),
        ("http://127.9.9.9", {"ALL_PROXY": "p:1"}, None),
        ("http://[::1]:80", {"ALL_PROXY": "p:1"}, None),
        ("http://[::ffff:127.0.0.1]", {"ALL_PROXY": "p:1"}, None),
        ("http://a.localhost", {"ALL_PROXY": "p:1"}, None),
    ],
)
def test_which_proxy_it_is(url: str, environment: dict[str, str], variable: str | None) -> None:
    found = proxy.find(url, environment)
    assert (found.variable if found else None) == variable


@pytest.mark.parametrize("value", ["user:hunter2@:1", "ftp://hunter2", "http://hunter2:x", "a b"])
def test_what_is_no_proxy_is_refused_by_its_name(
    kind: Any, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("HTTP_PROXY", value)
    with pytest.raises(orgplane.ConfigurationError, match=r"^HTTP_PROXY: expected") as caught:
        kind(url=SERVER, token="x")
    assert "hunter2" not in str(caught.value)
