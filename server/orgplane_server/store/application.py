from __future__ import annotations

import sqlalchemy as sa

from ..domain.application import Application, ApplicationSecret
from ..domain.identifier import ApplicationId, ApplicationSecretId
from .engine.driver import Row
from .engine.records import Records
from .engine.schema import Instant, Texts, metadata
from .engine.statement import Call, Statement

table = sa.Table(
    "application",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("return_to", Texts, nullable=False),
    sa.Column("organization_ids", Texts, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
)
secrets = sa.Table(
    "application_secret",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("application_id", sa.Uuid, sa.ForeignKey("application.id"), nullable=False),
    sa.Column("digest", sa.LargeBinary(32), nullable=False, unique=True),
    sa.Column("created_at", Instant, nullable=False),
    sa.Index(None, "application_id", "id"),
)

applications = Records(table, Application, tenant="id")
application_secrets = Records(secrets, ApplicationSecret, tenant="application_id")

_ALL = sa.select(*applications.columns).order_by(table.c.id)
_SECRETS = Statement(
    sa.select(*application_secrets.columns)
    .where(secrets.c.application_id == sa.bindparam("application"))
    .order_by(secrets.c.id)
)
_with_secret = sa.select(*applications.columns, secrets.c.id.label("secret_id")).join(
    secrets, secrets.c.application_id == table.c.id
)
_BY_SECRET = Statement(_with_secret.where(secrets.c.digest == sa.bindparam("digest")))
_AGAIN = Statement(_with_secret.where(secrets.c.id == sa.bindparam("secret")))
_FORGET_SECRETS = Statement(
    sa.delete(secrets).where(secrets.c.application_id == sa.bindparam("application"))
)


def every(connection: sa.Connection) -> list[Application]:
    """All there are, oldest first."""
    return [applications.of(row) for row in connection.execute(_ALL)]


def secrets_of(connection: sa.Connection, id: ApplicationId) -> list[ApplicationSecret]:
    """Oldest first."""
    rows = _SECRETS.all(connection, {"application": id})
    return [application_secrets.of(row) for row in rows]


def by_secret(
    connection: sa.Connection, digest: bytes
) -> tuple[Application, ApplicationSecretId] | None:
    """The application with this secret, and which of its own it is."""
    return _known(_BY_SECRET.one_or_none(connection, {"digest": digest}))


def with_secret(
    connection: sa.Connection, secret: ApplicationSecretId
) -> tuple[Application, ApplicationSecretId] | None:
    """`by_secret`, of one that was shown before."""
    return _known(_AGAIN.one_or_none(connection, {"secret": secret}))


def _known(row: Row | None) -> tuple[Application, ApplicationSecretId] | None:
    return None if row is None else (applications.of(row[:-1]), row[-1])


def forgetting_secrets(id: ApplicationId) -> Call:
    return _FORGET_SECRETS, {"application": id}
