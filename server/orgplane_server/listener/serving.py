from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NoReturn

import structlog

from . import open_files, python_library
from .address import reserved
from .envoy import ListenerError, ListenerOptions
from .worker import Worker

if TYPE_CHECKING:  # and with it cryptography, which only TLS needs
    from .certificates import Certificates

log = structlog.get_logger(__name__)


async def serve(
    app: str,
    options: ListenerOptions,
    *,
    on_ready: Callable[[str, str | None], None],
    on_stop: Callable[[], None] = lambda: None,
) -> int:
    """Serves `app` (`module:attribute`) until SIGTERM or SIGINT; the process's exit status.

    `on_ready` gets the base URL, and the one of the metrics if there are any, once requests are served. The first signal, which `on_stop` is told of, starts the drain: running
    calls finish, new ones are turned away. Status 0 if all of them finished within the grace, 1 if
    some were cut, because it was over or because of a second signal. Raises ListenerError when the
    server cannot start, or a process died and is not to be started anew.
    """
    if (missing := python_library.missing()) is not None:
        raise ListenerError(missing)
    options = replace(options, max_connections=open_files.connections(options.max_connections))
    with (
        _signals(signal.SIGHUP) as hangups,
        _signals(signal.SIGTERM, signal.SIGINT) as signals,
        _certificates(options) as certificates,
        reserved(options) as options,
    ):
        if certificates is not None:
            options = replace(options, secrets=certificates.secrets)
        put = certificates.put if certificates is not None else None
        workers = [Worker(app, options, number, put) for number in range(options.workers)]
        reloading = asyncio.create_task(_reload(workers, certificates, hangups))
        try:
            async with _metrics(options, workers, certificates) as metrics:
                await _start(workers)
                on_ready(workers[0].url, metrics)
                await _keep(workers, signals)
                on_stop()
                signals.clear()
                return await _drain(workers, options.drain_grace, signals)
        finally:
            reloading.cancel()
            await asyncio.gather(*(worker.stop() for worker in workers))


@contextlib.asynccontextmanager
async def _metrics(
    options: ListenerOptions, workers: Sequence[Worker], certificates: Certificates | None
) -> AsyncIterator[str | None]:
    """The URL where they are served; None where nobody wants them. Raises ListenerError."""
    if options.metrics is None:
        yield None
        return
    from .metrics import Metrics, served  # with prometheus-client, which nobody else needs

    async with served(Metrics(workers, certificates), *options.metrics) as url:
        yield url


@contextlib.contextmanager
def _certificates(options: ListenerOptions) -> Iterator[Certificates | None]:
    """None without TLS. Raises ListenerError for files that cannot be served."""
    if options.tls_cert is None:
        yield None
        return
    from .certificates import Certificates

    with contextlib.closing(Certificates(options)) as certificates:
        certificates.load()
        yield certificates


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
        print(
            f"orgplane-server: stopped with {running} call{'' if running == 1 else 's'} running",
            file=sys.stderr,
        )
        return 1
    return 0


async def _reload(
    workers: Sequence[Worker], certificates: Certificates | None, hangups: asyncio.Event
) -> NoReturn:
    """Has the certificate files read anew at each SIGHUP; what cannot be served leaves the last ones in place."""
    while True:
        await hangups.wait()
        hangups.clear()
        if certificates is None:
            log.info("SIGHUP: there are no certificates to read anew")
            continue
        try:
            serial_number = certificates.load(now=datetime.now(UTC))
        except ListenerError as error:
            log.error("SIGHUP: the certificates served before are kept", cause=str(error))
            continue
        try:
            await asyncio.gather(*(worker.await_certificate(serial_number) for worker in workers))
        except ListenerError as error:
            cause = str(error)
            if certificates.removed:
                cause += f": {certificates.secrets} was removed; start the server anew"
            log.error("SIGHUP: the certificates served before are kept", cause=cause)
            with contextlib.suppress(ListenerError):
                certificates.undo()
        else:
            log.info("SIGHUP: the certificates are read anew", serial_number=serial_number)


@contextlib.contextmanager
def _signals(*numbers: signal.Signals) -> Iterator[asyncio.Event]:
    """An event set by these signals."""
    loop = asyncio.get_running_loop()
    received = asyncio.Event()
    for number in numbers:
        loop.add_signal_handler(number, received.set)
    try:
        yield received
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
