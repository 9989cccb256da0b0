"""That somebody can always act: to be asked, whatever the door, in the transaction of a change."""

from __future__ import annotations

from datetime import datetime

from ..domain import administration, user
from ..domain.personal_access_token import PersonalAccessToken
from ..domain.user import User
from ..store.administration import administrators, take_turn
from ..store.engine.unit_of_work import UnitOfWork

# Such changes of one organization wait here for each other: of two administrators who remove one
# another, one stays.


def keep_an_administrator(unit: UnitOfWork, before: User, after: User, now: datetime) -> None:
    """Raises PermissionDenied if nobody could act any more once a member has changed so.

    To be called before that is written, with the member locked.
    """
    if not user.administers(before) or user.administers(after):
        return
    take_turn(unit.connection, before.organization_id)
    there = administrators(unit.connection, before.organization_id)
    left = administration.without(there, before.id)
    administration.check_somebody_can_act(there, left, now)


def keep_a_token(unit: UnitOfWork, token: PersonalAccessToken, now: datetime) -> None:
    """Raises PermissionDenied if nobody could act any more without this token; to be called as long as it is there."""
    if token.read_only or token.expired(now):
        return
    take_turn(unit.connection, token.organization_id)
    before = administrators(unit.connection, token.organization_id)
    after = administrators(unit.connection, token.organization_id, without=token.id)
    administration.check_somebody_can_act(before, after, now)
