"""What a SCIM filter asks for, in terms of attributes that are known and values that are ready to compare.

Attributes are spelled as their schema spells them (`name.familyName`, `emails.value`), those of an
extension after its URN and a colon. A comparison with an absent value is false, so `ne` is the negation
of `eq`, and says of several values that none of them is equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

Value = str | bool | int | datetime


class Operator(StrEnum):
    EQUAL = "eq"
    CONTAINS = "co"
    STARTS_WITH = "sw"
    ENDS_WITH = "ew"
    GREATER = "gt"
    GREATER_OR_EQUAL = "ge"
    LESS = "lt"
    LESS_OR_EQUAL = "le"


@dataclass(frozen=True, slots=True)
class Compare:
    """Some value of the attribute is there and compares so with `value`."""

    attribute: str
    operator: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class Absent:
    """The attribute is unassigned, or it has an element without this sub-attribute."""

    attribute: str


@dataclass(frozen=True, slots=True)
class Present:
    """The attribute has a value that is not empty."""

    attribute: str


@dataclass(frozen=True, slots=True)
class Select:
    """One element of the multi-valued attribute fulfils `term`, whose attributes are its sub-attributes."""

    attribute: str
    term: Filter


@dataclass(frozen=True, slots=True)
class Not:
    term: Filter


@dataclass(frozen=True, slots=True)
class All:
    """Without terms, what is always so."""

    terms: tuple[Filter, ...] = ()


@dataclass(frozen=True, slots=True)
class Some:
    """Without terms, what is never so."""

    terms: tuple[Filter, ...] = ()


Filter = Compare | Absent | Present | Select | Not | All | Some
ALWAYS: Final = All()
NEVER: Final = Some()


def conjunction(terms: Iterable[Filter]) -> Filter:
    """What lets through what all of the terms do, without those that say nothing."""
    telling = [term for term in terms if term != ALWAYS]
    if NEVER in telling:
        return NEVER
    return telling[0] if len(telling) == 1 else All(tuple(telling))


def disjunction(terms: Iterable[Filter]) -> Filter:
    """What lets through what any of the terms does, without those that say nothing."""
    telling = [term for term in terms if term != NEVER]
    if ALWAYS in telling:
        return ALWAYS
    return telling[0] if len(telling) == 1 else Some(tuple(telling))


def negation(term: Filter) -> Filter:
    """What lets through what the term does not."""
    if term in (ALWAYS, NEVER):
        return NEVER if term == ALWAYS else ALWAYS
    return Not(term)


def holds(text: str, operator: Operator, value: str) -> bool:
    """Whether a text that is known compares so with `value`."""
    match operator:
        case Operator.EQUAL:
            return text == value
        case Operator.CONTAINS:
            return value in text
        case Operator.STARTS_WITH:
            return text.startswith(value)
        case Operator.ENDS_WITH:
            return text.endswith(value)
        case Operator.GREATER:
            return text > value
        case Operator.GREATER_OR_EQUAL:
            return text >= value
        case Operator.LESS:
            return text < value
        case Operator.LESS_OR_EQUAL:
            return text <= value


def equal(filter: Filter | None, attribute: str) -> Value | None:
    """The value that the filter, as a whole, wants `attribute` to equal."""
    match filter:
        case Compare(name, Operator.EQUAL, value) if name == attribute:
            return value
    return None


def leaves(filter: Filter) -> Iterator[Filter]:
    """Every comparison in the filter."""
    match filter:
        case Not(term) | Select(_, term):
            yield from leaves(term)
        case All(terms) | Some(terms):
            for term in terms:
                yield from leaves(term)
        case _:
            yield filter


def looks_at_all(filter: Filter) -> bool:
    """Whether no order of values tells who may be let through, so that everybody has to be looked at."""
    match filter:
        case Not():
            return True
        case Select(_, term):
            return looks_at_all(term)
        case All(terms) | Some(terms):
            return any(map(looks_at_all, terms))
        case Compare(_, operator):
            return operator in (Operator.CONTAINS, Operator.ENDS_WITH)
    return False
