"""Bearer tokens, be they of members, sessions or service accounts: found by their digest, with whom they act for."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Generic, NamedTuple, Protocol, TypeVar
from uuid import UUID

import sqlalchemy as sa

from ..domain.identifier import OrganizationId
from ..domain.role import Role, effective
from . import deletion, organization, role
from .engine.driver import Row
from .engine.records import Record, Records
from .engine.statement import Call, Statement

B = TypeVar("B", bound=Record)
H = TypeVar("H", bound="Holder")


class Holder(Record, Protocol):
    """Whom a token can be of: it has a role of its own."""

    @property
    def role(self) -> Role: ...


class Borne(NamedTuple, Generic[B, H]):
    """What a token is: it acts for the holder in their `roles`, but rests from `rests_at` on, and while the organization is suspended."""

    bearer: B
    holder: H
    roles: frozenset[Role]
    rests_at: datetime | None
    suspended: bool


class Bearers(Records[B], Generic[B, H]):
    """Records of a `table` that has a `digest` and a `last_used_at`, and whose column `holder` refers to one of `holders`.

    From `rests_at` on one works no more, until that is later.
    """

    def __init__(
        self,
        table: sa.Table,
        record: type[B],
        holder: sa.Column[Any],
        holders: Records[H],
        *,
        rests_at: sa.ColumnElement[Any] | None = None,
        there: sa.ColumnElement[bool] | None = None,
    ) -> None:
        super().__init__(table, record, there=there)
        self._holders = holders
        there = sa.true() if there is None else there
        rests = sa.null() if rests_at is None else rests_at
        (key,) = holder.foreign_keys
        held = key.column.table
        with_holder = (
            sa.select(
                *self.columns,
                *holders.columns,
                role.granted(held.c.id, held.c.organization_id).label("granted"),
                rests.label("rests_at"),
                organization.suspended(table.c.organization_id).label("suspended"),
            )
            .join(held, key.column == holder)
            .where(deletion.live(table.c.organization_id), there)
            .set_label_style(sa.LABEL_STYLE_TABLENAME_PLUS_COL)
        )
        self._by_digest = Statement(with_holder.where(table.c.digest == sa.bindparam("digest")))
        self._by_id = Statement(
            with_holder.where(
                table.c.organization_id == sa.bindparam("organization"),
                table.c.id == sa.bindparam("this"),
            )
        )
        self._end = Statement(sa.delete(table).where(holder == sa.bindparam("holder")))
        self._touch = (
            sa.update(table)
            .where(table.c.id == sa.bindparam("this"))
            .values(last_used_at=sa.bindparam("now"))
        )

    def find_by_digest(self, connection: sa.Connection, digest: bytes) -> Borne[B, H] | None:
        """The one whose token's SHA-256 this is."""
        return self._with_holder(self._by_digest.one_or_none(connection, {"digest": digest}))

    def find_with_holder(
        self, connection: sa.Connection, organization: OrganizationId, id: UUID
    ) -> Borne[B, H] | None:
        row = self._by_id.one_or_none(connection, {"organization": organization, "this": id})
        return self._with_holder(row)

    def _with_holder(self, row: Row | None) -> Borne[B, H] | None:
        if row is None:
            return None
        border = len(self.columns)
        *held, granted, rests_at, suspended = row[border:]
        holder = self._holders.of(held)
        roles = effective(holder.role, role.roles(granted))
        return Borne(self.of(row[:border]), holder, roles, rests_at, bool(suspended))

    def ending(self, holder: UUID) -> Call:
        """What ends all of one whom they act for."""
        return self._end, {"holder": holder}

    def touch(self, connection: sa.Connection, id: UUID, now: datetime) -> None:
        """Notes a use."""
        connection.execute(self._touch, {"this": id, "now": now})
