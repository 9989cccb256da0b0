"""The write-ahead log of an open SQLite file that somebody cuts off: what was answered would be gone in silence."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
from pathlib import Path

from databases import new_sqlite
from orgplane_server.domain.errors import Unavailable
from orgplane_server.domain.instant import system_clock
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.organization import Foundation
from processes import eventually


async def test_a_log_that_is_cut_off_is_noticed_and_a_checkpoint_is_none(tmp_path: Path) -> None:
    async with contextlib.aclosing(Database.open(new_sqlite(tmp_path))) as database:
        file = database._file
        assert file is not None
        await Foundation(database, system_clock).create("Acme", "ada@acme.example")
        log = file._log
        # By the means that SQLite has for it, from another process: a second connection in this one would end its locks.
        program = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('PRAGMA wal_checkpoint(TRUNCATE)').fetchall()"
        await asyncio.to_thread(
            subprocess.run, [sys.executable, "-c", program, str(file._path)], check=True
        )
        assert not os.path.getsize(log)  # noqa: ASYNC240, PTH202
        assert file._cut_off() is None
        await Foundation(database, system_clock).create("Globex", "ada@acme.example")
        file.recall()
        os.truncate(log, 0)

        def lost() -> bool:
            try:
                file.recall()
            except Unavailable:
                return True
            return False

        eventually(lost)
