"""An SSO configuration: an OpenID Connect provider that members sign in with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypedDict

from .errors import FailedPrecondition, NotFound, Reason
from .identifier import OrganizationId, ScimConfigurationId, SsoConfigurationId
from .revision import SECRET, revised
from .text import storable


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


def check(configuration: SsoConfiguration) -> None:
    """Raises InvalidArgument naming every text that cannot be stored."""
    storable(
        client_id=configuration.client_id,
        display_name=configuration.display_name,
        claims_expression=configuration.claims_expression,
        additional_scopes="".join(configuration.additional_scopes),
        claims="".join(name + value for name, value in configuration.claims.items()),
    )


def changed(
    configuration: SsoConfiguration, changes: SsoConfigurationChanges, now: datetime
) -> SsoConfiguration:
    """The configuration after `changes`; itself, `updated_at` included, when nothing differs."""
    result = revised(configuration, changes, now)
    check(result)
    return result


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


def in_use(links: Iterable[ScimConfigurationId]) -> FailedPrecondition:
    """Refuses to delete a configuration that SCIM configurations still link to."""
    ids = ", ".join(str(link) for link in links)
    return FailedPrecondition(
        f"the SSO configuration is linked by SCIM configuration {ids}; unlink or delete it first",
        reason=Reason.SSO_CONFIGURATION_IN_USE,
        metadata={"scim_configuration_ids": ids},
    )
