"""The attributes of the served resources by the names that requests call them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from scim2_models import Attribute, CaseExact, Mutability, Resource, SCIMException
from scim2_models.path import (
    AttrPath,
    Comparison,
    FilterNode,
    LogicalExpr,
    Not,
    Path,
    Present,
)

from .errors import invalid
from .models import Group, ProvisionedUser

#: What every resource has (RFC 7643 section 3.1), besides `schemas`.
_COMMON = (
    Attribute(
        name="id",
        type=Attribute.Type.string,
        multi_valued=False,
        mutability=Mutability.read_only,
    ),
    Attribute(
        name="externalId",
        type=Attribute.Type.string,
        multi_valued=False,
        case_exact=CaseExact.true,
    ),
    Attribute(
        name="meta",
        type=Attribute.Type.complex,
        multi_valued=False,
        mutability=Mutability.read_only,
    ),
)


@dataclass(frozen=True)
class Place:
    """Where a value belongs.

    `path` is the attribute path of RFC 7644 section 3.10 with names spelled as the schemas spell
    them; `attribute` is None for an extension as a whole. `single` is said of a place that holds one
    value even if its attribute holds many: one of its sub-attributes, or what a filter selects.
    """

    path: str
    attribute: Attribute | None
    single: bool

    @property
    def name(self) -> str:
        """The attribute's name, or the extension's URN."""
        return self.path if self.attribute is None else str(self.attribute.name)

    @property
    def is_address(self) -> bool:
        """Whether this is one URL of something out in the world."""
        kinds = self.attribute.reference_types if self.attribute is not None else None
        return self.single and "external" in (kinds or ())

    @property
    def read_only(self) -> bool:
        return self.attribute is not None and self.attribute.mutability is Mutability.read_only

    @property
    def is_members(self) -> bool:
        """Whether this is all of a group's members."""
        return self.path == "members"

    @cached_property
    def parts(self) -> Mapping[str, Place]:
        """The places of the sub-attributes, by their names in lower case."""
        declared = self.attribute.sub_attributes if self.attribute is not None else None
        return {
            str(sub.name).lower(): Place(f"{self.path}.{sub.name}", sub, single=True)
            for sub in declared or []
        }


class Attributes:
    """The attributes of one resource type, its extensions' included."""

    def __init__(self, model: type[Resource[Any]]) -> None:
        self.model = model
        self.urn = str(model.__schema__)
        self._own = _places("", [*_COMMON, *(model.to_schema().attributes or [])])
        self._extensions = {
            urn.lower(): (
                Place(urn, None, single=True),
                _places(f"{urn}:", extension.to_schema().attributes),
            )
            for urn, extension in model.get_extension_models().items()
        }

    @property
    def whole(self) -> Place:
        """All of a resource."""
        return Place(self.urn, None, single=True)

    def declared(self, urn: str) -> str | None:
        """A schema's URN as it is declared, whatever its case here; None if it is not."""
        if urn.lower() == self.urn.lower():
            return self.urn
        extension = self._extensions.get(urn.lower())
        return None if extension is None else extension[0].path

    def names(self, path: str) -> bool:
        """Whether a path is about a declared schema: it has no URN, or one of ours."""
        urn, colon, _ = path.partition("[")[0].rpartition(":")
        return not colon or self.declared(urn) is not None

    def member(self, key: str) -> Place | None:
        """The place of a resource's member: an attribute, or an extension; None if there is none."""
        key = key.lower()
        if (own := self._own.get(key)) is not None:
            return own
        extension = self._extensions.get(key)
        return None if extension is None else extension[0]

    def members(self) -> Iterable[Place]:
        """The places of all attributes but the extensions'."""
        return self._own.values()

    def extension_members(self, urn: str) -> Iterable[Place]:
        """The places of the attributes of the extension `urn`."""
        return self._extensions[urn.lower()][1].values()

    def extension_member(self, urn: str, key: str) -> Place | None:
        """The place of a member of the extension `urn`."""
        return self._extensions[urn.lower()][1].get(key.lower())

    def at(self, path: str) -> Place | None:
        """The place that an attribute path means; None if its attribute is not one of ours.

        Raises InvalidArgument, with invalidPath or invalidFilter, if it is no such path at all, or names a
        sub-attribute that an attribute of ours does not have.
        """
        if (whole := self.member(path)) is not None:
            return whole
        if not path:
            raise invalid("invalidPath", "path", "must not be empty")
        try:
            parsed: Path[Any] = Path(path)
        except SCIMException as error:
            raise invalid("invalidPath", path, f"is not an attribute path: {error}") from error
        designated = self._designated(parsed.schema, parsed.parts[0])
        if designated is None or designated.attribute is None or designated.read_only:
            return designated
        attribute = designated.attribute
        if parsed.value_filter is not None:
            if not attribute.multi_valued:
                raise invalid("invalidPath", path, "selects among values, but there is only one")
            selector = f"[{spelled(designated, parsed.value_filter)}]"
            designated = Place(designated.path + selector, attribute, single=True)
        if len(parsed.parts) == 1:
            return designated
        part = designated.parts.get(parsed.parts[1].lower())
        if part is None:
            raise invalid("invalidPath", path, f"is no part of {designated.name}")
        return part

    def part_of_entries(self, path: str) -> tuple[str, str] | None:
        """The list and the sub-attribute that a path without a filter names: `emails` and `value`."""
        name, dot, part = path.partition(".")
        place = self.member(name) if dot else None
        return None if place is None or place.single else (place.name, part)

    def extension_names(self) -> list[str]:
        """The names of extensions' attributes."""
        return [name for _, places in self._extensions.values() for name in places]

    def _designated(self, urn: str | None, name: str) -> Place | None:
        if urn is None:
            return self.member(name)
        if urn.lower() == self.urn.lower():
            return self.member(name)
        if urn.lower() in self._extensions:
            return self.extension_member(urn, name)
        return None

    def extended(self, name: str) -> Place | None:
        """The place of an extension's attribute that is named without the extension's URN."""
        for _, places in self._extensions.values():
            if (found := places.get(name.lower())) is not None:
                return found
        return None


def spelled(place: Place, node: FilterNode) -> FilterNode:
    """A filter on the values at `place`, its names and booleans spelled as the schema does."""
    if isinstance(node, LogicalExpr):
        return replace(node, terms=tuple(spelled(place, term) for term in node.terms))
    if isinstance(node, Not):
        return Not(spelled(place, node.expr))
    assert isinstance(node, Comparison | Present)
    part = place.parts.get(node.attr_path.attr.lower())
    if part is None or node.attr_path.sub_attr or node.attr_path.uri:
        raise invalid("invalidFilter", f"{place.path}[{node}]", "names an unknown attribute")
    assert part.attribute is not None
    attr_path = AttrPath(str(part.attribute.name))
    if isinstance(node, Present):
        return Present(attr_path)
    value = node.value
    if part.attribute.type is Attribute.Type.boolean and isinstance(value, str):
        value = {"true": True, "false": False}.get(value.lower(), value)
    return Comparison(attr_path, node.op, value)


def _places(prefix: str, attributes: list[Attribute] | None) -> dict[str, Place]:
    """By the attributes' names in lower case."""
    return {
        str(attribute.name).lower(): Place(
            f"{prefix}{attribute.name}", attribute, single=not attribute.multi_valued
        )
        for attribute in attributes or []
    }


USER = Attributes(ProvisionedUser)
GROUP = Attributes(Group)
