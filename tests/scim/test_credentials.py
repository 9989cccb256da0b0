"""Credentials change under a provider that goes on, and end when they are said to, on every process."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from clock import SettableClock
from orgplane_server.domain.errors import FailedPrecondition, InvalidArgument, NotFound
from orgplane_server.domain.scim_configuration import ScimConfiguration, ScimConfigurationChanges
from orgplane_server.domain.scim_credential import CredentialKind
from orgplane_server.store.engine.database import Database
from orgplane_server.telemetry import logs
from orgplane_server.usecases.expiry import ExpiryWarnings
from orgplane_server.usecases.organization import Founded
from orgplane_server.usecases.scim_credential import IssuedCredential, ScimCredentials
from provisioning import Administration, serving
from pyqwest import Client, FullResponse
from scim_client import ORIGIN, Scim, user

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SECRET, TOKEN = CredentialKind.CLIENT_SECRET, CredentialKind.TOKEN


class Keeper:
    """Acme's administrator, keeping the credentials of one configuration."""

    def __init__(self, use_case: ScimCredentials, owner: Founded, id: Any) -> None:
        self._use_case, self._owner, self._id = use_case, owner, id

    async def create(
        self, kind: CredentialKind = TOKEN, overlap: timedelta = DAY, **options: Any
    ) -> IssuedCredential:
        return await self._use_case.create(
            self._owner.caller, self._id, kind, overlap=overlap, **options
        )

    async def end(self, issued: IssuedCredential) -> None:
        await self._use_case.end(self._owner.caller, self._id, issued.credential.id)

    async def list(self) -> list[Any]:
        return list(await self._use_case.list(self._owner.caller, self._id))


@pytest.fixture
def keeper(
    database: Database, clock: SettableClock, acme: Founded, configuration: ScimConfiguration
) -> Keeper:
    return Keeper(ScimCredentials(database, clock), acme, configuration.id)


@pytest.fixture
async def there(
    database: Database, database_url: str, clock: SettableClock
) -> AsyncIterator[Client]:
    """The same, served by another process."""
    other = Database.open(database_url, connections=3)
    async with serving(other, clock) as client:
        yield client
    await other.aclose()


def revealed(issued: IssuedCredential) -> str:
    return issued.token.reveal()


async def test_a_token_rotates_under_a_running_sync_without_one_401(
    http: Client, there: Client, scim: Scim, keeper: Keeper, clock: SettableClock
) -> None:
    token, done, progress = [scim.token], asyncio.Event(), asyncio.Event()
    answers: list[int] = []

    async def sync(client: Client, name: str) -> None:
        """Creates, looks up and changes one user after the other, with the token that is entered at the time."""
        number = 0
        while not done.is_set():
            provider = Scim(client, token[0])
            number += 1
            made = await provider("POST", "/Users", user(f"{name}-{number}"))
            found = await provider("GET", "/Users", filter=f'userName eq "{name}-{number}"')
            off = {"Operations": [{"op": "replace", "path": "active", "value": False}]}
            changed = await provider("PATCH", f"/Users/{made.json['id']}", off)
            answers.extend((made.status, found.status, changed.status))
            progress.set()

    async def synced(how_many: int) -> None:
        until = len(answers) + how_many
        while len(answers) < until:
            progress.clear()
            await progress.wait()

    async with asyncio.TaskGroup() as tasks:
        for name, client in (("here", http), ("there", there)):
            for n in range(2):
                tasks.create_task(sync(client, f"{name}{n}"))
        await synced(24)
        new = await keeper.create(overlap=HOUR)
        await synced(24)  # with the old one: both work
        clock.advance(minutes=59)
        token[0] = revealed(new)
        await synced(24)
        clock.advance(minutes=1)  # the old one is over
        await synced(24)
        done.set()
    assert set(answers) == {200, 201}
    for client in (http, there):
        assert (await Scim(client, scim.token)("GET", "/Users")).status == 401


async def test_two_tokens_work_and_a_third_has_to_wait(scim: Scim, keeper: Keeper) -> None:
    second = await keeper.create()
    with pytest.raises(FailedPrecondition) as caught:
        await keeper.create()
    first, newer = await keeper.list()
    assert newer.id == second.credential.id
    assert str(first.id) in str(caught.value)
    assert str(newer.id) in str(caught.value)
    third = await keeper.create(overlap=timedelta())
    assert [each.id for each in await keeper.list()] == [third.credential.id]
    for token in (scim.token, revealed(second)):
        assert (await Scim(scim.http, token)("GET", "/Users")).status == 401
    assert (await Scim(scim.http, revealed(third))("GET", "/Users")).status == 200


async def test_one_that_would_end_sooner_than_the_overlap_still_does(
    keeper: Keeper, admin: Administration, configuration: ScimConfiguration, clock: SettableClock
) -> None:
    await admin.regenerate(configuration, DAY)
    clock.advance(hours=23)
    new = await keeper.create(overlap=7 * DAY)
    old, _ = await keeper.list()
    assert old.expires_at == clock.now + HOUR
    assert new.credential.expires_at == clock.now + DAY  # as long as the one before was made for
    with pytest.raises(InvalidArgument):
        await keeper.create(overlap=7 * DAY + timedelta(seconds=1))


async def test_the_last_token_may_be_ended_and_the_configuration_says_so(
    scim: Scim,
    keeper: Keeper,
    admin: Administration,
    configuration: ScimConfiguration,
    clock: SettableClock,
) -> None:
    new = await keeper.create()
    await keeper.end(new)
    found = await admin.configurations.get(admin.owner.caller, configuration.id)
    (old,) = await keeper.list()
    assert found.token_expires_at == old.expires_at == clock.now + DAY
    assert (await scim("GET", "/Users")).status == 200
    await keeper.end(IssuedCredential(old, new.token))
    assert (await scim("GET", "/Users")).status == 401
    found = await admin.configurations.get(admin.owner.caller, configuration.id)
    assert found.token_expires_at == clock.now
    with pytest.raises(NotFound):
        await keeper.end(new)
    again = await keeper.create()
    assert (await Scim(scim.http, revealed(again))("GET", "/Users")).status == 200


async def test_the_last_use_is_noted_to_the_minute(
    scim: Scim, keeper: Keeper, clock: SettableClock
) -> None:
    async def used() -> Any:
        return (await keeper.list())[0].last_used_at

    async def noted() -> None:
        """Nobody waits for it but we."""
        async with asyncio.timeout(30):
            while await used() != clock.now:
                pass

    assert await used() is None
    await scim("GET", "/Users")
    begin = clock.now
    await noted()
    clock.advance(seconds=59)
    await scim("GET", "/Users")
    assert await used() == begin
    clock.advance(seconds=1)
    await scim.create_user("alice")
    await noted()


async def test_the_last_token_and_the_last_client_secret_are_warned_of_each_by_itself(
    keeper: Keeper, database: Database, configuration: ScimConfiguration, clock: SettableClock
) -> None:
    await keeper.create(SECRET, lifetime=30 * DAY)
    newer = await keeper.create(SECRET, lifetime=60 * DAY)
    warnings = ExpiryWarnings(database, clock)

    async def announced() -> list[Any]:
        return [each.kind for each in await warnings.announce() if each.holder is None]

    clock.advance(days=20)
    assert await announced() == []
    clock.advance(days=26)
    assert await announced() == [SECRET]
    clock.now = newer.credential.expires_at
    assert await announced() == [SECRET]  # it has ended
    clock.now = configuration.token_expires_at - 14 * DAY
    assert await announced() == [TOKEN]


# OAuth 2.0 client credentials, as Entra ID asks for them: the secret in a Basic header or in the form.


async def grant(
    http: Client, id: object, secret: str, *, basic: bool = True, **more: str
) -> FullResponse:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    form = {"grant_type": "client_credentials", **more}
    if basic:
        pair = f"{quote(str(id))}:{quote(secret)}".encode()
        headers["authorization"] = "Basic " + base64.b64encode(pair).decode()
    else:
        form |= {"client_id": str(id), "client_secret": secret}
    return await http.execute(
        "POST", f"{ORIGIN}/oauth2/scim/{id}", headers=headers, content=urlencode(form).encode()
    )


async def access(http: Client, id: object, secret: str, **more: Any) -> str:
    answer = await grant(http, id, secret, **more)
    assert answer.status == 200, answer.text()
    told = json.loads(answer.text())
    assert told["token_type"] == "Bearer"
    assert answer.headers["cache-control"] == "no-store"
    token: str = told["access_token"]
    return token


@pytest.mark.parametrize("basic", [True, False])
async def test_a_provider_gets_access_tokens_of_an_hour_for_its_client_secret(
    http: Client,
    there: Client,
    keeper: Keeper,
    configuration: ScimConfiguration,
    clock: SettableClock,
    basic: bool,
) -> None:
    secret = revealed(await keeper.create(SECRET))
    token = await access(http, configuration.id, secret, basic=basic, scope="")
    for client in (http, there):
        await Scim(client, token).create_user(f"alice-{client is http}")
    await Scim(http, token).at(f"/scim/v2/{configuration.id}").create_user("bob")
    clock.advance(minutes=59)
    assert (await Scim(http, token)("GET", "/Users")).status == 200
    clock.advance(minutes=1)
    assert (await Scim(http, token)("GET", "/Users")).error == (401, None)
    again = await access(there, configuration.id, secret, basic=basic)
    assert (await Scim(http, again)("GET", "/Users")).status == 200
    assert (await Scim(http, secret)("GET", "/Users")).status == 401  # it is no token


Change = Callable[[Administration, ScimConfiguration, Keeper, IssuedCredential], Awaitable[object]]


async def disable(admin: Administration, configuration: ScimConfiguration, *rest: Any) -> None:
    await admin.update(configuration, {"enabled": False})


async def unlink(admin: Administration, configuration: ScimConfiguration, *rest: Any) -> None:
    await admin.update(configuration, {"sso_configuration_id": None})


async def regenerate(admin: Administration, configuration: ScimConfiguration, *rest: Any) -> None:
    await admin.configurations.regenerate_token(admin.owner.caller, configuration.id)


async def delete(admin: Administration, configuration: ScimConfiguration, *rest: Any) -> None:
    await admin.configurations.delete(admin.owner.caller, configuration.id)


async def end_secret(
    admin: Administration,
    configuration: ScimConfiguration,
    keeper: Keeper,
    secret: IssuedCredential,
) -> None:
    await keeper.end(secret)


@pytest.mark.parametrize(
    ("change", "status", "next_grant"),
    [
        (disable, 403, (400, "unauthorized_client")),
        (unlink, 403, (200, None)),
        (regenerate, 401, (200, None)),
        (delete, 401, (401, "invalid_client")),
        (end_secret, 401, (401, "invalid_client")),
    ],
)
async def test_access_tokens_end_with_what_they_are_for(
    http: Client,
    there: Client,
    admin: Administration,
    configuration: ScimConfiguration,
    keeper: Keeper,
    change: Change,
    status: int,
    next_grant: tuple[int, str | None],
) -> None:
    secret = await keeper.create(SECRET)
    token = await access(http, configuration.id, revealed(secret))
    for client in (http, there):
        assert (await Scim(client, token)("POST", "/Users", b"no json")).status == 400
    await change(admin, configuration, keeper, secret)
    for client in (http, there):
        assert (await Scim(client, token)("POST", "/Users", user("late"))).status == status
    answer = await grant(there, configuration.id, revealed(secret))
    assert (answer.status, json.loads(answer.text()).get("error")) == next_grant


@pytest.mark.parametrize(
    ("stop", "go_on"),
    [
        ({"enabled": False}, {"enabled": True}),
        ({"sso_configuration_id": None}, {}),
        ({"enabled": False, "sso_configuration_id": None}, {"enabled": True}),
    ],
)
async def test_access_tokens_from_before_do_not_come_back_with_the_configuration(
    http: Client,
    there: Client,
    admin: Administration,
    configuration: ScimConfiguration,
    keeper: Keeper,
    stop: ScimConfigurationChanges,
    go_on: ScimConfigurationChanges,
) -> None:
    linked: ScimConfigurationChanges = {"sso_configuration_id": configuration.sso_configuration_id}
    secret = revealed(await keeper.create(SECRET))
    token = await access(http, configuration.id, secret)
    assert (await Scim(there, token)("GET", "/Users")).status == 200
    await admin.update(configuration, stop)
    await admin.update(configuration, go_on or linked)
    for client in (http, there):
        assert (await Scim(client, token)("GET", "/Users")).status == 401
    another = await access(there, configuration.id, secret)
    await admin.update(configuration, linked)  # which changes nothing, or links it again
    still = 401 if "sso_configuration_id" in stop and go_on else 200
    assert (await Scim(http, another)("GET", "/Users")).status == still


async def test_two_client_secrets_work_and_the_older_ends_after_the_overlap(
    http: Client, keeper: Keeper, configuration: ScimConfiguration, clock: SettableClock
) -> None:
    first, second = [revealed(await keeper.create(SECRET)) for _ in range(2)]
    clock.advance(hours=23, minutes=30)
    token = await access(http, configuration.id, first)
    told = json.loads((await grant(http, configuration.id, first)).text())
    assert told["expires_in"] == 1800  # not beyond the secret's end
    clock.advance(minutes=30)
    assert (await Scim(http, token)("GET", "/Users")).status == 401
    assert (await grant(http, configuration.id, first)).status == 401
    assert (await grant(http, configuration.id, second)).status == 200


async def test_what_is_no_right_question_is_answered_as_the_rfc_has_it(
    http: Client, keeper: Keeper, configuration: ScimConfiguration
) -> None:
    secret = revealed(await keeper.create(SECRET))
    other, wrong = "01a20ad7-efd4-73eb-8639-7cb2025bb9b7", secret[:-1] + "?"

    async def error(id: object, shown: str, **more: Any) -> tuple[int, str]:
        answer = await grant(http, id, shown, **more)
        if answer.status == 401:
            assert answer.headers["www-authenticate"].startswith("Basic ")
        return answer.status, json.loads(answer.text())["error"]

    unsupported = (400, "unsupported_grant_type")
    assert await error(configuration.id, secret, grant_type="password") == unsupported
    assert await error(configuration.id, secret, grant_type="") == (400, "invalid_request")
    assert await error(configuration.id, secret, client_secret=secret) == (400, "invalid_request")
    for id, shown in (
        *((other, secret), ("nothing", secret)),
        *((configuration.id, wrong), (configuration.id, "")),
    ):
        assert await error(id, shown) == (401, "invalid_client"), id
    answer = await http.execute("GET", f"{ORIGIN}/oauth2/scim/{configuration.id}")
    assert answer.status == 405


async def test_no_secret_is_in_a_log_or_a_repr(
    http: Client,
    keeper: Keeper,
    configuration: ScimConfiguration,
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("json")
    issued = await keeper.create(SECRET)
    token = await access(http, configuration.id, revealed(issued), basic=False)
    await Scim(http, token)("GET", f"/Users/{token}")
    await Scim(http, token)("GET", "/Users", filter=f'userName eq "{revealed(issued)}"')
    await keeper.end(issued)
    await grant(http, configuration.id, revealed(issued), basic=False)
    written = capsys.readouterr()
    for secret in (revealed(issued), token):
        assert secret[-40:] not in written.out + written.err + repr(issued)
