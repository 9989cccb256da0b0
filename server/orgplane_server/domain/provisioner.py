"""Who provisions: an identity provider that bears the token of a SCIM configuration."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from . import organization
from .caller import Origin
from .errors import NotFound, PermissionDenied, Reason, Unauthenticated
from .identifier import OrganizationId, ScimConfigurationId
from .scim_configuration import ScimConfiguration
from .scim_credential import ScimCredential


@dataclass(frozen=True, slots=True)
class Provisioner:
    """An admitted identity provider: acts for one configuration, in its organization only."""

    configuration: ScimConfiguration
    origin: Origin = field(default_factory=Origin)

    @property
    def id(self) -> ScimConfigurationId:
        return self.configuration.id

    @property
    def organization_id(self) -> OrganizationId:
        return self.configuration.organization_id

    @property
    def may_change(self) -> bool:
        """Whether what it wants is done, as `admitted` says it, whatever has become of its token."""
        return self.configuration.enabled and self.configuration.sso_configuration_id is not None


def admitted(
    found: tuple[ScimCredential, ScimConfiguration, bool] | None,
    asked: ScimConfigurationId | None,
    origin: Origin,
    now: datetime,
    *,
    changes: bool,
) -> Provisioner:
    """The provisioner whose token was `found`, with its configuration, the one that was `asked` for if any was, and whether the
    organization is suspended.

    Raises ResourceExhausted if it is, Unauthenticated for an unknown or expired token, NotFound for one of another configuration, and
    PermissionDenied while the configuration is disabled or, if the request `changes` something, unlinked.
    """
    if found is None:
        raise Unauthenticated(
            "the token is unknown, was replaced, or its SCIM configuration was deleted",
            reason=Reason.TOKEN_UNKNOWN,
        )
    credential, configuration, suspended = found
    if credential.expired(now):
        raise Unauthenticated("the token has expired", reason=Reason.TOKEN_EXPIRED)
    if asked is not None and asked != configuration.id:
        raise NotFound(
            "the id in the address is not that of the SCIM configuration to which the token belongs",
            reason=Reason.SCIM_CONFIGURATION_NOT_FOUND,
        )
    if suspended:
        raise organization.provisions_later()
    if not configuration.enabled:
        raise PermissionDenied(
            "the SCIM configuration is disabled; an administrator can enable it",
            reason=Reason.SCIM_CONFIGURATION_DISABLED,
        )
    if changes and configuration.sso_configuration_id is None:
        raise PermissionDenied(
            "the SCIM configuration is not linked to an SSO configuration, so it cannot change "
            "anything; an administrator can link it",
            reason=Reason.SCIM_CONFIGURATION_UNLINKED,
        )
    return Provisioner(configuration, origin)
