"""The TypeScript example, built and run as its README says: from Node, and from a page in a browser."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import browser
import orgplane
import pytest
import readme
import story
import toolchains
from processes import Lines, Organization, Server


@pytest.fixture(scope="module")
def example(clone: Path) -> Path:
    toolchains.need("node", "npm")
    example = clone / "examples/typescript"
    toolchains.fetch("npm", "ci", cwd=example)
    return example


def test_the_readme_leads_to_a_service_that_calls(
    example: Path,
    registry_cache: Path,
    server: Server,
    organization: Organization,
    client: orgplane.Client,
) -> None:
    told = readme.follow(example, server, organization, registry_cache)
    begun = next(i for i, line in enumerate(told) if line.startswith("signed in"))
    story.check(told[begun:], organization, client)


def test_without_the_registry_the_same_is_generated(
    example: Path, image: Path, registry_cache: Path, tmp_path: Path
) -> None:
    readme.compare_inputs(example, image, registry_cache, tmp_path)


@pytest.fixture(scope="module")
def page(example: Path, image: Path, page_port: int) -> Iterator[str]:
    """Where the page is, which `npm run page` serves."""
    toolchains.run("npx", "buf", "generate", image, cwd=example)
    toolchains.run("npm", "run", "build", cwd=example)
    process = subprocess.Popen(
        ["node", "dist/serve.js"],
        cwd=example,
        env=toolchains.ENVIRONMENT | {"PORT": str(page_port)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = Lines(process.stdout).next()
    assert line == f"http://localhost:{page_port}"
    yield line
    process.terminate()
    process.wait()


@pytest.fixture
def chromium(tmp_path: Path) -> Iterator[browser.Browser]:
    with browser.Browser(tmp_path) as chromium:
        yield chromium


class TestPage:
    def enter(self, chromium: browser.Browser, page: str, url: str, token: str) -> list[str]:
        """Opens the page, fills the form in, and reads what it tells until the end."""
        chromium.open(page)
        text = chromium.evaluate(
            f"""new Promise((resolve) => {{
                const form = document.querySelector("form");
                const output = document.querySelector("output");
                new MutationObserver(() => {{
                    if (/^(done|failed)/m.test(output.textContent)) resolve(output.textContent);
                }}).observe(output, {{ childList: true, characterData: true, subtree: true }});
                form.elements.baseUrl.value = {json.dumps(url)};
                form.elements.token.value = {json.dumps(token)};
                form.querySelector("button").click();
            }})"""
        )
        return str(text).splitlines()

    def test_it_calls_from_an_origin_that_is_allowed(
        self,
        chromium: browser.Browser,
        page: str,
        server: Server,
        organization: Organization,
        client: orgplane.Client,
    ) -> None:
        *told, last = self.enter(chromium, page, server.url, organization.token)
        assert last == "done"
        story.check(told, organization, client)

    def test_it_is_kept_out_from_any_other(
        self,
        chromium: browser.Browser,
        page: str,
        server: Server,
        organization: Organization,
        page_port: int,
    ) -> None:
        other = f"http://127.0.0.1:{page_port}"  # the same page, another origin
        told = self.enter(chromium, other, server.url, organization.token)
        assert len(told) == 1
        assert told[0].startswith("failed:")
        assert "Failed to fetch" in told[0]
