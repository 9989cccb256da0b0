"""Domains as API clients see them: the same over every protocol. Their rules are in tests/usecases."""

from __future__ import annotations

from typing import Any

import pytest
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from name_server import NameServer, challenge
from orgplane_api.gitpod.v1 import domain_verification_pb as pb
from orgplane_api.gitpod.v1 import event_pb as audit_pb
from orgplane_api.gitpod.v1.pagination_pb import PaginationRequest
from orgplane_api.google.rpc.error_details_pb import ErrorInfo, RetryInfo
from orgplane_api.orgplane.v1 import domain_verification_pb as own_pb
from orgplane_server.dns.records import TextRecords
from orgplane_server.usecases.organization import Founded
from rpc_clients import Clients, reason

PENDING, VERIFIED = pb.DomainVerificationState.PENDING, pb.DomainVerificationState.VERIFIED


@pytest.fixture
def text_records(name_server: NameServer) -> TextRecords:
    return TextRecords([name_server.resolver])


async def claim(clients: Clients, owner: Founded, domain: str) -> pb.DomainVerification:
    request = pb.CreateDomainVerificationRequest(
        organization_id=str(owner.organization.id), domain=domain
    )
    response = await clients("create_domain_verification", request)
    made: pb.DomainVerification = response.domain_verification
    return made


async def verify(clients: Clients, id: str) -> pb.DomainVerification:
    response = await clients("verify_domain", pb.VerifyDomainRequest(domain_verification_id=id))
    verified: pb.DomainVerification = response.domain_verification
    return verified


async def status(clients: Clients, id: str) -> own_pb.DomainVerificationStatus:
    request = own_pb.GetDomainVerificationStatusRequest(domain_verification_id=id)
    response = await clients("get_domain_verification_status", request)
    found: own_pb.DomainVerificationStatus = response.status
    return found


def detail(error: ConnectError, kind: type[Any]) -> Any:
    name = f"google.rpc.{kind.__name__}"
    (found,) = (each.value(kind) for each in error.details if each.type_name == name)
    return found


async def test_from_the_claim_to_the_end(
    admin: Clients, acme: Founded, name_server: NameServer
) -> None:
    claimed = await claim(admin, acme, "ACME.com.")
    assert (claimed.domain, claimed.state, claimed.verified_at) == ("acme.com", PENDING, None)
    assert claimed.created_at is not None
    before = await status(admin, claimed.id)
    assert before.record_name == "_orgplane-challenge.acme.com"
    assert before.record_value == claimed.verification_token
    assert (before.verified_by, before.checked_at) == (own_pb.DomainVerifier.UNSPECIFIED, None)
    name_server.publish(challenge(claimed.verification_token))
    verified = await verify(admin, claimed.id)
    assert verified.state == VERIFIED
    assert verified.verified_at is not None
    found = await admin(
        "get_domain_verification",
        pb.GetDomainVerificationRequest(domain_verification_id=claimed.id),
    )
    assert found.domain_verification == verified
    after = await status(admin, claimed.id)
    assert after.verified_by == own_pb.DomainVerifier.DNS
    assert after.checked_at is not None
    assert (after.absent_since, after.revoked_after) == (None, None)
    await claim(admin, acme, "globex.com")
    listed = await admin(
        "list_domain_verifications",
        pb.ListDomainVerificationsRequest(
            organization_id=str(acme.organization.id), pagination=PaginationRequest(page_size=1)
        ),
    )
    assert list(listed.domain_verifications) == [verified]
    assert listed.pagination.next_token
    await admin(
        "delete_domain_verification",
        pb.DeleteDomainVerificationRequest(domain_verification_id=claimed.id),
    )
    with pytest.raises(ConnectError) as gone:
        await verify(admin, claimed.id)
    assert (gone.value.code, reason(gone.value)) == (
        Code.NOT_FOUND,
        "DOMAIN_VERIFICATION_NOT_FOUND",
    )
    kind = audit_pb.ResourceType.DOMAIN_VERIFICATION
    narrowed = audit_pb.ListAuditLogsRequest.Filter(subject_types=[kind])
    told = await admin("list_audit_logs", audit_pb.ListAuditLogsRequest(filter=narrowed))
    assert len(told.entries) == 4


async def test_what_is_wrong_is_said(
    admin: Clients, stranger: Clients, acme: Founded, globex: Founded, name_server: NameServer
) -> None:
    with pytest.raises(ConnectError) as invalid:
        await claim(admin, acme, "gmail.com")
    assert invalid.value.code is Code.INVALID_ARGUMENT
    assert "domain: gmail.com is a public mail provider" in invalid.value.message
    claimed = await claim(admin, acme, "acme.com")
    with pytest.raises(ConnectError) as twice:
        await claim(admin, acme, "Acme.com")
    assert twice.value.code is Code.ALREADY_EXISTS
    name_server.publish('_orgplane-challenge TXT "other"')
    with pytest.raises(ConnectError) as missing:
        await verify(admin, claimed.id)
    assert missing.value.code is Code.FAILED_PRECONDITION
    info = detail(missing.value, ErrorInfo)
    assert info.reason == "DOMAIN_RECORD_NOT_FOUND"
    assert dict(info.metadata) == {
        "record_name": "_orgplane-challenge.acme.com",
        "record_value": claimed.verification_token,
        "seen": "one TXT record: 'other'",
    }
    unknown = await claim(admin, acme, "nobody-knows.com")
    with pytest.raises(ConnectError) as fault:
        await verify(admin, unknown.id)
    assert (fault.value.code, reason(fault.value)) == (Code.UNAVAILABLE, "DNS_UNAVAILABLE")
    assert detail(fault.value, RetryInfo).retry_delay.seconds == 10
    theirs = await claim(stranger, globex, "acme.com")
    name_server.publish(challenge(theirs.verification_token), challenge(claimed.verification_token))
    await verify(stranger, theirs.id)
    with pytest.raises(ConnectError) as held:
        await verify(admin, claimed.id)
    assert (held.value.code, reason(held.value)) == (Code.FAILED_PRECONDITION, "DOMAIN_HELD")
    assert str(globex.organization.id) not in held.value.message
