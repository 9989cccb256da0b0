"""Numbers of one process: what it counts, how it tells them, how they are added up."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from .families import FAMILIES

#: By family and the values of its labels: one number, or those of a `Histogram`.
Numbers = dict[tuple[str, tuple[str, ...]], list[float]]


class Exemplar(NamedTuple):
    """A request that is among those of a bucket, which a collector of traces knows; `at` is in seconds since 1970."""

    trace_id: str
    span_id: str
    value: float
    at: float


#: By family, the values of its labels and the number of the bucket.
Exemplars = dict[tuple[str, tuple[str, ...], int], Exemplar]


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


def written(numbers: Numbers, exemplars: Exemplars) -> bytes:
    return json.dumps(
        {
            "numbers": [[*key, values] for key, values in numbers.items()],
            "exemplars": [[*key, each] for key, each in exemplars.items()],
        }
    ).encode()


def read(text: bytes) -> tuple[Numbers, Exemplars]:
    """What was `written`. Raises ValueError for what is cut off."""
    told: dict[str, Iterable[Any]] = json.loads(text)
    return (
        {(name, tuple(labels)): values for name, labels, values in told["numbers"]},
        {
            (name, tuple(labels), bucket): Exemplar(*each)
            for name, labels, bucket, each in told["exemplars"]
        },
    )
