"""The RPCs of the vendor's contract, `gitpod.v1`, as far as its public clients show them."""

from __future__ import annotations

from collections.abc import Mapping

_PACKAGE = "gitpod.v1."

#: Of the services that we know. Most of these RPCs are served, see `services`.
RPCS: Mapping[str, frozenset[str]] = {
    service: frozenset(names.split())
    for service, names in {
        "AccountService": """
            GetAccount DeleteAccount GetSSOLoginURL ListSSOLogins ListLoginProviders
            ListJoinableOrganizations BlockAccount UnblockAccount
        """,
        "EventService": """
            WatchEvents ListAuditLogs GetAuditLog
        """,
        "GroupService": """
            CreateGroup GetGroup ListGroups UpdateGroup DeleteGroup CreateMembership
            DeleteMembership GetMembership ListMemberships CreateRoleAssignment
            ListRoleAssignments DeleteRoleAssignment ShareResourceWithPrincipal
            UnshareResourceWithPrincipal
        """,
        "IdentityService": """
            GetIDToken GetAuthenticatedIdentity ExchangeToken
        """,
        "OrganizationService": """
            CreateOrganization JoinOrganization GetOrganization UpdateOrganization
            DeleteOrganization ListMembers SetRole CreateOrganizationInvite
            GetOrganizationInvite GetOrganizationInviteSummary LeaveOrganization
            CreateSSOConfiguration GetSSOConfiguration ListSSOConfigurations
            DeleteSSOConfiguration UpdateSSOConfiguration CreateSCIMConfiguration
            GetSCIMConfiguration ListSCIMConfigurations UpdateSCIMConfiguration
            DeleteSCIMConfiguration RegenerateSCIMToken CreateDomainVerification
            GetDomainVerification ListDomainVerifications VerifyDomain
            DeleteDomainVerification GetOrganizationPolicies
            UpdateOrganizationPolicies GetOIDCConfig UpdateOIDCConfig
            GetAnnouncementBanner UpdateAnnouncementBanner GetTermsOfService
            UpdateTermsOfService AcceptTermsOfService ListTermsOfServiceVersions
            ListTermsOfServiceAcceptances GetTermsOfServiceAcceptancesExport
            SetStripeCustomerID CreateCustomDomain GetCustomDomain
            UpdateCustomDomain DeleteCustomDomain
        """,
        "ServiceAccountService": """
            CreateServiceAccount ListServiceAccounts GetServiceAccount
            UpdateServiceAccount DeleteServiceAccount
            CreateServiceAccountAccessToken CreateServiceAccountToken
            ListServiceAccountTokens GetServiceAccountToken
            DeleteServiceAccountToken
        """,
        "UserService": """
            GetAuthenticatedUser GetUser SetSuspended DeleteUser
            CreatePersonalAccessToken GetPersonalAccessToken
            ListPersonalAccessTokens DeletePersonalAccessToken SetPreference
            GetPreference ListPreferences DeletePreference GetDotfilesConfiguration
            SetDotfilesConfiguration
        """,
        "WebhookService": """
            CreateWebhook GetWebhook ListWebhooks UpdateWebhook DeleteWebhook
            GetWebhookSecret RotateWebhookSecret ListWebhookWorkflows
        """,
    }.items()
}


def knows(service: str, method: str) -> bool:
    """Whether an RPC is one of the contract.

    Of the vendor's services that we know nothing of (environments, runners ...), every RPC is.
    """
    if not service.startswith(_PACKAGE):
        return False
    rpcs = RPCS.get(service.removeprefix(_PACKAGE))
    return rpcs is None or method in rpcs
