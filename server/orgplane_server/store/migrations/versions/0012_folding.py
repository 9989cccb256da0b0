"""What is compared without regard to case is folded anew, character by character.

A name that is another's by the new folding keeps the key that it has: both stay, and the older one, or the one
that is spelled so, is found by it. Which schemas a user has can be filtered by.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from orgplane_server.domain.scim_attribute import ENTERPRISE_USER, elements
from orgplane_server.domain.text import folded
from orgplane_server.domain.user import email_key, name_key
from orgplane_server.store.engine.schema import Key

revision = "0012"
down_revision = "0011"

_BATCH = 500
#: Longer ones do not fit into an index; they keep the key that they have.
_MAX_KEY_BYTES = 2048
_KEY_LENGTH = 128
_PARTS = {
    **{name: name for name in ("value", "display", "type", "formatted", "locality")},
    **{name: name for name in ("region", "country")},
    "primary": "is_primary",
    "streetAddress": "street_address",
    "postalCode": "postal_code",
}

_member = sa.table(
    "member",
    sa.column("id", sa.Uuid()),
    sa.column("name"),
    sa.column("email"),
    sa.column("name_key"),
    sa.column("email_key"),
)
_user = sa.table(
    "scim_user",
    sa.column("id", sa.Uuid()),
    sa.column("configuration_id", sa.Uuid()),
    sa.column("user_name_key", Key),
    sa.column("document", sa.Text()),
)
_group = sa.table(
    "scim_group",
    sa.column("id", sa.Uuid()),
    sa.column("configuration_id", sa.Uuid()),
    sa.column("display_name", sa.Text()),
    sa.column("display_name_key", Key),
)
_value = sa.table(
    "scim_user_value",
    *(sa.column(name, sa.Uuid()) for name in ("user_id", "configuration_id")),
    *(sa.column(name) for name in ("attribute", "key", *_PARTS.values())),
    sa.column("position", sa.Integer()),
)


def upgrade() -> None:
    for rows in _batches(_member):
        _update(
            _member,
            [
                (row, {"name_key": name_key(row["name"]), "email_key": email_key(row["email"])})
                for row in rows
                if not (row["name"] + row["email"]).isascii()
            ],
        )
    for rows in _batches(_group):
        _rename(_group, "display_name_key", [(row, row["display_name"]) for row in rows])
    for rows in _batches(_user):
        told = [
            (row, json.loads(row["document"]))
            for row in rows
            if not row["document"].isascii() or ENTERPRISE_USER in row["document"]
        ]
        _rename(_user, "user_name_key", [(row, said["userName"]) for row, said in told])
        _look_into(told)


def _batches(table: sa.TableClause) -> Iterator[Sequence[sa.RowMapping]]:
    """All rows, a few at a time, the oldest first."""
    connection, key = op.get_bind(), _key_of(table)
    batch = sa.select(table).order_by(*key).limit(_BATCH)
    rows = connection.execute(batch).mappings().all()
    while rows:
        yield rows
        last = sa.tuple_(*(sa.literal(rows[-1][column.name], sa.Uuid()) for column in key))
        rows = connection.execute(batch.where(sa.tuple_(*key) > last)).mappings().all()


def _key_of(table: sa.TableClause) -> list[sa.ColumnElement[Any]]:
    """What a row is told by: its id, and the configuration if there is one."""
    return [table.c[name] for name in ("id", "configuration_id") if name in table.c]


def _update(
    table: sa.TableClause,
    rows: list[tuple[sa.RowMapping, dict[str, Any]]],
    *where: sa.ColumnElement[bool],
) -> None:
    if rows:
        key = _key_of(table)
        values: dict[str, Any] = {name: sa.bindparam(name) for name in rows[0][1]}
        these = [column == sa.bindparam(f"of_{column.name}") for column in key]
        op.get_bind().execute(
            sa.update(table).where(*these, *where).values(values),
            [{**{f"of_{c.name}": row[c.name] for c in key}, **new} for row, new in rows],
        )


def _rename(table: sa.TableClause, column: str, names: list[tuple[sa.RowMapping, str]]) -> None:
    """Folds names anew that are unique within a configuration."""
    other = table.alias("other")
    taken = sa.exists().where(
        other.c.configuration_id == table.c.configuration_id,
        other.c[column] == sa.bindparam(column),
    )
    rows = [
        (row, {column: key})
        for row, name in names
        if not name.isascii() and len((key := folded(name)).encode()) <= _MAX_KEY_BYTES
    ]
    _update(table, rows, ~taken)


def _look_into(documents: Sequence[tuple[sa.RowMapping, dict[str, Any]]]) -> None:
    rows = [
        {
            **dict.fromkeys(_PARTS.values()),
            **{_PARTS[part]: value for part, value in element.parts.items() if part in _PARTS},
            "key": _key(element.parts.get("value")),
            "user_id": row["id"],
            "configuration_id": row["configuration_id"],
            "attribute": element.attribute,
            "position": element.position,
        }
        for row, document in documents
        for element in elements(document)
    ]
    if documents:
        connection = op.get_bind()
        these = [
            _value.c[name] == sa.bindparam(f"of_{name}") for name in ("user_id", "configuration_id")
        ]
        connection.execute(
            sa.delete(_value).where(*these),
            [
                {"of_user_id": row["id"], "of_configuration_id": row["configuration_id"]}
                for row, _ in documents
            ],
        )
        if rows:
            connection.execute(sa.insert(_value), rows)


def _key(value: str | bool | None) -> str | None:
    return value[:_KEY_LENGTH] if isinstance(value, str) else None
