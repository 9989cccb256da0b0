"""Serves an ASGI application on one port through Envoy, which speaks HTTP/1.1, HTTP/2 and TLS.

The application runs inside Envoy's process, with one event loop, in as many processes as there are
workers. This process only starts them, anew when one died, tells them when the server stops, and waits for
the calls that are running.
"""

from __future__ import annotations

from .envoy import ListenerError, ListenerOptions
from .serving import serve

__all__ = ["ListenerError", "ListenerOptions", "serve"]
