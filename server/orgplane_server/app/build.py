from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from ..cel.claims_expressions import ClaimsExpressions
from ..dns.records import TextRecords
from ..domain import sign_in_attempt
from ..domain.audit import AuditEvent
from ..domain.client_address import NO_PROXIES, TrustedProxies
from ..domain.destination import NO_HOSTS, AllowedHosts
from ..domain.device import GUESSES, PROGRAMS
from ..domain.domain_verification import DEFAULT_GRACE
from ..domain.instant import Clock, system_clock
from ..domain.login import ReturnAddresses
from ..domain.scim_query import DEFAULT_PAGE_SIZE
from ..domain.scim_request import DEFAULT_MAXIMUM, DEFAULT_RETENTION
from ..domain.webhook_delivery import ATTEMPT_SECONDS
from ..mail.relay import Relay
from ..outbound.fetcher import Fetcher
from ..outbound.poster import Poster
from ..rpc import event
from ..rpc.door import RpcDoor
from ..rpc.interceptors.errors import Errors
from ..rpc.service import UseCases
from ..rpc.services import TOKENLESS, services
from ..scim.address import base_url
from ..scim.lazy_door import LazyDoor
from ..store.engine.database import Database
from ..usecases import scim_group
from ..usecases.account import Accounts
from ..usecases.address_code import AddressCodes, Post
from ..usecases.address_limit import AddressLimit
from ..usecases.application_authentication import ApplicationAuthentication
from ..usecases.application_sign_in import ApplicationSignIns
from ..usecases.audit_log import AuditLog
from ..usecases.authentication import Authentication
from ..usecases.authorization import Authorizations
from ..usecases.back_channel_logout import BackChannelLogouts
from ..usecases.credential_limit import CredentialLimit
from ..usecases.cursors import Cursors
from ..usecases.device import Devices
from ..usecases.domain_verification import DomainVerifications
from ..usecases.email_invite import EmailInvites
from ..usecases.erasure import Erasures
from ..usecases.event import Events
from ..usecases.first_token import FirstTokens
from ..usecases.group import Groups
from ..usecases.health import Health
from ..usecases.joining import CODES_PER_MINUTE, Joining
from ..usecases.letters import Letters
from ..usecases.login import Limits as LoginLimits
from ..usecases.login import Logins
from ..usecases.member import Members
from ..usecases.membership import Memberships
from ..usecases.operated_event import OperatedEvents
from ..usecases.operated_organization import OperatedOrganizations
from ..usecases.operator_token import OperatorAuthentication
from ..usecases.organization import Organizations
from ..usecases.organization_invite import OrganizationInvites
from ..usecases.organization_policies import Policies
from ..usecases.outbox import Outbox
from ..usecases.paging import PageTokens
from ..usecases.personal_access_token import PersonalAccessTokens
from ..usecases.personal_access_token_policy import PersonalAccessTokenPolicies
from ..usecases.role import Roles
from ..usecases.scim_access import ScimGate
from ..usecases.scim_access_token import ScimAccessTokens
from ..usecases.scim_breaker import ScimBreakers
from ..usecases.scim_configuration import ScimConfigurations
from ..usecases.scim_credential import ScimCredentials
from ..usecases.scim_group import ScimGroups
from ..usecases.scim_listing import ScimListings
from ..usecases.scim_request import ScimRequests
from ..usecases.scim_request_log import ScimRequestLog
from ..usecases.scim_user import ScimUsers
from ..usecases.sealing import Sealer
from ..usecases.service_account import ServiceAccounts
from ..usecases.service_account_token import ServiceAccountTokens
from ..usecases.session import Sessions
from ..usecases.sign_in import SignIns
from ..usecases.sign_in_attempt import SignInAttempts
from ..usecases.sign_in_attempt_log import SignInAttemptLog
from ..usecases.sign_out import SignOuts
from ..usecases.signing_key import SigningKeys
from ..usecases.sso_configuration import SsoConfigurations
from ..usecases.user import Users
from ..usecases.watch import DEFAULT_HEARTBEAT, Watches
from ..usecases.webhook_attempt import WebhookAttempts
from ..usecases.webhook_endpoint import WebhookEndpoints
from ..usecases.webhook_sender import WebhookSender
from ..web import authorization as authorization_pages
from ..web import back_channel_logout, scim_access_token
from ..web import device as device_pages
from ..web import health as health_pages
from ..web import login as login_pages
from ..web import sign_in as sign_in_pages
from ..web.cors import CrossOrigin
from .bodies import Bodies
from .front import Front

if TYPE_CHECKING:
    from ..scim.request_log import RequestLog


@dataclass(frozen=True, slots=True)
class Server:
    """`front` is the ASGI application; `drain` says that the server begins to stop.

    `scim` is loaded when it is first asked for, if it was not before.
    """

    front: Front
    scim: LazyDoor
    health: Health
    watches: Watches
    scim_log: ScimRequestLog
    sealer: Sealer
    expressions: ClaimsExpressions
    outbox: Outbox
    fetcher: Fetcher
    webhooks: WebhookSender
    limits: Sequence[AddressLimit | CredentialLimit]
    sign_in_attempts: SignInAttemptLog

    def drain(self) -> None:
        self.health.drain()
        self.watches.drain()

    async def aclose(self) -> None:
        """Writes what was left for later and ends the child process; to be called before the database is closed."""
        self.fetcher.close()
        await self.webhooks.aclose()
        await self.expressions.aclose()
        await self.scim_log.aclose()


def build(
    database: Database,
    key: bytes,
    *,
    clock: Clock = system_clock,
    max_request_bytes: int,
    request_timeout: float,
    ignore_unknown_json_fields: bool = False,
    public_url: str = "",
    trusted_proxies: TrustedProxies = NO_PROXIES,
    failed_tokens_per_minute: int = 0,
    tokenless_calls_per_minute: int = 0,
    requests_per_second: int = 0,
    origins: Collection[str] = (),
    return_origins: Collection[str] = (),
    sso_allowed_hosts: AllowedHosts = NO_HOSTS,
    fetcher: Fetcher | None = None,
    poster: Poster | None = None,
    expressions: ClaimsExpressions | None = None,
    text_records: TextRecords | None = None,
    organization_creation: bool = False,
    shared_domains: bool = False,
    domain_grace: timedelta = DEFAULT_GRACE,
    relay: Relay | None = None,
    watch_heartbeat: float = DEFAULT_HEARTBEAT,
    scim_log_retention: timedelta = DEFAULT_RETENTION,
    scim_log_maximum: int = DEFAULT_MAXIMUM,
    scim_log_bodies: bool = False,
    scim_page_size: int = DEFAULT_PAGE_SIZE,
    sign_in_log_retention: timedelta = sign_in_attempt.DEFAULT_RETENTION,
    scim_members_at_a_time: int = scim_group.DIRECTLY,
    unique_addresses: bool = False,
    post: Post | None = None,
    bodies: Bodies | None = None,
    short_way: bool = True,
) -> Server:
    """Use cases over the database, doors over the use cases, the front over the doors.

    Without the `short_way` every RPC goes through the RPC runtime: both are to answer the same.
    """
    sealer = Sealer(key)
    fetcher = fetcher or Fetcher(sso_allowed_hosts)
    poster = poster or Poster(Fetcher(), ATTEMPT_SECONDS)
    expressions = expressions or ClaimsExpressions()
    pages, cursors = PageTokens(sealer), Cursors(sealer)
    health = Health(database, fit=lambda: not sealer.outdated)
    proxied = trusted_proxies != NO_PROXIES

    limits: list[AddressLimit | CredentialLimit] = []

    def limit(what: str, per_minute: int = failed_tokens_per_minute) -> AddressLimit:
        made = AddressLimit(what, per_minute, clock, private=proxied)
        limits.append(made)
        return made

    failed_tokens = limit("failed tokens")
    tokenless_calls = limit("calls without a token", tokenless_calls_per_minute)
    of_credentials = CredentialLimit(requests_per_second, database, clock)
    limits.append(of_credentials)
    authentication = Authentication(database, clock)
    applications = ApplicationAuthentication(database)
    operators = OperatorAuthentication(database, clock)
    watches = Watches(database, authentication, heartbeat=watch_heartbeat)
    scim_log = ScimRequestLog(
        database, clock, retention=scim_log_retention, maximum=scim_log_maximum
    )
    errors = Errors()
    outbox = Outbox(database, clock, sealer, relay)
    # An invite that does not work is a bad credential, counted by itself.
    unknown_invites = limit("unknown invites")
    mails = limit("requests for codes", CODES_PER_MINUTE)
    letters = Letters(outbox, clock, public_url)
    if post is None and outbox.sends:
        post = letters.code
    codes = AddressCodes(clock, sealer, post)
    invites = OrganizationInvites(database, clock, sealer, unknown_invites)
    attempt_log = SignInAttemptLog(database, clock, retention=sign_in_log_retention)
    return_addresses = ReturnAddresses(return_origins if public_url else ())
    logins = Logins(
        *(database, pages, invites),
        return_addresses,
        public_url,
        LoginLimits(
            *(
                limit(what)
                for what in ("requests for login URLs", "lists of logins", "lists of providers")
            )
        ),
    )
    sign_ins = SignIns(
        *(database, clock, sealer, fetcher, expressions, public_url, attempt_log),
        return_addresses,
    )
    authorizations = Authorizations(
        *(database, clock, sealer, SigningKeys(database, clock, sealer), public_url)
    )
    events = Events(database, cursors, watches)

    def payload(told: AuditEvent) -> bytes:
        return event.payload(told, events.cursor(told))

    posting = WebhookAttempts(clock, sealer, poster, payload)
    webhooks = WebhookSender(database, clock, posting)
    members = Members(database, clock, pages, unique_addresses=unique_addresses)
    use_cases = UseCases(
        accounts=Accounts(database, pages, codes),
        application_sign_ins=ApplicationSignIns(database, authorizations, failed_tokens),
        joining=Joining(database, clock, codes, invites, mails),
        organization_invites=invites,
        policies=Policies(database, clock),
        audit_log=AuditLog(database, pages),
        email_invites=EmailInvites(database, clock, pages, letters),
        erasures=Erasures(database, clock, members, scim_log),
        events=events,
        first_tokens=FirstTokens(database, clock),
        groups=Groups(database, clock, pages),
        health=health,
        logins=logins,
        members=members,
        memberships=Memberships(database, clock),
        operated_events=OperatedEvents(database, cursors, watches, operators),
        operated_organizations=OperatedOrganizations(database, clock, pages),
        organizations=Organizations(database, clock, creation=organization_creation),
        personal_access_token_policies=PersonalAccessTokenPolicies(database, clock),
        personal_access_tokens=PersonalAccessTokens(database, clock, pages),
        roles=Roles(database, clock, pages),
        scim_breakers=ScimBreakers(database, clock),
        scim_configurations=ScimConfigurations(database, clock, pages),
        scim_credentials=ScimCredentials(database, clock),
        scim_requests=ScimRequests(
            *(database, clock, pages, cursors, scim_log, watches),
            base_url=base_url(public_url) if public_url else "",
        ),
        service_account_tokens=ServiceAccountTokens(database, clock, pages),
        service_accounts=ServiceAccounts(database, clock, pages),
        sessions=Sessions(
            database,
            clock,
            limit("exchange tokens that do not work"),
        ),
        sign_in_attempts=SignInAttempts(database, pages, cursors, attempt_log, watches),
        sign_outs=SignOuts(database, cursors, watches, applications),
        sso_configurations=SsoConfigurations(
            *(database, clock, pages, sealer, sso_allowed_hosts, expressions),
            fetcher=fetcher,
            public_url=public_url,
        ),
        domain_verifications=DomainVerifications(
            database,
            clock,
            pages,
            text_records or TextRecords(),
            shared=shared_domains,
            grace=domain_grace,
        ),
        users=Users(database),
        webhook_endpoints=WebhookEndpoints(database, clock, pages, posting, webhooks.wake),
    )
    served, shortcut = services(
        use_cases,
        errors,
        authentication=authentication,
        applications=applications,
        operators=operators,
        failed_tokens=failed_tokens,
        limit=of_credentials,
        max_request_bytes=max_request_bytes,
        request_timeout=request_timeout,
        ignore_unknown_json_fields=ignore_unknown_json_fields,
    )
    rpc = RpcDoor(served, errors, max_request_bytes, shortcut if short_way else None, TOKENLESS)
    gate, listings = ScimGate(database, clock, failed_tokens, of_credentials), ScimListings(pages)

    def scim_door() -> RequestLog:
        from ..scim.application import ScimDoor
        from ..scim.limits import Limits
        from ..scim.request_log import RequestLog

        door = ScimDoor(
            gate,
            ScimUsers(gate, clock, listings, unique_addresses=unique_addresses),
            ScimGroups(gate, clock, listings, directly=scim_members_at_a_time),
            limits=Limits(max_request_bytes=max_request_bytes, page_size=scim_page_size),
            public_url=public_url,
        )
        return RequestLog(door, scim_log, clock, bodies=scim_log_bodies)

    scim = LazyDoor(scim_door)
    secure, cross_origin = public_url.startswith("https://"), CrossOrigin(origins)
    pages_of_people = sign_in_pages.routes(sign_ins, tokenless_calls, secure=secure)
    devices = Devices(database, clock, sealer, authorizations)
    programs = limit("programs to be let in", PROGRAMS)
    guesses = limit("codes of programs that are none", GUESSES)
    pages_of_people |= authorization_pages.routes(
        authorizations, devices, tokenless_calls, programs, failed_tokens
    )
    pages_of_people |= device_pages.routes(devices, tokenless_calls, guesses, secure=secure)
    pages_of_people |= login_pages.routes(logins, tokenless_calls)
    logouts = BackChannelLogouts(database, clock, fetcher)
    web = {
        **health_pages.routes(health),
        **pages_of_people,
        **back_channel_logout.routes(logouts, tokenless_calls),
        **scim_access_token.routes(
            ScimAccessTokens(database, clock), scim_log, clock, failed_tokens
        ),
    }
    front = Front(
        rpc, scim, web, max_request_bytes, cross_origin, trusted_proxies, tokenless_calls, bodies
    )
    return Server(
        *(front, scim, health, watches, scim_log, sealer, expressions, outbox, fetcher),
        *(webhooks, limits, attempt_log),
    )
