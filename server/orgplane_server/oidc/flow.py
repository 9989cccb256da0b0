"""Signing somebody in: what is made of a provider's answers (OpenID Connect Core 1.0, section 3.1; RFC 9207)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..outbound.answer import NotFetched
from ..outbound.fetcher import Fetcher
from . import authorization
from .authorization import SCOPES, Client, Secrets
from .discovery import NotDiscovered, Provider
from .known import KnownProviders
from .refusal import Refused

_SHOWN = 60


class Failed(Exception):
    """Nobody is signed in; the text says why, for whoever keeps the configuration. It shows no secret and no claim."""


class Providers:
    """Signs people in with any provider; what they say of themselves is remembered for a while."""

    def __init__(self, fetcher: Fetcher, seconds: Callable[[], float]) -> None:
        self._fetcher = fetcher
        self._known = KnownProviders(fetcher, seconds)

    async def begin(self, issuer: str, client: Client, secrets: Secrets) -> str:
        """Where the browser is sent. Raises Failed."""
        provider = await self._provider(issuer)
        scopes = list(dict.fromkeys((*SCOPES, *client.scopes)))
        return authorization.url(provider, client, secrets, scopes)

    async def finish(
        self,
        issuer: str,
        client: Client,
        secrets: Secrets,
        answer: Mapping[str, str],
        now: float,
    ) -> Mapping[str, Any]:
        """The claims of who signed in, those of userinfo among them if the ID token has no e-mail address.

        `answer` is what the browser brought back, with the right `state`; the code is shown once. Raises Failed.
        """
        try:
            provider = await self._provider(issuer)
            _check_answer(answer, provider)
            tokens = await self._tokens(provider, client, secrets, answer["code"])
            return await self._claims(provider, client, secrets, tokens, now)
        except (NotFetched, Refused) as error:
            raise Failed(str(error)) from error

    async def _provider(self, issuer: str) -> Provider:
        try:
            return await self._known.provider(issuer)
        except NotDiscovered as error:
            raise Failed(str(error)) from error

    async def _tokens(
        self, provider: Provider, client: Client, secrets: Secrets, code: str
    ) -> Mapping[str, Any]:
        method = client.credential.method(provider.token_authentication)
        if method is None:
            known = " or ".join(client.credential.methods)
            raise Failed(f"the provider does not take {known} at its token endpoint")
        try:
            answer = await authorization.tokens(
                self._fetcher, provider, client, method, code, secrets.verifier
            )
            found = answer.json()
        except NotFetched as error:
            raise Failed(f"{provider.token_endpoint} {error}") from error
        if answer.status != 200:
            said = str(found.get("error"))[:_SHOWN]
            raise Failed(f"the token endpoint answers with status {answer.status}: {said!r}")
        return found

    async def _claims(
        self,
        provider: Provider,
        client: Client,
        secrets: Secrets,
        tokens: Mapping[str, Any],
        now: float,
    ) -> Mapping[str, Any]:
        from .id_token import Expected, verified  # here, as the import takes a moment

        access = tokens.get("access_token")
        access = access if isinstance(access, str) else None
        expected = Expected(provider.issuer, client.id, secrets.nonce, now)
        claims = await verified(
            tokens.get("id_token"), self._known.keys(provider), expected, access
        )
        if "email" in claims or access is None or not provider.userinfo_endpoint:
            return claims
        headers = {"authorization": f"Bearer {access}", "accept": "application/json"}
        answer = await self._fetcher.fetch(provider.userinfo_endpoint, headers=headers)
        if answer.status != 200:
            raise Failed(f"the userinfo endpoint answers with status {answer.status}")
        more = answer.json()
        if more.get("sub") != claims["sub"]:
            raise Failed("the userinfo endpoint tells of somebody else than the ID token")
        # What is said of an address belongs to it.
        told = {name: claims[name] for name in claims if name != "email_verified"}
        return {**more, **told}


def _check_answer(answer: Mapping[str, str], provider: Provider) -> None:
    """Raises Failed for an answer of another provider, and for one without a code."""
    wrong = authorization.of_another(provider, answer.get("iss"))
    if wrong is not None:
        raise Failed(f"the answer {wrong}")
    if "error" in answer:
        raise Failed(f"the provider refuses: {answer['error'][:_SHOWN]!r}")
    if not answer.get("code"):
        raise Failed("the provider's answer has no code")
