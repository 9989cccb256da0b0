"""A file that goes away under an open database is told, and nothing is answered from it any more."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from clock import SettableClock
from orgplane_server.domain.errors import Unavailable
from orgplane_server.domain.identifier import OrganizationId
from orgplane_server.domain.organization import Organization
from orgplane_server.store import audit
from orgplane_server.store.engine.database import Database
from orgplane_server.store.organization import exists_any, organizations
from orgplane_server.telemetry import logs
from orgplane_server.usecases.minting import new_id
from processes import PATIENCE

Harm = Callable[[Path], object]


def replaced(file: Path) -> None:
    shutil.copy(file, file.with_name("copy"))
    file.with_name("copy").rename(file)


def beside(suffix: str) -> Harm:
    return lambda file: Path(f"{file}{suffix}").unlink()


def written_over(text: bytes) -> Harm:
    """As `cp` does: the file stays the same one."""
    return lambda file: file.write_bytes(text)


def older_copy(file: Path) -> None:
    shutil.copyfile(kept(file), file)


def kept(file: Path) -> Path:
    """Where an older copy is."""
    return file.parent.with_name("older")


HARM = {
    "deleted": Path.unlink,
    "moved with its folder": lambda file: file.parent.rename(file.parent.with_name("moved")),
    "replaced": replaced,
    "log deleted": beside("-wal"),
    "index deleted": beside("-shm"),
}
OVERWRITING = {
    "cut off": written_over(b""),
    "no database": written_over(b"certainly not a database" * 100),
    "an older copy": older_copy,
}


async def write(database: Database, clock: SettableClock) -> None:
    new = Organization(OrganizationId(new_id()), "Acme" * 50, (), clock.now, clock.now)
    await database.write(lambda unit: unit.run(organizations.inserting(new)))


@pytest.fixture
async def file(tmp_path: Path, clock: SettableClock) -> Path:
    """A database, of which an older copy is kept."""
    file = tmp_path / "data" / "orgplane.db"
    file.parent.mkdir()
    Database.open(f"sqlite:///{file}").close()
    shutil.copyfile(file, kept(file))
    database = Database.open(f"sqlite:///{file}")
    for _ in range(40):
        await write(database, clock)
    await database.aclose()
    return file


@pytest.mark.parametrize("kind", [*HARM, *OVERWRITING])
async def test_a_lost_file_answers_nothing_until_it_is_opened_anew(
    file: Path, clock: SettableClock, capfd: pytest.CaptureFixture[str], kind: str
) -> None:
    database = Database.open(f"sqlite:///{file}")
    await write(database, clock)
    await asyncio.gather(*(database.read(exists_any) for _ in range(8)))  # by all threads
    capfd.readouterr()
    async with database.following(audit.TRAIL, new_id()) as follower:
        if kind in HARM:
            HARM[kind](file)
            with pytest.raises(Unavailable, match="start the server anew"):
                await write(database, clock)
        else:
            OVERWRITING[kind](file)
        assert await follower.wait(PATIENCE)
    file.parent.mkdir(exist_ok=True)
    shutil.copyfile(kept(file), file)  # too early
    for _ in range(2):
        with pytest.raises(Unavailable, match="start the server anew"):
            await write(database, clock)
        with pytest.raises(Unavailable, match="start the server anew"):
            await database.read(exists_any)
    await database.aclose()
    logs.drain()
    told = [line for line in capfd.readouterr().err.splitlines() if "database lost" in line]
    assert len(told) == 1
    assert str(file) in told[0]
    assert "(orgplane-server restore FILE), start the server" in told[0]
