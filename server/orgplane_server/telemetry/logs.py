"""Logs: structured events on stderr, as text for people or one JSON object a line for machines."""

from __future__ import annotations

import atexit
import logging
import sys
from typing import Any, Literal

import structlog

from .lines import Lines

LogFormat = Literal["text", "json"]

_STDERR = Lines(2)
#: Writes the lines that wait to be written.
drain = _STDERR.drain
atexit.register(drain)


def configure(format: LogFormat) -> None:
    """Sends our events and the libraries' warnings to stderr in one format."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    final: list[structlog.typing.Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if format == "json"
        else [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(),
                # The default shows the frames' local variables, and so tokens.
                exception_formatter=structlog.dev.plain_traceback,
            )
        ]
    )
    structlog.configure(
        processors=[*shared, *final],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
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
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
