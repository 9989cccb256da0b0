"""PostgreSQL statements that travel together: one round trip for all of them (libpq's pipeline mode).

A round trip costs the thread two waits for the interpreter lock and PostgreSQL two wake-ups: more than most
statements that we run. psycopg's own pipeline mode saves the trips and spends as much on its bookkeeping (237
microseconds of CPU for the six statements of an update, 241 without, 120 here), so this speaks through
psycopg's `pq`, the documented wrapper of libpq. Values are adapted by psycopg as ever. Nothing is left
pending: between two calls the connection is psycopg's own, in whatever transaction it is.
"""

from __future__ import annotations

import hashlib
import select
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import pq
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result

from .driver import Call, Row

_Values = Sequence[Any] | None

_BEGIN: Call = ("BEGIN", ())
_COMMIT: Call = ("COMMIT", ())


class Pipeline:
    """One connection's. A statement is prepared the first time that it is run."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._pgconn = connection.pgconn
        self._transformer = Transformer(connection)
        self._prepared: dict[str, bytes] = {}
        self._poll = select.poll()

    def run(self, calls: Sequence[Call], *, commit: bool = False) -> list[Row]:
        """Runs statements, with `$1` for a value, in the open transaction, or in one that it begins; the rows of the last.

        Raises the psycopg.Error of the first that fails; none behind it has run then, nor the `commit`.
        """
        begin = self._pgconn.transaction_status == pq.TransactionStatus.IDLE
        sent = [
            (self._name(text), self._adapted(values))
            for text, values in (*[_BEGIN] * begin, *calls, *[_COMMIT] * commit)
        ]
        try:
            self._pgconn.enter_pipeline_mode()
            for name, values in sent:
                self._pgconn.send_query_prepared(name, values)
            self._pgconn.pipeline_sync()
            results = self._results()
            self._pgconn.exit_pipeline_mode()
        except BaseException:  # who knows what the server still has to say
            self._connection.close()
            raise
        for result in results:
            if result.status == pq.ExecStatus.FATAL_ERROR:
                raise _error(result)
        last = results[-2 if commit else -1]
        self._transformer.set_pgresult(last)
        return self._transformer.load_rows(0, last.ntuples, tuple)

    def _name(self, text: str) -> bytes:
        """Of the same text always: should a pooler swap sessions, no other statement is run by it."""
        name = self._prepared.get(text)
        if name is None:
            name = b"orgplane_" + hashlib.sha256(text.encode()).hexdigest()[:32].encode()
            result = self._pgconn.prepare(name, text.encode())
            if result.status != pq.ExecStatus.COMMAND_OK:
                raise _error(result)
            self._prepared[text] = name
        return name

    def _adapted(self, values: Sequence[Any]) -> _Values:
        if not values:
            return None
        return self._transformer.dump_sequence(values, [PyFormat.TEXT] * len(values))

    def _results(self) -> list[pq.abc.PGresult]:
        """Of all statements up to the end of the pipeline, of which those behind a failure were not run."""
        while self._pgconn.flush():
            self._wait(select.POLLIN | select.POLLOUT)
        found: list[pq.abc.PGresult] = []
        while True:
            # Asked no more often than needed: it lets go of the interpreter, which others then fight for.
            while self._pgconn.is_busy():
                self._wait(select.POLLIN)
            result = self._pgconn.get_result()
            if result is None:
                raise psycopg.OperationalError(self._pgconn.get_error_message())
            if result.status == pq.ExecStatus.PIPELINE_SYNC:
                return found
            found.append(result)
            self._pgconn.get_result()  # None: the end of this statement's

    def _wait(self, events: int) -> None:
        self._poll.register(self._pgconn.socket, events)
        self._poll.poll()
        self._pgconn.consume_input()


def _error(result: pq.abc.PGresult) -> psycopg.Error:
    """What the server says; without an SQLSTATE it is libpq that says so, of a connection that is lost."""
    if result.error_field(pq.DiagnosticField.SQLSTATE) is None:
        return psycopg.OperationalError(result.get_error_message())
    return error_from_result(result)
