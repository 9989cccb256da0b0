# Generated from _async/scim_breakers.py by client/generate_sync.py. Do not edit.
from __future__ import annotations

from orgplane_api.orgplane.v1 import scim_breaker_pb as pb
from orgplane_api.orgplane.v1.scim_breaker_service_connect import ScimBreakerServiceClientSync

from .. import types
from .._core.options import Seconds
from .connection import Connection


class SCIMBreakers:
    """Breakers against mass deprovisioning. Administrators only.

    Every method raises an `orgplane.APIError`, and takes a `timeout` of its own in seconds.
    """

    def __init__(self, connection: Connection) -> None:
        self._call = connection.call
        self._rpc = connection.stub(ScimBreakerServiceClientSync)

    def retrieve(
        self, *, scim_configuration_id: str, timeout: Seconds | None = None
    ) -> types.SCIMBreaker:
        """The breaker of a configuration, and whether it has paused something."""
        response = self._call(
            self._rpc.get_scim_breaker,
            pb.GetScimBreakerRequest(scim_configuration_id=scim_configuration_id),
            timeout,
        )
        return types.SCIMBreaker.from_wire(types.present(response.scim_breaker))

    def update(
        self, *, scim_configuration_id: str, percent: int, timeout: Seconds | None = None
    ) -> types.SCIMBreaker:
        """So many percent of the active users, and 10 people at least, may go within an hour; 0: all may."""
        response = self._call(
            self._rpc.update_scim_breaker,
            pb.UpdateScimBreakerRequest(
                scim_configuration_id=scim_configuration_id, percent=percent
            ),
            timeout,
        )
        return types.SCIMBreaker.from_wire(types.present(response.scim_breaker))

    def resume(self, *, scim_configuration_id: str, timeout: Seconds | None = None) -> int:
        """Suspends and removes those who wait; how many."""
        response = self._call(
            self._rpc.resume_deprovisioning,
            pb.ResumeDeprovisioningRequest(scim_configuration_id=scim_configuration_id),
            timeout,
        )
        return response.count

    def discard(self, *, scim_configuration_id: str, timeout: Seconds | None = None) -> int:
        """Forgets what the provider wanted of those who wait; of how many."""
        response = self._call(
            self._rpc.discard_deprovisioning,
            pb.DiscardDeprovisioningRequest(scim_configuration_id=scim_configuration_id),
            timeout,
        )
        return response.count
