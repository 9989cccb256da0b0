"""Who of an organization's members somebody is who signs in through an SSO configuration.

Who one is = the configuration and the provider's `sub`. The first sign-in binds it to a member, and once bound nothing else
counts any more until that member has left: then it is the first time again, so that whoever is hired again, and is another
member by that, comes in as that one, and never as the one they were. The first time the member is

- whom a SCIM configuration that is linked to this SSO configuration, and no other, knows by an externalId that equals the
  binding claim, which is `sub` unless the configuration names another;
- else the one active member with the e-mail address, if its domain is among the configuration's and proven, and the provider
  says that the address is verified. Whom SCIM has not provisioned is not taken like this where only SCIM makes members
  (`restrict_account_creation_to_scim`). An administrator whom SCIM knows is taken like this only if a SCIM configuration
  that is linked to this SSO configuration says the address too: of another the token alone could say that it is anybody's.

A member who is bound to another `sub` is not taken, nor is anybody who is not active. Nobody becomes a member by signing in.
Suspension, leaving, deactivation and deletion of the configuration, and another issuer or client of it end sessions. When a
SCIM configuration is unlinked from it or deleted, those of everybody whom that one provisions end.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from . import issuer, scim_user
from .caller import Origin
from .errors import InvalidArgument
from .identifier import (
    OrganizationId,
    ScimConfigurationId,
    SignInId,
    SsoBindingId,
    SsoConfigurationId,
    UserId,
)
from .membership import Membership
from .organization_policies import OrganizationPolicies
from .revision import SECRET
from .scim_configuration import ScimConfiguration
from .scim_user import ScimUser
from .sso_configuration import SsoConfiguration, SsoConfigurationState
from .text import storable
from .user import User, UserStatus, email_key

#: How long somebody may take at the provider.
LIFETIME = timedelta(minutes=10)
#: How many that were begun with a configuration are remembered; the earliest give way. Whoever begins many, who need be nobody's
#: member, keeps nobody out like this for whom the provider takes less time than so many take to begin.
MOST_OPEN = 10_000
#: How long one that is over is remembered.
KEPT = timedelta(days=1)


class Refusal(StrEnum):
    """Why somebody is not signed in, as far as it takes an administrator to put it right, or does not."""

    BEGIN_ANEW = "begin_anew"
    INACTIVE = "inactive"
    PROVIDER = "provider"
    CLAIMS_EXPRESSION = "claims_expression"
    NOBODY = "nobody"
    EMAIL_NOT_VERIFIED = "email_not_verified"
    SEVERAL = "several"
    NOT_PROVISIONED = "not_provisioned"
    BOUND_OTHERWISE = "bound_otherwise"
    NOT_ACTIVE = "not_active"


#: Refusals because nobody is found: whose member has left is told that instead.
FINDS_NOBODY = frozenset({Refusal.NOBODY, Refusal.EMAIL_NOT_VERIFIED})


class Denied(Exception):
    """Somebody is not signed in; the text says why, in a sentence for them.

    `detail` says it to administrators, with what they can do about it; `member` is whom it is about, if they are known.
    """

    def __init__(
        self,
        text: str,
        refusal: Refusal = Refusal.BEGIN_ANEW,
        detail: str = "",
        member: UserId | None = None,
    ) -> None:
        super().__init__(text)
        self.refusal = refusal
        self.detail = detail or text
        self.member = member


class NotThisBrowsers(Denied):
    """As far as is known the answer is of no sign-in that this browser has begun; one that it has may be open."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """One that was begun, until it is finished. Only digests are kept of what the provider and the browser bring back.

    What it `continues` is somebody's request, sealed: see `domain.authorization`. It is empty for a sign-in by itself.
    """

    id: SignInId
    organization_id: OrganizationId
    configuration_id: SsoConfigurationId
    state_digest: bytes = field(repr=False, metadata=SECRET)
    browser_digest: bytes = field(repr=False, metadata=SECRET)
    created_at: datetime
    expires_at: datetime
    continues: str = field(default="", repr=False, metadata=SECRET)
    #: Where the browser is sent afterwards; empty for a page of ours.
    return_to: str = ""


@dataclass(frozen=True, slots=True)
class SsoBinding:
    """A provider's `sub` and the member that it is, each once in a configuration."""

    id: SsoBindingId
    organization_id: OrganizationId
    configuration_id: SsoConfigurationId
    user_id: UserId
    subject: str
    created_at: datetime
    #: None once that says nothing any more of whether they can sign in again: see `disproves`.
    last_signed_in_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Voucher:
    """The identity provider of an SSO configuration, who says of somebody who they are."""

    id: SsoConfigurationId
    organization_id: OrganizationId
    origin: Origin = field(default_factory=Origin)


def check_begun(
    begun: SignIn | None, answered: SsoConfigurationId, browser_digest: bytes, now: datetime
) -> SignIn:
    """Raises Denied, for all in the same words, unless this browser has begun it, and not too long ago.

    An answer that comes to the redirect URI of another configuration is of another provider than the one that was
    asked, and is never shown to it (RFC 9700, section 4.4).
    """
    if (
        begun is None
        or not hmac.compare_digest(begun.browser_digest, browser_digest)
        or now >= begun.expires_at
    ):
        raise NotThisBrowsers(
            "This sign-in was not begun in this browser, is over already, or took more than 10 minutes. Begin anew."
        )
    if begun.configuration_id != answered:
        raise Denied("Another identity provider answered than the one that was asked. Begin anew.")
    return begun


def check_open(
    configuration: SsoConfiguration | None, begun_with: SsoConfiguration | None = None
) -> SsoConfiguration:
    """Raises Denied unless people sign in through it now, and as it was when they began."""
    if configuration is None or configuration.state is not SsoConfigurationState.ACTIVE:
        raise closed()
    if begun_with is not None and _identity(configuration) != _identity(begun_with):
        raise Denied("The configuration was changed while you signed in. Begin anew.")
    return configuration


def _identity(configuration: SsoConfiguration) -> tuple[str, ...]:
    return (*_binding(configuration), configuration.claims_expression)


def _binding(configuration: SsoConfiguration) -> tuple[str, str, str]:
    return configuration.issuer_url, configuration.client_id, configuration.binding_claim


def forgets(before: SsoConfiguration, after: SsoConfiguration) -> bool:
    """Whether somebody may have been bound as they would not be any more, so that bindings mean nothing."""
    return _binding(before) != _binding(after)


def disproves(before: SsoConfiguration, after: SsoConfiguration) -> bool:
    """Whether it says nothing any more that somebody could sign in before.

    Another client secret, as one is replaced now and then, is of the same client.
    """
    return _identity(before) != _identity(after)


def stops(before: SsoConfiguration, after: SsoConfiguration | None) -> bool:
    """Whether those who could sign in may not be able to any more; without `after` it is deleted."""
    return before.state is SsoConfigurationState.ACTIVE and (
        after is None or after.state is not SsoConfigurationState.ACTIVE or disproves(before, after)
    )


def opens(before: SsoConfiguration, after: SsoConfiguration) -> bool:
    """Whether those who could sign in once can again."""
    return before.state is not after.state is SsoConfigurationState.ACTIVE


def closes(before: SsoConfiguration, after: SsoConfiguration) -> bool:
    """Whether sessions end with the change.

    With another claims expression too, as claims are not kept to ask it again of those who are in; not with none.
    """
    expression = after.claims_expression
    narrows = bool(expression) and expression != before.claims_expression
    return after.state is not SsoConfigurationState.ACTIVE or narrows or forgets(before, after)


def external_id(configuration: SsoConfiguration, claims: Mapping[str, Any]) -> str:
    """What SCIM knows somebody as, as far as their provider says it; empty if it does not."""
    value = claims.get(configuration.binding_claim)
    if not isinstance(value, str):
        return ""
    try:
        storable(value=value)
    except InvalidArgument:
        return ""
    return value


def verified(configuration: SsoConfiguration, claims: Mapping[str, Any]) -> bool:
    """Whether the e-mail address is theirs for whom it is claimed: the provider says so, or says nothing and is the organization's own directory."""
    if "email_verified" in claims:
        return claims["email_verified"] is True
    return issuer.single_tenant(configuration.issuer_url)


def parts(before: ScimConfiguration, after: ScimConfiguration | None) -> SsoConfigurationId | None:
    """Through which SSO configuration those signed in whose sessions end with the change, or deletion, if any do."""
    left = before.sso_configuration_id
    return left if after is None or after.sso_configuration_id != left else None


def scim_user_of(
    links: Sequence[ScimUser], linked: Collection[ScimConfigurationId]
) -> ScimUser | None:
    """What SCIM says of who has signed in: a configuration of those `linked` to the SSO configuration, else the first there is."""
    by_linked = (link for link in links if link.configuration_id in linked)
    return next(by_linked, next(iter(links), None))


def by_external_id(known: Sequence[UserId]) -> UserId | None:
    """Raises Denied if SCIM configurations know several members so."""
    if len(set(known)) > 1:
        raise Denied(
            "Several members of the organization could be you. Ask an administrator.",
            Refusal.SEVERAL,
            "SCIM configurations that are linked to this one know several members by this externalId; leave it to one of them.",
        )
    return known[0] if known else None


def by_address(holders: Sequence[User]) -> User:
    """Raises Denied unless exactly one active member has the address."""
    active = [each for each in holders if each.status is UserStatus.ACTIVE]
    if len(active) > 1:
        raise Denied(
            "Several members of the organization have your e-mail address. Ask an administrator.",
            Refusal.SEVERAL,
            "Several active members have this e-mail address, so that it finds none; give each an address of their own, or have "
            "SCIM tell the externalId.",
        )
    if not active:
        raise nobody()
    return active[0]


def check_provisioned(member: Membership, policies: OrganizationPolicies) -> None:
    """For whom their address found."""
    if policies.restrict_account_creation_to_scim and not member.links:
        raise Denied(
            "The organization takes only people whom its identity provider provisions.",
            Refusal.NOT_PROVISIONED,
            "The policy restrict_account_creation_to_scim lets in by e-mail address only whom SCIM provisioned, and it has not "
            "provisioned this member.",
            member.member.id,
        )


def check_address_told(
    member: Membership,
    configuration: SsoConfigurationId,
    linked: Collection[ScimConfigurationId],
) -> None:
    """For an administrator whom their address found, and the SCIM configurations that are `linked` to the SSO `configuration`."""
    address = email_key(member.member.email)
    if not member.links:
        return
    if any(
        scim_user.address(link.attributes) == address
        for link in member.links
        if link.configuration_id in linked
    ):
        return
    raise Denied(
        "You would be an administrator whom SCIM provisions, and is not found by an e-mail address that no SCIM configuration "
        "says which is linked to this SSO configuration. Ask another administrator to link the one that does: "
        f"orgplane scim-configurations update ID --sso-configuration-id {configuration}",
        Refusal.NOT_PROVISIONED,
        member=member.member.id,
    )


def bound_again(binding: SsoBinding, member: UserId, now: datetime) -> SsoBinding:
    """By another sign-in; to another member, if the one before has left."""
    since = binding.created_at if binding.user_id == member else now
    return replace(binding, user_id=member, created_at=since, last_signed_in_at=now)


def check_unbound(bound: SsoBinding | None, binding: SsoBinding | None) -> None:
    """Raises Denied for a member who is somebody else of the provider's than whom the `binding` is of."""
    if bound is not None and (binding is None or bound.id != binding.id):
        raise Denied(
            "The member that you would be signs in with another account of the identity provider. Ask an administrator.",
            Refusal.BOUND_OTHERWISE,
            f"The member is bound to another subject since {bound.created_at:%Y-%m-%d}: the provider has two accounts for them, or the "
            "address was given to somebody else.",
            bound.user_id,
        )


def check_active(member: User) -> None:
    if member.status is not UserStatus.ACTIVE:
        raise Denied(
            "You were suspended, or have left the organization. Ask an administrator.",
            Refusal.NOT_ACTIVE,
            f"The member's status is {member.status.value}.",
            member.id,
        )


def closed() -> Denied:
    return Denied(
        "Nobody can sign in here.",
        Refusal.INACTIVE,
        "The configuration is INACTIVE; activate it to let people in.",
    )


def not_returning() -> Denied:
    return Denied("This link would send you on to where this server sends nobody.")


def too_many_at_once() -> Denied:
    return Denied("Too many people of the organization sign in at this moment. Begin anew.")


def nobody() -> Denied:
    return Denied(
        "No member of the organization is found for your account. Ask an administrator.",
        Refusal.NOBODY,
        "No SCIM configuration that is linked to this one knows a member by this externalId, and no active member has the e-mail "
        "address at a domain that is among the configuration's and proven. Provision or invite them.",
    )


def failed(configuration: SsoConfigurationId, why: str) -> Denied:
    """What went wrong with the provider, of which its administrators alone are told."""
    return Denied(
        "Signing in with the identity provider did not work. An administrator can find out why: "
        f"orgplane sso-configurations test {configuration}",
        Refusal.PROVIDER,
        why,
    )


def not_verified() -> Denied:
    return Denied(
        "No member of the organization is found for your account, and your e-mail address cannot be looked for: the "
        "identity provider does not say that it is verified (email_verified). Ask an administrator.",
        Refusal.EMAIL_NOT_VERIFIED,
        "No SCIM configuration that is linked to this one knows a member by this externalId, and the provider does not say "
        "email_verified: true, without which the e-mail address is not looked for.",
    )


def not_allowed() -> Denied:
    return Denied(
        "What your identity provider says of you does not let you in here. Ask an administrator.",
        Refusal.CLAIMS_EXPRESSION,
        "The claims_expression was not true of them.",
    )
