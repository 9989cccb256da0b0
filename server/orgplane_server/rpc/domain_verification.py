from __future__ import annotations

from orgplane_api.gitpod.v1 import domain_verification_pb as pb
from orgplane_api.orgplane.v1 import domain_verification_pb as own_pb
from orgplane_api.orgplane.v1.domain_verification_service_connect import (
    DomainVerificationService,
    DomainVerificationServiceASGIApplication,
)

from ..domain.domain_verification import DomainVerification, Verifier
from ..domain.identifier import DomainVerificationId, OrganizationId
from ..usecases.domain_verification import DomainVerifications
from .caller import caller
from .service import Service
from .wire import Context, optional_timestamp, page_request, page_response, timestamp, uuid

_VERIFIERS = {
    None: own_pb.DomainVerifier.UNSPECIFIED,
    Verifier.DNS: own_pb.DomainVerifier.DNS,
    Verifier.OPERATOR: own_pb.DomainVerifier.OPERATOR,
}


class DomainVerificationRpcs:
    """The domain verification RPCs of `gitpod.v1.OrganizationService`."""

    _domain_verifications: DomainVerifications

    async def create_domain_verification(
        self, request: pb.CreateDomainVerificationRequest, ctx: Context
    ) -> pb.CreateDomainVerificationResponse:
        created = await self._domain_verifications.create(
            caller(), OrganizationId(uuid(request.organization_id)), request.domain
        )
        return pb.CreateDomainVerificationResponse(domain_verification=_to_wire(created))

    async def get_domain_verification(
        self, request: pb.GetDomainVerificationRequest, ctx: Context
    ) -> pb.GetDomainVerificationResponse:
        found = await self._domain_verifications.get(caller(), _id(request.domain_verification_id))
        return pb.GetDomainVerificationResponse(domain_verification=_to_wire(found))

    async def list_domain_verifications(
        self, request: pb.ListDomainVerificationsRequest, ctx: Context
    ) -> pb.ListDomainVerificationsResponse:
        page = await self._domain_verifications.list(
            caller(),
            OrganizationId(uuid(request.organization_id)),
            page_request(request.pagination),
        )
        return pb.ListDomainVerificationsResponse(
            pagination=page_response(page.next_token),
            domain_verifications=[_to_wire(item) for item in page.items],
        )

    async def verify_domain(
        self, request: pb.VerifyDomainRequest, ctx: Context
    ) -> pb.VerifyDomainResponse:
        done = await self._domain_verifications.verify(
            caller(), _id(request.domain_verification_id)
        )
        return pb.VerifyDomainResponse(domain_verification=_to_wire(done))

    async def delete_domain_verification(
        self, request: pb.DeleteDomainVerificationRequest, ctx: Context
    ) -> pb.DeleteDomainVerificationResponse:
        await self._domain_verifications.delete(caller(), _id(request.domain_verification_id))
        return pb.DeleteDomainVerificationResponse()


class DomainVerificationServiceRpcs(DomainVerificationService):
    """`orgplane.v1.DomainVerificationService`."""

    def __init__(self, domain_verifications: DomainVerifications) -> None:
        self._domain_verifications = domain_verifications

    async def get_domain_verification_status(
        self, request: own_pb.GetDomainVerificationStatusRequest, ctx: Context
    ) -> own_pb.GetDomainVerificationStatusResponse:
        found = await self._domain_verifications.get(caller(), _id(request.domain_verification_id))
        status = own_pb.DomainVerificationStatus(
            domain_verification_id=str(found.id),
            record_name=found.record_name,
            record_value=found.verification_token,
            verified_by=_VERIFIERS[found.verified_by],
            checked_at=optional_timestamp(found.checked_at),
            absent_since=optional_timestamp(found.absent_since),
            revoked_after=optional_timestamp(found.revoked_after(self._domain_verifications.grace)),
        )
        return own_pb.GetDomainVerificationStatusResponse(status=status)


SERVICE = Service(
    DomainVerificationService.desc(),
    DomainVerificationServiceASGIApplication,
    lambda use_cases: DomainVerificationServiceRpcs(use_cases.domain_verifications),
)


def _id(text: str) -> DomainVerificationId:
    return DomainVerificationId(uuid(text))


def _to_wire(claim: DomainVerification) -> pb.DomainVerification:
    states = pb.DomainVerificationState
    return pb.DomainVerification(
        id=str(claim.id),
        organization_id=str(claim.organization_id),
        domain=claim.domain,
        state=states.VERIFIED if claim.proven else states.PENDING,
        verified_at=optional_timestamp(claim.verified_at),
        verification_token=claim.verification_token,
        created_at=timestamp(claim.created_at),
    )
