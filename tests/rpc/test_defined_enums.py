"""A number that an enumeration does not have is refused in every protocol, wherever it stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from databases import new_sqlite
from orgplane_api.gitpod.v1 import event_pb as audit_pb
from orgplane_api.gitpod.v1.identity_pb import Principal
from orgplane_api.gitpod.v1.login_provider_pb import LoginProviderKind
from orgplane_api.gitpod.v1.member_pb import ListMembersRequest, OrganizationRole, SetRoleRequest
from orgplane_api.gitpod.v1.pagination_pb import Sort, SortOrder
from orgplane_api.gitpod.v1.sso_configuration_pb import (
    SSOConfigurationState,
    UpdateSSOConfigurationRequest,
)
from orgplane_api.gitpod.v1.user_pb import UserStatus
from orgplane_api.google.rpc.error_details_pb import BadRequest
from orgplane_api.orgplane.v1 import event_pb
from orgplane_server.usecases.organization import Founded
from protobuf import Enum, Message
from rpc_clients import PROTOCOLS, Clients, reason

ID = "01a20abd-f271-72d4-9a6b-055019bca2f2"


def unknown(kind: type[Enum]) -> Any:
    return kind(4711)


#: The number itself reaches the server in binary only: JSON's writer would know no name for it.
BINARY = [name for name in PROTOCOLS if name != "connect-json"]

REQUESTS: dict[str, tuple[str, Message]] = {
    "filter.statuses[1]": (
        "list_members",
        ListMembersRequest(
            organization_id=ID,
            filter=ListMembersRequest.Filter(statuses=[UserStatus.ACTIVE, unknown(UserStatus)]),
        ),
    ),
    "filter.roles[0]": (
        "list_members",
        ListMembersRequest(
            organization_id=ID,
            filter=ListMembersRequest.Filter(roles=[unknown(OrganizationRole)]),
        ),
    ),
    "filter.login_provider": (
        "list_members",
        ListMembersRequest(
            organization_id=ID,
            filter=ListMembersRequest.Filter(login_provider=unknown(LoginProviderKind)),
        ),
    ),
    "sort.field": (
        "list_members",
        ListMembersRequest(
            organization_id=ID,
            sort=ListMembersRequest.Sort(field=unknown(ListMembersRequest.SortField)),
        ),
    ),
    "role": (
        "set_role",
        SetRoleRequest(organization_id=ID, user_id=ID, role=unknown(OrganizationRole)),
    ),
    "state": (
        "update_sso_configuration",
        UpdateSSOConfigurationRequest(
            sso_configuration_id=ID, state=unknown(SSOConfigurationState)
        ),
    ),
    "sort.order": (
        "list_audit_logs",
        audit_pb.ListAuditLogsRequest(sort=Sort(order=unknown(SortOrder))),
    ),
    "filter.actor_principals[0]": (
        "list_audit_logs",
        audit_pb.ListAuditLogsRequest(
            filter=audit_pb.ListAuditLogsRequest.Filter(actor_principals=[unknown(Principal)])
        ),
    ),
    "filter.resource_types[0]": (
        "list_events",
        event_pb.ListEventsRequest(
            filter=event_pb.EventFilter(resource_types=[unknown(audit_pb.ResourceType)])
        ),
    ),
    "resource_type_filters[0].resource_type": (
        "watch_events",  # of the audit log's service
        audit_pb.WatchEventsRequest(
            resource_type_filters=[
                audit_pb.WatchEventsRequest.ResourceTypeFilter(
                    resource_type=unknown(audit_pb.ResourceType)
                )
            ]
        ),
    ),
}


@pytest.fixture(params=BINARY)
def protocol(request: pytest.FixtureRequest) -> dict[str, Any]:
    return PROTOCOLS[request.param]


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """Requests are refused before a database is asked."""
    return new_sqlite(tmp_path)


async def test_it_is_refused_by_the_name_of_its_field(admin: Clients, acme: Founded) -> None:
    for field, (method, request) in REQUESTS.items():
        with pytest.raises(ConnectError) as caught:
            await admin(method, request)
        error = caught.value
        assert (error.code, reason(error)) == (Code.INVALID_ARGUMENT, "INVALID_ARGUMENT")
        (bad,) = [d for d in error.details if d.type_name == "google.rpc.BadRequest"]
        told = bad.value(BadRequest)
        assert told is not None
        assert [violation.field for violation in told.field_violations] == [field]
