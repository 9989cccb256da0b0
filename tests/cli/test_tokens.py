"""`orgplane tokens`"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from uuid import uuid4

import processes
from command_line import CommandLine
from processes import environment


def test_those_that_were_made_with_a_session_are_told(tmp_path: Path) -> None:
    url = processes.sqlite_url(tmp_path)
    with processes.Server("--database-url", url) as server:
        owner = processes.create_organization(url)
        variables = environment(ORGPLANE_URL=server.url, ORGPLANE_TOKEN=owner.token)
        run = CommandLine(variables, tmp_path)
        run.ok("tokens", "create", "--description", "nightly")
        assert "SSO" not in run("tokens", "list").stderr
        through = uuid4()
        with contextlib.closing(sqlite3.connect(tmp_path / "orgplane.db")) as database, database:
            database.execute(
                "UPDATE personal_access_token SET signed_in_through = ? WHERE description = 'nightly'",
                (through.hex,),
            )
        (id,) = (
            each["id"] for each in run.json("tokens", "list") if each["description"] == "nightly"
        )
        told = f"orgplane: {id} was made by whoever had signed in through SSO configuration {through}: "
        for words in (("list",), ("get", id)):
            assert run("tokens", *words).stderr.startswith(told)
        assert run("tokens", "list", "--output", "json").stderr == ""
