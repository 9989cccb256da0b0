"""One schema history for every database, applied under the write lock: safe to run from many processes."""

from __future__ import annotations

import importlib
from pathlib import Path

import sqlalchemy as sa

from .dialect import Dialect
from .schema import metadata

#: Where the schema's history is, one file for each revision: `<revision>_<what it does>.py`.
_HISTORY = "orgplane_server.store:migrations"
_VERSIONS = Path(__file__).parents[1] / "migrations" / "versions"
#: Declares every table that the history ends in.
_TABLES = "orgplane_server.store.tables"
#: The newest revision. By the files' names, so that a server whose schema is current starts without Alembic.
HEAD = max(file.name.partition("_")[0] for file in _VERSIONS.glob("[0-9]*_*.py"))

#: Alembic's own.
_VERSION = sa.Table(
    "alembic_version",
    sa.MetaData(),
    sa.Column("version_num", sa.String(32), nullable=False),
    sa.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


class SchemaTooNew(Exception):
    """The database was migrated by a newer program than this one."""

    def __init__(self, what: str, revision: str) -> None:
        super().__init__(
            f"{what} is at schema revision {revision}, this program knows only up to {HEAD}; "
            "use the newer orgplane-server that migrated it"
        )


def upgrade(engine: sa.Engine, dialect: Dialect) -> str:
    """Applies all that is missing, or nothing at all; the revision that the schema is at then.

    Raises SchemaTooNew, leaving the database untouched, if it is at a revision unknown here.
    """
    with dialect.migrating(engine) as connection:
        revision = current(connection)
        if revision is None:
            _create(connection)
        elif revision != HEAD:
            apply(connection)
        return HEAD


def _create(connection: sa.Connection) -> None:
    """Makes at once what the history would end in; all of it is several times the work, and so is Alembic."""
    importlib.import_module(_TABLES)
    metadata.create_all(connection, checkfirst=False)
    _VERSION.create(connection)
    connection.execute(sa.insert(_VERSION).values(version_num=HEAD))


def pending(engine: sa.Engine) -> str | None:
    """What `upgrade` would do, in a sentence; None if the schema is up to date."""
    with engine.begin() as connection:
        revision = current(connection)
    if revision == HEAD:
        return None
    return f"the schema is at revision {revision or 'none'}, this program needs {HEAD}"


def current(connection: sa.Connection) -> str | None:
    """The revision of the schema; None for an empty database."""
    if not sa.inspect(connection).has_table(_VERSION.name):
        return None
    return connection.execute(sa.select(_VERSION.c.version_num)).scalar_one_or_none()


def apply(connection: sa.Connection, target: str = HEAD) -> None:
    """Upgrades to `target` within the connection's transaction, begun by `Dialect.migrating`."""
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", _HISTORY)
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    revision = current(connection)
    if revision is not None and revision not in known:
        raise SchemaTooNew("the database", revision)
    command.upgrade(config, target)
