"""The server in process, for the machines that meet it through every door."""

from __future__ import annotations

from collections.abc import Iterator

import postgres
import pytest
from every_door import Doors


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def doors(request: pytest.FixtureRequest) -> Iterator[Doors]:
    """For all tests, as it takes longer to open it than most of them take. Each has an organization of its own."""
    url = "sqlite://"
    if request.param == "postgresql":
        url = postgres.new_database(request.getfixturevalue("postgresql_server"))
    doors = Doors(url)
    yield doors
    doors.close()
