"""Numbers of one process: what it counts, how it tells them, how they are added up."""

from __future__ import annotations

import json
from collections.abc import Iterable

from .families import FAMILIES

#: By family and the values of its labels: one number, or those of a `Histogram`.
Numbers = dict[tuple[str, tuple[str, ...]], list[float]]


def add(numbers: Numbers, more: Numbers) -> None:
    """Adds `more` to `numbers`."""
    for key, values in more.items():
        have = numbers.get(key)
        numbers[key] = (
            list(values) if have is None else [a + b for a, b in zip(have, values, strict=True)]
        )


def lasting(numbers: Numbers) -> Numbers:
    """Those that stay when their process is gone: all but gauges."""
    return {key: values for key, values in numbers.items() if FAMILIES[key[0]].kind != "gauge"}


def written(numbers: Numbers) -> bytes:
    return json.dumps([[*key, values] for key, values in numbers.items()]).encode()


def read(text: bytes) -> Numbers:
    """What was `written`. Raises ValueError for what is cut off."""
    told: Iterable[tuple[str, list[str], list[float]]] = json.loads(text)
    return {(name, tuple(labels)): values for name, labels, values in told}
