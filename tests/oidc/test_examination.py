"""What a real provider says to a configuration, and one that is not as it should be."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from openid_provider import CALLBACK, CLIENT_ID, CLIENT_SECRET, POSTING, OpenIDProvider
from orgplane_server.domain.destination import AllowedHosts, in_the_clear
from orgplane_server.oidc.authorization import Client
from orgplane_server.oidc.examination import Finding, Outcome, examine
from orgplane_server.outbound.fetcher import Fetcher

CLIENT = Client(CLIENT_ID, CLIENT_SECRET, f"{CALLBACK}1", ("groups",))


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    with contextlib.closing(Fetcher(AllowedHosts(loopback=True))) as fetcher:
        yield fetcher


def by_check(findings: Sequence[Finding]) -> dict[str, Finding]:
    return {each.check: each for each in findings}


async def test_all_is_well(openid_provider: OpenIDProvider, fetcher: Fetcher) -> None:
    found = await examine(fetcher, openid_provider.issuer, CLIENT, datetime.now(UTC))
    assert [each.check for each in found] == [
        *("discovery", "keys", "clock", "code", "pkce", "token_authentication", "signatures"),
        *("scopes", "client_secret", "redirect_uri"),
    ]
    assert [each for each in found if each.outcome is not Outcome.OK] == []
    assert not any(each.remedy for each in found)
    assert CLIENT_SECRET not in str((found, CLIENT))


async def test_each_thing_that_is_wrong_is_told_with_what_to_do(
    openid_provider: OpenIDProvider, fetcher: Fetcher
) -> None:
    client = replace(
        CLIENT, secret="another", redirect_uri="https://elsewhere.example/sso/callback/1"
    )
    late = datetime.now(UTC) + timedelta(minutes=5)
    found = by_check(
        await examine(fetcher, openid_provider.issuer, replace(client, scopes=("no-such",)), late)
    )
    wrong = [check for check, each in found.items() if each.outcome is Outcome.WRONG]
    assert wrong == ["clock", "client_secret", "redirect_uri"]
    assert found["clock"].description.startswith("the provider's clock is 30")
    assert "behind" in found["clock"].description
    assert "https://elsewhere.example/sso/callback/1" in found["redirect_uri"].remedy
    assert found["scopes"].outcome is Outcome.UNKNOWN
    assert "no-such" in found["scopes"].description
    unknown = by_check(
        await examine(
            fetcher, openid_provider.issuer, replace(client, id="nobody", redirect_uri=""), late
        )
    )
    assert unknown["client_secret"].outcome is Outcome.WRONG
    assert unknown["redirect_uri"].outcome is Outcome.UNKNOWN
    assert "--public-url" in unknown["redirect_uri"].remedy


async def test_a_secret_that_the_provider_wants_in_another_way_is_told_from_a_wrong_one(
    openid_provider: OpenIDProvider, fetcher: Fetcher
) -> None:
    client = replace(CLIENT, id=POSTING)
    found = await examine(fetcher, openid_provider.issuer, client, datetime.now(UTC))
    (told,) = [each for each in found if each.outcome is not Outcome.OK]
    assert (told.check, told.outcome) == ("client_secret", Outcome.WRONG)
    assert "by client_secret_post only" in told.description
    assert "by client_secret_basic" in told.remedy
    client = replace(client, secret="another")
    found = await examine(fetcher, openid_provider.issuer, client, datetime.now(UTC))
    told = by_check(found)["client_secret"]
    assert told.outcome is Outcome.UNKNOWN
    assert "invalid_request" in told.description


async def test_the_issuer_is_the_same_letter_by_letter(
    openid_provider: OpenIDProvider, fetcher: Fetcher
) -> None:
    issuer = f"{openid_provider.issuer}/"
    found = await examine(fetcher, issuer, CLIENT, datetime.now(UTC))
    assert [each.check for each in found] == ["discovery", "clock"]
    assert found[0].outcome is Outcome.WRONG
    assert f"{openid_provider.issuer!r}, and not {issuer!r}" in found[0].description


async def test_what_is_no_provider(openid_provider: OpenIDProvider, fetcher: Fetcher) -> None:
    for issuer, why in (
        (f"{openid_provider.issuer}/realms/acme", "answers with status 404"),
        ("http://127.0.0.1:9", "does not take the connection"),
        ("https://10.0.0.1", "is not public"),
    ):
        found = (await examine(fetcher, issuer, CLIENT, datetime.now(UTC)))[0]
        assert (found.check, found.outcome) == ("discovery", Outcome.WRONG)
        assert f"{issuer}/.well-known/openid-configuration {why}" in found.description.replace(
            "has the address 10.0.0.1, which ", ""
        )


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://id.acme.example", True),
        ("http://192.0.2.1:8080", True),
        ("http://localhost:8080", False),
        ("http://127.0.0.1", False),
        ("https://id.acme.example", False),
    ],
)
def test_http_is_told_of_where_it_leaves_the_machine(url: str, told: bool) -> None:
    assert in_the_clear(f"{url}/sso/callback/1") is told
