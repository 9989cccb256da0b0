"""From the text of a filter to the domain's filter: names resolved, values ready to compare.

The grammar is scim2-models'. What it reads is checked here against the attributes that filters may name:
anything else is a 400 `invalidFilter`, never a filter that lets everything through.
"""

from __future__ import annotations

from datetime import datetime
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
    coerce_value,
)

from ..domain import scim_filter as domain
from ..domain.errors import InvalidArgument
from ..domain.scim_attribute import (
    CORE_GROUP,
    CORE_USER,
    GROUPS,
    USERS,
    Kind,
    Searchable,
    comparable,
)
from ..domain.scim_filter import Filter, Operator
from ..domain.scim_query import Sort
from . import normal_form
from .body import is_storable
from .errors import invalid
from .models import Group, ProvisionedUser

MAX_LENGTH = 4096
MAX_COMPARISONS = 64

R = TypeVar("R", bound="_Reader")

_NEVER = domain.Some()
_CONTAINED = (Operator.CONTAINS, Operator.STARTS_WITH, Operator.ENDS_WITH)


class Attributes:
    """What filters and sorting may name of one kind of resource."""

    def __init__(self, model: type[Any], urn: str, searchable: Searchable) -> None:
        self._filter: Any = ScimFilter[model]  # type: ignore[valid-type]
        self._prefix = f"{urn}:"
        self._searchable = searchable

    def filter(self, text: str) -> Filter:
        """Raises InvalidArgument (invalidFilter) for a text that is no filter of these resources."""
        return self._read(text, _Reader)[0]

    def part(self, text: str) -> tuple[Filter, frozenset[str]]:
        """The filter among resources of several kinds: what these do not have is never true of them.

        With it, the names of what they do not have. Raises as `filter` otherwise.
        """
        filter, reader = self._read(text, _PartReader)
        return filter, frozenset(reader.unknown)

    def _read(self, text: str, kind: type[R]) -> tuple[Filter, R]:
        if len(text) > MAX_LENGTH:
            raise _invalid(f"must have at most {MAX_LENGTH} characters")
        try:
            parsed = self._filter(normal_form.filter_text(text))
            reader = kind(parsed, self._prefix, self._searchable)
            return reader.visit(parsed.ast), reader
        except SCIMException as error:
            raise _invalid(error.detail) from None

    def sort(self, path: str, *, descending: bool) -> Sort:
        """Raises InvalidArgument (invalidPath) for what these resources are not sorted by."""
        try:
            parsed = self._filter(f"{path} pr")
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

    def __init__(self, parsed: Any, prefix: str, searchable: Searchable) -> None:
        self._parsed = parsed
        self._prefix = prefix
        self._searchable = searchable
        self._selected: AttrPath | None = None
        self._comparisons = 0

    def visit_logical_expr(self, node: LogicalExpr) -> Filter:
        terms = tuple(self.visit(term) for term in node.terms)
        return domain.All(terms) if node.op is LogicalOperator.and_ else domain.Some(terms)

    def visit_not(self, node: Not) -> Filter:
        return domain.Not(self.visit(node.expr))

    def visit_value_path(self, node: ValuePath) -> Filter:
        binding = self._parsed.resolve(node.attr_path)
        name = self._name(binding)
        if name not in self._searchable.elements:
            raise _invalid(f"cannot look into the values of {str(node.attr_path)!r}")
        self._selected = node.attr_path
        try:
            return domain.Select(name, self.visit(node.val_filter))
        finally:
            self._selected = None

    def visit_present(self, node: Present) -> Filter:
        self._count()
        if self._selected is not None:
            return domain.Present(self._bound(node.attr_path)[1])
        binding = self._parsed.resolve(node.attr_path)
        name = self._name(binding)
        below = self._searchable.below(name)
        if below:
            return domain.Some(tuple(domain.Present(part) for part in below))
        self._kind(name, node.attr_path)
        return domain.Present(name)

    def visit_comparison(self, node: Comparison) -> Filter:
        self._count()
        binding, name, kind = self._bound(node.attr_path)
        value = coerce_value(binding, node.value, node.op)
        if node.op is CompareOperator.ne:
            return domain.Not(_compare(name, kind, Operator.EQUAL, value))
        return _compare(name, kind, Operator(node.op.value), value)

    def _bound(self, path: AttrPath) -> tuple[AttributeBinding, str, Kind]:
        """What a comparison compares: inside brackets a sub-attribute, by its own name."""
        if self._selected is None:
            binding = self._parsed.resolve_comparison(path)
            name = self._name(binding)
            return binding, name, self._kind(name, path)
        if path.uri is not None or path.sub_attr is not None:
            raise _invalid(f"{str(path)!r} is no sub-attribute")
        whole = AttrPath(self._selected.attr, path.attr, self._selected.uri)
        binding = self._parsed.resolve(whole)
        name = self._name(binding)
        return binding, name.rpartition(".")[2], self._kind(name, whole)

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

    def __init__(self, parsed: Any, prefix: str, searchable: Searchable) -> None:
        super().__init__(parsed, prefix, searchable)
        self.unknown: set[str] = set()

    def visit(self, node: FilterNode) -> Filter:
        if not isinstance(node, Comparison | Present | ValuePath) or self._selected is not None:
            return super().visit(node)
        if self._parsed.resolve(node.attr_path, strict=False) is None:
            self.unknown.add(str(node.attr_path))
            return _NEVER
        return super().visit(node)


def _compare(name: str, kind: Kind, operator: Operator, value: Any) -> Filter:
    """A comparison that can be true of values of this kind, or one that never is."""
    equality = operator is Operator.EQUAL
    if isinstance(value, str) and not is_storable(value):
        raise _invalid("must not contain NUL or lone surrogates")
    if value is None:
        return domain.Absent(name) if equality else _NEVER
    match kind:
        case Kind.FLAG:
            if not equality:
                raise _invalid(f"{name!r} is true or false: it cannot be compared with {operator}")
        case Kind.IDENTIFIER:
            if not equality:
                raise _invalid(f"{name!r} is an identifier: it cannot be compared with {operator}")
        case Kind.INSTANT:
            if not isinstance(value, datetime) or value.tzinfo is None:
                return _NEVER
        case Kind.TEXT | Kind.EXACT_TEXT:
            value = comparable(kind, str(value))
    return domain.Compare(name, operator, value)


def _invalid(description: str) -> InvalidArgument:
    return invalid("invalidFilter", "filter", description)
