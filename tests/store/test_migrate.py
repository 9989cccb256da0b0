from __future__ import annotations

import concurrent.futures
import importlib.resources
import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from orgplane_server.store import dialect, migrate, tables
from orgplane_server.store.database import Database
from orgplane_server.store.schema import metadata


@pytest.fixture
def engine(tmp_path: Path) -> sa.Engine:
    return dialect.sqlite_engine(f"{tmp_path}/orgplane.db", writes=True)


def test_the_history_ends_in_the_tables_of_the_code(engine: sa.Engine) -> None:
    assert migrate.upgrade(engine) == migrate.HEAD
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_the_head_that_the_code_knows_is_the_newest_revision() -> None:
    folder = importlib.resources.files("orgplane_server.store.migrations") / "versions"
    revisions = sorted(
        match[1] for file in folder.iterdir() if (match := re.match(r"(\d+)_", file.name))
    )
    assert revisions[-1] == migrate.HEAD


def test_upgrading_again_changes_nothing(engine: sa.Engine) -> None:
    assert migrate.upgrade(engine) == migrate.upgrade(engine) == migrate.HEAD
    engine.dispose()


def test_a_newer_schema_is_refused(engine: sa.Engine) -> None:
    migrate.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(migrate.SchemaTooNew, match="9999"):
        migrate.upgrade(engine)
    engine.dispose()


def test_foreign_keys_are_on_again_afterwards(engine: sa.Engine) -> None:
    migrate.upgrade(engine)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    engine.dispose()


def test_many_may_start_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/orgplane.db"
    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        for database in threads.map(lambda _: Database.open(url), range(4)):
            database._dispose()


@pytest.mark.parametrize("table", tables.TABLES, ids=lambda table: table.name)
def test_every_look_up_by_organization_uses_an_index(engine: sa.Engine, table: sa.Table) -> None:
    if "organization_id" not in table.c:
        pytest.skip("not of an organization")
    migrate.upgrade(engine)
    key = "sequence" if "sequence" in table.c else "id"
    query = f"SELECT * FROM {table.name} WHERE organization_id = 'x' AND {key} > 0 ORDER BY {key}"
    with engine.connect() as connection:
        plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}").all())
    engine.dispose()
    assert "SEARCH" in plan
    assert "SCAN" not in plan
    assert "TEMP B-TREE" not in plan
