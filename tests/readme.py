"""The commands that an example's README tells its readers to enter."""

from __future__ import annotations

import re
from pathlib import Path

import toolchains
from processes import Organization, Server

#: What readers replace by their own.
URL = "http://127.0.0.1:8080"
TOKEN = "orgplane_pat_..."

_COLOURS = re.compile(r"\x1b\[[\d;]*m")


def commands(example: Path) -> list[str]:
    """The lines behind a `$` in the first console block of its README."""
    text = (example / "README.md").read_text()
    block = re.search(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert block is not None
    return [line[2:] for line in block[1].splitlines() if line.startswith("$ ")]


def follow(example: Path, server: Server, organization: Organization, cache: Path) -> list[str]:
    """Enters the commands one after the other, from the top of the clone; the last ones' output."""
    entered = "\n".join(commands(example))
    assert URL in entered
    assert TOKEN in entered
    script = entered.replace(URL, server.url).replace(TOKEN, organization.token)
    output = toolchains.run(
        *("bash", "-euo", "pipefail", "-c", script),
        cwd=example.parents[1],
        BUF_CACHE_DIR=str(cache),
    )
    return [line for line in _COLOURS.sub("", output).splitlines() if line]


def compare_inputs(example: Path, image: Path, cache: Path, scratch: Path) -> None:
    """`buf generate` makes the same of the image as of the protos with what the registry has."""
    for name, input_ in {"registry": [], "image": [image]}.items():
        toolchains.run(
            *("buf", "generate", *input_, "--output", scratch / name),
            cwd=example,
            BUF_CACHE_DIR=str(cache),
        )
    generated = [
        {
            file.relative_to(scratch / name): file.read_bytes()
            for file in (scratch / name).rglob("*")
            if file.is_file()
        }
        for name in ("registry", "image")
    ]
    assert generated[0]
    assert generated[0] == generated[1]
