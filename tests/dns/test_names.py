"""Domain names: one normal form each, and none that nobody can hold."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from orgplane_server.dns.names import MAIL_PROVIDERS, NoDomain, normal

CYRILLIC = "\u0430cme.com"  # a look-alike of acme.com


@pytest.mark.parametrize(
    ("given_", "name"),
    [
        ("acme.com", "acme.com"),
        ("ACME.Com", "acme.com"),
        ("acme.com.", "acme.com"),
        (" acme.com\n", "acme.com"),
        ("\uff21cme.com", "acme.com"),  # full width
        ("acme\u3002com", "acme.com"),  # an ideographic full stop
        ("a\u00adcme.com", "acme.com"),  # a soft hyphen, which UTS 46 ignores
        ("Stra\u00dfe.de", "xn--strae-oqa.de"),
        ("mail.acme.co.uk", "mail.acme.co.uk"),
        ("acme.github.io", "acme.github.io"),
        (CYRILLIC, "xn--cme-5cd.com"),
    ],
)
def test_a_name_has_one_normal_form(given_: str, name: str) -> None:
    assert normal(given_) == normal(name) == name


def test_a_look_alike_is_another_name() -> None:
    assert normal(CYRILLIC) != normal("acme.com")


@pytest.mark.parametrize(
    ("given_", "why"),
    [
        *[(suffix, "public suffix") for suffix in ("com", "co.uk", "github.io", "b.ck", "CO.UK.")],
        *[(name, "public suffix") for name in ("acme.internal", "acme.test", "acme.nosuchtld")],
        *[
            (name, "mail provider")
            for name in ("gmail.com", "GMAIL.com.", "\uff47mail.com", "web.de")
        ],
        *[(address, "IP address") for address in ("192.0.2.1", "0x7f.1", "127.1")],
        *[
            (text, "domain name")
            for text in (
                *(
                    "",
                    ".",
                    "acme..com",
                    "acme.com..",
                    ".acme.com",
                    "a_b.com",
                    "*.acme.com",
                    "-a.com",
                ),
                *(
                    "https://acme.com",
                    "acme.com/",
                    "acme.com:80",
                    "ada@acme.com",
                    "[::1]",
                    "ac me.com",
                ),
                *("acme.com\0", "a\u200db.com", "xn--a.com", f"{'a' * 64}.com", "a" * 2000),
            )
        ],
        (".".join(["a" * 60] * 4) + ".com", "too long"),
    ],
)
def test_what_nobody_can_hold_is_refused(given_: str, why: str) -> None:
    with pytest.raises(NoDomain, match=why):
        normal(given_)


@pytest.mark.parametrize("name", ["acme.internal", "acme.test", "corp", "gmail.com"])
def test_a_private_name_may_be_any_name(name: str) -> None:
    assert normal(name, private=True) == name


@pytest.mark.parametrize("text", ["192.0.2.1", "a_b.internal", "", "*.internal"])
def test_a_private_name_is_a_name_still(text: str) -> None:
    with pytest.raises(NoDomain):
        normal(text, private=True)


def test_mail_providers_are_written_in_normal_form() -> None:
    assert {normal(name, private=True) for name in MAIL_PROVIDERS} == MAIL_PROVIDERS


@settings(max_examples=50)
@given(st.text(max_size=40))
def test_any_text_is_a_name_or_refused(text: str) -> None:
    for private in (False, True):
        try:
            name = normal(text, private=private)
        except NoDomain:
            continue
        assert name.isascii()
        assert normal(name, private=private) == name
