"""A field of the API is there on every floor, whoever added it; a floor that forgets one is told by its file.

That what a request says is kept and answered is in `tests/rpc/test_every_field.py`.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import every_rpc
import pytest
from orgplane import types
from orgplane._async.accounts import AsyncAccounts
from orgplane._async.domain_verifications import AsyncDomainVerifications
from orgplane._async.email_invites import AsyncEmailInvites
from orgplane._async.groups import AsyncGroupMemberships, AsyncGroups
from orgplane._async.invites import AsyncInvites
from orgplane._async.organizations import AsyncOrganizations
from orgplane._async.policies import AsyncPolicies
from orgplane._async.scim_configurations import AsyncSCIMConfigurations
from orgplane._async.scim_credentials import AsyncSCIMCredentials
from orgplane._async.service_accounts import AsyncServiceAccounts, AsyncServiceAccountTokens
from orgplane._async.sso_configurations import AsyncSSOConfigurations
from orgplane._async.users import AsyncPersonalAccessTokens
from orgplane._async.webhook_endpoints import AsyncWebhookEndpoints
from orgplane._core.record import Record, sources
from orgplane.cli import account as account_commands
from orgplane.cli import domains as domain_commands
from orgplane.cli import groups as group_commands
from orgplane.cli import invites as invite_commands
from orgplane.cli import organization as organization_commands
from orgplane.cli import policies as policy_commands
from orgplane.cli import scim_configurations as scim_commands
from orgplane.cli import service_accounts as machine_commands
from orgplane.cli import sso_configurations as sso_commands
from orgplane.cli import tokens as token_commands
from orgplane.cli import webhooks as webhook_commands
from orgplane_api.gitpod.v1 import domain_verification_pb as domain_pb
from orgplane_api.gitpod.v1 import group_pb, organization_pb
from orgplane_api.gitpod.v1 import organization_invite_pb as invite_pb
from orgplane_api.gitpod.v1 import organization_policies_pb as policies_pb
from orgplane_api.gitpod.v1 import personal_access_token_pb as token_pb
from orgplane_api.gitpod.v1 import scim_configuration_pb as scim_pb
from orgplane_api.gitpod.v1 import service_account_pb as machine_pb
from orgplane_api.gitpod.v1 import sso_configuration_pb as sso_pb
from orgplane_api.orgplane.v1 import (
    email_invite_pb,
    first_token_pb,
    scim_credential_pb,
    webhook_endpoint_pb,
)
from orgplane_api.orgplane.v1 import personal_access_token_policy_pb as token_policy_pb
from orgplane_api.orgplane.v1 import sso_configuration_pb as own_sso_pb
from orgplane_api.orgplane.v1.service_account_pb import UpdateServiceAccountValidityRequest
from orgplane_server.domain.domain_verification import DomainVerification
from orgplane_server.domain.email_invite import EmailInvite
from orgplane_server.domain.group import GroupChanges, LocalGroup, LocalMembership
from orgplane_server.domain.organization import Organization, OrganizationChanges
from orgplane_server.domain.organization_invite import OrganizationInvite
from orgplane_server.domain.organization_policies import (
    OrganizationPolicies,
    OrganizationPoliciesChanges,
)
from orgplane_server.domain.personal_access_token import PersonalAccessToken
from orgplane_server.domain.personal_access_token_policy import (
    PersonalAccessTokenPolicy,
    PersonalAccessTokenPolicyChanges,
)
from orgplane_server.domain.scim_configuration import ScimConfiguration, ScimConfigurationChanges
from orgplane_server.domain.scim_credential import ScimCredential
from orgplane_server.domain.service_account import (
    ServiceAccount,
    ServiceAccountChanges,
    ServiceAccountToken,
)
from orgplane_server.domain.sso_configuration import SsoConfiguration, SsoConfigurationChanges
from orgplane_server.domain.webhook_endpoint import WebhookEndpoint, WebhookEndpointChanges

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Resource:
    """What each floor has of one: its id is `id` to itself, and a field of this name to requests."""

    id: str
    message: Any
    requests: tuple[Any, ...]
    record: Any
    changes: Any
    client: Any
    commands: Any


RESOURCES = [
    Resource(
        "scim_configuration_id",
        scim_pb.SCIMConfiguration,
        (scim_pb.CreateSCIMConfigurationRequest, scim_pb.UpdateSCIMConfigurationRequest),
        ScimConfiguration,
        ScimConfigurationChanges,
        AsyncSCIMConfigurations,
        scim_commands,
    ),
    Resource(
        "sso_configuration_id",
        sso_pb.SSOConfiguration,
        (sso_pb.CreateSSOConfigurationRequest, sso_pb.UpdateSSOConfigurationRequest),
        SsoConfiguration,
        SsoConfigurationChanges,
        AsyncSSOConfigurations,
        sso_commands,
    ),
    Resource(
        "organization_id",
        organization_pb.Organization,
        (organization_pb.CreateOrganizationRequest, organization_pb.UpdateOrganizationRequest),
        Organization,
        OrganizationChanges,
        AsyncOrganizations,
        organization_commands,
    ),
    Resource(
        "personal_access_token_id",
        token_pb.PersonalAccessToken,
        (token_pb.CreatePersonalAccessTokenRequest,),
        PersonalAccessToken,
        None,
        AsyncPersonalAccessTokens,
        token_commands,
    ),
    Resource(
        "domain_verification_id",
        domain_pb.DomainVerification,
        (domain_pb.CreateDomainVerificationRequest,),
        DomainVerification,
        None,
        AsyncDomainVerifications,
        domain_commands,
    ),
    Resource(
        "organization_id",
        policies_pb.OrganizationPolicies,
        (policies_pb.UpdateOrganizationPoliciesRequest,),
        OrganizationPolicies,
        OrganizationPoliciesChanges,
        AsyncPolicies,
        policy_commands,
    ),
    Resource(
        "organization_id",
        token_policy_pb.PersonalAccessTokenPolicy,
        (token_policy_pb.UpdatePersonalAccessTokenPolicyRequest,),
        PersonalAccessTokenPolicy,
        PersonalAccessTokenPolicyChanges,
        SimpleNamespace(update=AsyncPolicies.update_token_policy),
        SimpleNamespace(update=policy_commands.update_tokens),
    ),
    Resource(
        "group_id",
        group_pb.Group,
        (group_pb.CreateGroupRequest, group_pb.UpdateGroupRequest),
        LocalGroup,
        GroupChanges,
        AsyncGroups,
        group_commands,
    ),
    Resource(
        "group_id",
        group_pb.GroupMembership,
        (group_pb.CreateMembershipRequest,),
        LocalMembership,
        None,
        AsyncGroupMemberships,
        SimpleNamespace(create=group_commands.add),
    ),
    Resource(
        "organization_id",
        invite_pb.OrganizationInvite,
        (invite_pb.CreateOrganizationInviteRequest,),
        OrganizationInvite,
        None,
        AsyncInvites,
        invite_commands,
    ),
    Resource(
        "email_invite_id",
        email_invite_pb.EmailInvite,
        (email_invite_pb.CreateEmailInviteRequest,),
        EmailInvite,
        None,
        AsyncEmailInvites,
        SimpleNamespace(create=invite_commands.send),
    ),
    Resource(
        "organization_id",
        token_pb.PersonalAccessToken,
        (first_token_pb.CreateFirstTokenRequest,),
        PersonalAccessToken,
        None,
        SimpleNamespace(create=AsyncAccounts.create_first_token),
        SimpleNamespace(create=account_commands.first_token),
    ),
    Resource(
        "sso_configuration_id",
        sso_pb.SSOConfiguration,
        (own_sso_pb.UpdateSsoConfigurationBindingRequest,),
        SsoConfiguration,
        SsoConfigurationChanges,
        SimpleNamespace(update=AsyncSSOConfigurations.update_binding),
        sso_commands,
    ),
    Resource(
        "scim_configuration_id",
        scim_credential_pb.ScimCredential,
        (scim_credential_pb.CreateScimCredentialRequest,),
        ScimCredential,
        None,
        AsyncSCIMCredentials,
        SimpleNamespace(create=scim_commands.rotate_token),
    ),
    Resource(
        "webhook_endpoint_id",
        webhook_endpoint_pb.WebhookEndpoint,
        (
            webhook_endpoint_pb.CreateWebhookEndpointRequest,
            webhook_endpoint_pb.UpdateWebhookEndpointRequest,
        ),
        WebhookEndpoint,
        WebhookEndpointChanges,
        AsyncWebhookEndpoints,
        webhook_commands,
    ),
    Resource(
        "service_account_id",
        machine_pb.ServiceAccount,
        (machine_pb.CreateServiceAccountRequest, machine_pb.UpdateServiceAccountRequest),
        ServiceAccount,
        ServiceAccountChanges,
        AsyncServiceAccounts,
        machine_commands,
    ),
    Resource(
        "service_account_id",
        machine_pb.ServiceAccount,
        (UpdateServiceAccountValidityRequest,),
        ServiceAccount,
        ServiceAccountChanges,
        SimpleNamespace(update=AsyncServiceAccounts.update_validity),
        machine_commands,
    ),
    Resource(
        "service_account_id",
        machine_pb.ServiceAccountToken,
        (machine_pb.CreateServiceAccountAccessTokenRequest,),
        ServiceAccountToken,
        None,
        SimpleNamespace(create=AsyncServiceAccounts.create_access_token),
        SimpleNamespace(create=machine_commands.access_token),
    ),
    Resource(
        "service_account_token_id",
        machine_pb.ServiceAccountToken,
        (machine_pb.CreateServiceAccountTokenRequest,),
        ServiceAccountToken,
        None,
        AsyncServiceAccountTokens,
        SimpleNamespace(create=machine_commands.create_token),
    ),
]
SENT = [(resource, request) for resource in RESOURCES for request in resource.requests]
RECORDS = [
    kind
    for kind in vars(types).values()
    if inspect.isclass(kind) and issubclass(kind, Record) and kind is not Record
]

#: Fields that the client does not show.
UNSHOWN = {
    "AuditLogEntry.kind",  # always the same
    "Account.joinables",  # always empty
    "Account.organization_id",  # always absent
}
#: Policies that have an effect; all others are refused, and have no floor but the first.
EFFECTIVE = {"organization_id", "restrict_account_creation_to_scim"}
#: Fields with one value that is not refused.
FIXED = {"join_organization", "invite_accounts_with_matching_domain"}
#: Fields that are no option of the command line.
NO_OPTION = {
    "kind": "a command for each",
    "organization_id": "the token's",
    "user_id": "the token's",
    "client_secret": "read from a file",
    "state": "--active and --inactive",
    "suspended": "commands of their own",
    "email_domain": "an older way to give the first of several",
}
#: Requests that are not the fields of a resource.
OTHERS = {
    "CreateRoleAssignmentRequest": "client and CLI assign roles by an RPC of our own",
    "UpdateScimBreakerRequest": "one number",
}
#: Fields that the domain does not keep.
UNKEPT = {
    "UpdateSsoConfigurationBindingRequest.rebind": "for once, and in the audit log",
    "SSOConfiguration.provider_type": "always the same",
    "SSOConfiguration.email_domain": "the first of several",
    "UpdateSSOConfigurationRequest.email_domain": "the first of several",
    "DomainVerification.state": "verified_by",
    "Group.system_managed": "of those that SCIM provisions",
    "Group.member_count": "counted",
    "Group.direct_share": "always the same",
    "GroupMembership.subject": "user_id",
    "GroupMembership.name": "the user's",
    "GroupMembership.avatar_url": "the user's",
    "OrganizationInvite.invite_id": "its digest, and sealed",
    "EmailInvite.state": "expires_at and accepted_at",
    "EmailInvite.delivery": "its letter's",
    "EmailInvite.delivery_reason": "its letter's",
    "Organization.tier": "always the same",
    "PersonalAccessToken.creator": "made of the creator's id",
    "ServiceAccount.creator": "made of the creator's id",
    "ServiceAccount.system_managed": "always the same",
    "ServiceAccountToken.creator": "made of the creator's id",
    "ServiceAccountToken.last_used": "last_used_at",
    "PersonalAccessToken.last_used": "last_used_at",
    "WebhookEndpoint.succeeded_at": "its progress's",
    "WebhookEndpoint.failing_since": "its progress's",
    "WebhookEndpoint.warning": "made of disabled_because and its progress",
}


def fields(message: Any) -> set[str]:
    names = {field.local_name for field in message.desc().fields} - FIXED
    return names & EFFECTIVE if "OrganizationPolicies" in message.__name__ else names


def complaint(thing: Any, name: str, message: Any) -> str:
    file = Path(inspect.getfile(thing)).resolve().relative_to(ROOT)
    return f"{file}: {name} lacks these fields of {message.desc().type_name}"


@pytest.mark.parametrize("record", RECORDS, ids=lambda kind: kind.__name__)
def test_the_client_shows_every_field(record: Any) -> None:
    (message,) = record.__orig_bases__[0].__args__
    lacking = fields(message) - {name for name, _ in sources(record)}
    lacking = {name for name in lacking if f"{record.__name__}.{name}" not in UNSHOWN}
    assert not lacking, complaint(record, record.__name__, message)


@pytest.mark.parametrize(("resource", "request_"), SENT, ids=lambda each: getattr(each, "id", ""))
def test_the_client_sends_every_field(resource: Resource, request_: Any) -> None:
    method = getattr(resource.client, verb(request_))
    lacking = fields(request_) - set(inspect.signature(method).parameters)
    assert not lacking, complaint(resource.client, method.__qualname__, request_)


@pytest.mark.parametrize(("resource", "request_"), SENT, ids=lambda each: getattr(each, "id", ""))
def test_the_command_line_sends_every_field(resource: Resource, request_: Any) -> None:
    command = getattr(resource.commands, verb(request_))
    options = {parameter.name for parameter in command.params}
    lacking = fields(request_) - options - {resource.id} - NO_OPTION.keys()
    assert not lacking, complaint(resource.commands, f"`{command.name}`", request_)


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda each: each.id)
def test_the_domain_keeps_every_field(resource: Resource) -> None:
    kept = {field.name for field in dataclasses.fields(resource.record)}
    for message, known, thing in [
        (resource.message, kept, resource.record),
        *(
            (request, set(resource.changes.__annotations__) & kept, resource.changes)
            for request in resource.requests
            if verb(request) == "update"
        ),
    ]:
        lacking = fields(message) - known - {resource.id}
        lacking = {name for name in lacking if f"{message.__name__}.{name}" not in UNKEPT}
        assert not lacking, complaint(resource.record, thing.__name__, message)


def test_every_request_that_makes_or_changes_something_is_among_them() -> None:
    names = [method.name for method in every_rpc.OWN]
    made = {f"{name}Request" for name in names if re.match("(Create|Update)", name)}
    assert made - OTHERS.keys() == {request.__name__ for _, request in SENT}


def verb(request: Any) -> str:
    """What the client and the command line call it."""
    (found,) = re.findall("^(?:Create|Update)", request.__name__)
    return str(found).lower()


def test_the_walk_of_the_contributors_names_what_is_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text().split("## One field, from end to end\n")[1]
    steps = re.findall(r"^\d\. `(\S+)`:(.*(?:\n   .*)*)", text.split("\n## ")[0], re.M)
    assert len(steps) == 8
    for path, what in steps:
        file = (ROOT / path).read_text()
        for name in re.findall(r"`(\w+)`", what):
            assert re.search(rf"\b{name}\b", file), f"CONTRIBUTING.md: {path} has no {name}"
    for path in re.findall(r"`(tests/\S+)`", text):
        assert (ROOT / path).exists(), f"CONTRIBUTING.md: {path}"
