from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from uuid import UUID

from ..domain import authorization, device, pkce
from ..domain.authorization import (
    DEVICE_PAGE,
    AuthorizationRequest,
    Client,
    Error,
    Refused,
    Return,
)
from ..domain.client_address import without_port
from ..domain.device import LIFETIME, DeviceAuthorization
from ..domain.identifier import DeviceAuthorizationId
from ..domain.instant import Clock
from ..domain.sign_in import Denied
from ..domain.token import Token, TokenKind
from ..store import device as store
from ..store.device import device_authorizations
from ..store.engine.database import Database
from ..store.engine.unit_of_work import UnitOfWork
from ..store.session import sessions
from .authorization import Authorizations, Person, Told, give, person_of, seal
from .minting import new_id, new_token
from .sealing import Sealer

_DIGITS = 32
_PURPOSE = "device code"


@dataclass(frozen=True, slots=True)
class Begun:
    """`code` is what the program shows, `token` what it asks again with; neither can be asked for again."""

    code: str = field(repr=False)
    token: Token


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is about to let in whom."""

    person: Person
    device: DeviceAuthorization


class Devices:
    """Programs on machines without a browser; the rules are `domain.device`'s.

    Whoever types a code signs in as in any application: the page is a client of ours, whose verifier is in the browser.
    """

    def __init__(
        self, database: Database, clock: Clock, sealer: Sealer, authorizations: Authorizations
    ) -> None:
        self._database = database
        self._clock = clock
        self._sealer = sealer
        self._authorizations = authorizations
        self._client = Client(device_page=True)

    @property
    def confirmation(self) -> str:
        """Where the browser comes back to that has signed in."""
        return f"{self._authorizations.issuer}{DEVICE_PAGE}"

    async def begin(self, client: Client, peer: str) -> Begun:
        """For who comes from `peer`, as `TrustedProxies.client` says it. Raises Refused for an application, which has people with browsers."""
        if client.application is not None:
            raise Refused(
                Error.UNAUTHORIZED_CLIENT, "only the command line is authorized like this"
            )
        letters = "".join(secrets.choice(device.LETTERS) for _ in range(device.LENGTH))
        code, token, now = device.typed(letters), new_token(TokenKind.DEVICE), self._clock()
        address = without_port(peer)  # each connection of one machine has another port
        new = DeviceAuthorization(
            id=DeviceAuthorizationId(new_id()),
            device_digest=token.digest,
            code_digest=self._digest(code),
            peer=address,
            created_at=now,
            expires_at=now + LIFETIME,
        )
        await self._database.write(
            lambda unit: unit.run(
                device_authorizations.inserting(new),
                store.giving_way_at(address, device.MOST_OF_ADDRESS),
                store.giving_way(device.MOST),
            )
        )
        return Begun(code, token)

    async def typed(self, text: str) -> tuple[str, str] | None:
        """For the code of one that is undecided: the request to sign in with, and the verifier, for the browser alone."""
        code, now = device.typed(text), self._clock()
        if not code:
            return None
        digest = self._digest(code)
        found = await self._database.read(lambda connection: store.by_code(connection, digest))
        if found is None or not found.undecided(now):
            return None
        verifier = secrets.token_urlsafe(_DIGITS)
        request = AuthorizationRequest(
            client_id=self._client.id,
            back=Return(self.confirmation, None, self._authorizations.issuer),
            challenge=pkce.challenge(verifier),
            nonce=str(found.id),
            organization="",
            until=now + authorization.LIFETIME,
        )
        return seal(self._sealer, request), verifier

    async def asked(self, code: str, verifier: str) -> Asked:
        """What is to be decided by whoever has come back with the `code` of their sign-in. Changes nothing. Raises Denied."""
        person, id = await self._authorizations.seen(
            self._client, code, self.confirmation, verifier
        )
        found = await self._database.read(lambda connection: store.find(connection, _id(id)))
        if found is None or not found.undecided(self._clock()):
            raise _over()
        return Asked(person, found)

    async def decide(self, code: str, verifier: str, *, let_in: bool) -> None:
        """Raises Denied."""
        try:
            told = await self._authorizations.exchange(
                self._client, code, self.confirmation, verifier
            )
        except Refused:
            raise _over() from None

        def change(unit: UnitOfWork) -> bool:
            connection, session = unit.connection, told.person.session
            found = store.lock(connection, _id(told.nonce))
            open_still = found is not None and found.undecided(self._clock())
            if found is not None and open_still:
                after = replace(found, denied=True)
                if let_in:
                    organization = session.organization_id
                    after = replace(found, session_id=session.id, organization_id=organization)
                device_authorizations.update(connection, found.id, found, after)
            if not (let_in and open_still):
                sessions.delete(connection, session.organization_id, session.id)
            return open_still

        if not await self._database.write(change):
            raise _over()

    async def exchange(self, client: Client, text: str) -> Told:
        """A session for the program that has this device code, once somebody has let it in. Raises Refused."""
        digest = Token.digest_of(TokenKind.DEVICE, text)
        if client.application is not None or digest is None:
            raise _unknown()
        # Programs ask again and again, and strangers anything: they write nothing.
        seen = await self._database.read(lambda connection: store.by_device(connection, digest))
        if seen is None:
            raise _unknown()
        now = self._clock()
        if seen.undecided(now) and seen.too_soon(now):
            raise Refused(Error.SLOW_DOWN, "asked sooner than 5 seconds after the last time")
        token = new_token(TokenKind.SESSION)

        def change(unit: UnitOfWork) -> Told | Refused:
            connection, now = unit.connection, self._clock()
            found = store.lock_by_device(connection, digest)
            if found is None:
                return _unknown()
            if now >= found.expires_at:
                return Refused(
                    Error.EXPIRED_TOKEN, "device_code: nobody let it in within 10 minutes"
                )
            if found.denied:
                return Refused(Error.ACCESS_DENIED, "whoever was asked did not let the program in")
            if found.session_id is None or found.organization_id is None:
                polled = replace(found, polled_at=now)
                device_authorizations.update(connection, found.id, found, polled)
                return Refused(Error.AUTHORIZATION_PENDING, "nobody has let the program in yet")
            device_authorizations.delete(connection, found.id, found.id)
            opened = sessions.lock(connection, found.organization_id, found.session_id)
            person = None if opened is None else person_of(connection, opened, now)
            if person is None:
                return Refused(Error.ACCESS_DENIED, "the sign-in has ended meanwhile")
            return give(unit, person, token, now)

        told = await self._database.write(change)
        if isinstance(told, Refused):
            raise told
        return told

    def _digest(self, code: str) -> bytes:
        return self._sealer.digest(code.encode(), _PURPOSE)


def _id(text: str) -> DeviceAuthorizationId:
    return DeviceAuthorizationId(UUID(text))


def _over() -> Denied:
    return Denied("This was decided already, or took too long. Have the program begin anew.")


def _unknown() -> Refused:
    return Refused(Error.INVALID_GRANT, "device_code: it is unknown, or was used")
