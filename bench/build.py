"""Builds what the bench needs beside Orgplane itself: the load driver and the peers.

    python bench/build.py

Only this needs a network, and only the first time. Go and pip fetch what the peers depend on; their stubs
are generated from our protos.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BENCH = Path(__file__).resolve().parent
ROOT = BENCH.parent
BUILT = ROOT / "build/bench"
LOAD = BUILT / "load"
GO_PEER = BUILT / "go-peer"
PYTHON_PEERS = BENCH / "peers/python"
PYTHON = PYTHON_PEERS / ".venv/bin/python"


def main() -> None:
    if shutil.which("go") is None:
        sys.exit("the bench needs Go 1.26 or newer (https://go.dev/dl): its load comes from there")
    BUILT.mkdir(parents=True, exist_ok=True)
    run("go", "build", "-o", LOAD, ".", cwd=BENCH / "driver")
    if not PYTHON.exists():
        run(sys.executable, "-m", "venv", PYTHON_PEERS / ".venv")
    requirements = PYTHON_PEERS / "requirements.txt"
    run(PYTHON, "-m", "pip", "install", "--quiet", "--requirement", requirements)
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder) / "image.binpb"
        run(sys.executable, ROOT / "gen/generate.py", "--image", image)
        for peer in (BENCH / "peers/go", PYTHON_PEERS):
            shutil.rmtree(peer / "gen", ignore_errors=True)
            run("buf", "generate", image, "--path", "gitpod", cwd=peer)
    run("go", "build", "-o", GO_PEER, ".", cwd=BENCH / "peers/go")


def run(*command: object, cwd: Path = ROOT) -> None:
    programs = (Path(sys.executable).parent, PYTHON.parent, os.environ["PATH"])
    subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        check=True,
        env={**os.environ, "PATH": os.pathsep.join(map(str, programs))},
    )


if __name__ == "__main__":
    main()
