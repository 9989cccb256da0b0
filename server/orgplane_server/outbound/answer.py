from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: Of an answer's body.
MOST_BYTES = 1 << 20
#: Beside the body: its head, those of interim answers (RFC 9110, section 15.2), what frames chunks.
MOST_AROUND = 128 * 1024
#: How long a connection is kept that nobody uses: less than servers do, as one that they close loses a request.
IDLE_SECONDS = 4.0
#: Of every request, beside its own.
HEADERS = {"accept-encoding": "identity", "user-agent": "orgplane"}
#: What a NotFetched says of a server without TLS, or with none that is safe.
NO_TLS = "does not speak TLS as is safe"


class NotFetched(Exception):
    """There is no answer; the text says why, to go on after the URL."""


def too_much() -> NotFetched:
    """More than there may be of an answer, in which a few bytes may take a while to be looked at."""
    return NotFetched("gives too much for an answer")


def not_trusted(error: ssl.SSLCertVerificationError) -> str:
    """What a NotFetched says of a certificate."""
    return (
        f"has a certificate that is not trusted ({error.verify_message}); whoever runs the server can name an authority: "
        "--outbound-ca"
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever its status; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def json(self) -> dict[str, Any]:
        """The object that it is. Raises NotFetched for anything else."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise NotFetched("gives no JSON object")
        return found
