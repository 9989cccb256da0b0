"""What a provider is asked for in the authorization code flow with PKCE (OpenID Connect Core 1.0, section 3.1; RFC 7636, RFC 9207)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from ..domain import pkce
from ..outbound.answer import Answer
from ..outbound.fetcher import Fetcher
from . import client_authentication
from .client_authentication import Credential, Sign
from .discovery import Provider

#: Of every sign-in.
SCOPES = ("openid", "profile", "email")


@dataclass(frozen=True, slots=True)
class Client:
    """What the provider is told of us; `redirect_uri` is empty if this server does not know its own URL."""

    id: str
    secret: str = field(repr=False)
    redirect_uri: str
    scopes: Sequence[str]
    sign: Sign | None = field(default=None, repr=False)

    @property
    def credential(self) -> Credential:
        return Credential(self.id, self.secret, self.sign)


@dataclass(frozen=True, slots=True)
class Secrets:
    """Of one sign-in: `state` and `nonce` come back, the `verifier` is shown to the token endpoint alone."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)

    @property
    def challenge(self) -> str:
        return pkce.challenge(self.verifier)


def url(
    provider: Provider, client: Client, secrets: Secrets, scopes: Sequence[str], **more: str
) -> str:
    """Where a browser is sent to sign somebody in."""
    query = {
        "response_type": "code",
        "client_id": client.id,
        "redirect_uri": client.redirect_uri,
        "scope": " ".join(scopes),
        "state": secrets.state,
        "nonce": secrets.nonce,
        "code_challenge": secrets.challenge,
        "code_challenge_method": "S256",
        **more,
    }
    endpoint = provider.authorization_endpoint
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"


def of_another(provider: Provider, issuer: str | None) -> str | None:
    """Why an answer that names this `issuer`, or none, is not this provider's (RFC 9207, section 2.4); None if it may be."""
    if issuer is None and provider.names_itself:
        return "does not name the issuer (iss), as the provider says that its answers do"
    if issuer is not None and issuer != provider.issuer:
        return "is of another issuer (iss)"
    return None


async def tokens(
    fetcher: Fetcher, provider: Provider, client: Client, method: str, code: str, verifier: str
) -> Answer:
    """What the token endpoint answers to a code, that knows the client by `method`. Raises NotFetched."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": client.redirect_uri,
        "code_verifier": verifier,
    }
    headers, body = await client_authentication.request(
        form, method, client.credential, provider.token_endpoint
    )
    return await fetcher.fetch(provider.token_endpoint, method="POST", headers=headers, body=body)
