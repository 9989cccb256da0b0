"""Whoever runs the server, with an operator token: a client that is generated, in any protocol."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from every_rpc import OF_OPERATORS
from orgplane_api.orgplane.v1 import operator_pb as pb
from orgplane_api.orgplane.v1.operator_service_connect import OperatorServiceClient
from orgplane_server.usecases.organization import Founded


@dataclass(frozen=True)
class Operator:
    """A client with an operator token."""

    rpc: OperatorServiceClient
    token: str

    async def __call__(self, method: str, **fields: Any) -> Any:
        (name,) = [
            each.name for each in OF_OPERATORS if each.name.lower() == method.replace("_", "")
        ]
        request = getattr(pb, f"{name}Request")(**fields)
        headers = {"authorization": f"Bearer {self.token}"}
        return await getattr(self.rpc, method)(request, headers=headers)

    def watch(self, **fields: Any) -> AsyncIterator[pb.WatchAllEventsResponse]:
        """What `WatchAllEvents` tells."""
        headers = {"authorization": f"Bearer {self.token}"}
        return self.rpc.watch_all_events(pb.WatchAllEventsRequest(**fields), headers=headers)

    async def suspend(self, owner: Founded) -> pb.OperatedOrganization:
        done = await self("suspend_organization", organization_id=str(owner.organization.id))
        suspended: pb.OperatedOrganization = done.organization
        return suspended

    async def resume(self, owner: Founded) -> pb.OperatedOrganization:
        done = await self("resume_organization", organization_id=str(owner.organization.id))
        resumed: pb.OperatedOrganization = done.organization
        return resumed


OperatorFor = Callable[[str], Operator]
