"""The normal form of domain names, and which of them somebody can hold."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

import idna

from ..domain.domain_verification import LABEL

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

#: A name of the domain name system (RFC 1035, section 2.3.4), in text and without the dot at its end.
_LONGEST = 253
#: Rather than an IP address in one of its many spellings, which IDNA lets pass.
_LAST_LABEL = re.compile(r"[a-z][a-z0-9-]*")
#: Whoever has an address there has proven nothing about anybody else who has.
MAIL_PROVIDERS = frozenset(
    [
        "126.com",
        "163.com",
        "aim.com",
        "aol.com",
        "bluewin.ch",
        "btinternet.com",
        "comcast.net",
        "cox.net",
        "daum.net",
        "fastmail.com",
        "fastmail.fm",
        "foxmail.com",
        "free.fr",
        "freenet.de",
        "gmail.com",
        "gmx.at",
        "gmx.ch",
        "gmx.com",
        "gmx.de",
        "gmx.net",
        "googlemail.com",
        "hanmail.net",
        "hey.com",
        "hotmail.co.uk",
        "hotmail.com",
        "hotmail.de",
        "hotmail.es",
        "hotmail.fr",
        "hotmail.it",
        "hushmail.com",
        "icloud.com",
        "inbox.ru",
        "interia.pl",
        "laposte.net",
        "libero.it",
        "list.ru",
        "live.co.uk",
        "live.com",
        "live.de",
        "live.fr",
        "live.nl",
        "mac.com",
        "mail.com",
        "mail.ru",
        "mailbox.org",
        "me.com",
        "msn.com",
        "naver.com",
        "o2.pl",
        "onet.pl",
        "orange.fr",
        "outlook.com",
        "outlook.de",
        "outlook.fr",
        "pm.me",
        "posteo.de",
        "posteo.net",
        "proton.me",
        "protonmail.ch",
        "protonmail.com",
        "qq.com",
        "rediffmail.com",
        "rocketmail.com",
        "sbcglobal.net",
        "seznam.cz",
        "sfr.fr",
        "sina.com",
        "skynet.be",
        "sohu.com",
        "t-online.de",
        "tiscali.it",
        "tuta.com",
        "tutanota.com",
        "verizon.net",
        "virgilio.it",
        "wanadoo.fr",
        "web.de",
        "wp.pl",
        "yahoo.ca",
        "yahoo.co.in",
        "yahoo.co.jp",
        "yahoo.co.uk",
        "yahoo.com",
        "yahoo.com.br",
        "yahoo.de",
        "yahoo.es",
        "yahoo.fr",
        "yahoo.it",
        "yandex.com",
        "yandex.ru",
        "ymail.com",
        "zoho.com",
    ]
)


class NoDomain(ValueError):
    """The text is no domain that somebody could hold; it says why."""


def normal(text: str, *, private: bool = False) -> str:
    """The name in ASCII (IDNA as of UTS 46), lower case, without a dot at its end.

    Raises NoDomain for what is no name, an IP address, too long, a public suffix or under none, or a public mail
    provider's. A `private` name may be under no public suffix, such as `corp.internal`.
    """
    if not 0 < len(text) <= 4 * _LONGEST:
        raise NoDomain("must be a domain name such as acme.com")
    try:
        name = idna.encode(text.strip(), uts46=True, std3_rules=True).decode().lower().rstrip(".")
    except UnicodeError as error:  # IDNAError is one
        raise NoDomain(f"must be a domain name such as acme.com: {error}") from error
    if not _LAST_LABEL.fullmatch(name.rpartition(".")[2]):
        raise NoDomain("must be a domain name such as acme.com, not an IP address")
    if len(name) > _LONGEST - len(LABEL) - 1:
        raise NoDomain("is too long for a record to fit below it")
    if private:
        return name
    if _suffixes().privatesuffix(name) is None:
        raise NoDomain(
            f"{name} is a public suffix, or below none: nobody can prove it (for a private name the operator of the "
            "server can vouch: orgplane-server verify-domain --private)"
        )
    if name in MAIL_PROVIDERS:
        raise NoDomain(f"{name} is a public mail provider's: addresses there say nothing")
    return name


@functools.cache
def _suffixes() -> PublicSuffixList:
    """The list that comes with the package; made when it is first needed, which takes a moment."""
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(accept_unknown=False)
