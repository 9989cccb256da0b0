"""The files of a rotation: wherever it was interrupted, it is taken up again, and nothing is lost."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from clock import SettableClock
from orgplane_server.app import key_rotation, secret_key
from orgplane_server.app.key_rotation import former_of
from orgplane_server.app.secret_key import SecretKeyError
from orgplane_server.store.engine.database import Database
from orgplane_server.store.secret_key import find
from orgplane_server.usecases.organization import Founded
from orgplane_server.usecases.sealing import Sealer


async def test_the_new_key_takes_the_place_of_the_old_which_is_kept_for_backups(
    database: Database, clock: SettableClock, acme: Founded, tmp_path: Path
) -> None:
    path = tmp_path / "secret.key"
    with pytest.raises(SecretKeyError, match="no secret key yet"):
        await key_rotation.rotate(database, clock, path, None, forget=False)
    old = await secret_key.of(database, path)
    text = path.read_text()
    done = await key_rotation.rotate(database, clock, path, None, forget=False)
    assert (done.key, done.values) == (path, 0)
    assert done.former == former_of(path, Sealer(old).fingerprint)
    assert done.former is not None
    assert done.former.read_text() == text
    new = await secret_key.of(database, path)
    assert new != old
    assert await database.read(find) == Sealer(new).fingerprint
    assert not secret_key.next_of(path).exists()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600

    # Killed after the database was sealed, before the key was in place.
    for former in ("there", "not there"):
        path.replace(secret_key.next_of(path))
        if former == "there":
            path.write_text(text)
        with pytest.raises(
            SecretKeyError, match=r"run orgplane-server rotate-secret-key again|is missing"
        ):
            await secret_key.of(database, path)
        done = await key_rotation.rotate(database, clock, path, None, forget=False)
        assert (done.key, done.values) == (path, 0)
        assert await secret_key.of(database, path) == new

    # Killed before that: the key that was made is the next one.
    assert secret_key.create(secret_key.next_of(path))
    made = secret_key.next_of(path).read_text().split()[0]
    await key_rotation.rotate(database, clock, path, None, forget=False)
    assert (await secret_key.of(database, path)).hex() == made

    path.write_text("ab" * 32)
    with pytest.raises(SecretKeyError, match="is not the one that this database was sealed with"):
        await key_rotation.rotate(database, clock, path, None, forget=False)


async def test_a_key_that_is_given_stays_where_it_is(
    database: Database, clock: SettableClock, acme: Founded, tmp_path: Path
) -> None:
    path, given = tmp_path / "secret.key", tmp_path / "given.key"
    old = await secret_key.of(database, path)
    with pytest.raises(SecretKeyError, match="does not exist"):
        await key_rotation.rotate(database, clock, path, given, forget=False)
    with pytest.raises(SecretKeyError, match="holds the key that the database is sealed with"):
        await key_rotation.rotate(database, clock, path, path, forget=False)
    given.write_text("cd" * 32)
    for _ in range(2):  # again does no harm
        done = await key_rotation.rotate(database, clock, path, given, forget=False)
        assert (done.key, done.former) == (given, None)
    assert await secret_key.of(database, given) == bytes.fromhex("cd" * 32)
    assert secret_key.loaded(path) == old
    with pytest.raises(SecretKeyError, match="is not the one that this database was sealed with"):
        await secret_key.of(database, path)
