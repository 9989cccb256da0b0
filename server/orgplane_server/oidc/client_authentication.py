"""How the token endpoint knows us (OpenID Connect Core 1.0, section 9): by the client secret, or by what we sign (RFC 7523)."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote_plus, urlencode

#: Those with the client secret.
METHODS = ("client_secret_basic", "client_secret_post")
PRIVATE_KEY_JWT = "private_key_jwt"
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

#: A JWT of ours for an audience.
Sign = Callable[[str], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Credential:
    """What the client `id` has: its `secret`, or with `sign` what it signs, and then the secret is shown to nobody."""

    id: str
    secret: str = field(repr=False)
    sign: Sign | None = field(default=None, repr=False)

    @property
    def methods(self) -> Sequence[str]:
        """Those that do, the best first."""
        return METHODS if self.sign is None else (PRIVATE_KEY_JWT,)

    def method(self, offered: Sequence[str]) -> str | None:
        """The one that is used with a provider who offers these; None if there is none."""
        return next((each for each in self.methods if each in offered), None)


async def request(
    form: Mapping[str, str], method: str, credential: Credential, audience: str
) -> tuple[dict[str, str], bytes]:
    """Headers and body of a request with this form, to the `audience`."""
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "accept": "application/json",
    }
    if method == PRIVATE_KEY_JWT:
        assert credential.sign is not None
        assertion = await credential.sign(audience)
        form = {
            **form,
            "client_id": credential.id,
            "client_assertion_type": _ASSERTION_TYPE,
            "client_assertion": assertion,
        }
    elif method == "client_secret_post":
        form = {**form, "client_id": credential.id, "client_secret": credential.secret}
    else:
        # Each half as in a form (RFC 6749, section 2.3.1): a secret may have a colon, a plus or a percent sign.
        pair = f"{quote_plus(credential.id)}:{quote_plus(credential.secret)}"
        headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return headers, urlencode(form).encode()
