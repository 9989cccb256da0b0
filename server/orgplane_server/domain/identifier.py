"""Identifiers are UUIDs (version 7, RFC 9562), one type per kind of object so that two cannot be mixed up."""

from __future__ import annotations

from typing import NewType
from uuid import UUID

OrganizationId = NewType("OrganizationId", UUID)
UserId = NewType("UserId", UUID)
PersonalAccessTokenId = NewType("PersonalAccessTokenId", UUID)
AuditEventId = NewType("AuditEventId", UUID)
ScimConfigurationId = NewType("ScimConfigurationId", UUID)
ScimCredentialId = NewType("ScimCredentialId", UUID)
ScimGroupId = NewType("ScimGroupId", UUID)
#: Of a group of either kind, a local one or a provider's.
GroupId = NewType("GroupId", UUID)
GroupMembershipId = NewType("GroupMembershipId", UUID)
SsoConfigurationId = NewType("SsoConfigurationId", UUID)
DomainVerificationId = NewType("DomainVerificationId", UUID)
ScimRequestId = NewType("ScimRequestId", UUID)
AddressCodeId = NewType("AddressCodeId", UUID)
AccountId = NewType("AccountId", UUID)
LetterId = NewType("LetterId", UUID)
EmailInviteId = NewType("EmailInviteId", UUID)
SignInId = NewType("SignInId", UUID)
SignInAttemptId = NewType("SignInAttemptId", UUID)
SsoBindingId = NewType("SsoBindingId", UUID)
SessionId = NewType("SessionId", UUID)
ApplicationId = NewType("ApplicationId", UUID)
ApplicationSecretId = NewType("ApplicationSecretId", UUID)
AuthorizationCodeId = NewType("AuthorizationCodeId", UUID)
FormerKeyId = NewType("FormerKeyId", UUID)
SigningKeyId = NewType("SigningKeyId", UUID)
DeviceAuthorizationId = NewType("DeviceAuthorizationId", UUID)
RoleAssignmentId = NewType("RoleAssignmentId", UUID)
ServiceAccountId = NewType("ServiceAccountId", UUID)
ServiceAccountTokenId = NewType("ServiceAccountTokenId", UUID)
OperatorTokenId = NewType("OperatorTokenId", UUID)
WebhookEndpointId = NewType("WebhookEndpointId", UUID)
WebhookDeliveryId = NewType("WebhookDeliveryId", UUID)
