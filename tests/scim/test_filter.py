"""Filters let through what the grammar's own evaluator does, on every database, and never more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from clock import SettableClock
from orgplane_server.scim.dialects import POLICY
from orgplane_server.scim.models import ProvisionedUser
from orgplane_server.store import scim_group, scim_user
from orgplane_server.store.engine.database import Database
from orgplane_server.store.engine.unit_of_work import UnitOfWork
from scim2_models import ScimFilter
from scim_client import ENTERPRISE, GROUP, USER, Scim, user

PEOPLE: list[dict[str, Any]] = [
    user(
        "Alice@Example.com",
        externalId="A1",
        displayName="Alice",
        title="Boss",
        name={"givenName": "Alice", "familyName": "Liddell"},
        emails=[
            {"value": "Alice@home.example", "type": "home"},
            {"value": "alice@work.example", "type": "work", "primary": True},
        ],
        roles=[{"value": "admin", "primary": True}, {"value": "dev"}],
        addresses=[
            {"type": "work", "locality": "Oxford", "country": "GB"},
            {"type": "home", "locality": "London", "country": "GB"},
        ],
        **{ENTERPRISE: {"employeeNumber": "100", "manager": {"value": "M1"}}},
    ),
    user("Bob", active=False, emails=[{"value": "bob@work.example", "type": "work"}]),
    user("carol", title="", name={"familyName": "smith"}, **{ENTERPRISE: {"employeeNumber": "2"}}),
    user("dave_%", externalId="a1", title="50% off", emails=[{"value": "dave@home.example"}]),
    user("ÉLODIE", displayName="É" * 300, nickName="back\\slash", locale='quo"te'),
    user("Z\U0010ffff", displayName="É" * 200, title="\u0130stanbul"),
]
FILTERS = [
    'userName eq "ALICE@example.COM"',
    'userName ne "bob"',
    'userName sw "dave_"',
    'userName sw "DA"',
    'userName sw "z\U0010ffff"',
    'userName sw ""',
    'userName ew "_%"',
    'userName ew ""',
    'userName co "a"',
    'userName co "%"',
    'userName gt "b"',
    'userName le "carol"',
    'userName eq "élodie"',
    'userName eq "\\u0065\\u0301lodie"',
    f'{USER}:userName eq "bob"',
    'USERNAME EQ "bob"',
    'externalId eq "a1"',
    'externalId eq "A1"',
    'externalId ne "a1"',
    'externalId sw "A"',
    'externalId co "1"',
    "externalId pr",
    "externalId eq null",
    'title eq "boss"',
    'title ne "Boss"',
    'not (title eq "Boss")',
    'not (not (title eq "Boss"))',
    "title eq null",
    "title ne null",
    "title gt null",
    "title pr",
    "not (title pr)",
    'title co "%"',
    'title lt "c"',
    'title sw "i"',
    "displayName pr",
    f'displayName eq "{"é" * 300}"',
    f'displayName eq "{"é" * 200}"',
    f'displayName eq "{"é" * 128}"',
    f'displayName sw "{"é" * 201}"',
    f'displayName sw "{"é" * 128}"',
    f'displayName co "{"é" * 250}"',
    f'displayName gt "{"é" * 250}"',
    'nickName eq "back\\\\slash"',
    'locale eq "quo\\"te"',
    "name pr",
    "name.givenName pr",
    'name.familyName eq "SMITH"',
    'name.formatted eq "x"',
    "active eq true",
    "active eq false",
    'active eq "False"',
    "not (active eq true)",
    "active ne true",
    "active pr",
    "emails pr",
    'emails eq "alice@work.example"',
    'emails ne "alice@work.example"',
    'emails co "WORK"',
    'emails.value sw "alice"',
    "emails.value eq null",
    "emails.type eq null",
    "emails.type ne null",
    'emails.type eq "work"',
    'emails.type ne "work"',
    "emails.type pr",
    "emails.primary eq true",
    "emails.primary eq false",
    'emails[type eq "work" and value co "alice"]',
    'emails[type eq "work"].value eq "ALICE@work.example"',
    'emails[type eq "home" and primary eq true]',
    'emails[value ne "alice@work.example"]',
    'emails[not (type eq "work")]',
    "emails[type eq null]",
    "emails[type pr]",
    'emails[type eq "home" or primary eq true]',
    'not (emails[type eq "work"])',
    'roles[value eq "admin" and primary eq true]',
    'roles[value eq "dev" and primary eq true]',
    'addresses[type eq "work" and locality eq "oxford"]',
    'addresses[type eq "home" and locality eq "oxford"]',
    'addresses.country eq "gb"',
    'meta.created gt "2000-01-01T00:00:00Z"',
    'meta.lastModified lt "2000-01-01T00:00:00Z"',
    'meta.created eq "2026-03-01T12:00:01.123456Z"',
    'meta.created ge "2026-03-01T13:00:02.123456+01:00"',
    'meta.resourceType eq "User"',
    'meta.resourceType eq "user"',
    'meta.resourceType ne "User"',
    'meta.resourceType eq "Group"',
    'not (meta.resourceType sw "Us")',
    "meta.resourceType pr",
    f'schemas eq "{USER}"',
    f'schemas eq "{ENTERPRISE}"',
    f'schemas ne "{ENTERPRISE}"',
    f'not (schemas eq "{ENTERPRISE}")',
    'schemas co "enterprise"',
    'schemas eq "urn:example:User"',
    "schemas pr",
    'meta.version eq "W/\\"1\\""',
    'meta.version ne "W/\\"1\\""',
    'meta.version eq "W/\\"2\\""',
    'meta.version eq "1"',
    "meta.version pr",
    'meta.location eq "http://orgplane.test/scim/v2/Users/x"',
    "meta.location pr",
    "meta.created pr",
    f'{ENTERPRISE}:employeeNumber eq "100"',
    f'{ENTERPRISE}:employeeNumber gt "10"',
    f'{ENTERPRISE}:manager.value eq "M1"',
    f'{ENTERPRISE}:manager.value eq "m1"',
    f"{ENTERPRISE}:manager pr",
    "id pr",
    f'id eq "{uuid4()}"',
    'id eq "x"',
    'id ne "x"',
    'title eq "Boss" or userName eq "Bob"',
    'title eq "Boss" or userName eq "Bob" and active eq true',
    '(title eq "Boss" or userName eq "Bob") and active eq true',
    'title eq "Boss" and active eq false',
    "groups pr",
    f'groups.value eq "{uuid4()}"',
]
BAD_FILTERS = [
    "",
    " ",
    "userName",
    'userName eq "a',
    "userName eq a",
    'userName is "a"',
    'nosuch eq "a"',
    'userName eq "a" and nosuch eq "b"',
    'userName eq "a" or not (nosuch pr)',
    'name.nosuch eq "a"',
    'emails[nosuch eq "a"]',
    'emails[value eq "a" and nosuch pr]',
    'password eq "a"',
    "password pr",
    'x509Certificates.value eq "YQ=="',
    'photos.value eq "a"',
    'urn:example:User:userName eq "a"',
    "active gt true",
    'active co "t"',
    'active eq "maybe"',
    *(
        f"{name} {op} {value}"
        for name in ("userName", "title", "externalId", "emails", "schemas")
        for op in ("eq", "ne", "co", "sw", "ew", "gt")
        for value in ("5", "true", "1.5")
    ),
    *(f"{name} {op} null" for name in ("title", "schemas") for op in ("co", "sw", "ew")),
    "emails[value co 5]",
    "emails[type eq true]",
    "not (title co 5)",
    "active eq 1",
    'active eq "yes"',
    "emails[primary eq 0]",
    'meta.created co "20"',
    'meta.created sw "2026-01-01T00:00:00Z"',
    'meta.version co "1"',
    'meta.version gt "W/\\"1\\""',
    "meta.version eq 1",
    "meta.resourceType eq 5",
    "meta.resourceType eq User Group",
    'meta.location sw "http"',
    "meta.nosuch pr",
    'id co "a"',
    'title[value eq "a"]',
    "not (" * 40 + 'userName eq "a"' + ")" * 40,
    " or ".join(['userName eq "a"'] * 65),
    'userName eq "' + "a" * 5000 + '"',
    'userName eq "\\u0000"',
    'userName eq "\\ud800"',
]
NO_TIMES = [
    *("yesterday", "", "2030", "2026-01-01", "20260101T000000Z", "2026-01-01T00Z", "12:00:00Z"),
    *("2026-01-01 00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T25:00:00Z", "1767225600"),
    *("2026-01-01T00:00:00+25:00", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"),
    *("2026-01-01T00:00:00ZZ", "2026-01-01T00:00:00 Z", "\u0662\u0660\u0662\u0666-01-01T00:00:00Z"),
]
SORTS = [
    "userName",
    "title",
    "displayName",
    "name.familyName",
    "active",
    "externalId",
    "emails",
    "emails.type",
    "meta.created",
    "meta.lastModified",
    f"{ENTERPRISE}:employeeNumber",
]


@pytest.fixture
async def people(scim: Scim, clock: SettableClock) -> list[Any]:
    """What the door itself says of everybody."""
    for person in PEOPLE:
        clock.advance(seconds=1)
        answer = await scim("POST", "/Users", person)
        assert answer.status == 201, answer.text
    listed = (await scim("GET", "/Users")).json["Resources"]
    assert len(listed) == len(PEOPLE)
    return listed


async def test_filters_let_through_what_the_evaluator_does(scim: Scim, people: list[Any]) -> None:
    models = [ProvisionedUser.model_validate(person) for person in people]
    for text in FILTERS:
        evaluator: Any = ScimFilter[ProvisionedUser](text)
        with POLICY:  # the evaluator then ignores case as we do
            expected = [model.user_name for model in models if evaluator.match(model)]
        assert await scim.found(text) == expected, text


async def test_a_part_in_any_case_is_found(scim: Scim) -> None:
    """Text is compared character by character: what a character becomes does not depend on its neighbours."""
    odysseus = "\u039f\u0394\u03a5\u03a3\u03a3\u0395\u0391\u03a3"
    values = {
        "title": odysseus,
        "emails": [{"value": f"{odysseus}@x.example", "display": "E\u0301lodie", "type": "work"}],
        ENTERPRISE: {"department": "\u0130stanbul"},
    }
    await scim.create_user(odysseus, **values)
    await scim.create_group(odysseus)
    for end in range(1, len(odysseus) + 1):
        for part in (odysseus[:end], odysseus[:end].lower()):
            for name in ("userName", "title", "emails.value"):
                assert await scim.found(f'{name} sw "{part}"') == [odysseus], part
                assert await scim.found(f'{name} co "{part}"') == [odysseus], part
            assert await scim.found(f'displayName sw "{part}"', "/Groups") == [odysseus]
        assert await scim.found(f'userName ew "{odysseus[-end:].lower()}"') == [odysseus]
    for text in (
        *(f'userName eq "{odysseus.lower()}"', f'userName eq "{odysseus.lower()[:-1]}\u03c3"'),
        *('emails.display eq "\xc9LODIE"', 'emails[display sw "\xe9LO"]', 'emails.display co "E"'),
        f'{ENTERPRISE}:department sw "I"',
    ):
        assert await scim.found(text) == [odysseus], text
    for name in (odysseus.lower(), f"{odysseus.lower()[:-1]}\u03c3"):
        assert (await scim("POST", "/Users", user(name))).error == (409, "uniqueness")


async def test_names_that_were_no_duplicates_when_they_were_given_stay(
    scim: Scim, database: Database
) -> None:
    """After an upgrade that tells fewer names apart, one of two has a key of its own."""
    kept, other = "\u03bf\u03b4\u03bf\u03c2", "\u03bf\u03b4\u03bf\u03c3"
    ann, guides = await scim.create_user(kept), await scim.create_group(kept)

    def as_before(unit: UnitOfWork) -> None:
        users, groups = scim_user.table, scim_group.table
        unit.connection.execute(users.update().values(user_name_key=kept))
        unit.connection.execute(groups.update().values(display_name_key=kept))

    await database.write(as_before)
    await scim.create_user(other)
    await scim.create_group(other)
    active = {"op": "replace", "path": "active", "value": False}
    assert (await scim.patch(f"/Users/{ann['id']}", active)).json["active"] is False
    assert (await scim("PUT", f"/Users/{ann['id']}", user(kept, title="Boss"))).status == 200
    external = {"op": "replace", "path": "externalId", "value": "x"}
    assert (await scim.patch(f"/Groups/{guides['id']}", external)).status == 204
    assert await scim.found(f'userName eq "{kept}"') == [other]
    assert await scim.found('title eq "Boss"') == [kept]
    renamed = user(kept.upper())
    assert (await scim("PUT", f"/Users/{ann['id']}", renamed)).error == (409, "uniqueness")


async def test_what_a_patch_selects_ignores_case_as_filters_do(scim: Scim) -> None:
    made = await scim.create_user(
        "ann", roles=[{"value": "\u039f\u0394\u039f\u03a3"}, {"value": "B"}]
    )
    path = 'roles[value eq "\u03bf\u03b4\u03bf\u03c3"]'
    answer = await scim.patch(f"/Users/{made['id']}", {"op": "remove", "path": path})
    assert answer.json["roles"] == [{"value": "B"}]


async def test_a_time_is_a_date_and_a_time(scim: Scim) -> None:
    """RFC 7643, section 2.3.5. A filter that is never true would be true of everybody when negated."""
    await scim.create_user("ann")
    await scim.create_group("Guides")
    for path in ("/Users", "/Groups"):
        for value in (*(f'"{text}"' for text in NO_TIMES), "2030", "true", "1.5"):
            for name in ("meta.created", "meta.lastModified"):
                for text in (
                    f"{name} gt {value}",
                    f"not ({name} le {value})",
                    f"{name} ne {value}",
                ):
                    answer = await scim("GET", path, filter=text)
                    assert answer.error == (400, "invalidFilter"), text
                    assert name in answer.detail


async def test_a_time_without_a_zone_is_in_utc(scim: Scim, clock: SettableClock) -> None:
    clock.now = clock.now.replace(microsecond=123456)
    await scim.create_user("ann")
    now = clock.now.replace(tzinfo=None)
    for path in ("/Users", "/.search"):
        for text, found in (
            (f'meta.created eq "{now.isoformat()}"', 1),
            (f'meta.created eq "{now.isoformat()}789"', 1),
            (f'meta.created eq "{now.isoformat().lower()}z"', 1),
            (f'meta.created gt "{now.isoformat(timespec="seconds")}"', 1),
            (f'meta.created gt "{now.isoformat()}"', 0),
            (f'not (meta.created gt "{now.isoformat(timespec="seconds")}")', 0),
            (f'meta.created gt "{now.isoformat()}-01:00"', 0),
            (f'meta.created gt "{now.isoformat()}+01:00"', 1),
        ):
            answer = (
                await scim("GET", path, filter=text)
                if path == "/Users"
                else await scim("POST", path, {"filter": text})
            )
            assert answer.json["totalResults"] == found, text


async def test_what_is_computed_is_found_as_it_is_shown(scim: Scim) -> None:
    ann, ben = await scim.create_user("ann"), await scim.create_user("ben", title="Boss")
    await scim.patch(f"/Users/{ben['id']}", {"op": "replace", "path": "title", "value": "Chief"})
    both = await scim.create_group("Both", ann, ben)
    nobody = await scim.create_group("Nobody's")
    ann = (await scim("GET", f"/Users/{ann['id']}")).json
    in_both = both["members"][0]
    for path, text, names in (
        ("/Users", f'meta.location eq "{ann["meta"]["location"]}"', ["ann"]),
        ("/Users", f'meta.location ne "{ann["meta"]["location"]}"', ["ben"]),
        ("/Users", f'meta.location eq "{both["meta"]["location"]}"', []),
        ("/Users", 'meta.version eq "W/\\"2\\""', ["ben"]),
        ("/Users", f'schemas eq "{USER.upper()}"', ["ann", "ben"]),
        ("/Users", f'schemas eq "{ENTERPRISE}"', []),
        ("/Users", f'groups[value eq "{both["id"]}" and type eq "Direct"]', ["ann", "ben"]),
        ("/Users", f'groups[value eq "{both["id"]}" and type eq "indirect"]', []),
        ("/Users", f'groups.value eq "{both["id"].upper()}"', []),
        ("/Users", f'groups.$ref eq "{both["meta"]["location"]}"', ["ann", "ben"]),
        ("/Groups", f'meta.location eq "{both["meta"]["location"]}"', ["Both"]),
        ("/Groups", 'meta.version eq "W/\\"1\\""', ["Both", "Nobody's"]),
        ("/Groups", f'schemas eq "{GROUP}"', ["Both", "Nobody's"]),
        ("/Groups", f'schemas ne "{GROUP}"', []),
        ("/Groups", f'schemas eq "{USER}"', []),
        ("/Groups", 'meta.resourceType eq "Group"', ["Both", "Nobody's"]),
        ("/Groups", 'members.type eq "user"', ["Both"]),
        ("/Groups", 'members.type ne "user"', ["Nobody's"]),
        ("/Groups", "members.type pr", ["Both"]),
        ("/Groups", "members.type eq null", ["Nobody's"]),
        ("/Groups", 'members[type eq "User"]', ["Both"]),
        ("/Groups", 'members[type eq "Group"]', []),
        ("/Groups", 'members[not (type eq "User")]', []),
        ("/Groups", f'members[value eq "{ann["id"]}" and type eq "User"]', ["Both"]),
        ("/Groups", f'members[type eq "Group" or value eq "{ann["id"]}"]', ["Both"]),
        ("/Groups", f'members[$ref eq "{in_both["$ref"]}"]', ["Both"]),
        ("/Groups", f'members.$ref eq "{nobody["meta"]["location"]}"', []),
    ):
        assert await scim.found(text, path) == names, text


async def test_a_member_of_a_type_is_removed(scim: Scim) -> None:
    ann, ben = await scim.create_user("ann"), await scim.create_user("ben")
    path = f"/Groups/{(await scim.create_group('Both', ann, ben))['id']}"
    for kind, left in (("Group", 2), ("User", 1)):
        selected = f'members[value eq "{ann["id"]}" and type eq "{kind}"]'
        assert (await scim.patch(path, {"op": "remove", "path": selected})).status == 204
        assert len((await scim("GET", path)).json["members"]) == left
    for selected in ('members[type eq "User"]', f'members[$ref eq "{ben["meta"]["location"]}"]'):
        answer = await scim.patch(path, {"op": "remove", "path": selected})
        assert answer.error == (400, "invalidPath")


async def test_ids_are_compared_exactly(scim: Scim, people: list[Any]) -> None:
    id = people[0]["id"]
    assert await scim.found(f'id eq "{id}"') == [people[0]["userName"]]
    assert await scim.found(f'id eq "{id.upper()}"') == []
    assert len(await scim.found(f'id ne "{id}"')) == len(people) - 1


@pytest.mark.parametrize("order", ["ascending", "descending"])
async def test_sorting_puts_who_lacks_the_attribute_last_or_first(
    scim: Scim, people: list[Any], order: str
) -> None:
    from scim2_models import SearchRequest

    models = [ProvisionedUser.model_validate(person) for person in people]
    for name in SORTS:
        request: Any = SearchRequest[ProvisionedUser](sort_by=name, sort_order=order)
        answer = await scim("GET", "/Users", sortBy=name, sortOrder=order)
        found = [ProvisionedUser.model_validate(each) for each in answer.json["Resources"]]
        with POLICY:
            assert [request.sort_value(model) for model in found] == [
                request.sort_value(model) for model in request.sort(models)
            ], name


async def test_what_cannot_be_asked_is_told(scim: Scim) -> None:
    await scim.create_user("a")
    for text in BAD_FILTERS:
        answer = await scim("GET", "/Users", filter=text)
        assert answer.error == (400, "invalidFilter"), text


async def test_what_cannot_be_sorted_by_is_told(scim: Scim) -> None:
    for name in ("nosuch", "password", "emails[type pr]", "name", "", "a b"):
        assert (await scim("GET", "/Users", sortBy=name)).error == (400, "invalidPath"), name


async def test_much_is_fine_within_limits(scim: Scim, people: list[Any]) -> None:
    for text in (
        " or ".join(['userName eq "bob"'] * 64),
        "(" * 2000 + 'userName eq "bob"' + ")" * 2000,
    ):
        assert await scim.found(text) == ["Bob"]


async def test_a_change_is_found_at_once_and_the_old_value_no_more(
    scim: Scim, clock: SettableClock
) -> None:
    person = await scim.create_user("a", title="Old", emails=[{"value": "old@x"}])
    clock.now += timedelta(seconds=1)
    answer = await scim.patch(
        f"/Users/{person['id']}",
        {"op": "replace", "path": "title", "value": "New"},
        {"op": "replace", "path": "emails", "value": [{"value": "new@x", "type": "work"}]},
        {"op": "replace", "path": "userName", "value": "b"},
    )
    assert answer.status == 200
    for old in ('title eq "old"', 'emails eq "old@x"', 'userName eq "a"'):
        assert await scim.found(old) == []
    for new in ('title eq "new"', 'emails eq "new@x"', 'userName eq "b"'):
        assert await scim.found(new) == ["b"]


async def test_groups_are_filtered_by_name_and_by_member(scim: Scim) -> None:
    people = [await scim.create_user(name) for name in ("ann", "ben")]
    both = await scim.create_group("Both", *people)
    await scim.create_group("Ann's", people[0])
    await scim.create_group("Nobody's")
    ann, ben = (person["id"] for person in people)
    for text, names in (
        ('displayName sw "ann"', ["Ann's"]),
        (f'members eq "{ann}"', ["Both", "Ann's"]),
        (f'members.value eq "{ben}"', ["Both"]),
        (f'members[value eq "{ben}"] and members.value eq "{ann}"', ["Both"]),
        (f'not (members.value eq "{ann}")', ["Nobody's"]),
        (f'members.value ne "{ben}"', ["Ann's", "Nobody's"]),
        ("members pr", ["Both", "Ann's"]),
        (f'members.value eq "{ann.upper()}"', []),
        (f'id eq "{both["id"]}"', ["Both"]),
        ("externalId pr", []),
    ):
        assert await scim.found(text, "/Groups") == names, text
    for text in ('members[nosuch eq "User"]', "members[type eq 5]", 'userName eq "ann"'):
        assert (await scim("GET", "/Groups", filter=text)).error == (400, "invalidFilter")
