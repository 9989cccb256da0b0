"""Bearer tokens of members, be they personal access tokens or sessions: found by their digest, with whom they act for."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa

from ..domain.identifier import OrganizationId, UserId
from ..domain.role import Role, effective
from ..domain.user import User
from . import deletion, role
from .engine.driver import Row
from .engine.records import Record, Records
from .engine.statement import Call, Statement
from .user import table as user_table
from .user import users

B = TypeVar("B", bound=Record)


class Bearers(Records[B]):
    """Records of a `table` that has a `digest`, a `user_id` and a `last_used_at`.

    From `rests_at` on one works no more, until that is later.
    """

    def __init__(
        self,
        table: sa.Table,
        record: type[B],
        rests_at: sa.ColumnElement[Any] | None = None,
        there: sa.ColumnElement[bool] | None = None,
    ) -> None:
        super().__init__(table, record, there=there)
        there = sa.true() if there is None else there
        rests = sa.null() if rests_at is None else rests_at
        with_user = (
            sa.select(
                *self.columns,
                *users.columns,
                role.granted(user_table.c.id, user_table.c.organization_id).label("granted"),
                rests.label("rests_at"),
            )
            .join(user_table, user_table.c.id == table.c.user_id)
            .where(deletion.live(table.c.organization_id), there)
            .set_label_style(sa.LABEL_STYLE_TABLENAME_PLUS_COL)
        )
        self._by_digest = Statement(with_user.where(table.c.digest == sa.bindparam("digest")))
        self._by_id = Statement(
            with_user.where(
                table.c.organization_id == sa.bindparam("organization"),
                table.c.id == sa.bindparam("this"),
            )
        )
        self._end = Statement(sa.delete(table).where(table.c.user_id == sa.bindparam("user")))
        self._touch = (
            sa.update(table)
            .where(table.c.id == sa.bindparam("this"))
            .values(last_used_at=sa.bindparam("now"))
        )

    def find_by_digest(
        self, connection: sa.Connection, digest: bytes
    ) -> tuple[B, User, frozenset[Role], datetime | None] | None:
        """The one whose token's SHA-256 this is, the user it acts for in their roles, and from when on it rests."""
        return self._with_user(self._by_digest.one_or_none(connection, {"digest": digest}))

    def find_with_user(
        self, connection: sa.Connection, organization: OrganizationId, id: UUID
    ) -> tuple[B, User, frozenset[Role], datetime | None] | None:
        """One, the user it acts for in their roles, and from when on it rests."""
        row = self._by_id.one_or_none(connection, {"organization": organization, "this": id})
        return self._with_user(row)

    def _with_user(
        self, row: Row | None
    ) -> tuple[B, User, frozenset[Role], datetime | None] | None:
        if row is None:
            return None
        border = len(self.columns)
        user = User(*row[border:-2])
        return self.of(row[:border]), user, effective(user.role, role.roles(row[-2])), row[-1]

    def ending(self, user: UserId) -> Call:
        """What ends all of a user."""
        return self._end, {"user": user}

    def touch(self, connection: sa.Connection, id: UUID, now: datetime) -> None:
        """Notes a use."""
        connection.execute(self._touch, {"this": id, "now": now})
