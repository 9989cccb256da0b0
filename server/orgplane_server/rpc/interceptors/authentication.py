from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from connectrpc.interceptor import MetadataInterceptor
from connectrpc.request import RequestContext

from ...domain.application import ApplicationCaller
from ...domain.caller import Caller, Origin
from ...domain.errors import Reason, ResourceExhausted, Unauthenticated
from ...domain.operator import OperatorCaller, operator_needed, outside
from ...domain.token import TokenKind
from ...fairness import whose
from ...telemetry.call import current_call
from ...usecases.address_limit import UNLIMITED, AddressLimit
from ...usecases.application_authentication import ApplicationAuthentication
from ...usecases.authentication import Authentication, Presumption
from ...usecases.credential_limit import CredentialLimit
from ...usecases.operator_token import OperatorAuthentication
from ..caller import know, know_application, know_operator


class Authenticate(MetadataInterceptor[None]):
    """No RPC behind it runs, and no body is read, without a caller (RFC 6750, section 2.1).

    A good token is never refused for the bad ones that came from the same address.
    """

    def __init__(
        self,
        authentication: Authentication,
        failed_tokens: AddressLimit = UNLIMITED,
        tokenless: Collection[str] = (),
        applications: ApplicationAuthentication | None = None,
        of_applications: Collection[str] = (),
        operators: OperatorAuthentication | None = None,
        of_operators: Collection[str] = (),
        limit: CredentialLimit | None = None,
    ) -> None:
        """The RPCs at the paths `tokenless` run without one, and look at none; those `of_applications` take an application's secret, those
        `of_operators` an operator token."""
        self.tokenless = tokenless
        self._of_applications = of_applications
        self._operators = operators
        self._of_operators = of_operators
        self._authentication = authentication
        self._applications = applications
        self._failed_tokens = failed_tokens
        self._limit = limit

    async def on_start(self, ctx: RequestContext[Any, Any]) -> None:
        info = ctx.method
        path = f"/{info.service_name}/{info.name}"
        if path not in self.tokenless:
            await self.know(path, ctx.request_headers.getall("authorization"))

    async def know(self, path: str, authorization: Sequence[str]) -> None:
        """Whose call of an RPC it is, from here on. Raises Unauthenticated, and counts it, and PermissionDenied where an operator is
        needed or is none; and as `count`."""
        if path in self._of_applications:
            know_application(await self._application(authorization))
        elif path in self._of_operators:
            if not _is_operator(authorization):
                await self.caller(authorization)
                raise operator_needed()
            know_operator(await self._operator(authorization))
        elif _is_operator(authorization):
            await self._operator(authorization)
            raise outside()
        else:
            know(await self.caller(authorization))
        self.count()

    def count(self) -> None:
        """Counts a call of whoever is known, once. Raises ResourceExhausted as `CredentialLimit.count`."""
        call = current_call.get()
        if self._limit is not None and not call.counted:
            call.counted = True  # the runtime, if the call is its after all, asks again
            self._limit.count(whose.get())

    async def count_presumed(self, authorization: Sequence[str]) -> None:
        """As `count`, of a caller who is only presumed: raises Unauthenticated if they are not, and waiting would not help."""
        try:
            self.count()
        except ResourceExhausted:
            await self.caller(authorization)
            raise

    def for_members(self, path: str) -> bool:
        """Whether the RPC takes the token of a member or a service account."""
        return path not in self._of_applications and path not in self._of_operators

    async def caller(self, authorization: Sequence[str]) -> Caller:
        """Whom the values of the header `authorization` stand for. Raises Unauthenticated, and counts it."""
        call = current_call.get()
        call.caller = call.organization = ""  # also where somebody was presumed
        with self._failures_counted(call.peer):
            caller = await self._authentication.authenticate(
                _bearer_token(authorization), Origin(call.request_id, call.peer)
            )
        call.by(str(caller.id), caller.organization_id)
        return caller

    @contextlib.contextmanager
    def _failures_counted(self, peer: str) -> Iterator[None]:
        try:
            yield
        except Unauthenticated:
            self._failed_tokens.count(peer)
            raise

    async def _application(self, authorization: Sequence[str]) -> ApplicationCaller:
        call = current_call.get()
        assert self._applications is not None
        with self._failures_counted(call.peer):
            caller = await self._applications.authenticate(
                _bearer_token(authorization), Origin(call.request_id, call.peer)
            )
        call.caller = str(caller.application.id)
        return caller

    async def _operator(self, authorization: Sequence[str]) -> OperatorCaller:
        call = current_call.get()
        assert self._operators is not None
        with self._failures_counted(call.peer):
            caller = await self._operators.authenticate(
                _bearer_token(authorization), Origin(call.request_id, call.peer)
            )
        call.caller = f"operator_token/{caller.token.id}"
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
            call.by(str(found.caller.id), found.caller.organization_id)
        return found


def _is_operator(values: Sequence[str]) -> bool:
    """Whether what is borne is to be an operator token, going by how it begins."""
    try:
        return _bearer_token(values).startswith(TokenKind.OPERATOR)
    except Unauthenticated:
        return False


def _bearer_token(values: Sequence[str]) -> str:
    if not values:
        raise Unauthenticated("an access token is needed: Authorization: Bearer <token>")
    scheme, _, token = values[0].strip().partition(" ")
    if len(values) > 1 or scheme.lower() != "bearer" or not token:
        raise Unauthenticated(
            "expected one header Authorization: Bearer <token>", reason=Reason.TOKEN_MALFORMED
        )
    return token.strip()
