"""Applications learn who has signed in: the authorization code flow and what comes of it, and what is refused."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from urllib.parse import quote, urlencode

import pytest
from clock import SettableClock
from joserfc import jwt
from joserfc.jwk import KeySet
from orgplane_server.domain.identifier import UserId
from orgplane_server.domain.operator import OperatorCaller
from orgplane_server.domain.sso_configuration import SsoConfigurationState
from orgplane_server.store.engine.database import Database
from orgplane_server.telemetry import logs
from orgplane_server.usecases.application import Registered
from orgplane_server.usecases.member import Members
from orgplane_server.usecases.operated_organization import OperatedOrganizations
from orgplane_server.usecases.operator_token import OperatorTokens
from orgplane_server.usecases.organization import Founded
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.sealing import Sealer
from orgplane_server.usecases.signing_key import Rotation
from people import Access
from relying_party import APP, MEL, PUBLIC, VERIFIER, World, challenge, query, world
from simple_provider import CLIENT_SECRET

__all__ = ["world"]


async def test_an_application_learns_who_signed_in(
    world: World, acme: Founded, acme_member: Access, database: Database, clock: SettableClock
) -> None:
    metadata = json.loads((await world.get("/.well-known/openid-configuration")).text())
    assert metadata["issuer"] == PUBLIC
    back = await world.back(await world.begun())
    location = back.headers["location"]
    assert location.startswith(f"{APP}&")
    assert query(location)["state"] == "a state & more"
    assert query(location)["iss"] == PUBLIC
    answer = await world.token(code=query(location)["code"])
    assert answer.headers["cache-control"] == "no-store"
    told = json.loads(answer.text())
    keys = json.loads((await world.get(metadata["jwks_uri"])).text())
    assert {"d", "p", "q"}.isdisjoint(keys["keys"][0])
    claims = jwt.decode(told["id_token"], KeySet.import_key_set(keys)).claims
    now = int(clock.now.timestamp())
    assert claims == {
        "iss": PUBLIC,
        "aud": str(world.application.id),
        "sub": str(acme_member.user.id),
        "nonce": "n-1",
        "iat": now,
        "exp": now + 3600,
        "sid": claims["sid"],
        "name": "Mel",
        "email": "mel@acme.example",
        "email_verified": True,
        "organization": str(acme.organization.id),
        "organization_name": "Acme",
        "role": "member",
        "groups": [],
    }
    info = await world.userinfo(told["access_token"])
    assert json.loads(info.text()).items() <= claims.items()
    # It is the application's, and no token for the API.
    called = await world.http.execute(
        "POST",
        f"{PUBLIC}/gitpod.v1.IdentityService/GetAuthenticatedIdentity",
        headers={
            "content-type": "application/json",
            "authorization": f"Bearer {told['access_token']}",
        },
        content=b"{}",
    )
    assert called.status == 401
    await Rotation(database, clock).rotate(forget=False)
    renewed = await world.signed_in()
    both = json.loads((await world.get("/oauth2/jwks")).text())
    assert len(both["keys"]) == 2
    for token in (told, renewed):
        jwt.decode(token["id_token"], KeySet.import_key_set(both))
    clock.advance(days=1)
    (kept,) = json.loads((await world.get("/oauth2/jwks")).text())["keys"]
    assert kept["kid"] != keys["keys"][0]["kid"]


async def test_what_ends_a_session_ends_what_applications_have(
    world: World, database: Database, clock: SettableClock, acme_member: Access
) -> None:
    members = Members(database, clock, PageTokens(Sealer(bytes(32))))
    id = UserId(acme_member.user.id)
    told, code = await world.signed_in(), await world.code()
    answer = await world.begun()
    for suspended in (True, False):
        await members.set_suspended(world.owner.caller, id, suspended=suspended)
        if suspended:  # while somebody is at the provider
            location = (await world.back(answer)).headers["location"]
            assert location.startswith(APP)
            assert query(location)["error"] == "access_denied"
            assert query(location)["state"] == "a state & more"
        assert (await world.userinfo(told["access_token"])).status == 401
    assert await world.error(code=code) == "invalid_grant"
    told = await world.signed_in()
    inactive = {"state": SsoConfigurationState.INACTIVE}
    await world.sso.update(world.owner.caller, world.configuration.id, inactive)
    assert (await world.userinfo(told["access_token"])).status == 401
    active = {"state": SsoConfigurationState.ACTIVE}
    await world.sso.update(world.owner.caller, world.configuration.id, active)
    told, code = await world.signed_in(), await world.code()
    await world.applications.delete(world.application.id)
    assert (await world.userinfo(told["access_token"])).status == 401
    assert await world.error(code=code) == "invalid_client"


async def test_a_code_is_for_one_application_one_verifier_and_one_use(
    world: World, clock: SettableClock
) -> None:
    other = await world.applications.create("Other", [APP], [])
    code = await world.code()
    assert await world.error(other, code=code) == "invalid_grant"  # stolen or injected
    told = json.loads((await world.token(basic=False, code=code)).text())
    assert (await world.userinfo(told["access_token"])).status == 200
    assert await world.error(code=code) == "invalid_grant"
    assert (
        await world.userinfo(told["access_token"])
    ).status == 401  # who has the code has been seen
    for wrong in (
        {"code_verifier": "w" * 43},
        {"code_verifier": challenge(VERIFIER)},
        {"redirect_uri": APP + "&"},
    ):
        code = await world.code()
        assert await world.error(code=code, **wrong) == "invalid_grant"
        assert await world.error(code=code) == "invalid_grant"
    code = await world.code()
    clock.advance(seconds=60)
    assert await world.error(code=code) == "invalid_grant"
    assert await world.error(code="orgplane_code_x") == "invalid_grant"
    assert await world.error(code=None) == "invalid_request"
    assert await world.error(code=code, grant_type="") == "invalid_request"
    assert await world.error(code=code, grant_type="password") == "unsupported_grant_type"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_secret_is_one_of_the_applications_own(world: World, acme: Founded) -> None:
    other = await world.applications.create("Other", [APP], [])
    swapped = Registered(world.application, other.secret)
    code = await world.code()
    for basic in (True, False):
        answer = await world.token(swapped, basic, code=code)
        assert answer.status == 401
        assert answer.headers["www-authenticate"].startswith("Basic")
        assert json.loads(answer.text())["error"] == "invalid_client"
    assert await world.error(code=code, client_secret="x") == "invalid_request"
    second = await world.applications.add_secret(world.application.id)
    assert (await world.token(second, code=code)).status == 200
    (overview,) = (
        each for each in await world.applications.list() if each.application == world.application
    )
    await world.applications.remove_secret(world.application.id, overview.secrets[0].id)
    assert await world.error(code=await world.code()) == "invalid_client"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_nobody_is_sent_anywhere_but_to_the_registered_address(world: World) -> None:
    for there in (
        "",
        APP + "/",
        APP[:-1],
        APP.upper(),
        APP.replace("https", "http"),
        APP.replace("app.example", "app.example:443"),
        APP.replace("app.example", "app.example@evil.example"),
        APP.replace("app.example", "app.example.evil.example"),
        APP.replace("/callback", "/callback/../evil"),
        APP + "#",
        "//app.example/callback",
        "javascript:alert(1)",
    ):
        answer = await world.authorize(redirect_uri=there)
        assert (answer.status, "location" in answer.headers) == (400, False), there
    for id in ("", "nobody", str(world.configuration.id), str(world.application.id).upper()):
        assert (await world.authorize(client_id=id)).status == 400
    twice = f"/oauth2/authorize?client_id={world.application.id}&redirect_uri={APP}&redirect_uri=x"
    assert (await world.get(twice)).status == 400
    assert (await world.authorize(state="s" * 1025)).status == 400


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"nonce": "\0"}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
        ({"prompt": "login"}, "invalid_request"),
        ({"max_age": "60"}, "invalid_request"),
        ({"request": "x"}, "request_not_supported"),
        ({"organization": "x"}, "invalid_request"),
        ({"organization": "01a21039-7c8a-74de-b607-738a1d4f33ba"}, "access_denied"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_an_application_is_told_what_is_wrong_with_its_request(
    world: World, changes: dict[str, str | None], error: str
) -> None:
    location = (await world.authorize(**changes)).headers["location"]
    assert location.startswith(APP)
    assert query(location)["error"] == error
    assert (query(location)["state"], query(location)["iss"]) == ("a state & more", PUBLIC)


async def test_an_application_lets_in_members_of_its_organizations_alone(
    world: World, globex: Founded, clock: SettableClock
) -> None:
    elsewhere = await world.applications.create("Globex's", [APP], [globex.organization.id])
    asked = await world.authorize(client_id=str(elsewhere.application.id))
    refused = await world.get(asked.headers["location"])
    assert (refused.status, "does not let in members" in refused.text()) == (403, True)
    # Another organization's configuration than the one that was asked for.
    anybodys = str((await world.applications.create("Any", [APP], [])).application.id)
    asked = await world.authorize(client_id=anybodys, organization=str(globex.organization.id))
    assert (await world.get(asked.headers["location"])).status == 403
    # A request ends; what was not sealed here is none.
    asked = await world.authorize()
    assert (
        await world.get(asked.headers["location"].replace("continue=", "continue=x"))
    ).status == 403
    clock.advance(minutes=10)
    assert (await world.get(asked.headers["location"])).status == 403


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_no_redirect_takes_a_fragment_along(
    world: World, acme: Founded, acme_member: Access
) -> None:
    """A browser that comes with a token in the fragment would have it carried on to whoever it is sent to."""
    asked = await world.authorize()
    begun = await world.get(asked.headers["location"])
    back = await world.back(world.provider.sign_in(begun.headers["location"], "mel-1", **MEL))
    for answer in (
        asked,
        begun,
        back,
        await world.authorize(scope="profile"),
        await world.authorize(sso_configuration=None),
        await world.get(f"/login/{acme.organization.id}"),
    ):
        assert (answer.status, answer.headers["location"][-1]) == (303, "#")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_somebody_is_led_to_the_provider_of_their_organization(
    world: World, acme: Founded
) -> None:
    direct = await world.authorize(sso_configuration=None, organization=str(acme.organization.id))
    assert f"/login/sso/{world.configuration.id}?" in direct.headers["location"]
    hinted = await world.authorize(sso_configuration=None, login_hint='"mel"@acme.example')
    assert hinted.headers["location"].startswith("/login?continue=")
    page = (await world.get(hinted.headers["location"])).text()
    assert 'value="&quot;mel&quot;@acme.example"' in page


async def test_the_command_line_gets_a_session_on_its_own_machine(
    world: World, acme_member: Access
) -> None:
    there = "http://127.0.0.1:49152/"
    cli = {"client_id": "orgplane-cli", "redirect_uri": there}
    for elsewhere in (
        *(
            "http://127.0.0.1/",
            "http://localhost:1/",
            "http://127.0.0.1:1/x",
            "https://127.0.0.1:1/",
        ),
        *("http://127.0.0.1:99999/", "http://127.0.0.1:1@evil.example/", "http://127.0.0.2:1/"),
    ):
        answer = await world.authorize(client_id="orgplane-cli", redirect_uri=elsewhere)
        assert answer.status == 400, elsewhere
    # Any page can have a browser come with this: nothing goes on before somebody says that they have begun it.
    question = await world.back(await world.begun(**cli, scope=None))
    assert (question.status, "about to act as you" in question.text()) == (200, True)
    (onward,) = re.findall(r'<a href="([^"]+)"', question.text())
    assert onward.startswith(there)
    code = query(unescape(onward))["code"]
    headers = {"content-type": "application/x-www-form-urlencoded"}
    form = {**cli, "grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER}
    assert await world.error(code=code, redirect_uri=there) == "invalid_grant"  # an application's
    answer = await world.http.execute(
        "POST", f"{PUBLIC}/oauth2/token", headers=headers, content=urlencode(form).encode()
    )
    told = json.loads(answer.text())
    assert told["access_token"].startswith("orgplane_session_")
    assert "id_token" not in told
    called = await world.http.execute(
        "POST",
        f"{PUBLIC}/gitpod.v1.IdentityService/GetAuthenticatedIdentity",
        headers={
            "content-type": "application/json",
            "authorization": f"Bearer {told['access_token']}",
        },
        content=b"{}",
    )
    assert json.loads(called.text())["subject"]["id"] == str(acme_member.user.id)
    stolen = await world.code(sso_configuration=str(world.configuration.id))
    form["code"] = stolen  # an application's, shown without its secret
    answer = await world.http.execute(
        "POST", f"{PUBLIC}/oauth2/token", headers=headers, content=urlencode(form).encode()
    )
    assert json.loads(answer.text())["error"] == "invalid_grant"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_of_a_whole_sign_in_nothing_is_logged_that_lets_anybody_in_or_that_the_provider_said(
    world: World, capfd: pytest.CaptureFixture[str]
) -> None:
    asked = await world.authorize()
    begun = await world.get(asked.headers["location"])
    answer = world.provider.sign_in(
        begun.headers["location"], "mel-1", **MEL, salary="a hundred pounds"
    )
    cookies = list(world.cookies.values())
    code = query((await world.back(answer)).headers["location"])["code"]
    told = json.loads((await world.token(code=code)).text())
    await world.userinfo(told["access_token"])
    # And what fails: the code again, an answer again, one that the provider does not know, somebody whom nobody knows.
    assert await world.error(code=code) == "invalid_grant"
    assert (await world.back(answer)).status == 403
    wrong = {**await world.begun(), "code": "a-stolen-code"}
    await world.back(wrong)
    begun = await world.get((await world.authorize()).headers["location"])
    eve = {"email": "eve@acme.example", "email_verified": True}
    unknown = world.provider.sign_in(begun.headers["location"], "eve-1", **eve)
    await world.back(unknown)
    logout = world.provider.signed({"iss": world.provider.issuer, "sub": "mel-1"})
    await world.http.execute(
        "POST",
        f"{PUBLIC}/sso/back-channel-logout/{world.configuration.id}",
        headers={"content-type": "application/x-www-form-urlencoded"},
        content=urlencode({"logout_token": logout}).encode(),
    )
    logs.drain()
    said = "".join(capfd.readouterr())
    for path in ("/login/sso", "/sso/callback", "/oauth2/token", "back-channel logout refused"):
        assert path in said
    secrets = {
        *(CLIENT_SECRET, quote(CLIENT_SECRET), world.registered.secret.reveal()),
        *(VERIFIER, "a state & more", quote("a state & more")),
        *(each["code_verifier"] for each in world.provider.forms),
        *(code, told["access_token"], told["id_token"], logout, *cookies, *world.cookies.values()),
        *(each[name] for each in (answer, wrong, unknown) for name in ("code", "state")),
        *("mel@acme.example", "eve@acme.example", "a hundred pounds"),
    }
    assert len(world.provider.forms) == 3
    assert [each for each in secrets if each and each in said] == []


async def revoked(world: World, by: Registered, token: str) -> tuple[int, str]:
    form = {"token": token, "token_type_hint": "access_token"}
    credential = {"client_id": str(by.application.id), "client_secret": by.secret.reveal()}
    answer = await world.http.execute(
        "POST",
        f"{PUBLIC}/oauth2/revoke",
        headers={"content-type": "application/x-www-form-urlencoded"},
        content=urlencode(form | credential).encode(),
    )
    return answer.status, json.loads(answer.text()).get("error", "")


async def test_an_application_revokes_what_is_its_own(world: World) -> None:
    metadata = json.loads((await world.get("/.well-known/oauth-authorization-server")).text())
    assert metadata["revocation_endpoint"] == f"{PUBLIC}/oauth2/revoke"
    ours, kept = [(await world.signed_in())["access_token"] for _ in range(2)]
    other = await world.applications.create("Other", [APP], [])
    assert await revoked(world, other, ours) == (400, "invalid_grant")
    assert (await world.userinfo(ours)).status == 200
    # What is over already, or never was, is no error (section 2.2).
    for token in (ours, ours, "orgplane_access_x", world.registered.secret.reveal()):
        assert await revoked(world, world.registered, token) == (200, "")
    assert [(await world.userinfo(each)).status for each in (ours, kept)] == [401, 200]
    wrong = replace(world.registered, secret=other.secret)
    assert await revoked(world, wrong, kept) == (401, "invalid_client")
    assert await revoked(world, world.registered, "") == (400, "invalid_request")
    assert (await world.userinfo(kept)).status == 200


async def test_nobody_signs_in_to_a_suspended_organization_and_applications_are_told_of_nobody(
    world: World, database: Database, clock: SettableClock
) -> None:
    operated = OperatedOrganizations(database, clock, PageTokens(Sealer(bytes(32))))
    operator = OperatorCaller(
        (await OperatorTokens(database, clock).create("x", read_only=False)).kept
    )
    token = (await world.signed_in())["access_token"]
    code, begun = await world.code(), await world.begun()
    id = world.owner.organization.id
    await operated.suspend(operator, id)
    assert (await world.userinfo(token)).status == 401
    assert await world.error(code=code) == "invalid_grant"
    assert (await world.back(begun)).status == 403
    asked = await world.authorize()
    assert (await world.get(asked.headers["location"])).status == 403
    await operated.resume(operator, id)
    assert (await world.userinfo(token)).status == 200
    await world.signed_in()
