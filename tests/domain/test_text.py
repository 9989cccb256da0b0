"""Text as it is compared without regard to case, and as it travels."""

from __future__ import annotations

import sys
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from orgplane_server.domain.text import folded, of_utf8

#: What has more than one form: sigmas, dotted and dotless i, sharp s, ligatures, letters with marks in one or several
#: characters, marks in either order, Hangul, what is longer in lower case.
DIFFICULT = (
    "\u03a3\u03c3\u03c2\u0130\u0131Ii\xdf\u1e9e\ufb01\ufb03\u01c4\u01c5\u01c6\xc9\xe9E\u0301\u0323\u0302"
    "\u1ead\u1ea1\xe2\u212b\xc5\xe5\u212a\u2126\uac01\u1100\u1161\u11a8\u1f88\u0345\u0390\u0149\U00010400\U0001d160 .-@"
)
TEXTS = st.one_of(st.text(st.sampled_from(DIFFICULT), max_size=12), st.text(max_size=12))
THOROUGH = settings(max_examples=500, derandomize=True, database=None)
CHARACTERS = [chr(each) for each in range(sys.maxunicode + 1) if not 0xD800 <= each < 0xE000]


@THOROUGH
@given(text=TEXTS, start=st.integers(0, 12), end=st.integers(0, 12))
def test_a_folded_part_is_a_part_of_the_folded_whole(text: str, start: int, end: int) -> None:
    assert folded(text[start:end]) in folded(text)
    assert folded(text).startswith(folded(text[:end]))
    assert folded(text).endswith(folded(text[start:]))
    assert folded(text[:start]) + folded(text[start:]) == folded(text)


def test_no_case_and_no_form_of_a_character_makes_a_difference() -> None:
    for character in CHARACTERS:
        same = folded(character)
        assert folded(same) == same
        for form in ("NFC", "NFD"):
            assert folded(normalize(form, character)) == same
        assert folded(character.lower()) == same
        if len(upper := character.upper()) == 1 and upper.lower() == character:
            assert folded(upper) == same


@pytest.mark.parametrize(
    "alike",
    [
        ("\u039f\u0394\u039f\u03a3", "\u03bf\u03b4\u03bf\u03c2", "\u03bf\u03b4\u03bf\u03c3"),
        ("\xc9LODIE", "\xe9lodie", "E\u0301lodie", "e\u0301LODIE"),
        ("\u0130stanbul", "i\u0307stanbul", "I\u0307STANBUL"),
        ("\u212bngstr\xf6m", "\xc5NGSTRO\u0308M", "A\u030angstr\xf6m"),
        ("Vi\u1ec7t", "vi\u1eb9\u0302t", "VIE\u0323\u0302T"),
        ("STRA\u1e9eE", "stra\xdfe"),
        ("\uac01", "\u1100\u1161\u11a8", "\uac00\u11a8"),
    ],
)
def test_what_differs_in_case_alone_is_the_same(alike: tuple[str, ...]) -> None:
    assert len({folded(text) for text in alike}) == 1


def test_other_letters_are_other_letters() -> None:
    for one, other in (("stra\xdfe", "strasse"), ("\ufb01", "fi"), ("\xe9", "e"), ("\u0131", "i")):
        assert folded(one) != folded(other)


def test_json_is_utf8() -> None:
    for raw, text in (
        (b"", ""),
        (b"\xef\xbb\xbf{}", "{}"),
        ("\xe9\U0001f984".encode(), "\xe9\U0001f984"),
    ):
        assert of_utf8(raw) == text
    assert of_utf8(b"\xef\xbb\xbf" * 2) == "\ufeff"
    for raw in (b"\xff\xfe{\x00", b"\xed\xa0\x80", b"\xc0\x80", b"\xe9", b"\xf5\x80\x80\x80"):
        with pytest.raises(UnicodeDecodeError):
            of_utf8(raw)
