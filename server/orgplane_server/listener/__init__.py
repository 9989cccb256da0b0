"""Serves an ASGI application on one port through Envoy, which speaks HTTP/1.1, HTTP/2 and TLS.

The application runs inside Envoy's process, with one event loop; this process only starts it, tells it
when the server stops, and waits for the calls that are running.
"""

from __future__ import annotations

from .envoy import ListenerOptions
from .serving import ListenerError, serve

__all__ = ["ListenerError", "ListenerOptions", "serve"]
