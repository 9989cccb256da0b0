"""The server as a unit of systemd, and where less is allowed than usual."""

from __future__ import annotations

import functools
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from processes import PATIENCE, Server, children, command, environment, sqlite_url

UNIT = Path(__file__).resolve().parents[2] / "docs" / "systemd" / "orgplane.service"

needs_systemd_analyze = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="no systemd-analyze"
)
needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="/proc")


@needs_proc
def test_systemd_is_told_when_it_serves_and_when_it_stops(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(PATIENCE)
        with Server(
            "--database-url", sqlite_url(tmp_path), NOTIFY_SOCKET=str(tmp_path / "notify")
        ) as server:
            assert manager.recv(100) == b"READY=1"
            (worker,) = children(server.process.pid)
            assert b"NOTIFY_SOCKET" not in Path(f"/proc/{worker}/environ").read_bytes()
            assert "envoy_shared_memory" not in Path(f"/proc/{worker}/maps").read_text()
            server.signal(signal.SIGTERM)
            assert manager.recv(100) == b"STOPPING=1"
            assert server.stop() == 0
        assert server.stderr.rest() == []


def test_a_manager_that_is_gone_keeps_nobody_from_serving(tmp_path: Path) -> None:
    gone = str(tmp_path / "gone")
    with Server("--database-url", sqlite_url(tmp_path), NOTIFY_SOCKET=gone) as server:
        assert server.stop() == 0
    assert server.stderr.rest() == [
        f"orgplane-server: cannot tell {state} to NOTIFY_SOCKET {gone}: No such file or directory"
        for state in ("READY=1", "STOPPING=1")
    ]


@needs_systemd_analyze
def test_the_unit_is_a_good_one_and_allows_little(tmp_path: Path) -> None:
    unit = tmp_path / UNIT.name
    program = "/opt/orgplane/bin/orgplane-server"
    assert program in UNIT.read_text()
    unit.write_text(UNIT.read_text().replace(program, sys.executable))
    for arguments in (["verify"], ["security", "--offline=yes", "--threshold=20"]):
        done = subprocess.run(
            ["systemd-analyze", *arguments, str(unit)], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        if arguments == ["verify"]:
            assert str(unit) not in done.stderr


def test_without_a_folder_for_temporary_files_it_says_so_in_a_line(tmp_path: Path) -> None:
    no_file = functools.partial(resource.setrlimit, resource.RLIMIT_FSIZE, (0, 0))
    done = subprocess.run(
        command("serve", "--database-url", sqlite_url(tmp_path)),
        env=environment(),
        capture_output=True,
        text=True,
        preexec_fn=no_file,
        cwd=tmp_path,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(
        "orgplane-server: there is no folder for temporary files: let TMPDIR"
    )
    assert len(done.stderr.splitlines()) == 1


#: sched_setaffinity is refused from now on (seccomp(2)), then asked for.
REFUSED = """
import asyncio, ctypes, platform, struct
from orgplane_server.app import affinity
from orgplane_server.telemetry import logs

def instruction(code, yes, no, value):
    return struct.pack("HBBI", code, yes, no, value)

number = {"x86_64": 203, "aarch64": 122}[platform.machine()]
program = ctypes.create_string_buffer(b"".join((
    instruction(0x20, 0, 0, 0),
    instruction(0x15, 0, 1, number),
    instruction(0x06, 0, 0, 0x00050001),
    instruction(0x06, 0, 0, 0x7FFF0000),
)))
filter = struct.pack("HxxxxxxP", 4, ctypes.addressof(program))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, filter, 0, 0) == 0

async def main():
    print(affinity.keep_to_one_cpu())

logs.configure("text")
asyncio.run(main())
logs.drain()
"""


@pytest.mark.skipif(
    sys.platform != "linux" or os.uname().machine not in ("x86_64", "aarch64"), reason="seccomp"
)
def test_a_refused_affinity_is_told_of() -> None:
    done = subprocess.run([sys.executable, "-c", REFUSED], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "None\n"), done.stderr
    (line,) = done.stderr.splitlines()
    assert "threads may not be kept on one CPU" in line
