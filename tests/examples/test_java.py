"""The Java example, built and run as its README says."""

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
    toolchains.need("javac", "mvn")
    told = readme.follow(clone / "examples/java", server, organization, registry_cache)
    story.check(told, organization, client)


def test_without_the_registry_the_same_is_generated(
    clone: Path, image: Path, registry_cache: Path, tmp_path: Path
) -> None:
    toolchains.need("javac", "mvn")
    example = clone / "examples/java"
    toolchains.fetch("mvn", "-q", "-B", "initialize", cwd=example)
    readme.compare_inputs(example, image, registry_cache, tmp_path)
