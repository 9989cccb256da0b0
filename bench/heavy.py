"""Callers who send the heaviest bodies that are under the limits, one request after the other.

    python bench/heavy.py URL CALLERS

Takes the requests from stdin, as JSON, and goes on until that is closed. Prints how often each status was answered.
"""

from __future__ import annotations

import base64
import collections
import gzip
import http.client
import itertools
import json
import os
import sys
import threading
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from load import Organization
from operations import SCIM

#: Bytes of a body, as a server has it that was told nothing else.
LIMIT = 1024 * 1024
_GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
_USER = "urn:ietf:params:scim:schemas:core:2.0:User"
_PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
_BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
_SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"


@dataclass(frozen=True)
class Request:
    """`content` is Base64 in JSON; the token of `door` is added when it is sent."""

    name: str
    door: str
    method: str
    path: str
    content: bytes
    headers: dict[str, str]


def requests(organization: Organization) -> Iterator[Request]:
    """Those that cost a server most: all of them allowed, or refused only when they have been read."""
    users = [line.split()[0] for line in organization.rows["everybody"].read_text().splitlines()]
    group = f"/Groups/{organization.groups[10]}"
    user = f"/Users/{users[0]}"
    members = [{"value": id} for id in users[:20_000]]
    guides = {"schemas": [_GROUP], "displayName": "10 members"}
    yield _scim("PUT of 20,000 members", "PUT", group, {**guides, "members": members})
    yield _scim("PUT of one member", "PUT", group, {**guides, "members": members[:1]})
    each = [{"op": "add", "path": "members", "value": [one]} for one in members[:5_000]]
    yield _scim("PATCH that adds members one by one", "PATCH", group, _patch(each))
    turns = [
        {"op": op, "path": "members", "value": [one]}
        for one in members[:64]
        for op in ("add", "remove")
    ]
    yield _scim("PATCH of a group of 128 steps", "PATCH", group, _patch(turns))
    mails = [{"value": f"{n}@example.com", "type": "other"} for n in range(20_000)]
    yield _scim("POST of 20,000 addresses", "POST", "/Users", _user("a", emails=mails))
    changes = [
        {"op": "replace", "path": f'emails[type eq "other" and value eq "{n}"].display', "value": n}
        for n in map(str, range(128))
    ]
    yield _scim("PATCH of a user of 128 changes", "PATCH", user, _patch(changes))
    unknown = {f"unknown{n}": n for n in range(45_000)}
    yield _scim("POST of 45,000 unknown attributes", "POST", "/Users", _user("b", **unknown))
    operations = [
        {
            "method": "PATCH",
            "path": user,
            "data": _patch([{"op": "replace", "value": {"title": n}}]),
        }
        for n in map(str, range(1_000))
    ]
    bulk = {"schemas": [_BULK], "Operations": operations}
    yield _scim("Bulk of 1,000 changes", "POST", "/Bulk", bulk)
    found = " or ".join(f'emails.value co "{n}"' for n in range(64))
    asked = {"schemas": [_SEARCH], "filter": found, "count": 10_000}
    yield _scim("search by the longest filter", "POST", "/Users/.search", asked)
    for name, text in (
        ("objects", _filled("[{},", "{}]")),
        ("nested lists", _filled("[" + "[" * 30 + "]" * 30 + ",", "0]")),
        ("numbers", _filled("[0,", "0]")),
        ("empty texts", _filled('["",', '""]')),
        ("one text of escapes", '"' + "\\n" * (LIMIT // 2 - 40) + '"'),
    ):
        yield _content(f"POST of {name}", SCIM, "POST", "/Users", f'{{"a":{text}}}'.encode())
    zipped = gzip.compress(b'{"a":"' + bytes([65]) * (LIMIT - 100) + b'"}')
    yield _content(
        "gzip of a megabyte", SCIM, "POST", "/Users", zipped, {"content-encoding": "gzip"}
    )
    logs = "/gitpod.v1.EventService/ListAuditLogs"
    for count in (1_600, 26_000):  # the second of them is over the limit of RPCs
        ids = {"filter": {"actorIds": [str(uuid.UUID(int=number)) for number in range(count)]}}
        yield _content(f"RPC in JSON of {count:,} ids", "connect-json", "POST", logs, _dumped(ids))
    texts = {"filter": {"actorIds": [""] * 3_900}}
    yield _content("RPC in JSON of 3,900 texts", "connect-json", "POST", logs, _dumped(texts))
    named = b"".join(b"\x0a\x24" + b"00000000-0000-0000-0000-%012d" % n for n in range(1_700))
    for name, packed in (("1,700 ids", named), ("32,000 texts", b"\x0a\x00" * 32_000)):
        message = b"\x12" + _varint(len(packed)) + packed
        yield _content(f"RPC of {name}", "connect-proto", "POST", logs, message)


def _patch(operations: Sequence[object]) -> dict[str, object]:
    return {"schemas": [_PATCH], "Operations": operations}


def _user(name: str, **attributes: object) -> dict[str, object]:
    return {"schemas": [_USER], "userName": f"heavy-{name}", **attributes}


def _filled(entry: str, end: str) -> str:
    """A list of as many entries as a body can have."""
    rest = entry[1:]
    return "[" + rest * ((LIMIT - 100) // len(rest)) + end


def _dumped(document: object) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def _scim(name: str, method: str, path: str, document: object) -> Request:
    return _content(name, SCIM, method, path, _dumped(document))


def _content(
    name: str,
    door: str,
    method: str,
    path: str,
    content: bytes,
    headers: dict[str, str] | None = None,
) -> Request:
    assert len(content) <= LIMIT, (name, len(content))
    kinds = {SCIM: "application/scim+json", "connect-json": "application/json"}
    headers = {"content-type": kinds.get(door, "application/proto"), **(headers or {})}
    return Request(
        name, door, method, path if door != SCIM else f"/scim/v2{path}", content, headers
    )


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])


def dumped(made: Sequence[Request], tokens: dict[str, str]) -> str:
    """For stdin: with tokens by door, or with none."""
    shown = []
    for each in made:
        headers = dict(each.headers)
        if token := tokens.get(SCIM if each.door == SCIM else "rpc"):
            headers["authorization"] = f"Bearer {token}"
        content = base64.b64encode(each.content).decode()
        shown.append({**asdict(each), "headers": headers, "content": content})
    return json.dumps(shown)


class _Callers:
    """Callers who take the next request that nobody has taken, and go around."""

    def __init__(self, address: str, made: Sequence[Request]) -> None:
        self._address = address
        self._next = itertools.cycle(made)
        self._lock = threading.Lock()
        self.over = False
        self.seen: collections.Counter[str] = collections.Counter()

    def work(self) -> None:
        connection = http.client.HTTPConnection(self._address, timeout=60)
        while not self.over:
            with self._lock:
                request = next(self._next)
            try:
                connection.request(request.method, request.path, request.content, request.headers)
                answer = connection.getresponse()
                answer.read()
                status = str(answer.status)
            except (OSError, http.client.HTTPException) as error:
                status = type(error).__name__  # turned away while it was still sending
                connection.close()
            with self._lock:
                self.seen[f"{request.name}: {status}"] += 1


def main() -> None:
    url, callers = sys.argv[1], int(sys.argv[2])
    made = [
        Request(**{**each, "content": base64.b64decode(each["content"])})
        for each in json.loads(sys.stdin.readline())
    ]
    # They would be on other machines: what they take of this one's processors is not the server's doing.
    os.nice(19)
    all_of_them = _Callers(url.partition("://")[2], made)
    for _ in range(callers):
        threading.Thread(target=all_of_them.work, daemon=True).start()
    print("at it", flush=True)
    sys.stdin.read()
    all_of_them.over = True
    print(json.dumps(all_of_them.seen), flush=True)


if __name__ == "__main__":
    main()
