"""Logs: structured events on stderr, as text for people or one JSON object a line for machines."""

from __future__ import annotations

import atexit
import io
import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Literal, TextIO

import structlog

from .call_line import json_line
from .lines import Lines
from .trace import Trace

LogFormat = Literal["text", "json"]
LogLevel = Literal["info", "warning", "error"]

log = structlog.get_logger("orgplane_server.call")

_STDERR = Lines(2)
#: Writes the lines that wait to be written.
drain = _STDERR.drain
atexit.register(drain)


_format: LogFormat = "text"
_calls = True


def configure(
    format: LogFormat,
    level: LogLevel = "info",
    about: structlog.typing.Processor = lambda _logger, _method, event: event,
) -> None:
    """Sends our events, from this level on, and the libraries' warnings to stderr in one format.

    `about` may add to each what it concerns.
    """
    global _format, _calls
    least = logging.getLevelNamesMapping()[level.upper()]
    _format, _calls = format, least <= logging.INFO
    shared: list[structlog.typing.Processor] = [
        about,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    final: list[structlog.typing.Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if format == "json"
        else [
            _without_controls,
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=_traceback
            ),
        ]
    )
    structlog.configure(
        processors=[*shared, *final],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=lambda *_: _STDERR,
        cache_logger_on_first_use=True,
    )
    stream: Any = _STDERR
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *final],
            foreign_pre_chain=shared,
        )
    )
    logging.basicConfig(handlers=[handler], level=max(least, logging.WARNING), force=True)


def call(*, trace: Trace | None, **told: Any) -> None:
    """Writes the one line that every call has; as JSON without structlog, whose way takes three times as long."""
    if not _calls:
        return
    if _format == "json":
        _STDERR.info(json_line(trace=trace, **told))
    else:
        log.info("call", **told, **(trace.ids() if trace else {}))


def _without_controls(
    logger: Any, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """A processor: what callers have sent, such as a path, is text to a terminal and to readers of lines."""
    for key, value in event.items():
        if isinstance(value, str) and not value.isprintable():
            event[key] = _printable(value)
    return event


def _traceback(stream: TextIO, exc_info: Any) -> None:
    """Without the frames' local variables, and so without tokens."""
    plain = io.StringIO()
    structlog.dev.plain_traceback(plain, exc_info)
    stream.write(_printable(plain.getvalue()))


def _printable(text: str) -> str:
    """Escapes all but ends of lines: those are quoted in values, and belong in tracebacks."""
    return "".join(
        char if char == "\n" or char.isprintable() else char.encode("unicode_escape").decode()
        for char in text
    )
