"""SCIM filters as SQL that uses indexes: one translation for every kind of resource, on every database.

Comparisons stay bare columns against bound values. Text is compared in the folded form it was stored in,
byte for byte; nothing uses LIKE, whose case and wildcards differ between databases. A condition on one
of several values is a set of owners' ids from the table that keeps the values, never a join.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import sqlalchemy as sa

from ..domain.scim_filter import (
    Absent,
    All,
    Compare,
    Filter,
    Not,
    Operator,
    Present,
    Select,
    Some,
    Value,
)

Condition = sa.ColumnElement[bool]

_COMPARISONS: Mapping[Operator, Callable[[Any, Any], Condition]] = {
    Operator.EQUAL: operator.eq,
    Operator.GREATER: operator.gt,
    Operator.GREATER_OR_EQUAL: operator.ge,
    Operator.LESS: operator.lt,
    Operator.LESS_OR_EQUAL: operator.le,
}
#: As much of a long text as an index holds.
KEY_LENGTH = 128


@dataclass(frozen=True, slots=True)
class Comparable:
    """What an attribute is compared by; `key` is the indexed beginning of a text that may be long."""

    column: sa.ColumnElement[Any]
    key: sa.ColumnElement[Any] | None = None


@dataclass(frozen=True, slots=True)
class Elements:
    """Rows with the values of one attribute: whose they are, of which tables, which ones, and their sub-attributes."""

    owner: sa.ColumnElement[Any]
    tables: sa.FromClause
    rows: Condition
    parts: Mapping[str, Comparable]


class Resources(Protocol):
    """Where a kind of resource keeps its attributes."""

    @property
    def id(self) -> sa.ColumnElement[Any]: ...

    def column(self, attribute: str) -> Comparable | None:
        """In the resource's own row, perhaps."""

    def elements(self, attribute: str) -> Elements:
        """In rows beside it: the values of an attribute with several."""

    def part(self, attribute: str) -> tuple[Elements, Comparable]:
        """In rows beside it: an attribute with one value, or a sub-attribute of several values."""


def condition(filter: Filter, resources: Resources) -> Condition:
    """The rows of `resources` that the filter lets through."""
    match filter:
        case All(terms):
            return sa.and_(sa.true(), *(condition(term, resources) for term in terms))
        case Some(terms):
            return sa.or_(sa.false(), *(condition(term, resources) for term in terms))
        case Not(term):
            return _negated(condition(term, resources))
        case Select(attribute, term):
            elements = resources.elements(attribute)
            return _owners(resources, elements, _of_element(term, elements))
        case Compare(attribute) | Absent(attribute) | Present(attribute):
            column = resources.column(attribute)
            if column is not None:
                return _leaf(filter, column)
            elements, compared = resources.part(attribute)
            if isinstance(filter, Absent):
                # Without any element the attribute itself is unassigned.
                lacking = _owners(resources, elements, _leaf(filter, compared))
                return sa.or_(_negated(_owners(resources, elements, sa.true())), lacking)
            return _owners(resources, elements, _leaf(filter, compared))
    raise AssertionError(filter)


def _of_element(term: Filter, elements: Elements) -> Condition:
    match term:
        case All(terms):
            return sa.and_(sa.true(), *(_of_element(each, elements) for each in terms))
        case Some(terms):
            return sa.or_(sa.false(), *(_of_element(each, elements) for each in terms))
        case Not(inner):
            return _negated(_of_element(inner, elements))
        case Compare(attribute) | Absent(attribute) | Present(attribute):
            return _leaf(term, elements.parts[attribute])
    raise AssertionError(term)


def _owners(resources: Resources, elements: Elements, which: Condition) -> Condition:
    owners = sa.select(elements.owner).select_from(elements.tables)
    return resources.id.in_(owners.where(elements.rows, which))


def _negated(condition: Condition) -> Condition:
    """An absent value makes a comparison NULL, which is no reason to let its negation through."""
    return sa.not_(sa.func.coalesce(condition, sa.false()))


def _leaf(leaf: Filter, compared: Comparable) -> Condition:
    column = compared.column
    match leaf:
        case Absent():
            return column.is_(None)
        case Present():
            there, filled = column.is_not(None), column != sa.literal("", sa.Text)
            return sa.and_(there, filled) if isinstance(column.type, sa.Text) else there
        case Compare(_, comparing, bool(value)):
            return column == sa.bindparam(None, value, sa.Boolean) if _eq(comparing) else sa.false()
        case Compare(_, comparing, int(number)):
            return (
                column == sa.bindparam(None, number, sa.BigInteger)
                if _eq(comparing)
                else sa.false()
            )
        case Compare(_, comparing, datetime() as instant):
            return _ordered(column, comparing, sa.literal(instant, column.type))
        case Compare(_, comparing, str(text)) if isinstance(column.type, sa.Uuid):
            id = _identifier(text)
            return column == id if id is not None and _eq(comparing) else sa.false()
        case Compare(_, comparing, str(text)):
            return _text(compared, comparing, text)
    raise AssertionError(leaf)


def _eq(comparing: Operator) -> bool:
    return comparing is Operator.EQUAL


def _text(compared: Comparable, comparing: Operator, text: str) -> Condition:
    column, key = compared.column, compared.key
    length = len(text)
    match comparing:
        case Operator.EQUAL if key is not None and length < KEY_LENGTH:
            return key == text
        case Operator.EQUAL:
            begins = sa.true() if key is None else key == text[:KEY_LENGTH]
            return sa.and_(begins, column == text)
        case Operator.STARTS_WITH:
            return _starting(column if key is None else key, column, text)
        case Operator.CONTAINS if text:
            return sa.func.replace(column, text, "") != column
        case Operator.ENDS_WITH if text:
            return sa.func.substr(column, sa.func.length(column) - length + 1) == text
        case Operator.CONTAINS | Operator.ENDS_WITH:
            return column.is_not(None)
    return _ordered(column, comparing, text)


def _starting(
    indexed: sa.ColumnElement[Any], column: sa.ColumnElement[Any], text: str
) -> Condition:
    beginning = text if indexed is column else text[:KEY_LENGTH]
    conditions: list[Condition] = [indexed >= beginning]
    if (above := _successor(beginning)) is not None:
        conditions.append(indexed < above)
    if beginning != text:
        conditions.append(sa.func.substr(column, 1, len(text)) == text)
    return sa.and_(*conditions)


def _successor(text: str) -> str | None:
    """The least text above all that begin with `text`; None if there is none."""
    while text:
        last = ord(text[-1]) + 1
        if last <= 0x10FFFF:
            # Surrogates are no characters.
            return text[:-1] + chr(0xE000 if 0xD800 <= last <= 0xDFFF else last)
        text = text[:-1]
    return None


def _ordered(column: sa.ColumnElement[Any], comparing: Operator, value: Any) -> Condition:
    compare = _COMPARISONS.get(comparing)
    return sa.false() if compare is None else compare(column, value)


def _identifier(text: Value) -> UUID | None:
    """Only the canonical spelling is equal to an id."""
    try:
        id = UUID(str(text))
    except ValueError:
        return None
    return id if str(id) == text else None
