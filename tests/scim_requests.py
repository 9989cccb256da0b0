"""Requests of identity providers as the log keeps them."""

from __future__ import annotations

from datetime import datetime, timedelta

from orgplane_server.domain.identifier import OrganizationId, ScimConfigurationId, ScimRequestId
from orgplane_server.domain.scim_request import ScimRequest
from orgplane_server.usecases.minting import new_id


def a_request(organization: OrganizationId, received_at: datetime) -> ScimRequest:
    """One through a configuration of its own."""
    return ScimRequest(
        id=ScimRequestId(new_id()),
        organization_id=organization,
        scim_configuration_id=ScimConfigurationId(new_id()),
        received_at=received_at,
        duration=timedelta(milliseconds=3),
        method="GET",
        path="/scim/v2/Users",
        status=200,
        detail="",
        scim_type="",
        user_agent="Okta SCIM Client 1.0.0",
        request_id="r",
        peer="127.0.0.1:1",
        request_body="",
        response_body="",
    )
