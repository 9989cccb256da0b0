from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import structlog

from .. import interpreter
from ..dns import names
from ..domain import administration, membership, scim_user
from ..domain.audit import Action, Subject
from ..domain.errors import PermissionDenied, ResourceExhausted
from ..domain.identifier import UserId
from ..domain.instant import Clock
from ..domain.membership import Membership
from ..domain.precondition import ALWAYS, Precondition
from ..domain.provisioner import Provisioner
from ..domain.revision import FieldChange
from ..domain.scim_breaker import paused
from ..domain.scim_configuration import ScimConfiguration
from ..domain.scim_query import Listing, Query
from ..domain.scim_user import Document, Provisioned, ScimUser, Wish
from ..domain.user import UserStatus
from ..store import domain_verification as domains
from ..store import membership as memberships
from ..store import scim_count, scim_membership
from ..store import scim_user as store
from ..store.engine.database import Connection
from ..store.engine.unit_of_work import UnitOfWork
from ..store.scim_user import USERS, scim_users
from ..store.user import users
from . import saving
from .deprovisioning import carry_out, lock_groups, lock_user, remove, told_of_wish, wish_for
from .membership import keep, sharing
from .minting import new_id
from .scim_access import ScimGate, Visit
from .scim_breaker import breaks
from .scim_listing import MOST_AT_ONCE, Many, ScimListings

T = TypeVar("T")
log = structlog.get_logger(__name__)

#: Makes the next attributes of a user out of the present ones. It may run more than once.
Revise = Callable[[ScimUser], Document]
#: A revision that is made apart is made so often at most, of a user whom others change meanwhile.
_ATTEMPTS = 4


class ScimUsers:
    """Members as an identity provider provisions them, each change in one transaction with its gate."""

    def __init__(
        self,
        gate: ScimGate,
        clock: Clock,
        listings: ScimListings,
        *,
        unique_addresses: bool = False,
    ) -> None:
        self._gate = gate
        self._clock = clock
        self._listings = listings
        self._unique = unique_addresses

    async def create(self, visit: Visit, document: Document) -> Provisioned:
        """A new member, or the one of the organization whose e-mail address it is, now linked.

        Raises AlreadyExists when the configuration has the userName or externalId already, when the
        address is that of an active member who must not be linked, or of several, and when it would be
        that of two where each is to be one person's.
        """

        def change(unit: UnitOfWork, provisioner: Provisioner) -> Provisioned:
            scim_user.check(document)
            now = self._clock()
            known, holders = _linkable(unit.connection, provisioner, scim_user.address(document))
            new = scim_user.new(
                UserId(new_id()) if known is None else known.member.id,
                provisioner.id,
                provisioner.organization_id,
                document,
                now,
            )
            if known is None:
                self._share(visit, holders if new.active else (), comes=True)
                member = scim_user.new_member(new, now)
                saving.create(unit, provisioner, users, Subject.USER, member)
                store.insert(unit, new)
            else:
                changes = keep(unit, known, membership.told(known, new, now), now)
                linked = {"scimConfigurationId": FieldChange(None, str(provisioner.id))}
                _note(unit, provisioner, Action.UPDATE, new.id, now, {**linked, **changes})
            unit.write(scim_count.adding(provisioner.id, "users", 1))
            return Provisioned(new)

        return await self._gate.write(visit, change)

    async def get(self, visit: Visit, id: UserId, *, groups: bool = True) -> Provisioned:
        def query(connection: Connection, provisioner: Provisioner) -> Provisioned:
            found = scim_users.find(connection, provisioner.id, id)
            if found is None:
                raise scim_user.not_found()
            return _with_groups(connection, provisioner, [found], groups)[0]

        return await self._gate.read(visit, query)

    async def list(self, visit: Visit, query: Query) -> Listing[Provisioned]:
        """The configuration's users as the query wants them."""

        def run(
            most: int | None, connection: Connection, provisioner: Provisioner
        ) -> Listing[Provisioned]:
            return self._listings.list(
                connection,
                provisioner,
                USERS,
                query,
                lambda found: _with_groups(connection, provisioner, found, query.whole),
                most=most,
            )

        if not query.long:
            with contextlib.suppress(Many):
                return await self._gate.read(visit, partial(run, MOST_AT_ONCE))
        return await self._gate.read(visit, partial(run, None), long=True)

    async def revise(
        self,
        visit: Visit,
        id: UserId,
        revise: Revise,
        *,
        apart: bool = False,
        precondition: Precondition = ALWAYS,
    ) -> Provisioned:
        """The user after a revision; as it was, version included, when nothing differs.

        A revision that takes long is to be made `apart`: on a thread, while nobody waits for a
        transaction; it is made anew of a user whom others have changed meanwhile.

        Raises VersionMismatch unless the user is as `precondition` wants, and PermissionDenied if nobody
        could act for the organization any more: that wish is kept, and carried out once it can be, unless
        the provider says meanwhile that the user is active.
        """

        if apart:
            ahead = _Ahead(revise)
            for _ in range(_ATTEMPTS):
                try:
                    return await self._revise(visit, id, ahead, precondition)
                except _Unmade as unmade:
                    await interpreter.in_thread(partial(ahead.make, unmade.user))
        return await self._revise(visit, id, revise, precondition)

    async def _revise(
        self, visit: Visit, id: UserId, revise: Revise, precondition: Precondition
    ) -> Provisioned:
        def change(unit: UnitOfWork, provisioner: Provisioner) -> Provisioned | _Refused:
            connection, now = unit.connection, self._clock()
            found = scim_users.find(connection, provisioner.id, id)
            if found is None:
                raise scim_user.not_found()
            precondition.require(found.version)
            after = scim_user.changed(found, revise(found), now)
            # Read before anything is written, which may then wait for the commit.
            (answer,) = _with_groups(connection, provisioner, [after], groups=True)
            if after is found and not _confirmed(found, after, revise):
                return answer
            known, before = _lock(connection, provisioner, id)
            if before != found:  # somebody was faster
                precondition.require(before.version)
                after = scim_user.changed(before, revise(before), now)
            confirmed = _confirmed(before, after, revise)
            if before.active and not after.active and (since := breaks(unit, provisioner, id, now)):
                return _paused(unit, provisioner, before, Wish.DEACTIVATE, max(now, since))
            told = membership.told(known, after, now, again=confirmed)
            comes = told.member.status is UserStatus.ACTIVE is not known.member.status
            self._share(
                visit, sharing(connection, known, told, comes=comes and self._unique), comes=comes
            )
            try:
                changes = keep(unit, known, told, now)
            except PermissionDenied as refusal:
                return _keep_wish(unit, provisioner, before, Wish.DEACTIVATE, refusal, now)
            changes |= scim_user.differences(before, after)
            if (known_link := told.link(provisioner.id)) is not None:
                changes |= told_of_wish(before, known_link.wish)
            if (changes or confirmed) and after.active and told.denials:
                visit.remark(membership.still_denied(told))
            if changes:
                _note(unit, provisioner, Action.UPDATE, id, after.updated_at, changes)
            if comes:
                carry_out(unit, provisioner.organization_id, now)
            return Provisioned(after, answer.groups)

        return await self._write(visit, change)

    def _share(self, visit: Visit, holders: Collection[Membership], *, comes: bool) -> None:
        """Somebody gets the address of other active members, or `comes` with it.

        Raises AlreadyExists for who comes, if each address is to be one person's.
        """
        if holders and comes and self._unique:
            raise membership.address_taken(holders)
        if holders:
            visit.remark(membership.shared(holders))

    async def delete(
        self, visit: Visit, id: UserId, *, precondition: Precondition = ALWAYS
    ) -> None:
        """The user is in no group any more, and their userName is free again.

        The member leaves the organization, unless another configuration knows them: they are suspended
        then, by an administrator as it were. Raises as `revise`.
        """

        def change(unit: UnitOfWork, provisioner: Provisioner) -> _Refused | None:
            lock_groups(unit.connection, provisioner.id, id)
            known, before = _lock(unit.connection, provisioner, id)
            lock_user(unit.connection, provisioner.id, id)
            precondition.require(before.version)
            now = self._clock()
            if before.active and (since := breaks(unit, provisioner, id, now)):
                return _paused(unit, provisioner, before, Wish.DELETE, max(now, since))
            try:
                remove(unit, provisioner, known, before, now)
            except PermissionDenied as refusal:
                return _keep_wish(unit, provisioner, before, Wish.DELETE, refusal, now)
            return None

        await self._write(visit, change)

    async def _write(
        self, visit: Visit, change: Callable[[UnitOfWork, Provisioner], T | _Refused]
    ) -> T:
        """What the gate does, where a refusal of a wish that is kept is committed, and raised then."""
        done = await self._gate.write(visit, change)
        if not isinstance(done, _Refused):
            return done
        if isinstance(done.refusal, ResourceExhausted):
            raise done.refusal
        if done.new:
            log.warning(
                "an identity provider may not remove the last administrator who can act",
                organization=str(done.user.organization_id),
                scim_configuration_id=str(done.user.configuration_id),
                user_id=str(done.user.id),
                wish=str(done.wish),
            )
        raise administration.kept(done.refusal)


class _Unmade(Exception):
    """A revision that has yet to be made of this user."""

    def __init__(self, user: ScimUser) -> None:
        self.user = user


class _Ahead:
    """A revision as it was made of users before; raises _Unmade for any other."""

    def __init__(self, revise: Revise) -> None:
        self._revise = revise
        self._made: list[tuple[Document, Document]] = []

    def make(self, user: ScimUser) -> None:
        self._made.append((user.attributes, self._revise(user)))

    def __call__(self, user: ScimUser) -> Document:
        for before, after in self._made:
            if before == user.attributes:
                return after
        raise _Unmade(user)


@dataclass(frozen=True, slots=True)
class _Refused:
    """What a provider wanted and was refused, and whether it is the first time."""

    user: ScimUser
    wish: Wish
    refusal: PermissionDenied | ResourceExhausted
    new: bool


def _keep_wish(
    unit: UnitOfWork,
    provisioner: Provisioner,
    user: ScimUser,
    wish: Wish,
    refusal: PermissionDenied,
    now: datetime,
) -> _Refused:
    return _Refused(user, wish, refusal, wish_for(unit, provisioner, user, wish, now))


def _paused(
    unit: UnitOfWork, provisioner: Provisioner, user: ScimUser, wish: Wish, now: datetime
) -> _Refused:
    return _Refused(user, wish, paused(), wish_for(unit, provisioner, user, wish, now))


def _lock(
    connection: Connection, provisioner: Provisioner, id: UserId
) -> tuple[Membership, ScimUser]:
    """The member and what the configuration knows them as; nobody else changes either."""
    for found in memberships.lock(connection, provisioner.organization_id, [id]):
        link = found.link(provisioner.id)
        if link is not None:
            return found, link
    raise scim_user.not_found()


def _confirmed(before: ScimUser, after: ScimUser, revise: Revise) -> bool:
    """Whether a provider says of a user that was active that they are, although somebody has denied it since.

    That may be the provider itself, whose wish was refused.
    """
    contested = (before.contested or before.wish is not None) and before.active and after.active
    return contested and membership.confirms_active(before, revise)


def _note(unit: UnitOfWork, provisioner: Provisioner, action: Action, *what: Any) -> None:
    saving.note(unit, provisioner, action, Subject.USER, *what)


def _linkable(
    connection: Connection, provisioner: Provisioner, address: str
) -> tuple[Membership | None, Collection[Membership]]:
    """The member with this e-mail address, locked; for a new one None, and who shares it with them.

    Raises AlreadyExists if the configuration must not link to who has it.
    """
    while address:
        holders = memberships.holding(connection, provisioner.organization_id, address, turn=True)
        chosen = membership.of_address(
            holders,
            provisioner.configuration,
            lambda domain: _licensed(connection, provisioner.configuration, domain),
        )
        if chosen is None:
            return None, holders
        # Unless somebody changed them meanwhile.
        id = chosen.member.id
        if memberships.lock(connection, provisioner.organization_id, [id]) == [chosen]:
            return chosen, ()
    return None, ()


def _licensed(connection: Connection, configuration: ScimConfiguration, domain: str) -> bool:
    """Whether a domain is proven, and of the SSO configuration that the SCIM configuration links to."""
    linked = configuration.sso_configuration_id
    try:
        name = names.normal(domain, private=True)
    except names.NoDomain:
        return False
    return linked is not None and domains.licenses(
        connection, configuration.organization_id, linked, name
    )


def _with_groups(
    connection: Connection, provisioner: Provisioner, found: Collection[ScimUser], groups: bool
) -> list[Provisioned]:
    if not groups or not found:
        return [Provisioned(each) for each in found]
    of = scim_membership.groups_of(connection, provisioner.id, [each.id for each in found])
    return [Provisioned(each, of.get(each.id, ())) for each in found]
