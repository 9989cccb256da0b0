"""Who a manager or a member is."""

from __future__ import annotations

from typing import Any

from ..attributes import Place
from .deviation import deviation


@deviation
def manager_as_text(place: Place, value: Any) -> Any:
    """A manager given as an id is `{"value": id}`.

    Who: Entra sends the id alone.
    RFC: RFC 7643 section 4.3 has an object.
    """
    if _is_manager(place) and isinstance(value, str) and value:
        return {"value": value}
    return value


@deviation
def manager_of_nobody(place: Place, value: Any) -> Any:
    """A manager whose id is empty is no manager.

    Who: Entra replaces the manager by `{"value": ""}` to remove it.
    RFC: RFC 7644 section 3.5.2.2 removes by a remove operation.
    """
    if _is_manager(place) and isinstance(value, dict) and value.get("value", "") is None:
        return None
    return value


def _is_manager(place: Place) -> bool:
    return place.attribute is not None and place.attribute.name == "manager"


@deviation
def member_as_text(place: Place, value: Any) -> Any:
    """A member given as an id is `{"value": id}`.

    Who: Microsoft's reference collection adds `"value": "id"`.
    RFC: RFC 7643 section 4.2 has objects.
    """
    if not place.is_members:
        return value
    entries = value if isinstance(value, list) else [value]
    if not any(isinstance(entry, str) for entry in entries):
        return value
    return [{"value": entry} if isinstance(entry, str) else entry for entry in entries]


@deviation
def member_by_value_alone(place: Place, value: Any) -> Any:
    """A member is who its `value` says; its `type` and `$ref`, null or not, select and change nothing.

    Who: Entra sends `"$ref": null`, Keycloak's extension a relative `$ref`.
    RFC: RFC 7644 section 3.5.2.1 tells members apart by all of what is given.
    """
    if not place.is_members or not isinstance(value, list):
        return value
    return [{"value": entry.get("value")} if isinstance(entry, dict) else entry for entry in value]
