"""`/Groups`: from SCIM's words to the use cases and back. Members are never read to be changed."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from scim2_models import Path
from scim2_models.path import (
    AttrPath,
    CompareOperator,
    Comparison,
    FilterNode,
    LogicalExpr,
    LogicalOperator,
)
from starlette.requests import Request
from starlette.responses import Response

from ..domain import scim_group
from ..domain.errors import InvalidArgument
from ..domain.identifier import ScimGroupId, UserId
from ..domain.scim_group import (
    Add,
    Assembled,
    Everybody,
    Naming,
    Remove,
    Rename,
    Replace,
    Step,
)
from ..usecases.scim_group import ScimGroups
from . import answer, body, query, resource
from .attributes import GROUP
from .errors import Refused, invalid
from .filter import GROUP_ATTRIBUTES
from .limits import Limits
from .objects import Document
from .operations import Operations
from .projection import Projection
from .reading import Ignored, Reading
from .request import base, parameters, visit

#: Each takes a few statements, while others wait.
MAX_STEPS = 128

T = TypeVar("T")

_OPENING = '{"members":['

_NAMES = {"displayname": "displayName", "externalid": "externalId"}


class GroupEndpoints:
    def __init__(self, groups: ScimGroups, limits: Limits) -> None:
        self._groups = groups
        self._limits = limits

    async def create(self, request: Request) -> Response:
        ignored = visit(request).ignored
        naming, members = await self._read(request, lambda payload: stated(payload, ignored))
        found = await self._groups.create(visit(request), naming, members or [])
        return await self._one(request, found, 201)

    async def get(self, request: Request) -> Response:
        members = query.projection(parameters(request)).wants("members")
        return await self._one(
            request, await self._groups.get(visit(request), _id(request), members=members)
        )

    async def list(self, request: Request) -> Response:
        return await self._listed(request, parameters(request))

    async def search(self, request: Request) -> Response:
        return await self._listed(
            request, await query.of_body(request, self._limits.max_request_bytes)
        )

    async def replace(self, request: Request) -> Response:
        """Members stay who they are when the body does not say; `[]` says that there are none."""
        ignored, id = visit(request).ignored, request.path_params["id"]
        naming, members = await self._read(request, lambda payload: stated(payload, ignored, id))
        steps: list[Step] = [
            Rename("displayName", naming.display_name),
            Rename("externalId", naming.external_id),
        ]
        if members is not None:
            steps.append(Replace(members))
        return await self._one(request, await self._changed(request, steps, members=True))

    async def patch(self, request: Request) -> Response:
        """204, since a group may be large; 200 and the group to those who say what they want of it."""
        ignored, id = visit(request).ignored, request.path_params["id"]
        steps = await self._read(request, lambda payload: patched(payload, ignored, id))
        projected = query.projection(parameters(request))
        wanted = bool(projected.only or projected.without)
        members = wanted and projected.wants("members")
        found = await self._changed(request, steps, members=members)
        if wanted:
            return await self._one(request, found)
        return answer.nothing(request, _location(base(request), found), found.group.version)

    async def delete(self, request: Request) -> Response:
        await self._groups.delete(
            visit(request), _id(request), precondition=answer.precondition(request)
        )
        return answer.nothing(request)

    async def _read(self, request: Request, reading: Callable[[Any], T]) -> T:
        return await body.read(request, self._limits.max_request_bytes, reading)

    async def _changed(
        self, request: Request, steps: Sequence[Step], *, members: bool
    ) -> Assembled:
        return await self._groups.change(
            visit(request),
            _id(request),
            steps,
            precondition=answer.precondition(request),
            members=members,
        )

    async def _listed(self, request: Request, wanted: Any) -> Response:
        url = base(request)
        size = self._limits.page_size
        asked = await query.read(
            request, wanted, lambda: query.asked(wanted, GROUP_ATTRIBUTES, "members", url, size)
        )
        found = await self._groups.list(visit(request), asked.query)
        return answer.listing(
            request,
            found,
            lambda item: pieces(item, asked.projection, url),
            parts=sum(len(item.members) for item in found.items),
        )

    async def _one(self, request: Request, found: Assembled, status: int = 200) -> Response:
        projected, url = query.projection(parameters(request)), base(request)
        return answer.one(
            request,
            pieces(found, projected, url),
            _location(url, found),
            found.group.version,
            status,
            parts=len(found.members),
        )


def pieces(found: Assembled, projected: Projection, url: str) -> Iterable[str]:
    """What of a group is asked for, as JSON: also its members a few at a time."""
    if projected.all:
        yield from resource.group(found, url)
        return
    around = projected.applied("".join(resource.group(Assembled(found.group), url)))
    pieces = (
        projected.applied(f'{{"members":[{some}]}}')
        for some in resource.members(found.members, url)
    )
    kept = (piece.removeprefix(_OPENING).removesuffix("]}") for piece in pieces if piece != "{}")
    if (first := next(kept, None)) is None:
        yield around
        return
    yield f"{around[:-1]},{_OPENING[1:]}"
    yield from resource.commas(itertools.chain([first], kept))
    yield "]}"


def stated(
    payload: Any, ignored: Ignored | None = None, id: str = ""
) -> tuple[Naming, list[UserId] | None]:
    """What a POST or PUT says of a group; its members are None when it does not say."""
    document = Reading(GROUP, ignored, id).body(payload)
    return _naming(document), _members(document)


def patched(payload: Any, ignored: Ignored | None = None, id: str = "") -> list[Step]:
    """What the operations of a PATCH do, in order; neighbours that do the same are done in one go."""
    steps: list[Step] = []
    for operation in Operations(GROUP, ignored, id).patch(payload)["Operations"]:
        step = _step(operation["op"], operation["path"], operation.get("value"))
        match steps[-1:], step:
            case [Remove(list(before))], Remove(list(more)):
                before += more
            case [Add(list(before))], Add(list(more)):
                before += more
            case _:
                steps.append(step)
    if len(steps) > MAX_STEPS:
        raise Refused(413, f"a PATCH of a group has at most {MAX_STEPS} changes of another kind")
    return steps


def _step(op: str, path: str, value: Any) -> Step:
    if (name := _NAMES.get(path.lower())) is not None:
        if value is not None and not isinstance(value, str):
            raise invalid("invalidValue", name, "must be text")
        return Rename(name, None if op == "remove" else value)
    attribute, bracket, _ = path.partition("[")
    if attribute.lower() != "members":
        raise invalid("invalidPath", path, "is no attribute of a group that can be changed")
    if bracket:
        return _selected_step(op, path)
    if op == "remove":
        return Remove(Everybody())
    return (Add if op == "add" else Replace)(_ids(value))


def _selected_step(op: str, path: str) -> Step:
    """An operation on some of the members, who can only be removed."""
    selected = Path[Any](path)
    if op != "remove" or len(selected.parts) > 1:
        raise invalid("mutability", path, "a member cannot be changed, only added or removed")
    chosen = _chosen(selected.value_filter)
    if chosen is None:
        raise _not_chosen()
    return Remove([UserId(id) for id in map(resource.identifier, sorted(chosen)) if id])


def _chosen(node: FilterNode | None) -> set[str] | None:
    """The ids that a filter names one by one; None for all members, who are users, as their `type` says."""
    match node:
        case Comparison(AttrPath("value"), CompareOperator.eq, str(id)):
            return {id}
        case Comparison(AttrPath("type"), CompareOperator.eq, str(kind)):
            return None if kind.lower() == "user" else set()
        case LogicalExpr(op, terms):
            chosen = [_chosen(term) for term in terms]
            named = [ids for ids in chosen if ids is not None]
            if op is LogicalOperator.and_:
                return set.intersection(*named) if named else None
            return set.union(*named) if len(named) == len(chosen) else None
    raise _not_chosen()


def _not_chosen() -> InvalidArgument:
    return invalid(
        "invalidPath", "members", "are selected by `value eq`, joined by `or`; `type eq` narrows it"
    )


def _ids(entries: Any) -> list[UserId]:
    ids, unknown = [], set()
    for entry in entries if isinstance(entries, list) else [entries]:
        text = entry.get("value") if isinstance(entry, dict) else None
        if not isinstance(text, str):
            raise invalid("invalidValue", "members", 'each must be {"value": "<id of a user>"}')
        id = resource.identifier(text)
        if id is None:
            unknown.add(text)
        else:
            ids.append(UserId(id))
    if unknown:
        raise scim_group.unknown_members(unknown)
    return ids


def _naming(stated: Document) -> Naming:
    return Naming(stated.get("displayName") or "", stated.get("externalId"))


def _members(stated: Document) -> list[UserId] | None:
    """None when the body does not say; null says nothing (RFC 7643, section 2.5)."""
    members = stated.get("members")
    return None if members is None else _ids(members)


def _location(url: str, found: Assembled) -> str:
    return f"{url}/Groups/{found.group.id}"


def _id(request: Request) -> ScimGroupId:
    id = resource.identifier(request.path_params["id"])
    if id is None:
        raise scim_group.not_found()
    return ScimGroupId(id)
