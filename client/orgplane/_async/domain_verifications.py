from __future__ import annotations

from orgplane_api.gitpod.v1 import domain_verification_pb as pb
from orgplane_api.gitpod.v1.organization_service_connect import OrganizationServiceClient
from orgplane_api.gitpod.v1.pagination_pb import PaginationRequest
from orgplane_api.orgplane.v1.domain_verification_pb import GetDomainVerificationStatusRequest
from orgplane_api.orgplane.v1.domain_verification_service_connect import (
    DomainVerificationServiceClient,
)

from .. import types
from .._core.options import Seconds
from .connection import AsyncConnection
from .pages import AsyncPage, AsyncPages


class AsyncDomainVerifications:
    """The domains that an organization claims, and proves by a TXT record in their DNS. Administrators only.

    A proven domain licenses linking by e-mail address, where an SSO configuration has it among its `email_domains`. The record has to
    stay: it is looked up every day. See `docs/domains.md`.

    Every method raises an `orgplane.APIError`, and takes a `timeout` of its own in seconds.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self._call = connection.call
        self._rpc = connection.stub(OrganizationServiceClient)
        self._own = connection.stub(DomainVerificationServiceClient)

    async def create(
        self, *, organization_id: str, domain: str, timeout: Seconds | None = None
    ) -> types.DomainVerificationResponse:
        """Claims a domain; `retrieve_status` tells the record to publish.

        Raises InvalidArgumentError for what nobody can prove (a public suffix, a public mail provider's), and
        AlreadyExistsError if the organization claims it already.
        """
        response = await self._call(
            self._rpc.create_domain_verification,
            pb.CreateDomainVerificationRequest(organization_id=organization_id, domain=domain),
            timeout,
        )
        return _response(response.domain_verification)

    async def retrieve(
        self, *, domain_verification_id: str, timeout: Seconds | None = None
    ) -> types.DomainVerificationResponse:
        """One claim."""
        response = await self._call(
            self._rpc.get_domain_verification,
            pb.GetDomainVerificationRequest(domain_verification_id=domain_verification_id),
            timeout,
        )
        return _response(response.domain_verification)

    async def retrieve_status(
        self, *, domain_verification_id: str, timeout: Seconds | None = None
    ) -> types.DomainVerificationStatus:
        """The record to publish, who has verified the domain, and whether the record is still there."""
        response = await self._call(
            self._own.get_domain_verification_status,
            GetDomainVerificationStatusRequest(domain_verification_id=domain_verification_id),
            timeout,
        )
        return types.DomainVerificationStatus.from_wire(types.present(response.status))

    def list(
        self,
        *,
        organization_id: str,
        page_size: int | None = None,
        token: str = "",
        timeout: Seconds | None = None,
    ) -> AsyncPages[types.DomainVerification]:
        """The organization's claims, oldest first; pages of `page_size` (25, at most 100)."""

        async def fetch(token: str) -> AsyncPage[types.DomainVerification]:
            response = await self._call(
                self._rpc.list_domain_verifications,
                pb.ListDomainVerificationsRequest(
                    organization_id=organization_id,
                    pagination=PaginationRequest(page_size=page_size or 0, token=token),
                ),
                timeout,
            )
            items = [types.DomainVerification.from_wire(c) for c in response.domain_verifications]
            return AsyncPage(items, types.present(response.pagination).next_token, fetch)

        return AsyncPages(fetch, token)

    async def verify(
        self, *, domain_verification_id: str, timeout: Seconds | None = None
    ) -> types.DomainVerificationResponse:
        """Has the record looked up now, and answers with the claim, proven.

        Raises FailedPreconditionError if the record is not there, with what is, or if another organization has
        proven the domain; UnavailableError if DNS does not answer.
        """
        response = await self._call(
            self._rpc.verify_domain,
            pb.VerifyDomainRequest(domain_verification_id=domain_verification_id),
            timeout,
        )
        return _response(response.domain_verification)

    async def delete(self, *, domain_verification_id: str, timeout: Seconds | None = None) -> None:
        """Gives a claim up. Raises FailedPreconditionError for one that the operator has vouched for."""
        await self._call(
            self._rpc.delete_domain_verification,
            pb.DeleteDomainVerificationRequest(domain_verification_id=domain_verification_id),
            timeout,
        )


def _response(wire: pb.DomainVerification | None) -> types.DomainVerificationResponse:
    return types.DomainVerificationResponse(types.DomainVerification.from_wire(types.present(wire)))
