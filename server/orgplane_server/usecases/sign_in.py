from __future__ import annotations

import base64
import contextlib
import hashlib
import secrets
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ..cel.claims_expressions import ClaimsExpressions
from ..domain import session, sign_in
from ..domain.audit import Action, Subject
from ..domain.authorization import AuthorizationRequest, Error, Refused, is_asked_about
from ..domain.caller import Origin
from ..domain.errors import InvalidArgument, OrgplaneError
from ..domain.identifier import (
    SessionId,
    SignInId,
    SsoBindingId,
    SsoConfigurationId,
)
from ..domain.instant import Clock
from ..domain.joining import Newcomer
from ..domain.login import NOWHERE, ReturnAddresses
from ..domain.membership import Membership
from ..domain.session import Session
from ..domain.sign_in import LIFETIME, MOST_OPEN, Denied, SignIn, SsoBinding
from ..domain.sign_in_attempt import NOBODY, Person
from ..domain.sso_configuration import SsoConfiguration
from ..domain.text import storable
from ..domain.token import Token, TokenKind
from ..domain.user import User, UserStatus
from ..oidc.authorization import Client, Secrets
from ..oidc.flow import Failed, Providers
from ..outbound.fetcher import Fetcher
from ..store import domain_verification as domains
from ..store import membership as memberships
from ..store import organization_policies as policies
from ..store import scim_configuration as scim_configurations
from ..store import session as sessions
from ..store import sign_in as store
from ..store import sso_configuration as configurations
from ..store.administration import administering
from ..store.engine.database import Connection, Database
from ..store.engine.unit_of_work import UnitOfWork
from ..store.sso_configuration import sso_configurations
from ..store.user import users
from ..store.vouching import vouching
from . import authorization, mailbox, saving
from .account import domain_of
from .at_once import AtOnce
from .client_assertion import signing
from .deprovisioning import carry_out
from .minting import new_id, new_token
from .sealing import Sealer
from .sign_in_attempt_log import SignInAttemptLog
from .signing_key import SigningKeys
from .sso_configuration import redirect_uri, secret_of

_DIGITS = 32
#: How many of an organization wait for its provider at a time.
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Begun:
    """`url` is the provider's; `browser` is to come back with the answer, from the same browser and no other."""

    url: str
    browser: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The `token` cannot be asked for again; it is the session's, or one for ExchangeToken if it goes to `return_to`."""

    member: User
    token: Token
    expires_at: datetime
    return_to: str = ""


@dataclass(frozen=True, slots=True)
class Onward:
    """Where the browser goes with what the client gets that it came from: a code for the `member`, or why there is none.

    If it is `asked_about`, whoever sits there says first that they want it.
    """

    url: str = field(repr=False)
    member: User | None = None
    asked_about: bool = False


class SignIns:
    """Signing in through an organization's SSO configuration; the rules are `domain.sign_in`'s.

    `public_url` is empty if this server does not know its own URL: nobody can sign in then.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        sealer: Sealer,
        fetcher: Fetcher,
        expressions: ClaimsExpressions,
        public_url: str,
        attempts: SignInAttemptLog,
        return_addresses: ReturnAddresses = NOWHERE,
        seconds: Callable[[], float] = time.monotonic,
        most_open: int = MOST_OPEN,
    ) -> None:
        self._database = database
        self._clock = clock
        self._sealer = sealer
        self._keys = SigningKeys(database, clock, sealer)
        self._expressions = expressions
        self._public_url = public_url
        self._most_open = most_open
        self._attempts = attempts
        self._return_addresses = return_addresses
        self._providers = Providers(fetcher, seconds)
        self._asking = AtOnce(_AT_ONCE, sign_in.too_many_at_once)

    async def begin(
        self, id: SsoConfigurationId, origin: Origin, continues: str = "", return_to: str = ""
    ) -> Begun:
        """Raises Denied where nobody can sign in, and if the provider does not answer as it should.

        What it `continues` is a client's request as `authorization.seal` has it.
        """
        if return_to and not self._return_addresses.allows(return_to):
            raise sign_in.not_returning()
        request = None
        if continues:
            request = authorization.unseal(self._sealer, continues, self._clock())
        found = await self._database.read(
            lambda connection: configurations.signing_in(connection, id)
        )
        if found is None:
            raise sign_in.closed()
        async with self._refusals(found, origin):
            if request is not None:
                await self._check_client(request, found)
            return await self._begin(found, continues, return_to)

    async def _begin(
        self, configuration: SsoConfiguration, continues: str, return_to: str
    ) -> Begun:
        sign_in.check_open(configuration)
        if not self._public_url:
            raise sign_in.failed(configuration.id, "this server does not know its --public-url")
        id = configuration.id
        state, browser, now = (
            secrets.token_urlsafe(_DIGITS),
            secrets.token_urlsafe(_DIGITS),
            self._clock(),
        )
        try:
            with self._asking.one(configuration.organization_id):
                url = await self._providers.begin(
                    configuration.issuer_url, self._client(configuration), self._secrets(state)
                )
        except Failed as error:
            raise sign_in.failed(id, str(error)) from error
        begun = SignIn(
            id=SignInId(new_id()),
            organization_id=configuration.organization_id,
            configuration_id=id,
            state_digest=_digest(state),
            browser_digest=_digest(browser),
            created_at=now,
            expires_at=now + LIFETIME,
            continues=continues,
            return_to=return_to,
        )

        def change(unit: UnitOfWork) -> None:
            now_is = sso_configurations.lock(unit.connection, configuration.organization_id, id)
            sign_in.check_open(now_is, configuration)
            unit.write(store.sign_ins.inserting(begun), store.giving_way(id, self._most_open))

        await self._database.write(change)
        return Begun(url, browser)

    async def finish(
        self, id: SsoConfigurationId, answer: Mapping[str, str], browser: str, origin: Origin
    ) -> SignedIn | Onward:
        """A session for whom the provider's `answer` tells of, which came to the redirect URI of the configuration `id`.

        Works once, and only for the `browser` that began. Raises Denied, but where a client waits for an answer.
        """
        begun, configuration = await self._take(id, answer.get("state", ""), browser)
        request = authorization.unseal(self._sealer, begun.continues) if begun.continues else None
        try:
            return await self._finish(begun, configuration, answer, origin, request)
        except Denied as denied:
            if request is None:
                raise
            return Onward(request.back.error(Refused(Error.ACCESS_DENIED, str(denied))))

    async def _finish(
        self,
        begun: SignIn,
        configuration: SsoConfiguration,
        answer: Mapping[str, str],
        origin: Origin,
        request: AuthorizationRequest | None,
    ) -> SignedIn | Onward:
        async with self._refusals(configuration, origin):
            sign_in.check_open(configuration)
            claims = await self._claims(configuration, answer)
        person = _person(configuration, claims)
        async with self._refusals(configuration, origin, person):
            done = await self._sign_in(begun, configuration, claims, person, origin, request)
        self._attempts.succeeded += 1
        with contextlib.suppress(OrgplaneError):  # another time then
            await self._attempts.purge_if_due(configuration.id)
        return done

    @contextlib.asynccontextmanager
    async def _refusals(
        self, configuration: SsoConfiguration, origin: Origin, person: Person = NOBODY
    ) -> AsyncIterator[None]:
        """Keeps it for the administrators if somebody is denied."""
        try:
            yield
        except Denied as denied:
            await self._attempts.refuse(configuration, person, denied, origin)
            raise

    async def _claims(
        self, configuration: SsoConfiguration, answer: Mapping[str, str]
    ) -> Mapping[str, Any]:
        try:
            with self._asking.one(configuration.organization_id):
                return await self._providers.finish(
                    configuration.issuer_url,
                    self._client(configuration),
                    self._secrets(answer["state"]),
                    answer,
                    self._clock().timestamp(),
                )
        except Failed as error:
            raise sign_in.failed(configuration.id, str(error)) from error

    async def _take(
        self, id: SsoConfigurationId, state: str, browser: str
    ) -> tuple[SignIn, SsoConfiguration]:
        """What was begun, which is over by this, and the configuration it was begun with."""
        digest, now = _digest(state), self._clock()

        def change(unit: UnitOfWork) -> tuple[SignIn, SsoConfiguration]:
            begun = store.lock_begun(unit.connection, digest)
            begun = sign_in.check_begun(begun, id, _digest(browser), now)
            store.sign_ins.delete(unit.connection, begun.organization_id, begun.id)
            found = configurations.signing_in(unit.connection, begun.configuration_id)
            if found is None:
                raise sign_in.closed()
            return begun, found

        return await self._database.write(change)

    async def _sign_in(
        self,
        begun: SignIn,
        configuration: SsoConfiguration,
        claims: Mapping[str, Any],
        person: Person,
        origin: Origin,
        request: AuthorizationRequest | None,
    ) -> SignedIn | Onward:
        expression = configuration.claims_expression
        if expression and not await self._expressions.holds(
            expression, claims, configuration.organization_id
        ):
            raise sign_in.not_allowed()
        subject = person.subject
        if not subject:
            raise sign_in.nobody()
        token = new_token(TokenKind.SESSION)
        exchange = new_token(TokenKind.EXCHANGE) if begun.return_to and request is None else None

        def change(unit: UnitOfWork) -> SignedIn | Onward:
            connection, now = unit.connection, self._clock()
            organization = configuration.organization_id
            # Application, configuration, address, member, organization: in the order in which all others lock what they need of these.
            application = None
            if request is not None:
                client = authorization.admit(connection, request, organization, hold=True)
                application = client.application_id
            now_is = sso_configurations.lock(connection, organization, configuration.id)
            sign_in.check_open(now_is, configuration)
            binding = store.of_subject(connection, configuration.id, subject)
            found = _who(connection, configuration, binding, claims)
            member = found.member
            sign_in.check_active(member)
            if binding is None:
                new = SsoBinding(
                    *(SsoBindingId(new_id()), organization, configuration.id),
                    *(member.id, subject, now),
                    last_signed_in_at=now,
                )
                unit.run(store.sso_bindings.inserting(new))
            else:
                again = sign_in.bound_again(binding, member.id, now)
                store.sso_bindings.update(connection, organization, binding, again)
            opened = Session(
                id=SessionId(new_id()),
                organization_id=organization,
                user_id=member.id,
                configuration_id=configuration.id,
                digest=token.digest,
                created_at=now,
                expires_at=now + session.LIFETIME,
                application_id=application,
                exchange_digest=None if exchange is None else exchange.digest,
                sid=_sid(claims),
                series=configurations.series(connection, configuration.id),
            )
            unit.write(sessions.sessions.inserting(opened), vouching(member.id, now))
            told = session.told(configuration.id)
            actor = Newcomer(member.id, organization, origin)
            saving.note(unit, actor, Action.UPDATE, Subject.USER, member.id, now, told)
            known = replace(person, user_id=member.id)
            self._attempts.keep(unit, configuration, known, origin)
            if administering(connection, organization, [member.id]):
                carry_out(unit, organization, now)
            if request is not None:
                url = authorization.grant(unit, request, opened, now)
                return Onward(url, member, is_asked_about(request.client_id))
            return SignedIn(member, exchange or token, opened.expires_at, begun.return_to)

        return await self._database.write(change)

    async def _check_client(
        self, request: AuthorizationRequest, configuration: SsoConfiguration
    ) -> None:
        """Raises Denied unless the client may let in members of the organization."""

        def query(connection: Connection) -> None:
            authorization.admit(connection, request, configuration.organization_id)

        await self._database.read(query)

    def _client(self, configuration: SsoConfiguration) -> Client:
        return Client(
            configuration.client_id,
            secret_of(configuration, self._sealer),
            redirect_uri(self._public_url, configuration.id),
            configuration.additional_scopes,
            signing(self._keys, self._clock, configuration),
        )

    def _secrets(self, state: str) -> Secrets:
        """Nonce and verifier follow from the state, by a key that only servers of this installation have."""

        def derived(purpose: str) -> str:
            digest = self._sealer.digest(state.encode("utf-8", "surrogatepass"), purpose)
            return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

        return Secrets(state, derived("sign-in nonce"), derived("sign-in verifier"))


def _sid(claims: Mapping[str, Any]) -> str | None:
    """The provider's session, by which it may end ours."""
    sid = claims.get("sid")
    if not isinstance(sid, str) or not 0 < len(sid) <= session.LONGEST_SID:
        return None
    with contextlib.suppress(InvalidArgument):
        storable(sid=sid)
        return sid
    return None


def _person(configuration: SsoConfiguration, claims: Mapping[str, Any]) -> Person:
    """Whom the provider tells of; nobody, if it tells of them what no database can keep."""
    subject, email = str(claims["sub"]), claims.get("email")
    verified = isinstance(email, str) and sign_in.verified(configuration, claims)
    try:
        storable(sub=subject)
    except InvalidArgument:
        return NOBODY
    return Person(subject, str(email) if verified else "")


def _who(
    connection: Connection,
    configuration: SsoConfiguration,
    binding: SsoBinding | None,
    claims: Mapping[str, Any],
) -> Membership:
    """Whom a subject is, held until this transaction ends. Raises Denied if that is nobody."""
    organization = configuration.organization_id
    left = None if binding is None else _left(connection, binding)
    if binding is not None and left is None:
        held = memberships.lock(connection, organization, [binding.user_id])
        if not held or policies.held(connection, organization) is None:
            raise sign_in.nobody()  # deleted while this waited
        return held[0]
    try:
        found = _first(connection, configuration, claims)
    except Denied as denied:
        if left is not None and denied.refusal in sign_in.FINDS_NOBODY:
            sign_in.check_active(left)
        raise
    bound = store.of_member(connection, configuration.id, found.member.id)
    sign_in.check_unbound(bound, binding)
    return found


def _left(connection: Connection, binding: SsoBinding) -> User | None:
    """The member of a binding, if they have left; not held, as whoever comes next is, after them."""
    member = users.find(connection, binding.organization_id, binding.user_id)
    return member if member is not None and member.status is UserStatus.LEFT else None


def _first(
    connection: Connection,
    configuration: SsoConfiguration,
    claims: Mapping[str, Any],
) -> Membership:
    """Whom a subject is who was not here before, or whose member has left, held until this transaction ends. Raises Denied if that is nobody."""
    organization = configuration.organization_id
    external_id = sign_in.external_id(configuration, claims)
    known = sign_in.by_external_id(store.known_as(connection, configuration.id, external_id))
    if known is not None:
        found = memberships.lock(connection, organization, [known])
        held = policies.held(connection, organization)
        # It may have been renamed, and all of it deleted, while this waited.
        if found and held and known in store.known_as(connection, configuration.id, external_id):
            return found[0]
        raise sign_in.nobody()
    email = claims.get("email")
    if not isinstance(email, str):
        raise sign_in.nobody()
    if not sign_in.verified(configuration, claims):
        raise sign_in.not_verified()
    address = ""
    with contextlib.suppress(InvalidArgument):
        address = mailbox.canonical(email)
    if not address:
        raise sign_in.nobody()
    there = mailbox.holders(connection, organization, address)
    active = [each.id for each in there if each.status is UserStatus.ACTIVE]
    locked = memberships.lock(connection, organization, active)
    held = policies.held(connection, organization)
    # Of whose address nobody may know who it is, nobody is told that either.
    licensed = domains.licenses(connection, organization, configuration.id, domain_of(address))
    if held is None or not licensed:
        raise sign_in.nobody()
    one = sign_in.by_address(mailbox.holders(connection, organization, address))
    found = [each for each in locked if each.member.id == one.id]
    if not found:
        raise sign_in.nobody()
    sign_in.check_provisioned(found[0], held)
    linked = scim_configurations.linked_to(connection, configuration.id)
    if administering(connection, organization, [one.id]):
        sign_in.check_address_told(found[0], configuration.id, linked)
    return found[0]


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
