"""The examples as somebody finds them who has just cloned the project, and a real server to call."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import orgplane
import pytest
import toolchains
from processes import Organization, Server, create_organization, sqlite_url

ROOT = Path(__file__).resolve().parents[2]
#: Where the module is that buf.lock names, beside the registry: on a proxy for modules of Go.
PROTOVALIDATE = "github.com/bufbuild/protovalidate@v1.2.0"


@pytest.fixture(scope="session")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a clone has for clients in other languages, and nothing that was generated or built."""
    clone = tmp_path_factory.mktemp("clone")
    listed = subprocess.run(
        [
            *("git", "ls-files", "--cached", "--others", "--exclude-standard"),
            *("buf.yaml", "buf.lock", "proto", "examples"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.splitlines():
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, clone / name)
    return clone


@pytest.fixture(scope="session")
def image(clone: Path) -> Path:
    """What `make image` makes, where the examples' documentation expects it."""
    image = clone / "build/orgplane.binpb"
    toolchains.run(sys.executable, ROOT / "gen/generate.py", "--image", image, cwd=ROOT)
    return image


@pytest.fixture(scope="session")
def registry_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """buf's cache as the registry would fill it: buf compares it with the digest in buf.lock."""
    toolchains.need("go")
    module = json.loads(
        toolchains.fetch("go", "mod", "download", "-json", PROTOVALIDATE, cwd=ROOT / "examples/go")
    )
    source = Path(module["Dir"])
    commit = next(
        line.split()[1]
        for line in (ROOT / "buf.lock").read_text().splitlines()
        if line.strip().startswith("commit:")
    )
    cache = tmp_path_factory.mktemp("cache")
    kept = cache / "v3/modules/b5/buf.build/bufbuild/protovalidate" / commit
    for name, where in {
        "buf/validate/validate.proto": source / "proto/protovalidate/buf/validate/validate.proto",
        "LICENSE": source / "LICENSE",
        "README.md": source / "README.md",
    }.items():
        (kept / "files" / name).parent.mkdir(parents=True, exist_ok=True)
        (kept / "files" / name).write_bytes(where.read_bytes())
    (kept / "module.yaml").write_text("version: v1\nfiles_dir: files\n")
    return cache


@pytest.fixture(scope="session")
def page_port() -> int:
    """Where a page will be served: an origin that the server lets in."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return sqlite_url(tmp_path_factory.mktemp("examples"))


@pytest.fixture(scope="session")
def server(database_url: str, page_port: int) -> Iterator[Server]:
    origin = f"http://localhost:{page_port}"
    with Server("--database-url", database_url, "--cors-allowed-origins", origin) as server:
        yield server


@pytest.fixture
def organization(server: Server, database_url: str) -> Organization:
    return create_organization(database_url)


@pytest.fixture
def client(server: Server, organization: Organization) -> Iterator[orgplane.Client]:
    with orgplane.Client(url=server.url, token=organization.token) as client:
        yield client
