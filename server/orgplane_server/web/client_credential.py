"""How programs show who they are where they get tokens, and what they are told if they are not let in (RFC 6749)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from urllib.parse import unquote_plus

from ..domain.authorization import Error, Refused
from . import asking
from .asking import Malformed
from .responses import NOT_KEPT, Receive, Scope, Send, respond

#: Headers of what holds a token (RFC 6749, section 5.1).
NOT_STORED = (*NOT_KEPT, (b"pragma", b"no-cache"))
_BASIC = (b"www-authenticate", b'Basic realm="orgplane"')


async def form(scope: Scope, receive: Receive) -> Mapping[str, str]:
    """What was posted. Raises Refused."""
    try:
        return await asking.form(scope, receive)
    except Malformed:
        raise Refused(
            Error.INVALID_REQUEST, "the body has to be a form, with no parameter twice"
        ) from None


async def refuse(send: Send, refused: Refused) -> None:
    """Answers an error (RFC 6749, section 5.2)."""
    unknown = refused.error is Error.INVALID_CLIENT
    headers = (*NOT_STORED, _BASIC) if unknown else NOT_STORED
    told = {"error": refused.error, "error_description": refused.description}
    await respond(send, 401 if unknown else 400, told, headers)


def grant_type(form: Mapping[str, str], *served: str) -> str:
    """What a token is asked for by, one of those `served`. Raises Refused (RFC 6749, section 5.2)."""
    if not (given := form.get("grant_type")):
        raise Refused(Error.INVALID_REQUEST, "grant_type: is missing")
    if given not in served:
        raise Refused(Error.UNSUPPORTED_GRANT_TYPE, f"grant_type: has to be {' or '.join(served)}")
    return given


def shown(scope: Scope, form: Mapping[str, str]) -> tuple[str, str | None]:
    """The client's id and secret, shown in one way (RFC 6749, section 2.3.1). Raises Refused."""
    given = dict(scope["headers"]).get(b"authorization")
    if given is None:
        return form.get("client_id", ""), form.get("client_secret")
    if "client_secret" in form:
        raise Refused(Error.INVALID_REQUEST, "the client shows its secret in two ways")
    scheme, _, pair = given.partition(b" ")
    try:
        if scheme.lower() != b"basic":
            raise ValueError
        id, colon, secret = base64.b64decode(pair.strip(), validate=True).decode().partition(":")
        if not colon:
            raise ValueError
    except (ValueError, binascii.Error):
        raise Refused(Error.INVALID_CLIENT, "Authorization: Basic is needed") from None
    id, secret = unquote_plus(id), unquote_plus(secret)
    if form.get("client_id", id) != id:
        raise Refused(Error.INVALID_REQUEST, "client_id: it is not the one of the credential")
    return id, secret
