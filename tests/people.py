"""Makes users, service accounts, tokens, sign-ins and sessions directly in the store, as provisioning and signing in do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from orgplane_server.domain.identifier import (
    PersonalAccessTokenId,
    ServiceAccountId,
    ServiceAccountTokenId,
    SessionId,
    SsoBindingId,
    SsoConfigurationId,
    UserId,
)
from orgplane_server.domain.personal_access_token import PersonalAccessToken
from orgplane_server.domain.service_account import ServiceAccount, ServiceAccountToken
from orgplane_server.domain.session import LIFETIME, Session
from orgplane_server.domain.sign_in import SsoBinding
from orgplane_server.domain.token import Token, TokenKind
from orgplane_server.domain.user import Role, User, UserStatus
from orgplane_server.store.engine.database import Database
from orgplane_server.store.personal_access_token import personal_access_tokens
from orgplane_server.store.service_account import service_accounts
from orgplane_server.store.service_account_token import service_account_tokens
from orgplane_server.store.session import sessions
from orgplane_server.store.sign_in import sso_bindings
from orgplane_server.store.user import users
from orgplane_server.usecases.minting import new_id, new_token
from orgplane_server.usecases.organization import Founded


@dataclass(frozen=True)
class Access:
    user: User
    token: Token


async def add_user(
    database: Database,
    owner: Founded,
    now: datetime,
    *,
    name: str = "Mel",
    email: str = "mel@acme.example",
    role: Role = Role.MEMBER,
    status: UserStatus = UserStatus.ACTIVE,
    read_only: bool = False,
    lifetime: timedelta = timedelta(days=90),
) -> Access:
    """A user of the owner's organization with one token."""
    user = replace(
        owner.administrator,
        id=UserId(new_id()),
        name=name,
        email=email,
        role=role,
        status=status,
        created_at=now,
        updated_at=now,
    )
    token = new_token(TokenKind.PERSONAL_ACCESS)
    access = PersonalAccessToken(
        id=PersonalAccessTokenId(new_id()),
        organization_id=user.organization_id,
        user_id=user.id,
        creator_id=user.id,
        description="test",
        read_only=read_only,
        digest=token.digest,
        created_at=now,
        expires_at=now + lifetime,
    )

    calls = users.inserting(user), personal_access_tokens.inserting(access)
    await database.write(lambda unit: unit.run(*calls))
    return Access(user, token)


async def add_sign_in(
    database: Database, user: User, configuration: SsoConfigurationId, now: datetime
) -> None:
    """Of somebody who signs in through an SSO configuration of their organization for the first time; they have no session."""
    binding = SsoBinding(
        id=SsoBindingId(new_id()),
        organization_id=user.organization_id,
        configuration_id=configuration,
        user_id=user.id,
        subject=str(user.id),
        created_at=now,
        last_signed_in_at=now,
    )
    await database.write(lambda unit: unit.run(sso_bindings.inserting(binding)))


async def add_session(
    database: Database, user: User, configuration: SsoConfigurationId, now: datetime
) -> Token:
    """The token of somebody who has signed in through an SSO configuration of their organization."""
    token = new_token(TokenKind.SESSION)
    session = Session(
        id=SessionId(new_id()),
        organization_id=user.organization_id,
        user_id=user.id,
        configuration_id=configuration,
        digest=token.digest,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    await database.write(lambda unit: unit.run(sessions.inserting(session)))
    return token


@dataclass(frozen=True)
class Machine:
    account: ServiceAccount
    token: Token


async def add_service_account(
    database: Database,
    owner: Founded,
    now: datetime,
    *,
    name: str = "deploy",
    lifetime: timedelta = timedelta(days=365),
) -> Machine:
    """A service account of the owner's organization with one token, which lives as long."""
    account = ServiceAccount(
        id=ServiceAccountId(new_id()),
        organization_id=owner.organization.id,
        name=name,
        description="",
        creator_id=owner.administrator.id,
        made_by_service_account=False,
        created_at=now,
        updated_at=now,
        valid_until=now + lifetime,
    )
    token = new_token(TokenKind.SERVICE_ACCOUNT)
    access = ServiceAccountToken(
        id=ServiceAccountTokenId(new_id()),
        organization_id=account.organization_id,
        service_account_id=account.id,
        creator_id=owner.administrator.id,
        made_by_service_account=False,
        description="test",
        brief=False,
        digest=token.digest,
        created_at=now,
        expires_at=account.valid_until,
    )
    calls = service_accounts.inserting(account), service_account_tokens.inserting(access)
    await database.write(lambda unit: unit.run(*calls))
    return Machine(account, token)
