"""How the token endpoint knows us: by the client secret (OpenID Connect Core 1.0, section 9)."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from urllib.parse import quote_plus, urlencode

METHODS = ("client_secret_basic", "client_secret_post")


def method(offered: Sequence[str]) -> str | None:
    """The one that is used with a provider who offers these; None if there is none."""
    return next((each for each in METHODS if each in offered), None)


def request(
    form: Mapping[str, str], method: str, client_id: str, client_secret: str
) -> tuple[dict[str, str], bytes]:
    """Headers and body of a request with this form."""
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "accept": "application/json",
    }
    if method == "client_secret_post":
        form = {**form, "client_id": client_id, "client_secret": client_secret}
    else:
        # Each half as in a form (RFC 6749, section 2.3.1): a secret may have a colon, a plus or a percent sign.
        pair = f"{quote_plus(client_id)}:{quote_plus(client_secret)}"
        headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return headers, urlencode(form).encode()
