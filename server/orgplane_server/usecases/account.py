from __future__ import annotations

from ..dns import names
from ..domain import user
from ..domain.account import Account, AccountMember, JoinableOrganization, MembershipOfAccount
from ..domain.caller import Caller, Permission
from ..domain.identifier import OrganizationId
from ..domain.member import MemberFilter
from ..domain.organization import Organization
from ..domain.page import Page, PageRequest
from ..domain.role import Role, plain
from ..domain.user import User, UserStatus, email_key
from ..store import account as store
from ..store import domain_verification as domains
from ..store import member as members
from ..store import membership as memberships
from ..store import role as roles
from ..store.account import account_members
from ..store.engine.database import Connection, Database
from ..store.engine.unit_of_work import UnitOfWork
from ..store.organization import organizations
from ..store.organization_policies import organization_policies
from ..store.user import users
from . import mailbox
from .address_code import AddressCodes
from .paging import PageTokens


class Accounts:
    """Whom else the caller is, and where they may become a member."""

    def __init__(self, database: Database, pages: PageTokens, codes: AddressCodes) -> None:
        self._database = database
        self._pages = pages
        self._codes = codes

    async def get(self, caller: Caller) -> Account:
        """The caller's account, with the members that are tied to them and active.

        Whoever signed in does not see those of other organizations.
        """
        caller.require(Permission.READ_ACCOUNT)

        def query(connection: Connection) -> Account:
            member = _caller(connection, caller)
            where = organizations.find(connection, member.organization_id, member.organization_id)
            assert where is not None, "a member's organization"
            id = store.of(connection, member.id, member.organization_id)
            others = [
                (other, there)
                for other, there in store.members(connection, id)
                if other.id != member.id
                and other.status is UserStatus.ACTIVE
                and caller.signed_in_through is None
            ]
            return Account(
                id,
                member,
                tuple(
                    MembershipOfAccount(
                        each, _role(connection, each), there, _count(connection, there.id)
                    )
                    for each, there in [(member, where), *others]
                ),
                domain_of(member.email) in names.MAIL_PROVIDERS,
            )

        return await self._database.read(query)

    async def joinable(self, caller: Caller, request: PageRequest) -> Page[JoinableOrganization]:
        """Where the caller may join by the domain of the address that they have proven; who signed in, nowhere."""
        caller.require(Permission.READ_ACCOUNT)
        listing = f"joinable_organizations/{caller.user_id}"
        after = self._pages.after(listing, request)

        def query(connection: Connection) -> list[JoinableOrganization]:
            member = mailbox.of(_caller(connection, caller))
            domain = domain_of(member.email)
            if (
                caller.signed_in_through is not None
                or not domain
                or not self._codes.proven(connection, member.id, member.email)
            ):
                return []
            found: list[JoinableOrganization] = []
            for id in domains.holders(connection, domain, OrganizationId(after)):
                if (open_ := _open(connection, id, domain, member)) is not None:
                    found.append(JoinableOrganization(open_, _count(connection, id)))
                if len(found) > request.limit:
                    break
            return found

        found = await self._database.read(query)
        return self._pages.page_by(listing, request, found, lambda item: item.organization.id.bytes)


def tie(unit: UnitOfWork, member: User, newcomer: User) -> None:
    """Makes a new member, who has no token, one of the account of another. A first token is due to them."""
    connection = unit.connection
    account = store.of(connection, member.id, member.organization_id)
    store.take_turn(connection, account)
    if account_members.find(connection, member.organization_id, member.id) is None:
        first = AccountMember(member.id, member.organization_id, account)
        unit.write(account_members.inserting(first))
    second = AccountMember(newcomer.id, newcomer.organization_id, account, first_token_due=True)
    unit.write(account_members.inserting(second))


def tied(connection: Connection, member: User, where: OrganizationId) -> list[User]:
    """The members of an organization that are of a member's account, whatever their status."""
    account = store.of(connection, member.id, member.organization_id)
    return [each for each, there in store.members(connection, account) if there.id == where]


def domain_of(email: str) -> str:
    """The domain of an address in normal form; empty for what is none."""
    try:
        return names.normal(email.rpartition("@")[2], private=True)
    except names.NoDomain:
        return ""


def invites(organization: Organization, domain: str) -> bool:
    """Whether a domain is among the invite domains of an organization."""
    return any(domain_of(f"@{each}") == domain for each in organization.invite_domains)


def _open(
    connection: Connection, id: OrganizationId, domain: str, member: User
) -> Organization | None:
    """An organization that the member may join, and is not in yet."""
    organization = organizations.find(connection, id, id)
    policies = organization_policies.find(connection, id, id)
    if (
        organization is None
        or organization.suspended
        or policies is None
        or policies.restrict_account_creation_to_scim
        or not invites(organization, domain)
        or tied(connection, member, id)
        or memberships.holding(connection, id, email_key(member.email))
    ):
        return None
    return organization


def _caller(connection: Connection, caller: Caller) -> User:
    found = users.find(connection, caller.organization_id, caller.user_id)
    if found is None:
        raise user.not_found()
    return found


def _role(connection: Connection, member: User) -> Role:
    return plain(roles.of(connection, member))


def _count(connection: Connection, id: OrganizationId) -> int:
    return members.count(connection, id, MemberFilter()).value
