from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from ..domain.identifier import OrganizationId, ServiceAccountId
from ..domain.service_account import ServiceAccountToken
from .bearer import Bearers
from .engine.purging import Purging
from .engine.schema import Instant, metadata
from .engine.statement import Call, Statement
from .service_account import service_accounts

table = sa.Table(
    "service_account_token",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("organization_id", sa.Uuid, sa.ForeignKey("organization.id"), nullable=False),
    sa.Column("service_account_id", sa.Uuid, sa.ForeignKey("service_account.id"), nullable=False),
    sa.Column("creator_id", sa.Uuid, nullable=False),
    sa.Column("made_by_service_account", sa.Boolean(create_constraint=False), nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("brief", sa.Boolean(create_constraint=False), nullable=False),
    sa.Column("digest", sa.LargeBinary(32), nullable=False, unique=True),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("last_used_at", Instant, nullable=True),
    sa.Index(None, "organization_id", "brief", "id"),
    sa.Index(None, "service_account_id", "brief", "id"),
    sa.Index(None, "expires_at"),
)

service_account_tokens = Bearers(
    table, ServiceAccountToken, table.c.service_account_id, service_accounts
)

_PAGE = (
    sa.select(*service_account_tokens.columns)
    .where(
        table.c.brief == sa.false(),
        table.c.organization_id == sa.bindparam("organization"),
        table.c.id > sa.bindparam("after"),
    )
    .order_by(table.c.id)
    .limit(sa.bindparam("limit"))
)
_ALL = Statement(_PAGE)
_OF_ACCOUNT = Statement(_PAGE.where(table.c.service_account_id == sa.bindparam("account")))
_NO_LATER = Statement(
    sa.update(table)
    .where(
        table.c.service_account_id == sa.bindparam("account"),
        table.c.expires_at > sa.bindparam("until"),
    )
    .values(expires_at=sa.bindparam("until"))
)
#: By when they ended.
purge = Purging(table, table.c.expires_at)


def page(
    connection: sa.Connection,
    organization: OrganizationId,
    account: ServiceAccountId | None,
    after: UUID,
    limit: int,
) -> list[ServiceAccountToken]:
    """Up to `limit` tokens that are not brief, with an id above `after`, oldest first; of one account, or of all."""
    given = {"organization": organization, "after": after, "limit": limit}
    if account is None:
        rows = _ALL.all(connection, given)
    else:
        rows = _OF_ACCOUNT.all(connection, {**given, "account": account})
    return [service_account_tokens.of(row) for row in rows]


def ending_by(account: ServiceAccountId, until: datetime) -> Call:
    """What ends an account's tokens at a moment, if they would not end sooner."""
    return _NO_LATER, {"account": account, "until": until}
