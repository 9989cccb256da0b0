from __future__ import annotations

import asyncio
import secrets
from datetime import datetime, timedelta

import structlog

from ..dns import names
from ..dns.records import TextRecords
from ..dns.texts import NoAnswer, Texts
from ..domain import domain_verification, organization
from ..domain.audit import Action, Subject
from ..domain.caller import Caller, Permission
from ..domain.domain_verification import (
    AT_ONCE,
    DEFAULT_GRACE,
    ENTROPY_BYTES,
    MOST,
    DomainVerification,
    Verifier,
)
from ..domain.errors import FailedPrecondition
from ..domain.identifier import DomainVerificationId, OrganizationId
from ..domain.instant import Clock
from ..domain.operator import Operator
from ..domain.page import Page, PageRequest
from ..domain.revision import differences, introduced
from ..store import domain_verification as store
from ..store.domain_verification import domain_verifications
from ..store.engine.database import Database
from ..store.engine.unit_of_work import UnitOfWork
from ..store.organization import organizations
from . import saving
from .at_once import AtOnce
from .minting import new_id
from .paging import PageTokens

_SUBJECT = Subject.DOMAIN_VERIFICATION
#: The shortest name that the contract has.
_SHORTEST = 4

log = structlog.get_logger(__name__)


class DomainVerifications:
    """The domains that the caller's organization claims; administrators only.

    DNS is asked outside of any transaction: what it says holds for the claim as it is when that is written. With
    `shared`, several organizations may hold one domain.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        pages: PageTokens,
        records: TextRecords,
        *,
        shared: bool = False,
        grace: timedelta = DEFAULT_GRACE,
        most: int = MOST,
    ) -> None:
        self._most = most
        self._looking = AtOnce(AT_ONCE, domain_verification.too_many_at_once)
        self._database = database
        self._clock = clock
        self._pages = pages
        self._records = records
        self._shared = shared
        #: How long the record of a proven domain may be missing.
        self.grace = grace

    async def create(
        self, caller: Caller, organization_id: OrganizationId, domain: str
    ) -> DomainVerification:
        """A new claim, and what its record has to say.

        Raises InvalidArgument for what nobody can prove, and AlreadyExists if the organization claims it
        already, FailedPrecondition if it claims too many. Any number of organizations may claim one domain.
        """
        caller.require(Permission.CHANGE_CONFIGURATIONS)
        if organization_id != caller.organization_id:
            raise organization.not_found()
        name, challenge = await _normal(domain), secrets.token_bytes(ENTROPY_BYTES)
        claim = domain_verification.new(
            DomainVerificationId(new_id()), organization_id, name, challenge, self._clock()
        )

        def change(unit: UnitOfWork) -> DomainVerification:
            if store.lock(unit.connection, organization_id, name) is not None:
                raise domain_verification.taken(name)
            if store.count(unit, organization_id) >= self._most:
                raise domain_verification.too_many(self._most)
            _create(unit, caller, claim)
            return claim

        return await self._database.write(change)

    async def get(self, caller: Caller, id: DomainVerificationId) -> DomainVerification:
        caller.require(Permission.READ_CONFIGURATIONS)
        found = await self._database.read(
            lambda connection: domain_verifications.find(connection, caller.organization_id, id)
        )
        if found is None:
            raise domain_verification.not_found()
        return found

    async def list(
        self, caller: Caller, organization_id: OrganizationId, request: PageRequest
    ) -> Page[DomainVerification]:
        """The organization's claims, oldest first."""
        caller.require(Permission.READ_CONFIGURATIONS)
        if organization_id != caller.organization_id:
            raise organization.not_found()
        listing = f"domain_verifications/{organization_id}"
        after = self._pages.after(listing, request)
        found = await self._database.read(
            lambda connection: domain_verifications.page(
                connection, organization_id, after, request.limit + 1
            )
        )
        return self._pages.page(listing, request, found)

    async def verify(self, caller: Caller, id: DomainVerificationId) -> DomainVerification:
        """The claim, proven: its record was there a moment ago.

        Raises FailedPrecondition if it was not, with what was there, or if another organization holds the domain,
        whose grace begins then if it was its record that was missing; Unavailable if DNS did not say;
        ResourceExhausted if as many of the organization's look-ups run as may.
        """
        caller.require(Permission.CHANGE_CONFIGURATIONS)
        claim = await self.get(caller, id)
        if claim.verified_by is Verifier.OPERATOR:
            return claim
        with self._looking.one(caller.organization_id):
            asked, texts = self._clock(), await look_up(self._records, claim)
        if claim.verification_token not in texts.values:
            raise domain_verification.not_there(claim, texts.seen)

        def change(unit: UnitOfWork) -> DomainVerification | FailedPrecondition:
            before = _lock(unit, caller, id)
            now = self._clock()
            if not (before.proven or self._shared) and self._is_held(unit, before, texts, asked):
                return domain_verification.held(before.domain)
            if before.verified_by is Verifier.OPERATOR:
                return before
            after = domain_verification.present(before, now, shared=self._shared)
            return keep(unit, caller, before, after)

        done = await self._database.write(change)
        if isinstance(done, FailedPrecondition):  # what it begins for the holder stays
            raise done
        return done

    def _is_held(
        self, unit: UnitOfWork, claim: DomainVerification, texts: Texts, asked: datetime
    ) -> bool:
        """Whether another organization has proven the domain; begins its grace, if its record was not there."""
        holder = store.lock_holder(unit.connection, claim.organization_id, claim.domain)
        if holder is None:
            return False
        if (
            holder.verified_by is Verifier.DNS
            and holder.checked_at is not None
            and holder.checked_at < asked
            and holder.absent_since is None
            and holder.verification_token not in texts.values
        ):
            after = domain_verification.absent(holder, self._clock(), self.grace)
            warn(keep(unit, Operator(holder.organization_id), holder, after), self.grace)
        return True

    async def delete(self, caller: Caller, id: DomainVerificationId) -> None:
        """Raises FailedPrecondition for what the operator has vouched for."""
        caller.require(Permission.CHANGE_CONFIGURATIONS)

        def change(unit: UnitOfWork) -> None:
            before = _lock(unit, caller, id)
            if before.verified_by is Verifier.OPERATOR:
                raise domain_verification.vouched_for(before)
            saving.delete(unit, caller, domain_verifications, _SUBJECT, before, self._clock())

        await self._database.write(change)


class Vouching:
    """What the operator of the server says of domains that DNS cannot prove; no door leads here."""

    def __init__(self, database: Database, clock: Clock, *, shared: bool = False) -> None:
        self._database = database
        self._clock = clock
        self._shared = shared

    async def vouch(
        self, organization_id: OrganizationId, domain: str, *, private: bool = False
    ) -> DomainVerification:
        """The organization's domain from now on, claimed or not, until `withdraw`.

        A `private` one may be any name. Raises InvalidArgument for what is none, NotFound for an organization
        that is not there, and FailedPrecondition if another holds the domain.
        """
        name = await _normal(domain, private=private)
        challenge = secrets.token_bytes(ENTROPY_BYTES)
        actor = Operator(organization_id)

        def change(unit: UnitOfWork) -> DomainVerification:
            if organizations.find(unit.connection, organization_id, organization_id) is None:
                raise organization.not_found()
            now = self._clock()
            before = store.lock(unit.connection, organization_id, name)
            if not (self._shared or (before is not None and before.proven)):
                holder = store.lock_holder(unit.connection, organization_id, name)
                if holder is not None:
                    raise domain_verification.held_by(holder)
            if before is not None:
                after = domain_verification.vouched(before, now, shared=self._shared)
                return keep(unit, actor, before, after)
            claim = domain_verification.new(
                DomainVerificationId(new_id()), organization_id, name, challenge, now
            )
            claim = domain_verification.vouched(claim, now, shared=self._shared)
            _create(unit, actor, claim)
            return claim

        return await self._database.write(change)

    async def withdraw(self, organization_id: OrganizationId, domain: str) -> DomainVerification:
        """Ends what `vouch` began: the claim is gone. Raises NotFound if the operator did not vouch for it."""
        name, actor = await _normal(domain, private=True), Operator(organization_id)

        def change(unit: UnitOfWork) -> DomainVerification:
            before = store.lock(unit.connection, organization_id, name)
            if before is None or before.verified_by is not Verifier.OPERATOR:
                raise domain_verification.not_vouched_for(name)
            saving.delete(unit, actor, domain_verifications, _SUBJECT, before, self._clock())
            return before

        return await self._database.write(change)


async def _normal(domain: str, *, private: bool = False) -> str:
    """Beside the event loop: the list of suffixes takes a moment when it is first needed."""
    try:
        name = await asyncio.to_thread(names.normal, domain, private=private)
    except names.NoDomain as error:
        raise domain_verification.malformed("domain", str(error)) from None
    if len(name) < _SHORTEST:
        raise domain_verification.malformed("domain", f"must have {_SHORTEST} characters at least")
    return name


async def look_up(records: TextRecords, claim: DomainVerification) -> Texts:
    try:
        return await records.of(claim.record_name)
    except NoAnswer as error:
        raise domain_verification.unanswered(claim.record_name, str(error)) from error


def _lock(unit: UnitOfWork, caller: Caller, id: DomainVerificationId) -> DomainVerification:
    found = domain_verifications.lock(unit.connection, caller.organization_id, id)
    if found is None:
        raise domain_verification.not_found()
    return found


def _create(unit: UnitOfWork, actor: Caller | Operator, claim: DomainVerification) -> None:
    store.insert(unit, claim)
    changes = domain_verification.told(introduced(claim))
    saving.note(unit, actor, Action.CREATE, _SUBJECT, claim.id, claim.created_at, changes)


def keep(
    unit: UnitOfWork,
    actor: Caller | Operator,
    before: DomainVerification,
    after: DomainVerification,
) -> DomainVerification:
    """Writes what has changed, with an event if it is worth telling."""
    if after is not before:
        store.update(unit, before, after)
        if changes := domain_verification.told(differences(before, after)):
            saving.note(unit, actor, Action.UPDATE, _SUBJECT, after.id, after.updated_at, changes)
    return after


def warn(claim: DomainVerification, grace: timedelta) -> None:
    revoked_after = claim.revoked_after(grace)
    assert revoked_after is not None, "its record is missing"
    log.warning(
        "the record that proves a domain is missing",
        organization=str(claim.organization_id),
        domain=claim.domain,
        record=claim.record_name,
        revoked_after=revoked_after.isoformat(),
    )
