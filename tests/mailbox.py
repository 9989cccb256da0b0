"""Codes as they arrive at addresses, put there in the transaction that sends them."""

from __future__ import annotations

from orgplane_server.domain.identifier import OrganizationId
from orgplane_server.store.engine.unit_of_work import UnitOfWork


class Mailbox:
    """Everybody's mail."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    def post(self, unit: UnitOfWork, organization: OrganizationId, email: str, code: str) -> None:
        self.sent.append((email, code))

    def code(self, email: str) -> str:
        """The newest that an address got."""
        return [code for to, code in self.sent if to == email][-1]
