"""The ```console blocks of a document: run, and compared with what the document says they print."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

#: What is different each time: ids, tokens, instants, cursors, ports; and with them, widths.
_VARIABLE = (
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "ID"),
    (re.compile(r"\b[0-9a-f]{12}@"), "NAME@"),
    (re.compile(r"whsec_[\w/+=]+"), "whsec_SECRET"),
    (re.compile(r"orgplane_(pat|scim|scimsecret|service)_[\w.]+"), r"orgplane_\1_SECRET"),
    (re.compile(r"\b(orgplane-domain-verification)=[0-9a-f]{40}\b"), r"\1=VALUE"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z"), "TIME"),
    (re.compile(r"\bA[\w-]{40,}={0,2}"), "CURSOR"),
    (re.compile(r"\d+\.\d{3}s\b"), "SECONDS"),
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:PORT"),
    (re.compile(r"(/\w+)*/orgplane/profiles.ini"), "FILE"),
    (re.compile(r" {2,}"), "  "),
)
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^\$ ((?:.*\\\n)*.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)


def comparable(text: str) -> str:
    """The text without what is different each time."""
    for pattern, replacement in _VARIABLE:
        text = pattern.sub(replacement, text)
    return text


def replay(document: str, environment: dict[str, str], folder: Path) -> str:
    """The document with each command's output as it is now, in its order; standard error included."""

    def block(match: re.Match[str]) -> str:
        return f"```console\n{_COMMAND.sub(command, match[1])}```"

    def command(match: re.Match[str]) -> str:
        done = subprocess.run(
            ["bash", "-c", match[1]],
            env=environment,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return f"$ {match[1]}\n{done.stdout}"

    return _BLOCK.sub(block, document)
