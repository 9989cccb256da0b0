from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from orgplane_api.orgplane.v1 import sign_in_pb as pb
from orgplane_api.orgplane.v1.sign_in_service_connect import (
    SignInService,
    SignInServiceASGIApplication,
)

from ..domain.identifier import SessionId
from ..domain.scim_attribute import ENTERPRISE_USER
from ..domain.scim_user import ScimUser
from ..domain.sign_out import SignOut, SignOutReason
from ..usecases.application_sign_in import ApplicationSignIns, SignedIn
from ..usecases.sign_out import SignOuts
from .caller import application
from .member import ROLES
from .service import Service
from .wire import Context, timestamp, uuid

_REASONS: Mapping[SignOutReason, pb.SignOutReason] = {
    reason: pb.SignOutReason[reason.name] for reason in SignOutReason
}


class SignInRpcs(SignInService):
    """`orgplane.v1.SignInService`."""

    def __init__(self, sign_ins: ApplicationSignIns, sign_outs: SignOuts) -> None:
        self._sign_ins = sign_ins
        self._sign_outs = sign_outs

    async def exchange_code(
        self, request: pb.ExchangeCodeRequest, ctx: Context
    ) -> pb.ExchangeCodeResponse:
        signed_in = await self._sign_ins.exchange(
            application(), request.code, request.redirect_uri, request.code_verifier
        )
        return pb.ExchangeCodeResponse(sign_in=_to_wire(signed_in))

    async def get_sign_in(self, request: pb.GetSignInRequest, ctx: Context) -> pb.GetSignInResponse:
        signed_in = await self._sign_ins.get(application(), SessionId(uuid(request.sign_in_id)))
        return pb.GetSignInResponse(sign_in=_to_wire(signed_in))

    async def watch_sign_outs(
        self, request: pb.WatchSignOutsRequest, ctx: Context
    ) -> AsyncIterator[pb.WatchSignOutsResponse]:
        async for told in self._sign_outs.watch(application(), request.cursor):
            yield pb.WatchSignOutsResponse(
                sign_out=None if told.sign_out is None else _sign_out(told.sign_out),
                cursor=told.cursor,
            )


SERVICE = Service(
    SignInService.desc(),
    SignInServiceASGIApplication,
    lambda use_cases: SignInRpcs(use_cases.application_sign_ins, use_cases.sign_outs),
    of_applications=True,
)


def _to_wire(signed_in: SignedIn) -> pb.SignIn:
    person = signed_in.person
    member, session = person.member, person.session
    return pb.SignIn(
        id=str(session.id),
        user_id=str(member.id),
        name=member.name,
        email=member.email,
        email_verified=person.address_proven,
        organization_id=str(person.organization.id),
        organization_name=person.organization.name,
        role=ROLES[person.role],
        groups=[
            pb.SignInGroup(id=str(each.id), display_name=each.display_name)
            for each in person.groups
        ],
        scim_user=None if signed_in.scim_user is None else _scim_user(signed_in.scim_user),
        sso_configuration_id=str(session.configuration_id),
        signed_in_at=timestamp(session.created_at),
        expires_at=timestamp(session.expires_at),
        idle_expires_at=timestamp(session.idle_expires_at),
    )


def _sign_out(sign_out: SignOut) -> pb.SignOut:
    return pb.SignOut(
        sign_in_id=str(sign_out.sign_in_id),
        user_id=str(sign_out.user_id),
        organization_id=str(sign_out.organization_id),
        ended_at=timestamp(sign_out.ended_at),
        reason=_REASONS[sign_out.reason],
    )


def _scim_user(user: ScimUser) -> pb.SignInScimUser:
    core = user.attributes
    more = core.get(ENTERPRISE_USER, {})
    return pb.SignInScimUser(
        scim_configuration_id=str(user.configuration_id),
        external_id=user.external_id or "",
        user_name=_text(core, "userName"),
        title=_text(core, "title"),
        user_type=_text(core, "userType"),
        preferred_language=_text(core, "preferredLanguage"),
        locale=_text(core, "locale"),
        timezone=_text(core, "timezone"),
        employee_number=_text(more, "employeeNumber"),
        cost_center=_text(more, "costCenter"),
        organization=_text(more, "organization"),
        division=_text(more, "division"),
        department=_text(more, "department"),
    )


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    return value if isinstance(value, str) else ""
