"""What is remembered of providers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest
from orgplane_server.domain.destination import AllowedHosts
from orgplane_server.oidc.discovery import NotDiscovered
from orgplane_server.oidc.known import KnownProviders
from orgplane_server.outbound.fetcher import Fetcher
from simple_provider import SimpleProvider, simple_provider

DOCUMENT = "/.well-known/openid-configuration"


@dataclass
class Seconds:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def provider() -> AsyncIterator[SimpleProvider]:
    async with simple_provider(lambda: 0.0) as provider:
        yield provider


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
async def known(seconds: Seconds) -> AsyncIterator[KnownProviders]:
    with contextlib.closing(Fetcher(AllowedHosts(loopback=True))) as fetcher:
        yield KnownProviders(fetcher, seconds)


async def test_many_at_once_ask_a_provider_once_and_again_after_five_minutes(
    provider: SimpleProvider, known: KnownProviders, seconds: Seconds
) -> None:
    found = await asyncio.gather(*(known.provider(provider.issuer) for _ in range(20)))
    assert {each.issuer for each in found} == {provider.issuer}
    assert provider.asked == [DOCUMENT]
    seconds.now += 299
    await known.provider(provider.issuer)
    assert provider.asked == [DOCUMENT]
    seconds.now += 1
    await known.provider(provider.issuer)
    assert provider.asked == [DOCUMENT] * 2


async def test_that_a_provider_says_nothing_is_believed_for_ten_seconds(
    provider: SimpleProvider, known: KnownProviders, seconds: Seconds
) -> None:
    issuer, provider.issuer = provider.issuer, "https://another.example"
    ends = await asyncio.gather(
        *(known.provider(issuer) for _ in range(20)), return_exceptions=True
    )
    assert {type(each) for each in ends} == {NotDiscovered}
    assert len({str(each) for each in ends}) == 1
    assert provider.asked == [DOCUMENT]
    provider.issuer = issuer
    seconds.now += 9
    with pytest.raises(NotDiscovered):
        await known.provider(issuer)
    seconds.now += 1
    assert (await known.provider(issuer)).issuer == issuer


async def test_who_stops_waiting_spoils_it_for_nobody_else(
    provider: SimpleProvider, known: KnownProviders
) -> None:
    provider.answering.clear()
    impatient = asyncio.create_task(known.provider(provider.issuer))
    waiting = asyncio.create_task(known.provider(provider.issuer))
    await provider.reached.wait()
    impatient.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await impatient
    provider.answering.set()
    assert (await waiting).issuer == provider.issuer


async def test_keys_are_of_a_provider_and_not_of_whoever_names_the_same(
    provider: SimpleProvider, known: KnownProviders
) -> None:
    found = await known.provider(provider.issuer)
    assert known.keys(found) is known.keys(found)
    assert known.keys(replace(found, issuer="https://evil.example")) is not known.keys(found)
    assert known.keys(replace(found, jwks_uri=f"{provider.issuer}/new")).url.endswith("/new")


async def test_an_endpoint_of_any_length_is_not_taken(
    provider: SimpleProvider, known: KnownProviders
) -> None:
    provider.described["token_endpoint"] = provider.issuer + "/" + "x" * 2000
    with pytest.raises(NotDiscovered, match="token_endpoint of the provider is longer than 2000"):
        await known.provider(provider.issuer)
