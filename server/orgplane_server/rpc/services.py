"""The services that are served: an application of the RPC runtime for each."""

from __future__ import annotations

import functools
from typing import Any

from connectrpc.codec import proto_binary_codec
from connectrpc.server import ConnectASGIApplication
from connectrpc_grpcreflect import (  # type: ignore[import-untyped]
    ServerReflectionAlphaASGIApplication,
    ServerReflectionAlphaService,
    ServerReflectionASGIApplication,
    ServerReflectionService,
)
from orgplane_api.gitpod.v1.event_service_connect import EventService as AuditLogService
from orgplane_api.gitpod.v1.event_service_connect import (
    EventServiceASGIApplication as AuditLogServiceASGIApplication,
)
from orgplane_api.gitpod.v1.identity_service_connect import (
    IdentityService,
    IdentityServiceASGIApplication,
)
from orgplane_api.gitpod.v1.organization_service_connect import (
    OrganizationService,
    OrganizationServiceASGIApplication,
)
from orgplane_api.gitpod.v1.user_service_connect import UserService, UserServiceASGIApplication
from orgplane_api.google.rpc import error_details_pb
from orgplane_api.grpc.health.v1.health_connect import Health as HealthService
from orgplane_api.grpc.health.v1.health_connect import HealthASGIApplication
from orgplane_api.orgplane.v1.event_service_connect import (
    EventService,
    EventServiceASGIApplication,
)
from orgplane_api.orgplane.v1.membership_service_connect import (
    MembershipService,
    MembershipServiceASGIApplication,
)
from orgplane_api.orgplane.v1.scim_provisioning_service_connect import (
    ScimProvisioningService,
    ScimProvisioningServiceASGIApplication,
)
from orgplane_api.orgplane.v1.sso_configuration_service_connect import (
    SsoConfigurationService,
    SsoConfigurationServiceASGIApplication,
)
from protobuf import DescFile, DescService

from ..usecases.address_limit import AddressLimit
from ..usecases.audit_log import AuditLog
from ..usecases.authentication import Authentication
from ..usecases.event import Events
from ..usecases.health import Health
from ..usecases.member import Members
from ..usecases.membership import Memberships
from ..usecases.organization import Organizations
from ..usecases.personal_access_token import PersonalAccessTokens
from ..usecases.scim_configuration import ScimConfigurations
from ..usecases.scim_request import ScimRequests
from ..usecases.sso_configuration import SsoConfigurations
from ..usecases.user import Users
from .audit_log import AuditLogRpcs
from .door import Services
from .event import EventRpcs
from .health import HealthRpcs
from .identity import IdentityServiceRpcs
from .interceptors.authentication import Authenticate
from .interceptors.defined_enums import DefinedEnums
from .interceptors.errors import Errors
from .interceptors.query_pagination import QueryPagination
from .interceptors.time_limit import TimeLimit
from .interceptors.validation import Validate
from .json_codec import StrictJSONCodec
from .membership import MembershipRpcs
from .organization_service import OrganizationServiceRpcs
from .scim_provisioning import ScimProvisioningRpcs
from .sso_configuration import SsoConfigurationServiceRpcs
from .user_service import UserServiceRpcs

#: The runtime reads a message at once, on the event loop; no request that is accepted needs as much.
MAX_MESSAGE_BYTES = 64 * 1024


def services(
    errors: Errors,
    *,
    authentication: Authentication,
    failed_tokens: AddressLimit,
    organizations: Organizations,
    members: Members,
    memberships: Memberships,
    scim_configurations: ScimConfigurations,
    sso_configurations: SsoConfigurations,
    users: Users,
    personal_access_tokens: PersonalAccessTokens,
    audit_log: AuditLog,
    events: Events,
    scim_requests: ScimRequests,
    health: Health,
    max_request_bytes: int,
    request_timeout: float,
    ignore_unknown_json_fields: bool,
) -> Services:
    """Health and reflection need no token; everything else does. All read JSON as strictly."""
    json = StrictJSONCodec(ignore_unknown=ignore_unknown_json_fields)
    most = min(max_request_bytes, MAX_MESSAGE_BYTES)
    spoken: Any = {"codecs": (proto_binary_codec(), json), "read_max_bytes": most}
    guarded: Any = {
        "interceptors": (
            errors,
            Authenticate(authentication, failed_tokens),
            TimeLimit(request_timeout),
            QueryPagination(),
            Validate(
                OrganizationService.desc(),
                IdentityService.desc(),
                UserService.desc(),
                AuditLogService.desc(),
                EventService.desc(),
                MembershipService.desc(),
                ScimProvisioningService.desc(),
                SsoConfigurationService.desc(),
            ),
            DefinedEnums(),
        ),
        **spoken,
    }
    open_: Any = {"interceptors": (errors,), **spoken}
    served: dict[DescService, ConnectASGIApplication[Any]] = {
        OrganizationService.desc(): OrganizationServiceASGIApplication(
            OrganizationServiceRpcs(
                organizations, members, scim_configurations, sso_configurations
            ),
            **guarded,
        ),
        IdentityService.desc(): IdentityServiceASGIApplication(IdentityServiceRpcs(), **guarded),
        UserService.desc(): UserServiceASGIApplication(
            UserServiceRpcs(users, members, personal_access_tokens), **guarded
        ),
        MembershipService.desc(): MembershipServiceASGIApplication(
            MembershipRpcs(memberships), **guarded
        ),
        ScimProvisioningService.desc(): ScimProvisioningServiceASGIApplication(
            ScimProvisioningRpcs(scim_requests), **guarded
        ),
        SsoConfigurationService.desc(): SsoConfigurationServiceASGIApplication(
            SsoConfigurationServiceRpcs(sso_configurations), **guarded
        ),
        AuditLogService.desc(): AuditLogServiceASGIApplication(
            AuditLogRpcs(audit_log, events), **guarded
        ),
        EventService.desc(): EventServiceASGIApplication(EventRpcs(events, audit_log), **guarded),
    }
    names = [service.type_name for service in served]
    served[HealthService.desc()] = HealthASGIApplication(HealthRpcs(health, names), **open_)
    # error_details lets reflection clients print the details of our errors
    reflection, alpha = _reflections((*served, error_details_pb.desc()))
    served[ServerReflectionService.desc()] = ServerReflectionASGIApplication(reflection, **open_)
    served[ServerReflectionAlphaService.desc()] = ServerReflectionAlphaASGIApplication(
        alpha, **open_
    )
    return served


@functools.cache
def _reflections(
    described: tuple[DescFile | DescService, ...],
) -> tuple[ServerReflectionService, ServerReflectionAlphaService]:
    return ServerReflectionService(*described), ServerReflectionAlphaService(*described)
