"""What a provider says of itself (OpenID Connect Discovery 1.0, section 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..outbound.answer import NotFetched
from ..outbound.fetcher import Fetcher

#: Which signatures of ID tokens are taken. What a provider lists is no policy.
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519")
_PATH = "/.well-known/openid-configuration"
#: Characters of a URL; browsers and servers take a little more in all.
_LONGEST = 2000
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class NotDiscovered(Exception):
    """There is no provider; the text says why, in a sentence for people, and `date` what its clock says if it answered."""

    def __init__(self, text: str, date: str = "") -> None:
        super().__init__(text)
        self.date = date


@dataclass(frozen=True, slots=True)
class Provider:
    """Its endpoints, and what it can do; of a list that is not there what the standard says in its place.

    If it `names_itself` its answers to browsers say `iss` (RFC 9207). `date` is its clock when it answered, as HTTP has it; empty if it did not tell.
    """

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    response_types: tuple[str, ...]
    code_challenge_methods: tuple[str, ...]
    token_authentication: tuple[str, ...]
    algorithms: tuple[str, ...]
    scopes: tuple[str, ...]
    names_itself: bool
    date: str = ""


def address(issuer: str) -> str:
    """Where the provider says it."""
    return issuer.rstrip("/") + _PATH


async def discover(fetcher: Fetcher, issuer: str) -> Provider:
    """The provider of this issuer. Raises NotDiscovered."""
    url = address(issuer)
    date = ""
    try:
        answer = await fetcher.fetch(url, headers={"accept": "application/json"})
        date = answer.headers.get("date", "")
        if answer.status != 200:
            raise NotFetched(
                f"answers with status {answer.status}, not 200" + _moved(answer.status)
            )
        document = answer.json()
    except NotFetched as error:
        raise NotDiscovered(f"{url} {error}", date) from error
    return _read(document, issuer, date, fetcher)


def _moved(status: int) -> str:
    return "; redirects are not followed" if 300 <= status < 400 else ""


def _read(document: Mapping[str, Any], issuer: str, date: str, fetcher: Fetcher) -> Provider:
    said = document.get("issuer")
    if said != issuer:
        shown = f"{said[:200]!r}" if isinstance(said, str) else "none"
        raise NotDiscovered(
            f"the provider calls its issuer {shown}, and not {issuer!r}; they have to be the same, letter by letter",
            date,
        )
    for name in _ENDPOINTS:
        wrong = _wrong(document.get(name), fetcher)
        if wrong is not None:
            raise NotDiscovered(f"{name} of the provider {wrong}", date)
    userinfo = document.get("userinfo_endpoint")
    usable = _wrong(userinfo, fetcher) is None
    return Provider(
        issuer=issuer,
        authorization_endpoint=document["authorization_endpoint"],
        token_endpoint=document["token_endpoint"],
        jwks_uri=document["jwks_uri"],
        userinfo_endpoint=str(userinfo) if usable else "",
        response_types=_texts(document, "response_types_supported"),
        code_challenge_methods=_texts(document, "code_challenge_methods_supported"),
        token_authentication=_texts(document, "token_endpoint_auth_methods_supported")
        or ("client_secret_basic",),
        algorithms=_texts(document, "id_token_signing_alg_values_supported"),
        scopes=_texts(document, "scopes_supported"),
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
        date=date,
    )


def _wrong(url: object, fetcher: Fetcher) -> str | None:
    """Why an endpoint is not asked."""
    if not isinstance(url, str):
        return "is missing"
    if len(url) > _LONGEST:
        return f"is longer than {_LONGEST} characters"
    return fetcher.complaint(url)


def _texts(document: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = document.get(name)
    return tuple(each for each in found if isinstance(each, str)) if isinstance(found, list) else ()
