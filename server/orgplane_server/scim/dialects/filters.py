"""How filters compare."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import unquote

from scim2_models.path import (
    CompareOperator,
    Comparison,
    FilterNode,
    LogicalExpr,
    LogicalOperator,
)

from .deviation import deviation

#: A text in quotes, which is left alone, or a comparison.
_RESOURCE_TYPE = re.compile(
    r'"(?:[^"\\]|\\.)*"|(meta\.resourceType\s+(?:eq|ne)\s+)([A-Za-z]+)(?![^\s)])', re.IGNORECASE
)
_PERCENT = re.compile("%[0-9A-Fa-f]{2}")


@deviation
def percent_encoded_value(node: FilterNode) -> FilterNode:
    """A compared value that is still percent-encoded within its quotes is also looked for decoded.

    Who: Entra's validator encodes the value, then the whole query.
    RFC: RFC 7644 section 3.4.2.2 has a JSON string within the quotes.
    """
    if not isinstance(node, Comparison) or node.op is not CompareOperator.eq:
        return node
    if not isinstance(node.value, str) or not _PERCENT.search(node.value):
        return node
    decoded = unquote(node.value, errors="replace")
    if not decoded.isprintable() or "\ufffd" in decoded:
        return node
    return LogicalExpr(LogicalOperator.or_, (node, replace(node, value=decoded)))


@deviation
def manager_compared_by_id(node: FilterNode) -> FilterNode:
    """A manager who is compared to a value is the one with that id.

    Who: Entra checks `id eq "..." and manager eq "..."`.
    RFC: RFC 7644 section 3.4.2.2 compares sub-attributes: `manager.value`.
    """
    if not isinstance(node, Comparison) or node.attr_path.attr.lower() != "manager":
        return node
    attr_path = replace(node.attr_path, sub_attr=node.attr_path.sub_attr or "value")
    return replace(node, attr_path=attr_path)


@deviation
def unquoted_resource_type(text: str) -> str:
    """The name of a resource type that `meta.resourceType` is compared with may be without its quotes.

    Who: WSO2's clients, after the RFC's own example of a filter on several types.
    RFC: RFC 7644 section 3.4.2.2 has a JSON string, and in that example `meta.resourceType eq User`.
    """
    return _RESOURCE_TYPE.sub(
        lambda found: f'{found[1]}"{found[2]}"' if found[2] else found[0], text
    )
