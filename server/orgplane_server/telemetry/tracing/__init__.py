"""Spans by OpenTelemetry. Nothing in here is imported unless its variables ask for traces."""

from __future__ import annotations

from .tracing import NotTraced, Tracing

__all__ = ["NotTraced", "Tracing"]
