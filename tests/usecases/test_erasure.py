"""Who asks to be forgotten is: nothing in the whole database says who they were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from clock import SettableClock
from orgplane_server.domain import sign_in_attempt
from orgplane_server.domain.audit import AuditFilter
from orgplane_server.domain.caller import Origin
from orgplane_server.domain.erasure import TAG, Person
from orgplane_server.domain.errors import FailedPrecondition, NotFound, PermissionDenied
from orgplane_server.domain.identifier import UserId
from orgplane_server.domain.page import PageRequest
from orgplane_server.domain.sign_in import Denied, Refusal
from orgplane_server.domain.user import Role
from orgplane_server.mail.relay import Relay
from orgplane_server.mail.sender import Sender
from orgplane_server.store import audit
from orgplane_server.store.engine.database import Database
from orgplane_server.store.engine.schema import metadata
from orgplane_server.usecases.email_invite import EmailInvites
from orgplane_server.usecases.erasure import Erasures
from orgplane_server.usecases.group import Groups
from orgplane_server.usecases.letters import Letters
from orgplane_server.usecases.member import Members
from orgplane_server.usecases.minting import new_id
from orgplane_server.usecases.organization import Founded
from orgplane_server.usecases.outbox import Outbox
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.scim_request_log import ScimRequestLog
from orgplane_server.usecases.sealing import Sealer
from orgplane_server.usecases.sign_in_attempt_log import SignInAttemptLog
from people import Access, add_user
from provisioning import administration, serving
from scim_client import Scim

SEALER = Sealer(bytes(32))
PAGES = PageTokens(SEALER)
#: What must not be found of them any more, in whatever case.
NAMES = (
    "Zoë Quux",
    "Quux",
    "zoe.q@acme.example",
    "zq-77421",
    "old.zoe@acme.example",
    "+49 30 77421",
)
SUBJECT, PEER = "provider|zoe-1", "198.51.100.77"


async def dump(database: Database) -> str:
    """All that is in the database, a row a line, as it would be read."""

    def query(connection: sa.Connection) -> str:
        return "\n".join(
            f"{table.name}: {tuple(row)!r}"
            for table in metadata.sorted_tables
            for row in connection.execute(sa.select(table))
        )

    return await database.read(query)


def telling(text: str, names: Sequence[str]) -> list[str]:
    """The lines that have one of these names."""
    return [
        line
        for line in text.splitlines()
        if any(name.casefold() in line.casefold() for name in names)
    ]


def tables(lines: Sequence[str]) -> set[str]:
    return {line.partition(":")[0] for line in lines}


@pytest.fixture
def erasures(database: Database, clock: SettableClock) -> Erasures:
    members = Members(database, clock, PAGES)
    return Erasures(database, clock, members, ScimRequestLog(database, clock))


async def test_nothing_says_any_more_who_somebody_was(
    database: Database, clock: SettableClock, acme: Founded, globex: Founded, erasures: Erasures
) -> None:
    owner, id = administration(database, clock, acme), acme.organization.id
    _, token = await owner.create()
    await add_user(database, globex, clock.now, name="Zoë Quux", email="zoe.q@acme.example")
    letters = Letters(
        Outbox(
            database, clock, SEALER, Relay.parse("smtp://h", Sender.parse("id@orgplane.example"))
        ),
        clock,
    )
    invites = EmailInvites(database, clock, PAGES, letters)
    await invites.create(acme.caller, id, "Zoe.Q@acme.example")
    async with serving(database, clock, scim_log_bodies=True) as http:
        scim = Scim(http, token)
        zoe = await scim.create_user(
            "zoe.q@acme.example",
            externalId="zq-77421",
            displayName="Zoë Quux",
            name={"givenName": "Zoë", "familyName": "Quux"},
            emails=[{"value": "old.zoe@acme.example", "primary": True}],
            phoneNumbers=[{"value": "+49 30 77421"}],
        )
        bob = await scim.create_user("bob@acme.example", displayName="Bob")
        await scim.create_group("Platform", zoe, bob)
        await scim("GET", "/Users", filter='userName eq "ZOE.Q@acme.example"')
        await scim("POST", "/Users", {"userName": "zoe.q@acme.example"})  # 409, which names it
        await scim("PUT", f"/Users/{zoe['id']}", {**zoe, "emails": [{"value": zoe["userName"]}]})
    user = UserId(UUID(zoe["id"]))
    log = SignInAttemptLog(database, clock)
    (sso,) = (await owner.sso.list(acme.caller, id, PageRequest())).items
    person, origin = sign_in_attempt.Person(SUBJECT, "zoe.q@acme.example", user), Origin("r", PEER)
    await database.write(lambda unit: log.keep(unit, sso, person, origin))
    denied = Denied("zoe.q@acme.example is not verified", Refusal.PROVIDER)
    await log.refuse(sso, sign_in_attempt.Person(SUBJECT, "zoe.q@acme.example"), denied, origin)
    groups = Groups(database, clock, PAGES)
    made = await groups.create(acme.caller, id, "Friends of Zoë Quux", "")
    await groups.delete(acme.caller, made.group.id)

    before = await dump(database)
    assert tables(telling(before, NAMES)) == {
        *("member", "scim_user", "scim_user_value", "scim_request", "audit_event"),
        *("sign_in_attempt", "email_invite", "letter"),
    }
    erased = await erasures.erase(acme.caller, user)
    assert min(erased.events, erased.requests, erased.sign_ins) >= 2
    after = await dump(database)
    # Globex has its own member, who happens to be the same person.
    assert tables(telling(after, NAMES)) == {"member"}
    assert len(telling(after, NAMES)) == 1
    assert telling(after, (SUBJECT, PEER)) == []
    assert {"member", "scim_user", "audit_event"} <= tables(telling(after, ("bob@acme.example",)))
    assert tables(telling(after, (repr(user),))) >= {"audit_event", "sign_in_attempt"}

    # The trail tells it, once, and by whom.
    again = await erasures.erase(acme.caller, user)
    assert (again.events, again.requests, again.sign_ins) == (0, 0, 0)
    assert await dump(database) == after
    about = AuditFilter(subject_ids=frozenset({user}))
    events = await database.read(
        lambda connection: audit.page(connection, id, about, None, 100, newest_first=True)
    )
    (told,) = (event for event in events if "erased" in event.changes)
    assert (told.actor_id, told.changes["erased"].after) == (acme.administrator.id, True)
    assert all(TAG in str(event.changes) for event in events if event is not told)


async def test_who_was_deleted_is_known_by_the_trail_alone_and_forgotten_there(
    database: Database, clock: SettableClock, acme: Founded, erasures: Erasures
) -> None:
    members = Members(database, clock, PAGES)
    mel = await add_user(database, acme, clock.now, name="Mel Ott", email="mel.ott@acme.example")
    await members.delete(acme.caller, mel.user.id)
    assert telling(await dump(database), ("mel.ott", "Mel Ott"))
    erased = await erasures.erase(acme.caller, mel.user.id)
    assert (erased.events, erased.requests, erased.sign_ins) == (1, 0, 0)
    assert telling(await dump(database), ("mel.ott", "Mel Ott")) == []
    with pytest.raises(NotFound):
        await erasures.erase(acme.caller, UserId(new_id()))
    with pytest.raises(NotFound):  # no member, but something else that the trail knows
        await erasures.erase(acme.caller, UserId(acme.organization.id))


async def test_administrators_alone_erase_and_never_the_last_one_or_themselves(
    database: Database,
    clock: SettableClock,
    acme: Founded,
    globex: Founded,
    acme_member: Access,
    erasures: Erasures,
) -> None:
    soon = await add_user(
        *(database, acme, clock.now),
        name="Sue",
        email="sue@acme.example",
        role=Role.ADMIN,
        lifetime=timedelta(hours=1),
    )
    ends_soon = replace(acme.caller, id=soon.user.id)
    member = replace(acme.caller, id=acme_member.user.id, roles=frozenset({Role.MEMBER}))
    before = await dump(database)
    for caller, id, refusal, why in (
        (acme.caller, acme.administrator.id, FailedPrecondition, "nobody erases themself"),
        (ends_soon, acme.administrator.id, PermissionDenied, "administrator"),
        (member, soon.user.id, PermissionDenied, "only an administrator"),
        (globex.caller, acme_member.user.id, NotFound, "user not found"),
    ):
        with pytest.raises(refusal, match=why):
            await erasures.erase(caller, id)
        assert await dump(database) == before


def test_a_short_name_is_left_where_it_is_likely_somebody_elses() -> None:
    """Free text names others too; a whole value, an address, a full name are theirs."""
    id = UserId(new_id())
    person = Person(id, ["Ada", "ada@acme.example", "Ada King", "7"])
    row = {"actor_id": None, "subject_id": new_id(), "peer": "192.0.2.1"}
    changes = {
        "description": ["for Ada Lovelace, 7 years", "by ADA KING (ada@acme.example)"],
        "name": ["Ada", "Canada"],
        "members": [[{"value": str(id), "display": "Ada"}], None],
    }
    assert person.event({**row, "changes": changes}) == {
        "changes": {
            "description": ["for Ada Lovelace, 7 years", f"by {TAG} ({TAG})"],
            "name": [TAG, "Canada"],
            "members": [[{"value": str(id), "display": TAG}], None],
        }
    }
    by_them = person.event({**row, "actor_id": id, "changes": {"description": ["Ada's", None]}})
    assert by_them == {"changes": {"description": [f"{TAG}'s", None]}, "peer": TAG}
    assert person.event({**row, "changes": {"name": ["Bob", None]}}) == {}
