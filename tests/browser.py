"""A real browser without a window, driven over a pipe with the Chrome DevTools Protocol."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any

import toolchains
from processes import PATIENCE

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--remote-debugging-pipe",
)


class Browser:
    """Chromium with one page; the context ends it. It keeps its files in `folder`."""

    def __init__(self, folder: Path) -> None:
        toolchains.need("chromium")
        theirs_in, self._to = os.pipe()
        self._from, theirs_out = os.pipe()
        # It reads commands from descriptor 3 and writes to 4.
        script = f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}'
        chromium = ["chromium", *FLAGS, f"--user-data-dir={folder}/profile", "about:blank"]
        self._process = subprocess.Popen(
            ["bash", "-c", script, "bash", *chromium],
            pass_fds=(theirs_in, theirs_out),
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._numbers = itertools.count(1)
        self._received = b""
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        attached = self._call("Target.attachToTarget", targetId=target, flatten=True)
        self._session: str = attached["sessionId"]
        self._call("Page.enable", self._session)

    def open(self, url: str) -> None:
        """Goes to a page and waits until it is loaded, its scripts included."""
        self._call("Page.navigate", self._session, url=url)
        while self._next().get("method") != "Page.loadEventFired":
            pass

    def leave(self, expression: str, beginning: str) -> str:
        """What leads away from the page, by whatever way, to an address that begins like this; which one."""
        self.evaluate(f"setTimeout(() => {{ {expression} }})")
        while True:
            message = self._next()
            if message.get("method") == "Page.frameNavigated":
                url = str(message["params"]["frame"]["url"])
                if url.startswith(beginning):
                    return url

    def evaluate(self, expression: str) -> Any:
        """The value of an expression in the page; a promise is waited for."""
        answer = self._call(
            "Runtime.evaluate",
            self._session,
            expression=expression,
            awaitPromise=True,
            returnByValue=True,
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def _call(self, method: str, session: str | None = None, /, **parameters: Any) -> Any:
        number = next(self._numbers)
        command = {"id": number, "method": method, "params": parameters}
        if session is not None:
            command["sessionId"] = session
        os.write(self._to, json.dumps(command).encode() + b"\0")
        while (message := self._next()).get("id") != number:
            pass
        assert "error" not in message, message
        return message["result"]

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._received:
            chunk = os.read(self._from, 65536)
            assert chunk, "the browser is gone"
            self._received += chunk
        message, _, self._received = self._received.partition(b"\0")
        decoded: dict[str, Any] = json.loads(message)
        return decoded

    def __enter__(self) -> Browser:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self._call("Browser.close")
            self._process.wait(PATIENCE)
        finally:
            self._process.kill()
            self._process.wait()
            os.close(self._to)
            os.close(self._from)
