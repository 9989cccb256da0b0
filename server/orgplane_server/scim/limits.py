"""What the operator allows one request to ask for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """`max_request_bytes` bounds a body, `page_size` a page, which has as many if the client does not say."""

    max_request_bytes: int
    page_size: int
