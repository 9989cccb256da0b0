from __future__ import annotations

from orgplane_api.gitpod.v1 import account_pb as pb
from orgplane_api.gitpod.v1.account_service_connect import (
    AccountService,
    AccountServiceASGIApplication,
)
from orgplane_api.gitpod.v1.organization_pb import OrganizationTier

from ..domain.account import Account, JoinableOrganization, MembershipOfAccount
from ..usecases.account import Accounts
from ..usecases.login import Logins
from .caller import caller
from .login import TOKENLESS, LoginRpcs
from .member import ROLES
from .service import Service
from .wire import Context, page_request, page_response, timestamp


class AccountServiceRpcs(LoginRpcs, AccountService):
    """`gitpod.v1.AccountService`."""

    def __init__(self, accounts: Accounts, logins: Logins) -> None:
        self._accounts = accounts
        self._logins = logins

    async def get_account(
        self, request: pb.GetAccountRequest, ctx: Context
    ) -> pb.GetAccountResponse:
        return pb.GetAccountResponse(account=_to_wire(await self._accounts.get(caller())))

    async def list_joinable_organizations(
        self, request: pb.ListJoinableOrganizationsRequest, ctx: Context
    ) -> pb.ListJoinableOrganizationsResponse:
        page = await self._accounts.joinable(caller(), page_request(request.pagination))
        return pb.ListJoinableOrganizationsResponse(
            joinable_organizations=[_joinable(item) for item in page.items],
            pagination=page_response(page.next_token),
        )


SERVICE = Service(
    AccountService.desc(),
    AccountServiceASGIApplication,
    lambda use_cases: AccountServiceRpcs(use_cases.accounts, use_cases.logins),
    TOKENLESS,
)


def _to_wire(account: Account) -> pb.Account:
    member = account.caller
    return pb.Account(
        id=str(account.id),
        name=member.name,
        avatar_url=member.avatar_url,
        email=member.email,
        created_at=timestamp(member.created_at),
        updated_at=timestamp(member.updated_at),
        memberships=[_membership(each) for each in account.memberships],
        public_email_provider=account.public_email_provider,
    )


def _membership(membership: MembershipOfAccount) -> pb.AccountMembership:
    return pb.AccountMembership(
        user_id=str(membership.member.id),
        user_role=ROLES[membership.role],
        organization_id=str(membership.organization.id),
        organization_name=membership.organization.name,
        organization_member_count=membership.member_count,
        organization_tier=OrganizationTier.ENTERPRISE,
    )


def _joinable(joinable: JoinableOrganization) -> pb.JoinableOrganization:
    return pb.JoinableOrganization(
        organization_id=str(joinable.organization.id),
        organization_name=joinable.organization.name,
        organization_member_count=joinable.member_count,
    )
