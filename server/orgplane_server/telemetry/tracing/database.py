from __future__ import annotations

from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, ParamSpec, TypeVar

from opentelemetry.trace import NoOpTracer, Span, SpanKind, StatusCode, Tracer, get_current_span

from ...domain.errors import Unavailable
from ...store.engine.database import Change, Database, Query
from ...store.engine.job import Wanted

T = TypeVar("T")
P = ParamSpec("P")


class TracedDatabase(Database):
    """Of a request that has a span, what it asks and changes have spans as well: from the asking to the answer, waiting included.

    They show no statement and no value, but the use case's function that has the statements. The event `begun` is where the
    waiting ends; there is a second one where a transaction lost a conflict and is repeated, and none where somebody else's query
    was joined.
    """

    tracer: Tracer = NoOpTracer()

    async def read(
        self,
        query: Query[T],
        *,
        same: Hashable = None,
        long: bool = False,
        wanted: Wanted | None = None,
    ) -> T:
        if not get_current_span().is_recording():
            return await super().read(query, same=same, long=long, wanted=wanted)
        with self._span("read", query) as span:
            try:
                return await super().read(_noted(span, query), same=same, long=long, wanted=wanted)
            except Unavailable:
                _fail(span)
                raise

    async def write(self, change: Change[T], *, wanted: Wanted | None = None) -> T:
        if not get_current_span().is_recording():
            return await super().write(change, wanted=wanted)
        with self._span("write", change) as span:
            try:
                return await super().write(_noted(span, change), wanted=wanted)
            except Unavailable:
                _fail(span)
                raise

    def _span(self, operation: str, function: Callable[..., Any]) -> AbstractContextManager[Span]:
        while isinstance(function, partial):
            function = function.func
        name = function.__qualname__.partition(".<locals>")[0]  # the method that has it, or itself
        return self.tracer.start_as_current_span(
            f"{operation} {name}",
            kind=SpanKind.CLIENT,
            attributes={
                "db.system.name": self.kind,
                "db.operation.name": operation,
                "code.function.name": f"{function.__module__}.{name}",
            },
            record_exception=False,  # what a rule refuses is no fault of the database
            set_status_on_exception=False,
        )


def _noted(span: Span, function: Callable[P, T]) -> Callable[P, T]:
    """The function, saying when its turn has come."""

    def begun(*arguments: P.args, **named: P.kwargs) -> T:
        span.add_event("begun")
        return function(*arguments, **named)

    return begun


def _fail(span: Span) -> None:
    span.set_attribute("error.type", "unavailable")
    span.set_status(StatusCode.ERROR)
