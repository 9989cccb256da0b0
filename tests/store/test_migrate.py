from __future__ import annotations

import concurrent.futures
import importlib.resources
import json
import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import postgres
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from orgplane_server.domain.audit import ActorKind
from orgplane_server.domain.identifier import OrganizationId
from orgplane_server.domain.revision import FieldChange
from orgplane_server.domain.scim_attribute import ENTERPRISE_USER
from orgplane_server.domain.text import folded
from orgplane_server.store import account, audit, scim_user
from orgplane_server.store.engine import database_url, migrate
from orgplane_server.store.engine.database import Database
from orgplane_server.store.engine.dialect import Dialect
from orgplane_server.store.engine.schema import Instant, metadata
from orgplane_server.store.engine.sqlite import Sqlite
from orgplane_server.usecases.minting import new_id

_VERSIONS = importlib.resources.files("orgplane_server.store.migrations") / "versions"
#: All there are, the oldest first.
REVISIONS = sorted(
    match[1] for file in _VERSIONS.iterdir() if (match := re.match(r"(\d+)_", file.name))
)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of its own, as migrations are for all of it."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/orgplane.db"
    return postgres.new_database(request.getfixturevalue("postgresql_server"))


@pytest.fixture
def kind(url: str) -> Dialect:
    return database_url.of_url(url)


@pytest.fixture
def engine(kind: Dialect) -> Iterator[sa.Engine]:
    engine = kind.engine(writes=True)
    yield engine
    engine.dispose()


def test_the_history_ends_in_the_tables_of_the_code(engine: sa.Engine, kind: Dialect) -> None:
    assert migrate.upgrade(engine, kind) == migrate.HEAD
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_an_empty_database_is_given_at_once_what_the_history_ends_in(
    engine: sa.Engine, kind: Dialect
) -> None:
    with kind.migrating(engine) as connection:
        migrate.apply(connection)
        by_steps = structure(connection), contents(connection)
        connection.execute(sa.text("DROP TABLE alembic_version"))
        metadata.drop_all(connection)
        if engine.dialect.name == "postgresql":
            functions = (
                "SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
            )
            for (function,) in connection.exec_driver_sql(functions).all():
                connection.exec_driver_sql(f"DROP FUNCTION {function}")
    migrate.upgrade(engine, kind)
    with engine.connect() as connection:
        assert migrate.current(connection) == migrate.HEAD
        assert (structure(connection), contents(connection)) == by_steps


def structure(connection: sa.Connection) -> dict[str, Any]:
    """All that a database says of its tables, but for the order of columns."""
    inspector = sa.inspect(connection)
    said: dict[str, Any] = {
        "tables": {
            table: {
                "columns": sorted(str(column) for column in inspector.get_columns(table)),
                "key": inspector.get_pk_constraint(table),
                "references": sorted(map(str, inspector.get_foreign_keys(table))),
                "unique": sorted(map(str, inspector.get_unique_constraints(table))),
                "checks": sorted(map(str, inspector.get_check_constraints(table))),
            }
            for table in inspector.get_table_names()
        }
    }
    if connection.dialect.name == "sqlite":
        # The inspector knows neither partial indexes' conditions nor which numbers are never given again.
        rows = connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master")
        made = [(kind, name, sql or "") for kind, name, sql in rows]
        said["indexes"] = {
            name: sql.replace('"', "") for kind, name, sql in made if kind == "index"
        }
        said["counted"] = sorted(name for _, name, sql in made if "AUTOINCREMENT" in sql)
    else:
        rows = connection.exec_driver_sql(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' UNION ALL"
            " SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE connamespace = 'public'::regnamespace UNION ALL"
            " SELECT proname, pg_get_functiondef(oid) FROM pg_proc"
            " WHERE pronamespace = 'public'::regnamespace UNION ALL"
            " SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
        )
        said["indexes"] = sorted(map(tuple, rows))
    return said


def test_the_head_that_the_code_knows_is_the_newest_revision() -> None:
    config = Config()
    config.set_main_option("script_location", "orgplane_server.store:migrations")
    assert ScriptDirectory.from_config(config).get_heads() == [migrate.HEAD]


def test_upgrading_again_changes_nothing(engine: sa.Engine, kind: Dialect) -> None:
    assert migrate.upgrade(engine, kind) == migrate.upgrade(engine, kind) == migrate.HEAD


def test_a_newer_schema_is_refused(engine: sa.Engine, kind: Dialect) -> None:
    migrate.upgrade(engine, kind)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(migrate.SchemaTooNew, match="9999"):
        migrate.upgrade(engine, kind)


def test_foreign_keys_are_on_again_afterwards(tmp_path: Path) -> None:
    sqlite = Sqlite(f"{tmp_path}/orgplane.db")
    engine = sqlite.engine(writes=True)
    migrate.upgrade(engine, sqlite)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    engine.dispose()


def test_many_may_start_at_once(url: str) -> None:
    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        for database in threads.map(lambda _: Database.open(url), range(4)):
            assert database.pending() is None
            database.close()


def test_what_is_to_be_done_is_told_without_doing_it(url: str) -> None:
    database = Database.open(url, migrated=False)
    assert (
        database.pending() == f"the schema is at revision none, this program needs {migrate.HEAD}"
    )
    assert database.pending() is not None
    database.migrate()
    assert database.pending() is None
    database.close()


@pytest.mark.parametrize(
    "revision",
    [
        revision
        if revision in (REVISIONS[0], *REVISIONS[-3:-1])
        else pytest.param(revision, marks=pytest.mark.long)
        for revision in REVISIONS[:-1]
    ],
)
def test_every_row_of_an_older_schema_is_kept(
    engine: sa.Engine, kind: Dialect, revision: str
) -> None:
    with kind.migrating(engine) as connection:
        migrate.apply(connection, revision)
    with engine.begin() as connection:
        before = fill(connection)
    assert migrate.upgrade(engine, kind) == migrate.HEAD
    with engine.connect() as connection:
        after = contents(connection)
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    assert {name for name, rows in before.items() if rows} <= set(after)
    for name, (row,) in before.items():
        (kept,) = after[name]
        assert {column: kept[column] for column in row.keys() & kept.keys()} == {
            column: row[column] for column in row.keys() & kept.keys()
        }


def fill(connection: sa.Connection) -> dict[str, list[dict[str, object]]]:
    """A row in every table, made from nothing but what the schema says of it; the contents then."""
    for table in tables(connection):
        values = {}
        for column in table.columns:
            if column.foreign_keys:
                (key,) = column.foreign_keys
                values[column.name] = connection.execute(sa.select(key.column)).scalar_one()
            elif column.name == "configuration_id":  # of what the row belongs to
                values[column.name] = connection.execute(
                    sa.text("SELECT id FROM scim_configuration")
                ).scalar_one()
            elif table.name != "audit_retention":  # has its only row from the beginning
                values[column.name] = something(column.type)
        if values:
            connection.execute(table.insert(), values)
    return contents(connection)


def something(kind: sa.types.TypeEngine[Any]) -> object:
    """A value of a reflected type. SQLite's know less: an id is text of 32 characters there."""
    match kind:
        case sa.Uuid():
            return uuid.uuid4()
        case sa.CHAR():
            return uuid.uuid4().hex
        case sa.String():
            return "text"
        case sa.Boolean():
            return True
        case sa.Integer():
            return 7
        case sa.LargeBinary():
            return b"x" * 32
        case sa.DateTime():
            return datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)
        case sa.JSON():
            return {"a": ["b", "c"]}
    raise AssertionError(f"what is a {kind!r}?")


def tables(connection: sa.Connection) -> list[sa.Table]:
    """What others belong to first, also what no foreign key says."""
    reflected = sa.MetaData()
    reflected.reflect(connection)
    found = [table for table in reflected.sorted_tables if table.name != "alembic_version"]
    owners = ("organization", "sso_configuration", "scim_configuration")
    return sorted(found, key=lambda table: table.name not in owners)


def contents(connection: sa.Connection) -> dict[str, list[dict[str, object]]]:
    return {
        table.name: [dict(row) for row in connection.execute(sa.select(table)).mappings()]
        for table in tables(connection)
    }


def test_the_first_schema_is_brought_up_to_date_with_what_is_in_it(
    engine: sa.Engine, kind: Dialect
) -> None:
    organization, user = uuid.uuid4(), uuid.uuid4()
    with kind.migrating(engine) as connection:
        migrate.apply(connection, "0001")
        insert = sa.text(
            "INSERT INTO audit_event (occurred_at, organization_id, actor_user_id, action, subject,"
            " subject_id, changes, request_id, peer) VALUES (:now, :organization, :actor, 'update',"
            " 'organization', :organization, '{\"name\": [\"a\", \"b\"]}', 'r', 'p')"
        ).bindparams(
            sa.bindparam("now", type_=Instant),
            sa.bindparam("organization", type_=sa.Uuid),
            sa.bindparam("actor", type_=sa.Uuid),
        )
        now = datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)
        for actor in (user, None):
            values = {"now": now, "organization": organization, "actor": actor}
            connection.execute(insert, values)
    assert migrate.upgrade(engine, kind) == migrate.HEAD
    with engine.connect() as connection:
        first, second = audit.following(
            connection, OrganizationId(organization), 0, audit.TRAIL.settled(connection), 10
        )
        assert (first.actor, first.actor_id) == (ActorKind.USER, user)
        assert (second.actor, second.actor_id) == (ActorKind.OPERATOR, None)
        assert first.id != second.id
        assert first.occurred_at == now
        assert first.changes == {"name": FieldChange("a", "b")}
        assert (first.sequence, second.sequence) == (1, 2)


def test_members_get_the_keys_that_they_are_found_by(engine: sa.Engine, kind: Dialect) -> None:
    with kind.migrating(engine) as connection:
        migrate.apply(connection, "0002")
        at = {"id": uuid.uuid4(), "now": datetime(2026, 1, 2, tzinfo=UTC)}
        types = [sa.bindparam("id", type_=sa.Uuid), sa.bindparam("now", type_=Instant)]
        for statement in (
            "INSERT INTO organization VALUES (:id, 'Acme', '[]', :now, :now)",
            "INSERT INTO member VALUES"
            " (:id, :id, 'Zoë', 'Zoe@Acme.example', '', 'admin', 'active', :now, :now)",
        ):
            connection.execute(sa.text(statement).bindparams(*types), at)
    migrate.upgrade(engine, kind)
    with engine.connect() as connection:
        row = connection.execute(sa.text("SELECT name_key, email_key, name FROM member")).one()
        assert tuple(row) == ("zoe\u0308", "zoe@acme.example", "Zoë")


#: Where what ignores case was folded anew.
FOLDED = "0012"
ODOS, ODOSS, ODOS_UPPER = (
    "\u03bf\u03b4\u03bf\u03c2",
    "\u03bf\u03b4\u03bf\u03c3",
    "\u039f\u0394\u039f\u03a3",
)
SAS_SAS = "\u03c3\u03b1\u03c2 \u03c3\u03b1\u03c3", "\u03c3\u03b1\u03c3 \u03c3\u03b1\u03c2"


def test_what_ignores_case_is_folded_anew(engine: sa.Engine, kind: Dialect) -> None:
    """What was no duplicate before stays; a user's schemas become something to look for."""
    before = REVISIONS[REVISIONS.index(FOLDED) - 1]
    with kind.migrating(engine) as connection:
        migrate.apply(connection, before)
    configurations = [uuid.uuid4() for _ in range(2)]
    users = [
        # configuration, userName, the key that it had, the key that it gets
        (0, "Ann", "ann", "ann"),
        (0, ODOS_UPPER, ODOS, ODOSS),
        (1, ODOS, ODOS, ODOS),  # the next one is spelled so
        (1, ODOSS, ODOSS, ODOSS),
        (1, "Vi\xea\u0323t", "vi\u1ec7t", "vie\u0302\u0323t"),
        (
            1,
            "\uac01" * 500,
            "\uac01" * 500,
            "\uac01" * 500,
        ),  # too long for an index when taken apart
    ]
    groups = [
        (0, "Zo\xeb", "zo\xeb", "zoe\u0308"),
        (
            1,
            SAS_SAS[0],
            SAS_SAS[0],
            "\u03c3\u03b1\u03c3 \u03c3\u03b1\u03c3",
        ),  # the older one of two
        (1, SAS_SAS[1], SAS_SAS[1], SAS_SAS[1]),
    ]
    with engine.begin() as connection:
        schema = {table.name: table for table in tables(connection)}

        def insert(table: str, /, **given: Any) -> uuid.UUID:
            """A row with what is given, and with anything else where there has to be something."""
            id, columns = given.pop("id", new_id()), schema[table].columns
            values = {"id": id, **given} if "id" in columns else given
            for column in columns:
                if column.name not in values and not column.nullable:
                    values[column.name] = something(column.type)
                if isinstance(values.get(column.name), uuid.UUID) and not isinstance(
                    column.type, sa.Uuid
                ):
                    values[column.name] = values[column.name].hex
            connection.execute(schema[table].insert(), values)
            return uuid.UUID(str(id))

        organization = insert("organization", name="Acme")
        for configuration in configurations:
            insert(
                "scim_configuration",
                id=configuration,
                organization_id=organization,
                token_digest=configuration.bytes * 2,
            )
        ids = []
        for which, name, key, _ in users:
            document = {"schemas": ["core"], "userName": name, "title": name}
            if name == "Ann":
                document |= {
                    "schemas": ["core", ENTERPRISE_USER],
                    ENTERPRISE_USER: {"department": "D"},
                }
            email = f"{name[:9]}@x.example"
            id = insert(
                "member",
                organization_id=organization,
                name=name,
                name_key=name.lower(),
                email=email,
                email_key=email.lower(),
            )
            insert(
                "scim_user",
                id=id,
                organization_id=organization,
                configuration_id=configurations[which],
                user_name_key=key,
                external_id=None,
                document=json.dumps(document, ensure_ascii=False),
            )
            insert(
                "scim_user_value",
                user_id=id,
                configuration_id=configurations[which],
                attribute="title",
                position=0,
                key=key[:128],
                value=key,
            )
            ids.append(id)
        group_ids = [
            insert(
                "scim_group",
                organization_id=organization,
                configuration_id=configurations[which],
                display_name=name,
                display_name_key=key,
                external_id=None,
            )
            for which, name, key, _ in groups
        ]
    assert migrate.upgrade(engine, kind) == migrate.HEAD
    with engine.connect() as connection:
        for id, (_, name, _, key) in zip(ids, users, strict=True):
            assert one(connection, "scim_user", "user_name_key", id) == key
            assert one(connection, "member", "name_key", id) == folded(name)[:256]
            assert one(connection, "member", "email_key", id) == folded(f"{name[:9]}@x.example")
        for id, (_, _, _, key) in zip(group_ids, groups, strict=True):
            assert one(connection, "scim_group", "display_name_key", id) == key
        found = {
            (row.user_id, row.attribute): (row.key, row.value)
            for row in connection.execute(sa.select(scim_user.values))
        }
    for id, (_, name, _, _) in zip(ids, users, strict=True):
        assert found.pop((id, "title")) == (folded(name)[:128], folded(name))
    assert found.pop((ids[0], "schemas"))[1] == ENTERPRISE_USER.lower()
    assert found.pop((ids[0], f"{ENTERPRISE_USER}:department")) == ("d", "d")
    assert not found


def one(connection: sa.Connection, table: str, column: str, id: uuid.UUID) -> object:
    found = metadata.tables[table]
    return connection.execute(sa.select(found.c[column]).where(found.c.id == id)).scalar_one()


def test_who_suspended_a_member_is_known_from_who_says_so(engine: sa.Engine, kind: Dialect) -> None:
    """By a provider if it says so; by an administrator otherwise. Two members with one address stay two.

    An administrator's SetSuspended used to change what a provider had said: who did it last is on the audit trail.
    """
    now = datetime(2026, 1, 2, tzinfo=UTC)
    organization, configuration = uuid.uuid4(), uuid.uuid4()
    statuses = {
        "active": True,
        "by provider": False,
        "by administrator": True,
        "unlinked": None,
        "overwritten": False,
        "again by provider": False,
    }
    administrator, provider = "user", "scim_configuration"
    suspensions = {
        "by provider": [provider],
        "overwritten": [provider, administrator],
        "again by provider": [administrator, provider],
    }
    ids = {name: uuid.uuid4() for name in statuses}
    with kind.migrating(engine) as connection:
        migrate.apply(connection, "0008")

        def insert(table: str, **values: object) -> None:
            columns = [sa.column(key, _TYPES.get(key)) for key in values]
            connection.execute(sa.insert(sa.table(table, *columns)).values(**values))

        stamps = {"created_at": now, "updated_at": now}
        insert("organization", id=organization, name="Acme", invite_domains=[], **stamps)
        insert(
            "scim_configuration",
            id=configuration,
            organization_id=organization,
            name="",
            enabled=True,
            allow_unverified_email_account_linking=False,
            token_digest=bytes(32),
            **{"token_lifetime": 1, "token_expires_at": now, **stamps},
        )
        for name, active in statuses.items():
            insert(
                "member",
                id=ids[name],
                organization_id=organization,
                name=name,
                name_key=name,
                email="a@acme.example",
                email_key="a@acme.example",
                avatar_url="",
                role="member",
                status="active" if name == "active" else "suspended",
                **stamps,
            )
            if active is not None:
                mine = {"configuration_id": configuration, "user_id": ids[name]}
                insert(
                    "scim_user",
                    id=ids[name],
                    configuration_id=configuration,
                    version=1,
                    organization_id=organization,
                    user_name_key=name,
                    active=active,
                    **{"document": "{}", **stamps},
                )
                insert("scim_user_value", attribute="title", position=0, **mine)
        for name, actors in suspensions.items():
            for minutes, actor in enumerate(actors):
                for changes in ({"status": ["active", "suspended"]}, {"name": ["", name]}):
                    insert(
                        "audit_event",
                        id=uuid.uuid4(),
                        occurred_at=now - timedelta(minutes=9 - minutes),
                        organization_id=organization,
                        actor=actor,
                        action="update",
                        subject="user",
                        subject_id=ids[name],
                        changes=changes,
                        request_id="",
                        peer="",
                    )
        migrate.apply(connection, "0009")
    with engine.begin() as connection:
        rows = connection.execute(
            sa.text("SELECT name, status, suspended_by_administrator_at FROM member").columns(
                suspended_by_administrator_at=Instant
            )
        ).all()
        assert {row.name: (row.status, row[2]) for row in rows} == {
            "active": ("active", None),
            "by provider": ("suspended", None),
            "by administrator": ("suspended", now),
            "unlinked": ("suspended", now),
            "overwritten": ("suspended", now - timedelta(minutes=8)),
            "again by provider": ("suspended", None),
        }
        links = connection.execute(
            sa.text("SELECT id, active, active_said_at FROM scim_user").columns(
                id=sa.Uuid, active=sa.Boolean, active_said_at=Instant
            )
        ).all()
        assert {(row.id, row.active, row.active_said_at) for row in links} == {
            (ids[name], active or name == "overwritten", now)
            for name, active in statuses.items()
            if active is not None
        }
        overwritten = sa.text(
            "SELECT document, version, contested FROM scim_user WHERE user_name_key = 'overwritten'"
        )
        (link,) = connection.execute(overwritten.columns(contested=sa.Boolean))
        assert (json.loads(link.document), link.version, link.contested) == (
            {"active": True},
            2,
            True,
        )
        # A member may have a link of another configuration now.
        second = {"configuration": uuid.uuid4(), "digest": b"2" * 32}
        types = [sa.bindparam("configuration", type_=sa.Uuid)]
        for name, key, copied in (
            ("scim_configuration", "id", {"token_digest": "digest"}),
            ("scim_user", "configuration_id", {}),
            ("scim_user_value", "configuration_id", {}),
        ):
            given = {key: "configuration", **copied}
            columns = [each["name"] for each in sa.inspect(connection).get_columns(name)]
            selected = ", ".join(f":{given[c]}" if c in given else c for c in columns)
            copy = f"INSERT INTO {name} ({', '.join(columns)}) SELECT {selected} FROM {name}"
            chosen = {key: second[key] for key in ("configuration", *copied.values())}
            connection.execute(sa.text(copy).bindparams(*types), chosen)


def test_a_first_token_is_due_to_who_joined_and_has_none(engine: sa.Engine, kind: Dialect) -> None:
    now = datetime(2026, 1, 2, tzinfo=UTC)
    stamps = {"created_at": now, "updated_at": now}
    organization, first, bearer, joined = (uuid.uuid4() for _ in range(4))
    with kind.migrating(engine) as connection:
        migrate.apply(connection, "0019")

        def insert(table: str, **values: object) -> None:
            columns = [sa.column(key, _TYPES.get(key)) for key in values]
            connection.execute(sa.insert(sa.table(table, *columns)).values(**values))

        insert("organization", id=organization, name="Acme", invite_domains=[], **stamps)
        mine = {"organization_id": organization}
        for id in (first, bearer, joined):
            texts = dict.fromkeys(("name", "name_key", "email", "email_key", "avatar_url"), "")
            insert("member", id=id, role="member", status="active", **mine, **texts, **stamps)
            insert("account_member", id=id, account_id=first, **mine)
        insert(
            "personal_access_token",
            **{"id": uuid.uuid4(), "user_id": bearer, "creator_id": bearer, **mine},
            description="",
            read_only=True,
            digest=bytes(32),
            created_at=now,
            expires_at=now,
        )
    migrate.upgrade(engine, kind)
    with engine.connect() as connection:
        table = account.table.c
        due = connection.execute(sa.select(table.id).where(table.first_token_due)).scalars()
        assert set(due) == {joined}


#: What the tables of migrations hold that is no text.
_TYPES: dict[str, sa.types.TypeEngine[Any]] = {
    **dict.fromkeys(
        ("id", "organization_id", "configuration_id", "user_id", "subject_id"), sa.Uuid()
    ),
    **dict.fromkeys(("creator_id", "account_id"), sa.Uuid()),
    **dict.fromkeys(("created_at", "updated_at", "token_expires_at", "occurred_at"), Instant()),
    "expires_at": Instant(),
    "read_only": sa.Boolean(),
    **dict.fromkeys(("invite_domains", "changes"), sa.JSON()),
    **dict.fromkeys(("active", "enabled", "allow_unverified_email_account_linking"), sa.Boolean()),
}


def test_a_migration_that_leaves_dangling_references_is_undone(tmp_path: Path) -> None:
    sqlite = Sqlite(str(tmp_path / "orgplane.db"))
    engine = sqlite.engine(writes=True)

    def migrate_badly() -> None:
        with sqlite.migrating(engine) as connection:
            connection.exec_driver_sql("CREATE TABLE first (id INTEGER PRIMARY KEY)")
            connection.exec_driver_sql("CREATE TABLE second (id REFERENCES first (id))")
            connection.exec_driver_sql("INSERT INTO second VALUES (1)")

    with pytest.raises(RuntimeError, match="1 dangling"):
        migrate_badly()
    assert sa.inspect(engine).get_table_names() == []
    engine.dispose()
