"""The image, built and run without a daemon: by buildah, on Debian's own packages instead of python:3.13-slim.

It runs under bubblewrap as it would in a container: with a read-only root, as its own user, without capabilities, as
process 1, and with nothing to write to but /tmp and its volume.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import orgplane
import postgres
import pytest
import toolchains
import yaml
from processes import PATIENCE, READY, Lines, children, eventually

pytestmark = pytest.mark.long

CONTAINER = Path(__file__).resolve().parents[2] / "docs" / "container"
#: The same as in python:3.13-slim-trixie: Debian 13 with its certificates, a Python 3.13 and its library.
PACKAGES = "python3,python3-venv,libpython3.13,ca-certificates"
UNNEEDED = ("doc", "info", "locale", "man")
#: All layers, the base's too, compressed by zstd.
LARGEST = 140_000_000
#: What the machine says about package indexes, where it does.
MACHINE = ("/etc/ssl/certs", "/etc/pip.conf")
#: Seconds that a step of the build may take.
LONGEST = 1800
USER = 10001
#: PostgreSQL's.
SOCKET = ".s.PGSQL.5432"
PROTOCOLS = ("connect", "grpc", "grpc-web")


@dataclass(frozen=True)
class Image:
    root: Path
    configuration: dict[str, Any]
    layers: list[int]
    """Compressed, in bytes, the base's first."""

    @property
    def variables(self) -> dict[str, str]:
        return dict(each.split("=", 1) for each in self.configuration["Env"])


def make(*command: str, cwd: Path) -> str:
    """What a command prints that takes minutes."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env=toolchains.ENVIRONMENT | {"BUILDAH_ISOLATION": "chroot"},
        capture_output=True,
        text=True,
        timeout=LONGEST,
    )
    if done.returncode:
        toolchains.missing(f"{command}\n{done.stderr}")
    return done.stdout


@pytest.fixture(scope="module")
def image(builder: Path, built: dict[str, Path]) -> Iterator[Image]:
    toolchains.need("buildah", "mmdebstrap", "bwrap", "setpriv")
    if os.geteuid() != 0:
        pytest.skip("a root file system is made by root")
    # not pytest's, which keeps folders
    with tempfile.TemporaryDirectory(prefix="orgplane-image-", dir="/var/tmp") as name:
        folder = Path(name)
        storage = ("--root", f"{name}/storage", "--runroot", f"{name}/run")

        def buildah(*arguments: str) -> str:
            return make("buildah", *storage, *arguments, cwd=builder).strip()

        make(
            *("mmdebstrap", "--quiet", "--variant=minbase", f"--include={PACKAGES}"),
            *(f"--dpkgopt=path-exclude=/usr/share/{each}/*" for each in UNNEEDED),
            "--customize-hook=rm -rf $1/var/lib/apt/lists/* $1/var/cache/apt",
            *("trixie", f"{name}/root.tar"),
            cwd=folder,
        )
        (folder / "Base").write_text("FROM scratch\nADD root.tar /\n")
        buildah("bud", "--quiet", "--file", f"{name}/Base", "--tag", "base", name)
        buildah(
            *("bud", "--quiet", "--file", "docs/container/Dockerfile", "--tag", "orgplane"),
            *("--ignorefile", "docs/container/Dockerfile.dockerignore"),
            *(f"--volume={each}:{each}:ro" for each in MACHINE if Path(each).exists()),
            *("--build-arg", "BASE=localhost/base", "."),
        )
        buildah("push", "--quiet", "--compression-format=zstd", "orgplane", f"oci:{name}/oci")
        (manifest,) = json.loads((folder / "oci/index.json").read_text())["manifests"]
        described = folder / "oci/blobs" / manifest["digest"].replace(":", "/")
        layers = [each["size"] for each in json.loads(described.read_text())["layers"]]
        told = json.loads(buildah("inspect", "--type", "image", "orgplane"))
        container = buildah("from", "orgplane")
        try:
            root = Path(buildah("mount", container))
            yield Image(root, told["OCIv1"]["config"], layers)
        finally:
            buildah("rm", container)


def boxed(image: Image, folder: Path, command: Sequence[str], **variables: str) -> list[str]:
    """A command in the image by bubblewrap, with a volume in `folder` and PostgreSQL's socket."""
    volume = folder / "volume"
    if not volume.exists():
        shutil.copytree(image.root / "var/lib/orgplane", volume)
        os.chown(volume, USER, USER)
    given = image.variables | variables
    url = given["ORGPLANE_DATABASE_URL"]
    sockets = []
    if "?host=" in url:
        before, _, there = url.partition("?host=")
        given["ORGPLANE_DATABASE_URL"] = f"{before}?host=/tmp"
        sockets = ["--bind", f"{there}/{SOCKET}", f"/tmp/{SOCKET}"]
    return [
        *("bwrap", "--ro-bind", str(image.root), "/", "--proc", "/proc", "--dev", "/dev"),
        *("--perms", "1777", "--size", str(16 << 20), "--tmpfs", "/tmp"),
        *("--bind", str(volume), "/var/lib/orgplane", *sockets),
        *("--unshare-pid", "--unshare-ipc", "--unshare-uts", "--as-pid-1", "--die-with-parent"),
        # for setpriv, which gives them away
        *("--cap-add", "ALL", "--clearenv"),
        *(word for name, value in given.items() for word in ("--setenv", name, value)),
        *("setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--no-new-privs"),
        *("--bounding-set=-all", "--inh-caps=-all", *command),
    ]


def run(image: Image, folder: Path, *command: str, **variables: str) -> str:
    return toolchains.run(*boxed(image, folder, command, **variables), cwd=folder)


@dataclass
class Container:
    image: Image
    folder: Path
    process: subprocess.Popen[str]
    stdout: Lines
    stderr: Lines
    url: str = field(default="")

    @property
    def server(self) -> int:
        """Process 1 of the container, by its number outside."""
        (found,) = children(self.process.pid)
        return found

    def stop(self) -> int:
        os.kill(self.server, signal.SIGTERM)
        return self.process.wait(PATIENCE)


@contextmanager
def container(image: Image, folder: Path, **variables: str) -> Iterator[Container]:
    """What the image does by itself, on a free port."""
    words = [*image.configuration["Entrypoint"], *image.configuration["Cmd"]]
    command = boxed(image, folder, words, **({"ORGPLANE_LISTEN": "127.0.0.1:0"} | variables))
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stderr is not None
    running = Container(image, folder, process, Lines(process.stdout), Lines(process.stderr))
    try:
        line = running.stdout.next()
        assert line is not None, "\n".join(running.stderr.rest())
        running.url = line.removeprefix(READY)
        yield running
    finally:
        process.kill()
        process.wait(PATIENCE)


def status(process: int) -> dict[str, str]:
    text = Path(f"/proc/{process}/status").read_text()
    return dict(re.findall(r"^(\w+):\s*(.*)$", text, re.MULTILINE))


def test_it_is_no_larger_than_it_was(image: Image) -> None:
    assert sum(image.layers) < LARGEST, image.layers


def test_it_has_what_a_server_needs_and_no_more(image: Image) -> None:
    assert image.configuration["User"] == f"{USER}:{USER}"
    assert set(image.configuration["Volumes"]) == {"/var/lib/orgplane"}
    packages = image.root / "opt/orgplane/lib/python3.13/site-packages"
    assert not (packages / "pip").exists()


def test_all_that_a_server_imports_is_compiled(image: Image, tmp_path: Path) -> None:
    """With nowhere to write it to, every start would have to do it again."""
    words = ("python3", "-v", "-c", "import orgplane_server.app.build, orgplane_server.command")
    done = subprocess.run(boxed(image, tmp_path, words), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "orgplane_server/app/__pycache__/build.cpython-313.pyc" in done.stderr
    assert (
        re.findall(r"^# (?:code object from .*\.py'|bytecode is stale .*)$", done.stderr, re.M)
        == []
    )


def test_it_serves_with_nothing_to_write_to_and_drains(image: Image, tmp_path: Path) -> None:
    with container(image, tmp_path) as running:
        processes = [running.server, *children(running.server)]
        assert len(processes) > 1
        for process in processes:
            told = status(process)
            assert set(told["Uid"].split()) == set(told["Gid"].split()) == {str(USER)}
            assert {told["CapEff"], told["CapBnd"]} == {f"{0:016x}"}
        check = yaml.safe_load((CONTAINER / "compose.yaml").read_text())["services"]["orgplane"][
            "healthcheck"
        ]["test"]
        words = [
            each.replace("127.0.0.1:8080", running.url.partition("://")[2]) for each in check[1:]
        ]
        assert words != check[1:]
        run(image, tmp_path, *words)
        created = json.loads(
            run(
                *(image, tmp_path, "orgplane-server", "create-organization", "--json"),
                *("--name", "Acme", "--admin-email", "ada@acme.example"),
            )
        )
        with orgplane.Client(url=running.url, token=created["token"]) as client:
            assert client.users.get_authenticated_user().user.id == created["userId"]
        assert running.stop() == 0
    told = running.stderr.rest()
    assert not [line for line in told if "Traceback" in line or "affinity" in line], told
    kept = {file.name: file.stat().st_mode & 0o777 for file in (tmp_path / "volume").iterdir()}
    assert kept["orgplane.db"] == kept["orgplane.db.key"] == 0o600
    with (
        container(image, tmp_path) as again,
        orgplane.Client(url=again.url, token=created["token"]) as client,
    ):
        assert client.users.get_authenticated_user().user.id == created["userId"]


def test_compose_yaml_by_hand(image: Image, postgresql_server: str, tmp_path: Path) -> None:
    """Its key, its server and its proxy, by what the file says; PostgreSQL is that of the tests."""
    toolchains.need("caddy")
    composed = yaml.safe_load((CONTAINER / "compose.yaml").read_text())["services"]
    for _ in range(2):  # the second time all stays as it is
        run(image, tmp_path, *composed["key"]["entrypoint"])
        key = (tmp_path / "volume/secret.key").read_text()
        assert re.fullmatch("[0-9a-f]{64}", key)
    variables = {
        **composed["orgplane"]["environment"],
        "ORGPLANE_DATABASE_URL": postgres.new_database(postgresql_server),
        "ORGPLANE_PUBLIC_URL": "https://localhost",
        "ORGPLANE_TRUSTED_PROXIES": "127.0.0.1",
    }
    with container(image, tmp_path, **variables) as running:
        created = json.loads(
            run(
                *(image, tmp_path, "orgplane-server", "create-organization", "--json"),
                *("--name", "Acme", "--admin-email", "ada@acme.example"),
                **variables,
            )
        )
        with caddy(running, tmp_path) as (url, authority):
            for protocol in PROTOCOLS:
                with orgplane.Client(
                    url=url, token=created["token"], protocol=protocol, ca=authority
                ) as client:
                    assert client.users.get_authenticated_user().user.id == created["userId"]
        assert running.stop() == 0
    calls = [line for line in running.stderr.rest() if "GetAuthenticatedUser" in line]
    assert len(calls) == len(PROTOCOLS)
    for line in calls:
        assert re.search(r" peer=(127\.0\.0\.1|::1) ", line), line  # as Caddy says: without a port


@contextmanager
def caddy(running: Container, folder: Path) -> Iterator[tuple[str, Path]]:
    """The URL that Caddy serves by the Caddyfile, on a free port, and its own authority."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    text = (CONTAINER / "Caddyfile").read_text()
    for documented, here in (
        ("{$ORGPLANE_HOST:localhost} {", f"https://localhost:{port} {{"),
        ("h2c://orgplane:8080", f"h2c://{running.url.partition('://')[2]}"),
    ):
        assert documented in text
        text = text.replace(documented, here)
    file = folder / "Caddyfile"
    # no port for administration, nor one for HTTP, nor an authority that this machine trusts
    file.write_text(
        "{\n\tadmin off\n\tauto_https disable_redirects\n\tskip_install_trust\n}\n" + text
    )
    serving = subprocess.Popen(
        ["caddy", "run", "--adapter", "caddyfile", "--config", str(file)],
        env=toolchains.ENVIRONMENT | {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)},
        stderr=subprocess.DEVNULL,
    )
    authority = folder / "caddy/pki/authorities/local/root.crt"
    url = f"https://localhost:{port}"

    def ready() -> bool:
        assert serving.poll() is None
        try:
            with urlopen(
                f"{url}/readyz", context=ssl.create_default_context(cafile=authority)
            ) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    try:
        eventually(ready)
        yield url, authority
    finally:
        serving.kill()
        serving.wait()
