"""Who calls, and what they may do."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum
from uuid import UUID

from . import organization
from .errors import PermissionDenied, Reason
from .identifier import OrganizationId, ServiceAccountId, SsoConfigurationId, UserId
from .role import Role
from .token import TokenKind


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
    READ_ACCOUNT = (False, "read their own user, account or session")
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
    READ_SERVICE_ACCOUNTS = (False, "see service accounts")
    CHANGE_SERVICE_ACCOUNTS = (True, "change service accounts, or act as them")
    CHANGE_OWN_TOKENS = (True, "create and revoke their own tokens")
    READ_WEBHOOKS = (False, "see webhook endpoints and what is posted to them")
    CHANGE_WEBHOOKS = (True, "change webhook endpoints, or have something posted to them")


#: What is a member's alone, and no service account's, whatever its roles.
_PERSONAL = frozenset(
    {
        Permission.READ_ACCOUNT,
        Permission.DELETE_ORGANIZATION,
        Permission.LEAVE,
        Permission.CREATE_TOKENS,
        Permission.CREATE_FIRST_TOKENS,
        Permission.END_SESSION,
        Permission.JOIN,
        Permission.FOUND,
    }
)

_OF_MEMBERS = frozenset(
    {
        Permission.READ_IDENTITY,
        Permission.READ_ACCOUNT,
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
        Permission.CHANGE_OWN_TOKENS,
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
        Permission.READ_SERVICE_ACCOUNTS,
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
    """An authenticated member or service account, as the database knew them when the call began; `roles` are the effective ones.

    `token_kind` says of what kind the token is that they came with, and by that who they are; `token_id` is its id, or the
    session's. `signed_in_through` is set for a session, and for a token that was made with it, however many in between.
    """

    id: UserId | ServiceAccountId
    organization_id: OrganizationId
    roles: frozenset[Role]
    token_id: UUID
    read_only: bool = False
    token_kind: TokenKind = TokenKind.PERSONAL_ACCESS
    signed_in_through: SsoConfigurationId | None = None
    organization_suspended: bool = False
    origin: Origin = field(default_factory=Origin)

    @property
    def session(self) -> bool:
        return self.token_kind is TokenKind.SESSION

    @property
    def service_account(self) -> bool:
        return self.token_kind is TokenKind.SERVICE_ACCOUNT

    @property
    def user_id(self) -> UserId:
        """Which member it is. Raises PermissionDenied for a service account, which is none."""
        if self.service_account:
            raise _user_needed("do this")
        return UserId(self.id)

    @property
    def service_account_id(self) -> ServiceAccountId:
        """Which service account it is. Raises PermissionDenied for a member."""
        if not self.service_account:
            raise PermissionDenied(
                "only a service account may do this: call with a token of the account "
                "(CreateServiceAccountAccessToken, orgplane service-accounts access-token)",
                reason=Reason.SERVICE_ACCOUNT_NEEDED,
            )
        return ServiceAccountId(self.id)

    def may(self, permission: Permission) -> bool:
        """Whether a role of the caller's (not the token's scope) allows `permission`."""
        return any(permission in PERMITS[role] for role in self.roles)

    def require(self, permission: Permission) -> None:
        """Raises PermissionDenied unless caller, role and token allow `permission`, and FailedPrecondition while their organization is
        suspended: then it shows itself, and no more."""
        if self.organization_suspended and permission is not Permission.READ_ORGANIZATION:
            raise organization.is_suspended()
        if permission in _PERSONAL and self.service_account:
            raise _user_needed(permission.wanted)
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


def _user_needed(wanted: str) -> PermissionDenied:
    return PermissionDenied(
        f"a service account may not {wanted}: only members do", reason=Reason.USER_NEEDED
    )
