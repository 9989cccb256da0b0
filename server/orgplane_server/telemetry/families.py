"""Everything that is measured: names, meaning and labels, of which none is ever a caller's word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ..store.engine.commits import CHANGES, WAITS


@dataclass(frozen=True, slots=True)
class Family:
    """`bounds` are those of a histogram. A gauge is the sum over the workers that run; one that is `stored` is asked
    of the database, by one of them.

    A counter and a histogram are kept when their worker is gone, a gauge goes with it.
    """

    kind: Literal["counter", "gauge", "histogram"]
    help: str
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()
    stored: bool = False


REQUESTS = "orgplane_request_duration_seconds"
IN_FLIGHT = "orgplane_requests_in_flight"
WATCHES = "orgplane_watches"
REFUSED = "orgplane_refused_by_limit_total"
TRANSACTIONS = "orgplane_transaction_changes"
WAIT = "orgplane_change_wait_seconds"
WAITING = "orgplane_changes_waiting"
QUERIES_WAITING = "orgplane_queries_waiting"
WAL = "orgplane_database_wal_bytes"
SIGN_INS = "orgplane_sign_ins_total"
DOMAINS = "orgplane_domains"
CONFIGURATIONS = "orgplane_scim_configurations"
ENDING = "orgplane_credentials_ending_soon"
WORKER_UP = "orgplane_worker_up"
WORKER_STARTS = "orgplane_worker_starts_total"
CONNECTIONS = "orgplane_connections"
CERTIFICATE = "orgplane_certificate_end_timestamp_seconds"
BUILD = "orgplane_build_info"

FAMILIES: Mapping[str, Family] = {
    REQUESTS: Family(
        "histogram",
        "From the head of a request to the end of its answer; of a stream, how long it was open.",
        ("method", "protocol", "code"),
        (0.002, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10.0),
    ),
    IN_FLIGHT: Family("gauge", "Requests that are being answered, streams among them."),
    CONNECTIONS: Family("gauge", "Connections of clients that are open.", ("worker",)),
    WATCHES: Family("gauge", "Watches of events that are open."),
    REFUSED: Family("counter", "Calls refused because there were too many of a kind.", ("limit",)),
    TRANSACTIONS: Family("histogram", "Changes in a transaction that was committed.", (), CHANGES),
    WAIT: Family("histogram", "Waiting of changes for their transaction to begin.", (), WAITS),
    WAITING: Family("gauge", "Changes that wait for their transaction."),
    QUERIES_WAITING: Family("gauge", "Queries that wait for a connection."),
    WAL: Family("gauge", "Size of SQLite's write-ahead log.", stored=True),
    SIGN_INS: Family("counter", "Sign-ins through an SSO configuration.", ("outcome",)),
    DOMAINS: Family("gauge", "Domains of organizations.", ("status",), stored=True),
    CONFIGURATIONS: Family("gauge", "SCIM configurations there are.", ("status",), stored=True),
    ENDING: Family("gauge", "Credentials that end within 14 days.", ("kind",), stored=True),
    CERTIFICATE: Family("gauge", "When the certificate that is served ends; none without TLS."),
    WORKER_UP: Family(
        "gauge", "1 for a worker that answers, 0 for one that does not.", ("worker",)
    ),
    WORKER_STARTS: Family("counter", "How often a worker's process began to serve.", ("worker",)),
    BUILD: Family("gauge", "1, with what is running.", ("version", "python")),
}
