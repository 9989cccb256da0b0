"""A server with a provider behind it, and what an application and a browser do with it."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from clock import SettableClock
from openid_provider import CALLBACK
from orgplane_server.domain.application import Application
from orgplane_server.domain.client_address import TrustedProxies
from orgplane_server.domain.destination import AllowedHosts
from orgplane_server.domain.sso_configuration import SsoConfiguration, SsoConfigurationState
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.application import Applications, Registered
from orgplane_server.usecases.domain_verification import Vouching
from orgplane_server.usecases.organization import Founded
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.sealing import Sealer
from orgplane_server.usecases.sso_configuration import SsoConfigurations
from people import Access
from provisioning import serving
from pyqwest import Client
from simple_provider import CLIENT_ID, CLIENT_SECRET, SimpleProvider, simple_provider

#: Where the redirect URI is that real providers have registered.
PUBLIC = CALLBACK.removesuffix("/sso/callback/")
APP = "https://app.example/callback?from=orgplane"
HERE = AllowedHosts(loopback=True)
#: This machine: limits by address hold for all addresses.
PROXIES = TrustedProxies.parse("127.0.0.1/32")
VERIFIER = "v" * 43
MEL = {"email": "mel@acme.example", "email_verified": True}


def challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def query(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


@dataclass
class World:
    """A server with Acme's provider, an application that lets in members of Acme, and whoever has a browser."""

    http: Client
    provider: SimpleProvider
    configuration: SsoConfiguration
    sso: SsoConfigurations
    applications: Applications
    registered: Registered
    owner: Founded
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def application(self) -> Application:
        return self.registered.application

    async def get(self, url: str, **headers: str) -> Any:
        path = url if url.startswith("http") else f"{PUBLIC}{url}"
        cookie = {"cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        answer = await self.http.execute("GET", path, headers={**cookie, **headers})
        return self.kept(answer)

    def kept(self, answer: Any, browser: bool = True) -> Any:
        """The answer, whose cookie the browser keeps."""
        if browser and (given := answer.headers.get("set-cookie")) is not None:
            name, _, value = given.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    async def authorize(self, **changes: str | None) -> Any:
        asked = {
            "client_id": str(self.application.id),
            "redirect_uri": APP,
            "response_type": "code",
            "scope": "openid profile",
            "state": "a state & more",
            "nonce": "n-1",
            "code_challenge": challenge(VERIFIER),
            "code_challenge_method": "S256",
            "sso_configuration": str(self.configuration.id),
            **changes,
        }
        given = {name: value for name, value in asked.items() if value is not None}
        return await self.get(f"/oauth2/authorize?{urlencode(given)}")

    async def begun(self, **changes: str | None) -> dict[str, str]:
        """The provider's answer after somebody has gone there."""
        asked = await self.authorize(**changes)
        assert asked.status == 303, asked.text()
        begun = await self.get(asked.headers["location"])
        assert begun.status == 303, begun.text()
        return self.provider.sign_in(begun.headers["location"], "mel-1", **MEL)

    async def back(self, answer: dict[str, str]) -> Any:
        return await self.get(f"/sso/callback/{self.configuration.id}?{urlencode(answer)}")

    async def code(self, **changes: str | None) -> str:
        back = await self.back(await self.begun(**changes))
        assert back.status == 303, back.text()
        return query(back.headers["location"])["code"]

    async def token(
        self, credential: Registered | None = None, basic: bool = True, **form: str | None
    ) -> Any:
        by = credential or self.registered
        id, secret = str(by.application.id), by.secret.reveal()
        headers = {"content-type": "application/x-www-form-urlencoded"}
        asked: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "redirect_uri": APP,
            "code_verifier": VERIFIER,
        }
        if basic:
            headers["authorization"] = (
                "Basic " + base64.b64encode(f"{id}:{secret}".encode()).decode()
            )
        else:
            asked |= {"client_id": id, "client_secret": secret}
        given = {name: value for name, value in (asked | form).items() if value is not None}
        return await self.http.execute(
            "POST", f"{PUBLIC}/oauth2/token", headers=headers, content=urlencode(given).encode()
        )

    async def error(self, *arguments: Any, **form: Any) -> str:
        answer = await self.token(*arguments, **form)
        assert answer.status in (400, 401), answer.text()
        return str(json.loads(answer.text())["error"])

    async def userinfo(self, token: str) -> Any:
        return await self.get("/oauth2/userinfo", authorization=f"Bearer {token}")

    async def signed_in(self) -> dict[str, Any]:
        answer = await self.token(code=await self.code())
        assert answer.status == 200, answer.text()
        return dict(json.loads(answer.text()))


@pytest.fixture
async def world(
    database: Database, clock: SettableClock, acme: Founded, acme_member: Access
) -> AsyncIterator[World]:
    sealer = Sealer(bytes(32))
    sso = SsoConfigurations(database, clock, PageTokens(sealer), sealer, HERE)
    applications = Applications(database, clock)
    registered = await applications.create("App", [APP], [acme.organization.id])
    await Vouching(database, clock).vouch(acme.organization.id, "acme.example", private=True)
    async with (
        simple_provider(lambda: clock.now.timestamp()) as provider,
        serving(
            database, clock, public_url=PUBLIC, sso_allowed_hosts=HERE, trusted_proxies=PROXIES
        ) as http,
    ):
        configuration = await sso.create(
            acme.caller,
            acme.organization.id,
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            issuer_url=provider.issuer,
            email_domains=("acme.example",),
        )
        await sso.update(acme.caller, configuration.id, {"state": SsoConfigurationState.ACTIVE})
        yield World(http, provider, configuration, sso, applications, registered, acme)
