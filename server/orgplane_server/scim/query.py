"""What the query string, or the body of a `.search`, asks of a list (RFC 7644, sections 3.4.2 and 3.4.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from starlette.requests import Request

from ..domain.scim_query import Query
from . import body
from .body import is_storable
from .errors import invalid
from .filter import Attributes
from .objects import by_name
from .projection import Projection
from .request import PARAMETERS

T = TypeVar("T")

#: Characters of a filter that takes longer to read than anything else of a request.
LONG_FILTER = 256
#: No list is longer; more digits make no difference.
_LARGEST = 2**31


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything that a request for resources may say about them."""

    query: Query
    projection: Projection


def projection(parameters: Mapping[str, Any]) -> Projection:
    """Raises InvalidArgument for names that are no text, or for both parameters at once."""
    return Projection.of(_names("attributes", parameters), _names("excludedAttributes", parameters))


async def of_body(request: Request, limit: int) -> Mapping[str, Any]:
    """The parameters in a SearchRequest, by their names in the query string; none without a body."""
    return await body.read(
        request, limit, lambda wanted: by_name("", wanted, PARAMETERS), absent=b"{}"
    )


async def read(request: Request, parameters: Mapping[str, Any], reading: Callable[[], T]) -> T:
    """What `reading` makes of parameters: on a thread, when the request's turn has come, if the filter is long."""
    if len(str(parameters.get("filter", ""))) <= LONG_FILTER:
        return reading()
    return await body.apart(request, reading)


def asked(
    parameters: Mapping[str, Any], attributes: Attributes, large: str, url: str, page_size: int
) -> Asked:
    """Raises InvalidArgument; `large` is the attribute that is read only where it is wanted.

    `url` is the one that resources are located below.
    """
    projected = projection(parameters)
    filter_text, sort_by = text("filter", parameters), text("sortBy", parameters)
    cursor = text("cursor", parameters)
    count = _number("count", parameters)
    start = _number("startIndex", parameters)
    query = Query(
        filter=None if filter_text is None else attributes.filter(filter_text, url),
        sort=None
        if sort_by is None
        else attributes.sort(sort_by, descending=_descending(parameters)),
        start=1 if start is None else max(1, start),
        count=page_size if count is None else min(max(0, count), page_size),
        cursor=cursor,
        whole=projected.wants(large),
    )
    return Asked(query, projected)


def _descending(parameters: Mapping[str, Any]) -> bool:
    order = (text("sortOrder", parameters) or "ascending").lower()
    if order not in ("ascending", "descending"):
        raise invalid("invalidValue", "sortOrder", "must be ascending or descending")
    return order == "descending"


def text(name: str, parameters: Mapping[str, Any]) -> str | None:
    value = parameters.get(name)
    if value is None or (isinstance(value, str) and is_storable(value)):
        return value
    raise invalid("invalidValue", name, "must be text")


def _number(name: str, parameters: Mapping[str, Any]) -> int | None:
    value = parameters.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str):
        digits = value.strip()
        sign, digits = (-1, digits[1:]) if digits.startswith("-") else (1, digits)
        if digits.isascii() and digits.isdigit():
            return sign * (int(digits) if len(digits) < 12 else _LARGEST)
    elif isinstance(value, int) and not isinstance(value, bool):
        return max(-_LARGEST, min(value, _LARGEST))
    raise invalid("invalidValue", name, "must be a whole number")


def _names(name: str, parameters: Mapping[str, Any]) -> Iterable[str]:
    value = parameters.get(name)
    if value is None:
        return ()
    if isinstance(value, str):
        return value.split(",")
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return value
    raise invalid("invalidValue", name, "must be a list of attribute names")
