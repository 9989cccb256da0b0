"""Resources and lists as JSON text: what is stored ready is put together, never parsed and made again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from ..domain.scim_attribute import CORE_GROUP
from ..domain.scim_group import Assembled, Member
from ..domain.scim_query import Listing
from ..domain.scim_user import Provisioned

LIST_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:ListResponse"

#: So many take a millisecond.
_MEMBERS_OF_PIECE = 500

#: `json.dumps` would make an encoder for each text.
_text = json.JSONEncoder(ensure_ascii=False).encode


def user(provisioned: Provisioned, base: str) -> str:
    """A user; `base` is the URL that `/Users` is below."""
    user = provisioned.user
    parts = [f'"id":"{user.id}"', user.document[1:-1]]
    if provisioned.groups:
        groups = (
            f'{{"value":"{group.id}","$ref":{_text(f"{base}/Groups/{group.id}")},'
            f'"display":{_text(group.display_name)},"type":"direct"}}'
            for group in provisioned.groups
        )
        parts.append(f'"groups":[{",".join(groups)}]')
    parts.append(
        _meta("User", f"{base}/Users/{user.id}", user.version, user.created_at, user.updated_at)
    )
    return f"{{{','.join(parts)}}}"


def group(assembled: Assembled, base: str) -> Iterator[str]:
    """A group, in pieces; without `members` when these were not asked for or there are none."""
    group = assembled.group
    parts = [
        f'"schemas":["{CORE_GROUP}"]',
        f'"id":"{group.id}"',
        f'"displayName":{_text(group.display_name)}',
    ]
    if group.external_id is not None:
        parts.append(f'"externalId":{_text(group.external_id)}')
    yield f"{{{','.join(parts)},"
    if assembled.members:
        yield '"members":['
        yield from commas(members(assembled.members, base))
        yield "],"
    location = f"{base}/Groups/{group.id}"
    meta = _meta("Group", location, group.version, group.created_at, group.updated_at)
    yield f"{meta}}}"


def members(them: Sequence[Member], base: str) -> Iterator[str]:
    """Members as they stand in a list, some at a time."""
    users = _text(f"{base}/Users/")[:-1]
    for start in range(0, len(them), _MEMBERS_OF_PIECE):
        yield ",".join(
            f'{{"value":"{member.id}","$ref":{users}{member.id}",'
            f'"display":{_text(member.display)},"type":"User"}}'
            for member in them[start : start + _MEMBERS_OF_PIECE]
        )


def commas(pieces: Iterable[str]) -> Iterator[str]:
    """With commas in between."""
    for number, piece in enumerate(pieces):
        yield f",{piece}" if number else piece


def listing(found: Listing[Any]) -> tuple[str, str]:
    """What a ListResponse (RFC 7644, section 3.4.2) has in front of its resources, and behind them."""
    parts = [
        f'"schemas":["{LIST_RESPONSE}"]',
        f'"totalResults":{found.total}',
        f'"itemsPerPage":{len(found.items)}',
    ]
    if found.start is not None:
        parts.append(f'"startIndex":{found.start}')
    if found.next_cursor:
        parts.append(f'"nextCursor":"{found.next_cursor}"')
    return f'{{{",".join(parts)},"Resources":[', "]}"


def etag(version: int) -> str:
    """Weak: the same version may be written differently, as `attributes` asks."""
    return f'W/"{version}"'


def identifier(text: str) -> UUID | None:
    """The id in a path; None for what no resource can have, such as another spelling of a UUID."""
    try:
        id = UUID(text)
    except ValueError:
        return None
    return id if str(id) == text else None


def _meta(kind: str, location: str, version: int, created: datetime, updated: datetime) -> str:
    return (
        f'"meta":{{"resourceType":"{kind}","created":"{_instant(created)}",'
        f'"lastModified":"{_instant(updated)}","location":{_text(location)},'
        f'"version":{_text(etag(version))}}}'
    )


def _instant(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
