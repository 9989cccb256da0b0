"""Whether an ID token says who signed in (OpenID Connect Core 1.0, section 3.1.3.7). Imports joserfc."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import warnings
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from joserfc import jws
from joserfc.errors import JoseError, SecurityWarning

from .discovery import ALGORITHMS
from .keys import Keys
from .refusal import Refused

_LONGEST = 16_384
_LONGEST_SUBJECT = 255
#: Seconds by which clocks may differ.
LEEWAY = 60
_OLDEST = 86_400
#: Algorithms whose access-token hash is half of SHA-256.
_SHA256 = ("RS256", "PS256", "ES256")


@dataclass(frozen=True, slots=True)
class Expected:
    """What the token has to be about; `now` is in seconds since 1970."""

    issuer: str
    client_id: str
    nonce: str
    now: float


async def verified(
    token: object, keys: Keys, expected: Expected, access_token: str | None = None
) -> Mapping[str, Any]:
    """The claims of a token that is signed by the provider, for us, for this sign-in, and in time.

    Raises Refused, and NotFetched when the keys cannot be had.
    """
    header, claims = await signed(token, keys)
    _check(claims, expected)
    if "at_hash" in claims and header["alg"] in _SHA256:
        digest = hashlib.sha256((access_token or "").encode("utf-8", "surrogatepass")).digest()[:16]
        half = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if claims["at_hash"] != half:
            raise Refused("at_hash", "it belongs to another access token")
    return claims


async def signed(token: object, keys: Keys) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Header and claims of a token that one of these keys has signed. Raises Refused, and NotFetched when the keys cannot be had."""
    if not isinstance(token, str) or not 0 < len(token) <= _LONGEST:
        raise Refused("form", f"it is missing, or longer than {_LONGEST} characters")
    try:
        header = json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))
        algorithm, id = header["alg"], header.get("kid")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Refused("form", "it is no signed token") from None
    if algorithm not in ALGORITHMS:
        raise Refused(
            "alg",
            f"its signature is of a kind that is not taken; these are: {', '.join(ALGORITHMS)}",
        )
    if id is not None and not isinstance(id, str):
        raise Refused("kid", "its key has an id that is no text")
    key = await keys.find(id, algorithm)
    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)  # of the older name of Ed25519
            payload = jws.deserialize_compact(token, key, registry=registry).payload
    except (JoseError, ValueError, KeyError, TypeError, RecursionError):
        raise Refused("signature", "its signature is not the provider's") from None
    try:
        claims = json.loads(payload, parse_constant=_no_number)
    except (ValueError, RecursionError):
        claims = None
    if not isinstance(claims, dict):
        raise Refused("form", "what is signed is no JSON object")
    return header, claims


def check_parties(claims: Mapping[str, Any], issuer: str, client_id: str) -> Collection[object]:
    """For whom it is. Raises Refused unless this issuer has made it for this client."""
    if claims.get("iss") != issuer:
        raise Refused("iss", "it is of another issuer")
    audience = claims.get("aud")
    audience = [audience] if isinstance(audience, str) else audience
    if not isinstance(audience, list) or client_id not in audience:
        raise Refused("aud", "it is for another client than this configuration's client_id")
    return audience


def check_issued(claims: Mapping[str, Any], now: float, oldest: float) -> float:
    """When it was issued. Raises Refused if that is to come, or more than `oldest` seconds ago."""
    issued = number(claims, "iat")
    if issued > now + LEEWAY:
        raise Refused(
            "iat", "it is of the future; compare the clocks of this server and the provider"
        )
    if issued < now - oldest:
        raise Refused("iat", f"it is older than {oldest:g} seconds")
    return issued


def check_lasts(claims: Mapping[str, Any], now: float) -> None:
    """Raises Refused if it has ended."""
    if number(claims, "exp") + LEEWAY <= now:
        raise Refused("exp", "it has expired; compare the clocks of this server and the provider")


def _check(claims: Mapping[str, Any], expected: Expected) -> None:
    audience = check_parties(claims, expected.issuer, expected.client_id)
    if len(audience) > 1 and "azp" not in claims:
        raise Refused("azp", "it is for several clients and does not say which of them asked")
    if claims.get("azp", expected.client_id) != expected.client_id:
        raise Refused("azp", "another client than this configuration's client_id asked for it")
    now = expected.now
    check_lasts(claims, now)
    check_issued(claims, now, _OLDEST)
    if "nbf" in claims and number(claims, "nbf") > now + LEEWAY:
        raise Refused(
            "nbf", "it is not valid yet; compare the clocks of this server and the provider"
        )
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(
        nonce.encode("utf-8", "surrogatepass"), expected.nonce.encode()
    ):
        raise Refused("nonce", "it is of another sign-in")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT:
        raise Refused(
            "sub", f"it does not say who signed in, in 1 to {_LONGEST_SUBJECT} characters"
        )


def number(claims: Mapping[str, Any], name: str) -> float:
    """A time. Raises Refused if it is none."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(name, "it does not say this time as a number")
    return value


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)
