from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
import socket
import ssl
import sys
from collections.abc import Callable, Iterator

from pyvoy import StartupError

from . import python_library
from .envoy import DRAIN_SECONDS, Envoy, ListenerOptions
from .lifeline import Lifeline

_POLL_SECONDS = 0.05


class ListenerError(Exception):
    """The server cannot start here; the text says what to put right."""


async def serve(app: str, options: ListenerOptions, *, on_ready: Callable[[str], None]) -> int:
    """Serves `app` (`module:attribute`) until SIGTERM or SIGINT; the process's exit status.

    `on_ready` gets the base URL once requests are served. The first signal starts the drain: running
    calls finish, new ones are turned away. Status 0 if all of them finished within the grace, 1 if
    some were cut, because it was over or because of a second signal. Raises ListenerError when the
    server cannot start, or its process died.
    """
    if (missing := python_library.missing()) is not None:
        raise ListenerError(missing)
    _check_tls(options)
    _check_address(options)
    with Lifeline() as lifeline, _signals() as signals:
        environment = {**options.environment, "ORGPLANE_LIFELINE": str(lifeline.path)}
        envoy = Envoy(app, options, environment)
        try:
            await envoy.start()
        except StartupError:
            raise ListenerError("could not start; the reason is above") from None
        try:
            on_ready(envoy.url)
            await _first(signals.wait(), envoy.wait())
            if envoy.stopped:
                raise ListenerError("the serving process died; the reason is above")
            signals.clear()
            return await _drain(envoy, lifeline, options.drain_grace, signals)
        finally:
            await envoy.stop()


async def _drain(envoy: Envoy, lifeline: Lifeline, grace: float, impatient: asyncio.Event) -> int:
    """Connections are told to end; when they had the time to, what still comes is turned away.

    Only then is it certain that no call is running: a connection at rest may bring one at any moment.
    """
    loop = asyncio.get_running_loop()
    begun = loop.time()
    lifeline.next_stage()
    await envoy.start_drain()
    closed = False
    while not envoy.stopped:
        done = closed and lifeline.heard
        requests, connections = await envoy.active()
        passed = loop.time() - begun
        if done and not requests:
            return 0
        if not closed and not requests and (not connections or passed > 2 * DRAIN_SECONDS):
            lifeline.next_stage()
            closed = True
            continue
        if passed > grace or impatient.is_set():
            print(f"orgplane-server: stopped with {requests} calls running", file=sys.stderr)
            return 1
        await asyncio.sleep(_POLL_SECONDS)
    raise ListenerError("the serving process died while it finished its calls")


def _check_address(options: ListenerOptions) -> None:
    """Envoy would find out too, but says so in the middle of its own report."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            options.host, options.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
    except OSError as error:
        where = f"{options.host}:{options.port}"
        if error.errno == errno.EADDRINUSE:
            raise ListenerError(f"{where} is already in use") from None
        raise ListenerError(f"cannot listen on {where}: {error.strerror}") from None


def _check_tls(options: ListenerOptions) -> None:
    if options.tls_cert is None:
        return
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(options.tls_cert, options.tls_key)
        if options.client_ca is not None:
            context.load_verify_locations(options.client_ca)
    except (OSError, ssl.SSLError) as error:
        raise ListenerError(f"cannot use the TLS certificate, key or client CA: {error}") from None


@contextlib.contextmanager
def _signals() -> Iterator[asyncio.Event]:
    """An event set by SIGTERM and SIGINT."""
    loop = asyncio.get_running_loop()
    received = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, received.set)
    try:
        yield received
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


async def _first(*awaitables: object) -> None:
    tasks = [asyncio.ensure_future(awaitable) for awaitable in awaitables]  # type: ignore[call-overload]
    _, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
