"""An SSO configuration: an OpenID Connect provider that members sign in with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypedDict

from . import issuer
from .destination import AllowedHosts, Destination
from .errors import (
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    Reason,
    ResourceExhausted,
    Violation,
)
from .identifier import OrganizationId, ScimConfigurationId, SsoConfigurationId
from .revision import SECRET, revised
from .text import controls, storable

#: The contract's own pattern, which it has for the repeated field alone.
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}")
_LONGEST_DOMAIN = 253
#: A scope (RFC 6749, section 3.3).
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")
#: What externalId is compared with, unless told otherwise; what is known to be given to nobody else, and what people may change or inherit.
DEFAULT_BINDING_CLAIM = "sub"
STABLE_CLAIMS = frozenset({DEFAULT_BINDING_CLAIM, "oid"})
_NO_BINDING_CLAIMS = frozenset({"email", "upn", "preferred_username"})
_LONGEST_CLAIM = 255
#: Providers that an organization may have asked at a time, by each process.
AT_ONCE = 2


class ClientAuthentication(StrEnum):
    """How the provider knows us at its token endpoint: by the client secret, or by a JWT that we sign (RFC 7523)."""

    CLIENT_SECRET = "client_secret"
    PRIVATE_KEY_JWT = "private_key_jwt"


class SsoConfigurationState(StrEnum):
    INACTIVE = "inactive"
    ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class SsoConfiguration:
    """`client_secret` is sealed: nothing outside the sign-in flow can read it.

    `claims` are extra claims asked of the provider; `email_domains` are in lower case, in the order
    given.
    """

    id: SsoConfigurationId
    organization_id: OrganizationId
    client_id: str
    client_secret: bytes = field(repr=False, metadata=SECRET)
    issuer_url: str
    state: SsoConfigurationState
    claims: Mapping[str, str]
    email_domains: tuple[str, ...]
    display_name: str
    additional_scopes: tuple[str, ...]
    claims_expression: str
    created_at: datetime
    updated_at: datetime
    binding_claim: str = DEFAULT_BINDING_CLAIM
    client_authentication: ClientAuthentication = ClientAuthentication.CLIENT_SECRET


@dataclass(frozen=True, slots=True)
class UnprovenDomain:
    """An e-mail domain of a configuration that licenses nothing, as the organization has not proven it."""

    organization_id: OrganizationId
    configuration_id: SsoConfigurationId
    domain: str


class SsoConfigurationChanges(TypedDict, total=False):
    """What to change; an absent key leaves its field as it is."""

    client_id: str
    client_secret: bytes
    issuer_url: str
    state: SsoConfigurationState
    claims: Mapping[str, str]
    email_domains: tuple[str, ...]
    display_name: str
    additional_scopes: tuple[str, ...]
    claims_expression: str
    binding_claim: str
    client_authentication: ClientAuthentication


def check(
    configuration: SsoConfiguration,
    allowed: AllowedHosts,
    expression_complaint: str | None = None,
    before: SsoConfiguration | None = None,
) -> None:
    """Raises InvalidArgument naming every field that can never work, or cannot be stored.

    What the fields had `before` is not looked at: it may be older than the rules, and must not stop a change
    of another field. `expression_complaint` is what the compiler says of the claims expression.
    """
    storable(
        client_id=configuration.client_id,
        display_name=configuration.display_name,
        claims_expression=configuration.claims_expression,
        additional_scopes=configuration.additional_scopes,
        claims=configuration.claims,
        binding_claim=configuration.binding_claim,
    )
    found = [
        violation
        for violation in violations(configuration, allowed, expression_complaint)
        if before is None or _stored(configuration, violation) != _stored(before, violation)
    ]
    if found:
        raise InvalidArgument(*found)


def violations(
    configuration: SsoConfiguration, allowed: AllowedHosts, expression_complaint: str | None
) -> Iterator[Violation]:
    """What can never work."""
    if (wrong := issuer.complaint(configuration.issuer_url, allowed)) is not None:
        yield Violation("issuer_url", wrong, "issuer_url.issuer")
    if expression_complaint is not None:
        yield Violation("claims_expression", expression_complaint, "claims_expression.bool")
    client_id = configuration.client_id
    if client_id.strip() != client_id or controls(client_id):
        wrong = "must have no white space around it and no control characters"
        yield Violation("client_id", wrong, "client_id.printable")
    if controls(configuration.display_name):
        yield Violation("display_name", "must have no control characters", "display_name.printable")
    for domain in configuration.email_domains:
        if not _DOMAIN.fullmatch(domain) or len(domain) > _LONGEST_DOMAIN:
            wrong = f"{domain!r} is no domain such as acme.example"
            yield Violation("email_domain", wrong, "email_domain.domain")
    for scope in configuration.additional_scopes:
        if not _SCOPE.fullmatch(scope):
            wrong = f"{scope!r} is no scope: it has white space or other characters that none has; give each by itself"
            yield Violation("additional_scopes", wrong, "additional_scopes.scope")
    claim = configuration.binding_claim
    if claim.lower() in _NO_BINDING_CLAIMS:
        wrong = f"must not be {claim}, which may become somebody else's; sub, or with Entra ID oid"
        yield Violation("binding_claim", wrong, "binding_claim.stable")
    elif not claim or len(claim) > _LONGEST_CLAIM or claim.strip() != claim or controls(claim):
        yield Violation("binding_claim", "must be the name of a claim", "binding_claim.name")
    if any(not name.strip() for name in configuration.claims):
        yield Violation("claims", "must have a name for each", "claims.name")


def check_secret(client_secret: str) -> None:
    """Raises InvalidArgument, which does not show it, for a secret that no provider gives out."""
    storable(client_secret=client_secret)
    if controls(client_secret):
        raise InvalidArgument(
            Violation(
                "client_secret",
                "must have no line breaks or other control characters",
                "client_secret.printable",
            )
        )


def _stored(configuration: SsoConfiguration, violation: Violation) -> object:
    """The value that a violation is of; what is no domain can only have come by the older field."""
    older = violation.field == "email_domain"
    return getattr(configuration, "email_domains" if older else violation.field)


def changed(
    configuration: SsoConfiguration,
    changes: SsoConfigurationChanges,
    now: datetime,
    allowed: AllowedHosts,
    expression_complaint: str | None = None,
    *,
    secret_given: bool = False,
) -> SsoConfiguration:
    """The configuration after `changes`; itself, `updated_at` included, when nothing differs.

    Raises InvalidArgument as `check` does, and if another server would get a secret that nobody gave for it: who does
    not know the secret could send it to themselves.
    """
    result = revised(configuration, changes, now)
    check(result, allowed, expression_complaint, before=configuration)
    if not secret_given and _server(configuration.issuer_url) != _server(result.issuer_url):
        wrong = (
            "must be given with an issuer_url on another server, as the stored one is not for that"
        )
        raise InvalidArgument(Violation("client_secret", wrong, "client_secret.issuer"))
    return result


def _server(issuer_url: str) -> str:
    """What is stored for an issuer is for this server; what is no URL, as it may be older than the rules, is its own."""
    found = Destination.of(issuer_url)
    return issuer_url if found is None else f"{found.scheme}://{found}"


def email_domains(first: str | None, others: Iterable[str]) -> tuple[str, ...]:
    """The domains of a request's single (older) and repeated field: lower case, each once, in order."""
    domains = [first, *others] if first else others
    return tuple(dict.fromkeys(domain.lower() for domain in domains))


def not_found(field: str | None = None) -> NotFound:
    """`field` names the request field that refers to the configuration, when it is a reference."""
    if field is None:
        return NotFound("SSO configuration not found", reason=Reason.SSO_CONFIGURATION_NOT_FOUND)
    return NotFound(
        f"{field}: SSO configuration not found",
        reason=Reason.SSO_CONFIGURATION_NOT_FOUND,
        metadata={"field": field},
    )


def too_many_at_once() -> ResourceExhausted:
    return ResourceExhausted(
        f"{AT_ONCE} of the organization's SSO configurations are being tested; try again when that is done",
        reason=Reason.RATE_LIMITED,
        retry_after=10,
    )


def subjects_bound(bound: int) -> FailedPrecondition:
    """Refuses to say anew who somebody is while members are bound."""
    return FailedPrecondition(
        f"{bound} member{'s are' if bound > 1 else ' is'} bound to subjects of the provider, which would mean nothing with another issuer_url, "
        "client_id or binding_claim; ask for rebind (orgplane sso-configurations update --rebind) to end the bindings and the sessions",
        reason=Reason.SUBJECTS_BOUND,
        metadata={"bound_members": str(bound)},
    )


def in_use(links: Iterable[ScimConfigurationId]) -> FailedPrecondition:
    """Refuses to delete a configuration that SCIM configurations still link to."""
    ids = ", ".join(str(link) for link in links)
    return FailedPrecondition(
        f"the SSO configuration is linked by SCIM configuration {ids}; unlink or delete it first",
        reason=Reason.SSO_CONFIGURATION_IN_USE,
        metadata={"scim_configuration_ids": ids},
    )
