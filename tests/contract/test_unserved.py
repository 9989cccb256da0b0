"""What of the vendor's contract is not served is listed, with the reason; and nothing else is."""

from __future__ import annotations

import re
from pathlib import Path

from every_rpc import METHODS
from orgplane_server.rpc.contract import RPCS

PAGE = Path(__file__).resolve().parents[2] / "docs/compatibility.md"


def test_every_rpc_that_is_not_served_is_listed_with_the_reason() -> None:
    section = PAGE.read_text().split("## What is not served\n")[1].split("\n## ")[0]
    listed: list[tuple[str, str]] = []
    for line in re.findall(r"^\| `.*", section, re.MULTILINE):
        _, service, rpcs, why, _ = line.split("|")
        assert why.strip()
        listed += [(service.strip(" `"), rpc) for rpc in re.findall(r"`(\w+)`", rpcs)]
    known = {(service, rpc) for service, rpcs in RPCS.items() for rpc in rpcs}
    served = {tuple(name.removeprefix("gitpod.v1.").split("/")) for name in METHODS}
    assert sorted(listed) == sorted(known - served)
