"""Whether members could sign in with a provider, as far as can be told without anybody who does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from urllib.parse import parse_qs, urlsplit

from ..domain.destination import in_the_clear
from ..outbound.answer import Answer, NotFetched
from ..outbound.fetcher import Fetcher
from . import authorization
from .authorization import SCOPES, Client, Secrets
from .discovery import ALGORITHMS, NotDiscovered, Provider, address, discover

#: A token may be so many seconds younger or older than our clock.
_LEEWAY = 60
#: A code that no provider has given out, and a verifier of 43 characters or more (RFC 7636, section 4.1).
_NO_CODE = "orgplane-examination"
_SECRETS = Secrets(_NO_CODE, _NO_CODE, "orgplane-examination-of-a-configuration-0000")


class Outcome(StrEnum):
    OK = "ok"
    WRONG = "wrong"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one `check` has found, and the `remedy` if that is to be changed; both in sentences for people."""

    check: str
    outcome: Outcome
    description: str
    remedy: str = ""


async def examine(
    fetcher: Fetcher, issuer: str, client: Client, now: datetime
) -> Sequence[Finding]:
    """Findings in the order in which they are to be put right. Takes two rounds of requests, or three; never raises for a provider."""
    try:
        provider = await discover(fetcher, issuer)
    except NotDiscovered as error:
        remedy = f"Compare issuer_url with what the provider shows as its issuer; its document has to be at {address(issuer)}."
        return (
            Finding("discovery", Outcome.WRONG, str(error), remedy),
            *(_clock(error.date, now) if error.date else ()),
        )
    keys, secret, redirect = await asyncio.gather(
        _keys(fetcher, provider),
        _secret(fetcher, provider, client),
        _redirect(fetcher, provider, client),
    )
    found = f"{address(issuer)} describes the provider, with the same issuer"
    return (
        Finding("discovery", Outcome.OK, found),
        keys,
        *_clock(provider.date, now),
        *_abilities(provider, client),
        secret,
        redirect,
        *_public_url(client),
    )


async def _keys(fetcher: Fetcher, provider: Provider) -> Finding:
    from .keys import fetched  # here, as the import takes a moment

    check = "keys"
    try:
        keys = await fetched(fetcher, provider.jwks_uri)
    except NotFetched as error:
        return Finding(
            check,
            Outcome.WRONG,
            f"{provider.jwks_uri} {error}",
            "Have the provider publish its keys there.",
        )
    if not keys:
        return Finding(
            check,
            Outcome.WRONG,
            f"{provider.jwks_uri} has no key for signatures that could be used",
            f"Have the provider sign with one of: {', '.join(ALGORITHMS)}; RSA from 2048 bits on.",
        )
    kinds = ", ".join(sorted({each.type for each in keys}))
    count = "one key" if len(keys) == 1 else f"{len(keys)} keys"
    return Finding(check, Outcome.OK, f"{count} to check signatures with ({kinds})")


def _clock(date: str, now: datetime) -> Iterator[Finding]:
    check = "clock"
    try:
        there = parsedate_to_datetime(date)
        difference = (there.replace(tzinfo=there.tzinfo or UTC) - now).total_seconds()
    except (ValueError, TypeError, OverflowError):
        yield Finding(check, Outcome.UNKNOWN, "the provider does not tell its time")
        return
    if abs(difference) < 2:
        yield Finding(check, Outcome.OK, "the provider's clock shows the same time")
        return
    way = "ahead of" if difference > 0 else "behind"
    seen = f"the provider's clock is {abs(difference):.0f} seconds {way} this server's"
    if abs(difference) <= _LEEWAY:
        yield Finding(check, Outcome.OK, f"{seen}; up to {_LEEWAY} are allowed for")
    else:
        yield Finding(
            check, Outcome.WRONG, f"{seen}; {_LEEWAY} are allowed for", "Set both clocks by NTP."
        )


def _abilities(provider: Provider, client: Client) -> Iterator[Finding]:
    """Of what the provider says that it can do."""
    yield _offered(
        "code",
        provider.response_types,
        ("code",),
        "the authorization code flow",
        "Allow the response type code.",
    )
    yield _offered(
        "pkce",
        provider.code_challenge_methods,
        ("S256",),
        "PKCE with S256",
        "Many providers have it without saying so; if sign-in fails, ask for S256.",
        silent=True,
    )
    yield _offered(
        "token_authentication",
        provider.token_authentication,
        client.credential.methods,
        "a client secret at the token endpoint"
        if client.sign is None
        else "JWTs of ours at the token endpoint",
        f"Allow one of: {', '.join(client.credential.methods)}.",
    )
    yield _offered(
        "signatures",
        provider.algorithms,
        ALGORITHMS,
        "signatures of ID tokens",
        f"Have ID tokens signed with one of: {', '.join(ALGORITHMS)}.",
    )
    missing = [each for each in (*SCOPES, *client.scopes) if each not in provider.scopes]
    if not provider.scopes:
        yield Finding("scopes", Outcome.UNKNOWN, "the provider does not list its scopes")
    elif missing:
        yield Finding(
            "scopes",
            Outcome.UNKNOWN,
            f"the provider does not list: {', '.join(missing)}",
            "Take out of additional_scopes what the provider does not know; a provider need not list all that it does.",
        )
    else:
        asked = ", ".join((*SCOPES, *client.scopes))
        yield Finding("scopes", Outcome.OK, f"the provider knows: {asked}")


def _offered(
    check: str,
    offered: Sequence[str],
    taken: Sequence[str],
    what: str,
    remedy: str,
    *,
    silent: bool = False,
) -> Finding:
    if not offered:
        return Finding(
            check,
            Outcome.UNKNOWN,
            f"the provider does not say that it has {what}",
            remedy if silent else "",
        )
    used = [each for each in taken if each in offered]
    if used:
        return Finding(check, Outcome.OK, f"{what}: {', '.join(used)}")
    shown = ", ".join(each[:40] for each in offered[:8])
    return Finding(check, Outcome.WRONG, f"{what}: the provider only has {shown}", remedy)


async def _secret(fetcher: Fetcher, provider: Provider, client: Client) -> Finding:
    """Asks for tokens for a code that never was: who refuses the code has taken the secret."""
    check = "client_secret"
    method = client.credential.method(provider.token_authentication)
    if method is None:
        return Finding(
            check, Outcome.UNKNOWN, "the provider takes no client secret, so none was shown"
        )
    if client.sign is not None:
        return await _signed(fetcher, provider, client, method)
    try:
        outcome, said = await _shown(fetcher, provider, client, method)
        other = client.credential.method(
            [each for each in provider.token_authentication if each != method]
        )
        if outcome is not Outcome.OK and other is not None:
            taken, _ = await _shown(fetcher, provider, client, other)
            if taken is Outcome.OK:
                return Finding(
                    check,
                    Outcome.WRONG,
                    f"the provider takes this client's secret by {other} only, and not by {method}, which it lists too and which is used",
                    f"Have the provider take it by {method}: it is a setting of the client, often called token endpoint authentication method.",
                )
    except NotFetched as error:
        return _unanswered(check, provider, error)
    if outcome is Outcome.OK:
        return Finding(
            check, outcome, f"the provider does not refuse client_id and client secret ({method})"
        )
    if outcome is Outcome.WRONG:
        return Finding(
            check,
            outcome,
            f"the provider refuses client_id or client secret ({method})",
            "Copy both from the provider once more; a secret may have ended there, or been copied with a character too many.",
        )
    return Finding(check, outcome, f"the token endpoint answers with {said}, which does not tell")


async def _signed(fetcher: Fetcher, provider: Provider, client: Client, method: str) -> Finding:
    check = "client_authentication"
    try:
        outcome, said = await _shown(fetcher, provider, client, method)
    except NotFetched as error:
        return _unanswered(check, provider, error)
    if outcome is Outcome.OK:
        return Finding(
            check, outcome, f"the provider does not refuse what this server signs ({method})"
        )
    return Finding(
        check,
        outcome,
        f"the provider refuses what this server signs, or the client_id ({method}): {said}",
        "Register this server's JWKS URL with the provider, which has to reach it, and set the client to private_key_jwt with RS256.",
    )


def _unanswered(check: str, provider: Provider, error: NotFetched) -> Finding:
    said, remedy = f"{provider.token_endpoint} {error}", "Have the provider answer there."
    return Finding(check, Outcome.WRONG, said, remedy)


async def _shown(
    fetcher: Fetcher, provider: Provider, client: Client, method: str
) -> tuple[Outcome, str]:
    """Whether the secret is taken if it is shown in this way, and what the answer was. Raises NotFetched."""
    if not client.redirect_uri:
        client = replace(client, redirect_uri="https://orgplane.invalid/")
    answer = await authorization.tokens(
        fetcher, provider, client, method, _NO_CODE, _SECRETS.verifier
    )
    refusal = _error(answer)
    said = f"status {answer.status}"
    if answer.status == 400 and refusal == "invalid_grant":
        return Outcome.OK, said
    if answer.status == 401 or refusal in ("invalid_client", "unauthorized_client"):
        return Outcome.WRONG, said
    # invalid_request may be about how the secret was shown.
    return Outcome.UNKNOWN, f"{said} ({refusal})" if refusal == "invalid_request" else said


def _error(answer: Answer) -> str:
    try:
        return str(answer.json().get("error"))
    except NotFetched:
        return ""


def _public_url(client: Client) -> Iterator[Finding]:
    if in_the_clear(client.redirect_uri):
        yield Finding(
            "public_url",
            Outcome.WRONG,
            "browsers come by http: whoever is on the way can read the session's token, and act with it",
            "Whoever runs the server puts TLS before it, and says so: --public-url https://...",
        )


async def _redirect(fetcher: Fetcher, provider: Provider, client: Client) -> Finding:
    """Asks for a sign-in of nobody: who sends the refusal to the redirect URI knows it (Core, section 3.1.2.6)."""
    check = "redirect_uri"
    if not client.redirect_uri:
        return Finding(
            check,
            Outcome.UNKNOWN,
            "this server does not know where browsers reach it",
            "Whoever runs the server says so: --public-url.",
        )
    paste = f"Register this redirect URI with the provider, letter by letter: {client.redirect_uri}"
    try:
        answer = await fetcher.fetch(
            authorization.url(provider, client, _SECRETS, SCOPES, prompt="none")
        )
    except NotFetched as error:
        said_of = f"{provider.authorization_endpoint} {error}"
        return Finding(check, Outcome.WRONG, said_of, "Have the provider answer there.")
    to = answer.headers.get("location", "")
    if 300 <= answer.status < 400 and to.startswith(f"{client.redirect_uri}?"):
        said = parse_qs(urlsplit(to).query)
        refusal, *_ = said.get("error", [""])
        if refusal in (
            "",
            "login_required",
            "interaction_required",
            "consent_required",
            "account_selection_required",
        ):
            wrong = authorization.of_another(provider, said.get("iss", [None])[0])
            if wrong is not None:
                return Finding(
                    check,
                    Outcome.WRONG,
                    f"the provider knows {client.redirect_uri}, and its answer {wrong}",
                    "The provider, or what stands before it, has to name its issuer as its discovery document does (RFC 9207).",
                )
            return Finding(check, Outcome.OK, f"the provider knows {client.redirect_uri}")
        shown = "".join(each for each in refusal[:40] if each.isalnum() or each == "_")
        return Finding(
            check,
            Outcome.WRONG,
            f"the provider knows {client.redirect_uri}, and refuses the sign-in itself: {shown}",
            "The client at the provider has to allow the authorization code flow and the scopes that are asked for.",
        )
    if 400 <= answer.status < 500:
        return Finding(
            check,
            Outcome.WRONG,
            f"the provider refuses to begin a sign-in (status {answer.status}): most likely it does not know the redirect URI",
            paste,
        )
    return Finding(
        check,
        Outcome.UNKNOWN,
        "the provider does not tell whether it knows the redirect URI",
        paste,
    )
