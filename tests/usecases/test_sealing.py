from __future__ import annotations

import re

import pytest
from orgplane_server.usecases.sealing import Broken, Sealer

KEY = bytes(range(32))


def test_what_was_sealed_opens_for_the_same_purpose_and_key_only() -> None:
    sealed = Sealer(KEY).seal(b"secret", "a")
    assert Sealer(KEY).open(sealed, "a") == b"secret"
    with pytest.raises(Broken):
        Sealer(KEY).open(sealed, "b")
    with pytest.raises(Broken):
        Sealer(bytes(32)).open(sealed, "a")


def test_the_same_is_never_sealed_the_same_and_never_readable() -> None:
    first, second = (Sealer(KEY).seal(b"secret", "a") for _ in range(2))
    assert first != second
    assert b"secret" not in first


def test_any_changed_bit_is_noticed() -> None:
    sealed = Sealer(KEY).seal(b"secret", "a")
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(Broken):
            Sealer(KEY).open(bytes(changed), "a")


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01" * 13, b"\x02" * 64])
def test_anything_else_is_broken(sealed: bytes) -> None:
    with pytest.raises(Broken):
        Sealer(KEY).open(sealed, "a")


def test_as_text_it_is_fit_for_a_url_and_anything_else_is_broken() -> None:
    sealed = Sealer(KEY).seal_text(b"secret", "a")
    assert re.fullmatch(r"[\w=-]+", sealed, re.ASCII)
    assert Sealer(KEY).open_text(sealed, "a") == b"secret"
    for broken in (sealed[:-3], sealed.swapcase(), "", "\u2603", "a"):
        with pytest.raises(Broken):
            Sealer(KEY).open_text(broken, "a")


def test_a_key_has_32_bytes() -> None:
    with pytest.raises(ValueError, match="32 random bytes"):
        Sealer(b"short")
