"""What the Connect project expects of servers and clients: every protocol, codec, HTTP version and kind of RPC.

The suite is built from its Go module, its protos are generated for Python; nothing of it is kept here.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import toolchains

HERE = Path(__file__).parent
MODULE = "connectrpc.com/conformance"
VERSION = "v1.0.7"
#: The suite is done in two minutes on a quiet machine with two cores.
PATIENCE = 900.0

SERVER = """
features:
  versions: [HTTP_VERSION_1, HTTP_VERSION_2]
  supportsTlsClientCerts: true
  supportsHalfDuplexBidiOverHttp1: true
"""
#: Our client speaks JSON in the Connect protocol alone, and has no certificates of its own.
CLIENT = """
features:
  versions: [HTTP_VERSION_1, HTTP_VERSION_2]
  supportsTls: {tls}
exclude_cases:
  - {{protocol: PROTOCOL_GRPC, codec: CODEC_JSON}}
  - {{protocol: PROTOCOL_GRPC_WEB, codec: CODEC_JSON}}
"""
#: Cases that must fail, and why.
KNOWN_FAILING = {
    "async": [],
    # A call that blocks its thread cannot be cancelled by another one; only who reads a stream can end it.
    "sync": [
        "Client Cancellation/**/cancel-after-close-send",
        "Client Cancellation/**/cancel-before-close-send",
    ],
}


@dataclass(frozen=True)
class Suite:
    runner: Path
    stubs: Path


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Suite:
    toolchains.need("go")
    folder = tmp_path_factory.mktemp("suite")
    toolchains.fetch(
        *("go", "install", f"{MODULE}/cmd/connectconformance@{VERSION}"),
        cwd=folder,
        GOBIN=str(folder),
        GOFLAGS="-p=2",
    )
    module = json.loads(
        toolchains.fetch("go", "mod", "download", "-json", f"{MODULE}@{VERSION}", cwd=folder)
    )
    return Suite(folder / "connectconformance", _stubs(Path(module["Dir"]) / "proto", folder))


def _stubs(protos: Path, folder: Path) -> Path:
    """In a package of its own: the suite's would otherwise be the runtime's, `connectrpc`."""
    package = folder / "stubs/conformance_stubs"
    package.mkdir(parents=True)
    toolchains.run(
        *(sys.executable, "-m", "grpc_tools.protoc", f"-I{protos}"),
        *(f"--py_out={package}", f"--connectrpc_out={package}"),
        *sorted(str(path.relative_to(protos)) for path in protos.rglob("*.proto")),
        cwd=folder,
    )
    return package.parent


def run(
    suite: Suite, folder: Path, configuration: str, options: list[str], *program: str
) -> tuple[int, str]:
    """How many cases there were, and what the suite says in the end. Fails unless all went as expected."""
    (folder / "suite.yaml").write_text(configuration)
    done = subprocess.run(
        [
            *(suite.runner, "--conf", folder / "suite.yaml", "--max-servers", "2", *options),
            *("--", sys.executable, HERE / program[0], *program[1:]),
        ],
        env=toolchains.ENVIRONMENT | {"PYTHONPATH": os.pathsep.join((str(suite.stubs), str(HERE)))},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    told = done.stdout[-4000:] + done.stderr[-4000:]
    assert done.returncode == 0, told
    total = re.search(r"Total cases: (\d+)\n(.*)", done.stdout)
    assert total is not None, told
    return int(total[1]), total[2]


@pytest.mark.parametrize("way", ["short", pytest.param("runtime's", marks=pytest.mark.long)])
def test_our_listener_front_door_and_interceptors(suite: Suite, tmp_path: Path, way: str) -> None:
    options = ["--mode", "server", "--parallel", "4"]
    total, verdict = run(suite, tmp_path, SERVER, options, "server.py", way)
    assert (total, verdict) == (3820, "3820 passed, 0 failed")


@pytest.mark.parametrize("kind", KNOWN_FAILING)
@pytest.mark.parametrize("tls", [False, pytest.param(True, marks=pytest.mark.long)])
def test_our_client(suite: Suite, tmp_path: Path, kind: str, tls: bool) -> None:
    known = [part for pattern in KNOWN_FAILING[kind] for part in ("--known-failing", pattern)]
    configuration = CLIENT.format(tls=str(tls).lower())
    total, verdict = run(
        suite, tmp_path, configuration, ["--mode", "client", *known], "client.py", kind
    )
    assert total == (3498 if tls else 1987)
    assert verdict.endswith(", 0 failed")
