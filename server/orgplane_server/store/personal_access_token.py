from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from ..domain.identifier import OrganizationId, PersonalAccessTokenId, UserId
from ..domain.personal_access_token import PersonalAccessToken
from ..domain.user import User
from . import scim_deletion
from .engine.driver import Row
from .engine.records import Records
from .engine.schema import Instant, metadata
from .engine.statement import Call, Statement
from .user import table as user_table
from .user import users

table = sa.Table(
    "personal_access_token",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("organization_id", sa.Uuid, sa.ForeignKey("organization.id"), nullable=False),
    sa.Column("user_id", sa.Uuid, sa.ForeignKey("member.id"), nullable=False),
    sa.Column("creator_id", sa.Uuid, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("read_only", sa.Boolean(create_constraint=False), nullable=False),
    sa.Column("digest", sa.LargeBinary(32), nullable=False, unique=True),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("last_used_at", Instant, nullable=True),
    sa.Index(None, "organization_id", "id"),
    sa.Index(None, "user_id", "id"),
    sa.Index(None, "user_id", "read_only", "expires_at"),
)

personal_access_tokens = Records(table, PersonalAccessToken)

_WITH_USER = (
    sa.select(*personal_access_tokens.columns, *users.columns)
    .join(user_table, user_table.c.id == table.c.user_id)
    .where(scim_deletion.live(table.c.organization_id))
    .set_label_style(sa.LABEL_STYLE_TABLENAME_PLUS_COL)
)
_BY_DIGEST = Statement(_WITH_USER.where(table.c.digest == sa.bindparam("digest")))
_BY_ID = Statement(
    _WITH_USER.where(
        table.c.organization_id == sa.bindparam("organization"),
        table.c.id == sa.bindparam("this"),
    )
)
_OF_USERS = (
    sa.select(table)
    .where(
        table.c.organization_id == sa.bindparam("organization"),
        table.c.user_id.in_(sa.bindparam("users", expanding=True)),
        table.c.id > sa.bindparam("after"),
    )
    .order_by(table.c.id)
    .limit(sa.bindparam("limit"))
)
_END = Statement(sa.delete(table).where(table.c.user_id == sa.bindparam("user")))
_TOUCH = (
    sa.update(table)
    .where(table.c.id == sa.bindparam("this"))
    .values(last_used_at=sa.bindparam("now"))
)


def find_by_digest(
    connection: sa.Connection, digest: bytes
) -> tuple[PersonalAccessToken, User] | None:
    """The token whose SHA-256 this is, and the user it acts for."""
    return _with_user(_BY_DIGEST.one_or_none(connection, {"digest": digest}))


def find_with_user(
    connection: sa.Connection, organization: OrganizationId, id: PersonalAccessTokenId
) -> tuple[PersonalAccessToken, User] | None:
    """A token and the user it acts for."""
    row = _BY_ID.one_or_none(connection, {"organization": organization, "this": id})
    return _with_user(row)


def _with_user(row: Row | None) -> tuple[PersonalAccessToken, User] | None:
    if row is None:
        return None
    border = len(personal_access_tokens.columns)
    return PersonalAccessToken(*row[:border]), User(*row[border:])


def page_of_users(
    connection: sa.Connection,
    organization: OrganizationId,
    users: Collection[UserId],
    after: UUID,
    limit: int,
) -> list[PersonalAccessToken]:
    """Up to `limit` tokens of these users with an id above `after`, oldest first."""
    rows = connection.execute(
        _OF_USERS,
        {"organization": organization, "users": list(users), "after": after, "limit": limit},
    )
    return [personal_access_tokens.of(row) for row in rows]


def ending(user: UserId) -> Call:
    """What ends all tokens of a user."""
    return _END, {"user": user}


def touch(connection: sa.Connection, id: PersonalAccessTokenId, now: datetime) -> None:
    """Notes a use of the token."""
    connection.execute(_TOUCH, {"this": id, "now": now})
