"""Programs without a browser are let in by whoever types their code; a code that somebody else passes on is met by a page that says so."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from clock import SettableClock
from orgplane_server.domain.device import MOST_OF_ADDRESS, DeviceAuthorization
from orgplane_server.domain.identifier import DeviceAuthorizationId, UserId
from orgplane_server.store.device import device_authorizations, table
from orgplane_server.store.engine.database import Database
from orgplane_server.store.engine.database_url import is_sqlite
from orgplane_server.store.engine.unit_of_work import UnitOfWork
from orgplane_server.usecases.member import Members
from orgplane_server.usecases.minting import new_id
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.sealing import Sealer
from people import Access
from query_plans import statements, wasteful
from relying_party import MEL, PUBLIC, World, query, world

__all__ = ["world"]

GRANT = "urn:ietf:params:oauth:grant-type:device_code"


async def post(
    world: World, path: str, form: Mapping[str, str], browser: bool = True, **more: str
) -> Any:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    headers |= {name.replace("_", "-"): value for name, value in more.items()}
    if browser:
        headers["cookie"] = "; ".join(f"{k}={v}" for k, v in world.cookies.items())
    return world.kept(
        await world.http.execute(
            "POST", f"{PUBLIC}{path}", headers=headers, content=urlencode(form).encode()
        ),
        browser,
    )


async def begun(world: World, **more: str) -> dict[str, Any]:
    form = {"client_id": "orgplane-cli"}
    answer = await post(world, "/oauth2/device_authorization", form, False, **more)
    assert answer.status == 200, answer.text()
    return dict(json.loads(answer.text()))


async def poll(world: World, device: Mapping[str, Any]) -> dict[str, Any]:
    form = {
        "grant_type": GRANT,
        "device_code": str(device["device_code"]),
        "client_id": "orgplane-cli",
    }
    return dict(json.loads((await post(world, "/oauth2/token", form, False)).text()))


async def come_back(world: World, user_code: str) -> str:
    """Where somebody is who has typed the code and signed in: at the page with the button."""
    typed = await post(world, "/device", {"user_code": user_code})
    assert typed.status == 200, typed.text()
    (url,) = re.findall(r'href="(/login\?continue=[^"]+)"', typed.text())
    path = f"/login/sso/{world.configuration.id}?{urlencode({'continue': query(url)['continue']})}"
    provider = (await world.get(path)).headers["location"]
    back = await world.back(world.provider.sign_in(provider, "mel-1", **MEL))
    return str(back.headers["location"])


async def test_a_program_is_let_in_by_whoever_typed_its_code(
    world: World, acme_member: Access, clock: SettableClock, database: Database
) -> None:
    device = await begun(world)
    assert device["verification_uri"] == f"{PUBLIC}/device"
    assert re.fullmatch(r"[B-Z]{4}-[B-Z]{4}", device["user_code"])
    assert (await poll(world, device))["error"] == "authorization_pending"
    assert (await poll(world, device))["error"] == "slow_down"
    confirm = await come_back(world, str(device["user_code"]).lower().replace("-", " "))
    assert confirm.startswith(f"{PUBLIC}/device/confirm?")
    page = await world.get(confirm)  # shows, and changes nothing, however often
    assert "Mel" in page.text()
    assert "127.0.0.1" in page.text()
    clock.advance(seconds=5)
    assert (await poll(world, device))["error"] == "authorization_pending"
    form = {"code": query(confirm)["code"], "answer": "allow"}
    stranger = await post(world, "/device/confirm", form, False)
    assert stranger.status == 403  # a browser that did not type it


async def test_the_button_lets_it_in_once(
    world: World, acme_member: Access, clock: SettableClock, database: Database
) -> None:
    device, refused, late = await begun(world), await begun(world), await begun(world)
    confirm = await come_back(world, str(device["user_code"]))
    form = {"code": query(confirm)["code"], "answer": "allow"}
    assert (await post(world, "/device/confirm", form)).status == 200
    assert (await post(world, "/device/confirm", form)).status == 403
    assert (await post(world, "/device", {"user_code": device["user_code"]})).status == 404
    told = await poll(world, device)
    assert told["access_token"].startswith("orgplane_session_")
    assert told["expires_in"] == 8 * 3600  # when it ends unless it is used before
    assert (await poll(world, device))["error"] == "invalid_grant"
    confirm = await come_back(world, str(refused["user_code"]))
    form = {"code": query(confirm)["code"], "answer": "refuse"}
    assert (await post(world, "/device/confirm", form)).status == 200
    assert (await poll(world, refused))["error"] == "access_denied"
    other = await begun(world)
    confirm = await come_back(world, str(other["user_code"]))
    form = {"code": query(confirm)["code"], "answer": "allow"}
    assert (await post(world, "/device/confirm", form)).status == 200
    members = Members(database, clock, PageTokens(Sealer(bytes(32))))
    id = UserId(acme_member.user.id)
    await members.set_suspended(world.owner.caller, id, suspended=True)
    assert (await poll(world, other))["error"] == "access_denied"
    clock.advance(minutes=10)
    assert (await poll(world, late))["error"] == "expired_token"
    assert (await post(world, "/device", {"user_code": late["user_code"]})).status == 404


def peers(connection: sa.Connection) -> dict[str, int]:
    """How many of each address are remembered."""
    counted = sa.select(table.c.peer, sa.func.count()).group_by(table.c.peer)
    return {str(peer): many for peer, many in connection.execute(counted)}


async def test_the_earliest_of_an_address_give_way_to_later_ones_and_nobody_elses(
    world: World, database: Database, clock: SettableClock
) -> None:
    first = await begun(world)

    def begin_many(unit: UnitOfWork) -> None:
        (seen,) = unit.connection.execute(sa.select(table)).all()
        one = DeviceAuthorization(**seen._mapping)
        unit.run(
            *(
                device_authorizations.inserting(
                    replace(
                        one,
                        id=DeviceAuthorizationId(new_id()),
                        device_digest=number.to_bytes(32),
                        code_digest=number.to_bytes(32),
                        peer=one.peer if number % 2 else "192.0.2.1",
                    )
                )
                for number in range(2 * MOST_OF_ADDRESS)
            )
        )

    await database.write(begin_many)
    for port in range(1001, 1004):  # each connection has another
        await begun(world, x_forwarded_for=f"192.0.2.2:{port}")
    assert (await database.read(peers))["192.0.2.2"] == 3
    latest = await begun(world)
    assert (await poll(world, first))["error"] == "invalid_grant"
    assert (await poll(world, latest))["error"] == "authorization_pending"

    assert sorted((await database.read(peers)).values()) == [3, MOST_OF_ADDRESS, MOST_OF_ADDRESS]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_codes_cannot_be_guessed_nor_a_request_given_to_somebody_else(
    world: World, acme_member: Access
) -> None:
    device = await begun(world)
    for wrong in ("", "BCDF-GHJ", "AEIO-UAEI", "BCDF-GHJK"):
        answer = await post(world, "/device", {"user_code": wrong})
        assert answer.status == 404
    # Another site types nothing for them, and its words are not ours.
    answer = await post(
        world, "/device", {"user_code": device["user_code"]}, sec_fetch_site="cross-site"
    )
    assert (answer.status, "If somebody has sent you a code" in answer.text()) == (403, True)
    said = await world.get("/device/confirm?error=x&error_description=Call+us")
    assert (said.status, "Call us" in said.text()) == (403, False)
    # What somebody typed is bound to their browser: whoever follows the link does not get to the button.
    confirm = await come_back(world, str(device["user_code"]))
    world.cookies = dict.fromkeys(world.cookies, "x")
    assert (await world.get(confirm)).status == 403
    assert (await poll(world, device))["error"] == "authorization_pending"
    # It is the command line's alone, and its page is no client that anybody else can speak for.
    by = world.registered
    form = {"client_id": str(by.application.id), "client_secret": by.secret.reveal()}
    answer = await post(world, "/oauth2/device_authorization", form, False)
    assert json.loads(answer.text())["error"] == "unauthorized_client"
    for asked in ("orgplane-device",):
        assert (await world.authorize(client_id=asked)).status == 400
        assert await world.error(code=query(confirm)["code"], client_id=asked) in (
            "invalid_request",
            "invalid_client",
        )


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_after_five_wrong_codes_from_an_address_not_even_the_right_one_is_looked_at(
    world: World, clock: SettableClock
) -> None:
    device = await begun(world)

    async def typed(code: str, address: str) -> int:
        answer = await post(world, "/device", {"user_code": code}, x_forwarded_for=address)
        status: int = answer.status
        return status

    for _ in range(5):
        assert await typed("BCDF-GHJK", "203.0.113.7") == 404
    assert await typed(str(device["user_code"]), "203.0.113.7") == 429
    assert await typed(str(device["user_code"]), "203.0.113.8") == 200
    clock.advance(seconds=12)
    assert await typed(str(device["user_code"]), "203.0.113.7") == 200


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_only_so_many_programs_of_an_address_begin_in_a_minute(world: World) -> None:
    for _ in range(30):
        await begun(world)
    form = {"client_id": "orgplane-cli"}
    answer = await post(world, "/oauth2/device_authorization", form, False)
    assert answer.status == 429


async def test_no_statement_of_it_reads_a_whole_table(
    world: World, acme_member: Access, database: Database, database_url: str
) -> None:
    with statements() as seen:
        device = await begun(world)
        await poll(world, device)
        confirm = await come_back(world, str(device["user_code"]))
        assert (await world.get(confirm)).status == 200
        form = {"code": query(confirm)["code"], "answer": "allow"}
        assert (await post(world, "/device/confirm", form)).status == 200
        assert "access_token" in await poll(world, device)
    assert any("device_authorization" in text for text in seen)
    # That which gives way is found by the keys of `MOST` at most.
    assert await wasteful(database, is_sqlite(database_url), seen, but="OFFSET") == {}
