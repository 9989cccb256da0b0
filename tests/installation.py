"""A server process with an organization whose members sign in through a provider, and a browser for them."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import orgplane
from identity_provider import scim
from orgplane.types import SSOConfigurationState
from processes import PATIENCE, Organization, Server, create_organization, run, sqlite_url
from simple_provider import CLIENT_ID, CLIENT_SECRET, SimpleProvider, simple_provider


@dataclass(frozen=True)
class Page:
    url: str
    status: int
    headers: Any
    text: str


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


class Plain:
    """Asks, and keeps cookies."""

    def __init__(self) -> None:
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        self._opener = urllib.request.build_opener(
            cookies, _Stay(), urllib.request.ProxyHandler({})
        )

    def ask(self, url: str, form: dict[str, str] | None = None) -> Page:
        """What is answered, also if it is a redirect."""
        body = None if form is None else urlencode(form).encode()
        try:
            with self._opener.open(url, body, timeout=PATIENCE) as answer:
                return Page(url, answer.status, answer.headers, answer.read().decode())
        except urllib.error.HTTPError as answer:
            with answer:
                return Page(url, answer.code, answer.headers, answer.read().decode())


def link(page: Page) -> str:
    """The address of a page's only link."""
    (found,) = re.findall(r'<a href="([^"]+)"', page.text)
    return urljoin(page.url, unescape(found))


class Browser(Plain):
    """Follows a person's way over pages and redirects; at the provider they are `sub`."""

    def __init__(self, provider: SimpleProvider, sub: str) -> None:
        super().__init__()
        self._provider = provider
        self._sub = sub

    def open(self, url: str) -> Page:
        """The page at the end of the way."""
        while True:
            page = self.ask(url)
            if page.status not in (302, 303):
                return page
            url = urljoin(url, page.headers["location"])
            if url.startswith(self._provider.issuer):
                back = dict(parse_qsl(urlsplit(url).query))["redirect_uri"]
                url = f"{back}?{urlencode(self._provider.sign_in(url, self._sub))}"


@dataclass(frozen=True)
class Installation:
    """The member `bea-1` of the provider was provisioned as Bea."""

    server: Server
    provider: SimpleProvider
    organization: Organization
    sso_configuration_id: str
    bea: str

    @property
    def url(self) -> str:
        return self.server.url

    def browser(self, sub: str = "bea-1") -> Browser:
        return Browser(self.provider, sub)

    def session_token(self, sub: str = "bea-1") -> str:
        """Of somebody who signs in by the page that shows it."""
        page = self.browser(sub).open(f"{self.url}/login/sso/{self.sso_configuration_id}")
        assert page.status == 200, page.text
        return page.text.partition("<code>")[2].partition("</code>")[0]


@contextlib.contextmanager
def provider() -> Iterator[SimpleProvider]:
    """In a thread of its own."""
    ready, stop = threading.Event(), threading.Event()
    there: list[SimpleProvider] = []

    async def serve() -> None:
        async with simple_provider(time.time) as provider:
            there.append(provider)
            ready.set()
            await asyncio.to_thread(stop.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(PATIENCE)
    try:
        yield there[0]
    finally:
        stop.set()
        thread.join()


def free_port() -> int:
    """For a server that has to know its address before it listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def customer(
    server: Server, organization: Organization, provider: SimpleProvider
) -> tuple[str, str]:
    """The organization gets a provider, whose `bea-1` is provisioned as Bea; the ids of the SSO configuration, and Bea's."""
    with orgplane.Client(url=server.url, token=organization.token) as client:
        of = {"organization_id": organization.organization_id}
        configurations = client.organizations
        sso = configurations.sso_configurations.create(
            **of,
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            issuer_url=provider.issuer,
            email_domains=["acme.example"],
        ).sso_configuration.id
        configurations.sso_configurations.update(
            sso_configuration_id=sso, state=SSOConfigurationState.ACTIVE
        )
        made = configurations.scim_configurations.create(**of, sso_configuration_id=sso)
    user = {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "bea@acme.example",
        "displayName": "Bea",
        "emails": [{"value": "bea@acme.example"}],
        "externalId": "bea-1",
    }
    status, bea = scim(server.url, made.token, "POST", "/Users", user)
    assert status == 201, bea
    return sso, bea["id"]


@contextlib.contextmanager
def installation(folder: Path) -> Iterator[Installation]:
    url = sqlite_url(folder)
    organization = create_organization(url)
    vouched = run(
        *("verify-domain", "--private", "--domain", "acme.example", "--database-url", url),
        *("--organization", organization.organization_id),
    )
    assert vouched.returncode == 0, vouched.stderr
    port = free_port()
    public = f"http://127.0.0.1:{port}"
    with (
        provider() as its,
        Server(
            *("--database-url", url, "--listen", f"127.0.0.1:{port}", "--public-url", public),
            *("--sso-allowed-hosts", its.issuer.removeprefix("http://")),
            *("--return-origins", public),
        ) as server,
    ):
        yield Installation(server, its, organization, *customer(server, organization, its))
