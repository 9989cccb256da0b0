"""Which ID tokens are taken, which keys they are signed with, and why others are refused."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import warnings
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from joserfc import jwk, jws
from joserfc.errors import SecurityWarning
from orgplane_server.domain.destination import AllowedHosts
from orgplane_server.oidc.client_authentication import Credential, request
from orgplane_server.oidc.id_token import Expected, verified
from orgplane_server.oidc.keys import Keys
from orgplane_server.oidc.refusal import Refused
from orgplane_server.outbound.answer import NotFetched
from orgplane_server.outbound.fetcher import Fetcher

NOW = 1_800_000_000
EXPECTED = Expected("https://idp.example", "orgplane", "n-1", NOW)
CLAIMS: dict[str, Any] = {
    "iss": "https://idp.example",
    "aud": "orgplane",
    "sub": "ada",
    "nonce": "n-1",
    "iat": NOW,
    "exp": NOW + 300,
}
RSA = jwk.RSAKey.generate_key(2048, {"kid": "rsa"})
EC = jwk.ECKey.generate_key("P-256", {"kid": "ec"})
OKP = jwk.OKPKey.generate_key("Ed25519", {"kid": "okp"})
STRANGER = jwk.RSAKey.generate_key(2048, {"kid": "rsa"})
KEYS = {"RS256": RSA, "PS256": RSA, "ES256": EC, "EdDSA": OKP, "Ed25519": OKP}


def signed(claims: Any = CLAIMS, algorithm: str = "RS256", key: Any = None, **header: Any) -> str:
    key = key or KEYS[algorithm]
    head = {"alg": algorithm, "kid": key.kid, **header}
    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    payload = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        return jws.serialize_compact(
            {name: value for name, value in head.items() if value is not None},
            *(payload, key),
            registry=registry,
        )


def unsigned(claims: Any, **header: Any) -> str:
    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part(header)}.{part(claims)}."


class Published:
    """A key set on loopback; counts how often it was asked for."""

    def __init__(self) -> None:
        self.keys: list[Any] = [key.as_dict(private=False) for key in (RSA, EC, OKP)]
        self.asked = 0
        self.status = 200
        self.url = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        body = json.dumps({"keys": self.keys}).encode()
        head = (
            f"HTTP/1.1 {self.status} X\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        writer.write(head.encode() + body)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


@pytest.fixture
async def published() -> AsyncIterator[Published]:
    published = Published()
    async with await asyncio.start_server(published.answer, "127.0.0.1", 0) as server:
        published.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/jwks"
        yield published


@pytest.fixture
def seconds() -> list[float]:
    """The clock that keys are looked for by."""
    return [0.0]


@pytest.fixture
async def keys(published: Published, seconds: list[float]) -> AsyncIterator[Keys]:
    with contextlib.closing(Fetcher(AllowedHosts(loopback=True))) as fetcher:
        yield Keys(fetcher, published.url, lambda: seconds[0])


async def refused(token: object, keys: Keys, access_token: str | None = None) -> Refused:
    with pytest.raises(Refused, match="the provider's token is refused: ") as caught:
        await verified(token, keys, EXPECTED, access_token)
    return caught.value


@pytest.mark.parametrize("algorithm", KEYS)
async def test_a_token_of_each_algorithm_that_is_taken(keys: Keys, algorithm: str) -> None:
    assert await verified(signed(algorithm=algorithm), keys, EXPECTED) == CLAIMS


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": ["orgplane"]},
        {"aud": ["orgplane", "other"], "azp": "orgplane"},
        {"exp": NOW - 59},
        {"iat": NOW + 59, "nbf": NOW + 60},
        {"iat": NOW + 0.5},
        {"sub": "x" * 255},
    ],
)
async def test_what_differs_and_is_right(keys: Keys, claims: dict[str, Any]) -> None:
    assert await verified(signed(CLAIMS | claims, x="private"), keys, EXPECTED)
    assert await verified(signed(CLAIMS | claims, kid=None), keys, EXPECTED)


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"iss": "https://idp.example/"}, "iss"),
        ({"iss": None}, "iss"),
        ({"aud": "other"}, "aud"),
        ({"aud": None}, "aud"),
        ({"aud": {"orgplane": 1}}, "aud"),
        ({"aud": ["orgplane", "other"]}, "azp"),
        ({"azp": "other"}, "azp"),
        ({"exp": NOW - 60}, "exp"),
        ({"exp": None}, "exp"),
        ({"exp": str(NOW + 300)}, "exp"),
        ({"exp": True}, "exp"),
        ({"iat": NOW + 61}, "iat"),
        ({"iat": NOW - 3 * 86_400}, "iat"),
        ({"iat": None}, "iat"),
        ({"nbf": NOW + 3600}, "nbf"),
        ({"nonce": "n-2"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"nonce": "\ud800"}, "nonce"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "sub"),
        ({"sub": 7}, "sub"),
        ({"sub": "x" * 300}, "sub"),
        ({"at_hash": "another"}, "at_hash"),
    ],
)
async def test_a_token_that_is_not_of_this_sign_in(
    keys: Keys, claims: dict[str, Any], why: str
) -> None:
    given = {name: value for name, value in (CLAIMS | claims).items() if value is not None}
    assert (await refused(signed(given), keys, "an access token")).claim == why


async def test_an_access_token_that_belongs_to_it(keys: Keys) -> None:
    half = hashlib.sha256(b"an access token").digest()[:16]
    at_hash = base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    token = signed(CLAIMS | {"at_hash": at_hash})
    assert await verified(token, keys, EXPECTED, "an access token")
    assert (await refused(token, keys)).claim == "at_hash"


@pytest.mark.parametrize(
    ("token", "why"),
    [
        (lambda: unsigned(CLAIMS, alg="none"), "alg"),
        (lambda: by_hmac(), "alg"),
        (lambda: signed(key=STRANGER), "signature"),
        (lambda: signed(kid="other"), "kid"),
        (lambda: unsigned(CLAIMS, alg="RS256", kid=7), "kid"),
        (lambda: signed(algorithm="ES256")[:-4] + "AAAA", "signature"),
        (lambda: unsigned(CLAIMS, alg="RS256", kid="rsa", crit=["x"], x=1), "signature"),
        (lambda: signed(b'{"exp": NaN}'), "form"),
        (lambda: signed(b"[]"), "form"),
        (lambda: signed(CLAIMS | {"x": "y" * 20_000}), "form"),
        (lambda: "", "form"),
        (lambda: "a.b.c", "form"),
        (lambda: "\u00e4", "form"),
        (lambda: unsigned(CLAIMS, typ="JWT"), "form"),
        (lambda: None, "form"),
    ],
)
async def test_what_is_no_token_of_the_providers(
    keys: Keys, token: Callable[[], object], why: str
) -> None:
    assert (await refused(token(), keys)).claim == why


def by_hmac() -> str:
    """Signed with the public key, as if it were a secret: whoever believes the header takes it for one."""
    message, _, _ = unsigned(CLAIMS, alg="HS256", kid="rsa").rpartition(".")
    code = hmac.digest(RSA.as_pem(private=False), message.encode(), "sha256")
    return f"{message}.{base64.urlsafe_b64encode(code).rstrip(b'=').decode()}"


async def test_keys_that_cannot_be_used_stop_nobody(keys: Keys, published: Published) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        short = jwk.RSAKey.generate_key(1024, {"kid": "short"})
    ok = {**RSA.as_dict(private=False)}
    published.keys = [
        {"kty": "EC", "crv": "brainpoolP256r1", "x": "AA", "y": "AA", "kid": "rsa"},
        {"kty": "oct", "k": "AA", "kid": "rsa"},
        {**STRANGER.as_dict(private=False), "use": "enc"},
        {"kty": "RSA"},
        *("text", None, 7),
        short.as_dict(private=False),
        ok,
    ]
    assert await verified(signed(), keys, EXPECTED)
    assert (await refused(signed(key=short), keys)).claim == "kid"


async def test_an_unknown_key_is_looked_for_once_a_minute_and_a_new_one_found_at_once(
    keys: Keys, published: Published, seconds: list[float]
) -> None:
    await verified(signed(), keys, EXPECTED)
    await verified(signed(), keys, EXPECTED)
    assert published.asked == 1
    new = jwk.RSAKey.generate_key(2048, {"kid": "new"})
    published.keys = [new.as_dict(private=False)]  # right after the first load
    await asyncio.gather(*(verified(signed(key=new), keys, EXPECTED) for _ in range(50)))
    assert published.asked == 2
    await asyncio.gather(*(refused(signed(kid=f"no-{n}"), keys) for n in range(50)))
    assert published.asked == 2
    seconds[0] = 60.0
    published.status = 500
    with pytest.raises(NotFetched):
        await verified(signed(kid="no"), keys, EXPECTED)
    await refused(signed(kid="no"), keys)
    assert published.asked == 3
    assert await verified(signed(key=new), keys, EXPECTED)


@pytest.mark.parametrize("kid", ["rsa", None])
async def test_a_key_that_is_withdrawn_or_replaced_without_another_id_is_seen_in_five_minutes(
    keys: Keys, published: Published, seconds: list[float], kid: str | None
) -> None:
    published.keys = [RSA.as_dict(private=False)]
    await verified(signed(kid=kid), keys, EXPECTED)
    published.keys = [STRANGER.as_dict(private=False)]
    seconds[0] = 299.0
    await verified(signed(kid=kid), keys, EXPECTED)
    seconds[0] = 300.0
    published.status = 500
    with pytest.raises(NotFetched):
        await verified(signed(kid=kid), keys, EXPECTED)
    assert await verified(signed(kid=kid), keys, EXPECTED)  # and goes on for a minute
    seconds[0] = 360.0
    published.status = 200
    assert (await refused(signed(kid=kid), keys)).claim == "signature"
    assert await verified(signed(key=STRANGER, kid=kid), keys, EXPECTED)
    assert published.asked == 3


async def test_a_client_secret_is_sent_as_in_a_form() -> None:
    credential = Credential("a:b", "+ %")
    headers, body = await request({"code": "c d"}, "client_secret_basic", credential, "x")
    assert headers["authorization"] == "Basic " + base64.b64encode(b"a%3Ab:%2B+%25").decode()
    assert body == b"code=c+d"
    headers, body = await request({"code": "c"}, "client_secret_post", credential, "x")
    assert "authorization" not in headers
    assert body == b"code=c&client_id=a%3Ab&client_secret=%2B+%25"
