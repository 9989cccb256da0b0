"""That somebody can always act: to be asked, whatever the door, in the transaction of a change."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from ..domain import administration, personal_access_token_policy, sign_in
from ..domain.administration import Administrators
from ..domain.caller import Caller
from ..domain.identifier import OrganizationId
from ..domain.personal_access_token import PersonalAccessToken
from ..domain.role import Role
from ..domain.sso_configuration import SsoConfiguration
from ..domain.user import User, UserStatus
from ..store import account as accounts
from ..store import role as roles
from ..store.administration import (
    administering,
    administers_at_their_turn,
    administrators,
    take_turn,
)
from ..store.engine.unit_of_work import UnitOfWork

# Such changes of one organization wait here for each other: of two administrators who remove one
# another, one stays.


def keep_an_administrator(unit: UnitOfWork, before: User, after: User, now: datetime) -> None:
    """Raises PermissionDenied if nobody could act any more once a member has changed so.

    To be called before that is written, with the member locked.
    """
    stays = after.status is UserStatus.ACTIVE
    if before.status is not UserStatus.ACTIVE:
        return
    if stays and after.role in (Role.ADMIN, before.role):
        return
    connection, organization = unit.connection, before.organization_id
    if not administers_at_their_turn(connection, organization, before.id):
        return
    assigned = roles.granted_to(connection, organization, before.id)
    if stays and Role.ADMIN in assigned:
        return
    there = administrators(connection, organization)
    left = administration.without(there, before.id)
    administration.check_somebody_can_act(there, left, now)


def keep_role_bearers(
    unit: UnitOfWork, organization: OrganizationId, before: Administrators, now: datetime
) -> None:
    """Raises PermissionDenied if nobody can act any more after a change of who has roles by assignments.

    To be called last, with those who could act before it.
    """
    take_turn(unit.connection, organization)
    after = administrators(unit.connection, organization)
    administration.check_somebody_can_act(before, after, now)


def keep_a_token(unit: UnitOfWork, token: PersonalAccessToken, now: datetime) -> None:
    """Raises PermissionDenied if nobody could act any more without this token; to be called as long as it is there."""
    if token.read_only or token.expired(now):
        return
    take_turn(unit.connection, token.organization_id)
    before = administrators(unit.connection, token.organization_id)
    after = administrators(unit.connection, token.organization_id, without=token.id)
    administration.check_somebody_can_act(before, after, now)


def keep_sign_ins(
    unit: UnitOfWork, before: SsoConfiguration, after: SsoConfiguration | None, now: datetime
) -> None:
    """Raises PermissionDenied if nobody could act any more once an SSO configuration has changed so, or without `after` is deleted.

    To be called before that is written, with the configuration locked.
    """
    if not sign_in.stops(before, after):
        return
    take_turn(unit.connection, before.organization_id)
    there = administrators(unit.connection, before.organization_id)
    left = administrators(unit.connection, before.organization_id, closed=before.id)
    administration.check_somebody_can_act(there, left, now)


def keep_vouched(
    unit: UnitOfWork, organization: OrganizationId, before: Administrators, now: datetime
) -> None:
    """Raises PermissionDenied if nobody can act any more after a change of for whom tokens work.

    To be called last, with those who could act before it.
    """
    take_turn(unit.connection, organization)
    after = administrators(unit.connection, organization)
    personal_access_token_policy.check_somebody_can_act(before, after, now)


def keep_founded(
    unit: UnitOfWork,
    caller: Caller,
    whose: UUID,
    now: datetime,
    *,
    token: PersonalAccessToken | None = None,
) -> None:
    """Raises PermissionDenied for a caller who is about to end their own token, or membership, if with it alone
    somebody can act for an organization that they have created.

    To be called before the others here, with what goes locked.
    """
    if (
        caller.service_account
        or whose != caller.id
        or (token and (token.read_only or token.expired(now)))
    ):
        return
    connection, own = unit.connection, caller.organization_id
    account = accounts.of(connection, caller.user_id, own)
    accounts.take_turn(connection, account)
    there = {
        organization.id
        for member, organization in accounts.members(connection, account)
        if organization.id != own and administering(connection, organization.id, [member.id])
    }
    for id in sorted({own, *there}) if there else ():
        take_turn(connection, id)
    for id in there:
        before = administrators(connection, id)
        after = (
            administrators(connection, id, without=token.id)
            if token
            else administrators(connection, id, gone=caller.user_id)
        )
        named = caller.signed_in_through is None
        administration.check_founder_can_act(id, before, after, now, named=named)
