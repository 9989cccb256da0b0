from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import re
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator, Collection, Hashable, Mapping
from pathlib import Path
from typing import Any

import structlog

from ..domain.errors import Reason, Unavailable

_CHILD = Path(__file__).with_name("child.py")
_MEMORY = 400 << 20
#: Compiling takes a millisecond, the worst that was found a fifth of a second. An administrator waits for it longer than others
#: have to wait for somebody who signs in.
_COMPILING_SECONDS = 5.0
_JUDGING_SECONDS = 0.5
_START_SECONDS = 20.0
#: How the library says where: `INVALID_ARGUMENT: ERROR: <input>:1:5: what is wrong`, and then shows it.
_PLACED = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")
_CODED = re.compile(
    r"^[A-Z_]+: (?:ERROR: <input>:-1:-1: )?|(?: \(in container ''\))?(?: \[[A-Z_]+\])?$"
)
_TOLD = 200
#: Characters of JSON.
_MOST_CLAIMS = 256 << 10
_NAME = re.compile(r"\bclaims\b", re.ASCII)
#: A claim that is read by its name: `claims.email`, `claims["https://acme.example/role"]`. Behind what looks like a name there may be
#: a call, and a comment between the two.
_READ = re.compile(
    r"""claims\s*(?:\.\s*([A-Za-z_]\w*)(?!\w|\s*\(|\s*//)|\[\s*(?:"([^"\\\n]*)"|'([^'\\\n]*)')\s*\])""",
    re.ASCII,
)

log = structlog.get_logger(__name__)


class ClaimsExpressions:
    """Judges expressions over `claims`, a map of text to anything, in child processes with bounds of their own.

    One compiles what administrators write, another judges who signs in; each starts when it is first needed. Who asks, asks for
    somebody (`whose`, an organization): of theirs one question at a time is before a child, so that costly ones keep others no
    longer than the one that is there. `python` runs a child, with nothing in its environment but `environment`.
    """

    def __init__(
        self,
        python: Path | str = sys.executable,
        environment: Mapping[str, str] | None = None,
        compiling_seconds: float = _COMPILING_SECONDS,
        judging_seconds: float = _JUDGING_SECONDS,
    ) -> None:
        self._compiler = _Child(python, environment or {}, compiling_seconds)
        self._judge = _Child(python, environment or {}, judging_seconds)

    async def complaint(self, expression: str, whose: Hashable = None) -> str | None:
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
        answer = await self._compiler.ask(json.dumps([expression]), folder, whose)
        if "type" in answer:
            kind = answer["type"].lower()
            return None if kind in ("bool", "dyn") else f"gives {kind}, not bool"
        return _told(answer["error"])

    async def holds(
        self, expression: str, claims: Mapping[str, Any], whose: Hashable = None
    ) -> bool:
        """Whether an expression gives true for somebody's claims, and nothing else that passes for it.

        False also where it cannot be judged: in time, or by so much, or at all. It sees the claims that it names, or all if it
        does not read them by name alone.
        """
        folder = _library()
        if folder is None:
            return False
        names = named(expression)
        if names is not None:
            claims = {name: value for name, value in claims.items() if name in names}
        try:
            question = json.dumps([expression, claims])
            if len(question) > _MOST_CLAIMS:
                raise ValueError(f"more than {_MOST_CLAIMS} characters of claims")
            answer = await self._judge.ask(question, folder, whose)
        except (RecursionError, TypeError, ValueError, Unavailable) as error:
            answer = {"error": str(error)}
        if "error" in answer:  # which shows no claim
            log.warning("a claims expression could not be judged", why=answer["error"])
        return answer.get("holds") == "yes"

    async def aclose(self) -> None:
        """Ends the child processes."""
        await self._compiler.aclose()
        await self._judge.aclose()


def named(expression: str) -> Collection[str] | None:
    """The claims that an expression reads; None if it may read others than those that it names."""
    found = set()
    for use in _NAME.finditer(expression):
        read = _READ.match(expression, use.start())
        if read is None:
            return None
        found.add(next(each for each in read.groups() if each is not None))
    return found


class _Child:
    """A child process. Whoever asks too much of it, or stops waiting, has it killed: the next question starts another."""

    def __init__(self, python: Path | str, environment: Mapping[str, str], seconds: float) -> None:
        self._python = python
        self._environment = dict(environment)
        self._seconds = seconds
        self._child: Process | None = None
        self._turn = asyncio.Lock()
        self._queues: dict[Hashable, asyncio.Lock] = {}
        self._waiting = Counter[Hashable]()

    async def ask(self, question: str, folder: str, whose: Hashable) -> Mapping[str, str]:
        """Raises Unavailable if it cannot be started."""
        async with self._queue(whose), self._turn:
            if self._child is None or self._child.returncode is not None:
                await self._start(folder)
            try:
                async with asyncio.timeout(self._seconds):
                    return await self._exchange(question)
            except (TimeoutError, OSError, EOFError, ValueError):
                await self._end()
                return {"error": "too much time or memory is needed"}
            except BaseException:  # its answer would be taken for the next one's
                await self._end()
                raise

    async def aclose(self) -> None:
        async with self._turn:
            await self._end()

    @contextlib.asynccontextmanager
    async def _queue(self, whose: Hashable) -> AsyncIterator[None]:
        """One's turn among those who ask for the same."""
        self._waiting[whose] += 1
        try:
            async with self._queues.setdefault(whose, asyncio.Lock()):
                yield
        finally:
            self._waiting[whose] -= 1
            if not self._waiting[whose]:
                del self._waiting[whose], self._queues[whose]

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

    async def _exchange(self, question: str) -> Mapping[str, str]:
        assert self._child is not None
        assert self._child.stdin is not None
        self._child.stdin.write(question.encode() + b"\n")
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
