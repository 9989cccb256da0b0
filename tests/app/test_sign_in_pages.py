"""The pages by which a browser signs in, with a real provider behind them."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit
from uuid import uuid4

import pytest
from clock import SettableClock
from openid_provider import (
    CALLBACK,
    CLIENT_ID,
    CLIENT_SECRET,
    LOGOUT,
    OpenIDProvider,
    openid_provider,
)
from orgplane_server.domain.destination import AllowedHosts
from orgplane_server.domain.instant import system_clock
from orgplane_server.domain.sso_configuration import SsoConfigurationState
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.organization import Founded
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.scim_configuration import ScimConfigurations
from orgplane_server.usecases.sealing import Sealer
from orgplane_server.usecases.sso_configuration import SsoConfigurations
from people import Access
from provisioning import serving
from pyqwest import Client, HTTPTransport
from relying_party import APP, PUBLIC, World, query, world
from scim_client import Scim

__all__ = ["openid_provider", "world"]

HERE = AllowedHosts(loopback=True)
NOBODY = "01a21039-7c8a-74de-b607-738a1d4f33ba"


class Browser:
    """Follows a person's way: pages and redirects, with the cookies of each host."""

    def __init__(self, outside: Client) -> None:
        self._outside = outside
        self._cookies: dict[str, dict[str, str]] = {}

    async def get(self, client: Client | None, url: str, form: Any = None) -> Any:
        host = urlsplit(url).netloc
        kept = self._cookies.setdefault(host, {})
        headers = {"cookie": "; ".join(f"{k}={v}" for k, v in kept.items())}
        content = None
        if form is not None:
            headers["content-type"] = "application/x-www-form-urlencoded"
            content = urlencode(form).encode()
        response = await (client or self._outside).execute(
            "GET" if form is None else "POST", url, headers=headers, content=content
        )
        for name, value in response.headers.items():
            if name.lower() == "set-cookie":
                for key, morsel in SimpleCookie(value).items():
                    kept[key] = morsel.value
        return response

    async def sign_in(self, url: str, login: str) -> str:
        """Where the provider sends the browser that it was sent to, after login and consent at its own pages."""
        forms = iter(({"prompt": "login", "login": login, "password": "x"}, {"prompt": "consent"}))
        while not url.startswith(CALLBACK):
            response = await self.get(None, url)
            if response.status == 200:
                response = await self.get(None, url, next(forms))
            url = urljoin(url, response.headers["location"])
        return url

    async def log_out(self, issuer: str) -> list[str]:
        """Ends the session at the provider; the logout tokens that it sends."""
        page = await self.get(None, f"{issuer}/session/end?client_id={CLIENT_ID}")
        (secret,) = re.findall(r'name="xsrf" value="(\w+)"', page.text())
        form = {"xsrf": secret, "logout": "yes"}
        await self.get(None, f"{issuer}/session/end/confirm", form)
        tokens: list[str] = json.loads((await self.get(None, f"{issuer}/logout-tokens")).text())
        return tokens


async def identity(http: Client, token: str) -> Any:
    return await http.execute(
        "POST",
        f"{PUBLIC}/gitpod.v1.IdentityService/GetAuthenticatedIdentity",
        headers={"content-type": "application/json", "authorization": f"Bearer {token}"},
        content=b"{}",
    )


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_member_whom_scim_provisioned_signs_in_and_acts(
    openid_provider: OpenIDProvider, database: Database, acme: Founded
) -> None:
    sealer, pages = Sealer(bytes(32)), PageTokens(Sealer(bytes(32)))
    sso = SsoConfigurations(database, system_clock, pages, sealer, HERE)
    configuration = await sso.create(
        acme.caller,
        acme.organization.id,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        issuer_url=openid_provider.issuer,
    )
    issued = await ScimConfigurations(database, system_clock, pages).create(
        acme.caller, acme.organization.id, configuration.id
    )
    clock: Any = system_clock
    login = f"{PUBLIC}/login/sso/{configuration.id}"
    async with (
        serving(database, clock, public_url=PUBLIC, sso_allowed_hosts=HERE) as http,
        HTTPTransport(follow_redirects=False) as transport,
    ):
        outside = Client(transport)
        browser = Browser(outside)
        inactive = await browser.get(http, login)
        assert (inactive.status, "Nobody can sign in here" in inactive.text()) == (403, True)
        await sso.update(acme.caller, configuration.id, {"state": SsoConfigurationState.ACTIVE})
        bea = await Scim(http, issued.token.reveal()).create_user("bea", externalId="bea-1")
        begun = await browser.get(http, login)
        assert begun.status == 303
        cookie = begun.headers["set-cookie"]
        assert cookie.startswith("__Host-orgplane-sign-in=")
        for attribute in ("; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure"):
            assert attribute in cookie
        back = await browser.sign_in(begun.headers["location"], "bea-1")
        stranger = await Browser(outside).get(http, back)
        assert stranger.status == 403
        done = await browser.get(http, back)
        assert done.status == 200, done.text()
        assert "Max-Age=0" in done.headers["set-cookie"]
        assert done.headers["cache-control"] == "no-store"
        assert done.headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in done.headers["content-security-policy"]
        found = re.search(r"<code>(orgplane_session_\w+)</code>", done.text())
        assert found is not None
        again = await browser.get(http, back)
        assert (again.status, "orgplane_session_" in again.text()) == (403, False)
        assert json.loads((await identity(http, found[1])).text())["subject"]["id"] == bea["id"]
        (token,) = await browser.log_out(openid_provider.issuer)
        for path, status in ((uuid4(), 400), (configuration.id, 200)):
            told = await http.execute(
                "POST",
                f"{LOGOUT}{path}",
                headers={"content-type": "application/x-www-form-urlencoded"},
                content=urlencode({"logout_token": token}).encode(),
            )
            assert (told.status, told.headers["cache-control"]) == (status, "no-store")
        assert (await identity(http, found[1])).status == 401


@pytest.fixture
async def outside(clock: SettableClock) -> AsyncIterator[Client]:
    """Asks the real provider, whose time it is."""
    clock.now = system_clock()
    async with HTTPTransport(follow_redirects=False) as transport:
        yield Client(transport)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_an_application_learns_who_signed_in_at_a_real_provider(
    openid_provider: OpenIDProvider, outside: Client, world: World, database: Database
) -> None:
    caller, organization = world.owner.caller, world.owner.organization
    configuration = await world.sso.create(
        caller,
        organization.id,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        issuer_url=openid_provider.issuer,
    )
    await world.sso.update(caller, configuration.id, {"state": SsoConfigurationState.ACTIVE})
    issued = await ScimConfigurations(database, system_clock, PageTokens(Sealer(bytes(32)))).create(
        caller, organization.id, configuration.id
    )
    scim = Scim(world.http, issued.token.reveal())
    bea = await scim.create_user("bea", externalId="bea-1")
    await scim.create_group("Engineers", bea)
    asked = await world.authorize(sso_configuration=str(configuration.id))
    begun = await world.get(asked.headers["location"])
    back = await Browser(outside).sign_in(begun.headers["location"], "bea-1")
    answer = query((await world.get(back)).headers["location"])
    told = json.loads((await world.token(code=answer["code"])).text())
    person = json.loads((await world.userinfo(told["access_token"])).text())
    assert (person["sub"], person["role"], person["groups"]) == (
        bea["id"],
        "member",
        ["Engineers"],
    )


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_real_provider_signs_nobody_in_for_another_that_leads_to_it(
    openid_provider: OpenIDProvider, outside: Client, world: World, acme_member: Access
) -> None:
    """RFC 9700, section 4.4.1: a provider describes another's page as its own, to be shown the code."""
    world.provider.described["authorization_endpoint"] = f"{openid_provider.issuer}/auth"
    begun = await world.get((await world.authorize()).headers["location"])
    back = await Browser(outside).sign_in(begun.headers["location"], "mel-1")
    assert query(back)["iss"] == openid_provider.issuer
    answer = (await world.get(back)).headers["location"]
    assert answer.startswith(APP)
    assert (query(answer)["error"], "code" in query(answer)) == ("access_denied", False)
    assert "/token_endpoint" not in world.provider.asked


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_odd_requests_are_told_without_an_error_and_nothing_of_them_is_shown_unescaped(
    database: Database, clock: SettableClock
) -> None:
    async with serving(database, clock, public_url="http://127.0.0.1:1") as http:
        for path in (
            "/login/sso/",
            "/login/sso/nobody",
            f"/login/sso/{NOBODY}",
            "/sso/callback/",
            "/sso/callback/nobody?state=a&code=b",
            f"/sso/callback/{NOBODY}",
            f"/sso/callback/{NOBODY}?state=%ff&code=%00",
            f"/sso/callback/{NOBODY}?state=a&state=b",
            f"/sso/callback/{NOBODY}?error=%3Cscript%3E&state=x",
        ):
            answer = await http.execute("GET", f"http://127.0.0.1:1{path}")
            assert answer.status == 403, path
            assert "You are not signed in" in answer.text()
            assert "<script" not in answer.text()
            # What the browser has open stays: another site may have sent it here.
            assert "set-cookie" not in answer.headers
        posted = await http.execute("POST", f"http://127.0.0.1:1/sso/callback/{NOBODY}")
        assert posted.status == 405
        for path in ("/sso/callback", f"/sso/callback/{NOBODY}/more"):
            answer = await http.execute("GET", f"http://127.0.0.1:1{path}?state=a&code=b")
            assert answer.status == 404
