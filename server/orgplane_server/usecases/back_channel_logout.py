from __future__ import annotations

import time
from collections.abc import Callable, Collection
from datetime import UTC, datetime

import structlog

from ..domain import session, sign_in
from ..domain.audit import Action, Subject
from ..domain.caller import Origin
from ..domain.errors import InvalidArgument
from ..domain.identifier import SsoConfigurationId, UserId
from ..domain.instant import Clock
from ..domain.joining import Newcomer
from ..domain.session import LOGOUT_LEEWAY
from ..domain.sign_in import Denied
from ..domain.sso_configuration import SsoConfiguration
from ..domain.text import storable
from ..oidc.discovery import NotDiscovered
from ..oidc.known import KnownProviders
from ..oidc.refusal import Refused
from ..outbound.answer import NotFetched
from ..outbound.fetcher import Fetcher
from ..store import membership as memberships
from ..store import session as sessions
from ..store import sign_in as store
from ..store import sso_configuration as configurations
from ..store.engine.database import Connection, Database
from ..store.engine.unit_of_work import UnitOfWork
from ..store.sso_configuration import sso_configurations
from . import saving
from .at_once import AtOnce

#: How many of an organization wait for its provider's keys at a time.
_AT_ONCE = 8
#: Seconds between two looks for a key that is not known. A stranger's token may use up a look just before the provider changes its keys, and
#: providers do not say again what was refused: so they are fewer than for a sign-in, which can be begun anew.
_AGAIN = 10.0

log = structlog.get_logger(__name__)


class NotLoggedOut(Exception):
    """Nothing was done; the text says why, and shows nothing of the token."""


class BackChannelLogouts:
    """Providers say that they have logged somebody out, whose sessions with us end then.

    What is remembered of providers is kept apart from what sign-ins know: strangers may ask here for keys that are nobody's.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        fetcher: Fetcher,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._clock = clock
        self._known = KnownProviders(fetcher, seconds, _AGAIN)
        self._asking = AtOnce(_AT_ONCE, _too_many_at_once)

    async def take(self, id: SsoConfigurationId, token: str, origin: Origin) -> int:
        """How many sessions are over. They are those that began before the token was issued, so one that is shown again does no harm.

        Raises NotLoggedOut.
        """
        from ..oidc.logout_token import logged_out  # here, as the import takes a moment

        found = await self._database.read(
            lambda connection: configurations.signing_in(connection, id)
        )
        try:
            configuration = sign_in.check_open(found)
            with self._asking.one(configuration.organization_id):
                provider = await self._known.provider(configuration.issuer_url)
                told = await logged_out(
                    token,
                    self._known.keys(provider),
                    provider.issuer,
                    configuration.client_id,
                    self._clock().timestamp(),
                )
            storable(sub=told.subject or "", sid=told.sid or "")
        except Refused as error:
            raise self._refused(id, found, origin, f"{error.text} ({error.claim})") from error
        except InvalidArgument as error:
            raise self._refused(id, found, origin, str(error)) from error
        except (Denied, NotDiscovered, NotFetched) as error:
            self._refused(id, found, origin, str(error))
            # Anybody may ask, and an organization's provider is not everybody's to know.
            raise NotLoggedOut("Nobody can be signed out here now.") from error
        until = datetime.fromtimestamp(told.issued_at, UTC) + LOGOUT_LEEWAY

        def change(unit: UnitOfWork) -> int:
            connection, organization = unit.connection, configuration.organization_id
            # In the order in which sign-ins do it: one that is not done yet comes before, or after.
            now_is = sso_configurations.lock(connection, organization, id)
            if now_is is None or sign_in.forgets(configuration, now_is):
                return 0
            ended = 0
            for each in memberships.lock(connection, organization, _whom(connection)):
                member = each.member.id
                now = self._clock()
                count = sessions.log_out(unit, id, member, told.sid, until, now)
                if count:
                    changes = session.told(id, ended=True)
                    actor = Newcomer(member, organization, origin)
                    saving.note(unit, actor, Action.UPDATE, Subject.USER, member, now, changes)
                ended += count
            return ended

        def _whom(connection: Connection) -> Collection[UserId]:
            if told.subject is None:
                assert told.sid is not None
                return sessions.members_of(connection, id, told.sid)
            binding = store.of_subject(connection, id, told.subject)
            return [] if binding is None else [binding.user_id]

        return await self._database.write(change)

    def _refused(
        self, id: SsoConfigurationId, found: SsoConfiguration | None, origin: Origin, why: str
    ) -> NotLoggedOut:
        log.warning(
            "back-channel logout refused",
            **({} if found is None else {"organization": str(found.organization_id)}),
            configuration=str(id),
            why=why,
            peer=origin.peer,
            request_id=origin.request_id,
        )
        return NotLoggedOut(why)


def _too_many_at_once() -> Denied:
    return Denied("Too many logout tokens of the organization's provider come at this moment.")
