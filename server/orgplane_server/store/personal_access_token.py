from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from ..domain.identifier import OrganizationId, PersonalAccessTokenId, UserId
from ..domain.personal_access_token import PersonalAccessToken
from .bearer import Bearers
from .engine.among import Among
from .engine.schema import Instant, metadata
from .user import table as user_table
from .user import users
from .vouching import rests_at

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
    # No foreign key: the token outlives the configuration.
    sa.Column("signed_in_through", sa.Uuid, nullable=True),
    sa.Index(None, "organization_id", "id"),
    sa.Index(None, "user_id", "id"),
    sa.Index(None, "user_id", "read_only", "expires_at"),
    sa.Index(None, "expires_at"),
)

personal_access_tokens = Bearers(
    table, PersonalAccessToken, table.c.user_id, users, rests_at=rests_at(user_table)
)

_AMONG = Among(
    sa.select(*personal_access_tokens.columns, rests_at(user_table).label("rests_at"))
    .join(user_table, user_table.c.id == table.c.user_id)
    .where(table.c.organization_id == sa.bindparam("organization"))
    .order_by(table.c.id),
    table.c.id,
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


def among(
    connection: sa.Connection,
    organization: OrganizationId,
    ids: Collection[PersonalAccessTokenId],
) -> list[tuple[PersonalAccessToken, datetime | None]]:
    """Those of these tokens that are the organization's, oldest first, and from when on each rests."""
    rows = _AMONG.all(connection, sorted(ids), {"organization": organization})
    return [(personal_access_tokens.of(row[:-1]), row[-1]) for row in rows]


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
