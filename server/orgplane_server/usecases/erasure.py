"""Forgetting a person, where they ask for it: see `domain.erasure` for what, and what stays."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from .. import interpreter
from ..domain import erasure, user
from ..domain.audit import Action, Subject
from ..domain.caller import Caller, Permission
from ..domain.erasure import ERASED, TAG, Erased, Person, Row, called, called_before
from ..domain.errors import FailedPrecondition
from ..domain.identifier import UserId
from ..domain.instant import Clock
from ..domain.revision import FieldChange
from ..domain.user import User, UserStatus
from ..store import erasure as store
from ..store.engine.database import Connection, Database
from ..store.engine.unit_of_work import UnitOfWork
from ..store.erasure import EVENTS, REQUESTS, SIGN_INS, Log
from ..store.user import users
from . import saving
from .deprovisioning import carry_out
from .member import Members, take_away
from .rests import Rests
from .scim_request_log import ScimRequestLog

#: Rows that are looked at in one transaction, and the rest that follows one that writes, as times of it.
_AT_ONCE = 200
_REST = 1.0

_LOGS: tuple[tuple[Log, Callable[[Person, Row], dict[str, Any]]], ...] = (
    (EVENTS, Person.event),
    (REQUESTS, Person.request),
    (SIGN_INS, Person.sign_in),
)


class Erasures:
    """Members of the caller's organization, or who they were; administrators only."""

    def __init__(
        self, database: Database, clock: Clock, members: Members, scim_log: ScimRequestLog
    ) -> None:
        self._database = database
        self._clock = clock
        self._members = members
        self._scim_log = scim_log

    async def erase(self, caller: Caller, id: UserId) -> Erased:
        """Nothing but an id is left of a member, or of somebody who was one; whoever is one still leaves first.

        A call that is interrupted has erased some, and another goes on with the rest; one too many does no harm. What an
        identity provider still has it may push again, as somebody new.

        Raises NotFound for an id that neither the members nor the trail know, FailedPrecondition for the caller's own, and PermissionDenied if
        nobody could act any more: nothing has changed then.
        """
        caller.require(Permission.CHANGE_MEMBERS)
        if id == caller.id:
            raise erasure.oneself()
        await self._scim_log.settle()
        with interpreter.long_work():
            person, member, told = await self._database.read(
                lambda connection: _known(connection, caller, id), long=True
            )
            if member is not None and member.status is not UserStatus.LEFT:
                with contextlib.suppress(FailedPrecondition):  # they have just left
                    await self._members.leave(caller, id)
            sweep, rests = _Sweep(caller, person), Rests(_REST)
            while await self._database.read(sweep.look, long=True):
                if sweep.found:
                    await self._database.write(sweep.write)
                    await rests.take()

        swept = sweep.place

        def change(unit: UnitOfWork) -> None:
            sweep.place = swept  # it may run more than once
            now, there = self._clock(), users.find(unit.connection, caller.organization_id, id)
            if there is not None:
                take_away(unit, caller, id, now)
            while sweep.look(unit.connection):
                sweep.write(unit)
            store.forget_answers(unit.connection, caller.organization_id, id, TAG)
            store.forget_mail(unit.connection, caller.organization_id, id, person.emails)
            action = Action.UPDATE if there is None else Action.DELETE
            if there is not None or not told:
                changes = {ERASED: FieldChange(None, True)}
                saving.note(unit, caller, action, Subject.USER, id, now, changes)
                carry_out(unit, caller.organization_id, now)

        await self._database.write(change)
        return Erased(*(sweep.count[log] for log, _ in _LOGS))


def _known(connection: Connection, caller: Caller, id: UserId) -> tuple[Person, User | None, bool]:
    """The person, the member that they are, if they are one, and whether the trail tells that they were erased.

    Raises NotFound.
    """
    member = users.find(connection, caller.organization_id, id)
    names = set[str]() if member is None else {member.name, member.email}
    names.update(store.subjects(connection, caller.organization_id, id))
    for document in store.documents(connection, id):
        names.update(called(json.loads(document)))
    told, known = False, member is not None
    for subject, changes in store.events_about(connection, caller.organization_id, id):
        known = known or subject is Subject.USER
        told = told or ERASED in changes
        names.update(called_before(changes))
    if not known:
        raise user.not_found()
    return Person(id, names), member, told


class _Sweep:
    """Goes through the logs of an organization, some rows at a time, and again through what has come since."""

    def __init__(self, caller: Caller, person: Person) -> None:
        self._organization = caller.organization_id
        self._person = person
        #: Where it stands, by the log and whose rows they are.
        self.place: Mapping[tuple[Log, UUID], int] = {}
        #: What is to be written of the rows that were looked at last.
        self.found: list[tuple[Log, int, dict[str, Any]]] = []
        #: The rows in which something was erased.
        self._erased = dict[tuple[Log, int], None]()

    @property
    def count(self) -> Counter[Log]:
        """In how many rows of each log something was erased."""
        return Counter(log for log, _ in self._erased)

    def look(self, connection: Connection) -> bool:
        """Looks at some rows; whether there were any."""
        self.found = []
        for log, told in _LOGS:
            for owner in log.owners(connection, self._organization):
                after = self.place.get((log, owner), 0)
                if rows := log.some(connection, owner, after, _AT_ONCE):
                    self.place = {**self.place, (log, owner): rows[-1]["sequence"]}
                    for row in rows:
                        if values := told(self._person, row):
                            self.found.append((log, row["sequence"], values))
                    return True
        return False

    def write(self, unit: UnitOfWork) -> None:
        """Erases what was found."""
        for log, sequence, values in self.found:
            log.rewrite(unit.connection, sequence, values)
            self._erased[log, sequence] = None
