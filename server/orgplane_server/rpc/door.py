from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
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
from orgplane_api.orgplane.v1.scim_provisioning_service_connect import (
    ScimProvisioningService,
    ScimProvisioningServiceASGIApplication,
)

from ..usecases.audit_log import AuditLog
from ..usecases.authentication import Authentication
from ..usecases.event import Events
from ..usecases.health import Health
from ..usecases.member import Members
from ..usecases.organization import Organizations
from ..usecases.personal_access_token import PersonalAccessTokens
from ..usecases.scim_configuration import ScimConfigurations
from ..usecases.scim_request import ScimRequests
from ..usecases.sso_configuration import SsoConfigurations
from ..usecases.user import Users
from . import json_lines
from .audit_log import AuditLogRpcs
from .event import EventRpcs
from .health import HealthRpcs
from .identity import IdentityServiceRpcs
from .interceptors.authentication import Authenticate
from .interceptors.errors import Errors
from .interceptors.query_pagination import QueryPagination, query_string
from .interceptors.time_limit import TimeLimit
from .interceptors.validation import Validate
from .json_codec import ExplicitJSONCodec
from .organization_service import OrganizationServiceRpcs
from .receiving import Message, Receive, patient
from .scim_provisioning import ScimProvisioningRpcs
from .unimplemented import Unimplemented
from .user_service import UserServiceRpcs

Scope = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]


class RpcDoor:
    """Every service on one port, in every protocol; health and reflection need no token."""

    def __init__(
        self,
        *,
        authentication: Authentication,
        organizations: Organizations,
        members: Members,
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
    ) -> None:
        self._errors = Errors()
        guarded: Any = {
            "interceptors": (
                self._errors,
                Authenticate(authentication),
                TimeLimit(request_timeout),
                QueryPagination(),
                Validate(
                    OrganizationService.desc(),
                    IdentityService.desc(),
                    UserService.desc(),
                    AuditLogService.desc(),
                    EventService.desc(),
                    ScimProvisioningService.desc(),
                ),
            ),
            "read_max_bytes": max_request_bytes,
            "codecs": (proto_binary_codec(), ExplicitJSONCodec()),
        }
        open_: Any = {"interceptors": (self._errors,), "read_max_bytes": max_request_bytes}
        served: dict[Any, ConnectASGIApplication[Any]] = {
            OrganizationService.desc(): OrganizationServiceASGIApplication(
                OrganizationServiceRpcs(
                    organizations, members, scim_configurations, sso_configurations
                ),
                **guarded,
            ),
            IdentityService.desc(): IdentityServiceASGIApplication(
                IdentityServiceRpcs(), **guarded
            ),
            UserService.desc(): UserServiceASGIApplication(
                UserServiceRpcs(users, members, personal_access_tokens), **guarded
            ),
            ScimProvisioningService.desc(): ScimProvisioningServiceASGIApplication(
                ScimProvisioningRpcs(scim_requests), **guarded
            ),
            AuditLogService.desc(): AuditLogServiceASGIApplication(
                AuditLogRpcs(audit_log, events), **guarded
            ),
            EventService.desc(): EventServiceASGIApplication(
                EventRpcs(events, audit_log), **guarded
            ),
        }
        services = [service.type_name for service in served]
        served[HealthService.desc()] = HealthASGIApplication(HealthRpcs(health, services), **open_)
        self._routes = {
            f"/{service.type_name}/{method.name}": application
            for service, application in served.items()
            for method in service.methods
        }
        self._streams = {
            f"/{service.type_name}/{method.name}"
            for service in served
            for method in service.methods
            if method.method_kind == "server_streaming"
        }
        self._max_request_bytes = max_request_bytes
        # error_details lets reflection clients print the details of our errors
        described = (*served, error_details_pb.desc())
        for reflection in (
            ServerReflectionASGIApplication(ServerReflectionService(*described), **open_),
            ServerReflectionAlphaASGIApplication(ServerReflectionAlphaService(*described), **open_),
        ):
            self._routes[f"{reflection.path}/ServerReflectionInfo"] = reflection

    def serves(self, path: str) -> bool:
        """Whether a path is an RPC's, served here or not."""
        return path in self._routes or Unimplemented.at(path) is not None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        application = self._routes.get(path) or Unimplemented.at(
            path, self._errors, streams=_is_connect_stream(scope)
        )
        assert application is not None, "only paths that `serves` knows come here"
        query_string.set(scope["query_string"])
        if path in self._streams and json_lines.asked(scope):
            await json_lines.answer(
                application, scope, patient(receive), send, self._max_request_bytes
            )
        else:
            await application(scope, patient(receive), send)


def _is_connect_stream(scope: Scope) -> bool:
    return any(
        name == b"content-type" and value.startswith(b"application/connect+")
        for name, value in scope["headers"]
    )
