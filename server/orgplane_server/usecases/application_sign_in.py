"""What an application asks over RPC about sign-ins to it, with its secret alone; the rules are `authorization`'s."""

from __future__ import annotations

from dataclasses import dataclass

from ..domain import sign_in
from ..domain.application import ApplicationCaller
from ..domain.authorization import Client, Refused
from ..domain.errors import FailedPrecondition, NotFound, Reason
from ..domain.identifier import SessionId
from ..domain.scim_user import ScimUser
from ..store import membership as memberships
from ..store import scim_configuration as configurations
from ..store import session as sessions
from ..store.engine.database import Connection, Database
from .address_limit import AddressLimit
from .authorization import Authorizations, Person


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who has signed in, and what SCIM says of them, if it knows them."""

    person: Person
    scim_user: ScimUser | None


class ApplicationSignIns:
    """Sign-ins to the calling application. Codes that are none count against the address that they came from, in `failures`."""

    def __init__(
        self, database: Database, authorizations: Authorizations, failures: AddressLimit
    ) -> None:
        self._database = database
        self._authorizations = authorizations
        self._failures = failures

    async def exchange(
        self, caller: ApplicationCaller, code: str, redirect_uri: str, verifier: str
    ) -> SignedIn:
        """Who has signed in, for the code that says so, as `Authorizations.exchange`. Raises FailedPrecondition."""
        client = Client(caller.application)
        try:
            told = await self._authorizations.exchange(client, code, redirect_uri, verifier)
        except Refused as refused:
            self._failures.count(caller.origin.peer)
            raise FailedPrecondition(
                refused.description, reason=Reason.SIGN_IN_CODE_NOT_VALID
            ) from None
        return await self._database.read(lambda connection: _signed_in(connection, told.person))

    async def get(self, caller: ApplicationCaller, id: SessionId) -> SignedIn:
        """Who is signed in to the caller by this sign-in; counts as use. Raises NotFound."""
        client = Client(caller.application)

        def query(connection: Connection) -> SignedIn | None:
            session = sessions.to_application(connection, caller.application.id, id)
            person = session and self._authorizations.told_of(connection, client, session)
            return _signed_in(connection, person) if person else None

        found = await self._database.read(query)
        if found is None:
            raise NotFound(
                "the sign-in is over, or was none to this application", reason=Reason.SIGN_IN_ENDED
            )
        self._authorizations.use(found.person.session)
        return found


def _signed_in(connection: Connection, person: Person) -> SignedIn:
    organization, member = person.organization.id, person.member.id
    links = [
        link
        for known in memberships.find(connection, organization, [member])
        for link in known.links
    ]
    linked = configurations.linked_to(connection, person.session.configuration_id)
    return SignedIn(person, sign_in.scim_user_of(links, linked))
