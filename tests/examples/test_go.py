"""The Go example, built and run as its README says."""

from __future__ import annotations

from pathlib import Path

import orgplane
import readme
import story
import toolchains
from processes import Organization, Server


def test_the_readme_leads_to_a_service_that_calls(
    clone: Path,
    registry_cache: Path,
    server: Server,
    organization: Organization,
    client: orgplane.Client,
) -> None:
    told = readme.follow(clone / "examples/go", server, organization, registry_cache)
    half = len(told) // 2
    for one in (told[:half], told[half:]):  # over gRPC, then over Connect
        story.check(one, organization, client)


def test_without_the_registry_the_same_is_generated(
    clone: Path, image: Path, registry_cache: Path, tmp_path: Path
) -> None:
    toolchains.need("go")
    readme.compare_inputs(clone / "examples/go", image, registry_cache, tmp_path)
