from __future__ import annotations

from typing import Any

import structlog
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from connectrpc.interceptor import MetadataInterceptor
from connectrpc.request import RequestContext

from ...domain.errors import OrgplaneError, ResourceExhausted, Unauthenticated
from ...telemetry.call import current_call
from .. import errors
from ..protocol import Protocol
from ..refusal import Refusal

log = structlog.get_logger(__name__)


class Errors(MetadataInterceptor[None]):
    """Outermost: every error leaves as one of our table, and the call's record learns its outcome.

    What nobody foresaw is logged with its cause and answered with a fixed sentence.
    """

    async def on_start(self, ctx: RequestContext[Any, Any]) -> None:
        call = current_call.get()
        call.method = f"{ctx.method.service_name}/{ctx.method.name}"
        call.protocol = Protocol.of(ctx.request_headers.get("content-type", ""))

    async def on_end(
        self, token: None, ctx: RequestContext[Any, Any], error: Exception | None, /
    ) -> None:
        call = current_call.get()
        if error is None:
            call.code = "ok"
            return
        answer = self.answer(error, call.request_id)
        call.code = answer.code.value
        if answer.code is Code.UNAUTHENTICATED:
            ctx.response_headers["www-authenticate"] = _challenge(error)
        if isinstance(error, ResourceExhausted):
            ctx.response_headers["retry-after"] = str(error.retry_after)
            if error.quota is not None:
                for name, text in error.quota.fields.items():
                    ctx.response_headers[name] = text
        if _in_vain(error, answer):
            ctx.response_headers["x-should-retry"] = "false"
        if answer is not error:
            raise answer from error

    def answer(self, error: Exception, request_id: str) -> ConnectError:
        """The error as the caller sees it."""
        match error:
            case OrgplaneError():
                return errors.translated(error)
            case Refusal():
                return errors.refused(error)
            case ConnectError() if error.code is not Code.UNKNOWN:
                return error if _has_reason(error) else errors.from_runtime(error)
            case _:
                log.error("unhandled error", request_id=request_id, exc_info=error)
                return errors.internal(request_id)


def _has_reason(error: ConnectError) -> bool:
    return any(detail.type_name == "google.rpc.ErrorInfo" for detail in error.details)


def _in_vain(error: Exception, answer: ConnectError) -> bool:
    """Whether asking again cannot help, although the vendor's SDKs would: they go by HTTP's status."""
    too_large = answer.code is Code.RESOURCE_EXHAUSTED and isinstance(
        error, (ConnectError, Refusal)
    )
    return too_large or answer.code in (Code.UNIMPLEMENTED, Code.ALREADY_EXISTS, Code.ABORTED)


def _challenge(error: Exception) -> str:
    """RFC 6750, section 3: a request without a credential is told no error code."""
    if isinstance(error, Unauthenticated) and error.reason is not Unauthenticated.reason:
        return 'Bearer error="invalid_token"'
    return "Bearer"
