"""Filters in the form of RFC 7644 section 3.4.2.2: dialects undone."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from scim2_models import SCIMException, ScimFilter
from scim2_models.path import AttrPath, Comparison, FilterNode, LogicalExpr, Not, Present, ValuePath

from . import dialects
from .attributes import USER
from .errors import invalid

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_OPERAND = re.compile(r"\b(?:eq|ne|co|sw|ew|gt|lt|ge|le)\s+([^\s\"()\[\]]+)", re.IGNORECASE)
_LITERAL = re.compile(r"true|false|null|-?\d[\d.eE+-]*", re.IGNORECASE)
#: What says that a filter may not be in the RFC's form: most are, and need no parsing here.
_UNUSUAL = re.compile(
    r"%|\]\s*\.|\bmanager\s|(?<![\w:.-])(?:" + "|".join(USER.extension_names()) + r")\b",
    re.IGNORECASE,
)


def filter_text(text: str) -> str:
    """A filter in the RFC's form. Whether its attributes exist is not looked at.

    Raises InvalidArgument, of the type invalidFilter, for what can be understood neither way.
    """
    text = dialects.unquoted_resource_type(dialects.dot_after_a_urn(text))
    _refuse_unquoted(text)
    if not _UNUSUAL.search(text):
        return text
    try:
        # Entra's `emails[type eq "work"].value eq "x"` is read as `emails[type eq "work" and value eq "x"]`.
        node = ScimFilter[Any](text).ast
    except SCIMException as error:
        raise invalid("invalidFilter", "filter", str(error)) from error
    return str(_rewritten(node))


def _refuse_unquoted(text: str) -> None:
    for operand in _OPERAND.findall(_STRING.sub('""', text)):
        if not _LITERAL.fullmatch(operand):
            raise invalid(
                "invalidFilter", "filter", f"the value {operand} must be in double quotes"
            )


def _rewritten(node: FilterNode) -> FilterNode:
    if isinstance(node, LogicalExpr):
        return replace(node, terms=tuple(map(_rewritten, node.terms)))
    if isinstance(node, Not):
        return Not(_rewritten(node.expr))
    if isinstance(node, ValuePath):
        return replace(node, val_filter=_decoded(node.val_filter))
    if isinstance(node, Comparison | Present):
        node = replace(node, attr_path=_qualified(node.attr_path))
    return dialects.percent_encoded_value(dialects.manager_compared_by_id(node))


def _decoded(node: FilterNode) -> FilterNode:
    """A filter on the values of an attribute: its names are the attribute's own."""
    if isinstance(node, LogicalExpr):
        return replace(node, terms=tuple(map(_decoded, node.terms)))
    if isinstance(node, Not):
        return Not(_decoded(node.expr))
    return dialects.percent_encoded_value(node)


def _qualified(name: AttrPath) -> AttrPath:
    urn, _, attribute = dialects.extension_attribute_without_urn(name.attr).rpartition(":")
    return replace(name, uri=urn, attr=attribute) if urn and not name.uri else name
