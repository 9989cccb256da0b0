"""Calls RPCs by their names in the contract, with fields as its JSON has them."""

from __future__ import annotations

import json
import logging
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from typing import Any

from orgplane_api.gitpod.v1.account_service_connect import (
    AccountService,
    AccountServiceClientSync,
)
from orgplane_api.gitpod.v1.event_service_connect import EventService as AuditLogService
from orgplane_api.gitpod.v1.event_service_connect import (
    EventServiceClientSync as AuditLogServiceClientSync,
)
from orgplane_api.gitpod.v1.group_service_connect import GroupService, GroupServiceClientSync
from orgplane_api.gitpod.v1.identity_service_connect import (
    IdentityService,
    IdentityServiceClientSync,
)
from orgplane_api.gitpod.v1.organization_service_connect import (
    OrganizationService,
    OrganizationServiceClientSync,
)
from orgplane_api.gitpod.v1.service_account_service_connect import (
    ServiceAccountService,
    ServiceAccountServiceClientSync,
)
from orgplane_api.gitpod.v1.user_service_connect import UserService, UserServiceClientSync
from orgplane_api.orgplane.v1.domain_verification_service_connect import (
    DomainVerificationService,
    DomainVerificationServiceClientSync,
)
from orgplane_api.orgplane.v1.email_invite_service_connect import (
    EmailInviteService,
    EmailInviteServiceClientSync,
)
from orgplane_api.orgplane.v1.event_service_connect import EventService, EventServiceClientSync
from orgplane_api.orgplane.v1.membership_service_connect import (
    MembershipService,
    MembershipServiceClientSync,
)
from orgplane_api.orgplane.v1.operator_service_connect import (
    OperatorService,
    OperatorServiceClientSync,
)
from orgplane_api.orgplane.v1.personal_access_token_service_connect import (
    PersonalAccessTokenService,
    PersonalAccessTokenServiceClientSync,
)
from orgplane_api.orgplane.v1.role_service_connect import RoleService, RoleServiceClientSync
from orgplane_api.orgplane.v1.scim_breaker_service_connect import (
    ScimBreakerService,
    ScimBreakerServiceClientSync,
)
from orgplane_api.orgplane.v1.scim_credential_service_connect import (
    ScimCredentialService,
    ScimCredentialServiceClientSync,
)
from orgplane_api.orgplane.v1.scim_provisioning_service_connect import (
    ScimProvisioningService,
    ScimProvisioningServiceClientSync,
)
from orgplane_api.orgplane.v1.service_account_service_connect import (
    ServiceAccountService as OwnServiceAccountService,
)
from orgplane_api.orgplane.v1.service_account_service_connect import (
    ServiceAccountServiceClientSync as OwnServiceAccountServiceClientSync,
)
from orgplane_api.orgplane.v1.session_service_connect import (
    SessionService,
    SessionServiceClientSync,
)
from orgplane_api.orgplane.v1.sign_in_attempt_service_connect import (
    SignInAttemptService,
    SignInAttemptServiceClientSync,
)
from orgplane_api.orgplane.v1.sign_in_service_connect import SignInService, SignInServiceClientSync
from orgplane_api.orgplane.v1.sso_configuration_service_connect import (
    SsoConfigurationService,
    SsoConfigurationServiceClientSync,
)
from orgplane_api.orgplane.v1.webhook_endpoint_service_connect import (
    WebhookEndpointService,
    WebhookEndpointServiceClientSync,
)
from protobuf import Message
from pyqwest import SyncHTTPTransport

from .._core.options import Options
from .._sync.connection import Connection
from .._sync.reconnecting import Reconnecting
from .._sync.scim_requests import SCIMRequestWatch
from .._sync.sign_in_attempts import SignInAttemptWatch
from .._sync.watch import Watch
from .failure import Failure
from .session import tell
from .table import printable
from .wire import WireTransport

#: Every service there is, with the client that is generated for it. Of two RPCs with the same name the first is meant,
#: and another by the name of its service as well: `GroupService/GetMembership`.
SERVICES: tuple[tuple[Any, Any], ...] = (
    (OrganizationService, OrganizationServiceClientSync),
    (IdentityService, IdentityServiceClientSync),
    (AccountService, AccountServiceClientSync),
    (UserService, UserServiceClientSync),
    (EventService, EventServiceClientSync),
    (AuditLogService, AuditLogServiceClientSync),
    (ScimBreakerService, ScimBreakerServiceClientSync),
    (ScimCredentialService, ScimCredentialServiceClientSync),
    (ScimProvisioningService, ScimProvisioningServiceClientSync),
    (SignInAttemptService, SignInAttemptServiceClientSync),
    (SsoConfigurationService, SsoConfigurationServiceClientSync),
    (DomainVerificationService, DomainVerificationServiceClientSync),
    (EmailInviteService, EmailInviteServiceClientSync),
    (PersonalAccessTokenService, PersonalAccessTokenServiceClientSync),
    (MembershipService, MembershipServiceClientSync),
    (SessionService, SessionServiceClientSync),
    (RoleService, RoleServiceClientSync),
    (GroupService, GroupServiceClientSync),
    (ServiceAccountService, ServiceAccountServiceClientSync),
    (OwnServiceAccountService, OwnServiceAccountServiceClientSync),
    (OperatorService, OperatorServiceClientSync),
    (SignInService, SignInServiceClientSync),
    (WebhookEndpointService, WebhookEndpointServiceClientSync),
)
LARGEST_PAGE = 100


class API:
    """The RPCs of one server. Raises an APIError for a call that fails."""

    def __init__(self, options: Options, *, debug: bool) -> None:
        self._wire = WireTransport(options.made(SyncHTTPTransport)) if debug else None
        self._connection = Connection(options, self._wire)
        logging.getLogger("orgplane").addHandler(_Told())
        self._methods: dict[str, Any] = {}
        for service, kind in SERVICES:
            stub = self._connection.stub(kind)
            functions = {name.replace("_", ""): name for name in dir(stub)}
            for method in service.desc().methods:
                function = getattr(stub, functions[method.name.lower()])
                called = (method, function)
                self._methods.setdefault(method.name, called)
                self._methods[f"{service.__name__}/{method.name}"] = called
                self._methods[f"{service.desc().type_name}/{method.name}"] = called

    def call(self, rpc: str, /, **fields: Any) -> Any:
        """The response message. Fields that are None are absent."""
        method, function = self._methods[rpc]
        with _interruptible():
            return self._connection.call(function, _request(method, fields), None)

    def called(self, rpc: str, request: Any) -> Any:
        """The response message to a request of `asked`."""
        _, function = self._methods[rpc]
        with _interruptible():
            return self._connection.call(function, request, None)

    def streamed(self, rpc: str, request: Any, limit: int | None = None) -> Iterator[Message]:
        """What an RPC answers that streams, over one connection; no more than `limit` messages."""
        _, function = self._methods[rpc]
        stream: Any = self._connection.stream(function, request)
        with _interruptible(), closing(stream):
            yield from islice(stream, limit)

    def pages(
        self, rpc: str, limit: int | None = None, /, **fields: Any
    ) -> Iterator[Sequence[Message]]:
        """A list's items, page by page, each asked for when it is needed; no more than `limit` in all."""
        token, left = "", limit
        while True:
            size = LARGEST_PAGE if left is None else min(left, LARGEST_PAGE)
            response = self.call(rpc, pagination={"pageSize": size, "token": token}, **fields)
            found = items(response)[:left]
            yield found
            left = None if left is None else left - len(found)
            token = response.pagination.next_token if response.pagination else ""
            if not token or left == 0:
                return

    def events(
        self, rpc: str, limit: int | None = None, /, **fields: Any
    ) -> Iterator[Sequence[Message]]:
        """`ListEvents` or `ListAllEvents`, whose pages begin at cursors and may be empty although another follows."""
        left = limit
        while True:
            size = LARGEST_PAGE if left is None else min(left, LARGEST_PAGE)
            response = self.call(rpc, **{**fields, "page_size": size})
            yield response.events
            left = None if left is None else left - len(response.events)
            if not response.more or left == 0:
                return
            fields["cursor"] = response.cursor

    def watch(
        self, rpc: str, limit: int | None, connected: Callable[[], None], /, **fields: Any
    ) -> Iterator[Message]:
        """`WatchEvents` or `WatchAllEvents`, connected again when the connection breaks; no more than `limit` events."""
        method, function = self._methods[rpc]
        request = _request(method, fields)
        with _interruptible(), Watch(self._connection, function, request) as watch:
            connected()
            yield from islice(_messages(watch), limit)

    def watch_requests(self, request: dict[str, Any], limit: int | None) -> Iterator[Message]:
        """`WatchScimRequests`, connected again when the connection breaks; no more than `limit` of them."""
        return self._watch("WatchScimRequests", SCIMRequestWatch, request, limit)

    def watch_sign_ins(self, request: dict[str, Any], limit: int | None) -> Iterator[Message]:
        """`WatchSignInAttempts`, likewise."""
        return self._watch("WatchSignInAttempts", SignInAttemptWatch, request, limit)

    def _watch(
        self, rpc: str, kind: Any, request: dict[str, Any], limit: int | None
    ) -> Iterator[Message]:
        method, function = self._methods[rpc]
        watch = kind(self._connection, function, _request(method, request))
        with _interruptible(), closing(watch):
            yield from islice(_messages(watch), limit)

    def close(self) -> None:
        self._connection.close()
        if self._wire is not None:
            self._wire.close()


def methods() -> dict[str, Any]:
    """Every RPC, by its full name: `gitpod.v1.OrganizationService/GetOrganization`."""
    return {
        f"{service.desc().type_name}/{method.name}": method
        for service, _ in SERVICES
        for method in service.desc().methods
    }


class _Told(logging.Handler):
    """What the client's log says, to the person."""

    def emit(self, record: logging.LogRecord) -> None:
        tell(printable(record.getMessage()))


@contextmanager
def _interruptible() -> Iterator[None]:
    """Ctrl-C ends the process at once: Python's own handler would wait for the HTTP library to return."""
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.SIG_IGN:  # as a shell has it for what runs in the background
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _messages(watch: Reconnecting[Any, Any]) -> Iterator[Message]:
    """What a watch tells of, as the wire has it."""
    while True:
        if (told := watch._next()) is not None:
            yield told


def _request(method: Any, fields: dict[str, Any]) -> Any:
    given = {name: value for name, value in fields.items() if value is not None}
    for name, value in given.items():
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise Failure(f"{name}: is not text in UTF-8") from None
    return method.input.type.from_json(json.dumps(given))


def items(response: Message) -> Sequence[Message]:
    """The one list that a list's response has."""
    values = (getattr(response, field.local_name) for field in response.desc().fields)
    return next(value for value in values if isinstance(value, list))
