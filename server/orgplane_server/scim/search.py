"""Users and groups searched at once, at the root (RFC 7644, sections 3.4.2.1 and 3.4.3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from ..domain.scim_filter import Filter
from ..domain.scim_group import Assembled
from ..domain.scim_query import Listing
from ..domain.scim_user import Provisioned
from ..usecases.scim_group import ScimGroups
from ..usecases.scim_user import ScimUsers
from . import answer, group, query, resource
from .errors import Refused, invalid
from .filter import GROUP_ATTRIBUTES, USER_ATTRIBUTES
from .limits import Limits
from .request import base, parameters, visit


class RootEndpoint:
    """All users come before all groups; they are sorted, and paged by cursor, at their own endpoints only."""

    def __init__(self, users: ScimUsers, groups: ScimGroups, limits: Limits) -> None:
        self._users = users
        self._groups = groups
        self._limits = limits

    async def list(self, request: Request) -> Response:
        return await self._found(request, parameters(request))

    async def search(self, request: Request) -> Response:
        return await self._found(
            request, await query.of_body(request, self._limits.max_request_bytes)
        )

    async def _found(self, request: Request, wanted: Mapping[str, Any]) -> Response:
        for name in ("sortBy", "cursor"):
            if name in wanted:
                raise Refused(501, f"{name} is for /Users and /Groups, not for both at once")
        url = base(request)
        filter = query.text("filter", wanted)
        of_users, of_groups = await query.read(request, wanted, lambda: _filters(filter, url))
        wanted = {name: value for name, value in wanted.items() if name != "filter"}
        asked = query.asked(wanted, USER_ATTRIBUTES, "groups", url, self._limits.page_size)
        users = await self._users.list(visit(request), replace(asked.query, filter=of_users))
        groups = await self._groups.list(
            visit(request),
            replace(
                asked.query,
                filter=of_groups,
                start=max(1, asked.query.start - users.total),
                count=asked.query.count - len(users.items),
                whole=asked.projection.wants("members"),
            ),
        )

        def encoded(item: Provisioned | Assembled) -> Iterable[str]:
            if isinstance(item, Provisioned):
                return (asked.projection.applied(resource.user(item, url)),)
            return group.pieces(item, asked.projection, url)

        found: Listing[Provisioned | Assembled] = Listing(
            [*users.items, *groups.items], users.total + groups.total, asked.query.start
        )
        parts = sum(len(item.members) for item in groups.items)
        return answer.listing(request, found, encoded, parts)


def _filters(text: str | None, url: str) -> tuple[Filter | None, Filter | None]:
    """What the filter asks of users, and of groups; one of them has to have each attribute."""
    if text is None:
        return None, None
    of_users, not_of_users = USER_ATTRIBUTES.part(text, url)
    of_groups, not_of_groups = GROUP_ATTRIBUTES.part(text, url)
    for name in sorted(not_of_users & not_of_groups):
        raise invalid("invalidFilter", "filter", f"neither users nor groups have {name!r}")
    return of_users, of_groups
