"""Who calls, and what they may do."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum

from .errors import PermissionDenied, Reason
from .identifier import OrganizationId, PersonalAccessTokenId, SsoConfigurationId, UserId
from .role import Role


class Permission(Enum):
    """What a use case needs, and whether it changes anything; which roles have it says `PERMITS`.

    A read-only token holds the permissions that change nothing. That these are exactly the ones of
    the contract's RPCs without side effects is tested for every RPC.

    Whoever signed in holds none that reaches `beyond` the organization, be it by their session or by a token that they made with
    one: the organization chooses the provider, so that only there somebody is whom the provider says they are.
    """

    def __init__(self, changes: bool, wanted: str, beyond: bool = False) -> None:
        self.changes = changes
        self.wanted = wanted
        self.beyond = beyond

    READ_IDENTITY = (False, "read their own identity")
    READ_ORGANIZATION = (False, "read the organization")
    CHANGE_ORGANIZATION = (True, "change the organization")
    DELETE_ORGANIZATION = (True, "delete the organization")
    READ_MEMBERS = (False, "see the members of the organization")
    CHANGE_MEMBERS = (True, "change members of the organization")
    LEAVE = (True, "leave the organization")
    READ_CONFIGURATIONS = (False, "read SCIM and SSO configurations and domains")
    CHANGE_CONFIGURATIONS = (True, "change SCIM and SSO configurations and domains")
    READ_MEMBERSHIPS = (False, "see how identity providers know members")
    READ_TOKENS = (False, "read personal access tokens")
    CREATE_TOKENS = (True, "create personal access tokens")
    CREATE_FIRST_TOKENS = (True, "create tokens of other organizations", True)
    DELETE_TOKENS = (True, "delete personal access tokens")
    END_SESSION = (True, "end sessions")
    READ_SCIM_REQUESTS = (False, "see the requests of identity providers")
    READ_SIGN_INS = (False, "see sign-ins and refusals of members")
    ADMINISTER_TOKENS = (False, "see personal access tokens of other members")
    READ_AUDIT_LOG = (False, "read the audit log")
    READ_POLICIES = (False, "read the organization's policies")
    CHANGE_POLICIES = (True, "change the organization's policies")
    READ_INVITES = (False, "see whom the organization has invited")
    INVITE = (True, "invite people")
    JOIN = (True, "join organizations", True)
    FOUND = (True, "create organizations", True)
    READ_GROUPS = (False, "see the groups of the organization")
    CHANGE_GROUPS = (True, "change groups of the organization")
    READ_ROLES = (False, "see whom roles are assigned to")
    ASSIGN_ROLES = (True, "assign roles, or revoke them")


_OF_MEMBERS = frozenset(
    {
        Permission.READ_IDENTITY,
        Permission.READ_ORGANIZATION,
        Permission.READ_MEMBERS,
        Permission.LEAVE,
        Permission.READ_TOKENS,
        Permission.CREATE_TOKENS,
        Permission.CREATE_FIRST_TOKENS,
        Permission.DELETE_TOKENS,
        Permission.END_SESSION,
        Permission.READ_POLICIES,
        Permission.JOIN,
        Permission.FOUND,
        Permission.READ_GROUPS,
        Permission.READ_ROLES,
    }
)

#: What each role permits. Whoever changes SCIM or SSO configurations can make themselves anybody: administrators alone do.
PERMITS: Mapping[Role, frozenset[Permission]] = {
    Role.ADMIN: frozenset(Permission),
    Role.MEMBER: _OF_MEMBERS,
    Role.GROUPS_ADMIN: _OF_MEMBERS | {Permission.CHANGE_GROUPS, Permission.ASSIGN_ROLES},
    Role.AUDIT_LOG_READER: _OF_MEMBERS | {Permission.READ_AUDIT_LOG},
    Role.SECURITY_ADMIN: _OF_MEMBERS
    | {
        Permission.READ_AUDIT_LOG,
        Permission.READ_CONFIGURATIONS,
        Permission.READ_MEMBERSHIPS,
        Permission.READ_SCIM_REQUESTS,
        Permission.READ_SIGN_INS,
        Permission.ADMINISTER_TOKENS,
        Permission.CHANGE_POLICIES,
    },
}

#: How a refusal calls whoever has a role.
_BEARERS = {
    Role.ADMIN: "an administrator",
    Role.MEMBER: "a member",
    Role.GROUPS_ADMIN: "a groups administrator",
    Role.AUDIT_LOG_READER: "an audit log reader",
    Role.SECURITY_ADMIN: "a security administrator",
}


def permitted(roles: Collection[Role]) -> frozenset[Permission]:
    """What these roles permit together."""
    return frozenset[Permission]().union(*(PERMITS[role] for role in roles))


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a call came from: its request id, and the address as `TrustedProxies.client` says it."""

    request_id: str = ""
    peer: str = ""


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated member, as the database knew them when the call began; `roles` are the effective ones.

    With a `session`, `token_id` is its id. `signed_in_through` is set for it, and for a token that was made with it, however
    many in between.
    """

    user_id: UserId
    organization_id: OrganizationId
    roles: frozenset[Role]
    token_id: PersonalAccessTokenId
    read_only: bool = False
    session: bool = False
    signed_in_through: SsoConfigurationId | None = None
    origin: Origin = field(default_factory=Origin)

    def may(self, permission: Permission) -> bool:
        """Whether a role of the caller's (not the token's scope) allows `permission`."""
        return any(permission in PERMITS[role] for role in self.roles)

    def require(self, permission: Permission) -> None:
        """Raises PermissionDenied unless a role and the token allow `permission`."""
        if not self.may(permission):
            raise PermissionDenied(f"only {_who_may(permission)} may {permission.wanted}")
        if permission.changes and self.read_only:
            raise PermissionDenied(
                f"a read-only token may not {permission.wanted}", reason=Reason.TOKEN_READ_ONLY
            )
        if permission.beyond and self.signed_in_through is not None:
            raise PermissionDenied(
                f"the token of a session, or one that was made with it, may not {permission.wanted}: it is for its own "
                "organization alone"
            )

    def require_equal_to(self, roles: Collection[Role]) -> None:
        """Raises PermissionDenied unless the caller may themselves whatever these roles permit.

        For whoever gives roles or takes them, be it by a group: nobody grants what they do not have.
        """
        for role in roles:
            if not PERMITS[role] <= permitted(self.roles):
                raise PermissionDenied(
                    f"only who may do all that {_BEARERS[role]} may gives somebody this role, or takes it from them"
                )


def _who_may(permission: Permission) -> str:
    *others, last = (_BEARERS[role] for role, permits in PERMITS.items() if permission in permits)
    return f"{', '.join(others)} or {last}" if others else last
