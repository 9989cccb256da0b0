"""`--jq`: of the JSON what an expression makes of it, by jq itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .data import dumps, plain, shown
from .failure import Failure
from .target import Flags


class Selection:
    """Prints each result of an expression as a line of JSON, and a text as it is. A list is one value, a stream one after the other."""

    def __init__(self, program: Any) -> None:
        self._program = program

    def one(self, record: Any) -> None:
        self._print(plain(record))

    def many(self, pages: Iterable[Sequence[Any]], columns: Sequence[str]) -> None:
        self._print([plain(record) for page in pages for record in page])

    def follow(self, records: Iterable[Any], columns: Sequence[str]) -> None:
        for record in records:
            self._print(plain(record))

    def _print(self, value: Any) -> None:
        try:
            for result in self._program.input_value(value):
                print(shown(result) if isinstance(result, str) else dumps(result), flush=True)
        except ValueError as error:
            raise Failure(
                f"--jq: {error}", "What the command has done is done; only the output is missing."
            ) from None


def compiled(flags: Flags) -> Selection:
    """Raises Failure for what is no expression, before anything is done."""
    if flags.output not in ("table", "json"):
        raise Failure(f"--jq: goes with JSON, not with --output {flags.output}")
    try:
        import jq
    except ImportError:
        raise Failure(
            "--jq: jq is not installed", "Install it with: pip install 'orgplane[jq]'"
        ) from None
    try:
        return Selection(jq.compile(flags.jq))
    except ValueError as error:
        first, *_ = str(error).splitlines()
        raise Failure(f"--jq: {first}") from None
