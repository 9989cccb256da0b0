"""`/Bulk`: many requests in one, each with an outcome of its own (RFC 7644, section 3.7).

Operations are done in the order given, except that one which refers to a resource that a later one
creates waits for it. Each is a transaction, and passes the gate, as if it had come alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from .. import interpreter
from . import answer, body
from .errors import Refusal, Refused, invalid
from .objects import Document, by_name
from .request import base, turn

MAX_OPERATIONS = 1000

BULK_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
_METHODS = ("POST", "PUT", "PATCH", "DELETE")
_ENDPOINT = re.compile(r"/(?:Users|Groups)(?:/[^/?#.][^/?#]*)?")
#: A reference is all of a text, or quoted in a path.
_REFERENCE = re.compile(r'(?:^|(?<=["/]))bulkId:([^"/]+)')


@dataclass(frozen=True, slots=True)
class Operation:
    """One of the requests; `data` is JSON, None for a DELETE."""

    method: str
    path: str
    data: Any = None
    bulk_id: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a request of its own was answered."""

    status: int
    headers: Mapping[str, str]
    text: str


#: Does one operation as a request of its own.
Perform = Callable[[Request, Operation], Awaitable[Outcome]]


class BulkEndpoint:
    def __init__(self, perform: Perform, max_request_bytes: int) -> None:
        self._perform = perform
        self._max_request_bytes = max_request_bytes

    async def __call__(self, request: Request) -> Response:
        async def perform(operation: Operation) -> Outcome:
            return await self._perform(request, operation)

        def planned(payload: Any) -> tuple[_Run, int | None]:
            return _Run(_operations(payload), perform, base(request)), _most_errors(payload)

        run, most_errors = await body.read(request, self._max_request_bytes, planned)
        turn(request).leave()  # each operation that is large takes one itself
        done = await run.all(most_errors)
        text = await answer.made(
            10 * len(done), lambda: json.dumps({"schemas": [BULK_RESPONSE], "Operations": done})
        )
        return answer.content(request, text)


class _Run:
    """Does operations, with the ids of what others created in place of the references to them."""

    def __init__(
        self,
        operations: Sequence[Operation],
        perform: Callable[[Operation], Awaitable[Outcome]],
        base: str,
    ) -> None:
        self._operations = operations
        self._perform = perform
        self._base = base
        self._references = [frozenset(_references(each)) for each in operations]
        self._ids: dict[str, str] = {}
        #: What is still to be created, or never will be.
        self._missing = {each.bulk_id for each in operations if each.bulk_id and _creates(each)}

    async def all(self, most_errors: int | None) -> list[dict[str, Any]]:
        """The results of what was done, in the order of the request; no more after so many errors."""
        results: dict[int, dict[str, Any]] = {}
        waiting, errors = list(range(len(self._operations))), 0
        while waiting and (most_errors is None or errors < most_errors):
            # When each waits for another, the first one is told so.
            index = next(filter(self._ready, waiting), waiting[0])
            waiting.remove(index)
            results[index] = await self._one(index)
            errors += int(results[index]["status"]) >= 400
        return [result for _, result in sorted(results.items())]

    def _ready(self, index: int) -> bool:
        return self._missing.isdisjoint(self._references[index])

    async def _one(self, index: int) -> dict[str, Any]:
        operation = self._operations[index]
        missing = sorted(self._missing.intersection(self._references[index]))
        if missing:
            conflict = Refusal(409, f"no resource was created as bulkId {', '.join(missing)}")
            outcome = Outcome(409, {}, json.dumps(conflict.document()))
        else:
            if self._references[index]:
                operation = await interpreter.in_thread(partial(self._resolved, operation))
            outcome = await self._perform(operation)
        if operation.bulk_id is not None and outcome.status == 201:
            self._ids[operation.bulk_id] = outcome.headers["location"].rpartition("/")[2]
            self._missing.discard(operation.bulk_id)
        return self._result(operation, outcome)

    def _resolved(self, operation: Operation) -> Operation:
        return replace(
            operation,
            path=self._in_text(operation.path),
            data=self._in_value(operation.data),
        )

    def _in_value(self, value: Any) -> Any:
        match value:
            case str():
                return self._in_text(value)
            case list():
                return [self._in_value(each) for each in value]
            case dict():
                return {name: self._in_value(each) for name, each in value.items()}
        return value

    def _in_text(self, text: str) -> str:
        return _REFERENCE.sub(lambda match: self._ids.get(match[1], match[0]), text)

    def _result(self, operation: Operation, outcome: Outcome) -> dict[str, Any]:
        result: dict[str, Any] = {"method": operation.method, "status": str(outcome.status)}
        if operation.bulk_id is not None:
            result["bulkId"] = operation.bulk_id
        if (location := outcome.headers.get("location")) is not None:
            result["location"] = location
        elif not _creates(operation):
            result["location"] = f"{self._base}{operation.path}"
        if (version := outcome.headers.get("etag")) is not None:
            result["version"] = version
        if outcome.status >= 400:
            result["response"] = json.loads(outcome.text)
        return result


def _operations(payload: Any) -> list[Operation]:
    """Raises InvalidArgument when they cannot even be told apart, and Refused (413) for too many."""
    listed = _request(payload).get("Operations")
    if not isinstance(listed, list) or not listed:
        raise invalid("invalidSyntax", "Operations", "must be a list with operations in it")
    if len(listed) > MAX_OPERATIONS:
        raise Refused(413, f"there are more than {MAX_OPERATIONS} operations")
    operations = [_operation(index, entry) for index, entry in enumerate(listed)]
    ids = [operation.bulk_id for operation in operations if operation.bulk_id is not None]
    if len(set(ids)) < len(ids):
        raise invalid("invalidValue", "Operations", "two have the same bulkId")
    return operations


def _operation(index: int, entry: Any) -> Operation:
    where = f"Operations[{index}]"
    texts = by_name(where, entry, ("method", "path", "bulkId", "version", "data"))
    data = texts.pop("data", None)
    for name, value in texts.items():
        if not isinstance(value, str | None):
            raise invalid("invalidSyntax", f"{where}.{name}", "must be text")
    method = (texts.get("method") or "").upper()
    if method not in _METHODS:
        raise invalid("invalidSyntax", f"{where}.method", f"must be one of {', '.join(_METHODS)}")
    path = "/" + (texts.get("path") or "").strip("/")
    if not _ENDPOINT.fullmatch(path):
        raise invalid("invalidValue", f"{where}.path", "must be that of users or groups")
    return Operation(
        method,
        path,
        None if method == "DELETE" else data,
        texts.get("bulkId"),
        texts.get("version"),
    )


def _most_errors(payload: Any) -> int | None:
    value = _request(payload).get("failOnErrors")
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    raise invalid("invalidValue", "failOnErrors", "must be a whole number above 0")


def _request(payload: Any) -> Document:
    return by_name("", payload, ("Operations", "failOnErrors"))


def _creates(operation: Operation) -> bool:
    return operation.method == "POST"


def _references(operation: Operation) -> Iterator[str]:
    for text in (operation.path, *body.texts(operation.data)):
        for match in _REFERENCE.finditer(text):
            yield match[1]
