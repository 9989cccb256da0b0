"""Commands in Python, without the second that their imports take: forked from a process that has done them.

Each is still a process of its own, with its own arguments, environment, folder, streams and end. What the
interpreter takes from its environment before the first line runs is as it was for the first process.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

#: What the interpreter reads before it runs anything.
_INTERPRETER = ("PYTHON", "LC_", "LANG")
_STREAMS = (0, 1, 2)

#: A program that has done what it is told to do by its arguments when it ends; for shells.
_PROGRAM = """#!{python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as to:
    to.connect({path!r})
    told = [sys.argv, dict(os.environ), os.getcwd()]
    socket.send_fds(to, [json.dumps(told).encode() + b"\\n"], (0, 1, 2))
    status = int(to.makefile().read())
if status < 0:
    os.kill(os.getpid(), -status)
os._exit(status)
"""


class Preloaded:
    """The command `name`, whose function `main` is in that module, after the imports of `more`.

    The process that has them begins with the first run, and ends with this one. Warnings are errors in it.
    """

    def __init__(self, name: str, main: str, *more: str, environment: dict[str, str]) -> None:
        self._name = name
        self._environment = environment
        self._modules = (main, *more)
        self._path = ""
        self._process: subprocess.Popen[str] | None = None
        self._starting = threading.Lock()

    def fits(self, environment: dict[str, str]) -> bool:
        """Whether a new interpreter with this environment would be the same."""
        return _of_interpreter(environment) == _of_interpreter(self._environment)

    def run(
        self,
        *arguments: str,
        environment: dict[str, str],
        folder: Path | None = None,
        stdin: str | None = None,
        patience: float,
    ) -> subprocess.CompletedProcess[str]:
        """As `subprocess.run`; without `stdin` it reads nothing."""
        assert self.fits(environment)
        program = [sys.executable, "-IS", "-c", self._program(), *arguments]
        return subprocess.run(
            program,
            env=environment,
            cwd=folder,
            **({"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}),
            capture_output=True,
            text=True,
            timeout=patience,
        )

    def install(self, file: Path) -> None:
        """Makes it a program that shells find."""
        file.write_text(self._program())
        file.chmod(0o755)

    def _program(self) -> str:
        with self._starting:
            if self._process is None:
                self._start()
        return _PROGRAM.format(python=sys.executable, path=self._path)

    def _start(self) -> None:
        self._path = str(Path(tempfile.mkdtemp(prefix="preloaded-")) / "socket")
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", __file__, self._path, self._name, *self._modules],
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        atexit.register(self._end)
        assert self._process.stdout is not None
        assert (said := self._process.stdout.readline()) == "ready\n", said

    def _end(self) -> None:
        assert self._process is not None
        self._process.communicate()


def _of_interpreter(environment: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(_INTERPRETER)}


def _main(path: str, modules: list[str]) -> Callable[[], Any]:
    """Comes back only in a process that is to run the command, as that; the first one ends with its stdin."""
    command, *_ = [importlib.import_module(name) for name in modules]
    assert len([*Path("/proc/self/task").iterdir()]) == 1  # a fork has no other threads
    alive = os.dup(0)
    gc.collect()
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen(64)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        print("ready", flush=True)
        while True:
            ready, _, _ = select.select([alive, listening], [], [])
            if alive in ready:
                shutil.rmtree(Path(path).parent)
                os._exit(0)
            asking, _ = listening.accept()
            with asking:
                if not os.fork():
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    os.close(alive)
                    listening.close()
                    _become(asking)
                    return command.main


def _become(asking: socket.socket) -> None:
    """Comes back as a child that is what was asked for; how that ends is answered."""
    said, streams, _, _ = socket.recv_fds(asking, 1 << 20, len(_STREAMS))
    while not said.endswith(b"\n"):
        said += asking.recv(1 << 20)
    if child := os.fork():
        _, status = os.waitpid(child, 0)
        with contextlib.suppress(BrokenPipeError):  # who asked has been killed
            asking.sendall(str(os.waitstatus_to_exitcode(status)).encode())
        os._exit(0)
    for stream, wanted in zip(streams, _STREAMS, strict=True):
        os.dup2(stream, wanted)
        os.close(stream)
    arguments, environment, folder = json.loads(said)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv[1:] = arguments[1:]


if __name__ == "__main__":
    path, name, *modules = sys.argv[1:]
    main = _main(path, modules)
    sys.argv[0] = name
    try:
        main()
    except SystemExit as end:
        if not isinstance(end.code, int):
            raise
        # The rest of an interpreter's end takes all apart that was imported.
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(end.code)
