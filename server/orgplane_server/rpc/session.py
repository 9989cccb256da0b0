from __future__ import annotations

from orgplane_api.orgplane.v1 import session_pb as pb
from orgplane_api.orgplane.v1.session_service_connect import (
    SessionService,
    SessionServiceASGIApplication,
)

from ..domain.session import Session
from ..usecases.session import Sessions
from .caller import caller
from .service import Service
from .wire import Context, timestamp


class SessionServiceRpcs(SessionService):
    """`orgplane.v1.SessionService`."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def get_session(
        self, request: pb.GetSessionRequest, ctx: Context
    ) -> pb.GetSessionResponse:
        return pb.GetSessionResponse(session=_to_wire(await self._sessions.get(caller())))

    async def end_session(
        self, request: pb.EndSessionRequest, ctx: Context
    ) -> pb.EndSessionResponse:
        await self._sessions.end(caller())
        return pb.EndSessionResponse()


SERVICE = Service(
    SessionService.desc(),
    SessionServiceASGIApplication,
    lambda use_cases: SessionServiceRpcs(use_cases.sessions),
)


def _to_wire(session: Session) -> pb.Session:
    return pb.Session(
        id=str(session.id),
        user_id=str(session.user_id),
        sso_configuration_id=str(session.configuration_id),
        created_at=timestamp(session.created_at),
        expires_at=timestamp(session.expires_at),
        idle_expires_at=timestamp(session.idle_expires_at),
    )
