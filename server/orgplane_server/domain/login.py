"""How people find where they sign in, of whom nothing is known yet but what they say, and where they may be sent afterwards.

An e-mail address finds the active SSO configurations that have its domain, of organizations that have proven it. Nothing
but the domain is looked at, so that nobody learns who there is.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import urlsplit

from .errors import FailedPrecondition, InvalidArgument, NotFound, Reason, Violation
from .sso_configuration import SsoConfiguration

#: An origin, and of what comes behind it no fragment, nothing that would have to be encoded, and no backslash, which browsers
#: take for a slash (WHATWG URL, section 4.4).
_ADDRESS = re.compile(r"(https?://[^/?#\\]+)(?:[/?][\w.~!$&'()*+,;=:@/?%-]*)?", re.ASCII)
_LONGEST = 2000


class ReturnAddresses:
    """Where browsers may be sent with what lets them act: at these `origins`, letter by letter as they are written here."""

    def __init__(self, origins: Collection[str]) -> None:
        self._origins = frozenset(origins)

    def allows(self, address: str) -> bool:
        match = _ADDRESS.fullmatch(address)
        return match is not None and match[1] in self._origins and len(address) <= _LONGEST

    def check(self, address: str) -> None:
        """Raises InvalidArgument for an address that is not allowed."""
        if address and not self.allows(address):
            raise InvalidArgument(
                Violation(
                    "return_to",
                    "must be at an origin of the server's --return-origins, spelled alike, without a fragment",
                    "return_to.allowed",
                )
            )


NOWHERE = ReturnAddresses(())


def shown_name(configuration: SsoConfiguration) -> str:
    """What whoever signs in is shown: nothing that they would not see at the provider as well."""
    return configuration.display_name or urlsplit(configuration.issuer_url).hostname or ""


def nobody() -> NotFound:
    return NotFound(
        "no organization signs people in here whose e-mail addresses have this domain",
        reason=Reason.SSO_CONFIGURATION_NOT_FOUND,
    )


def not_configured() -> FailedPrecondition:
    return FailedPrecondition(
        "nobody can sign in: this server does not know its --public-url",
        reason=Reason.SIGN_IN_NOT_CONFIGURED,
    )
