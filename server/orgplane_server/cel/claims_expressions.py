from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import re
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import structlog

from ..domain.errors import Reason, Unavailable

_CHILD = Path(__file__).with_name("child.py")
_MEMORY = 400 << 20
#: Compiling takes a millisecond, the worst that was found a fifth of a second.
_SECONDS = 5.0
_START_SECONDS = 20.0
#: How the library says where: `INVALID_ARGUMENT: ERROR: <input>:1:5: what is wrong`, and then shows it.
_PLACED = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")
_CODED = re.compile(
    r"^[A-Z_]+: (?:ERROR: <input>:-1:-1: )?|(?: \(in container ''\))?(?: \[[A-Z_]+\])?$"
)
_TOLD = 200

log = structlog.get_logger(__name__)


class ClaimsExpressions:
    """Judges expressions over `claims`, a map of text to anything, in one child process.

    It starts when it is first needed. Whoever asks too much of it, or stops waiting, has it killed: the next
    question starts another. `python` runs it, with nothing in its environment but `environment`.
    """

    def __init__(
        self,
        python: Path | str = sys.executable,
        environment: Mapping[str, str] | None = None,
        seconds: float = _SECONDS,
    ) -> None:
        self._python = python
        self._environment = dict(environment or {})
        self._seconds = seconds
        self._child: Process | None = None
        self._turn = asyncio.Lock()

    async def complaint(self, expression: str) -> str | None:
        """What is wrong with an expression, with line and column; None for one that gives a bool, or may.

        What a claim is, is known only when somebody signs in, so of `claims.admin` nobody can say more now.
        Raises Unavailable if no child can be started.
        """
        folder = _library()
        if folder is None:
            return (
                "this server cannot check expressions, and so takes none: it is installed without "
                "orgplane-server[claims-expressions]"
            )
        answer = await self._ask([expression], folder)
        if "type" in answer:
            kind = answer["type"].lower()
            return None if kind in ("bool", "dyn") else f"gives {kind}, not bool"
        return _told(answer["error"])

    async def holds(self, expression: str, claims: Mapping[str, Any]) -> bool:
        """Whether an expression gives true for somebody's claims, and nothing else that passes for it.

        False also where expressions cannot be judged. Raises Unavailable if no child can be started.
        """
        folder = _library()
        if folder is None:
            return False
        answer = await self._ask([expression, claims], folder)
        return answer.get("holds") == "yes"

    async def aclose(self) -> None:
        """Ends the child process."""
        async with self._turn:
            await self._end()

    async def _ask(self, question: Sequence[Any], folder: str) -> Mapping[str, str]:
        async with self._turn:
            if self._child is None or self._child.returncode is not None:
                await self._start(folder)
            try:
                async with asyncio.timeout(self._seconds):
                    return await self._exchange(question)
            except (TimeoutError, OSError, EOFError, ValueError):
                await self._end()
                return {"error": "too much time or memory is needed to compile it"}
            except BaseException:  # its answer would be taken for the next one's
                await self._end()
                raise

    async def _start(self, folder: str) -> None:
        try:
            async with asyncio.timeout(_START_SECONDS):
                self._child = await asyncio.create_subprocess_exec(
                    *(self._python, "-I", "-S", _CHILD, folder, str(_MEMORY)),
                    stdin=PIPE,
                    stdout=PIPE,
                    stderr=DEVNULL,
                    env=self._environment,
                )
                answer = await self._answer()
                if "ready" not in answer:
                    raise ValueError(answer)
        except (TimeoutError, OSError, EOFError, ValueError) as error:
            await self._end()
            log.error(
                "claims expressions cannot be checked", python=str(self._python), exc_info=error
            )
            raise Unavailable(
                "claims expressions cannot be checked now", reason=Reason.OVERLOADED
            ) from None
        except BaseException:
            await self._end()
            raise

    async def _exchange(self, question: Sequence[Any]) -> Mapping[str, str]:
        assert self._child is not None
        assert self._child.stdin is not None
        self._child.stdin.write(json.dumps(question).encode() + b"\n")
        await self._child.stdin.drain()
        return await self._answer()

    async def _answer(self) -> Mapping[str, str]:
        """Raises EOFError when the child has ended."""
        assert self._child is not None
        assert self._child.stdout is not None
        line = await self._child.stdout.readline()
        if not line:
            raise EOFError
        answer: Any = json.loads(line)
        return dict(answer)

    async def _end(self) -> None:
        """Kills the child and waits until it is gone, also for a caller who is cancelled."""
        child, self._child = self._child, None
        if child is None:
            return
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await asyncio.shield(child.wait())


def _library() -> str | None:
    """The folder that the library is in; None if it is not installed."""
    package = importlib.util.find_spec("cel_expr_python")
    if package is None or not package.submodule_search_locations:
        return None
    (folder, *_) = package.submodule_search_locations
    return str(Path(folder).parent)


def _told(error: str) -> str:
    """The first thing that the library complains of, in a line; the rest of its text shows the expression."""
    first, *_ = error.splitlines() or [""]
    if (placed := _PLACED.search(first)) is not None:
        line, column, what = placed.groups()
        return f"line {line}, column {column}: {_short(what)}"
    return _short(first)


def _short(text: str) -> str:
    text = _CODED.sub("", text)
    return text if len(text) <= _TOLD else f"{text[:_TOLD]}..."
