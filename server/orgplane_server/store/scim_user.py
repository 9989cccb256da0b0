from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from ..domain import scim_attribute
from ..domain.identifier import OrganizationId, ScimConfigurationId, UserId
from ..domain.scim_attribute import Element
from ..domain.scim_user import Document, ScimUser, Wish, taken
from . import deletion, scim_breaker, scim_membership, scim_naming
from .engine.among import Among
from .engine.records import Records
from .engine.schema import Instant, Key, choice, metadata
from .engine.slices import Slices
from .engine.statement import Call, Statement, together
from .engine.unit_of_work import UnitOfWork
from .scim_filter import KEY_LENGTH, Comparable, Elements

# No foreign key to the configuration, which is deleted before them.
table = sa.Table(
    "scim_user",
    metadata,
    sa.Column("id", sa.Uuid, sa.ForeignKey("member.id"), nullable=False),
    sa.Column("configuration_id", sa.Uuid, nullable=False),
    sa.Column("organization_id", sa.Uuid, nullable=False),
    sa.Column("user_name_key", Key, nullable=False),
    sa.Column("external_id", Key, nullable=True),
    sa.Column("active", sa.Boolean(create_constraint=False), nullable=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Column("active_said_at", Instant, nullable=False),
    sa.Column("contested", sa.Boolean(create_constraint=False), nullable=False),
    sa.Column("wish", choice(Wish), nullable=True),
    sa.Column("wished_at", Instant, nullable=True),
    sa.PrimaryKeyConstraint("configuration_id", "id"),
    sa.UniqueConstraint("configuration_id", "user_name_key"),
    sa.UniqueConstraint("configuration_id", "external_id"),
    sa.Index(None, "id"),
    sa.Index(None, "configuration_id", "active", "id"),
    sa.Index(
        "ix_scim_user_wish",
        "organization_id",
        "wished_at",
        sqlite_where=sa.text("wish IS NOT NULL"),
        postgresql_where=sa.text("wish IS NOT NULL"),
    ),
    sa.Index(None, "configuration_id", "created_at", "id"),
    sa.Index(None, "configuration_id", "updated_at", "id"),
)
#: The values of all other attributes that filters can look into, in the form they are compared in.
values = sa.Table(
    "scim_user_value",
    metadata,
    sa.Column("user_id", sa.Uuid, nullable=False),
    sa.Column("attribute", Key, nullable=False),
    sa.Column("position", sa.Integer, autoincrement=False, nullable=False),
    sa.Column("configuration_id", sa.Uuid, nullable=False),
    sa.Column("key", Key, nullable=True),
    sa.Column("value", Key, nullable=True),
    sa.Column("display", Key, nullable=True),
    sa.Column("type", Key, nullable=True),
    sa.Column("is_primary", sa.Boolean(create_constraint=False), nullable=True),
    sa.Column("formatted", Key, nullable=True),
    sa.Column("street_address", Key, nullable=True),
    sa.Column("locality", Key, nullable=True),
    sa.Column("region", Key, nullable=True),
    sa.Column("postal_code", Key, nullable=True),
    sa.Column("country", Key, nullable=True),
    sa.PrimaryKeyConstraint("configuration_id", "user_id", "attribute", "position"),
    sa.ForeignKeyConstraint(
        ["configuration_id", "user_id"], ["scim_user.configuration_id", "scim_user.id"]
    ),
    sa.Index(None, "configuration_id", "attribute", "key", "user_id"),
)

scim_users = Records(table, ScimUser, tenant="configuration_id")

_columns = table.c
_configuration: sa.BindParameter[Any] = sa.bindparam("configuration")
_mine = _columns.configuration_id == _configuration
_PARTS: Mapping[str, str] = {
    **{name: name for name in ("value", "display", "type", "formatted", "locality")},
    **{name: name for name in ("region", "country")},
    "primary": "is_primary",
    "streetAddress": "street_address",
    "postalCode": "postal_code",
}
_NOTHING = dict.fromkeys(_PARTS.values())
_UNIQUE = {"user_name_key": "userName", "external_id": "externalId"}
_denying = sa.select(_columns.id).where(_mine, ~_columns.active).order_by(_columns.id)
_DENYING = Statement(_denying)
_SOME_DENYING = Statement(_denying.limit(sa.bindparam("limit")))
_FALL_SILENT = Among(sa.update(table).where(_mine).values(active=sa.true()), _columns.id)
_WISHED = Statement(
    sa.select(*scim_users.columns)
    .where(
        _columns.organization_id == sa.bindparam("organization"),
        _columns.wish.is_not(None),
        deletion.live(_columns.configuration_id),
        ~scim_breaker.paused(_columns.configuration_id),
    )
    .order_by(_columns.wished_at)
)
_waiting = (
    _columns.organization_id == sa.bindparam("organization"),
    _columns.wish.is_not(None),
    _mine,
)
_PAUSED = Statement(
    sa.select(*scim_users.columns)
    .where(*_waiting, _columns.id > sa.bindparam("after", type_=sa.Uuid))
    .order_by(_columns.id)
    .limit(sa.bindparam("limit"))
)
_PAUSED_COUNT = Statement(
    sa.select(sa.func.count())
    .select_from(table)
    .where(*_waiting, _columns.wished_at >= sa.bindparam("since", type_=Instant))
)
_DISCARD = (
    sa.update(table)
    .where(*_waiting, _columns.wished_at >= sa.bindparam("since", type_=Instant))
    .values(wish=None, wished_at=None)
    .returning(_columns.id)
)
_ACTIVE = Statement(sa.select(sa.func.count()).select_from(table).where(_mine, _columns.active))
_CONFIGURATIONS = Statement(
    sa.select(_columns.configuration_id)
    .where(_columns.id == sa.bindparam("user"))
    .order_by(_columns.configuration_id)
)
_ERASE = Statement(sa.delete(table).where(_mine, _columns.id == sa.bindparam("user")))
_KNOWN = Among(sa.select(_columns.id).where(_mine), _columns.id)
_HOLD = Among(
    sa.select(_columns.id)
    .where(_mine)
    .order_by(_columns.id)
    .with_for_update(read=True, key_share=True),
    _columns.id,
)
#: Of so many rows at once; users mostly have four.
_MOST_VALUES = 8
_INSERT_VALUES = [
    Statement(
        sa.insert(values).values(
            [
                {
                    name: sa.bindparam(f"{name}_{row}", type_=column.type)
                    for name, column in values.c.items()
                }
                for row in range(rows)
            ]
        )
    )
    for rows in range(1, _MOST_VALUES + 1)
]
_DELETE_VALUES = Statement(
    sa.delete(values).where(
        values.c.configuration_id == _configuration, values.c.user_id == sa.bindparam("user")
    )
)
#: Of a configuration that is deleted, which has no groups any more; the values of users before them.
VALUE_SLICES = Slices(
    values,
    values.c.configuration_id,
    values.c.user_id,
    values.c.attribute,
    values.c.position,
)
SLICES = Slices(table, _columns.configuration_id, _columns.id)
#: A link counts while its configuration is there. Its denial is first taken over by others.
counts = sa.or_(_columns.active.is_(sa.false()), deletion.live(_columns.configuration_id))


class _Users:
    """Where users keep the attributes that filters look into."""

    table = table
    records = scim_users
    id = _columns.id
    counted = "users"

    _OWN: Mapping[str, Comparable] = {
        "id": Comparable(_columns.id),
        "userName": Comparable(_columns.user_name_key),
        "externalId": Comparable(_columns.external_id),
        "active": Comparable(_columns.active),
        "meta.created": Comparable(_columns.created_at),
        "meta.lastModified": Comparable(_columns.updated_at),
        "meta.version": Comparable(_columns.version),
    }
    _VALUES: Mapping[str, Comparable] = {
        part: Comparable(values.c[column], values.c.key if part == "value" else None)
        for part, column in _PARTS.items()
    }

    def column(self, attribute: str) -> Comparable | None:
        return self._OWN.get(attribute)

    def elements(self, attribute: str) -> Elements:
        if attribute == "groups":
            members, group = scim_membership.table, scim_membership.group
            tables = members.join(group, group.c.roster_id == members.c.roster_id)
            rows = members.c.configuration_id == _configuration
            parts = {"value": Comparable(group.c.id)}
            return Elements(members.c.user_id, tables, rows, parts)
        rows = (values.c.configuration_id == _configuration) & (values.c.attribute == attribute)
        return Elements(values.c.user_id, values, rows, self._VALUES)

    def part(self, attribute: str) -> tuple[Elements, Comparable]:
        name, part = _split(attribute)
        elements = self.elements(name)
        return elements, elements.parts[part]

    def sort_value(self, attribute: str) -> sa.ColumnElement[Any]:
        """Of several values, the primary one counts, else the first (RFC 7644, section 3.4.2.3)."""
        if (own := self._OWN.get(attribute)) is not None:
            return own.column
        name, part = _split(attribute)
        return (
            sa.select(values.c[_PARTS[part]])
            .where(
                values.c.configuration_id == _columns.configuration_id,
                values.c.user_id == _columns.id,
                values.c.attribute == name,
            )
            .order_by(sa.func.coalesce(values.c.is_primary, sa.false()).desc(), values.c.position)
            .limit(1)
            .scalar_subquery()
        )


USERS = _Users()


def _split(attribute: str) -> tuple[str, str]:
    """Which rows, and what of them: an attribute with one value is the `value` of its only row."""
    if attribute in scim_attribute.USER_TEXTS or attribute == scim_attribute.SCHEMAS:
        return attribute, "value"
    name, _, part = attribute.rpartition(".")
    return name, part


def denying(connection: sa.Connection, configuration: ScimConfigurationId) -> list[UserId]:
    """The members whom the configuration's provider has deactivated."""
    return [UserId(id) for (id,) in _DENYING.all(connection, {"configuration": configuration})]


def some_denying(
    connection: sa.Connection, configuration: ScimConfigurationId, limit: int
) -> list[UserId]:
    """The first of `denying`."""
    given = {"configuration": configuration, "limit": limit}
    return [UserId(id) for (id,) in _SOME_DENYING.all(connection, given)]


def fall_silent(
    unit: UnitOfWork, configuration: ScimConfigurationId, ids: Collection[UserId]
) -> None:
    """What a configuration that is deleted denied to these is somebody else's now."""
    unit.write(*_FALL_SILENT.calls(sorted(ids), {"configuration": configuration}))


def wished(connection: sa.Connection, organization: OrganizationId) -> list[ScimUser]:
    """The users of whom a provider wants what was refused, in the order of these wishes.

    Without those of configurations whose breaker has paused what they want.
    """
    return [scim_users.of(row) for row in _WISHED.all(connection, {"organization": organization})]


def paused(
    connection: sa.Connection,
    organization: OrganizationId,
    configuration: ScimConfigurationId,
    after: UUID,
    limit: int,
) -> list[ScimUser]:
    """Up to `limit` of those of a configuration, in the order of their ids."""
    given = {"organization": organization, "configuration": configuration}
    rows = _PAUSED.all(connection, {**given, "after": after, "limit": limit})
    return [scim_users.of(row) for row in rows]


def count_paused(
    connection: sa.Connection,
    organization: OrganizationId,
    configuration: ScimConfigurationId,
    since: datetime,
) -> int:
    """How many of a configuration are wanted gone since a moment."""
    given = {"organization": organization, "configuration": configuration, "since": since}
    ((count,),) = _PAUSED_COUNT.all(connection, given)
    return int(count)


def discard(
    connection: sa.Connection,
    organization: OrganizationId,
    configuration: ScimConfigurationId,
    since: datetime,
) -> int:
    """Forgets what the provider of a configuration has wanted since a moment; of how many."""
    given = {"organization": organization, "configuration": configuration, "since": since}
    return len(connection.execute(_DISCARD, given).all())


def active(connection: sa.Connection, configuration: ScimConfigurationId) -> int:
    """How many users of a configuration are active: counts them."""
    ((count,),) = _ACTIVE.all(connection, {"configuration": configuration})
    return int(count)


def hold(
    connection: sa.Connection, configuration: ScimConfigurationId, ids: Collection[UserId]
) -> set[UserId]:
    """Those of these that are users of the configuration, and stay so until this transaction ends."""
    held = _HOLD.all(connection, sorted(ids), {"configuration": configuration})
    return {UserId(id) for (id,) in held}


def configurations_of(connection: sa.Connection, user: UserId) -> list[ScimConfigurationId]:
    """The configurations that know a member, also those that are being deleted."""
    return [ScimConfigurationId(id) for (id,) in _CONFIGURATIONS.all(connection, {"user": user})]


def erase(unit: UnitOfWork, configuration: ScimConfigurationId, user: UserId) -> None:
    """As `delete`, of a configuration that may be being deleted itself."""
    given = {"configuration": configuration, "user": user}
    unit.write((_DELETE_VALUES, given), (_ERASE, given))


def known(
    connection: sa.Connection, configuration: ScimConfigurationId, ids: Collection[UserId]
) -> set[UserId]:
    """Those of these that are users of the configuration."""
    found = _KNOWN.all(connection, sorted(ids), {"configuration": configuration})
    return {UserId(id) for (id,) in found}


def insert(unit: UnitOfWork, user: ScimUser) -> None:
    """Raises AlreadyExists if another user of the configuration has the userName or the externalId."""
    found = scim_attribute.elements(user.attributes)
    calls = (scim_users.inserting(user), *_inserting_values(user, found))
    scim_naming.write(unit, *calls, unique=_UNIQUE, taken=taken)


def update(unit: UnitOfWork, before: ScimUser, after: ScimUser) -> None:
    """Writes a user that this transaction has locked, and that differs. Raises as `insert`."""
    calls = [scim_users.updating(after.configuration_id, before, after)]
    old, new = before.attributes, after.attributes
    if _searched(old, new) != _searched(new, old):
        calls.append(_deleting_values(after))
        calls += _inserting_values(after, scim_attribute.elements(new))
    scim_naming.write(unit, *calls, unique=_UNIQUE, taken=taken)


def delete(connection: sa.Connection, user: ScimUser) -> None:
    """Deletes a user that this transaction has locked and that is in no group any more."""
    together(connection, _deleting_values(user))
    scim_users.delete(connection, user.configuration_id, user.id)


def _searched(document: Document, other: Document) -> list[Element]:
    """What filters can look into, of that in which a document differs from another."""
    own = {name: said for name, said in document.items() if other.get(name) != said}
    return list(scim_attribute.elements(own))


def _deleting_values(user: ScimUser) -> Call:
    return _DELETE_VALUES, {"configuration": user.configuration_id, "user": user.id}


def _inserting_values(user: ScimUser, new: Iterable[Element]) -> list[Call]:
    rows = [
        {
            **_NOTHING,
            **{_PARTS[part]: value for part, value in element.parts.items()},
            "key": _key(element.parts.get("value")),
            "user_id": user.id,
            "attribute": element.attribute,
            "position": element.position,
            "configuration_id": user.configuration_id,
        }
        for element in new
    ]
    return [
        (
            _INSERT_VALUES[len(some) - 1],
            {f"{name}_{row}": said for row, each in enumerate(some) for name, said in each.items()},
        )
        for some in (rows[at : at + _MOST_VALUES] for at in range(0, len(rows), _MOST_VALUES))
    ]


def _key(value: str | bool | None) -> str | None:
    return value[:KEY_LENGTH] if isinstance(value, str) else None
