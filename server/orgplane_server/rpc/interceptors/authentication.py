from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from connectrpc.interceptor import MetadataInterceptor
from connectrpc.request import RequestContext

from ...domain.caller import Caller, Origin
from ...domain.errors import Reason, Unauthenticated
from ...telemetry.call import current_call
from ...usecases.address_limit import UNLIMITED, AddressLimit
from ...usecases.authentication import Authentication, Presumption
from ..caller import authenticated


class Authenticate(MetadataInterceptor[None]):
    """No RPC behind it runs, and no body is read, without a caller (RFC 6750, section 2.1).

    A good token is never refused for the bad ones that came from the same address.
    """

    def __init__(
        self,
        authentication: Authentication,
        failed_tokens: AddressLimit = UNLIMITED,
        tokenless: Collection[str] = (),
    ) -> None:
        """The RPCs at the paths `tokenless` run without one, and look at none."""
        self.tokenless = tokenless
        self._authentication = authentication
        self._failed_tokens = failed_tokens

    async def on_start(self, ctx: RequestContext[Any, Any]) -> None:
        info = ctx.method
        if f"/{info.service_name}/{info.name}" in self.tokenless:
            return
        authenticated.set(await self.caller(ctx.request_headers.getall("authorization")))

    async def caller(self, authorization: Sequence[str]) -> Caller:
        """Whom the values of the header `authorization` stand for. Raises Unauthenticated, and counts it."""
        call = current_call.get()
        call.caller = ""  # also where somebody was presumed
        try:
            caller = await self._authentication.authenticate(
                _bearer_token(authorization), Origin(call.request_id, call.peer)
            )
        except Unauthenticated:
            self._failed_tokens.count(call.peer)
            raise
        call.caller = str(caller.user_id)
        return caller

    def presumed(self, authorization: Sequence[str]) -> Presumption | None:
        """As `Authentication.presume`, for whom this says nothing of what is wrong with a token."""
        call = current_call.get()
        try:
            found = self._authentication.presume(
                _bearer_token(authorization), Origin(call.request_id, call.peer)
            )
        except Unauthenticated:
            return None
        if found is not None:
            call.caller = str(found.caller.user_id)
        return found


def _bearer_token(values: Sequence[str]) -> str:
    if not values:
        raise Unauthenticated("an access token is needed: Authorization: Bearer <token>")
    scheme, _, token = values[0].strip().partition(" ")
    if len(values) > 1 or scheme.lower() != "bearer" or not token:
        raise Unauthenticated(
            "expected one header Authorization: Bearer <token>", reason=Reason.TOKEN_MALFORMED
        )
    return token.strip()
