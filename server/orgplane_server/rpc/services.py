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
from orgplane_api.google.rpc import error_details_pb
from orgplane_api.grpc.health.v1.health_connect import Health as HealthService
from orgplane_api.grpc.health.v1.health_connect import HealthASGIApplication
from protobuf import DescFile, DescService

from ..usecases.address_limit import AddressLimit
from ..usecases.application_authentication import ApplicationAuthentication
from ..usecases.authentication import Authentication
from ..usecases.credential_limit import CredentialLimit
from ..usecases.operator_token import OperatorAuthentication
from . import (
    account,
    audit_log,
    domain_verification,
    email_invite,
    event,
    group,
    identity,
    membership,
    operator,
    organization_service,
    personal_access_token,
    role,
    scim_breaker,
    scim_credential,
    scim_provisioning,
    service_account,
    session,
    sign_in,
    sign_in_attempt,
    sso_configuration,
    user_service,
    webhook_endpoint,
)
from .door import Services
from .health import HealthRpcs
from .interceptors.authentication import Authenticate
from .interceptors.defined_enums import DefinedEnums
from .interceptors.errors import Errors
from .interceptors.query_pagination import QueryPagination
from .interceptors.time_limit import TimeLimit
from .interceptors.validation import Validate
from .json_codec import StrictJSONCodec
from .service import Service, UseCases
from .unary import Shortcut, Unary

#: The runtime reads a message at once, on the event loop; no request that is accepted needs as much.
MAX_MESSAGE_BYTES = 64 * 1024

#: What takes a token, but for the RPCs that each names. Health and reflection take none.
GUARDED: tuple[Service[Any], ...] = (
    organization_service.SERVICE,
    account.SERVICE,
    identity.SERVICE,
    user_service.SERVICE,
    group.SERVICE,
    personal_access_token.SERVICE,
    service_account.SERVICE,
    service_account.OWN_SERVICE,
    membership.SERVICE,
    role.SERVICE,
    scim_provisioning.SERVICE,
    scim_credential.SERVICE,
    scim_breaker.SERVICE,
    sso_configuration.SERVICE,
    sign_in_attempt.SERVICE,
    domain_verification.SERVICE,
    email_invite.SERVICE,
    session.SERVICE,
    sign_in.SERVICE,
    audit_log.SERVICE,
    event.SERVICE,
    webhook_endpoint.SERVICE,
    operator.SERVICE,
)
#: The paths of the RPCs among them that take none.
TOKENLESS = frozenset[str]().union(*(service.tokenless_paths for service in GUARDED))
#: Those that take the secret of an application instead.
OF_APPLICATIONS = frozenset[str]().union(
    *(service.paths for service in GUARDED if service.of_applications)
)
#: Those that take an operator token instead.
OF_OPERATORS = frozenset[str]().union(
    *(service.paths for service in GUARDED if service.of_operators)
)


def services(
    use_cases: UseCases,
    errors: Errors,
    *,
    authentication: Authentication,
    applications: ApplicationAuthentication,
    operators: OperatorAuthentication,
    failed_tokens: AddressLimit,
    limit: CredentialLimit,
    max_request_bytes: int,
    request_timeout: float,
    ignore_unknown_json_fields: bool,
) -> tuple[Services, Shortcut]:
    """All read JSON as strictly. The shortcut has what takes a token, by the same rules."""
    json = StrictJSONCodec(ignore_unknown=ignore_unknown_json_fields)
    most = min(max_request_bytes, MAX_MESSAGE_BYTES)
    codecs = (proto_binary_codec(), json)
    spoken: Any = {"codecs": codecs, "read_max_bytes": most}
    authenticate = Authenticate(
        *(authentication, failed_tokens, TOKENLESS, applications, OF_APPLICATIONS),
        *(operators, OF_OPERATORS, limit),
    )
    rules = (Validate(*(service.desc for service in GUARDED)), DefinedEnums())
    interceptors = (
        *(errors, authenticate, TimeLimit(request_timeout)),
        *(QueryPagination(), *rules),
    )
    served: dict[DescService, ConnectASGIApplication[Any]] = {}
    unary: dict[str, Unary] = {}
    for service in GUARDED:
        rpcs = service.rpcs(use_cases)
        served[service.desc] = service.application(rpcs, interceptors=interceptors, **spoken)
        unary |= Unary.all(service.desc, rpcs)
    shortcut = Shortcut(
        unary, codecs, rules, authenticate, read_max_bytes=most, request_timeout=request_timeout
    )
    free: Any = {"interceptors": (errors,), **spoken}
    names = [service.type_name for service in served]
    health = HealthRpcs(use_cases.health, names)
    served[HealthService.desc()] = HealthASGIApplication(health, **free)
    # error_details lets reflection clients print the details of our errors
    reflection, alpha = _reflections((*served, error_details_pb.desc()))
    served[ServerReflectionService.desc()] = ServerReflectionASGIApplication(reflection, **free)
    served[ServerReflectionAlphaService.desc()] = ServerReflectionAlphaASGIApplication(
        alpha, **free
    )
    return served, shortcut


@functools.cache
def _reflections(
    described: tuple[DescFile | DescService, ...],
) -> tuple[ServerReflectionService, ServerReflectionAlphaService]:
    return ServerReflectionService(*described), ServerReflectionAlphaService(*described)
