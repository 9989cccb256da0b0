"""How people find their provider, by RPC and by page, and how a program comes to act for who has signed in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID

import pytest
import sqlalchemy as sa
from clock import SettableClock
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from operating import Operator
from orgplane_api.gitpod.v1 import account_pb, identity_pb
from orgplane_api.gitpod.v1 import login_pb as pb
from orgplane_api.gitpod.v1.organization_invite_pb import CreateOrganizationInviteRequest
from orgplane_api.gitpod.v1.pagination_pb import PaginationRequest, PaginationResponse
from orgplane_api.gitpod.v1.user_pb import SetSuspendedRequest
from orgplane_server.app.build import Server, build
from orgplane_server.cel.claims_expressions import ClaimsExpressions
from orgplane_server.domain.destination import AllowedHosts
from orgplane_server.domain.identifier import SsoConfigurationId
from orgplane_server.domain.sso_configuration import SsoConfigurationState
from orgplane_server.outbound.fetcher import Fetcher
from orgplane_server.store.engine.database import Database
from orgplane_server.store.sign_in import table as sign_in
from orgplane_server.telemetry import logs
from orgplane_server.usecases.domain_verification import Vouching
from orgplane_server.usecases.organization import Founded
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.sealing import Sealer
from orgplane_server.usecases.sso_configuration import SsoConfigurations
from people import Access
from pyqwest import Client
from query_plans import every_statement
from rpc_clients import ORIGIN, Clients, ClientsFor, reason
from simple_provider import CLIENT_ID, CLIENT_SECRET, SimpleProvider, simple_provider

APP = "https://app.example"
RETURN_TO = f"{APP}/signed-in?state=s%C3%A4"
HERE = AllowedHosts(loopback=True)
A_MINUTE = 30


@pytest.fixture
async def server(database: Database, clock: SettableClock, way: str) -> AsyncIterator[Server]:
    server = build(
        database,
        bytes(32),
        clock=clock,
        max_request_bytes=1024 * 1024,
        request_timeout=30,
        short_way=way == "short",
        public_url=ORIGIN,
        return_origins=(APP, "http://127.0.0.1:7000"),
        sso_allowed_hosts=HERE,
        fetcher=Fetcher(HERE),
    )
    yield server
    await server.aclose()


@dataclass
class Providers:
    """Of organizations, which their administrators configure."""

    provider: SimpleProvider
    sso: SsoConfigurations
    vouching: Vouching

    async def add(
        self, owner: Founded, *domains: str, name: str = "", active: bool = True
    ) -> SsoConfigurationId:
        made = await self.sso.create(
            owner.caller,
            owner.organization.id,
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            issuer_url=self.provider.issuer,
            email_domains=domains,
            display_name=name,
        )
        if active:
            await self.sso.update(owner.caller, made.id, {"state": SsoConfigurationState.ACTIVE})
        return made.id

    async def prove(self, owner: Founded, domain: str) -> None:
        await self.vouching.vouch(owner.organization.id, domain, private=True)


@pytest.fixture
async def providers(database: Database, clock: SettableClock) -> AsyncIterator[Providers]:
    sealer = Sealer(bytes(32))
    async with simple_provider(lambda: clock.now.timestamp()) as provider:
        sso = SsoConfigurations(
            *(database, clock, PageTokens(sealer), sealer, HERE, ClaimsExpressions())
        )
        yield Providers(provider, sso, Vouching(database, clock, shared=True))


@pytest.fixture
async def configuration(providers: Providers, acme: Founded) -> SsoConfigurationId:
    await providers.prove(acme, "acme.example")
    return await providers.add(acme, "acme.example", name="Okta")


async def url(clients: Clients, email: str, return_to: str | None = None) -> str:
    request = pb.GetSSOLoginURLRequest(email=email, return_to=return_to)
    found: str = (await clients("get_sso_login_url", request)).login_url
    return found


async def logins(clients: Clients, email: str, **pagination: Any) -> pb.ListSSOLoginsResponse:
    page = PaginationRequest(**pagination)
    request = pb.ListSSOLoginsRequest(email=email, pagination=page)
    found: pb.ListSSOLoginsResponse = await clients("list_sso_logins", request)
    return found


async def refused(call: Any) -> tuple[Code, str]:
    with pytest.raises(ConnectError) as caught:
        await call
    return caught.value.code, reason(caught.value)


class Person:
    """Signs in with a browser of their own."""

    def __init__(self, http: Client, providers: Providers) -> None:
        self._http = http
        self._provider = providers.provider
        self.cookie = ""

    async def begin(self, login: str, sub: str) -> str:
        """The address that the provider sends the browser back to."""
        begun = await self._http.get(login)
        assert begun.status == 303, begun.text()
        self.cookie = begun.headers["set-cookie"].partition(";")[0]
        (redirect,) = parse_qs(urlsplit(begun.headers["location"]).query)["redirect_uri"]
        email = {"email": f"{sub}@acme.example", "email_verified": True}
        answer = self._provider.sign_in(begun.headers["location"], sub, **email)
        return f"{redirect}?{urlencode(answer)}"

    async def finish(self, address: str) -> Any:
        return await self._http.get(address, headers={"cookie": self.cookie})

    async def sign_in(self, login: str, sub: str) -> str:
        """The exchange token with which the browser comes to where it was to return to."""
        done = await self.finish(await self.begin(login, sub))
        assert (done.status, done.text()) == (303, "")
        assert done.headers["referrer-policy"] == "no-referrer"
        assert done.headers["cache-control"] == "no-store"
        to, _, token = done.headers["location"].partition("#exchange_token=")
        assert to == RETURN_TO
        return str(token)


async def exchange(clients: Clients, token: str) -> str:
    request = identity_pb.ExchangeTokenRequest(exchange_token=token)
    got: str = (await clients("exchange_token", request)).access_token
    return got


async def test_a_program_acts_for_who_has_signed_in(
    clients_for: ClientsFor,
    http: Client,
    providers: Providers,
    configuration: SsoConfigurationId,
    acme: Founded,
    acme_member: Access,
    capsys: pytest.CaptureFixture[str],
) -> None:
    nobody, person = clients_for(""), Person(http, providers)
    login = await url(nobody, "mel@acme.example", RETURN_TO)
    assert login.partition("?")[0] == f"{ORIGIN}/login/sso/{configuration}"
    token = await person.sign_in(login, "mel")
    access = await exchange(nobody, token)
    mel = clients_for(access)
    who = await mel("get_authenticated_identity", identity_pb.GetAuthenticatedIdentityRequest())
    assert who.subject == identity_pb.Subject(
        id=str(acme_member.user.id), principal=identity_pb.Principal.USER
    )
    assert who.organization_id == str(acme.organization.id)
    account = (await mel("get_account", account_pb.GetAccountRequest())).account
    assert (account.email, [each.user_id for each in account.memberships]) == (
        "mel@acme.example",
        [str(acme_member.user.id)],
    )
    assert await refused(exchange(nobody, token)) == (Code.UNAUTHENTICATED, "TOKEN_UNKNOWN")
    for wrong in ("", "x", access, acme_member.token.reveal()):
        assert await refused(exchange(nobody, wrong)) == (Code.UNAUTHENTICATED, "TOKEN_MALFORMED")
    bearer = clients_for(token)
    assert await refused(bearer("get_account", account_pb.GetAccountRequest())) == (
        *(Code.UNAUTHENTICATED, "TOKEN_MALFORMED"),
    )
    logs.drain()
    said = "".join(capsys.readouterr())
    assert token not in said
    assert access not in said


@pytest.mark.parametrize("protocol", ["connect-json"], indirect=True)
async def test_an_exchange_token_ends_after_a_minute_and_with_the_session(
    clients_for: ClientsFor,
    admin: Clients,
    http: Client,
    providers: Providers,
    configuration: SsoConfigurationId,
    acme: Founded,
    acme_member: Access,
    clock: SettableClock,
) -> None:
    nobody, person = clients_for(""), Person(http, providers)
    login = await url(nobody, "mel@acme.example", RETURN_TO)
    in_time = await person.sign_in(login, "mel")
    clock.now += timedelta(seconds=59)
    late = await person.sign_in(login, "mel")
    await exchange(nobody, in_time)
    clock.now += timedelta(seconds=60)
    assert await refused(exchange(nobody, late)) == (Code.UNAUTHENTICATED, "TOKEN_UNKNOWN")
    ended = [await person.sign_in(login, "mel")]
    member = str(acme_member.user.id)
    await admin("set_suspended", SetSuspendedRequest(user_id=member, suspended=True))
    await admin("set_suspended", SetSuspendedRequest(user_id=member, suspended=False))
    ended.append(await person.sign_in(login, "mel"))
    for state in (SsoConfigurationState.INACTIVE, SsoConfigurationState.ACTIVE):
        await providers.sso.update(acme.caller, configuration, {"state": state})
    for token in ended:
        assert await refused(exchange(nobody, token)) == (Code.UNAUTHENTICATED, "TOKEN_UNKNOWN")


@pytest.mark.parametrize("protocol", ["connect-json"], indirect=True)
async def test_an_exchange_token_of_a_suspended_organization_waits_until_it_is_resumed(
    clients_for: ClientsFor,
    admin: Clients,
    http: Client,
    providers: Providers,
    configuration: SsoConfigurationId,
    operator: Operator,
    acme: Founded,
    acme_member: Access,
) -> None:
    nobody, person = clients_for(""), Person(http, providers)
    token = await person.sign_in(await url(nobody, "mel@acme.example", RETURN_TO), "mel")
    request = CreateOrganizationInviteRequest(organization_id=str(acme.organization.id))
    invite = (await admin("create_organization_invite", request)).invite.invite_id
    await operator.suspend(acme)
    by_invite = pb.ListLoginProvidersRequest.Filter(invite_id=invite)
    listed = nobody("list_login_providers", pb.ListLoginProvidersRequest(filter=by_invite))
    assert await refused(listed) == (Code.FAILED_PRECONDITION, "ORGANIZATION_SUSPENDED")
    answer = await refused(exchange(nobody, token))
    assert answer == (Code.FAILED_PRECONDITION, "ORGANIZATION_SUSPENDED")
    await operator.resume(acme)
    bearer = clients_for(await exchange(nobody, token))
    account = (await bearer("get_account", account_pb.GetAccountRequest())).account
    assert account.email == "mel@acme.example"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("protocol", ["connect-json"], indirect=True)
async def test_nobody_is_signed_in_as_somebody_else_by_a_link(
    clients_for: ClientsFor,
    http: Client,
    providers: Providers,
    configuration: SsoConfigurationId,
    acme_member: Access,
    database: Database,
) -> None:
    login = await url(clients_for(""), "mel@acme.example", RETURN_TO)
    attacker, victim = Person(http, providers), Person(http, providers)
    own = await attacker.begin(login, "mel")
    for cookie in ("", "orgplane-sign-in=chosen"):  # by whoever sends the link
        victim.cookie = cookie
        done = await victim.finish(own)
        assert (done.status, "location" in done.headers) == (403, False)
    await victim.begin(login, "mel")
    done = await victim.finish(own)
    assert (done.status, "location" in done.headers) == (403, False)
    head = await http.execute("HEAD", own, headers={"cookie": attacker.cookie})
    assert head.status == 405
    # None of these has used it up.
    assert (await attacker.finish(own)).status == 303


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_sign_in_that_continues_a_clients_request_gives_no_token_elsewhere(
    http: Client, providers: Providers, configuration: SsoConfigurationId, acme_member: Access
) -> None:
    asked = {
        "client_id": "orgplane-cli",
        "redirect_uri": "http://127.0.0.1:49152/",
        "response_type": "code",
        "sso_configuration": str(configuration),
        "state": "s-1",
        "code_challenge": "c" * 43,
        "code_challenge_method": "S256",
    }
    begun = await http.get(f"{ORIGIN}/oauth2/authorize?{urlencode(asked)}")
    (kept,) = parse_qs(urlsplit(begun.headers["location"]).query)["continue"]
    login = f"{ORIGIN}/login/sso/{configuration}"
    evil = {"continue": kept, "return_to": "https://evil.example"}
    refused = await http.get(f"{login}?{urlencode(evil)}")
    assert (refused.status, "location" in refused.headers) == (403, False)
    person = Person(http, providers)
    both = {"continue": kept, "return_to": RETURN_TO}
    done = await person.finish(await person.begin(f"{login}?{urlencode(both)}", "mel"))
    assert (done.status, "location" in done.headers) == (200, False)
    assert "about to act as you" in done.text()
    assert not any(text in done.text() for text in (APP, "exchange_token", "orgplane_session_"))


#: Nothing of this is at an allowed origin, though a browser or a careless reader may take some of it for one.
ELSEWHERE = [
    *("https://evil.example", "https://evil.example/app.example", "//evil.example"),
    *(
        "https:evil.example",
        "https:///evil.example",
        "https:/app.example/",
        r"https:\\evil.example",
    ),
    *(
        r"https://app.example\@evil.example",
        r"https://app.example\.evil.example",
        r"\\evil.example",
    ),
    *("https://app.example@evil.example", "https://app.example:x@evil.example/"),
    *("https://mel@app.example/", "https://:@app.example/"),
    *("https://app.example.evil.example", "https://app.example.", "https://app.example./x"),
    *(
        "https://APP.example",
        "HTTPS://app.example",
        "https://app.ex\u0430mple",
        "https://app%2eexample",
    ),
    *("https://app.example%2f@evil.example", "https://app.example:444", "https://app.example:443"),
    *("https://app.example:", "http://app.example", "http://127.0.0.1", "http://127.0.0.1:7001"),
    *("http://127.0.0.1:07000", "http://2130706433:7000", "http://localhost:7000"),
    *(
        "https://app.example#x",
        "https://app.example/#",
        " https://app.example",
        "https://app.example ",
    ),
    *("https://app.example\t.evil.example", "https://app.example/\r\nset-cookie: a=b"),
    *("https://app.example/\x00", "https://app.example/\u2028", "https://app.example/ä"),
    *("javascript:alert(1)//https://app.example", "data:text/html,x", "/login", "*", "null"),
    f"https://app.example/{'x' * 2000}",
    *(f"{ORIGIN}/x", f"{ORIGIN}/login/sso/{UUID(int=1)}", f"{ORIGIN}/oauth2/authorize?a=b"),
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("protocol", ["connect-proto"], indirect=True)
async def test_browsers_are_sent_nowhere_but_where_the_operator_allows(
    clients_for: ClientsFor,
    http: Client,
    providers: Providers,
    configuration: SsoConfigurationId,
    database: Database,
) -> None:
    nobody, email = clients_for(""), "mel@acme.example"
    for address in ELSEWHERE:
        for call, request in (
            ("get_sso_login_url", pb.GetSSOLoginURLRequest(email=email, return_to=address)),
            ("list_sso_logins", pb.ListSSOLoginsRequest(email=email, return_to=address)),
        ):
            with pytest.raises(ConnectError, match="return_to") as caught:
                await nobody(call, request)
            assert caught.value.code is Code.INVALID_ARGUMENT
        query = urlencode({"return_to": address})
        page = await http.get(f"{ORIGIN}/login/sso/{configuration}?{query}")
        assert (page.status, "location" in page.headers) == (403, False), address
    assert await database.read(lambda c: c.execute(sa.select(sign_in)).all()) == []
    for address in (
        APP,
        f"{APP}/",
        f"{APP}?a=b",
        f"{APP}//x/..;@y",
        "http://127.0.0.1:7000/cb",
    ):
        assert parse_qs(urlsplit(await url(nobody, email, address)).query) == {
            "return_to": [address]
        }


@pytest.mark.parametrize("protocol", ["grpc", "connect-json"], indirect=True)
async def test_of_an_address_only_the_domain_counts_and_only_where_it_is_proven_and_active(
    clients_for: ClientsFor,
    http: Client,
    providers: Providers,
    configuration: SsoConfigurationId,
    acme: Founded,
    globex: Founded,
    acme_member: Access,
) -> None:
    nobody = clients_for("")
    await providers.add(globex, "acme.example", "globex.example")  # neither is theirs
    await providers.prove(acme, "inactive.example")
    await providers.add(acme, "inactive.example", active=False)
    there = (await url(nobody, "mel@acme.example"), await logins(nobody, "mel@acme.example"))
    assert [each.display_name for each in there[1].logins] == ["Okta"]
    assert there[1].logins[0].login_url == there[0] == f"{ORIGIN}/login/sso/{configuration}"
    pages = set()
    for address in ("mel@acme.example", "eve@acme.example", "EVE@ACME.example"):
        assert (await url(nobody, address), await logins(nobody, address)) == there
        page = await _post(http, email=address)
        assert page.status == 200
        pages.add(page.text())
    assert len(pages) == 1
    assert str(configuration) in pages.pop()
    for address in ("mel@globex.example", "mel@inactive.example", "mel@nosuch.example"):
        assert await refused(url(nobody, address)) == (
            *(Code.NOT_FOUND, "SSO_CONFIGURATION_NOT_FOUND"),
        )
        assert list((await logins(nobody, address)).logins) == []
        assert await _provider(nobody, email=address) == []
        pages.add((await _post(http, email=address)).text())
    for address in ("", "mel", "@", "<b>@acme", "mel@acme.example@x", "mel@acme.example\0"):
        page = await _post(http, email=address)
        assert page.status == 404
        pages.add(page.text())
    assert len(pages) == 1


@pytest.mark.parametrize("protocol", ["connect-json"], indirect=True)
async def test_for_an_address_that_is_somebodys_the_same_is_done_as_for_one_that_is_not(
    clients_for: ClientsFor, http: Client, configuration: SsoConfigurationId, acme_member: Access
) -> None:
    """So that the time tells nothing either."""
    nobody, done = clients_for(""), []
    for address in ("mel@acme.example", "eve@acme.example"):
        with every_statement() as seen:
            await url(nobody, address)
            await logins(nobody, address)
            await _provider(nobody, email=address)
            assert (await _post(http, email=address)).status == 200
        done.append(seen)
    assert done[0] == done[1] != []


async def _provider(clients: Clients, **wanted: Any) -> list[tuple[str, str]]:
    wanted_ = pb.ListLoginProvidersRequest.Filter(**wanted) if wanted else None
    found = await clients("list_login_providers", pb.ListLoginProvidersRequest(filter=wanted_))
    assert not found.allow_custom
    return [(each.provider, each.login_url) for each in found.login_providers]


async def _post(http: Client, **form: str) -> Any:
    return await http.post(
        f"{ORIGIN}/login",
        headers={"content-type": "application/x-www-form-urlencoded"},
        content=urlencode(form).encode(),
    )


async def test_of_several_providers_people_choose(
    clients_for: ClientsFor,
    admin: Clients,
    http: Client,
    providers: Providers,
    configuration: SsoConfigurationId,
    acme: Founded,
) -> None:
    nobody, email = clients_for(""), "mel@acme.example"
    assert await _provider(nobody) == [("custom", f"{ORIGIN}/login")]
    page = f"{ORIGIN}/login/{acme.organization.id}"
    one = await http.get(f"{page}?{urlencode({'return_to': RETURN_TO})}")
    assert one.headers["location"] == (
        f"/login/sso/{configuration}?{urlencode({'return_to': RETURN_TO})}#"
    )
    second = await providers.add(acme, "acme.example")
    both = [f"{ORIGIN}/login/sso/{id}" for id in (configuration, second)]
    assert await url(nobody, email) == page
    first_page = await logins(nobody, email, page_size=1)
    assert first_page.pagination is not None
    token = first_page.pagination.next_token
    rest = await logins(nobody, email, page_size=1, token=token)
    assert rest.pagination == PaginationResponse()
    assert [each.login_url for each in (*first_page.logins, *rest.logins)] == both
    assert [each.display_name for each in rest.logins] == ["127.0.0.1"]
    assert await _provider(nobody, email=email) == [("custom", page)]
    made = await admin(
        "create_organization_invite",
        CreateOrganizationInviteRequest(organization_id=str(acme.organization.id)),
    )
    invite = made.invite.invite_id
    assert await _provider(nobody, invite_id=invite) == [("custom", page)]
    assert await _provider(nobody, invite_id=invite, email="mel@nosuch.example") == []
    unknown = _provider(nobody, invite_id=str(acme.organization.id))
    assert await refused(unknown) == (Code.NOT_FOUND, "INVITE_NOT_FOUND")
    chosen = Page.read(await http.get(page))
    assert chosen.links == [f"/login/sso/{id}" for id in (configuration, second)]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("protocol", ["connect-json"], indirect=True)
async def test_where_organizations_share_a_domain_people_choose_as_well(
    clients_for: ClientsFor,
    http: Client,
    providers: Providers,
    acme: Founded,
    globex: Founded,
) -> None:
    ids = []
    for owner in (acme, globex):
        await providers.prove(owner, "both.example")
        ids.append(await providers.add(owner, "both.example", name=owner.organization.name))
    nobody, email = clients_for(""), "mel@both.example"
    assert await url(nobody, email, RETURN_TO) == (
        f"{ORIGIN}/login?{urlencode({'return_to': RETURN_TO})}"
    )
    assert [each.display_name for each in (await logins(nobody, email)).logins] == [
        "Acme",
        "Globex",
    ]
    chosen = Page.read(await _post(http, email=email))
    assert chosen.links == [f"/login/sso/{id}" for id in ids]


class Page(HTMLParser):
    """What a person is shown, and what anybody has to be able to use."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.fields: dict[str, str] = {}
        self.labels: set[str] = set()
        self.tags: list[str] = []
        self.attributes: dict[str, dict[str, str | None]] = {}

    @classmethod
    def read(cls, response: Any) -> Page:
        assert response.headers["content-type"] == "text/html; charset=utf-8"
        policy = response.headers["content-security-policy"]
        for part in ("default-src 'none'", "form-action 'self'", "frame-ancestors 'none'"):
            assert part in policy
        assert "unsafe" not in policy
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["referrer-policy"] == "no-referrer"
        page = cls()
        page.feed(response.text())
        page.close()
        assert page.attributes["html"]["lang"] == "en"
        assert page.attributes["meta viewport"]["content"]
        assert page.tags.count("h1") == page.tags.count("title") == page.tags.count("main") == 1
        assert not {"script", "img", "link", "iframe", "object"} & set(page.tags)
        assert all(link.startswith("/login/") for link in page.links)
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert not any(name.startswith("on") or name == "style" for name in given)
        self.tags.append(tag)
        name = given.get("name") if tag in ("meta", "input") else None
        self.attributes[f"{tag} {name}" if name else tag] = given
        if tag == "a":
            self.links.append(given["href"] or "")
        elif tag == "input":
            self.fields[given["name"] or ""] = given.get("value") or ""
        elif tag == "label":
            self.labels.add(given["for"] or "")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_pages_are_for_everybody_and_keep_what_they_were_begun_with(
    http: Client,
    providers: Providers,
    configuration: SsoConfigurationId,
    acme: Founded,
    database: Database,
) -> None:
    kept = {"continue": "\"'><script>a&b=c</script>;\u00e4 +%22", "return_to": RETURN_TO}
    ignored = {"next": "https://evil.example", "continue": ""}
    asked = await http.get(f"{ORIGIN}/login?{urlencode(kept)}")
    form = Page.read(asked)
    assert form.fields == {**kept, "email": ""}
    assert form.attributes["form"] == {"method": "post", "action": "/login"}
    assert form.labels == {form.attributes["input email"]["id"]}
    assert {"required", "autofocus"} <= form.attributes["input email"].keys()
    assert Page.read(await http.get(f"{ORIGIN}/login?{urlencode(ignored)}")).fields == {"email": ""}
    wrong = await _post(http, **kept, email="mel@nosuch.example")
    again = Page.read(wrong)
    assert again.fields == form.fields
    assert again.attributes["input email"]["aria-describedby"] == again.attributes["p"]["id"]
    assert again.attributes["p"]["role"] == "alert"
    onward = f"/login/sso/{configuration}?{urlencode(kept)}"
    one = Page.read(await _post(http, **kept, email="mel@acme.example"))
    assert one.links == [onward]
    assert f"0; url={onward}" in [each.get("content") for each in one.attributes.values()]
    await providers.add(acme, "acme.example", name="<Second & last>")
    chosen = await _post(http, **kept, email="mel@acme.example")
    assert onward in Page.read(chosen).links
    assert "&lt;Second &amp; last&gt;" in chosen.text()
    by_organization = await http.get(f"{ORIGIN}/login/{acme.organization.id}?{urlencode(kept)}")
    assert Page.read(by_organization).links == Page.read(chosen).links
    nowhere = f"{ORIGIN}/login/01a21039-7c8a-74de-b607-738a1d4f33ba"
    for path in (
        nowhere,
        f"{ORIGIN}/login/",
        f"{ORIGIN}/login/sso",
        f"{ORIGIN}/login/x?continue=a",
    ):
        assert (await http.get(path)).status == 404
    for path in (
        "/login?continue=a&continue=b",
        f"/login/{acme.organization.id}?return_to=a&return_to=b",
    ):
        assert (await http.get(f"{ORIGIN}{path}")).status == 400
    assert (await http.post(f"{ORIGIN}/login", content=b"{}")).status == 400
    head = await http.execute("HEAD", f"{ORIGIN}/login")
    assert (head.status, head.text()) == (200, "")
    assert (await http.execute("PUT", f"{ORIGIN}/login")).status == 405
    # Whoever looks at links, as mail scanners do, has begun nothing.
    assert await database.read(lambda c: c.execute(sa.select(sign_in)).all()) == []
