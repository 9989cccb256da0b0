"""`attributes` and `excludedAttributes`: what of a resource an answer holds (RFC 7644, section 3.9)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..domain.scim_attribute import CORE_GROUP, CORE_USER, ENTERPRISE_USER
from . import dialects
from .errors import invalid

_SCHEMAS = tuple(urn.lower() for urn in (CORE_USER, CORE_GROUP, ENTERPRISE_USER))
_ALWAYS = frozenset({"id", "schemas"})


@dataclass(frozen=True, slots=True)
class Projection:
    """Names are lower-case paths: `emails`, `name.givenname`, those of an extension below its URN.

    Names that nothing has change nothing. Without any, all of the resource is in the answer.
    """

    only: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()

    @classmethod
    def of(cls, attributes: Iterable[str], excluded: Iterable[str]) -> Projection:
        """Raises InvalidArgument when both are given, which exclude each other."""
        only = frozenset(filter(None, map(_path, attributes)))
        without = frozenset(filter(None, map(_path, excluded))) - _ALWAYS
        if only and without:
            raise invalid(
                "invalidValue", "excludedAttributes", "cannot be given together with attributes"
            )
        return cls(only, without)

    @property
    def all(self) -> bool:
        """Whether nothing is left out."""
        return not self.only and not self.without

    def wants(self, attribute: str) -> bool:
        """Whether any of a top-level attribute can be in the answer."""
        name = attribute.lower()
        if name in self.without:
            return False
        return not self.only or any(
            path == name or path.startswith(f"{name}.") for path in self.only
        )

    def applied(self, resource: str) -> str:
        """The JSON of a resource with what is asked for."""
        if self.all:
            return resource
        kept = _kept(json.loads(resource), "", self._holds)
        return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))

    def _holds(self, path: str) -> bool | None:
        """Whether all of `path` is in the answer, or none of it; None for some of what is below."""
        if self.only:
            if path in _ALWAYS or any(_within(path, chosen) for chosen in self.only):
                return True
            return None if any(_within(chosen, path) for chosen in self.only) else False
        if path in self.without:
            return False
        return None if any(_within(left_out, path) for left_out in self.without) else True


def _kept(value: Mapping[str, Any], prefix: str, holds: Any) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, inner in value.items():
        path = f"{prefix}{name.lower()}"
        held = holds(path)
        if held is None:
            inner = _below(inner, f"{path}.", holds)
            held = inner not in ({}, [])
        if held:
            result[name] = inner
    return result


def _below(value: Any, prefix: str, holds: Any) -> Any:
    if isinstance(value, dict):
        return _kept(value, prefix, holds)
    if isinstance(value, list):
        entries = [_below(entry, prefix, holds) for entry in value]
        return [entry for entry in entries if entry != {}]
    return value


def _within(path: str, outer: str) -> bool:
    return path == outer or path.startswith(f"{outer}.")


def _path(name: str) -> str:
    """A name as it was asked for, as a path: without the URN of a core schema or a value filter."""
    path = dialects.dot_after_a_urn(name.strip().lower()).partition("[")[0]
    for urn in _SCHEMAS:
        if path == urn:
            return "" if urn != ENTERPRISE_USER.lower() else urn
        if path.startswith(f"{urn}:"):
            below = path[len(urn) + 1 :]
            return f"{urn}.{below}" if urn == ENTERPRISE_USER.lower() else below
    return path
