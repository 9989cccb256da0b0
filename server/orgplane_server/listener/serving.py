from __future__ import annotations

import asyncio
import contextlib
import signal
import ssl
import sys
from collections.abc import Callable, Iterator, Sequence

from . import python_library
from .address import reserved
from .envoy import ListenerError, ListenerOptions
from .worker import Worker


async def serve(app: str, options: ListenerOptions, *, on_ready: Callable[[str], None]) -> int:
    """Serves `app` (`module:attribute`) until SIGTERM or SIGINT; the process's exit status.

    `on_ready` gets the base URL once requests are served. The first signal starts the drain: running
    calls finish, new ones are turned away. Status 0 if all of them finished within the grace, 1 if
    some were cut, because it was over or because of a second signal. Raises ListenerError when the
    server cannot start, or a process died and is not to be started anew.
    """
    if (missing := python_library.missing()) is not None:
        raise ListenerError(missing)
    _check_tls(options)
    with reserved(options) as options, _signals() as signals:
        workers = [Worker(app, options, number) for number in range(options.workers)]
        try:
            await _start(workers)
            on_ready(workers[0].url)
            await _keep(workers, signals)
            signals.clear()
            return await _drain(workers, options.drain_grace, signals)
        finally:
            await asyncio.gather(*(worker.stop() for worker in workers))


async def _start(workers: Sequence[Worker]) -> None:
    """The first one alone: what is wrong is said once, and what is to be done once is done by it."""
    first, *others = workers
    await first.start()
    try:
        async with asyncio.TaskGroup() as group:
            for worker in others:
                group.create_task(worker.start())
    except ExceptionGroup as errors:
        # Those that were still starting were ended, perhaps in the middle of a line on the stderr that we share.
        print(file=sys.stderr)
        raise errors.exceptions[0] from None


async def _keep(workers: Sequence[Worker], signals: asyncio.Event) -> None:
    """Until a signal comes. Raises the ListenerError of a worker that is given up."""
    stop = asyncio.create_task(signals.wait())
    keepers = [asyncio.create_task(worker.keep()) for worker in workers]
    try:
        done, _ = await asyncio.wait([stop, *keepers], return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in (stop, *keepers):
            task.cancel()
        await asyncio.gather(stop, *keepers, return_exceptions=True)


async def _drain(workers: Sequence[Worker], grace: float, impatient: asyncio.Event) -> int:
    """All at once; the exit status."""
    outcomes = await asyncio.gather(
        *(worker.drain(grace, impatient) for worker in workers), return_exceptions=True
    )
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
    if running := sum(outcome for outcome in outcomes if isinstance(outcome, int)):
        print(f"orgplane-server: stopped with {running} calls running", file=sys.stderr)
        return 1
    return 0


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
