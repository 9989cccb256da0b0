from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from ..domain.administration import Administrators
from ..domain.identifier import OrganizationId, PersonalAccessTokenId
from ..domain.user import Role, UserStatus
from . import organization
from .personal_access_token import table as tokens
from .statement import Statement
from .user import table as members

_NO_TOKEN = PersonalAccessTokenId(UUID(int=0))

#: By the index, whose last entry it is.
_UNTIL = (
    sa.select(tokens.c.expires_at)
    .where(
        tokens.c.user_id == members.c.id,
        tokens.c.read_only == sa.false(),
        tokens.c.id != sa.bindparam("without"),
    )
    .order_by(tokens.c.expires_at.desc())
    .limit(1)
    .correlate(members)
    .scalar_subquery()
)
_ADMINISTRATORS = Statement(
    sa.select(members.c.id, _UNTIL.label("until"))
    .where(
        members.c.organization_id == sa.bindparam("organization"),
        members.c.role == Role.ADMIN,
        members.c.status == UserStatus.ACTIVE,
    )
    .order_by(members.c.id)
)
# Of the organization, not of its administrators: of these each transaction has locked one already.
_TURN = Statement(
    sa.select(organization.table.c.id)
    .where(organization.table.c.id == sa.bindparam("organization"))
    .with_for_update(key_share=True)
)


def take_turn(connection: sa.Connection, organization: OrganizationId) -> None:
    """Who else takes one waits until this transaction ends, and then sees what it has done.

    For whoever changes who can act. No member is to be locked after it, so that nobody who waits here is
    waited for.
    """
    _TURN.run(connection, {"organization": organization})


def administrators(
    connection: sa.Connection,
    organization: OrganizationId,
    *,
    without: PersonalAccessTokenId = _NO_TOKEN,
) -> Administrators:
    """The organization's active administrators and until when each can act, as if one token were not there."""
    rows = _ADMINISTRATORS.all(connection, {"organization": organization, "without": without})
    return dict(rows)
