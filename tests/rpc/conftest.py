"""The server's application in process, spoken to in every protocol."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from mailbox import Mailbox
from typing import Any
from uuid import UUID

import pytest
from clock import SettableClock
from openid_provider import openid_provider
from operating import Operator, OperatorFor
from orgplane_api.gitpod.v1.account_service_connect import AccountServiceClient
from orgplane_api.gitpod.v1.event_service_connect import EventServiceClient as AuditLogServiceClient
from orgplane_api.gitpod.v1.group_service_connect import GroupServiceClient
from orgplane_api.gitpod.v1.identity_service_connect import IdentityServiceClient
from orgplane_api.gitpod.v1.organization_service_connect import OrganizationServiceClient
from orgplane_api.gitpod.v1.service_account_service_connect import ServiceAccountServiceClient
from orgplane_api.gitpod.v1.sso_configuration_pb import CreateSSOConfigurationRequest
from orgplane_api.gitpod.v1.user_service_connect import UserServiceClient
from orgplane_api.orgplane.v1.domain_verification_service_connect import (
    DomainVerificationServiceClient,
)
from orgplane_api.orgplane.v1.email_invite_service_connect import EmailInviteServiceClient
from orgplane_api.orgplane.v1.event_service_connect import EventServiceClient
from orgplane_api.orgplane.v1.membership_service_connect import MembershipServiceClient
from orgplane_api.orgplane.v1.operator_service_connect import OperatorServiceClient
from orgplane_api.orgplane.v1.personal_access_token_service_connect import (
    PersonalAccessTokenServiceClient,
)
from orgplane_api.orgplane.v1.role_service_connect import RoleServiceClient
from orgplane_api.orgplane.v1.scim_breaker_service_connect import ScimBreakerServiceClient
from orgplane_api.orgplane.v1.scim_credential_service_connect import ScimCredentialServiceClient
from orgplane_api.orgplane.v1.scim_provisioning_service_connect import (
    ScimProvisioningServiceClient,
)
from orgplane_api.orgplane.v1.service_account_service_connect import (
    ServiceAccountServiceClient as OwnServiceAccountServiceClient,
)
from orgplane_api.orgplane.v1.session_service_connect import SessionServiceClient
from orgplane_api.orgplane.v1.sign_in_attempt_service_connect import SignInAttemptServiceClient
from orgplane_api.orgplane.v1.sign_in_service_connect import SignInServiceClient
from orgplane_api.orgplane.v1.sso_configuration_service_connect import (
    SsoConfigurationServiceClient,
)
from orgplane_api.orgplane.v1.webhook_endpoint_service_connect import WebhookEndpointServiceClient
from orgplane_server.app.build import Server, build
from orgplane_server.dns.records import TextRecords
from orgplane_server.dns.resolver import Resolver
from orgplane_server.domain.destination import AllowedHosts
from orgplane_server.domain.identifier import SsoConfigurationId
from orgplane_server.mail.relay import Relay
from orgplane_server.mail.sender import Sender
from orgplane_server.outbound.fetcher import Fetcher
from orgplane_server.outbound.poster import Poster
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.operator_token import OperatorTokens
from orgplane_server.usecases.organization import Founded
from people import Access, add_session
from pyqwest import Client
from pyqwest.testing import ASGITransport
from rpc_clients import ORIGIN, PROTOCOLS, Clients, ClientsFor

__all__ = ["openid_provider"]

#: The protocol in which tests ask both databases.
BOTH_DATABASES = "connect-json"
SHORT, RUNTIMES = "short", "runtime's"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each database is asked in one protocol at least, and each protocol of one database.

    What a test asks of many cases, such as every RPC, it asks on SQLite of each case in one protocol, of the next in
    the next. The other pairs, which have shown no fault that these do not, are for those who have the time.
    """
    cases: defaultdict[str, dict[object, int]] = defaultdict(dict)
    protocols: defaultdict[str, set[object]] = defaultdict(set)
    names = list(PROTOCOLS)
    asked = [
        item for item in items if isinstance(item, pytest.Function) and hasattr(item, "callspec")
    ]
    for item in asked:
        found = cases[_test(item)]
        found.setdefault(_case(item), len(found))
        protocols[_test(item)].add(item.callspec.params.get("protocol"))
    for item in asked:
        given = item.callspec.params
        protocol = given.get("protocol", BOTH_DATABASES)
        if given.get("database_url") == "postgresql":
            left_out = protocol != BOTH_DATABASES
        else:
            many = protocols[_test(item)] == {*names} and len(cases[_test(item)]) >= MANY
            left_out = many and protocol != names[cases[_test(item)][_case(item)] % len(names)]
        if left_out or given.get("way") == RUNTIMES:
            item.add_marker(pytest.mark.long)


#: Cases of which each protocol gets two.
MANY = 2 * len(PROTOCOLS)


def _test(item: pytest.Function) -> str:
    return item.nodeid.partition("[")[0]


def _case(item: pytest.Function) -> object:
    """What a test is given of its own, whatever it is asked of."""
    of_whom = {"database_url", "protocol", "way"}
    return tuple(
        (name, id(value)) for name, value in item.callspec.params.items() if name not in of_whom
    )


@pytest.fixture(params=[SHORT, RUNTIMES])
def way(request: pytest.FixtureRequest) -> str:
    """The way that unary calls go, where the short one is open to them: whoever calls sees no difference."""
    way: str = request.param
    return way


@pytest.fixture
def text_records() -> TextRecords:
    """Those of nobody: a test that asks DNS has a name server."""
    return TextRecords([Resolver("127.0.0.1", 9)], seconds=0.1)


#: Letters are written, and nobody delivers them.
NOBODY = Relay.parse("smtp://127.0.0.1:9", Sender("id@orgplane.example"))


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def public_url() -> str:
    """The server does not know its own URL: nobody signs in."""
    return ""


@pytest.fixture
async def server(
    database: Database,
    clock: SettableClock,
    way: str,
    text_records: TextRecords,
    mailbox: Mailbox,
    public_url: str,
) -> AsyncIterator[Server]:
    def look_up(host: str, port: int) -> Sequence[str]:
        """Nobody but this machine is there."""
        if host != "127.0.0.1":
            raise OSError
        return [host]

    here = AllowedHosts(loopback=True)
    hooks = AllowedHosts(loopback=True, option="--webhook-allowed-hosts")
    server = build(
        database,
        bytes(32),
        clock=clock,
        max_request_bytes=1024 * 1024,
        request_timeout=30,
        short_way=way == SHORT,
        public_url=public_url,
        text_records=text_records,
        post=mailbox.post,
        relay=NOBODY,
        organization_creation=True,
        sso_allowed_hosts=here,
        fetcher=Fetcher(here, look_up=look_up),
        poster=Poster(Fetcher(hooks, look_up=look_up), 5),
    )
    yield server
    await server.aclose()


@pytest.fixture
def http(server: Server) -> Client:
    return Client(ASGITransport(server.front))


@pytest.fixture(params=PROTOCOLS)
def protocol(request: pytest.FixtureRequest) -> dict[str, Any]:
    name: str = request.param
    return PROTOCOLS[name]


@pytest.fixture
def clients_for(http: Client, protocol: dict[str, Any], way: str) -> ClientsFor:
    def clients_for(token: str) -> Clients:
        options = {"http_client": http, **protocol}
        if way == SHORT:  # which is not open to what is compressed
            options["send_compression"] = None
        return Clients(
            OrganizationServiceClient(ORIGIN, **options),
            IdentityServiceClient(ORIGIN, **options),
            UserServiceClient(ORIGIN, **options),
            AuditLogServiceClient(ORIGIN, **options),
            EventServiceClient(ORIGIN, **options),
            ScimProvisioningServiceClient(ORIGIN, **options),
            ScimCredentialServiceClient(ORIGIN, **options),
            ScimBreakerServiceClient(ORIGIN, **options),
            SsoConfigurationServiceClient(ORIGIN, **options),
            MembershipServiceClient(ORIGIN, **options),
            DomainVerificationServiceClient(ORIGIN, **options),
            AccountServiceClient(ORIGIN, **options),
            EmailInviteServiceClient(ORIGIN, **options),
            SessionServiceClient(ORIGIN, **options),
            RoleServiceClient(ORIGIN, **options),
            SignInAttemptServiceClient(ORIGIN, **options),
            PersonalAccessTokenServiceClient(ORIGIN, **options),
            SignInServiceClient(ORIGIN, **options),
            GroupServiceClient(ORIGIN, **options),
            ServiceAccountServiceClient(ORIGIN, **options),
            OwnServiceAccountServiceClient(ORIGIN, **options),
            WebhookEndpointServiceClient(ORIGIN, **options),
            {"authorization": f"Bearer {token}"} if token else {},
        )

    return clients_for


@pytest.fixture
def admin(clients_for: ClientsFor, acme: Founded) -> Clients:
    """Acme's administrator."""
    return clients_for(acme.token.reveal())


@pytest.fixture
def stranger(clients_for: ClientsFor, globex: Founded) -> Clients:
    """The administrator of another organization."""
    return clients_for(globex.token.reveal())


@pytest.fixture
def member(clients_for: ClientsFor, acme_member: Access) -> Clients:
    """A member of Acme without the administrator's role."""
    return clients_for(acme_member.token.reveal())


@pytest.fixture
async def sso_configuration_id(admin: Clients, acme: Founded) -> SsoConfigurationId:
    """Of an SSO configuration of Acme."""
    request = CreateSSOConfigurationRequest(
        organization_id=str(acme.organization.id),
        client_id="c",
        client_secret="s",
        issuer_url="https://i.example",
    )
    made = await admin("create_sso_configuration", request)
    return SsoConfigurationId(UUID(made.sso_configuration.id))


@pytest.fixture
async def signed_in(
    database: Database,
    clients_for: ClientsFor,
    acme_member: Access,
    sso_configuration_id: SsoConfigurationId,
    clock: SettableClock,
) -> Clients:
    """A member of Acme, who has signed in."""
    token = await add_session(database, acme_member.user, sso_configuration_id, clock.now)
    return clients_for(token.reveal())


@pytest.fixture
def operator_for(http: Client, protocol: dict[str, Any]) -> OperatorFor:
    return lambda token: Operator(
        OperatorServiceClient(ORIGIN, http_client=http, **protocol), token
    )


@pytest.fixture
async def operator(operator_for: OperatorFor, database: Database, clock: SettableClock) -> Operator:
    minted = await OperatorTokens(database, clock).create("console", read_only=False)
    return operator_for(minted.token.reveal())
