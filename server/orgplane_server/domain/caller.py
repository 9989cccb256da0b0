"""Who calls, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from .errors import PermissionDenied, Reason
from .identifier import OrganizationId, PersonalAccessTokenId, SsoConfigurationId, UserId
from .user import Role


class Permission(Enum):
    """What a use case needs: the role it takes, and whether it changes anything.

    A read-only token holds the permissions that change nothing. That these are exactly the ones of
    the contract's RPCs without side effects is tested for every RPC.

    Whoever signed in holds none that reaches `beyond` the organization, be it by their session or by a token that they made with
    one: the organization chooses the provider, so that only there somebody is whom the provider says they are.
    """

    def __init__(self, role: Role, changes: bool, wanted: str, beyond: bool = False) -> None:
        self.role = role
        self.changes = changes
        self.wanted = wanted
        self.beyond = beyond

    READ_IDENTITY = (Role.MEMBER, False, "read their own identity")
    READ_ORGANIZATION = (Role.MEMBER, False, "read the organization")
    CHANGE_ORGANIZATION = (Role.ADMIN, True, "change the organization")
    DELETE_ORGANIZATION = (Role.ADMIN, True, "delete the organization")
    READ_MEMBERS = (Role.MEMBER, False, "see the members of the organization")
    CHANGE_MEMBERS = (Role.ADMIN, True, "change members of the organization")
    LEAVE = (Role.MEMBER, True, "leave the organization")
    READ_CONFIGURATIONS = (Role.ADMIN, False, "read SCIM and SSO configurations and domains")
    CHANGE_CONFIGURATIONS = (Role.ADMIN, True, "change SCIM and SSO configurations and domains")
    READ_MEMBERSHIPS = (Role.ADMIN, False, "see how identity providers know members")
    READ_TOKENS = (Role.MEMBER, False, "read personal access tokens")
    CREATE_TOKENS = (Role.MEMBER, True, "create personal access tokens")
    CREATE_FIRST_TOKENS = (Role.MEMBER, True, "create tokens of other organizations", True)
    DELETE_TOKENS = (Role.MEMBER, True, "delete personal access tokens")
    END_SESSION = (Role.MEMBER, True, "end sessions")
    READ_SCIM_REQUESTS = (Role.ADMIN, False, "see the requests of identity providers")
    READ_SIGN_INS = (Role.ADMIN, False, "see sign-ins and refusals of members")
    ADMINISTER_TOKENS = (Role.ADMIN, False, "see personal access tokens of other members")
    READ_AUDIT_LOG = (Role.ADMIN, False, "read the audit log")
    READ_POLICIES = (Role.MEMBER, False, "read the organization's policies")
    CHANGE_POLICIES = (Role.ADMIN, True, "change the organization's policies")
    READ_INVITES = (Role.ADMIN, False, "see whom the organization has invited")
    INVITE = (Role.ADMIN, True, "invite people")
    JOIN = (Role.MEMBER, True, "join organizations", True)
    FOUND = (Role.MEMBER, True, "create organizations", True)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a call came from: its request id, and the address as `TrustedProxies.client` says it."""

    request_id: str = ""
    peer: str = ""


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated member, as the database knew them when the call began.

    With a `session`, `token_id` is its id. `signed_in_through` is set for it, and for a token that was made with it, however
    many in between.
    """

    user_id: UserId
    organization_id: OrganizationId
    role: Role
    token_id: PersonalAccessTokenId
    read_only: bool = False
    session: bool = False
    signed_in_through: SsoConfigurationId | None = None
    origin: Origin = field(default_factory=Origin)

    def may(self, permission: Permission) -> bool:
        """Whether the caller's role (not the token's scope) allows `permission`."""
        return permission.role is Role.MEMBER or self.role is Role.ADMIN

    def require(self, permission: Permission) -> None:
        """Raises PermissionDenied unless role and token allow `permission`."""
        if not self.may(permission):
            raise PermissionDenied(f"only an administrator may {permission.wanted}")
        if permission.changes and self.read_only:
            raise PermissionDenied(
                f"a read-only token may not {permission.wanted}", reason=Reason.TOKEN_READ_ONLY
            )
        if permission.beyond and self.signed_in_through is not None:
            raise PermissionDenied(
                f"the token of a session, or one that was made with it, may not {permission.wanted}: it is for its own "
                "organization alone"
            )
