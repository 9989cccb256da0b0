from __future__ import annotations

import logging
import threading
from collections.abc import Sequence

import structlog
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

log = structlog.get_logger(__name__)


class Export(SpanExporter):
    """An exporter, of which is said once when the collector does not take spans, and once when it does again."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._failing = False
        #: What the exporter said last of what is wrong.
        self.cause = ""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._exporter.export(spans)
        if result is SpanExportResult.SUCCESS:
            if self._failing:
                log.warning("traces are taken by the collector again")
            self._failing = False
        else:
            self._fail()
        return result

    def give_up(self) -> None:
        """What is left is not sent any more, as the collector takes too long."""
        self._fail()

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._exporter.force_flush(timeout_millis)

    def _fail(self) -> None:
        if not self._failing:
            self._failing = True
            log.warning(
                "traces are not taken by the collector, and lost until they are", cause=self.cause
            )


class _Heeded(logging.Handler):
    """What OpenTelemetry logs: of exports it is the cause, of all else each kind of line is passed on once."""

    def __init__(self, export: Export) -> None:
        super().__init__(logging.WARNING)
        self._export = export
        self._told: set[str] = set()
        self._lock = threading.Lock()

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith("opentelemetry.exporter."):
            self._export.cause = record.getMessage()
            return
        with self._lock:
            if str(record.msg) in self._told:
                return
            self._told.add(str(record.msg))
        log.warning("OpenTelemetry", said=record.getMessage())


def heed(export: Export) -> None:
    """Has OpenTelemetry log no more by itself; it would with each batch that is not taken."""
    logger = logging.getLogger("opentelemetry")
    logger.handlers = [_Heeded(export)]
    logger.propagate = False
