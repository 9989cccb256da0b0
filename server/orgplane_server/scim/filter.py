"""From the text of a filter to the domain's filter: names resolved, values ready to compare.

The grammar is scim2-models'. What it reads is checked here against the attributes that filters may name:
anything else is a 400 `invalidFilter`, never a filter that lets everything through.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from scim2_models import SCIMException, ScimFilter
from scim2_models.path import (
    AttributeBinding,
    AttrPath,
    CompareOperator,
    Comparison,
    FilterNode,
    FilterVisitor,
    LogicalExpr,
    LogicalOperator,
    Not,
    Present,
    ValuePath,
)

from ..domain import scim_filter as domain
from ..domain.errors import InvalidArgument
from ..domain.redaction import redacted_text
from ..domain.scim_attribute import (
    CORE_GROUP,
    CORE_USER,
    GROUPS,
    SCHEMAS,
    USERS,
    Kind,
    Searchable,
    comparable,
)
from ..domain.scim_filter import Filter, Operator
from ..domain.scim_query import Sort
from . import dialects, filter_reading
from .body import is_storable
from .errors import invalid
from .models import Group, ProvisionedUser

MAX_LENGTH = 4096
MAX_COMPARISONS = 64

R = TypeVar("R", bound="_Reader")

_OF_TEXT = (Operator.CONTAINS, Operator.STARTS_WITH, Operator.ENDS_WITH)
_ONLY_EQUAL = {
    Kind.FLAG: "true or false",
    Kind.IDENTIFIER: "an identifier",
    Kind.VERSION: "a version",
}
_FLAGS = {"true": True, "false": False}
#: As `resource.etag` writes it.
_VERSION = re.compile(r'W/"([1-9]\d{0,17})"', re.ASCII)
#: More digits of a second than are kept make no difference.
_INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,6})?\d*(Z|[+-]\d\d:\d\d)?",
    re.ASCII | re.IGNORECASE,
)


class Attributes:
    """What filters and sorting may name of one kind of resource."""

    def __init__(self, model: type[Any], urn: str, searchable: Searchable) -> None:
        self._filter: Any = ScimFilter[model]  # type: ignore[valid-type]
        self._prefix = f"{urn}:"
        self._searchable = searchable

    def filter(self, text: str, url: str | None = None) -> Filter:
        """Raises InvalidArgument (invalidFilter) for a text that is no filter of these resources.

        `url` is the one that resources are located below; without it none can be found by where it is.
        """
        return self._read(text, url, _Reader)[0]

    def part(self, text: str, url: str) -> tuple[Filter, frozenset[str]]:
        """The filter among resources of several kinds: what these do not have is never true of them.

        With it, the names of what they do not have. Raises as `filter` otherwise.
        """
        filter, reader = self._read(text, url, _PartReader)
        return filter, frozenset(reader.unknown)

    def _read(self, text: str, url: str | None, kind: type[R]) -> tuple[Filter, R]:
        if len(text) > MAX_LENGTH:
            raise _invalid(f"must have at most {MAX_LENGTH} characters")
        try:
            parsed = self._filter(filter_reading.filter_text(text))
            reader = kind(parsed, self._prefix, self._searchable, url)
            return reader.visit(parsed.ast), reader
        except (SCIMException, InvalidArgument) as error:
            if (
                redacted_text(text) != text
            ):  # what is wrong with it may quote what is not to be kept
                raise _invalid("cannot be read, or names what cannot be filtered by") from None
            if isinstance(error, InvalidArgument):
                raise
            raise _invalid(error.detail) from None

    def sort(self, path: str, *, descending: bool) -> Sort:
        """Raises InvalidArgument (invalidPath) for what these resources are not sorted by."""
        try:
            parsed = self._filter(f"{dialects.dot_after_a_urn(path)} pr")
            assert isinstance(parsed.ast, Present)
            name = parsed.resolve_comparison(parsed.ast.attr_path).urn.removeprefix(self._prefix)
        except (SCIMException, AssertionError):
            name = ""
        if not self._searchable.sorts(name):
            raise invalid("invalidPath", "sortBy", f"{path!r} is nothing to sort by")
        return Sort(name, descending)


USER_ATTRIBUTES = Attributes(ProvisionedUser, CORE_USER, USERS)
GROUP_ATTRIBUTES = Attributes(Group, CORE_GROUP, GROUPS)


class _Reader(FilterVisitor[Filter]):
    """Reads a filter; inside brackets, `selected` is the attribute in front of them."""

    def __init__(self, parsed: Any, prefix: str, searchable: Searchable, url: str | None) -> None:
        self._parsed = parsed
        self._prefix = prefix
        self._searchable = searchable
        self._url = url
        self._selected: AttrPath | None = None
        self._comparisons = 0

    def visit_logical_expr(self, node: LogicalExpr) -> Filter:
        terms = [self.visit(term) for term in node.terms]
        return (
            domain.conjunction(terms)
            if node.op is LogicalOperator.and_
            else domain.disjunction(terms)
        )

    def visit_not(self, node: Not) -> Filter:
        return domain.negation(self.visit(node.expr))

    def visit_value_path(self, node: ValuePath) -> Filter:
        name = self._name(self._parsed.resolve(node.attr_path))
        if name not in self._searchable.elements:
            raise _invalid(f"cannot look into the values of {str(node.attr_path)!r}")
        self._selected = node.attr_path
        try:
            return domain.Select(name, self.visit(node.val_filter))
        finally:
            self._selected = None

    def visit_present(self, node: Present) -> Filter:
        self._count()
        whole, name = self._bound(node.attr_path, self._parsed.resolve)
        if self._is_computed(whole):
            return self._wherever(whole)
        below = self._searchable.below(whole)
        if below and self._selected is None:
            return domain.disjunction(domain.Present(part) for part in below)
        self._kind(whole, node.attr_path)
        return domain.Present(name)

    def visit_comparison(self, node: Comparison) -> Filter:
        self._count()
        whole, name = self._bound(node.attr_path, self._parsed.resolve_comparison)
        if node.op is CompareOperator.ne:
            return domain.negation(self._compared(node, whole, name, Operator.EQUAL))
        return self._compared(node, whole, name, Operator(node.op.value))

    def _compared(self, node: Comparison, whole: str, name: str, operator: Operator) -> Filter:
        path, searchable = node.attr_path, self._searchable
        if node.value is None and operator in _OF_TEXT:
            raise _invalid(f"{str(path)!r} cannot be compared with null by {operator}")
        if not self._is_computed(whole):
            return _compare(path, name, self._kind(whole, path), operator, node.value)
        if node.value is None:
            there = self._wherever(whole)
            return domain.negation(there) if operator is Operator.EQUAL else domain.NEVER
        if whole == SCHEMAS:
            value = comparable(Kind.TEXT, _text(path, node.value))
            if domain.holds(comparable(Kind.TEXT, searchable.schema), operator, value):
                return domain.ALWAYS
            return (
                domain.Compare(SCHEMAS, operator, value) if searchable.extensions else domain.NEVER
            )
        if whole in searchable.constant:
            kind, constant = searchable.constant[whole]
            value = comparable(kind, _text(path, node.value))
            holds = domain.holds(comparable(kind, constant), operator, value)
            return self._wherever(whole) if holds else domain.NEVER
        return self._located(path, whole, operator, _text(path, node.value))

    def _located(self, path: AttrPath, whole: str, operator: Operator, value: str) -> Filter:
        """What is at an address: it ends in the id of what it is the address of."""
        if self._url is None:
            raise _invalid(f"cannot look into {str(path)!r}")
        if operator is not Operator.EQUAL:
            raise _invalid(f"{str(path)!r} is an address: it cannot be compared with {operator}")
        endpoint, id = self._searchable.located[whole]
        below = f"{self._url}/{endpoint}/"
        if not value.startswith(below):
            return domain.NEVER
        name = id if self._selected is None else id.rpartition(".")[2]
        return domain.Compare(name, operator, value.removeprefix(below))

    def _is_computed(self, whole: str) -> bool:
        """Whether it is not kept as it is shown: it is there wherever what it belongs to is."""
        searchable = self._searchable
        return whole == SCHEMAS or whole in searchable.constant or whole in searchable.located

    def _wherever(self, whole: str) -> Filter:
        """What has a computed attribute: everything, or every element, or whatever has an element."""
        name, _, _ = whole.rpartition(".")
        if self._selected is not None or name not in self._searchable.elements:
            return domain.ALWAYS
        return domain.Present(f"{name}.value")

    def _bound(
        self, path: AttrPath, resolve: Callable[[AttrPath], AttributeBinding]
    ) -> tuple[str, str]:
        """What a comparison compares, and its name there: inside brackets, a sub-attribute's own."""
        if self._selected is None:
            name = self._name(resolve(path))
            return name, name
        if path.uri is not None or path.sub_attr is not None:
            raise _invalid(f"{str(path)!r} is no sub-attribute")
        whole = AttrPath(self._selected.attr, path.attr, self._selected.uri)
        name = self._name(self._parsed.resolve(whole))
        return name, name.rpartition(".")[2]

    def _name(self, binding: AttributeBinding) -> str:
        return binding.urn.removeprefix(self._prefix)

    def _kind(self, name: str, path: AttrPath) -> Kind:
        kind = self._searchable.kind(name)
        if kind is None:
            raise _invalid(f"cannot look into {str(path)!r}")
        return kind

    def _count(self) -> None:
        self._comparisons += 1
        if self._comparisons > MAX_COMPARISONS:
            raise _invalid(f"must have at most {MAX_COMPARISONS} comparisons")


class _PartReader(_Reader):
    """Notes what is unknown instead of refusing it."""

    def __init__(self, parsed: Any, prefix: str, searchable: Searchable, url: str | None) -> None:
        super().__init__(parsed, prefix, searchable, url)
        self.unknown: set[str] = set()

    def visit(self, node: FilterNode) -> Filter:
        if not isinstance(node, Comparison | Present | ValuePath) or self._selected is not None:
            return super().visit(node)
        if self._parsed.resolve(node.attr_path, strict=False) is None:
            self.unknown.add(str(node.attr_path))
            return domain.NEVER
        return super().visit(node)


def _compare(path: AttrPath, name: str, kind: Kind, operator: Operator, value: Any) -> Filter:
    """A comparison that can be true of values of this kind, or one that never is.

    Raises InvalidArgument for what no value of this kind is compared with: a filter that is never true
    would be true of everybody once it is negated.
    """
    equality = operator is Operator.EQUAL
    if value is None:
        return domain.Absent(name) if equality else domain.NEVER
    if not equality and kind in _ONLY_EQUAL:
        raise _invalid(
            f"{str(path)!r} is {_ONLY_EQUAL[kind]}: it cannot be compared with {operator}"
        )
    match kind:
        case Kind.FLAG:
            value = _flag(path, value)
        case Kind.INSTANT:
            if operator in _OF_TEXT:
                raise _invalid(f"{str(path)!r} is a time: it cannot be compared with {operator}")
            value = _instant(path, value)
        case Kind.VERSION:
            version = _VERSION.fullmatch(_text(path, value))
            if version is None:
                return domain.NEVER
            value = int(version[1])
        case _:
            value = comparable(kind, _text(path, value))
    return domain.Compare(name, operator, value)


def _text(path: AttrPath, value: Any) -> str:
    if not isinstance(value, str):
        raise _invalid(f"{str(path)!r} is text: it cannot be compared with {json.dumps(value)}")
    if not is_storable(value):
        raise _invalid("must not contain NUL or lone surrogates")
    return value


def _flag(path: AttrPath, value: Any) -> bool:
    """`"True"` and `"False"` are taken as in bodies, where `dialects.text_boolean` explains them."""
    value = _FLAGS.get(value.lower()) if isinstance(value, str) else value
    if not isinstance(value, bool):
        raise _invalid(f"{str(path)!r} must be compared with true or false")
    return value


def _instant(path: AttrPath, value: Any) -> datetime:
    """A dateTime (RFC 7643, section 2.3.5): a date with a time, in UTC if it does not say."""
    found = _INSTANT.fullmatch(value) if isinstance(value, str) else None
    try:
        if found is not None:
            instant = datetime.fromisoformat(f"{found[1]}{found[2] or ''}")
            zone = found[3] or "Z"
            if zone.upper() == "Z":
                return instant.replace(tzinfo=UTC)
            return datetime.fromisoformat(f"{instant.isoformat()}{zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise _invalid(
        f"{str(path)!r} must be compared with a date and a time, such as "
        f"2026-01-31T12:00:00Z, not with {json.dumps(value)}"
    )


def _invalid(description: str) -> InvalidArgument:
    return invalid("invalidFilter", "filter", description)
