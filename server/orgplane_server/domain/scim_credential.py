"""What identity providers show: SCIM tokens, and client secrets that they get access tokens for (RFC 6749, section 4.4).

Of each kind a configuration has at most two that work, so that the second is entered at the provider before the first ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from .errors import FailedPrecondition, InvalidArgument, NotFound, Reason, Violation
from .identifier import OrganizationId, ScimConfigurationId, ScimCredentialId
from .revision import SECRET, FieldChange, revised
from .scim_configuration import ScimConfiguration
from .token import Token, TokenKind

#: Tokens, or client secrets, of a configuration that work at a time.
MOST_LIVE = 2
#: How long the one before works beside a new one, unless said otherwise; and at most.
DEFAULT_OVERLAP = timedelta(days=1)
LONGEST_OVERLAP = timedelta(days=7)
#: How long an access token works, and how many of a configuration do at a time.
ACCESS = timedelta(hours=1)
MOST_ACCESS = 100
#: What a client secret works for, unless said otherwise.
DEFAULT_LIFETIME = timedelta(days=365)


class CredentialKind(StrEnum):
    """What a credential is shown for."""

    TOKEN = "token"
    CLIENT_SECRET = "client_secret"
    ACCESS_TOKEN = "access_token"

    @property
    def token_kind(self) -> TokenKind:
        return _TOKEN_KINDS[self]

    @property
    def called(self) -> str:
        """What people call it."""
        return _NAMES[self]

    @property
    def renewal(self) -> str:
        """What an administrator does to have another."""
        return "regenerate it" if self is CredentialKind.TOKEN else "create another one"


_TOKEN_KINDS = {
    CredentialKind.TOKEN: TokenKind.SCIM,
    CredentialKind.CLIENT_SECRET: TokenKind.SCIM_SECRET,
    CredentialKind.ACCESS_TOKEN: TokenKind.SCIM_ACCESS,
}
_NAMES = {
    CredentialKind.TOKEN: "SCIM token",
    CredentialKind.CLIENT_SECRET: "client secret",
    CredentialKind.ACCESS_TOKEN: "access token",
}


@dataclass(frozen=True, slots=True)
class ScimCredential:
    """Only the digest is kept, and a `hint` by which people know it: `orgplane_scim_...abcd`; empty if it is older than hints are.

    `replaced` is one that ends because there is a newer one. `secret_id` is the client secret that an access token was got for, whose hint it has.
    """

    id: ScimCredentialId
    organization_id: OrganizationId
    scim_configuration_id: ScimConfigurationId
    kind: CredentialKind
    digest: bytes = field(repr=False, metadata=SECRET)
    hint: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None
    secret_id: ScimCredentialId | None = None
    replaced: bool = False

    def expired(self, now: datetime) -> bool:
        return now >= self.expires_at

    @property
    def shown_id(self) -> ScimCredentialId:
        """The id of what an administrator knows: of an access token that is its client secret."""
        return self.secret_id or self.id


def issued(
    id: ScimCredentialId,
    configuration: ScimConfiguration,
    kind: CredentialKind,
    token: Token,
    lifetime: timedelta,
    now: datetime,
) -> ScimCredential:
    return ScimCredential(
        id=id,
        organization_id=configuration.organization_id,
        scim_configuration_id=configuration.id,
        kind=kind,
        digest=token.digest,
        hint=token.hint,
        created_at=now,
        expires_at=now + lifetime,
    )


def access(
    id: ScimCredentialId, secret: ScimCredential, token: Token, now: datetime
) -> ScimCredential:
    """What a client secret is exchanged for. It does not outlive it."""
    return replace(
        secret,
        id=id,
        kind=CredentialKind.ACCESS_TOKEN,
        digest=token.digest,
        created_at=now,
        expires_at=min(now + ACCESS, secret.expires_at),
        last_used_at=None,
        secret_id=secret.id,
        replaced=False,
    )


def live(credentials: Iterable[ScimCredential], now: datetime) -> list[ScimCredential]:
    """Those that work, oldest first."""
    return sorted(
        (each for each in credentials if not each.expired(now)),
        key=lambda each: (each.created_at, each.id),
    )


def check_overlap(overlap: timedelta) -> None:
    """Raises InvalidArgument."""
    if not timedelta() <= overlap <= LONGEST_OVERLAP:
        violation = Violation("overlap", "must be 0 to 7 days", "overlap")
        raise InvalidArgument(violation)


def check_room(working: Sequence[ScimCredential], overlap: timedelta) -> None:
    """Raises FailedPrecondition where another may not work beside those of its kind."""
    if overlap and len(working) >= MOST_LIVE:
        ids = " and ".join(str(each.id) for each in working)
        raise FailedPrecondition(
            f"the SCIM configuration has {MOST_LIVE} {working[0].kind.called}s that work, {ids}: end the one that is "
            "not used any more",
            reason=Reason.TOO_MANY_SCIM_CREDENTIALS,
        )


def outgoing(credential: ScimCredential, overlap: timedelta, now: datetime) -> ScimCredential:
    """The one before a new one: it ends after the overlap, if not sooner."""
    return replace(credential, expires_at=min(credential.expires_at, now + overlap), replaced=True)


def with_tokens(
    configuration: ScimConfiguration,
    tokens: Sequence[ScimCredential],
    lifetime: timedelta | None,
    now: datetime,
) -> ScimConfiguration:
    """The configuration as the tokens say that work for it, oldest first: the newest is its own.

    Without any, it has none from now on. A `lifetime` is what its next ones get.
    """
    if not tokens:
        ends = min(configuration.token_expires_at, now)
        return revised(configuration, {"token_expires_at": ends}, now)
    newest = tokens[-1]
    changes = {
        "token_digest": newest.digest,
        "token_lifetime": lifetime or configuration.token_lifetime,
        "token_expires_at": newest.expires_at,
    }
    return revised(configuration, changes, now)


def change(
    before: Sequence[ScimCredential], after: Sequence[ScimCredential]
) -> Mapping[str, FieldChange]:
    """What the audit trail says of credentials that came, went, or end sooner."""
    old, new = _told(before), _told(after)
    return {} if old == new else {"credentials": FieldChange(old, new)}


def _told(credentials: Sequence[ScimCredential]) -> list[dict[str, object]]:
    return [
        {
            "id": each.id,
            "kind": each.kind,
            "hint": each.hint,
            "expires_at": each.expires_at,
        }
        for each in credentials
    ]


def not_found() -> NotFound:
    return NotFound(
        "the SCIM configuration has no such credential", reason=Reason.SCIM_CREDENTIAL_NOT_FOUND
    )
