"""Roles, and to whom they are assigned.

A member has a role of their own, `ADMIN` or `MEMBER`, and those that are assigned to them or to any group that they are in:
their effective roles are all of these. A role is assigned to the id of a group, never to its name. What each role permits is
one table, `domain.caller.PERMITS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from .errors import AlreadyExists, NotFound, Reason, ResourceExhausted
from .identifier import OrganizationId, RoleAssignmentId

#: As many an organization has at most: each call looks at them.
MAX_ASSIGNMENTS = 100


class Role(StrEnum):
    ADMIN = "admin"
    MEMBER = "member"
    GROUPS_ADMIN = "groups_admin"
    AUDIT_LOG_READER = "audit_log_reader"
    SECURITY_ADMIN = "security_admin"


class PrincipalKind(StrEnum):
    """What a role can be assigned to. A group is one of an identity provider or of the organization's own."""

    USER = "user"
    GROUP = "group"
    SERVICE_ACCOUNT = "service_account"


@dataclass(frozen=True, slots=True)
class Principal:
    kind: PrincipalKind
    id: UUID


@dataclass(frozen=True, slots=True)
class RoleAssignment:
    """A role on the organization, of a principal of that organization."""

    id: RoleAssignmentId
    organization_id: OrganizationId
    principal_kind: PrincipalKind
    principal_id: UUID
    role: Role
    created_at: datetime

    @property
    def principal(self) -> Principal:
        return Principal(self.principal_kind, self.principal_id)


@dataclass(frozen=True, slots=True)
class Told:
    """An assignment, and what its principal is called."""

    assignment: RoleAssignment
    name: str


def effective(own: Role, granted: frozenset[Role] = frozenset()) -> frozenset[Role]:
    """All roles of a member with this one of their own. Every member is a `MEMBER`."""
    return granted | {own, Role.MEMBER}


def plain(roles: frozenset[Role]) -> Role:
    """How effective roles are told where there are only two: `ADMIN` for who administers, whatever makes them do so."""
    return Role.ADMIN if Role.ADMIN in roles else Role.MEMBER


def already_assigned() -> AlreadyExists:
    return AlreadyExists("the principal has the role by an assignment already")


def too_many() -> ResourceExhausted:
    return ResourceExhausted(
        f"the organization has {MAX_ASSIGNMENTS} role assignments already, which is as many as there can be; assign roles to groups",
        reason=Reason.TOO_MANY_ROLE_ASSIGNMENTS,
    )


def not_found() -> NotFound:
    return NotFound("role assignment not found", reason=Reason.ROLE_ASSIGNMENT_NOT_FOUND)
