"""A domain is proven by a record in its own DNS, has one holder, and is lost when the record stays away."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from clock import SettableClock
from name_server import BROKEN, NameServer, challenge, silent
from orgplane_server.dns.records import TextRecords
from orgplane_server.dns.texts import Texts
from orgplane_server.domain.audit import ActorKind, AuditEvent, Subject
from orgplane_server.domain.domain_verification import DomainVerification, Verifier
from orgplane_server.domain.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    OrgplaneError,
    PermissionDenied,
    Reason,
    Unavailable,
)
from orgplane_server.domain.identifier import OrganizationId
from orgplane_server.domain.page import PageRequest
from orgplane_server.domain.user import Role
from orgplane_server.store import audit
from orgplane_server.store.domain_verification import licenses, table
from orgplane_server.store.engine.database import Database
from orgplane_server.store.engine.database_url import of_url
from orgplane_server.store.engine.unit_of_work import UnitOfWork
from orgplane_server.usecases.domain_check import DomainChecks
from orgplane_server.usecases.domain_verification import DomainVerifications, Vouching
from orgplane_server.usecases.minting import new_id
from orgplane_server.usecases.organization import Founded
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.sealing import Sealer
from provisioning import administration

GRACE = timedelta(days=7)
Domains = DomainVerifications
#: Makes the use cases, asking these records.
Make = Callable[..., Domains]


@pytest.fixture
def records(name_server: NameServer) -> TextRecords:
    return TextRecords([name_server.resolver])


@pytest.fixture
def make(database: Database, clock: SettableClock, records: TextRecords) -> Make:
    def make(records: TextRecords = records, **settings: bool) -> Domains:
        pages = PageTokens(Sealer(bytes(32)))
        return Domains(database, clock, pages, records, grace=GRACE, **settings)

    return make


@pytest.fixture
def domains(make: Make) -> Domains:
    return make()


@pytest.fixture
def checks(database: Database, clock: SettableClock, records: TextRecords) -> DomainChecks:
    return DomainChecks(database, clock, records, grace=GRACE)


@pytest.fixture
def vouching(database: Database, clock: SettableClock) -> Vouching:
    return Vouching(database, clock)


async def claim(domains: Domains, owner: Founded, domain: str = "acme.com") -> DomainVerification:
    return await domains.create(owner.caller, owner.organization.id, domain)


async def prove(
    domains: Domains, owner: Founded, server: NameServer, clock: SettableClock
) -> DomainVerification:
    """acme.com is proven, and its record stays."""
    claimed = await claim(domains, owner)
    server.publish(challenge(claimed.verification_token))
    proven = await domains.verify(owner.caller, claimed.id)
    clock.advance(seconds=1)
    return proven


async def events(database: Database, owner: Founded) -> list[AuditEvent]:
    """What has happened to the organization's domains, the oldest first."""
    found = await database.read(
        lambda c: audit.following(c, owner.organization.id, 0, 1 << 62, 1000)
    )
    return [event for event in found if event.subject is Subject.DOMAIN_VERIFICATION]


async def days(checks: DomainChecks, clock: SettableClock, count: int) -> None:
    for _ in range(count):
        clock.advance(days=1)
        assert await checks.check()


async def test_a_record_proves_a_domain(
    domains: Domains, acme: Founded, name_server: NameServer, database: Database
) -> None:
    claimed = await claim(domains, acme, "ACME.com.")
    assert (claimed.domain, claimed.proven) == ("acme.com", False)
    assert claimed.record_name == "_orgplane-challenge.acme.com"
    name_server.publish('_orgplane-challenge TXT "v=other"', challenge(claimed.verification_token))
    proven = await domains.verify(acme.caller, claimed.id)
    assert proven.verified_by is Verifier.DNS
    assert proven == await domains.get(acme.caller, claimed.id)
    created, verified = await events(database, acme)
    assert created.changes["domain"].after == "acme.com"
    assert verified.actor is ActorKind.USER
    assert verified.changes["verified_by"].after == "dns"


async def test_a_challenge_in_two_character_strings_proves_as_well(
    domains: Domains, acme: Founded, name_server: NameServer
) -> None:
    claimed = await claim(domains, acme)
    token = claimed.verification_token
    name_server.publish(f'_orgplane-challenge TXT "{token[:10]}" "{token[10:]}"')
    assert (await domains.verify(acme.caller, claimed.id)).proven


@pytest.mark.parametrize(
    ("published", "seen"),
    [
        ([], "no such name in DNS"),
        (["_orgplane-challenge A 192.0.2.1"], "no TXT record"),
        (['_orgplane-challenge TXT "v=spf1 -all"'], "one TXT record: 'v=spf1 -all'"),
        (['@ TXT "{token}"'], "no such name in DNS"),
        (['_orgplane-challenge TXT "{token} "'], "one TXT record"),
        (['_orgplane-challenge TXT "{half}"', '_orgplane-challenge TXT "{rest}"'], "2 TXT records"),
    ],
    ids=["nothing", "no text", "another text", "at the domain itself", "with more", "two records"],
)
async def test_what_is_seen_instead_is_told(
    domains: Domains, acme: Founded, name_server: NameServer, published: list[str], seen: str
) -> None:
    claimed = await claim(domains, acme)
    token = claimed.verification_token
    name_server.publish(
        *(each.format(token=token, half=token[:20], rest=token[20:]) for each in published)
    )
    with pytest.raises(FailedPrecondition) as refused:
        await domains.verify(acme.caller, claimed.id)
    assert refused.value.reason is Reason.DOMAIN_RECORD_NOT_FOUND
    assert refused.value.metadata["seen"].startswith(seen)
    assert refused.value.metadata["record_name"] == "_orgplane-challenge.acme.com"
    assert not (await domains.get(acme.caller, claimed.id)).proven


@pytest.mark.parametrize("domain", [BROKEN, "nobody-knows.com"], ids=["SERVFAIL", "REFUSED"])
async def test_a_fault_of_dns_asks_to_try_again(
    domains: Domains, acme: Founded, domain: str
) -> None:
    claimed = await claim(domains, acme, domain)
    with pytest.raises(Unavailable) as fault:
        await domains.verify(acme.caller, claimed.id)
    assert (fault.value.reason, fault.value.retry_after) == (Reason.DNS_UNAVAILABLE, 10)


async def test_no_transaction_waits_for_dns(make: Make, acme: Founded, globex: Founded) -> None:
    with silent() as deaf:
        domains = make(TextRecords([deaf], seconds=1))
        claimed = await claim(domains, acme)
        waiting = asyncio.create_task(domains.verify(acme.caller, claimed.id))
        await claim(domains, globex)
        assert not waiting.done()
        with pytest.raises(Unavailable):
            await waiting


@pytest.mark.parametrize(
    "domain",
    ["gmail.com", "co.uk", "com", "192.0.2.1", "acme.internal", "a_b.com", "\u202eacme.com"],
)
async def test_what_nobody_can_prove_is_refused(
    domains: Domains, acme: Founded, domain: str
) -> None:
    with pytest.raises(InvalidArgument, match=r"^domain: "):
        await claim(domains, acme, domain)


async def test_an_organization_claims_a_domain_once_in_whatever_spelling(
    domains: Domains, acme: Founded
) -> None:
    await claim(domains, acme, "Stra\u00dfe.de")
    with pytest.raises(AlreadyExists, match=r"xn--strae-oqa\.de"):
        await claim(domains, acme, "STRASSE.de".replace("SS", "\u1e9e"))
    await claim(domains, acme, "strasse.de")  # is another


async def test_claims_are_listed_in_pages(domains: Domains, acme: Founded) -> None:
    made = [await claim(domains, acme, f"{name}.com") for name in ("one", "two", "three")]
    listed = list[DomainVerification]()
    token = ""
    while True:
        page = await domains.list(acme.caller, acme.organization.id, PageRequest(2, token))
        listed += page.items
        token = page.next_token
        if not token:
            break
    assert listed == made


# Attacks


async def test_who_proves_a_domain_first_holds_it(
    domains: Domains, acme: Founded, globex: Founded, name_server: NameServer, clock: SettableClock
) -> None:
    """Even from whoever has a record in its DNS too, and it does not say who."""
    held = await prove(domains, acme, name_server, clock)
    rival = await claim(domains, globex)
    name_server.publish(challenge(held.verification_token), challenge(rival.verification_token))
    with pytest.raises(FailedPrecondition) as refused:
        await domains.verify(globex.caller, rival.id)
    assert refused.value.reason is Reason.DOMAIN_HELD
    assert str(acme.organization.id) not in str(refused.value)
    assert "Acme" not in f"{refused.value} {refused.value.metadata}"
    assert (await domains.get(acme.caller, held.id)) == held
    # Once it is given up, it is free.
    await domains.delete(acme.caller, held.id)
    assert (await domains.verify(globex.caller, rival.id)).proven


async def test_a_challenge_of_another_organization_proves_nothing(
    domains: Domains, acme: Founded, globex: Founded, name_server: NameServer, clock: SettableClock
) -> None:
    await prove(domains, acme, name_server, clock)
    replayed = await claim(domains, globex)
    with pytest.raises(FailedPrecondition) as refused:
        await domains.verify(globex.caller, replayed.id)
    assert refused.value.reason is Reason.DOMAIN_RECORD_NOT_FOUND
    # Nor does that of a claim that was given up.
    again = await claim(domains, globex, "globex.com")
    name_server.publish(globex_com=[challenge(again.verification_token)])
    await domains.delete(globex.caller, again.id)
    anew = await claim(domains, globex, "globex.com")
    with pytest.raises(FailedPrecondition):
        await domains.verify(globex.caller, anew.id)


async def test_a_domain_says_nothing_of_those_above_and_below_it(
    domains: Domains, acme: Founded, globex: Founded, name_server: NameServer, clock: SettableClock
) -> None:
    below = await claim(domains, globex, "mail.acme.com")
    name_server.publish(f'_orgplane-challenge.mail TXT "{below.verification_token}"')
    assert (await domains.verify(globex.caller, below.id)).proven
    above = await claim(domains, globex, "acme.com")
    with pytest.raises(FailedPrecondition):
        await domains.verify(globex.caller, above.id)
    assert (await prove(domains, acme, name_server, clock)).proven
    # And the holder of the domain does not hold what is below.
    mine = await claim(domains, acme, "mail.acme.com")
    name_server.publish(f'_orgplane-challenge.mail TXT "{mine.verification_token}"')
    with pytest.raises(FailedPrecondition) as refused:
        await domains.verify(acme.caller, mine.id)
    assert refused.value.reason is Reason.DOMAIN_HELD


async def test_of_two_who_verify_one_domain_at_once_one_holds_it(
    make: Make, acme: Founded, globex: Founded, name_server: NameServer
) -> None:
    ours, theirs = make(), make()
    for _ in range(5):
        first, second = await claim(ours, acme), await claim(theirs, globex)
        name_server.publish(
            challenge(first.verification_token), challenge(second.verification_token)
        )
        outcomes = await asyncio.gather(
            ours.verify(acme.caller, first.id),
            theirs.verify(globex.caller, second.id),
            return_exceptions=True,
        )
        lost = [each for each in outcomes if isinstance(each, Exception)]
        assert [type(each) for each in lost] == [FailedPrecondition], outcomes
        assert lost[0].reason is Reason.DOMAIN_HELD  # type: ignore[attr-defined]
        await ours.delete(acme.caller, first.id)
        await theirs.delete(globex.caller, second.id)


async def test_a_claim_is_of_its_organization_alone(
    domains: Domains, acme: Founded, globex: Founded, clock: SettableClock
) -> None:
    theirs = await claim(domains, globex)
    for call in (domains.get, domains.verify, domains.delete):
        with pytest.raises(NotFound) as refused:
            await call(acme.caller, theirs.id)
        assert refused.value.reason is Reason.DOMAIN_VERIFICATION_NOT_FOUND
    for organization in (globex.organization.id, OrganizationId(new_id())):
        with pytest.raises(NotFound):
            await domains.create(acme.caller, organization, "acme.com")
        with pytest.raises(NotFound):
            await domains.list(acme.caller, organization, PageRequest())
    assert (await claim(domains, acme)).id != theirs.id  # which acme does not see


async def test_what_a_look_up_found_is_of_no_use_to_a_claim_that_is_gone(
    domains: Domains, acme: Founded, name_server: NameServer, clock: SettableClock
) -> None:
    """It is deleted while DNS is asked."""
    claimed = await claim(domains, acme)
    name_server.publish(challenge(claimed.verification_token))

    class Slow(TextRecords):
        async def of(self, name: str) -> Texts:
            found = await super().of(name)
            await domains.delete(acme.caller, claimed.id)
            return found

    slow = Domains(domains._database, clock, domains._pages, Slow([name_server.resolver]))
    with pytest.raises(NotFound):
        await slow.verify(acme.caller, claimed.id)


async def test_an_organization_claims_so_many_domains_and_no_more_however_many_it_asks_for_at_once(
    database: Database,
    database_url: str,
    clock: SettableClock,
    records: TextRecords,
    acme: Founded,
    globex: Founded,
) -> None:
    pages = PageTokens(Sealer(bytes(32)))
    another = Database.open(database_url, connections=2)
    ours, theirs = (Domains(each, clock, pages, records, most=3) for each in (database, another))
    outcomes = await asyncio.gather(
        *(claim(each, acme, f"{n}.com") for n in ("a1", "a2", "a3") for each in (ours, theirs)),
        *(claim(each, acme, f"{n}.com") for n in ("b1", "b2", "b3") for each in (ours, theirs)),
        return_exceptions=True,
    )
    made = [each for each in outcomes if isinstance(each, DomainVerification)]
    assert len(made) == 3
    with pytest.raises(FailedPrecondition) as refused:
        await claim(ours, acme, "one-more.com")
    assert refused.value.reason is Reason.TOO_MANY_DOMAINS
    with pytest.raises(AlreadyExists):  # which is what to know of it
        await claim(ours, acme, made[0].domain)
    await claim(ours, globex, "one-more.com")
    await ours.delete(acme.caller, made[0].id)
    await claim(theirs, acme, "one-more.com")
    await another.aclose()


async def test_slow_look_ups_of_one_organization_leave_room_for_those_of_others(
    make: Make, acme: Founded, globex: Founded
) -> None:
    with silent() as deaf:
        domains = make(TextRecords([deaf], seconds=1))
        ours, theirs = await claim(domains, acme), await claim(domains, globex)
        waiting = [asyncio.create_task(domains.verify(acme.caller, ours.id)) for _ in range(5)]
        outcomes = await asyncio.gather(
            *waiting, domains.verify(globex.caller, theirs.id), return_exceptions=True
        )
    reasons = [each.reason for each in outcomes if isinstance(each, OrgplaneError)]
    assert sorted(reasons) == [*[Reason.DNS_UNAVAILABLE] * 5, Reason.RATE_LIMITED]
    assert outcomes[5].reason is Reason.DNS_UNAVAILABLE  # type: ignore[union-attr]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_domain_is_not_given_up_in_the_midst_of_what_it_licenses(
    database: Database, database_url: str, clock: SettableClock, acme: Founded, vouching: Vouching
) -> None:
    """Whoever is linked by it is linked before the answer that gives it up; with SQLite one change is made at a time."""
    configuration, _ = await administration(database, clock, acme).create(
        email_domains=("acme.com",)
    )
    sso = configuration.sso_configuration_id
    assert sso is not None
    await vouching.vouch(acme.organization.id, "acme.com")

    def another_may_take_it() -> bool:
        engine = of_url(database_url).engine(writes=True)
        with contextlib.closing(engine.connect()) as connection:
            try:
                connection.execute(sa.select(table.c.id).with_for_update(nowait=True))
            except sa.exc.OperationalError:
                return False
            finally:
                engine.dispose()
        return True

    def link(unit: UnitOfWork) -> tuple[bool, bool]:
        licensed = licenses(unit.connection, acme.organization.id, sso, "acme.com")
        return licensed, another_may_take_it()

    assert await database.write(link) == (True, False)
    assert await asyncio.to_thread(another_may_take_it)


# The record has to stay


async def test_a_proven_domain_is_looked_up_every_day(
    domains: Domains,
    checks: DomainChecks,
    acme: Founded,
    name_server: NameServer,
    clock: SettableClock,
    database: Database,
) -> None:
    proven = await prove(domains, acme, name_server, clock)
    assert await checks.check() == []
    clock.advance(days=1)
    told = len(await events(database, acme))
    (checked,) = await checks.check()
    assert checked.checked_at == clock.now
    assert await checks.check() == []
    assert (checked.verified_by, checked.verified_at) == (Verifier.DNS, proven.verified_at)
    assert len(await events(database, acme)) == told  # nothing to tell


async def test_a_missing_record_is_warned_of_and_then_revokes(
    domains: Domains,
    checks: DomainChecks,
    acme: Founded,
    globex: Founded,
    name_server: NameServer,
    clock: SettableClock,
    database: Database,
) -> None:
    proven = await prove(domains, acme, name_server, clock)
    name_server.publish()
    await days(checks, clock, 1)
    missed = await domains.get(acme.caller, proven.id)
    assert missed.absent_since == clock.now
    assert missed.revoked_after(GRACE) == clock.now + GRACE
    warning = (await events(database, acme))[-1]
    assert warning.actor is ActorKind.OPERATOR
    assert set(warning.changes) == {"absent_since"}
    await days(checks, clock, 6)
    assert (await domains.get(acme.caller, proven.id)).proven
    await days(checks, clock, 1)
    lost = await domains.get(acme.caller, proven.id)
    assert not lost.proven
    revoked = (await events(database, acme))[-1]
    assert (revoked.actor, revoked.changes["verified_by"].before) == (ActorKind.OPERATOR, "dns")
    # The claim is there still, with the same challenge; meanwhile somebody else may prove the domain.
    assert lost.verification_token == proven.verification_token
    clock.advance(days=30)
    assert await checks.check() == []
    other = await claim(domains, globex)
    name_server.publish(challenge(other.verification_token))
    assert (await domains.verify(globex.caller, other.id)).proven


async def test_a_record_that_comes_back_ends_the_grace(
    domains: Domains,
    checks: DomainChecks,
    acme: Founded,
    name_server: NameServer,
    clock: SettableClock,
    database: Database,
) -> None:
    proven = await prove(domains, acme, name_server, clock)
    record = challenge(proven.verification_token)
    name_server.publish('_orgplane-challenge TXT "changed"')
    await days(checks, clock, 6)
    name_server.publish(record)
    await days(checks, clock, 1)
    back = (await events(database, acme))[-1]
    assert back.changes["absent_since"].after is None
    name_server.publish()
    await days(checks, clock, 7)
    assert (await domains.get(acme.caller, proven.id)).proven
    # Whoever does not want to wait for the next day has it looked up.
    name_server.publish(record)
    assert (await domains.verify(acme.caller, proven.id)).absent_since is None


async def test_a_fault_of_dns_never_revokes(
    make: Make,
    acme: Founded,
    name_server: NameServer,
    clock: SettableClock,
    database: Database,
) -> None:
    domains = make()
    proven = await prove(domains, acme, name_server, clock)
    told = len(await events(database, acme))
    with silent() as deaf:
        checks = DomainChecks(database, clock, TextRecords([deaf], seconds=0.05), grace=GRACE)
        await days(checks, clock, 8)
        clock.advance(hours=1)
        assert await checks.check()  # sooner than after an answer
    unknown = await domains.get(acme.caller, proven.id)
    assert (unknown.verified_at, unknown.absent_since) == (proven.verified_at, None)
    assert len(await events(database, acme)) == told


async def test_absence_needs_answers_and_not_only_time(
    domains: Domains,
    checks: DomainChecks,
    acme: Founded,
    name_server: NameServer,
    clock: SettableClock,
) -> None:
    """As of a server that was switched off for a month."""
    proven = await prove(domains, acme, name_server, clock)
    name_server.publish()
    for _ in range(4):
        clock.advance(days=30)
        (missed,) = await checks.check()
        assert missed.proven
    clock.advance(days=30)
    (lost,) = await checks.check()
    assert not lost.proven
    assert lost.id == proven.id


async def test_a_rival_whose_record_is_there_starts_the_grace_of_a_holder_whose_record_is_not(
    domains: Domains,
    checks: DomainChecks,
    acme: Founded,
    globex: Founded,
    name_server: NameServer,
    clock: SettableClock,
) -> None:
    held = await prove(domains, acme, name_server, clock)
    rival = await claim(domains, globex)
    name_server.publish(challenge(rival.verification_token))
    for _ in range(10):  # which does not make it end sooner
        with pytest.raises(FailedPrecondition) as refused:
            await domains.verify(globex.caller, rival.id)
        assert refused.value.reason is Reason.DOMAIN_HELD
    missed = await domains.get(acme.caller, held.id)
    assert (missed.absent_since, missed.absences) == (clock.now, 1)
    await days(checks, clock, 6)
    with pytest.raises(FailedPrecondition):
        await domains.verify(globex.caller, rival.id)
    await days(checks, clock, 1)
    assert (await domains.verify(globex.caller, rival.id)).proven
    assert not (await domains.get(acme.caller, held.id)).proven


async def test_a_domain_is_looked_up_by_one_process_at_a_time(
    domains: Domains,
    acme: Founded,
    name_server: NameServer,
    clock: SettableClock,
    database: Database,
) -> None:
    await prove(domains, acme, name_server, clock)
    clock.advance(days=1)
    asked = list[str]()

    class Counting(TextRecords):
        async def of(self, name: str) -> Texts:
            asked.append(name)
            return await super().of(name)

    processes = [DomainChecks(database, clock, Counting([name_server.resolver])) for _ in range(4)]
    await asyncio.gather(*(each.check() for each in processes))
    assert asked == ["_orgplane-challenge.acme.com"]


# The operator


async def test_the_operator_vouches_where_dns_cannot(
    domains: Domains,
    vouching: Vouching,
    checks: DomainChecks,
    acme: Founded,
    clock: SettableClock,
    database: Database,
) -> None:
    with pytest.raises(InvalidArgument, match="public suffix"):
        await vouching.vouch(acme.organization.id, "acme.internal")
    vouched = await vouching.vouch(acme.organization.id, "ACME.internal", private=True)
    assert (vouched.domain, vouched.verified_by) == ("acme.internal", Verifier.OPERATOR)
    assert await vouching.vouch(acme.organization.id, "acme.internal", private=True) == vouched
    (event,) = await events(database, acme)
    assert event.actor is ActorKind.OPERATOR
    clock.advance(days=100)
    assert await checks.check() == []
    assert await domains.verify(acme.caller, vouched.id) == vouched  # nothing to look up
    with pytest.raises(FailedPrecondition) as refused:
        await domains.delete(acme.caller, vouched.id)
    assert refused.value.reason is Reason.DOMAIN_VERIFIED_BY_OPERATOR
    await vouching.withdraw(acme.organization.id, "acme.internal")
    with pytest.raises(NotFound):
        await domains.get(acme.caller, vouched.id)


async def test_the_operator_vouches_for_what_is_claimed_or_proven_already(
    domains: Domains,
    vouching: Vouching,
    checks: DomainChecks,
    acme: Founded,
    name_server: NameServer,
    clock: SettableClock,
) -> None:
    proven = await prove(domains, acme, name_server, clock)
    name_server.publish()
    await days(checks, clock, 3)
    vouched = await vouching.vouch(acme.organization.id, "acme.com")
    assert (vouched.id, vouched.verified_by) == (proven.id, Verifier.OPERATOR)
    assert vouched.absent_since is None
    claimed = await claim(domains, acme, "globex.com")
    assert (await vouching.vouch(acme.organization.id, "globex.com")).id == claimed.id


async def test_the_operator_ends_only_what_they_began(
    domains: Domains,
    vouching: Vouching,
    acme: Founded,
    name_server: NameServer,
    clock: SettableClock,
) -> None:
    await prove(domains, acme, name_server, clock)
    for domain in ("acme.com", "nobody.com"):
        with pytest.raises(NotFound):
            await vouching.withdraw(acme.organization.id, domain)
    with pytest.raises(NotFound) as refused:
        await vouching.vouch(OrganizationId(new_id()), "acme.com")
    assert refused.value.reason is Reason.ORGANIZATION_NOT_FOUND


async def test_only_the_operator_lets_several_hold_a_domain(
    make: Make,
    database: Database,
    clock: SettableClock,
    acme: Founded,
    globex: Founded,
    name_server: NameServer,
) -> None:
    held = await prove(make(), acme, name_server, clock)
    with pytest.raises(FailedPrecondition, match=str(acme.organization.id)):
        await Vouching(database, clock).vouch(globex.organization.id, "acme.com")
    shared = make(shared=True)
    second = await claim(shared, globex)
    name_server.publish(challenge(held.verification_token), challenge(second.verification_token))
    assert (await shared.verify(globex.caller, second.id)).proven
    assert (await shared.get(acme.caller, held.id)).proven
    # Where they may not any more, whoever holds it goes on, and nobody else comes.
    await shared.delete(acme.caller, held.id)
    third = await claim(make(), acme)
    name_server.publish(challenge(third.verification_token))
    with pytest.raises(FailedPrecondition) as refused:
        await make().verify(acme.caller, third.id)
    assert refused.value.reason is Reason.DOMAIN_HELD
    both = [each.organization.id for each in (acme, globex)]
    await Vouching(database, clock, shared=True).vouch(both[0], "acme.com")
    # Nor does vouching for what is theirs already, shared, make them alone.
    for each in both:
        vouched = await Vouching(database, clock).vouch(each, "acme.com")
        assert (vouched.verified_by, vouched.shared) == (Verifier.OPERATOR, True)


async def test_only_administrators_see_and_change_claims(domains: Domains, acme: Founded) -> None:
    claimed = await claim(domains, acme)
    member = replace(acme.caller, roles=frozenset({Role.MEMBER}))
    for call in (
        domains.create(member, acme.organization.id, "globex.com"),
        domains.get(member, claimed.id),
        domains.list(member, acme.organization.id, PageRequest()),
        domains.verify(member, claimed.id),
        domains.delete(member, claimed.id),
    ):
        with pytest.raises(PermissionDenied):
            await call
