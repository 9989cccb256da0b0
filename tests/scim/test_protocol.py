"""What RFC 7644 says of requests and answers, whatever resource they are about."""

from __future__ import annotations

import codecs
import gzip
import json
import tracemalloc
import zlib
from dataclasses import replace
from typing import Any

import pytest
from clock import SettableClock
from orgplane_server.app.build import build
from orgplane_server.domain.scim_configuration import ScimConfiguration
from orgplane_server.store.engine.database import Database
from provisioning import MAX_REQUEST_BYTES, serving
from pyqwest import Client
from pyqwest.testing import ASGITransport
from scim_client import ENTERPRISE, GROUP, LIST, USER, Scim, group, user

BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"


@pytest.fixture
async def people(scim: Scim, clock: SettableClock) -> list[Any]:
    made = []
    for number in range(7):
        clock.advance(seconds=1)
        made.append(await scim.create_user(f"user{number}", title=f"t{number % 3}"))
    return made


def names(answer: Any) -> list[str]:
    return [each["userName"] for each in answer["Resources"]]


class TestIndexPaging:
    async def test_pages_are_exact_and_in_the_order_of_creation(
        self, scim: Scim, people: list[Any]
    ) -> None:
        seen: list[str] = []
        for start in (1, 4, 7):
            page = (await scim("GET", "/Users", startIndex=start, count=3)).json
            assert page["schemas"] == [LIST]
            assert page["totalResults"] == 7
            assert page["startIndex"] == start
            assert page["itemsPerPage"] == len(page["Resources"])
            assert "nextCursor" not in page
            seen += names(page)
        assert seen == [person["userName"] for person in people]

    RANGES = [
        ({}, 1, 7),
        ({"startIndex": 0, "count": 2}, 1, 2),
        ({"startIndex": -5, "count": 2}, 1, 2),
        ({"count": 0}, 1, 0),
        ({"count": -1}, 1, 0),
        ({"startIndex": 8}, 8, 0),
        ({"startIndex": 10**30}, 2**31, 0),
        ({"count": 10**30}, 1, 7),
        ({"startIndex": "", "count": ""}, 1, 7),
    ]

    async def test_numbers_out_of_range_are_brought_into_it(
        self, scim: Scim, people: list[Any]
    ) -> None:
        for query, start, count in self.RANGES:
            for more in ({}, {"filter": "userName pr"}):
                page = (await scim("GET", "/Users", **query, **more)).json
                assert page["totalResults"] == 7
                assert page["startIndex"] == start
                assert page["itemsPerPage"] == len(page["Resources"]) == count

    async def test_what_is_no_number_is_refused(self, scim: Scim) -> None:
        for query in ({"count": "x"}, {"startIndex": "1.5"}, {"count": "²"}, {"count": "--1"}):
            assert (await scim("GET", "/Users", **query)).error == (400, "invalidValue")

    async def test_an_empty_list_is_an_answer(self, scim: Scim) -> None:
        for path in ("/Users", "/Groups"):
            assert (await scim("GET", path)).json == {
                "schemas": [LIST],
                "totalResults": 0,
                "itemsPerPage": 0,
                "startIndex": 1,
                "Resources": [],
            }


class TestCursorPaging:
    @pytest.mark.parametrize("sort", [None, "userName", "title", "displayName", "meta.created"])
    @pytest.mark.parametrize("order", ["ascending", "descending"])
    async def test_pages_join_without_gap_or_overlap(
        self, scim: Scim, people: list[Any], sort: str | None, order: str
    ) -> None:
        await scim.patch(f"/Users/{people[3]['id']}", {"op": "remove", "path": "title"})
        wanted = {} if sort is None else {"sortBy": sort, "sortOrder": order}
        whole = names((await scim("GET", "/Users", **wanted)).json)
        seen: list[str] = []
        cursor = ""
        while True:
            page = (await scim("GET", "/Users", cursor=cursor, count=2, **wanted)).json
            assert page["totalResults"] == 7
            assert page["itemsPerPage"] == len(page["Resources"])
            assert "startIndex" not in page
            seen += names(page)
            if "nextCursor" not in page:
                break
            cursor = page["nextCursor"]
            assert set(cursor) <= set(
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
            )
        assert seen == whole

    async def test_a_cursor_survives_inserts_and_deletes(
        self, scim: Scim, people: list[Any]
    ) -> None:
        first = (await scim("GET", "/Users", cursor="", count=3)).json
        await scim("DELETE", f"/Users/{people[2]['id']}")
        await scim("DELETE", f"/Users/{people[3]['id']}")
        await scim.create_user("new")
        rest = (await scim("GET", "/Users", cursor=first["nextCursor"])).json
        assert names(first) + names(rest) == [
            *("user0", "user1", "user2", "user4", "user5", "user6", "new")
        ]

    async def test_a_cursor_opens_only_its_own_list(
        self, scim: Scim, stranger: Scim, people: list[Any]
    ) -> None:
        cursor = (await scim("GET", "/Users", cursor="", count=3)).json["nextCursor"]
        for asked, path, query in (
            (scim, "/Users", {"cursor": "nonsense"}),
            (scim, "/Users", {"cursor": cursor[:-2] + "AA"}),
            (scim, "/Users", {"cursor": cursor, "filter": "userName pr"}),
            (scim, "/Users", {"cursor": cursor, "sortBy": "userName"}),
            (scim, "/Groups", {"cursor": cursor}),
            (stranger, "/Users", {"cursor": cursor}),
        ):
            answer = await asked("GET", path, **query)
            assert answer.error == (400, "invalidCursor"), query


class TestProjection:
    FULL = {
        "name": {"givenName": "Ann", "familyName": "Lee"},
        "emails": [{"value": "a@x", "type": "work"}, {"value": "b@x", "type": "home"}],
        "title": "Boss",
        ENTERPRISE: {"department": "D", "employeeNumber": "1", "manager": {"value": "m"}},
    }

    CHOICES = [
        ("userName", {"userName": "ann"}),
        ("USERNAME,nosuch", {"userName": "ann"}),
        ("userName, title", {"userName": "ann", "title": "Boss"}),
        ("name.givenName", {"name": {"givenName": "Ann"}}),
        ("emails.value", {"emails": [{"value": "a@x"}, {"value": "b@x"}]}),
        ('emails[type eq "work"].value', {"emails": FULL["emails"]}),
        (f"{USER}:title", {"title": "Boss"}),
        (f"{ENTERPRISE}:department", {ENTERPRISE: {"department": "D"}}),
        (f"{ENTERPRISE}:manager.value", {ENTERPRISE: {"manager": {"value": "m"}}}),
        (ENTERPRISE, {ENTERPRISE: FULL[ENTERPRISE]}),
        ("id", {}),
        ("nosuch", {}),
        ("password", {}),
    ]

    async def test_attributes_are_all_that_is_answered_besides_id_and_schemas(
        self, scim: Scim
    ) -> None:
        for attributes, expected in self.CHOICES:
            created = await scim(
                "POST", "/Users", user("ann", **self.FULL, password="x"), attributes=attributes
            )
            id = created.json["id"]
            whole = {"schemas": [USER, ENTERPRISE], "id": id, **expected}
            assert created.json == whole
            assert (await scim("GET", f"/Users/{id}", attributes=attributes)).json == whole
            listed = await scim("GET", "/Users", attributes=attributes)
            assert listed.json["Resources"] == [whole]
            body = {"schemas": [SEARCH], "attributes": attributes.split(",")}
            assert (await scim("POST", "/Users/.search", body)).json == listed.json
            await scim("DELETE", f"/Users/{id}")

    async def test_excluded_attributes_are_left_out(self, scim: Scim) -> None:
        made = await scim.create_user("ann", **self.FULL)
        names = f"id,schemas,title,name.familyName,emails,meta,active,{ENTERPRISE}:manager"
        answer = await scim("GET", f"/Users/{made['id']}", excludedAttributes=names)
        assert answer.json == {
            "schemas": [USER, ENTERPRISE],
            "id": made["id"],
            "userName": "ann",
            "name": {"givenName": "Ann"},
            ENTERPRISE: {"department": "D", "employeeNumber": "1"},
        }

    async def test_both_at_once_are_refused(self, scim: Scim) -> None:
        answer = await scim("GET", "/Users", attributes="userName", excludedAttributes="title")
        assert answer.error == (400, "invalidValue")


class TestSearch:
    async def test_a_search_is_a_list_asked_for_in_a_body(
        self, scim: Scim, people: list[Any]
    ) -> None:
        query = {
            "filter": 'title eq "t0"',
            "sortBy": "userName",
            "sortOrder": "descending",
            "startIndex": 2,
            "count": 1,
        }
        body = {"schemas": [SEARCH], **query}
        found = await scim("POST", "/Users/.search", body)
        assert found.status == 200
        assert found.json == (await scim("GET", "/Users", **query)).json
        assert names(found.json) == ["user3"]
        shouted = {name.upper(): value for name, value in body.items()}
        assert (await scim("POST", "/Users/.search", shouted)).json == found.json

    async def test_a_search_without_a_body_asks_for_everything(
        self, scim: Scim, people: list[Any]
    ) -> None:
        for path in ("", "/Users", "/Groups"):
            everything = (await scim("GET", path)).json
            for body in (None, b"", {}):
                assert (await scim("POST", f"{path}/.search", body)).json == everything

    async def test_a_body_that_is_no_search_is_refused(self, scim: Scim) -> None:
        for body in (
            *([], "x", {"count": "x"}, {"filter": 5}, {"attributes": [5]}, {"count": True}, b" "),
            {"count": 1, "COUNT": 2},
        ):
            assert (await scim("POST", "/Users/.search", body)).error[0] == 400, body


class TestVersions:
    async def test_a_change_for_another_version_is_refused(self, scim: Scim) -> None:
        made = await scim.create_user("ann")
        path = f"/Users/{made['id']}"
        active = {"Operations": [{"op": "replace", "path": "active", "value": False}]}
        for method, body in (("PATCH", active), ("PUT", user("ben")), ("DELETE", None)):
            for tag in ('W/"7"', '"7"', "nonsense"):
                answer = await scim(method, path, body, {"if-match": tag})
                assert answer.error == (412, None)
        assert (await scim("GET", path)).json == made
        answer = await scim("PATCH", path, active, {"if-match": 'W/"7", W/"1"'})
        assert answer.status == 200
        assert answer.headers["etag"] == 'W/"2"'
        assert (await scim("PUT", path, user("ben"), {"if-match": "*"})).status == 200
        assert (await scim("DELETE", path, headers={"if-match": '"3"'})).status == 204

    CHANGES: list[tuple[str, Any]] = [
        ("PATCH", {"Operations": []}),
        ("PUT", None),
        ("DELETE", None),
    ]

    async def test_what_must_not_be_there_yet_is_not_changed(self, scim: Scim) -> None:
        """RFC 9110, section 13.1.2."""
        body: Any
        for path, body in (
            (f"/Users/{(await scim.create_user('ann'))['id']}", user("ben")),
            (f"/Groups/{(await scim.create_group('Guides'))['id']}", group("Others")),
        ):
            made = (await scim("GET", path)).json
            for method, sent in self.CHANGES:
                for known in ("*", 'W/"1"', '"1"', 'W/"7", "1"', ' "7" ,, W/"1",', "nonsense", ""):
                    answer = await scim(
                        method, path, body if method == "PUT" else sent, {"if-none-match": known}
                    )
                    assert answer.error == (412, None), (method, known)
            assert (await scim("GET", path)).json == made
            answer = await scim("PUT", path, body, {"if-none-match": '"7", W/"01", "x", W/"y,"'})
            assert answer.status == 200
            assert (await scim("DELETE", path, headers={"if-none-match": 'W/"1"'})).status == 204

    READS = [
        ({"if-match": 'W/"1"'}, 200),
        ({"if-match": '"1"'}, 200),
        ({"if-match": "*"}, 200),
        ({"if-match": 'W/"99"'}, 412),
        ({"if-match": 'W/"99", W/"1"'}, 200),
        ({"if-match": 'w/"1"'}, 412),
        ({"if-match": "1"}, 412),
        ({"if-match": ""}, 412),
        ({"if-match": '"1" "2"'}, 412),
        ({"if-match": '*, "1"'}, 412),
        ({"if-none-match": "*"}, 304),
        ({"if-none-match": '"99",\t"1"'}, 304),
        ({"if-none-match": '"99"'}, 200),
        ({"if-none-match": "1"}, 200),
        ({"if-none-match": '"1'}, 200),
        ({"if-match": '"99"', "if-none-match": '"1"'}, 412),
        ({"if-match": '"1"', "if-none-match": '"1"'}, 304),
        ({"if-match": '"1"', "if-none-match": '"99"'}, 200),
    ]

    async def test_a_read_says_which_versions_it_is_for(self, scim: Scim) -> None:
        """RFC 9110, section 13.2.2: first If-Match, then If-None-Match."""
        ann, guides = await scim.create_user("ann"), await scim.create_group("Guides")
        for path in (f"/Users/{ann['id']}", f"/Groups/{guides['id']}"):
            for headers, status in self.READS:
                answer = await scim("GET", path, headers=headers)
                assert answer.status == status, headers
                if status != 412:
                    assert answer.headers["etag"] == 'W/"1"'
        for headers, _ in self.READS:
            nobody = await scim("GET", "/Users/x", headers=headers)
            assert nobody.error == (404, None)

    async def test_a_known_version_is_not_sent_again(self, scim: Scim) -> None:
        made = await scim.create_user("ann")
        path = f"/Users/{made['id']}"
        same = await scim("GET", path, headers={"if-none-match": 'W/"1"'})
        assert (same.status, same.text) == (304, "")
        assert same.headers["etag"] == 'W/"1"'
        other = await scim("GET", path, headers={"if-none-match": 'W/"2"'})
        assert other.json == made


class TestAddresses:
    async def test_answers_say_where_the_resource_is(self, scim: Scim) -> None:
        for path, body in (("/Users", user("ann")), ("/Groups", group("Guides"))):
            made = await scim("POST", path, body)
            location = made.json["meta"]["location"]
            rename = {"op": "replace", "path": "externalId", "value": "x"}
            this = f"{path}/{made.json['id']}"
            for answer in (
                made,
                await scim("GET", this),
                await scim("GET", this, attributes="id"),
                await scim("PUT", this, body),
                await scim.patch(this, rename),
                await scim.patch(this, rename, attributes="id"),
            ):
                assert answer.headers["location"] == location
                assert answer.headers["etag"]

    async def test_an_answer_without_content_has_its_media_type(self, scim: Scim) -> None:
        """A client of SCIM-SDK takes an answer without one for a failure."""
        guides = await scim.create_group("Guides")
        path = f"/Groups/{guides['id']}"
        for accept, kind in (("*/*", "application/scim+json"), ("application/json",) * 2):
            patched = await scim("PATCH", path, {"Operations": []}, {"accept": accept})
            assert (patched.status, patched.text) == (204, "")
            assert patched.headers["content-type"] == kind
        deleted = await scim("DELETE", path)
        assert (deleted.status, deleted.text) == (204, "")
        assert deleted.headers["content-type"] == "application/scim+json"
        assert "content-length" not in deleted.headers

    async def test_slashes_at_the_end_say_nothing(self, scim: Scim) -> None:
        made = await scim.create_user("ann")
        assert (await scim("GET", "/Users/")).json["totalResults"] == 1
        assert (await scim("GET", f"/Users/{made['id']}/")).json == made

    NO_IDS = ["x", "00919288221112222", "%00", "a%2Fb", "...", "0" * 1000, "01A20ABD"]

    async def test_what_is_no_id_is_not_found(self, scim: Scim) -> None:
        for id in self.NO_IDS:
            for path in (f"/Users/{id}", f"/Groups/{id}"):
                for method, body in (("GET", None), ("DELETE", None), ("PUT", user("x"))):
                    assert (await scim(method, path, body)).error[0] in (404, 400, 405)

    async def test_another_spelling_of_an_id_is_none(self, scim: Scim) -> None:
        made = await scim.create_user("ann")
        assert (await scim("GET", f"/Users/{made['id'].upper()}")).error == (404, None)

    async def test_unknown_paths_and_methods_are_told(self, scim: Scim) -> None:
        assert (await scim("GET", "/Nothing")).error == (404, None)
        assert (await scim("GET", "/Users/x/y")).error == (404, None)

    SERVED = {
        "": {"GET", "HEAD"},
        "/.search": {"POST"},
        "/Users": {"GET", "HEAD", "POST"},
        "/Groups": {"GET", "HEAD", "POST"},
        "/Users/x": {"GET", "HEAD", "PUT", "PATCH", "DELETE"},
        "/Groups/x": {"GET", "HEAD", "PUT", "PATCH", "DELETE"},
        "/Users/.search": {"POST"},
        "/Groups/.search": {"POST"},
        "/Bulk": {"POST"},
        "/ServiceProviderConfig": {"GET", "HEAD"},
        "/ResourceTypes": {"GET", "HEAD"},
        "/ResourceTypes/User": {"GET", "HEAD"},
        "/Schemas": {"GET", "HEAD"},
        f"/Schemas/{USER}": {"GET", "HEAD"},
        "/Me": {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"},
    }

    async def test_a_method_that_is_not_served_is_told_which_are(self, scim: Scim) -> None:
        for path, served in self.SERVED.items():
            for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} - served:
                answer = await scim(method, path, user("x"))
                assert answer.error == (405, None), (method, path)
                assert set(answer.headers["allow"].split(", ")) == served
                assert (await replace(scim, token="")(method, path)).error == (401, None)

    async def test_me_is_not_served(self, scim: Scim) -> None:
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            assert (await scim(method, "/Me", user("x"))).error == (501, None)

    @pytest.mark.parametrize("base", ["/scim/v2", "/api/scim/v2"])
    async def test_locations_are_where_the_client_asked(self, scim: Scim, base: str) -> None:
        answer = await scim.at(base)("POST", "/Users", user("ann"))
        location = f"http://orgplane.test{base}/Users/{answer.json['id']}"
        assert answer.headers["location"] == answer.json["meta"]["location"] == location

    async def test_locations_are_below_the_public_url_if_there_is_one(
        self, database: Database, clock: SettableClock, issued: tuple[ScimConfiguration, str]
    ) -> None:
        async with serving(database, clock, public_url="https://id.example.com") as client:
            scim = Scim(client, issued[1])
            ann = await scim("POST", "/Users", user("ann"))
            location = f"https://id.example.com/scim/v2/Users/{ann.json['id']}"
            assert ann.headers["location"] == ann.json["meta"]["location"] == location
            listed = await scim("GET", "/Users")
            assert listed.json["Resources"][0]["meta"]["location"] == location
            operation = {"method": "POST", "path": "/Users", "bulkId": "b", "data": user("bob")}
            bulk = await scim("POST", "/Bulk", {"schemas": [BULK], "Operations": [operation]})
            assert bulk.json["Operations"][0]["location"].startswith(
                "https://id.example.com/scim/v2/Users/"
            )


async def test_whom_a_stopping_server_turns_away_is_told_in_scims_form(
    database: Database, clock: SettableClock
) -> None:
    server = build(
        database, bytes(32), clock=clock, max_request_bytes=MAX_REQUEST_BYTES, request_timeout=30
    )
    server.front.close()
    answer = await Scim(Client(ASGITransport(server.front)), "x")("GET", "/Users")
    assert answer.error == (503, None)
    assert answer.headers["content-type"] == "application/scim+json"
    assert answer.headers["retry-after"] == "1"
    await server.aclose()


class TestBodies:
    async def test_answers_are_scim_unless_only_json_is_accepted(self, scim: Scim) -> None:
        for accept, media_type in (
            (None, "application/scim+json"),
            ("*/*", "application/scim+json"),
            ("application/scim+json", "application/scim+json"),
            ("application/json", "application/json"),
        ):
            headers = {} if accept is None else {"accept": accept}
            for path in ("/Users", "/Users/x"):
                answer = await scim("GET", path, headers=headers)
                assert answer.headers["content-type"] == media_type

    async def test_json_is_read_and_nothing_else(self, scim: Scim) -> None:
        kinds = ("application/json", "application/scim+json; charset=utf-8", "*/*", "")
        for number, kind in enumerate(kinds):
            answer = await scim("POST", "/Users", user(f"u{number}"), {"content-type": kind})
            assert answer.status == 201
        for kind in ("text/plain", "text/*", "application/xml", "application/jsonp"):
            answer = await scim("POST", "/Users", user("x"), {"content-type": kind})
            assert answer.error == (415, None)

    async def test_bodies_are_utf8_with_one_mark_in_front_or_none(self, scim: Scim) -> None:
        text = '{"userName": "bj\xf6rn"}'
        made = await scim("POST", "/Users", codecs.BOM_UTF8 + text.encode())
        assert (made.status, made.json["userName"]) == (201, "bj\xf6rn")
        surrogate = b'{"userName": "\xed\xa0\x80"}'
        for body in (
            *(text.encode(coding) for coding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32")),
            text.encode("latin-1"),
            *(surrogate, codecs.BOM_UTF8 * 2 + text.encode(), text.encode() + codecs.BOM_UTF8),
            *(codecs.BOM_UTF8, b'{"userName": "\x00"}', b'{"userName": "\xc0\x80"}'),
        ):
            for method, path in (
                *(("POST", "/Users"), ("PUT", f"/Users/{made.json['id']}"), ("POST", "/Bulk")),
                *(("PATCH", f"/Users/{made.json['id']}"), ("POST", "/Users/.search")),
            ):
                answer = await scim(method, path, body)
                assert answer.error == (400, "invalidSyntax"), body
        assert await scim.found("userName pr") == ["bj\xf6rn"]

    async def test_schemas_may_be_in_any_case(self, scim: Scim) -> None:
        department = {ENTERPRISE.upper(): {"department": "D"}}
        for number, case in enumerate((str.lower, str.upper, str.title)):
            said = user(f"user{number}", **department)
            said["schemas"] = [case(USER), case(ENTERPRISE)]
            made = (await scim("POST", "/Users", said)).json
            assert made["schemas"] == [USER, ENTERPRISE]
            assert made[ENTERPRISE] == {"department": "D"}
            put = await scim("PUT", f"/Users/{made['id']}", said)
            assert put.json == made
            guides = group(f"group{number}")
            guides["schemas"] = [case(GROUP)]
            created = await scim("POST", "/Groups", guides)
            assert created.json["schemas"] == [GROUP]
            path = f"/Groups/{created.json['id']}"
            assert (await scim("PUT", path, guides)).json == created.json
            wrong = {**said, "schemas": [case(GROUP)]}
            assert (await scim("PUT", f"/Users/{made['id']}", wrong)).error[0] == 400

    async def test_what_is_said_twice_is_refused(self, scim: Scim) -> None:
        made = await scim.create_user("ann")
        for body, name in (
            (b'{"userName": "ann", "active": false, "active": true}', "active"),
            (b'{"userName": "ann", "name": {"givenName": "A", "givenName": "B"}}', "givenName"),
        ):
            answer = await scim("PUT", f"/Users/{made['id']}", body)
            assert answer.error == (400, "invalidSyntax")
            assert name in answer.detail
        for query, name in (
            ("filter=title%20pr&filter=active%20eq%20true", "filter"),
            ("startIndex=1&startindex=2", "startIndex"),
        ):
            answer = await scim("GET", f"/Users?{query}")
            assert answer.error == (400, "invalidValue")
            assert answer.detail == f"{name}: is given twice"

    async def test_the_names_of_parameters_are_read_in_any_case(self, scim: Scim) -> None:
        for number in range(3):
            await scim.create_user(f"user{number}")
        page = (await scim("GET", "/Users", STARTINDEX=2, Count=1)).json
        assert names(page) == ["user1"]

    async def test_a_query_is_utf8(self, scim: Scim) -> None:
        await scim.create_user("\xe9lodie")
        assert (await scim("GET", "/Users?filter=userName+eq+%22%C3%A9lodie%22")).json[
            "totalResults"
        ] == 1
        for raw in ("%ff", "%ed%a0%80", "%c0%80"):
            answer = await scim("GET", f"/Users?filter=userName+eq+%22{raw}%22")
            assert answer.error == (400, "invalidValue")

    NO_JSON = [
        b"",
        b"{",
        b"[1]x",
        b"\xff\xfe",
        b"NaN",
        b'{"userName": NaN}',
        b'{"userName": 1' + b"0" * 5000 + b"}",
        b"[" * 100 + b"]" * 100,
        b"[" * 100_000,
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
    ]

    async def test_what_is_no_json_is_refused(self, scim: Scim) -> None:
        for body in self.NO_JSON:
            for method, path in (("POST", "/Users"), ("POST", "/Groups"), ("POST", "/Bulk")):
                assert (await scim(method, path, body)).error == (400, "invalidSyntax")

    NO_USERS = [
        b"null",
        b"[]",
        b'"x"',
        b"5",
        b"{}",
        b'{"userName": null}',
        b'{"userName": ""}',
        b'{"userName": " "}',
        b'{"userName": 5}',
        b'{"userName": {}}',
        b'{"userName": "a\\u0000"}',
        b'{"userName": "a\\ud800"}',
        b'{"userName": "a", "title": "\\udfff"}',
        b'{"userName": "a", "emails": [{"value": "\\u0000"}]}',
        b'{"userName": "a", "emails": ["b"]}',
        b'{"userName": "a", "active": "maybe"}',
        b'{"userName": "a", "name": "b"}',
    ]

    async def test_what_is_no_user_is_refused(self, scim: Scim) -> None:
        for number, body in enumerate(self.NO_USERS):
            made = await scim.create_user(f"old{number}")
            for method, path in (("POST", "/Users"), ("PUT", f"/Users/{made['id']}")):
                assert (await scim(method, path, body)).error[0] == 400
            assert (await scim("GET", f"/Users/{made['id']}")).json == made

    async def test_escapes_that_mean_something_are_read(self, scim: Scim) -> None:
        body = b'{"userName": "\\ud83e\\udd84", "title": "a\\\\u0000b"}'
        made = (await scim("POST", "/Users", body)).json
        assert (made["userName"], made["title"]) == ("🦄", "a\\u0000b")

    async def test_long_texts_are_kept_or_refused_never_an_error(self, scim: Scim) -> None:
        long = "é" * 10_000
        made = await scim.create_user("a", title=long, displayName=long)
        assert made["title"] == long
        assert await scim.found(f'title sw "{"É" * 200}"') == ["a"]
        assert await scim.found(f'title eq "{"É" * 2000}"') == []
        await scim.create_user("\U00010000" * 512, externalId="\U00010000" * 512)
        for body in (
            user("x" * 513),
            user("\U0001d160" * 512),
            user("x", externalId="x" * 513),
            user("x", emails=[{"value": "x" * 321}]),
            user("x", title="é" * 32_769),
        ):
            assert (await scim("POST", "/Users", body)).error == (400, "invalidValue")
        assert (await scim("POST", "/Groups", group("x" * 513))).error == (400, "invalidValue")

    async def test_gzip_is_read(self, scim: Scim) -> None:
        text = json.dumps(user("ann", title="x" * 200_000)).encode()
        for number, body in enumerate(
            (
                gzip.compress(b'{"userName": "ann"}'),
                gzip.compress(b'{"userName":') + gzip.compress(b'"ben"}'),
                gzip.compress(b'{"userName": "' + b"c" * 500 + b'"}', compresslevel=0),
            )
        ):
            coding = ("gzip", "GZIP", "x-gzip")[number]
            answer = await scim("POST", "/Users", body, {"content-encoding": coding})
            assert answer.status == 201, answer.text
        answer = await scim("POST", "/Users", user("dan"), {"content-encoding": "identity"})
        assert answer.status == 201
        answer = await scim("POST", "/Users", gzip.compress(text), {"content-encoding": "gzip"})
        assert answer.error == (400, "invalidValue")  # read, and then found to be too much
        empty = await scim("POST", "/Users/.search", b"", {"content-encoding": "gzip"})
        assert empty.json["totalResults"] == 4

    async def test_what_is_no_gzip_is_refused(self, scim: Scim) -> None:
        whole = gzip.compress(b'{"userName": "ann"}')
        for body in (whole[:-1], whole[:5], whole + b"x", b'{"userName": "ann"}', whole[1:]):
            answer = await scim("POST", "/Users", body, {"content-encoding": "gzip"})
            assert answer.error == (400, "invalidSyntax")
        for coding in ("br", "deflate", "zstd", "gzip, gzip", "nonsense", "*"):
            answer = await scim("POST", "/Users", whole, {"content-encoding": coding})
            assert answer.error == (415, None)
            assert answer.headers["accept-encoding"] == "gzip"
        assert (await scim("GET", "/Users")).json["totalResults"] == 0

    async def test_limits_count_what_was_compressed(self, scim: Scim, http: Client) -> None:
        nothing, headers = b" " * 2**20, {"content-encoding": "gzip"}
        packer = zlib.compressobj(1, wbits=31)
        bomb = b"".join(packer.compress(nothing) for _ in range(160)) + packer.flush()
        assert len(bomb) < MAX_REQUEST_BYTES
        for path in ("/Users", "/Groups", "/Bulk", "/.search"):
            body = gzip.compress(nothing + b"{}")
            assert (await scim("POST", path, body, headers)).error == (413, None)
            assert (await Scim(http, "")("POST", path, body, headers)).error == (401, None)
        tracemalloc.start()
        assert (await scim("POST", "/Users", bomb, headers)).error == (413, None)
        assert tracemalloc.get_traced_memory()[1] < 32 * 2**20  # it is 160 MiB
        tracemalloc.stop()
        endless = gzip.compress(b"") * (MAX_REQUEST_BYTES // 20 + 1)
        assert (await scim("POST", "/Users", endless, headers)).error == (413, None)

    async def test_a_body_over_the_limit_is_refused(self, scim: Scim, http: Client) -> None:
        body = b'{"userName": "' + b"x" * MAX_REQUEST_BYTES + b'"}'
        assert (await scim("POST", "/Users", body)).error == (413, None)
        assert (await Scim(http, "")("POST", "/Users", body)).error == (401, None)
