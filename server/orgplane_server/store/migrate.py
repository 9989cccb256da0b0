"""One schema history for every database, applied under the write lock: safe to run from many processes."""

from __future__ import annotations

import sqlalchemy as sa

#: The newest revision in `migrations/versions`; a test holds it to be so. Known here so that a server
#: whose schema is current starts without importing Alembic.
HEAD = "0001"

_VERSION = sa.table("alembic_version", sa.column("version_num"))


class SchemaTooNew(Exception):
    """The database was migrated by a newer program than this one."""


def upgrade(engine: sa.Engine) -> str:
    """Applies all that is missing, or nothing at all; the revision that the schema is at then.

    Raises SchemaTooNew, leaving the database untouched, if it is at a revision unknown here.
    """
    with engine.connect() as connection:
        # A batch ALTER on SQLite drops and renames tables, and this must be said before BEGIN.
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.rollback()
        try:
            with connection.begin():
                if current(connection) != HEAD:
                    _apply(connection)
                return HEAD
        finally:
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")
            connection.rollback()


def current(connection: sa.Connection) -> str | None:
    """The revision of the schema; None for an empty database."""
    if not sa.inspect(connection).has_table(_VERSION.name):
        return None
    return connection.execute(sa.select(_VERSION.c.version_num)).scalar_one_or_none()


def _apply(connection: sa.Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", "orgplane_server.store:migrations")
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    revision = current(connection)
    if revision is not None and revision not in known:
        raise SchemaTooNew(
            f"the database is at schema revision {revision}, this program knows only up to {HEAD}; "
            "use the newer orgplane-server that migrated it"
        )
    command.upgrade(config, "head")
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        raise RuntimeError(f"migration left {len(broken)} dangling references")
