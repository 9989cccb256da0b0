"""One process that serves, from its start to the end of its last call."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import structlog
from pyvoy import StartupError

from .envoy import DRAIN_SECONDS, Envoy, ListenerError, ListenerOptions
from .lifeline import Lifeline

_POLL_SECONDS = 0.05
_CERTIFICATE_POLLS = 200
#: So many times in a row a worker that died before it served is started anew at once, then after so long,
#: twice as long each time.
_AT_ONCE = 3
_FIRST_DELAY = 0.5
_LONGEST_DELAY = 30.0
#: Whoever lives so long without being asked anything is as good as one that served.
_LASTING_SECONDS = 60.0

log = structlog.get_logger(__name__)


class Worker:
    """Each of the server's processes is one; a new process takes the place of one that died."""

    def __init__(
        self,
        app: str,
        options: ListenerOptions,
        number: int,
        prepare: Callable[[], None] | None = None,
    ) -> None:
        """`prepare` is called before each start; it may raise ListenerError."""
        self._app = app
        self._prepare = prepare
        self._number = number
        self._options = options
        self._envoy: Envoy | None = None
        self._lifeline: Lifeline | None = None
        #: How often a process began to serve.
        self.starts = 0

    @property
    def number(self) -> int:
        return self._number

    @property
    def pid(self) -> int | None:
        """The process, while there is one."""
        return None if self._envoy is None else self._envoy.pid

    @property
    def lifeline(self) -> Path | None:
        """The pipe to the process, which is another one for each; None if none is running."""
        return None if self._lifeline is None or self.pid is None else self._lifeline.path

    async def connections(self) -> int | None:
        """How many are open; None if the process does not say, or none is running."""
        if self._envoy is not None and self.pid is not None:
            with contextlib.suppress(OSError, ValueError, http.client.HTTPException):
                return (await self._envoy.active())[1]
        return None

    @property
    def url(self) -> str:
        """Where a client on this machine reaches the server."""
        return self._running.url

    async def start(self) -> None:
        """Comes back when requests are served. Raises ListenerError when the process cannot start."""
        await self.stop()
        if self._prepare is not None:
            self._prepare()
        self._lifeline = Lifeline()
        environment = {
            **self._options.environment,
            "ORGPLANE_LIFELINE": str(self._lifeline.path),
            "ORGPLANE_WORKER": str(self._number),
        }
        self._envoy = Envoy(self._app, self._options, environment)
        try:
            await self._envoy.start()
        except StartupError:
            raise ListenerError("could not start; the reason is above") from None
        self._options = replace(self._options, port=self._envoy.listener_port)
        self.starts += 1

    async def keep(self) -> NoReturn:
        """Starts the process anew whenever it dies; where that is not wanted, raises ListenerError.

        At once, unless it died again and again without an answer in between.
        """
        loop = asyncio.get_running_loop()
        in_vain = 0
        while True:
            started = loop.time()
            status = await self._running.wait()
            if not self._options.revive:
                raise ListenerError("the serving process died; the reason is above")
            served = self._lifeline is not None and self._lifeline.served
            in_vain = 0 if served or loop.time() - started > _LASTING_SECONDS else in_vain + 1
            log.error("a serving process died", cause=_cause(status), again_in=_delay(in_vain))
            in_vain = await self._start_again(in_vain)

    async def _start_again(self, in_vain: int) -> int:
        """Tries until it works; how many starts in a row have been in vain by then."""
        while True:
            await asyncio.sleep(_delay(in_vain))
            try:
                await self.start()
            except ListenerError as error:
                in_vain += 1
                log.error(
                    "a serving process cannot start", cause=str(error), again_in=_delay(in_vain)
                )
            else:
                log.warning("a serving process was started anew")
                return in_vain

    async def await_certificate(self, serial_number: str) -> None:
        """Comes back when new connections get it. Raises ListenerError if the process does not take it.

        A process that is not there at the moment begins with it.
        """
        for _ in range(_CERTIFICATE_POLLS):
            try:
                if self._envoy is None or self._envoy.stopped:
                    return
                if await self._envoy.serves(serial_number):
                    return
            except (OSError, http.client.HTTPException):
                pass
            await asyncio.sleep(_POLL_SECONDS)
        raise ListenerError("a serving process does not take the certificate or its key")

    async def drain(self, grace: float, impatient: asyncio.Event) -> int:
        """Finishes what runs; how many calls run still when the grace is over, or who waits impatient.

        Connections are told to end; when they had the time to, what still comes is turned away. Only
        then is it certain that no call is running: a connection at rest may bring one at any
        moment. Raises ListenerError if the process dies.
        """
        if self._envoy is None or self._envoy.stopped:  # it was about to be started anew
            return 0
        try:
            return await self._drain(grace, impatient)
        except (OSError, http.client.HTTPException):
            raise ListenerError("a serving process died while it finished its calls") from None

    async def _drain(self, grace: float, impatient: asyncio.Event) -> int:
        envoy, lifeline = self._running, self._lifeline
        assert lifeline is not None
        loop = asyncio.get_running_loop()
        begun = loop.time()
        lifeline.next_stage()
        await envoy.start_drain()
        closed = False
        while True:
            settled = closed and lifeline.heard
            requests, connections = await envoy.active()
            passed = loop.time() - begun
            if settled and not requests:
                return 0
            if passed > grace or impatient.is_set():
                return requests
            if not closed and (not connections or passed > 2 * DRAIN_SECONDS):
                lifeline.next_stage()
                # Whoever is turned away and comes again at once would keep us busy for ever.
                await envoy.stop_listening()
                closed = True
            await asyncio.sleep(_POLL_SECONDS)

    async def stop(self) -> None:
        """Ends the process, if there is one. Stopping twice is fine."""
        if self._envoy is not None:
            await self._envoy.stop()
        if self._lifeline is not None:
            self._lifeline.close()
            self._lifeline = None

    @property
    def _running(self) -> Envoy:
        assert self._envoy is not None, "the worker was started"
        return self._envoy


def _delay(in_vain: int) -> float:
    """Seconds until the next start, after so many in a row that led to no answer."""
    if in_vain <= _AT_ONCE:
        return 0.0
    return float(min(_FIRST_DELAY * 2 ** (in_vain - _AT_ONCE - 1), _LONGEST_DELAY))


def _cause(status: int | None) -> str:
    if status is not None and status < 0:
        return signal.Signals(-status).name
    return f"exit status {status}"
