"""`/Groups`: from SCIM's words to the use cases and back. Members are never read to be changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from scim2_models import Context
from starlette.requests import Request
from starlette.responses import Response

from ..domain import scim_filter, scim_group
from ..domain.errors import InvalidArgument
from ..domain.identifier import ScimGroupId, UserId
from ..domain.scim_filter import Filter, Operator
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
from . import answer, body, normal_form, query, resource
from .dialects import POLICY
from .errors import Refused, invalid
from .filter import GROUP_ATTRIBUTES
from .limits import Limits
from .models import Group
from .reading import Ignored
from .request import base, parameters, visit

#: Each takes a few statements, while others wait.
MAX_STEPS = 128

_NAMES = {"displayname": "displayName", "externalid": "externalId"}


class GroupEndpoints:
    def __init__(self, groups: ScimGroups, limits: Limits) -> None:
        self._groups = groups
        self._limits = limits

    async def create(self, request: Request) -> Response:
        model = await self._stated(request, Context.RESOURCE_CREATION_REQUEST)
        found = await self._groups.create(visit(request), _naming(model), _members(model) or [])
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
        model = await self._stated(request, Context.RESOURCE_REPLACEMENT_REQUEST)
        naming, members = _naming(model), _members(model)
        steps: list[Step] = [
            Rename("displayName", naming.display_name),
            Rename("externalId", naming.external_id),
        ]
        if members is not None:
            steps.append(Replace(members))
        return await self._one(request, await self._changed(request, steps, members=True))

    async def patch(self, request: Request) -> Response:
        """204, since a group may be large; 200 and the group to those who say what they want of it."""
        steps = patched(await self._body(request), visit(request).ignored)
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

    async def _body(self, request: Request) -> Any:
        return await body.read(request, self._limits.max_request_bytes)

    async def _stated(self, request: Request, context: Context) -> Any:
        """The group that the body of a POST or PUT states."""
        stated = normal_form.group(await self._body(request), visit(request).ignored)
        return Group.model_validate(stated, scim_ctx=context, scim_policy=POLICY)

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
        asked = query.asked(wanted, GROUP_ATTRIBUTES, "members", url, self._limits.page_size)
        found = await self._groups.list(visit(request), asked.query)
        return answer.listing(
            request,
            found,
            lambda item: asked.projection.applied(resource.group(item, url)),
            parts=sum(len(item.members) for item in found.items),
        )

    async def _one(self, request: Request, found: Assembled, status: int = 200) -> Response:
        projected, url = query.projection(parameters(request)), base(request)
        text = await answer.made(
            len(found.members), lambda: projected.applied(resource.group(found, url))
        )
        return answer.one(request, text, _location(url, found), found.group.version, status)


def patched(payload: Any, ignored: Ignored | None = None) -> list[Step]:
    """What the operations of a PATCH do, in order; neighbours that do the same are done in one go."""
    steps: list[Step] = []
    for operation in normal_form.group_patch(payload, ignored)["Operations"]:
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
    if op != "remove":
        raise invalid("mutability", path, "a member cannot be changed, only added or removed")
    try:
        selected = GROUP_ATTRIBUTES.filter(path)
    except InvalidArgument as error:
        raise invalid("invalidPath", path, str(error)) from None
    if not isinstance(selected, scim_filter.Select):
        raise invalid("invalidPath", path, "does not select members")
    return Remove([UserId(id) for id in map(resource.identifier, _chosen(selected.term)) if id])


def _chosen(term: Filter) -> Iterable[str]:
    """The ids that a filter names one by one."""
    match term:
        case scim_filter.Compare("value", Operator.EQUAL, str(id)):
            return [id]
        case scim_filter.Some(terms):
            return [id for each in terms for id in _chosen(each)]
    raise invalid("invalidPath", "members", "members are selected by `value eq`, joined by `or`")


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


def _naming(model: Any) -> Naming:
    return Naming(model.display_name, model.external_id)


def _members(model: Any) -> list[UserId] | None:
    """None when the body does not say; null says nothing (RFC 7643, section 2.5)."""
    if model.members is None:
        return None
    return _ids([{"value": member.value} for member in model.members])


def _location(url: str, found: Assembled) -> str:
    return f"{url}/Groups/{found.group.id}"


def _id(request: Request) -> ScimGroupId:
    id = resource.identifier(request.path_params["id"])
    if id is None:
        raise scim_group.not_found()
    return ScimGroupId(id)
