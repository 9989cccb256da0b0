"""What a client consists of: a class for each resource, sync and async, to name in annotations.

They come with a client: `client.organizations`, `client.organizations.scim_configurations`, `client.users.pats` and
so on.
"""

from __future__ import annotations

from ._async.accounts import AsyncAccounts
from ._async.audit_logs import AsyncAuditLogs
from ._async.domain_verifications import AsyncDomainVerifications
from ._async.email_invites import AsyncEmailInvites
from ._async.events import AsyncEvents
from ._async.groups import AsyncGroupMemberships, AsyncGroups
from ._async.identity import AsyncIdentity
from ._async.invites import AsyncInvites
from ._async.members import AsyncMembers
from ._async.operator import AsyncOperatedEvents, AsyncOperatedOrganizations, AsyncOperator
from ._async.organizations import AsyncOrganizations
from ._async.policies import AsyncPolicies
from ._async.roles import AsyncRoles
from ._async.scim_configurations import AsyncSCIMConfigurations
from ._async.scim_requests import AsyncSCIMRequests, AsyncSCIMRequestWatch
from ._async.service_accounts import AsyncServiceAccounts, AsyncServiceAccountTokens
from ._async.sessions import AsyncSessions
from ._async.sign_in_attempts import AsyncSignInAttempts, AsyncSignInAttemptWatch
from ._async.sign_ins import AsyncSignIns, AsyncSignOutWatch
from ._async.sso_configurations import AsyncSSOConfigurations
from ._async.users import AsyncPersonalAccessTokens, AsyncUsers
from ._async.webhook_endpoints import AsyncWebhookEndpoints
from ._sync.accounts import Accounts
from ._sync.audit_logs import AuditLogs
from ._sync.domain_verifications import DomainVerifications
from ._sync.email_invites import EmailInvites
from ._sync.events import Events
from ._sync.groups import GroupMemberships, Groups
from ._sync.identity import Identity
from ._sync.invites import Invites
from ._sync.members import Members
from ._sync.operator import OperatedEvents, OperatedOrganizations, Operator
from ._sync.organizations import Organizations
from ._sync.policies import Policies
from ._sync.roles import Roles
from ._sync.scim_configurations import SCIMConfigurations
from ._sync.scim_requests import SCIMRequests, SCIMRequestWatch
from ._sync.service_accounts import ServiceAccounts, ServiceAccountTokens
from ._sync.sessions import Sessions
from ._sync.sign_in_attempts import SignInAttempts, SignInAttemptWatch
from ._sync.sign_ins import SignIns, SignOutWatch
from ._sync.sso_configurations import SSOConfigurations
from ._sync.users import PersonalAccessTokens, Users
from ._sync.webhook_endpoints import WebhookEndpoints

__all__ = [
    "Accounts",
    "AsyncAccounts",
    "AsyncAuditLogs",
    "AsyncDomainVerifications",
    "AsyncEmailInvites",
    "AsyncEvents",
    "AsyncGroupMemberships",
    "AsyncGroups",
    "AsyncIdentity",
    "AsyncInvites",
    "AsyncMembers",
    "AsyncOperatedEvents",
    "AsyncOperatedOrganizations",
    "AsyncOperator",
    "AsyncOrganizations",
    "AsyncPersonalAccessTokens",
    "AsyncPolicies",
    "AsyncRoles",
    "AsyncSCIMConfigurations",
    "AsyncSCIMRequestWatch",
    "AsyncSCIMRequests",
    "AsyncSSOConfigurations",
    "AsyncServiceAccountTokens",
    "AsyncServiceAccounts",
    "AsyncSessions",
    "AsyncSignInAttemptWatch",
    "AsyncSignInAttempts",
    "AsyncSignIns",
    "AsyncSignOutWatch",
    "AsyncUsers",
    "AsyncWebhookEndpoints",
    "AuditLogs",
    "DomainVerifications",
    "EmailInvites",
    "Events",
    "GroupMemberships",
    "Groups",
    "Identity",
    "Invites",
    "Members",
    "OperatedEvents",
    "OperatedOrganizations",
    "Operator",
    "Organizations",
    "PersonalAccessTokens",
    "Policies",
    "Roles",
    "SCIMConfigurations",
    "SCIMRequestWatch",
    "SCIMRequests",
    "SSOConfigurations",
    "ServiceAccountTokens",
    "ServiceAccounts",
    "Sessions",
    "SignInAttemptWatch",
    "SignInAttempts",
    "SignIns",
    "SignOutWatch",
    "Users",
    "WebhookEndpoints",
]
