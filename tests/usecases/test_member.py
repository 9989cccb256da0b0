"""The rules of membership, whatever door they are asked through."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa
from clock import SettableClock
from orgplane_server.domain.audit import Action, AuditEvent, Subject
from orgplane_server.domain.caller import Caller
from orgplane_server.domain.errors import PermissionDenied, Reason
from orgplane_server.domain.identifier import UserId
from orgplane_server.domain.member import MAX_COUNT, Count, MemberFilter
from orgplane_server.domain.page import PageRequest
from orgplane_server.domain.revision import FieldChange
from orgplane_server.domain.user import MAX_EMAIL, Role, UserStatus
from orgplane_server.store import audit, member
from orgplane_server.store.administration import administrators
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.member import Members
from orgplane_server.usecases.organization import Founded
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.sealing import Sealer
from people import Access, add_user


@pytest.fixture
def members(database: Database, clock: SettableClock) -> Members:
    return Members(database, clock, PageTokens(Sealer(bytes(32))))


@pytest.fixture
def failed_statements() -> Iterator[list[str]]:
    """What the database had against a statement, also where it was tried again."""
    failed: list[str] = []

    def note(context: sa.engine.ExceptionContext) -> None:
        failed.append(str(context.original_exception))

    def run_by_sqlalchemy(*_: object) -> None:
        """What somebody listens to does not go straight to the driver."""

    events = {"handle_error": note, "before_cursor_execute": run_by_sqlalchemy}
    for name, listener in events.items():
        sa.event.listen(sa.Engine, name, listener)
    yield failed
    for name, listener in events.items():
        sa.event.remove(sa.Engine, name, listener)


async def updates(database: Database, owner: Founded) -> list[AuditEvent]:
    found = await database.read(
        lambda c: audit.following(c, owner.organization.id, 0, 1 << 62, 1000)
    )
    return [e for e in found if e.subject is Subject.USER and e.action is Action.UPDATE]


async def test_a_change_is_one_event_that_says_who_and_what(
    database: Database,
    members: Members,
    acme: Founded,
    acme_member: Access,
    clock: SettableClock,
) -> None:
    clock.advance(hours=1)
    id = acme_member.user.id
    promoted = await members.set_role(acme.caller, acme.organization.id, id, Role.ADMIN)
    suspended = await members.set_suspended(acme.caller, id, True)
    assert (promoted.role, suspended.status) == (Role.ADMIN, UserStatus.SUSPENDED)
    assert suspended.updated_at > promoted.updated_at == clock.now
    role, status = await updates(database, acme)
    assert (role.subject_id, role.actor_id) == (id, acme.administrator.id)
    assert role.changes == {"role": FieldChange("member", "admin")}
    assert status.changes == {
        "status": FieldChange("active", "suspended"),
        "suspended_by_administrator_at": FieldChange(None, "2026-03-01T13:00:00.123456Z"),
    }


async def test_nothing_different_is_no_event(
    database: Database, members: Members, acme: Founded, acme_member: Access
) -> None:
    before = acme_member.user
    assert await members.set_suspended(acme.caller, before.id, False) == before
    assert (
        await members.set_role(acme.caller, acme.organization.id, before.id, Role.MEMBER) == before
    )
    assert await updates(database, acme) == []


async def test_of_two_administrators_who_remove_one_another_one_stays(
    failed_statements: list[str],
    database: Database,
    members: Members,
    acme: Founded,
    clock: SettableClock,
) -> None:
    """Tried many times: on PostgreSQL the two transactions really run at once, and never block each other."""
    other = (await add_user(database, acme, clock.now, role=Role.ADMIN)).user.id
    first = acme.administrator.id
    for _ in range(20):
        outcomes = await asyncio.gather(
            members.set_suspended(acme.caller, first, True),
            members.set_role(acme.caller, acme.organization.id, other, Role.MEMBER),
            return_exceptions=True,
        )
        (refusal,) = [o for o in outcomes if isinstance(o, BaseException)]
        assert isinstance(refusal, PermissionDenied)
        assert refusal.reason is Reason.LAST_ADMINISTRATOR
        await members.set_suspended(acme.caller, first, False)
        await members.set_role(acme.caller, acme.organization.id, other, Role.ADMIN)
    assert failed_statements == []  # neither was given up for a deadlock


@pytest.mark.parametrize("end", [Members.leave, Members.delete])
async def test_of_two_administrators_who_end_one_another_one_stays(
    database: Database,
    members: Members,
    acme: Founded,
    clock: SettableClock,
    end: Callable[[Members, Caller, UserId], Awaitable[None]],
) -> None:
    """Also beside a change of role, and whoever it is that another takes out."""
    other = (await add_user(database, acme, clock.now, role=Role.ADMIN)).user.id
    for _ in range(5):
        outcomes = await asyncio.gather(
            end(members, acme.caller, other),
            members.leave(acme.caller, acme.administrator.id),
            members.set_role(acme.caller, acme.organization.id, other, Role.MEMBER),
            return_exceptions=True,
        )
        left = await database.read(lambda c: administrators(c, acme.organization.id))
        assert len(left) == 1, outcomes
        refused = [each for each in outcomes if isinstance(each, PermissionDenied)]
        assert {each.reason for each in refused} <= {Reason.LAST_ADMINISTRATOR}
        assert refused
        if acme.administrator.id not in left:
            break
        other = (await add_user(database, acme, clock.now, role=Role.ADMIN)).user.id


async def test_another_organizations_administrator_does_not_count(
    members: Members, acme: Founded, globex: Founded
) -> None:
    with pytest.raises(PermissionDenied, match="nobody would be left"):
        await members.set_suspended(acme.caller, acme.administrator.id, True)


async def test_a_member_changes_nobody(
    members: Members, acme: Founded, acme_member: Access
) -> None:
    caller = replace(acme.caller, id=acme_member.user.id, roles=frozenset({Role.MEMBER}))
    with pytest.raises(PermissionDenied, match="change members"):
        await members.set_suspended(caller, acme.administrator.id, True)
    with pytest.raises(PermissionDenied, match="change members"):
        await members.set_role(caller, acme.organization.id, acme_member.user.id, Role.ADMIN)
    for end in (members.leave, members.delete):
        with pytest.raises(PermissionDenied, match="change members"):
            await end(caller, acme.administrator.id)
    with pytest.raises(PermissionDenied, match="change members"):
        await members.delete(caller, acme_member.user.id)


async def test_counting_stops_and_says_so(
    database: Database,
    acme: Founded,
    acme_member: Access,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def count() -> Count:
        return await database.read(lambda c: member.count(c, acme.organization.id, MemberFilter()))

    assert MAX_COUNT == 10_000
    monkeypatch.setattr(member, "MAX_COUNT", 2)
    assert await count() == Count(2, exact=True)
    monkeypatch.setattr(member, "MAX_COUNT", 1)
    assert await count() == Count(1, exact=False)


async def test_a_name_of_any_length_is_kept_ordered_and_found(
    database: Database, members: Members, acme: Founded, clock: SettableClock
) -> None:
    name = "🦄" * 5000
    await add_user(database, acme, clock.now, name=name, email="x" * (MAX_EMAIL - 4) + "@x.y")
    page, _ = await members.list(
        acme.caller,
        acme.organization.id,
        PageRequest(),
        MemberFilter(search="🦄🦄"),
        None,
    )
    assert [item.user.name for item in page.items] == [name]


async def test_a_part_of_a_name_or_an_address_is_found_in_any_case(
    database: Database, members: Members, acme: Founded, clock: SettableClock
) -> None:
    odysseus = "\u039f\u0394\u03a5\u03a3\u03a3\u0395\u0391\u03a3"
    await add_user(database, acme, clock.now, name=odysseus, email=f"{odysseus}@x.example")
    await add_user(database, acme, clock.now, name="\xc9lodie", email="e@x.example")
    for part, name in (
        *((odysseus[:end], odysseus) for end in range(2, len(odysseus))),
        (f"{odysseus[3:].lower()}@", odysseus),
        ("E\u0301LO", "\xc9lodie"),
    ):
        page, _ = await members.list(
            acme.caller, acme.organization.id, PageRequest(), MemberFilter(search=part), None
        )
        assert [item.user.name for item in page.items] == [name], part
    for email in (f"{odysseus.lower()}@x.example", f"{odysseus.lower()[:-1]}\u03c3@X.example"):
        page, _ = await members.list(
            acme.caller, acme.organization.id, PageRequest(), MemberFilter(email=email), None
        )
        assert [item.user.name for item in page.items] == [odysseus]


async def test_an_address_that_is_long_when_it_is_taken_apart_is_kept_and_found(
    database: Database, members: Members, acme: Founded, clock: SettableClock
) -> None:
    email = "\uac01" * (MAX_EMAIL - 4) + "@x.y"
    await add_user(database, acme, clock.now, name="Long", email=email)
    page, _ = await members.list(
        acme.caller, acme.organization.id, PageRequest(), MemberFilter(email=email), None
    )
    assert [item.user.name for item in page.items] == ["Long"]
