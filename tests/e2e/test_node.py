"""Node's clients show errors as the server wrote them: each undoes the escapes of gRPC's messages in its own way."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from urllib.parse import urlsplit

import toolchains
from processes import Organization, Server

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (
    "@bufbuild/protobuf@^2.10",
    "@connectrpc/connect@^2.1",
    "@connectrpc/connect-node@^2.1",
    "@grpc/grpc-js@^1.14",
)


def test_they_show_an_error_as_it_is(
    server: Server, organization: Organization, tmp_path: Path
) -> None:
    toolchains.need("node", "npm")
    toolchains.fetch("npm", "install", "--prefix", tmp_path, *PACKAGES, cwd=tmp_path)
    image = tmp_path / "image.binpb"
    toolchains.run(sys.executable, ROOT / "gen/generate.py", "--image", image, cwd=ROOT)
    program = shutil.copy(Path(__file__).with_name("node_errors.mjs"), tmp_path)
    told = json.loads(
        toolchains.run(
            *("node", program, urlsplit(server.url).netloc, organization.token, image),
            cwd=tmp_path,
        )
    )
    invalid = told.pop("invalid")
    assert len(told) == 4
    for client, error in told.items():
        assert error == {
            "code": invalid,
            "message": "scim_configuration_id: must be a valid UUID",
        }, client
