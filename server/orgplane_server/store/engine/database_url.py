"""What a database URL names."""

from __future__ import annotations

import sqlalchemy as sa

from .dialect import Dialect
from .sqlite import Sqlite


class DatabaseURLError(ValueError):
    """The database URL names nothing that we can open."""


def of_url(url: str) -> Dialect:
    """Raises DatabaseURLError for a URL that is neither `sqlite:` nor `postgresql:`."""
    try:
        parsed = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise DatabaseURLError(
            "not a database URL; expected for example sqlite:///file.db"
        ) from None
    match parsed.drivername:
        case "sqlite":
            if parsed.host or parsed.username or parsed.query or parsed.database == "":
                raise DatabaseURLError(
                    "an sqlite: URL is sqlite:///FILE (sqlite:////FILE from the root on), without a host and "
                    "without options, or sqlite:// for a database in memory"
                )
            return Sqlite(None if parsed.database == ":memory:" else parsed.database)
        case "postgresql" | "postgres":
            from .postgresql import Postgresql  # and with it psycopg, which SQLite does not need

            return Postgresql(parsed.set(drivername="postgresql+psycopg"))
    raise DatabaseURLError(
        f"{parsed.drivername}: databases are not supported; "
        "expected sqlite:///file.db or postgresql://user@host/name"
    )


def is_sqlite(url: str) -> bool:
    """Whether a URL names a database of one machine. Raises DatabaseURLError as `Database.open`."""
    return isinstance(of_url(url), Sqlite)


def sqlite_path(url: str) -> str | None:
    """The file that a `sqlite:` URL names; None for a database in memory, or one that is no file."""
    dialect = of_url(url)
    return dialect.path if isinstance(dialect, Sqlite) else None
