from __future__ import annotations

import hashlib
import re

import pytest
from orgplane_server.domain.errors import Unauthenticated
from orgplane_server.domain.token import ENTROPY_BYTES, Token, TokenKind

KINDS = list(TokenKind)


def mint(kind: TokenKind = TokenKind.SCIM, seed: int = 7) -> Token:
    return Token.mint(kind, seed.to_bytes(ENTROPY_BYTES))


@pytest.mark.parametrize("kind", KINDS)
def test_a_token_is_its_kind_and_49_base62_characters(kind: TokenKind) -> None:
    assert re.fullmatch(re.escape(kind) + "[0-9A-Za-z]{49}", mint(kind).reveal())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("entropy", [bytes(32), b"\xff" * 32, bytes(range(32))])
def test_a_minted_token_parses_to_itself(kind: TokenKind, entropy: bytes) -> None:
    token = Token.mint(kind, entropy)
    assert Token.parse(token.reveal()) == token


def test_every_single_character_typo_is_recognised() -> None:
    text = mint().reveal()
    for position in range(len(text)):
        for replacement in "0aZ_-":
            typo = text[:position] + replacement + text[position + 1 :]
            assert typo == text or Token.parse(typo) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "orgplane_pat_",
        "Bearer",
        "ghp_abc",
        "orgplane_pat_" + "0" * 49,
        "orgplane_scim_" + "é" * 49,
    ],
)
def test_anything_else_is_no_token(text: str) -> None:
    assert Token.parse(text) is None


def test_the_kind_is_part_of_the_checksum() -> None:
    text = mint(TokenKind.SCIM).reveal()
    assert Token.parse(text.replace(TokenKind.SCIM, TokenKind.PERSONAL_ACCESS)) is None


def test_different_entropy_gives_different_tokens_and_digests() -> None:
    assert mint(seed=1).reveal() != mint(seed=2).reveal()
    assert mint(seed=1).digest != mint(seed=2).digest


def test_the_digest_is_sha256_of_the_whole_token() -> None:
    token = mint()
    assert token.digest == hashlib.sha256(token.reveal().encode()).digest()


def test_a_token_prints_without_its_secret() -> None:
    token = mint()
    last = token.reveal()[-4:]
    assert repr(token) == str(token) == f"{token}" == f"orgplane_scim_...{last}"
    assert token.reveal() not in repr([token, {"token": token}])


def test_a_token_needs_all_of_its_entropy() -> None:
    with pytest.raises(ValueError, match="32 random bytes"):
        Token.mint(TokenKind.SCIM, b"short")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (mint(TokenKind.PERSONAL_ACCESS).reveal(), "this is a personal access token"),
        (mint(TokenKind.ACCESS).reveal(), "this is an access token of an application .*; a SCIM"),
        (mint().reveal()[:-1], "is damaged"),
        ("nonsense", "this is no token; a SCIM token"),
    ],
)
def test_what_is_not_the_token_that_is_needed_is_told_for_what_it_is(
    text: str, problem: str
) -> None:
    with pytest.raises(Unauthenticated, match=problem) as caught:
        Token.of_kind(TokenKind.SCIM, text)
    assert text not in str(caught.value)
