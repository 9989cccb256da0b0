"""A SCIM configuration: lets an identity provider provision members through SCIM 2.0."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypedDict

from .errors import NotFound, Reason
from .identifier import OrganizationId, ScimConfigurationId, SsoConfigurationId
from .revision import SECRET, revised
from .token import Token

DEFAULT_TOKEN_LIFETIME = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class ScimConfiguration:
    """`sso_configuration_id` is None while unlinked; `token_lifetime` is what a regenerated token gets.

    `token_digest` and `token_expires_at` are those of the newest of its tokens; without any that works, of the last one.
    """

    id: ScimConfigurationId
    organization_id: OrganizationId
    name: str
    enabled: bool
    sso_configuration_id: SsoConfigurationId | None
    allow_unverified_email_account_linking: bool
    token_digest: bytes = field(repr=False, metadata=SECRET)
    token_lifetime: timedelta
    token_expires_at: datetime
    created_at: datetime
    updated_at: datetime


class ScimConfigurationChanges(TypedDict, total=False):
    """What to change; an absent key leaves its field as it is, None for the SSO configuration unlinks."""

    name: str
    enabled: bool
    sso_configuration_id: SsoConfigurationId | None
    allow_unverified_email_account_linking: bool


def changed(
    configuration: ScimConfiguration, changes: ScimConfigurationChanges, now: datetime
) -> ScimConfiguration:
    """The configuration after `changes`; itself, `updated_at` included, when nothing differs."""
    return revised(configuration, changes, now)


def goes_on(before: ScimConfiguration, after: ScimConfiguration) -> bool:
    """Whether a change ends a time in which the configuration was disabled or unlinked."""
    linked = before.sso_configuration_id is None and after.sso_configuration_id is not None
    return linked or (after.enabled and not before.enabled)


def with_token(
    configuration: ScimConfiguration, token: Token, lifetime: timedelta | None, now: datetime
) -> ScimConfiguration:
    """The configuration under a new token; without a `lifetime`, that of the previous token."""
    lifetime = lifetime or configuration.token_lifetime
    changes = {
        "token_digest": token.digest,
        "token_lifetime": lifetime,
        "token_expires_at": now + lifetime,
    }
    return revised(configuration, changes, now)


def required(found: ScimConfiguration | None) -> ScimConfiguration:
    """The configuration that was looked for. Raises NotFound."""
    if found is None:
        raise not_found()
    return found


def not_found() -> NotFound:
    return NotFound("SCIM configuration not found", reason=Reason.SCIM_CONFIGURATION_NOT_FOUND)
