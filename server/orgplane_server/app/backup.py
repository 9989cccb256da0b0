"""Backing up a SQLite database with its key, and restoring it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ..domain.instant import Clock
from ..settings import Settings
from ..store.backup import Contents, copied, in_use, sync
from ..store.engine.database_url import is_sqlite, sqlite_path
from ..store.engine.file_lock import FileLock, lock_file
from ..usecases.sealing import Sealer
from . import secret_key
from .key_rotation import former_of
from .opening import refuse_missing
from .private_file import draft


class BackupError(Exception):
    """Nothing was backed up, or restored; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Backup:
    """`file` and, if the key is with it, `key_file`; `key` is where the server has the key."""

    file: Path
    revision: str
    key_file: Path | None
    key: Path


@dataclass(frozen=True, slots=True)
class Restored:
    """The files that were there are `kept` under these names. Without its key the server does not start: `former_key` is a file that has it, if a rotation left one."""

    database: Path
    revision: str
    kept: list[Path]
    key: Path
    has_key: bool
    former_key: Path | None = None


def back_up(settings: Settings, file: Path, *, with_key: bool, force: bool) -> Backup:
    """A sound copy of the database, as of one moment, for its owner only; servers go on.

    Raises BackupError, store.backup.CopyError and secret_key.SecretKeyError.
    """
    with _told():
        return _back_up(settings, file, with_key=with_key, force=force)


def _back_up(settings: Settings, file: Path, *, with_key: bool, force: bool) -> Backup:
    database = _database(settings, "pg_dump --format=custom --file FILE")
    refuse_missing(settings)
    if not database.exists():
        raise BackupError(
            f"the database {database} does not exist; say --database-url as the server has it"
        )
    key, key_file = _key(settings), Path(f"{file}.key")
    targets = [file, key_file] if with_key else [file]
    for target in targets:
        _check_target(target, database, key, force=force)
    with copied(database, file.absolute().parent) as (copy, contents):
        if with_key:
            _check_key(key, contents, database)
            with draft(key_file, key.read_bytes()) as key_copy:
                _publish(key_copy, key_file, force=force)
        _publish(copy, file, force=force)
    return Backup(file, contents.revision, key_file if with_key else None, key)


def restore(
    settings: Settings, file: Path, clock: Clock, *, with_key: bool, force: bool
) -> Restored:
    """Puts a backup in the database's place, while no server has that open; what was there is kept.

    Raises BackupError, store.backup.CopyError, migrate.SchemaTooNew and secret_key.SecretKeyError.
    """
    with _told():
        return _restore(settings, file, clock, with_key=with_key, force=force)


def _restore(
    settings: Settings, file: Path, clock: Clock, *, with_key: bool, force: bool
) -> Restored:
    database = _database(settings, "pg_restore --dbname DATABASE FILE")
    key, key_file = _key(settings), Path(f"{file}.key")
    if not database.parent.is_dir():
        raise BackupError(f"the folder {database.parent} does not exist")
    if not file.exists():
        raise BackupError(f"the backup {file} does not exist")
    if not file.is_file():
        raise BackupError(f"{file} is no file")
    if database.exists() and not database.is_file():
        raise BackupError(f"the database {database} is no file")
    if database.exists() and not force:
        raise BackupError(f"the database {database} exists already; --force sets it aside")
    with _alone(database), copied(file, database.parent) as (copy, contents):
        now, kept = clock(), list[Path]()
        if with_key:
            _check_key(key_file, contents, file)
            _put_key(key_file, key, contents, now, kept, force=force)
        has_key = contents.fingerprint is None or _fingerprint(key) == contents.fingerprint
        # The log of the old one would be read as the new one's.
        for suffix in ("", "-wal", "-shm"):
            _set_aside(database, suffix, now, kept)
        _publish(copy, database, force=False)
    former = None
    if contents.fingerprint is not None and not has_key:
        former = former_of(key, contents.fingerprint)
    return Restored(database, contents.revision, kept, key, has_key, former)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Whatever the system refuses is told with the file that it was about."""
    try:
        yield
    except OSError as error:
        raise BackupError(f"{error.filename}: {error.strerror}") from None


def _check_target(target: Path, database: Path, key: Path, *, force: bool) -> None:
    """Raises BackupError where a backup would replace what must stay: also `--force` is for backups alone."""
    beside = [Path(f"{database.resolve()}{suffix}") for suffix in ("-wal", "-shm", "-journal")]
    if any(_same(target, own) for own in (database, *beside, lock_file(database), key)):
        raise BackupError(f"{target} is a file of the database {database} itself; name another one")
    if target.exists() and not target.is_file():
        raise BackupError(f"{target} exists and is no file; name another one")
    if target.exists() and not force:
        raise BackupError(f"{target} exists already; --force replaces it")


def _same(one: Path, other: Path) -> bool:
    """Also by way of links."""
    both = one.exists() and other.exists()
    return one.samefile(other) if both else one.resolve() == other.resolve()


def _database(settings: Settings, postgresql: str) -> Path:
    if not is_sqlite(settings.database_url):
        raise BackupError(
            f"this is for SQLite; with PostgreSQL use its own `{postgresql}`, and keep the secret key file too"
        )
    name = sqlite_path(settings.database_url)
    if name is None:
        raise BackupError("a database in memory ends with its process; name a file")
    return Path(name).absolute()


def _key(settings: Settings) -> Path:
    path = secret_key.path(settings)
    assert path is not None  # as the database is a file
    return path.absolute()


def _fingerprint(key: Path) -> bytes | None:
    kept = secret_key.read(key)
    return None if kept is None else Sealer(kept.key).fingerprint


def _check_key(key: Path, contents: Contents, database: Path) -> None:
    fingerprint = _fingerprint(key)
    if fingerprint is None:
        raise BackupError(f"the secret key file {key} does not exist")
    if contents.fingerprint not in (None, fingerprint):
        raise BackupError(f"the secret key in {key} is not the one that {database} was sealed with")


@contextlib.contextmanager
def _alone(database: Path) -> Iterator[None]:
    """No server has the database open, and none can open it. Raises BackupError."""
    path = lock_file(database)
    fresh, lock = not path.exists(), FileLock(path)
    try:
        if in_use(database) or not lock.exclude():
            raise BackupError(
                f"a server or another program has the database {database} open; stop it first"
            )
        yield
    except BaseException:
        if fresh:  # it would tell of a database
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
        raise
    finally:
        lock.close()


def _put_key(
    given: Path, key: Path, contents: Contents, now: datetime, kept: list[Path], *, force: bool
) -> None:
    if key.exists():
        if _fingerprint(key) == _fingerprint(given):
            return
        if not force:
            raise BackupError(f"{key} holds another key; --force sets it aside")
        _set_aside(key, "", now, kept)
    with draft(key, given.read_bytes()) as copy:
        _publish(copy, key, force=False)


def _set_aside(path: Path, suffix: str, now: datetime, kept: list[Path]) -> None:
    old = Path(f"{path}{suffix}")
    if old.exists():
        aside = Path(f"{path}.before-restore-{now:%Y%m%dT%H%M%SZ}{suffix}")
        if aside.exists():
            raise BackupError(f"{aside} exists already; try again")
        old.rename(aside)
        kept.append(aside)


def _publish(copy: Path, file: Path, *, force: bool) -> None:
    """The copy gets its name, for good; without `force` nothing that has it is replaced."""
    try:
        if force:
            copy.replace(file)
        else:
            os.link(copy, file)
    except FileExistsError:
        raise BackupError(f"{file} exists already") from None
    sync(file.absolute().parent)
