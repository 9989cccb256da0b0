"""Where an identity provider gets access tokens for SCIM: the client credentials grant (RFC 6749, section 4.4)."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from ..domain import scim_request
from ..domain.authorization import Error, Refused
from ..domain.identifier import ScimRequestId
from ..domain.instant import Clock
from ..domain.scim_request import UNAUTHORIZED, ScimRequest
from ..telemetry.call import current_call
from ..usecases.address_limit import AddressLimit
from ..usecases.minting import new_id
from ..usecases.scim_access_token import Grant, ScimAccessTokens, unknown
from ..usecases.scim_request_log import ScimRequestLog
from . import asking, client_credential
from .responses import Application, Receive, Scope, Send, respond

#: What the id of a SCIM configuration follows.
TOKEN = "/oauth2/scim/"
_GRANT = "client_credentials"


def routes(
    tokens: ScimAccessTokens, log: ScimRequestLog, clock: Clock, failures: AddressLimit
) -> dict[str, Application]:
    """`failures` counts secrets that are none."""

    async def token(scope: Scope, receive: Receive, send: Send) -> None:
        if not await asking.served(scope, send, ("POST",)):
            return
        grant, received_at, started = Grant(), clock(), time.perf_counter()
        try:
            form = await client_credential.form(scope, receive)
            id, secret = client_credential.shown(scope, form)
            client_credential.grant_type(form, _GRANT)
            asked = asking.id_below(scope, TOKEN)
            if asked is None:
                raise unknown()
            issued = await tokens.issue(grant, asked, id, secret)
        except Refused as refused:
            _note(scope, grant, received_at, timedelta(seconds=time.perf_counter() - started))
            if refused.error is Error.INVALID_CLIENT:
                failures.count(current_call.get().peer)
            await client_credential.refuse(send, refused)
            return
        finally:
            if grant.configuration is not None:
                current_call.get().by(
                    f"scim_configuration/{grant.configuration.id}",
                    grant.configuration.organization_id,
                )
        answer = {
            "access_token": issued.token.reveal(),
            "token_type": "Bearer",
            "expires_in": issued.seconds,
        }
        await respond(send, 200, answer, client_credential.NOT_STORED)

    def _note(scope: Scope, grant: Grant, received_at: datetime, duration: timedelta) -> None:
        """A client secret that has ended is seen where SCIM's requests are."""
        ended, configuration, call = grant.ended, grant.configuration, current_call.get()
        if ended is None or configuration is None:
            return
        headers = dict(scope["headers"])
        request = ScimRequest(
            id=ScimRequestId(new_id()),
            organization_id=configuration.organization_id,
            scim_configuration_id=configuration.id,
            received_at=received_at,
            duration=duration,
            method=scim_request.method(scope["method"]),
            path=scim_request.path(scope["path"].encode(), b""),
            status=UNAUTHORIZED,
            detail=ended.reason(),
            scim_type="",
            user_agent=scim_request.user_agent(headers.get(b"user-agent", b"")),
            request_id=call.request_id,
            peer=call.peer,
            request_body="",
            response_body="",
            credential_id=ended.credential_id,
            credential=ended.hint,
        )
        log.note(request, ended)

    return {TOKEN: token}
