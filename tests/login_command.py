"""`orgplane login` while it waits for somebody to sign in."""

from __future__ import annotations

import subprocess
from urllib.parse import parse_qsl, urlencode, urlsplit

from command_line import COMMAND, CommandLine
from installation import Page, Plain
from processes import PATIENCE, Lines


class Waiting:
    """A command that waits for somebody to sign in, and says so on stderr."""

    def __init__(self, run: CommandLine, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [COMMAND, "login", *arguments],
            env=run.environment,
            cwd=run.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self.said = Lines(self.process.stderr)
        self.first = self.said.next() or ""
        self.url = (self.said.next() or "").strip()

    @property
    def asked(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.url).query))

    def back(self, **answer: str) -> Page:
        """What the machine's port answers to what comes there."""
        return Plain().ask(f"{self.asked['redirect_uri']}?{urlencode(answer)}")

    def end(self) -> tuple[int, str, str]:
        """Status and output, once it has ended."""
        said = self.said.rest()
        status = self.process.wait(PATIENCE)
        assert self.process.stdout is not None
        with self.process.stdout as stdout:
            return status, stdout.read(), "\n".join(said)
