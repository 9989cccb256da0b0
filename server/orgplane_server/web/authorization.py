"""What applications ask: who has signed in, in the ways of OAuth 2.0 (RFC 6749) and OpenID Connect Core 1.0."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ..domain.authorization import Client, Error, Refused
from ..domain.device import INTERVAL, LIFETIME
from ..domain.errors import Unauthenticated
from ..domain.sign_in import Denied
from ..domain.signing_key import ALGORITHM
from ..telemetry.call import current_call
from ..usecases.address_limit import AddressLimit
from ..usecases.authorization import Authorizations, Told
from ..usecases.client_assertion import JWKS
from ..usecases.device import Devices
from . import asking, client_credential, page
from .asking import Malformed
from .client_credential import NOT_STORED
from .device import DEVICE
from .responses import Application, Receive, Scope, Send, refuse, respond

AUTHORIZE = "/oauth2/authorize"
TOKEN = "/oauth2/token"
DEVICE_AUTHORIZATION = "/oauth2/device_authorization"
REVOCATION = "/oauth2/revoke"
USERINFO = "/oauth2/userinfo"
#: OpenID Connect Discovery 1.0, section 4, and RFC 8414, section 3.
DISCOVERY = "/.well-known/openid-configuration"
METADATA = "/.well-known/oauth-authorization-server"

_CODE = "authorization_code"
_DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
_Work = Callable[[Client, Mapping[str, str]], Awaitable[Mapping[str, Any]]]


def routes(
    authorizations: Authorizations,
    devices: Devices,
    tokenless: AddressLimit,
    programs: AddressLimit,
    failures: AddressLimit,
) -> dict[str, Application]:
    """`tokenless` counts what takes no credential, `programs` those that begin to be let in, `failures` credentials and codes that are none."""

    async def authorize(scope: Scope, receive: Receive, send: Send) -> None:
        if not await asking.asked(scope, send, tokenless, ("GET", "POST")):
            return
        try:
            posted = scope["method"] == "POST"
            asked = await asking.form(scope, receive) if posted else asking.query(scope)
            onward = await authorizations.begin(asked)
        except (Malformed, Denied) as error:
            why = str(error) or "The request of the application that sent you here is damaged."
            await page.show(send, 400, "You are not signed in", page.paragraph(why))
            return
        await page.redirect(send, onward)

    async def token(scope: Scope, receive: Receive, send: Send) -> None:
        await _answered(scope, receive, send, _token)

    async def device_authorization(scope: Scope, receive: Receive, send: Send) -> None:
        programs.count(current_call.get().peer)
        await _answered(scope, receive, send, _device)

    async def _answered(scope: Scope, receive: Receive, send: Send, work: _Work) -> None:
        if not await asking.served(scope, send, ("POST",)):
            return
        try:
            form = await client_credential.form(scope, receive)
            id, secret = client_credential.shown(scope, form)
            client = await authorizations.authenticate(id, secret)
            if client.application is None:
                tokenless.count(current_call.get().peer)
            current_call.get().caller = client.id
            answer = await work(client, form)
        except Refused as refused:
            if refused.error in (Error.INVALID_CLIENT, Error.INVALID_GRANT):
                failures.count(current_call.get().peer)
            await client_credential.refuse(send, refused)
            return
        await respond(send, 200, answer, NOT_STORED)

    async def _device(client: Client, form: Mapping[str, str]) -> Mapping[str, Any]:
        begun = await devices.begin(client, current_call.get().peer)
        return {
            "device_code": begun.token.reveal(),
            "user_code": begun.code,
            "verification_uri": f"{authorizations.issuer}{DEVICE}",
            "expires_in": int(LIFETIME.total_seconds()),
            "interval": int(INTERVAL.total_seconds()),
        }

    async def _told(client: Client, form: Mapping[str, str]) -> Told:
        if client_credential.grant_type(form, _CODE, _DEVICE_CODE) == _DEVICE_CODE:
            return await devices.exchange(client, form.get("device_code", ""))
        for name in ("code", "redirect_uri", "code_verifier"):
            if not form.get(name):
                raise Refused(Error.INVALID_REQUEST, f"{name}: is missing")
        return await authorizations.exchange(
            client, form["code"], form["redirect_uri"], form["code_verifier"]
        )

    async def _token(client: Client, form: Mapping[str, str]) -> Mapping[str, Any]:
        told = await _told(client, form)
        answer = {
            "access_token": told.token.reveal(),
            "token_type": "Bearer",
            "expires_in": told.seconds,
        }
        if client.application is not None:
            answer |= {"scope": "openid", "id_token": await authorizations.id_token(client, told)}
        return answer

    async def revocation(scope: Scope, receive: Receive, send: Send) -> None:
        await _answered(scope, receive, send, _revoke)

    async def _revoke(client: Client, form: Mapping[str, str]) -> Mapping[str, Any]:
        if not form.get("token"):
            raise Refused(Error.INVALID_REQUEST, "token: is missing")
        await authorizations.revoke(client, form["token"], asking.origin())
        return {}

    async def userinfo(scope: Scope, receive: Receive, send: Send) -> None:
        if not await asking.served(scope, send, ("GET", "POST")):
            return
        given = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
        scheme, _, bearer = given.partition(" ")
        try:
            if scheme.lower() != "bearer":
                raise Unauthenticated("an access token is needed")
            person = await authorizations.person(bearer.strip())
        except Unauthenticated as error:
            failures.count(current_call.get().peer)
            told = {"error": "invalid_token", "error_description": str(error)}
            challenge = (b"www-authenticate", b'Bearer error="invalid_token"')
            await respond(send, 401, told, (*NOT_STORED, challenge))
            return
        current_call.get().by(str(person.member.id), person.member.organization_id)
        await respond(send, 200, person.claims(), NOT_STORED)

    async def jwks(scope: Scope, receive: Receive, send: Send) -> None:
        if await asking.asked(scope, send, tokenless, ("GET", "HEAD")):
            await respond(send, 200, {"keys": await authorizations.published_keys()})

    async def metadata(scope: Scope, receive: Receive, send: Send) -> None:
        if not await asking.asked(scope, send, tokenless, ("GET", "HEAD")):
            return
        if not authorizations.issuer:
            await refuse(send, 404, "not_found", "this server does not know its --public-url")
            return
        await respond(send, 200, _metadata(authorizations.issuer))

    pages: dict[str, Callable[[Scope, Receive, Send], Awaitable[None]]] = {
        AUTHORIZE: authorize,
        TOKEN: token,
        DEVICE_AUTHORIZATION: device_authorization,
        REVOCATION: revocation,
        USERINFO: userinfo,
        JWKS: jwks,
        DISCOVERY: metadata,
        METADATA: metadata,
    }
    return pages


def _metadata(issuer: str) -> dict[str, Any]:
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}{AUTHORIZE}",
        "token_endpoint": f"{issuer}{TOKEN}",
        "device_authorization_endpoint": f"{issuer}{DEVICE_AUTHORIZATION}",
        "revocation_endpoint": f"{issuer}{REVOCATION}",
        "userinfo_endpoint": f"{issuer}{USERINFO}",
        "jwks_uri": f"{issuer}{JWKS}",
        "scopes_supported": ["openid"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": [_CODE, _DEVICE_CODE],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "token_endpoint_auth_methods_supported": [
            "client_secret_basic",
            "client_secret_post",
            "none",  # of the command line alone
        ],
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "claims_supported": [
            *("iss", "sub", "aud", "exp", "iat", "nonce", "sid", "name", "email"),
            *("email_verified", "organization", "organization_name", "role", "groups"),
        ],
    }
