"""What is deleted, and gone for everybody, but whose many rows are still to be taken away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from .caller import Caller, Origin
from .group import LocalGroup
from .identifier import (
    OrganizationId,
    ScimConfigurationId,
    ServiceAccountId,
    SsoConfigurationId,
    UserId,
)
from .operator import Operator
from .role import Role, effective
from .scim_configuration import ScimConfiguration
from .scim_group import ScimGroup
from .sso_configuration import SsoConfiguration
from .token import TokenKind


class Doomed(StrEnum):
    """Whose rows they are: an organization's, a SCIM configuration's, a group's former members, or the sessions of an SSO
    configuration that it has ended."""

    ORGANIZATION = "organization"

    CONFIGURATION = "configuration"
    ROSTER = "roster"
    SESSIONS = "sessions"


@dataclass(frozen=True, slots=True)
class Deletion:
    """`user_id`, `token_id` and `origin` are of who deleted an organization or a configuration.

    That is a member or, if it was done `by_service_account`, one of these, whose id is in `user_id` then.
    """

    id: UUID
    what: Doomed
    organization_id: OrganizationId
    deleted_at: datetime
    user_id: UserId | ServiceAccountId | None = None
    token_id: UUID | None = None
    request_id: str = ""
    peer: str = ""
    by_service_account: bool = False

    @property
    def configuration_id(self) -> ScimConfigurationId:
        assert self.what is Doomed.CONFIGURATION
        return ScimConfigurationId(self.id)

    @property
    def sso_configuration_id(self) -> SsoConfigurationId:
        assert self.what is Doomed.SESSIONS
        return SsoConfigurationId(self.id)

    @property
    def caller(self) -> Caller:
        """The administrator, for the audit trail: members are told apart from the configuration later."""
        assert self.user_id is not None
        assert self.token_id is not None
        return Caller(
            self.user_id,
            self.organization_id,
            effective(Role.ADMIN),
            self.token_id,
            token_kind=(
                TokenKind.SERVICE_ACCOUNT if self.by_service_account else TokenKind.PERSONAL_ACCESS
            ),
            origin=Origin(self.request_id, self.peer),
        )


def of_configuration(configuration: ScimConfiguration, caller: Caller, now: datetime) -> Deletion:
    return _by(caller, configuration.id, Doomed.CONFIGURATION, now)


def of_organization(caller: Caller, now: datetime) -> Deletion:
    return _by(caller, caller.organization_id, Doomed.ORGANIZATION, now)


def by_operator(operator: Operator, now: datetime) -> Deletion:
    """Of an organization, by whoever runs the server."""
    id = operator.organization_id
    origin = operator.origin
    return Deletion(
        *(id, Doomed.ORGANIZATION, id, now),
        request_id=origin.request_id,
        peer=origin.peer,
    )


def of_members(group: ScimGroup | LocalGroup, now: datetime) -> Deletion:
    """Of all who are in a group by its present roster, which is a local group itself."""
    roster = group.id if isinstance(group, LocalGroup) else group.roster_id
    return Deletion(roster, Doomed.ROSTER, group.organization_id, now)


def of_sessions(configuration: SsoConfiguration, now: datetime) -> Deletion:
    """Of all that came by an SSO configuration before its present series."""
    return Deletion(configuration.id, Doomed.SESSIONS, configuration.organization_id, now)


def _by(caller: Caller, id: UUID, what: Doomed, now: datetime) -> Deletion:
    """Of something of the caller's organization."""
    return Deletion(
        id=id,
        what=what,
        organization_id=caller.organization_id,
        deleted_at=now,
        user_id=caller.id,
        by_service_account=caller.service_account,
        token_id=caller.token_id,
        request_id=caller.origin.request_id,
        peer=caller.origin.peer,
    )
