from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from ..domain import authorization, session
from ..domain.audit import Action, Subject
from ..domain.authorization import (
    AuthorizationCode,
    AuthorizationRequest,
    Client,
    Error,
    Refused,
    Return,
)
from ..domain.caller import Origin
from ..domain.errors import InvalidArgument, Unauthenticated
from ..domain.identifier import (
    ApplicationId,
    AuthorizationCodeId,
    OrganizationId,
    SsoConfigurationId,
)
from ..domain.instant import Clock
from ..domain.joining import Newcomer
from ..domain.last_use import is_stale
from ..domain.organization import Organization
from ..domain.role import Role, plain
from ..domain.scim_user import GroupOfUser
from ..domain.session import Session
from ..domain.sign_in import Denied
from ..domain.sign_out import SignOutReason
from ..domain.sso_configuration import SsoConfigurationState
from ..domain.token import Token, TokenKind
from ..domain.user import User, UserStatus
from ..store import application as applications
from ..store import authorization as store
from ..store import domain_verification as domains
from ..store import role as roles
from ..store import scim_membership
from ..store import sso_configuration as configurations
from ..store.authorization import authorization_codes
from ..store.engine.database import Connection, Database
from ..store.engine.unit_of_work import UnitOfWork
from ..store.organization import organizations
from ..store.session import end, sessions
from ..store.user import users
from . import saving
from .account import domain_of
from .login import LOGIN, LOGIN_SSO
from .minting import new_id, new_token
from .sealing import Broken, Sealer
from .signing_key import SigningKeys

_PURPOSE = "authorization request"
_MOST_SEALED = 8_192
#: How long the application may take to look at an ID token.
_ID_TOKEN_LIFETIME = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Person:
    """Who has signed in, as of now; `role` is their `domain.role.plain` one, `groups` are those of SCIM. `address_proven`: their e-mail address is of a domain that the organization has proven."""

    member: User
    role: Role
    organization: Organization
    groups: Sequence[GroupOfUser]
    session: Session
    address_proven: bool

    def claims(self) -> dict[str, Any]:
        """OpenID Connect Core 1.0, section 5.1, and what we have beside it."""
        member, named = self.member, {"name": self.member.name, "email": self.member.email}
        return {
            "sub": str(member.id),
            **{name: value for name, value in named.items() if value},
            **({"email_verified": self.address_proven} if member.email else {}),
            "organization": str(self.organization.id),
            "organization_name": self.organization.name,
            "role": self.role.value,
            "groups": [each.display_name for each in self.groups],
        }


@dataclass(frozen=True, slots=True)
class Told:
    """What a client gets for a code. The `token` cannot be asked for again; it works for so many `seconds`; `nonce` is the client's own."""

    person: Person
    token: Token
    seconds: int
    nonce: str = field(repr=False)


class Authorizations:
    """Lets applications, and the command line, know who has signed in; the rules are `domain.authorization`'s.

    `issuer` is this server's own URL; empty if it does not know it: then nobody is let in anywhere.
    """

    def __init__(
        self, database: Database, clock: Clock, sealer: Sealer, keys: SigningKeys, issuer: str
    ) -> None:
        self._database = database
        self._clock = clock
        self._sealer = sealer
        self._keys = keys
        self.issuer = issuer

    async def begin(self, asked: Mapping[str, str]) -> str:
        """Where a browser goes that comes with this request: to a page where somebody signs in, or back with an error.

        Keeps nothing. Raises Denied where it cannot be sent back to, as nobody knows who asks, or from where.
        """
        if not self.issuer:
            raise Denied("This server does not know its own address (--public-url).")
        client = await self._client(asked.get("client_id", ""))
        if client is None:
            raise Denied("The application that sent you here is not registered (client_id).")
        if not client.comes_back_to(asked.get("redirect_uri", "")):
            raise Denied(
                "The application that sent you here is not registered with this address (redirect_uri)."
            )
        back = Return(asked["redirect_uri"], authorization.state_of(asked), self.issuer)
        try:
            try:
                authorization.check(client, asked)
            except InvalidArgument as error:
                raise Refused(Error.INVALID_REQUEST, str(error)) from None
            return await self._login(client, back, asked)
        except Refused as refused:
            return back.error(refused)
        except Denied as denied:
            return back.error(Refused(Error.ACCESS_DENIED, str(denied)))

    async def _login(self, client: Client, back: Return, asked: Mapping[str, str]) -> str:
        organization = _id(asked, "organization")
        configuration = _id(asked, "sso_configuration")
        request = AuthorizationRequest(
            client_id=client.id,
            back=back,
            challenge=asked["code_challenge"],
            nonce=asked.get("nonce", ""),
            organization="" if organization is None else str(organization),
            until=self._clock() + authorization.LIFETIME,
        )
        if organization is not None:
            authorization.check_organization(request, client, OrganizationId(organization))
        more = {"continue": seal(self._sealer, request)}
        if configuration is None and organization is not None:
            configuration = await self._only(OrganizationId(organization))
        if configuration is not None:
            return f"{LOGIN_SSO}{configuration}?{urlencode(more)}"
        if organization is not None:
            return f"{LOGIN}/{organization}?{urlencode(more)}"
        if hint := asked.get("login_hint", ""):
            more["login_hint"] = hint[:320]
        return f"{LOGIN}?{urlencode(more)}"

    async def _only(self, organization: OrganizationId) -> SsoConfigurationId | None:
        """The one that people of the organization sign in through, if it is one."""
        found = await self._database.read(
            lambda connection: configurations.of(connection, organization)
        )
        active = [each.id for each in found if each.state is SsoConfigurationState.ACTIVE]
        return active[0] if len(active) == 1 else None

    async def _client(self, id: str) -> Client | None:
        return await self._database.read(lambda connection: client_of(connection, id))

    async def authenticate(self, id: str, secret: str | None) -> Client:
        """The client that shows this secret; the command line shows none. Raises Refused, in the same words for all."""
        refused = Refused(
            Error.INVALID_CLIENT, "the client is unknown, or the secret is not one of its own"
        )
        if secret is None:
            if id == authorization.COMMAND_LINE:
                return Client()
            raise refused
        digest = Token.digest_of(TokenKind.APPLICATION, secret)
        if digest is None:
            raise refused
        found = await self._database.read(
            lambda connection: applications.by_secret(connection, digest)
        )
        if found is None or str(found[0].id) != id:
            raise refused
        return Client(found[0])

    async def exchange(self, client: Client, code: str, redirect_uri: str, verifier: str) -> Told:
        """Who has signed in, for the code that says so. Raises Refused; a code of the client's own is over by this."""
        digest = Token.digest_of(TokenKind.CODE, code)
        if digest is None:
            raise authorization.unknown_code()
        if await self._database.read(lambda connection: store.find(connection, digest)) is None:
            raise authorization.unknown_code()
        kind = TokenKind.SESSION if client.application is None else TokenKind.ACCESS
        token = new_token(kind)

        def change(unit: UnitOfWork) -> Told | Refused:
            connection, now = unit.connection, self._clock()
            found = store.lock(connection, digest)
            if found is None or found.client_id != client.id:
                return authorization.unknown_code()
            organization = found.organization_id
            opened = sessions.lock(connection, organization, found.session_id)
            wrong = authorization.check_code(found, redirect_uri, verifier, now)
            if not found.used:
                used = replace(found, used=True)
                unit.run(authorization_codes.updating(organization, found, used))
            person = None if opened is None else person_of(connection, opened, now)
            if wrong is not None or person is None:
                twice_pressed = client.device_page and found.used
                if opened is not None and not twice_pressed:
                    end(unit, opened.id, now, SignOutReason.APPLICATION)
                return (
                    Refused(Error.INVALID_GRANT, wrong) if wrong else authorization.unknown_code()
                )
            if not client.lets_in(organization):
                return authorization.unknown_code()
            return give(unit, person, token, now, found.nonce)

        told = await self._database.write(change)
        if isinstance(told, Refused):
            raise told
        return told

    async def seen(
        self, client: Client, code: str, redirect_uri: str, verifier: str
    ) -> tuple[Person, str]:
        """Who a code tells of, and the request's nonce; the code stays as it is. Raises Denied."""
        digest = Token.digest_of(TokenKind.CODE, code)

        def query(connection: Connection) -> tuple[Person, str] | None:
            now, found = self._clock(), digest and store.find(connection, digest)
            if not found or found.client_id != client.id:
                return None
            if authorization.check_code(found, redirect_uri, verifier, now) is not None:
                return None
            opened = sessions.find(connection, found.organization_id, found.session_id)
            person = opened and person_of(connection, opened, now)
            return (person, found.nonce) if person else None

        seen = await self._database.read(query)
        if seen is None:
            raise Denied("This was not begun in this browser, is over already, or took too long.")
        return seen

    async def id_token(self, client: Client, told: Told) -> str:
        now = self._clock()
        claims = {
            **told.person.claims(),
            "iss": self.issuer,
            "aud": client.id,
            "iat": int(now.timestamp()),
            "exp": int((now + _ID_TOKEN_LIFETIME).timestamp()),
            "sid": str(told.person.session.id),
        }
        return await self._keys.sign(claims | ({"nonce": told.nonce} if told.nonce else {}))

    async def published_keys(self) -> list[Mapping[str, Any]]:
        return await self._keys.published()

    async def person(self, token: str) -> Person:
        """Who an application's access token is about, as long as they are signed in. Raises Unauthenticated."""
        digest = Token.of_kind(TokenKind.ACCESS, token).digest

        def query(connection: Connection) -> Person | None:
            found = sessions.find_by_digest(connection, digest)
            if found is None:
                return None
            client = client_of(connection, str(found[0].application_id))
            return None if client is None else self.told_of(connection, client, found[0])

        person = await self._database.read(query)
        if person is None:
            raise Unauthenticated("the sign-in is over, or the token is unknown")
        self.use(person.session)
        return person

    async def revoke(self, client: Client, token: str, origin: Origin) -> None:
        """Ends the sign-in that an application's own access token is of (RFC 7009); one that is over, or never was, is no error.

        Raises Refused for another application's token, which stays, and for a client that is none.
        """
        if client.application is None:
            raise Refused(
                Error.UNAUTHORIZED_CLIENT,
                "only applications revoke; SessionService/EndSession ends a session",
            )
        digest = Token.digest_of(TokenKind.ACCESS, token)
        if digest is None:
            return

        def change(unit: UnitOfWork) -> Refused | None:
            found = sessions.find_by_digest(unit.connection, digest)
            if found is None:
                return None
            opened = found[0]
            if str(opened.application_id) != client.id:
                return Refused(Error.INVALID_GRANT, "the token is another application's")
            if sessions.lock(unit.connection, opened.organization_id, opened.id) is None:
                return None
            now, actor = self._clock(), Newcomer(opened.user_id, opened.organization_id, origin)
            end(unit, opened.id, now, SignOutReason.APPLICATION)
            told = session.told(opened.configuration_id, ended=True)
            saving.note(unit, actor, Action.UPDATE, Subject.USER, opened.user_id, now, told)
            return None

        refused = await self._database.write(change)
        if refused is not None:
            raise refused

    def told_of(self, connection: Connection, client: Client, opened: Session) -> Person | None:
        """Whom a client may still be told of by a session that was opened for it."""
        person = person_of(connection, opened, self._clock())
        return person if client.lets_in(opened.organization_id) else None

    def use(self, session: Session) -> None:
        """Notes that a session is used, at most once a minute."""
        now = self._clock()
        if is_stale(session.last_used_at, now):
            self._database.write_later(
                lambda unit: sessions.touch(unit.connection, session.id, now)
            )


def seal(sealer: Sealer, request: AuthorizationRequest) -> str:
    """Fit for an address."""
    back = request.back
    plain = {
        "client": request.client_id,
        "to": back.redirect_uri,
        "state": back.state,
        "issuer": back.issuer,
        "challenge": request.challenge,
        "nonce": request.nonce,
        "organization": request.organization,
        "until": request.until.timestamp(),
    }
    return sealer.seal_text(json.dumps(plain, ensure_ascii=False).encode(), _PURPOSE)


def unseal(sealer: Sealer, sealed: str, now: datetime | None = None) -> AuthorizationRequest:
    """Raises Denied for what `seal` did not return, and at `now` for what it returned too long ago."""
    denied = Denied(
        "The application's request is over: it took more than 10 minutes. Begin anew there."
    )
    if len(sealed) > _MOST_SEALED:
        raise denied
    try:
        plain = json.loads(sealer.open_text(sealed, _PURPOSE))
    except Broken:
        raise denied from None
    until = datetime.fromtimestamp(plain["until"], tz=UTC)
    if now is not None and now >= until:
        raise denied
    back = Return(plain["to"], plain["state"], plain["issuer"])
    return AuthorizationRequest(
        plain["client"], back, plain["challenge"], plain["nonce"], plain["organization"], until
    )


def client_of(connection: Connection, id: str, *, hold: bool = False) -> Client | None:
    """The client with this id, if it is there now; to `hold` it, until this transaction ends."""
    if (known := authorization.built_in(id)) is not None:
        return known
    try:
        this = ApplicationId(UUID(id))
    except ValueError:
        return None
    records = applications.applications
    found = (records.hold if hold else records.find)(connection, this, this)
    return None if found is None or str(found.id) != id else Client(found)


def admit(
    connection: Connection,
    request: AuthorizationRequest,
    organization: OrganizationId,
    *,
    hold: bool = False,
) -> Client:
    """Who asks for somebody of the organization, as `client_of` has it. Raises Denied unless they may."""
    client = client_of(connection, request.client_id, hold=hold)
    return authorization.check_organization(request, client, organization)


def grant(unit: UnitOfWork, request: AuthorizationRequest, opened: Session, now: datetime) -> str:
    """Where a browser brings the code for a session that was opened for this request, in the same transaction."""
    code = new_token(TokenKind.CODE)
    unit.write(
        authorization_codes.inserting(
            AuthorizationCode(
                id=AuthorizationCodeId(new_id()),
                organization_id=opened.organization_id,
                session_id=opened.id,
                digest=code.digest,
                client_id=request.client_id,
                redirect_uri=request.back.redirect_uri,
                challenge=request.challenge,
                nonce=request.nonce,
                created_at=now,
                expires_at=now + authorization.code_lifetime(request.client_id),
            )
        ),
    )
    return request.back.url(code=code.reveal())


def give(unit: UnitOfWork, person: Person, token: Token, now: datetime, nonce: str = "") -> Told:
    """The person's session works by this token from now on."""
    before = person.session
    after = replace(before, digest=token.digest)
    unit.run(sessions.updating(before.organization_id, before, after))
    return Told(person, token, int((after.idle_expires_at - now).total_seconds()), nonce)


def person_of(connection: Connection, session: Session, now: datetime) -> Person | None:
    """Whose session it is, if they may act, and if their organization is not suspended."""
    organization = session.organization_id
    there = organizations.find(connection, organization, organization)
    member = users.find(connection, organization, session.user_id)
    if there is None or member is None or member.status is not UserStatus.ACTIVE:
        return None
    if session.expired(now) or there.suspended:
        return None
    groups = scim_membership.groups_of_member(connection, member.id)
    domain = domain_of(member.email)
    proven = bool(domain) and domain in domains.proven(connection, organization, [domain])
    return Person(member, plain(roles.of(connection, member)), there, groups, session, proven)


def _id(asked: Mapping[str, str], name: str) -> UUID | None:
    """Raises Refused for what is no id."""
    if (text := asked.get(name, "")) == "":
        return None
    try:
        return UUID(text)
    except ValueError:
        raise Refused(Error.INVALID_REQUEST, f"{name}: it is no id") from None
