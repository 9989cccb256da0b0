"""docs/clients.md leads from an empty folder to a program that calls."""

from __future__ import annotations

import re
from pathlib import Path

import orgplane
import pytest
import readme
import toolchains
from processes import Organization, Server

DOCUMENT = Path(__file__).parents[2] / "docs/clients.md"


@pytest.mark.long
@pytest.mark.parametrize(
    ("heading", "program"), [("## Go from nothing", "go"), ("## TypeScript from nothing", "npm")]
)
def test_the_document_leads_from_an_empty_folder_to_a_call(
    heading: str,
    program: str,
    clone: Path,
    registry_cache: Path,
    server: Server,
    organization: Organization,
    client: orgplane.Client,
    tmp_path: Path,
) -> None:
    toolchains.need(program)
    part = DOCUMENT.read_text().partition(f"{heading}\n")[2].partition("\n## ")[0]
    part = part.replace("../orgplane", str(clone))
    part = part.replace(readme.URL, server.url).replace(readme.TOKEN, organization.token)
    assert str(clone) in part
    assert organization.token in part
    script = []
    for kind, block in re.findall(r"^```(\w+)\n(.*?)^```", part, re.MULTILINE | re.DOTALL):
        if kind == "console":
            script += re.findall(r"^\$ (.*)$", block, re.MULTILINE)
        else:  # a file, whose first line has its name
            (tmp_path / block.split("\n", 1)[0].split()[1]).write_text(block)
    told = toolchains.fetch(
        *("bash", "-euo", "pipefail", "-c", "\n".join(script)),
        cwd=tmp_path,
        BUF_CACHE_DIR=str(registry_cache),
    )
    user = client.users.get_authenticated_user().user
    assert told.splitlines()[-1] == f"signed in as {user.name}"
