"""Makes `orgplane/_sync` out of `orgplane/_async`.

python client/generate_sync.py           write it
python client/generate_sync.py --check   exit 1, naming the files, if it is not what it should be
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import unasync  # type: ignore[import-untyped]

PACKAGE = Path(__file__).resolve().parent / "orgplane"
HEADER = "# Generated from _async/{name} by client/generate_sync.py. Do not edit.\n"

#: Beyond what unasync knows: names of ours, of the generated clients and of the HTTP library.
NAMES = {
    "_async": "_sync",
    "aclose": "close",
    "aclosing": "closing",
    "anext": "next",
    "asyncio": "time",
    "AccountServiceClient": "AccountServiceClientSync",
    "AsyncAccounts": "Accounts",
    "AsyncAuditLogs": "AuditLogs",
    "AsyncClient": "Client",
    "AsyncCursorStore": "CursorStore",
    "AsyncConnection": "Connection",
    "AsyncDomainVerifications": "DomainVerifications",
    "AsyncEmailInvites": "EmailInvites",
    "AsyncEvents": "Events",
    "AsyncGroupMemberships": "GroupMemberships",
    "AsyncGroups": "Groups",
    "AsyncIdentity": "Identity",
    "AsyncInvites": "Invites",
    "AsyncMembers": "Members",
    "AsyncOperatedEvents": "OperatedEvents",
    "AsyncOperatedOrganizations": "OperatedOrganizations",
    "AsyncOperator": "Operator",
    "AsyncOrganizations": "Organizations",
    "AsyncPage": "Page",
    "AsyncPages": "Pages",
    "AsyncPersonalAccessTokens": "PersonalAccessTokens",
    "AsyncPolicies": "Policies",
    "AsyncReconnecting": "Reconnecting",
    "AsyncRoles": "Roles",
    "AsyncSCIMBreakers": "SCIMBreakers",
    "AsyncSCIMConfigurations": "SCIMConfigurations",
    "AsyncSCIMCredentials": "SCIMCredentials",
    "AsyncSCIMRequests": "SCIMRequests",
    "AsyncSCIMRequestWatch": "SCIMRequestWatch",
    "AsyncServersAnswers": "ServersAnswers",
    "AsyncServiceAccounts": "ServiceAccounts",
    "AsyncServiceAccountTokens": "ServiceAccountTokens",
    "AsyncSessions": "Sessions",
    "AsyncSignInAttempts": "SignInAttempts",
    "AsyncSignInAttemptWatch": "SignInAttemptWatch",
    "AsyncSignIns": "SignIns",
    "AsyncSignOutWatch": "SignOutWatch",
    "AsyncSSOConfigurations": "SSOConfigurations",
    "AsyncUsers": "Users",
    "AsyncWebhookEndpoints": "WebhookEndpoints",
    "AsyncWatch": "Watch",
    "Client": "SyncClient",
    "DomainVerificationServiceClient": "DomainVerificationServiceClientSync",
    "EmailInviteServiceClient": "EmailInviteServiceClientSync",
    "execute": "execute_sync",
    "EventServiceClient": "EventServiceClientSync",
    "GroupServiceClient": "GroupServiceClientSync",
    "HTTPTransport": "SyncHTTPTransport",
    "Interceptor": "InterceptorSync",
    "IdentityServiceClient": "IdentityServiceClientSync",
    "OperatorServiceClient": "OperatorServiceClientSync",
    "OrganizationServiceClient": "OrganizationServiceClientSync",
    "MembershipServiceClient": "MembershipServiceClientSync",
    "received": "received_sync",
    "Request": "SyncRequest",
    "Response": "SyncResponse",
    "PersonalAccessTokenServiceClient": "PersonalAccessTokenServiceClientSync",
    "ScimBreakerServiceClient": "ScimBreakerServiceClientSync",
    "ScimCredentialServiceClient": "ScimCredentialServiceClientSync",
    "ScimProvisioningServiceClient": "ScimProvisioningServiceClientSync",
    "ServiceAccountServiceClient": "ServiceAccountServiceClientSync",
    "SessionServiceClient": "SessionServiceClientSync",
    "RoleServiceClient": "RoleServiceClientSync",
    "SignInAttemptServiceClient": "SignInAttemptServiceClientSync",
    "SignInServiceClient": "SignInServiceClientSync",
    "SsoConfigurationServiceClient": "SsoConfigurationServiceClientSync",
    "Transport": "SyncTransport",
    "UserServiceClient": "UserServiceClientSync",
    "WebhookEndpointServiceClient": "WebhookEndpointServiceClientSync",
}


def main() -> int:
    wanted = generated()
    found = {file.name: file.read_text() for file in (PACKAGE / "_sync").glob("*.py")}
    wrong = sorted(name for name in {*wanted, *found} if wanted.get(name) != found.get(name))
    if "--check" in sys.argv[1:]:
        for name in wrong:
            print(f"client/orgplane/_sync/{name} is not what _async generates; run: make gen")
        return 1 if wrong else 0
    for name in wrong:
        path = PACKAGE / "_sync" / name
        if name in wanted:
            path.write_text(wanted[name])
        else:
            path.unlink()
    return 0


def generated() -> dict[str, str]:
    """What `_sync` should hold, by file name."""
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory).resolve() / "_sync"
        source = PACKAGE / "_async"
        rule = unasync.Rule(str(source), str(folder), NAMES)
        unasync.unasync_files([str(file) for file in source.glob("*.py")], [rule])
        for file in folder.glob("*.py"):
            text = re.sub(r"Awaitable\[((?:[^\[\]]|\[[^\[\]]*\])*)\]", r"\1", file.read_text())
            file.write_text(HEADER.format(name=file.name) + text)
        tidy(folder, "check", "--quiet", "--fix", "--select", "F401,I")
        tidy(folder, "format", "--quiet")
        return {file.name: file.read_text() for file in folder.glob("*.py")}


def tidy(folder: Path, *command: str) -> None:
    """Imports that went out of use or out of order, and lines that grew shorter."""
    configuration = PACKAGE.parent.parent / "pyproject.toml"
    subprocess.run(
        [sys.executable, "-m", "ruff", *command, "--config", configuration, folder], check=True
    )


if __name__ == "__main__":
    sys.exit(main())
