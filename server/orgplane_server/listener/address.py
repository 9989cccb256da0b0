"""The address to listen on: free, and ours alone."""

from __future__ import annotations

import contextlib
import errno
import socket
import sys
from collections.abc import Iterator
from dataclasses import replace

from .envoy import ListenerError, ListenerOptions


@contextlib.contextmanager
def reserved(options: ListenerOptions) -> Iterator[ListenerOptions]:
    """The options, with the real port where several workers share it; ListenerError if it is not free.

    They share it by SO_REUSEPORT, and any other process of this user could. A socket that is bound to
    it and never listens keeps other servers away, also while a worker is started anew.
    """
    try:
        with _exclusive(options) as listening:
            if options.workers == 1:  # which will hold it alone
                held = None
            else:
                held = _sharing(listening)
                options = replace(options, port=held.getsockname()[1])
    except OSError as error:
        where = f"{options.host}:{options.port}"
        if error.errno == errno.EADDRINUSE:
            raise ListenerError(
                f"{where} is already in use: stop what listens there, or serve elsewhere by "
                "--listen HOST:PORT (ORGPLANE_LISTEN); port 0 takes a free one"
            ) from None
        raise ListenerError(f"cannot listen on {where}: {error.strerror}") from None
    with held or contextlib.nullcontext():
        yield options


def _exclusive(options: ListenerOptions) -> socket.socket:
    """Listens there, which nobody else can meanwhile."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        options.host, options.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen()
    except OSError:
        listening.close()
        raise
    return listening


def _sharing(listening: socket.socket) -> socket.socket:
    """Bound to the same address before the other lets go: nobody gets in between."""
    if sys.platform != "linux":
        raise ListenerError("workers: more than 1 needs Linux, which spreads connections over them")
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    held = socket.socket(listening.family, listening.type, listening.proto)
    try:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(listening.getsockname())
        # That was for connections of an earlier server in TIME_WAIT; left on, others could listen.
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
    except OSError:
        held.close()
        raise
    return held
