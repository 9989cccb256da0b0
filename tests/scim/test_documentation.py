"""docs/scim.md says what the code does."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from orgplane_server.scim import dialects, errors

TEXT = (Path(__file__).parents[2] / "docs" / "scim.md").read_text()
_, _, TABLE = TEXT.partition("| what is sent | who sends it | what the RFC says |\n|---|---|---|\n")


def row(deviation: object) -> str:
    summary, _, rest = (inspect.getdoc(deviation) or "").partition("\n\n")
    said = dict(line.split(": ", 1) for line in rest.splitlines() if ": " in line)
    return f"| {summary} | {said['Who']} | {said['RFC']} |"


def test_every_deviation_is_listed_and_no_other() -> None:
    rows = "\n".join(row(deviation) for deviation in dialects.DEVIATIONS)
    assert TABLE.strip() == rows, f"put this at the end of docs/scim.md:\n{rows}"


@pytest.mark.parametrize("status", sorted({*errors.STATUSES.values(), 500}))
def test_every_status_is_explained(status: int) -> None:
    assert f"\n| {status} | " in TEXT


@pytest.mark.parametrize("scim_type", sorted(errors.SCIM_TYPES.values()))
def test_every_scim_type_is_explained(scim_type: str) -> None:
    assert f"`{scim_type}`" in TEXT
