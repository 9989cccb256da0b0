from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from orgplane_api.orgplane.v1 import sign_in_attempt_pb as pb
from orgplane_api.orgplane.v1.sign_in_attempt_service_connect import (
    SignInAttemptService,
    SignInAttemptServiceASGIApplication,
)

from ..domain.identifier import SsoConfigurationId
from ..domain.sign_in import Refusal
from ..domain.sign_in_attempt import SignInAttempt
from ..usecases.sign_in_attempt import SignInAttempts
from .caller import caller
from .log_filter import log_filter
from .service import Service
from .wire import Context, page_request, page_response, timestamp, uuid

_REFUSALS: Mapping[Refusal | None, pb.SignInRefusal] = {
    None: pb.SignInRefusal.UNSPECIFIED,
    **{refusal: pb.SignInRefusal[refusal.name] for refusal in Refusal},
}


class SignInAttemptRpcs(SignInAttemptService):
    """`orgplane.v1.SignInAttemptService`."""

    def __init__(self, attempts: SignInAttempts) -> None:
        self._attempts = attempts

    async def list_sign_in_attempts(
        self, request: pb.ListSignInAttemptsRequest, ctx: Context
    ) -> pb.ListSignInAttemptsResponse:
        page = await self._attempts.list(
            caller(),
            _id(request.sso_configuration_id),
            page_request(request.pagination),
            log_filter(request.filter),
            oldest_first=request.oldest_first,
        )
        return pb.ListSignInAttemptsResponse(
            pagination=page_response(page.next_token),
            sign_in_attempts=[_to_wire(item) for item in page.items],
        )

    async def watch_sign_in_attempts(
        self, request: pb.WatchSignInAttemptsRequest, ctx: Context
    ) -> AsyncIterator[pb.WatchSignInAttemptsResponse]:
        watch = self._attempts.watch(
            caller(),
            _id(request.sso_configuration_id),
            failed=request.failed,
            cursor=request.cursor,
            recent=request.recent,
        )
        async for told in watch:
            yield pb.WatchSignInAttemptsResponse(
                sign_in_attempt=None if told.attempt is None else _to_wire(told.attempt),
                cursor=told.cursor,
            )


SERVICE = Service(
    SignInAttemptService.desc(),
    SignInAttemptServiceASGIApplication,
    lambda use_cases: SignInAttemptRpcs(use_cases.sign_in_attempts),
)


def _id(text: str) -> SsoConfigurationId:
    return SsoConfigurationId(uuid(text))


def _to_wire(attempt: SignInAttempt) -> pb.SignInAttempt:
    return pb.SignInAttempt(
        id=str(attempt.id),
        sso_configuration_id=str(attempt.sso_configuration_id),
        attempted_at=timestamp(attempt.attempted_at),
        refusal=_REFUSALS[attempt.refusal],
        detail=attempt.detail,
        user_id="" if attempt.user_id is None else str(attempt.user_id),
        subject=attempt.subject,
        email=attempt.email,
        request_id=attempt.request_id,
        peer=attempt.peer,
        omitted=attempt.omitted,
    )
