"""What calls answer with: immutable records with real datetimes.

Each is made out of the message of the API that it names, and has the message's fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from orgplane_api.gitpod.v1 import (
    account_pb,
    count_pb,
    group_pb,
    identity_pb,
    login_pb,
    member_pb,
    organization_invite_pb,
    organization_pb,
    organization_policies_pb,
    user_pb,
)
from orgplane_api.gitpod.v1 import domain_verification_pb as domain_pb
from orgplane_api.gitpod.v1 import event_pb as audit_pb
from orgplane_api.gitpod.v1 import personal_access_token_pb as pat_pb
from orgplane_api.gitpod.v1 import scim_configuration_pb as scim_pb
from orgplane_api.gitpod.v1 import service_account_pb as machine_pb
from orgplane_api.gitpod.v1 import sso_configuration_pb as sso_pb
from orgplane_api.orgplane.v1 import domain_verification_pb as domain_status_pb
from orgplane_api.orgplane.v1 import (
    email_invite_pb,
    erasure_pb,
    event_pb,
    first_token_pb,
    joining_pb,
    membership_pb,
    operator_pb,
    role_pb,
    scim_breaker_pb,
    scim_credential_pb,
    scim_provisioning_pb,
    session_pb,
    sign_in_attempt_pb,
    sign_in_pb,
)
from orgplane_api.orgplane.v1 import personal_access_token_pb as pat_status_pb
from orgplane_api.orgplane.v1 import personal_access_token_policy_pb as pat_policy_pb
from orgplane_api.orgplane.v1 import sso_configuration_pb as sso_status_pb
from orgplane_api.orgplane.v1 import webhook_endpoint_pb as webhook_pb

from ._core.record import Record, out_of
from ._core.record import present as present


class SSOConfigurationState(StrEnum):
    """Whether members can sign in with a configuration."""

    UNSPECIFIED = "SSO_CONFIGURATION_STATE_UNSPECIFIED"
    INACTIVE = "SSO_CONFIGURATION_STATE_INACTIVE"
    ACTIVE = "SSO_CONFIGURATION_STATE_ACTIVE"


class DomainVerificationState(StrEnum):
    """Whether a domain is claimed only, or proven."""

    UNSPECIFIED = "DOMAIN_VERIFICATION_STATE_UNSPECIFIED"
    PENDING = "DOMAIN_VERIFICATION_STATE_PENDING"
    VERIFIED = "DOMAIN_VERIFICATION_STATE_VERIFIED"


class EmailInviteState(StrEnum):
    """Whether an invite that was mailed works."""

    UNSPECIFIED = "EMAIL_INVITE_STATE_UNSPECIFIED"
    PENDING = "EMAIL_INVITE_STATE_PENDING"
    ACCEPTED = "EMAIL_INVITE_STATE_ACCEPTED"
    EXPIRED = "EMAIL_INVITE_STATE_EXPIRED"


class EmailDelivery(StrEnum):
    """What became of a letter: to be delivered, taken or refused by the mail server, or not tried any more."""

    UNSPECIFIED = "EMAIL_DELIVERY_UNSPECIFIED"
    QUEUED = "EMAIL_DELIVERY_QUEUED"
    SENT = "EMAIL_DELIVERY_SENT"
    REFUSED = "EMAIL_DELIVERY_REFUSED"
    GIVEN_UP = "EMAIL_DELIVERY_GIVEN_UP"


class Role(StrEnum):
    """A role on the organization. What each permits is in `docs/roles.md`."""

    UNSPECIFIED = "ROLE_UNSPECIFIED"
    ADMIN = "ROLE_ADMIN"
    MEMBER = "ROLE_MEMBER"
    GROUPS_ADMIN = "ROLE_GROUPS_ADMIN"
    AUDIT_LOG_READER = "ROLE_AUDIT_LOG_READER"
    SECURITY_ADMIN = "ROLE_SECURITY_ADMIN"


class RolePrincipal(StrEnum):
    """What a role can be assigned to."""

    UNSPECIFIED = "ROLE_PRINCIPAL_UNSPECIFIED"
    USER = "ROLE_PRINCIPAL_USER"
    GROUP = "ROLE_PRINCIPAL_GROUP"
    SERVICE_ACCOUNT = "ROLE_PRINCIPAL_SERVICE_ACCOUNT"


class DomainVerifier(StrEnum):
    """Who says that a domain is an organization's: nobody, its DNS, or whoever runs the server."""

    UNSPECIFIED = "DOMAIN_VERIFIER_UNSPECIFIED"
    DNS = "DOMAIN_VERIFIER_DNS"
    OPERATOR = "DOMAIN_VERIFIER_OPERATOR"


class SSOProviderType(StrEnum):
    """Where an identity provider comes from; here they are all CUSTOM."""

    UNSPECIFIED = "PROVIDER_TYPE_UNSPECIFIED"
    BUILTIN = "PROVIDER_TYPE_BUILTIN"
    CUSTOM = "PROVIDER_TYPE_CUSTOM"


class OrganizationTier(StrEnum):
    """What an organization has access to; here always ENTERPRISE."""

    UNSPECIFIED = "ORGANIZATION_TIER_UNSPECIFIED"
    FREE = "ORGANIZATION_TIER_FREE"
    ENTERPRISE = "ORGANIZATION_TIER_ENTERPRISE"
    CORE = "ORGANIZATION_TIER_CORE"
    FREE_ONA = "ORGANIZATION_TIER_FREE_ONA"


class UserStatus(StrEnum):
    """Whether somebody is a member, and whether their tokens work."""

    UNSPECIFIED = "USER_STATUS_UNSPECIFIED"
    ACTIVE = "USER_STATUS_ACTIVE"
    SUSPENDED = "USER_STATUS_SUSPENDED"
    LEFT = "USER_STATUS_LEFT"


class OrganizationRole(StrEnum):
    """What a member may do."""

    UNSPECIFIED = "ORGANIZATION_ROLE_UNSPECIFIED"
    ADMIN = "ORGANIZATION_ROLE_ADMIN"
    MEMBER = "ORGANIZATION_ROLE_MEMBER"


class LoginProviderKind(StrEnum):
    """What members can sign in with; here SSO, if anything."""

    UNSPECIFIED = "LOGIN_PROVIDER_KIND_UNSPECIFIED"
    SSO = "LOGIN_PROVIDER_KIND_SSO"
    GITHUB = "LOGIN_PROVIDER_KIND_GITHUB"
    GOOGLE = "LOGIN_PROVIDER_KIND_GOOGLE"
    MAGICLINK = "LOGIN_PROVIDER_KIND_MAGICLINK"


#: What a list of members can be ordered by.
MemberSort = Literal["name", "date_joined"]


class _Numbered(StrEnum):
    """Members stand in the order of their numbers on the wire, from 0."""

    @property
    def number(self) -> int:
        """The number on the wire."""
        return list(type(self)).index(self)


class Principal(_Numbered):
    """Kinds of actors."""

    UNSPECIFIED = "PRINCIPAL_UNSPECIFIED"
    ACCOUNT = "PRINCIPAL_ACCOUNT"
    USER = "PRINCIPAL_USER"
    RUNNER = "PRINCIPAL_RUNNER"
    ENVIRONMENT = "PRINCIPAL_ENVIRONMENT"
    SERVICE_ACCOUNT = "PRINCIPAL_SERVICE_ACCOUNT"
    RUNNER_MANAGER = "PRINCIPAL_RUNNER_MANAGER"


class ResourceType(_Numbered):
    """Of these, an Orgplane server has organizations, users, groups, tokens, domains, SSO and SCIM configurations."""

    UNSPECIFIED = "RESOURCE_TYPE_UNSPECIFIED"
    ENVIRONMENT = "RESOURCE_TYPE_ENVIRONMENT"
    RUNNER = "RESOURCE_TYPE_RUNNER"
    PROJECT = "RESOURCE_TYPE_PROJECT"
    TASK = "RESOURCE_TYPE_TASK"
    TASK_EXECUTION = "RESOURCE_TYPE_TASK_EXECUTION"
    SERVICE = "RESOURCE_TYPE_SERVICE"
    ORGANIZATION = "RESOURCE_TYPE_ORGANIZATION"
    USER = "RESOURCE_TYPE_USER"
    ENVIRONMENT_CLASS = "RESOURCE_TYPE_ENVIRONMENT_CLASS"
    RUNNER_SCM_INTEGRATION = "RESOURCE_TYPE_RUNNER_SCM_INTEGRATION"
    HOST_AUTHENTICATION_TOKEN = "RESOURCE_TYPE_HOST_AUTHENTICATION_TOKEN"
    GROUP = "RESOURCE_TYPE_GROUP"
    PERSONAL_ACCESS_TOKEN = "RESOURCE_TYPE_PERSONAL_ACCESS_TOKEN"
    USER_PREFERENCE = "RESOURCE_TYPE_USER_PREFERENCE"
    SERVICE_ACCOUNT = "RESOURCE_TYPE_SERVICE_ACCOUNT"
    SECRET = "RESOURCE_TYPE_SECRET"
    SSO_CONFIG = "RESOURCE_TYPE_SSO_CONFIG"
    DOMAIN_VERIFICATION = "RESOURCE_TYPE_DOMAIN_VERIFICATION"
    AGENT_EXECUTION = "RESOURCE_TYPE_AGENT_EXECUTION"
    RUNNER_LLM_INTEGRATION = "RESOURCE_TYPE_RUNNER_LLM_INTEGRATION"
    AGENT = "RESOURCE_TYPE_AGENT"
    ENVIRONMENT_SESSION = "RESOURCE_TYPE_ENVIRONMENT_SESSION"
    USER_SECRET = "RESOURCE_TYPE_USER_SECRET"
    ORGANIZATION_POLICY = "RESOURCE_TYPE_ORGANIZATION_POLICY"
    ORGANIZATION_SECRET = "RESOURCE_TYPE_ORGANIZATION_SECRET"
    PROJECT_ENVIRONMENT_CLASS = "RESOURCE_TYPE_PROJECT_ENVIRONMENT_CLASS"
    BILLING = "RESOURCE_TYPE_BILLING"
    PROMPT = "RESOURCE_TYPE_PROMPT"
    COUPON = "RESOURCE_TYPE_COUPON"
    COUPON_REDEMPTION = "RESOURCE_TYPE_COUPON_REDEMPTION"
    ACCOUNT = "RESOURCE_TYPE_ACCOUNT"
    INTEGRATION = "RESOURCE_TYPE_INTEGRATION"
    WORKFLOW = "RESOURCE_TYPE_WORKFLOW"
    WORKFLOW_EXECUTION = "RESOURCE_TYPE_WORKFLOW_EXECUTION"
    WORKFLOW_EXECUTION_ACTION = "RESOURCE_TYPE_WORKFLOW_EXECUTION_ACTION"
    SNAPSHOT = "RESOURCE_TYPE_SNAPSHOT"
    PREBUILD = "RESOURCE_TYPE_PREBUILD"
    ORGANIZATION_LLM_INTEGRATION = "RESOURCE_TYPE_ORGANIZATION_LLM_INTEGRATION"
    CUSTOM_DOMAIN = "RESOURCE_TYPE_CUSTOM_DOMAIN"
    ROLE_ASSIGNMENT_CHANGED = "RESOURCE_TYPE_ROLE_ASSIGNMENT_CHANGED"
    GROUP_MEMBERSHIP_CHANGED = "RESOURCE_TYPE_GROUP_MEMBERSHIP_CHANGED"
    WEBHOOK = "RESOURCE_TYPE_WEBHOOK"
    SCIM_CONFIGURATION = "RESOURCE_TYPE_SCIM_CONFIGURATION"
    SERVICE_ACCOUNT_SECRET = "RESOURCE_TYPE_SERVICE_ACCOUNT_SECRET"
    ANNOUNCEMENT_BANNER = "RESOURCE_TYPE_ANNOUNCEMENT_BANNER"
    SERVICE_ACCOUNT_TOKEN = "RESOURCE_TYPE_SERVICE_ACCOUNT_TOKEN"
    ROLE_ASSIGNMENT = "RESOURCE_TYPE_ROLE_ASSIGNMENT"
    WARM_POOL = "RESOURCE_TYPE_WARM_POOL"
    NOTIFICATION = "RESOURCE_TYPE_NOTIFICATION"
    SECURITY_POLICY = "RESOURCE_TYPE_SECURITY_POLICY"


class ResourceOperation(StrEnum):
    """What was done to a resource."""

    UNSPECIFIED = "RESOURCE_OPERATION_UNSPECIFIED"
    CREATE = "RESOURCE_OPERATION_CREATE"
    UPDATE = "RESOURCE_OPERATION_UPDATE"
    DELETE = "RESOURCE_OPERATION_DELETE"
    UPDATE_STATUS = "RESOURCE_OPERATION_UPDATE_STATUS"


class ActorKind(StrEnum):
    """Kinds of actors that change an organization: a member, a service account, an identity provider, or whoever runs the server."""

    UNSPECIFIED = "ACTOR_KIND_UNSPECIFIED"
    USER = "ACTOR_KIND_USER"
    SCIM_CONFIGURATION = "ACTOR_KIND_SCIM_CONFIGURATION"
    OPERATOR = "ACTOR_KIND_OPERATOR"
    SSO_CONFIGURATION = "ACTOR_KIND_SSO_CONFIGURATION"
    SERVICE_ACCOUNT = "ACTOR_KIND_SERVICE_ACCOUNT"


class DeprovisioningKind(StrEnum):
    """What an identity provider can want of somebody who is to go: that they are suspended, or leave."""

    UNSPECIFIED = "DEPROVISIONING_KIND_UNSPECIFIED"
    DEACTIVATE = "DEPROVISIONING_KIND_DEACTIVATE"
    DELETE = "DEPROVISIONING_KIND_DELETE"


@dataclass(frozen=True, slots=True)
class Organization(Record[organization_pb.Organization]):
    """The tenant that members, configurations and tokens belong to."""

    id: str
    name: str
    tier: OrganizationTier
    invite_domains: tuple[str, ...] = field(
        metadata=out_of("invite_domains", lambda given: tuple(given.domains) if given else ())
    )
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class SCIMConfiguration(Record[scim_pb.SCIMConfiguration]):
    """How an identity provider pushes users and groups. `sso_configuration_id` is empty while unlinked."""

    id: str
    organization_id: str
    name: str
    enabled: bool
    sso_configuration_id: str
    allow_unverified_email_account_linking: bool
    token_expires_at: datetime
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class SSOConfiguration(Record[sso_pb.SSOConfiguration]):
    """An organization's OpenID Connect provider; its client secret is never shown."""

    id: str
    organization_id: str
    client_id: str
    issuer_url: str
    state: SSOConfigurationState
    provider_type: SSOProviderType
    claims: Mapping[str, str]
    email_domain: str
    email_domains: tuple[str, ...]
    display_name: str
    additional_scopes: tuple[str, ...]
    claims_expression: str


@dataclass(frozen=True, slots=True)
class SSOConfigurationFault(Record[sso_status_pb.SsoConfigurationFault]):
    """One thing wrong with one field, as an update would be told."""

    field: str
    description: str


class ClientAuthentication(StrEnum):
    """How an organization's provider knows the server at its token endpoint; UNSPECIFIED if an older server does not say."""

    UNSPECIFIED = "CLIENT_AUTHENTICATION_UNSPECIFIED"
    CLIENT_SECRET = "CLIENT_AUTHENTICATION_CLIENT_SECRET"
    PRIVATE_KEY_JWT = "CLIENT_AUTHENTICATION_PRIVATE_KEY_JWT"


@dataclass(frozen=True, slots=True)
class SSOConfigurationStatus(Record[sso_status_pb.SsoConfigurationStatus]):
    """How an SSO configuration stands by the rules of today, which may be younger than what is stored.

    `unproven_email_domains` are those of its e-mail domains that license nothing, as the organization has not proven them.
    `redirect_uri` is what to register with the provider; empty if the server does not know its own URL. `binding_claim` is what the externalId of
    SCIM members is compared with; `bound_members` are those who are known by their `sub` already. `jwks_uri` is where the server's public
    keys are, for PRIVATE_KEY_JWT.
    """

    sso_configuration_id: str
    faults: tuple[SSOConfigurationFault, ...]
    unproven_email_domains: tuple[str, ...] = ()
    redirect_uri: str = ""
    binding_claim: str = ""
    bound_members: int = 0
    client_authentication: ClientAuthentication = ClientAuthentication.UNSPECIFIED
    jwks_uri: str = ""


class SSOConfigurationCheckOutcome(StrEnum):
    """Whether what was found stands in the way of signing in; UNKNOWN: the provider does not tell."""

    UNSPECIFIED = "SSO_CONFIGURATION_CHECK_OUTCOME_UNSPECIFIED"
    OK = "SSO_CONFIGURATION_CHECK_OUTCOME_OK"
    WRONG = "SSO_CONFIGURATION_CHECK_OUTCOME_WRONG"
    UNKNOWN = "SSO_CONFIGURATION_CHECK_OUTCOME_UNKNOWN"


@dataclass(frozen=True, slots=True)
class SSOConfigurationCheck(Record[sso_status_pb.SsoConfigurationCheck]):
    """What one check of an SSO configuration has found, and what to do about it, in sentences for people."""

    check: str
    outcome: SSOConfigurationCheckOutcome
    description: str
    remedy: str


@dataclass(frozen=True, slots=True)
class DomainVerification(Record[domain_pb.DomainVerification]):
    """That an organization holds `domain`, or claims to; `verified_at` is None while it is not proven.

    `verification_token` is what a TXT record of `_orgplane-challenge.<domain>` has to say.
    """

    id: str
    organization_id: str
    domain: str
    state: DomainVerificationState
    verification_token: str
    verified_at: datetime | None
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class DomainVerificationResponse:
    """A claim of a domain."""

    domain_verification: DomainVerification


@dataclass(frozen=True, slots=True)
class DomainVerificationStatus(Record[domain_status_pb.DomainVerificationStatus]):
    """The record that proves a domain, and what is known of it.

    `checked_at` is when DNS last told whether the record is there. If it is missing, it is so since `absent_since`, and the
    domain stops being proven at `revoked_after` at the earliest.
    """

    domain_verification_id: str
    record_name: str
    record_value: str
    verified_by: DomainVerifier
    checked_at: datetime | None
    absent_since: datetime | None
    revoked_after: datetime | None


@dataclass(frozen=True, slots=True)
class User(Record[user_pb.User]):
    """A member of an organization."""

    id: str
    organization_id: str
    name: str
    email: str
    avatar_url: str
    status: UserStatus
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class OrganizationMember(Record[member_pb.OrganizationMember]):
    """`login_provider` is `sso`, or `none` for a member who only has tokens."""

    user_id: str
    full_name: str
    email: str
    avatar_url: str
    role: OrganizationRole
    status: UserStatus
    login_provider: str
    member_since: datetime


@dataclass(frozen=True, slots=True)
class Count(Record[count_pb.CountResponse]):
    """How many there are; at least so many, if not `exact`."""

    value: int
    exact: bool = field(metadata=out_of("relation", count_pb.CountResponseRelation.EQ.__eq__))


@dataclass(frozen=True, slots=True)
class SCIMRequest(Record[scim_provisioning_pb.ScimRequest]):
    """What an identity provider sent, and how it was answered. Bodies are empty unless the server keeps them.

    From `status` 400 on it has `failed`; `detail` and `scim_type` tell why. `remark` tells what was not
    done of one that succeeded; it is empty if all was. `credential` is how the credential is known that it bore, of
    this id; both are empty for requests of before that was kept.
    """

    id: str
    scim_configuration_id: str
    received_at: datetime
    duration: timedelta
    method: str
    path: str
    status: int
    detail: str
    scim_type: str
    user_agent: str
    request_id: str
    peer: str
    request_body: str
    response_body: str
    remark: str = ""
    scim_credential_id: str = ""
    credential: str = ""

    @property
    def failed(self) -> bool:
        """Whether it was answered with an error."""
        return self.status >= 400


@dataclass(frozen=True, slots=True)
class SCIMBreaker(Record[scim_breaker_pb.ScimBreaker]):
    """So many `percent` of the active users, and 10 people at least, may go within an hour; 0: all may.

    `waiting_count` people more were to go since `paused_at`, which is None if nothing is paused.
    """

    scim_configuration_id: str
    percent: int
    paused_at: datetime | None
    waiting_count: int


class SCIMCredentialKind(StrEnum):
    """What an identity provider shows: a bearer token, or a client secret that it gets access tokens for."""

    UNSPECIFIED = "SCIM_CREDENTIAL_KIND_UNSPECIFIED"
    TOKEN = "SCIM_CREDENTIAL_KIND_TOKEN"
    CLIENT_SECRET = "SCIM_CREDENTIAL_KIND_CLIENT_SECRET"


@dataclass(frozen=True, slots=True)
class SCIMCredential(Record[scim_credential_pb.ScimCredential]):
    """A SCIM token or a client secret, without its secret; people know it by the `hint`.

    `last_used_at` is exact to a minute; of a client secret, when an access token of it was last used.
    """

    id: str
    scim_configuration_id: str
    kind: SCIMCredentialKind
    hint: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class CreateSCIMCredentialResponse:
    """The new credential, and its text."""

    scim_credential: SCIMCredential
    token: str = field(repr=False)


class SignInRefusal(StrEnum):
    """Why somebody is not let in; UNSPECIFIED if they are."""

    UNSPECIFIED = "SIGN_IN_REFUSAL_UNSPECIFIED"
    BEGIN_ANEW = "SIGN_IN_REFUSAL_BEGIN_ANEW"
    INACTIVE = "SIGN_IN_REFUSAL_INACTIVE"
    PROVIDER = "SIGN_IN_REFUSAL_PROVIDER"
    CLAIMS_EXPRESSION = "SIGN_IN_REFUSAL_CLAIMS_EXPRESSION"
    NOBODY = "SIGN_IN_REFUSAL_NOBODY"
    EMAIL_NOT_VERIFIED = "SIGN_IN_REFUSAL_EMAIL_NOT_VERIFIED"
    SEVERAL = "SIGN_IN_REFUSAL_SEVERAL"
    NOT_PROVISIONED = "SIGN_IN_REFUSAL_NOT_PROVISIONED"
    BOUND_OTHERWISE = "SIGN_IN_REFUSAL_BOUND_OTHERWISE"
    NOT_ACTIVE = "SIGN_IN_REFUSAL_NOT_ACTIVE"


@dataclass(frozen=True, slots=True)
class SignInAttempt(Record[sign_in_attempt_pb.SignInAttempt]):
    """A sign-in through an SSO configuration, or a refusal: `detail` tells why, and what can be done about it.

    `subject` is the provider's `sub`; `email` is there if the provider says that it is verified. `omitted` is how many refusals of the same
    kind and person before it are not kept.
    """

    id: str
    sso_configuration_id: str
    attempted_at: datetime
    refusal: SignInRefusal
    detail: str
    user_id: str
    subject: str
    email: str
    request_id: str
    peer: str
    omitted: int

    @property
    def failed(self) -> bool:
        """Whether they were not let in."""
        return self.refusal is not SignInRefusal.UNSPECIFIED


@dataclass(frozen=True, slots=True)
class ExpiryWarning(Record[scim_provisioning_pb.ExpiryWarning]):
    """A credential ends within 14 days, or has ended; `message` says what to do about it.

    `user_id` is the administrator who holds it; empty for a SCIM token.
    """

    expires_at: datetime
    days_left: int
    user_id: str
    message: str


@dataclass(frozen=True, slots=True)
class PendingDeprovisioning(Record[scim_provisioning_pb.PendingDeprovisioning]):
    """An administrator whom the provider wants deprovisioned, done as soon as somebody else can act."""

    user_id: str
    name: str
    email: str
    kind: DeprovisioningKind
    since: datetime


@dataclass(frozen=True, slots=True)
class ProvisioningStatus(Record[scim_provisioning_pb.ProvisioningStatus]):
    """How provisioning through a SCIM configuration fares, as far back as its requests are kept."""

    scim_configuration_id: str
    enabled: bool
    linked: bool
    token_expires_at: datetime
    token_last_used_at: datetime | None
    user_count: int
    group_count: int
    last_successful_request: SCIMRequest | None
    last_failed_request: SCIMRequest | None
    token_warning: ExpiryWarning | None
    organization_warning: ExpiryWarning | None
    pending_deprovisionings: tuple[PendingDeprovisioning, ...]
    shared_addresses: tuple[SharedAddress, ...] = ()
    #: What the provider is to be given; empty from a server that was not told its `--public-url`.
    scim_base_url: str = ""
    #: Of the provider's groups: whoever holds the SCIM token can give them to anybody.
    group_roles: tuple[AssignedRole, ...] = ()


@dataclass(frozen=True, slots=True)
class SharedAddress(Record[scim_provisioning_pb.SharedAddress]):
    """An e-mail address that several active members have, so that it finds none of them."""

    email: str
    user_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Denial(Record[membership_pb.Denial]):
    """Who says that a member is not active; without a configuration, an administrator."""

    scim_configuration_id: str
    scim_configuration_name: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Link(Record[membership_pb.Link]):
    """A member as the identity provider of one SCIM configuration knows them.

    `active_said_at` is when it last said what `active` is; of `False`, when it first did. `manager_id` is another member.
    """

    scim_configuration_id: str
    scim_configuration_name: str
    user_name: str
    external_id: str
    active: bool
    active_said_at: datetime
    title: str
    department: str
    manager_id: str


@dataclass(frozen=True, slots=True)
class Membership(Record[membership_pb.Membership]):
    """How identity providers know a member, and everybody because of whom they are suspended."""

    user_id: str
    status: UserStatus
    denials: tuple[Denial, ...]
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class MembershipResponse:
    """How identity providers know a member."""

    membership: Membership


@dataclass(frozen=True, slots=True)
class OrganizationPolicies(Record[organization_policies_pb.OrganizationPolicies]):
    """What an organization lets its members do, as far as this server has it.

    With `restrict_account_creation_to_scim` only SCIM makes members: nobody joins.
    """

    organization_id: str
    restrict_account_creation_to_scim: bool


@dataclass(frozen=True, slots=True)
class OrganizationPoliciesResponse:
    """The policies."""

    policies: OrganizationPolicies


@dataclass(frozen=True, slots=True)
class PersonalAccessTokenPolicy(Record[pat_policy_pb.PersonalAccessTokenPolicy]):
    """What an organization asks of personal access tokens; None for nothing.

    No token gets older than `max_token_age`. Those of members whom SCIM does not provision rest if the member has not signed in
    for longer than `sign_in_within`.
    """

    organization_id: str
    max_token_age: timedelta | None
    sign_in_within: timedelta | None


@dataclass(frozen=True, slots=True)
class PersonalAccessTokenPolicyResponse:
    """The policy."""

    policy: PersonalAccessTokenPolicy


@dataclass(frozen=True, slots=True)
class OrganizationInvite(Record[organization_invite_pb.OrganizationInvite]):
    """An organization's invite. Its id is a secret: whoever knows it may join."""

    invite_id: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OrganizationInviteResponse:
    """The invite."""

    invite: OrganizationInvite


@dataclass(frozen=True, slots=True)
class EmailInvite(Record[email_invite_pb.EmailInvite]):
    """An invite that was mailed to an address; the secret is in the letter alone.

    `delivery_reason` is what went wrong with the letter last, as the mail server put it. `accepted_at` is None while
    nobody has joined by it.
    """

    id: str
    email: str
    state: EmailInviteState
    delivery: EmailDelivery
    delivery_reason: str
    created_at: datetime | None
    expires_at: datetime | None
    accepted_at: datetime | None


@dataclass(frozen=True, slots=True)
class EmailInviteResponse:
    """The invite."""

    email_invite: EmailInvite


@dataclass(frozen=True, slots=True)
class AssignedRole(Record[role_pb.AssignedRole]):
    """A role on the organization, of whoever it is assigned to; `principal_name` may be empty."""

    id: str
    principal: RolePrincipal
    principal_id: str
    principal_name: str
    role: Role
    created_at: datetime


@dataclass(frozen=True, slots=True)
class AssignedRoleResponse:
    """What was assigned."""

    assigned_role: AssignedRole


@dataclass(frozen=True, slots=True)
class EffectiveRoles(Record[role_pb.EffectiveRoles]):
    """All roles of a member: `own_role` as `set_role` sets it, and the others `because_of` what is assigned to them and to their groups."""

    user_id: str
    roles: tuple[Role, ...]
    own_role: Role
    because_of: tuple[AssignedRole, ...]


@dataclass(frozen=True, slots=True)
class OrganizationInviteSummary(
    Record[organization_invite_pb.GetOrganizationInviteSummaryResponse]
):
    """Where an invite leads. Members are counted up to 10,000."""

    organization_id: str
    organization_name: str
    organization_member_count: int


@dataclass(frozen=True, slots=True)
class CodeSent(Record[joining_pb.CodeSent]):
    """A code was mailed to an address; it is taken until it expires."""

    email: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AddressProof(Record[joining_pb.AddressProof]):
    """The caller has the address, and may join with it until the proof expires."""

    email: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Joined(Record[joining_pb.Joined]):
    """Somebody who joined; with a token, shown this once, if they were no member before."""

    member: OrganizationMember
    organization_id: str
    token: str = field(repr=False)
    token_expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class JoinOrganizationResponse:
    """The caller as a member of the organization that they joined."""

    member: OrganizationMember


@dataclass(frozen=True, slots=True)
class FirstToken(Record[first_token_pb.CreateFirstTokenResponse]):
    """A personal access token, shown this once, of a member of the caller's account, and who that is."""

    member: OrganizationMember
    token: str = field(repr=False)
    token_expires_at: datetime


@dataclass(frozen=True, slots=True)
class Erasure(Record[erasure_pb.EraseMemberResponse]):
    """In how much of what something was erased."""

    audit_events: int
    scim_requests: int
    sign_ins: int


@dataclass(frozen=True, slots=True)
class Session(Record[session_pb.Session]):
    """What lets somebody act who has signed in: until `expires_at`, if it is used before each `idle_expires_at`."""

    id: str
    user_id: str
    sso_configuration_id: str
    created_at: datetime
    expires_at: datetime
    idle_expires_at: datetime


@dataclass(frozen=True, slots=True)
class SessionResponse:
    """The session."""

    session: Session


@dataclass(frozen=True, slots=True)
class SignInGroup(Record[sign_in_pb.SignInGroup]):
    """A group of SCIM's; its id stays when it is renamed."""

    id: str
    display_name: str


@dataclass(frozen=True, slots=True)
class SignInSCIMUser(Record[sign_in_pb.SignInScimUser]):
    """A SCIM user, in the words of RFC 7643, sections 4.1 and 4.3. What SCIM does not say is empty."""

    scim_configuration_id: str
    external_id: str
    user_name: str
    title: str
    user_type: str
    preferred_language: str
    locale: str
    timezone: str
    employee_number: str
    cost_center: str
    organization: str
    division: str
    department: str


@dataclass(frozen=True, slots=True)
class SignIn(Record[sign_in_pb.SignIn]):
    """Somebody's sign-in to the calling application: until `expires_at`, if it asks before each `idle_expires_at`.

    `user_id` stays; `email` is what SCIM or an administrator says, proven to be the organization's if `email_verified`.
    """

    id: str
    user_id: str
    name: str
    email: str
    email_verified: bool
    organization_id: str
    organization_name: str
    role: OrganizationRole
    groups: tuple[SignInGroup, ...]
    scim_user: SignInSCIMUser | None
    sso_configuration_id: str
    signed_in_at: datetime
    expires_at: datetime
    idle_expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignInResponse:
    """The sign-in."""

    sign_in: SignIn


class SignOutReason(StrEnum):
    """What has ended a sign-in; UNSPECIFIED for what a later server knows."""

    UNSPECIFIED = "SIGN_OUT_REASON_UNSPECIFIED"
    MEMBER = "SIGN_OUT_REASON_MEMBER"
    SSO_CONFIGURATION = "SIGN_OUT_REASON_SSO_CONFIGURATION"
    SCIM_CONFIGURATION = "SIGN_OUT_REASON_SCIM_CONFIGURATION"
    PROVIDER = "SIGN_OUT_REASON_PROVIDER"
    ORGANIZATION = "SIGN_OUT_REASON_ORGANIZATION"
    APPLICATION = "SIGN_OUT_REASON_APPLICATION"


@dataclass(frozen=True, slots=True)
class SignOut(Record[sign_in_pb.SignOut]):
    """A sign-in to the calling application that is over: `SignIn.id`, of the member `user_id`."""

    sign_in_id: str
    user_id: str
    organization_id: str
    ended_at: datetime
    reason: SignOutReason


@dataclass(frozen=True, slots=True)
class AccountMembership(Record[account_pb.AccountMembership]):
    """An active member of an account. Members are counted up to 10,000."""

    user_id: str
    user_role: OrganizationRole
    organization_id: str
    organization_name: str
    organization_member_count: int
    organization_tier: OrganizationTier


@dataclass(frozen=True, slots=True)
class JoinableOrganization(Record[account_pb.JoinableOrganization]):
    """An organization that the caller may join without an invite. Members are counted up to 10,000."""

    organization_id: str
    organization_name: str
    organization_member_count: int


@dataclass(frozen=True, slots=True)
class SSOLoginURL(Record[login_pb.GetSSOLoginURLResponse]):
    """The page at which somebody signs in."""

    login_url: str


@dataclass(frozen=True, slots=True)
class SSOLogin(Record[login_pb.ListSSOLoginsResponse.Login]):
    """A provider, and the page at which somebody signs in with it."""

    display_name: str
    login_url: str


@dataclass(frozen=True, slots=True)
class LoginProvider(Record[login_pb.LoginProvider]):
    """A kind of account, `custom` for the organization's own provider, and the page at which somebody signs in with it."""

    login_url: str
    provider: str


@dataclass(frozen=True, slots=True)
class ExchangedToken(Record[identity_pb.ExchangeTokenResponse]):
    """A session's access token. It cannot be asked for again."""

    access_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Account(Record[account_pb.Account]):
    """The caller's account: the members that they are, the caller first, tied by joining one as another."""

    id: str
    name: str
    avatar_url: str
    email: str
    created_at: datetime
    updated_at: datetime
    memberships: tuple[AccountMembership, ...]
    public_email_provider: bool


@dataclass(frozen=True, slots=True)
class AccountResponse:
    """The caller's account."""

    account: Account


@dataclass(frozen=True, slots=True)
class ReactivatedMember(Record[membership_pb.ReactivatedMember]):
    """A member who would be active again."""

    user_id: str
    full_name: str
    email: str


@dataclass(frozen=True, slots=True)
class PreviewSCIMConfigurationDeletionResponse(
    Record[membership_pb.PreviewScimConfigurationDeletionResponse]
):
    """What a deletion would mean for members: who would be active again (the first 1,000 of `reactivated_count`).

    And how many would be suspended by an administrator instead of by the configuration's provider.
    """

    reactivated: tuple[ReactivatedMember, ...]
    reactivated_count: int
    suspended_by_administrator_count: int


@dataclass(frozen=True, slots=True)
class Subject(Record[identity_pb.Subject]):
    """An actor: what kind it is, and its id."""

    id: str
    principal: Principal


@dataclass(frozen=True, slots=True)
class Group(Record[group_pb.Group]):
    """Some of the organization's members under a name: an identity provider's group if `system_managed`, else a local one."""

    id: str
    organization_id: str
    name: str
    description: str
    system_managed: bool
    direct_share: bool
    member_count: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class GroupMembership(Record[group_pb.GroupMembership]):
    """That somebody is in a group."""

    id: str
    group_id: str
    subject: Subject
    name: str
    avatar_url: str


@dataclass(frozen=True, slots=True)
class GroupResponse:
    """A group."""

    group: Group


@dataclass(frozen=True, slots=True)
class CreateGroupMembershipResponse:
    """That somebody is in a group now."""

    member: GroupMembership


@dataclass(frozen=True, slots=True)
class GroupMembershipResponse:
    """That somebody is in a group; None if they are not."""

    member: GroupMembership | None


@dataclass(frozen=True, slots=True)
class PersonalAccessToken(Record[pat_pb.PersonalAccessToken]):
    """What is known about a token, its secret excepted. `last_used` is exact to a minute."""

    id: str
    user_id: str
    description: str
    read_only: bool
    creator: Subject | None
    created_at: datetime | None
    expires_at: datetime | None
    last_used: datetime | None


@dataclass(frozen=True, slots=True)
class PersonalAccessTokenStatus(Record[pat_status_pb.PersonalAccessTokenStatus]):
    """Through which SSO configuration whoever made a token with a session had signed in; empty if it was not made with one.

    A token that was made with a session is for its organization alone, and outlives it. From `rests_at` on it does not work unless its user
    signs in before; None if the organization does not ask them to.
    """

    personal_access_token_id: str
    signed_in_through_sso_configuration_id: str
    rests_at: datetime | None


class OrganizationState(StrEnum):
    """Whether anything is done for an organization: a suspended one shows itself, and no more."""

    UNSPECIFIED = "ORGANIZATION_STATE_UNSPECIFIED"
    ACTIVE = "ORGANIZATION_STATE_ACTIVE"
    SUSPENDED = "ORGANIZATION_STATE_SUSPENDED"
    DELETING = "ORGANIZATION_STATE_DELETING"


@dataclass(frozen=True, slots=True)
class OrganizationUsage(Record[operator_pb.OrganizationUsage]):
    """How much an organization is used: active and suspended members, configurations that are in use, and when something last changed."""

    members: Count
    scim_configurations: int
    sso_configurations: int
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class OperatedOrganization(Record[operator_pb.OperatedOrganization]):
    """An organization, as whoever runs the server sees it: from outside."""

    id: str
    name: str
    created_at: datetime
    state: OrganizationState
    suspended_at: datetime | None
    usage: OrganizationUsage
    deletes_at: datetime | None


@dataclass(frozen=True, slots=True)
class ServiceAccount(Record[machine_pb.ServiceAccount]):
    """An account that a program acts as. It ends at `valid_until`, and all of its tokens with it."""

    id: str
    organization_id: str
    name: str
    description: str
    creator: Subject | None
    created_at: datetime
    valid_until: datetime
    suspended: bool
    system_managed: bool


@dataclass(frozen=True, slots=True)
class ServiceAccountToken(Record[machine_pb.ServiceAccountToken]):
    """What is known about a token, its secret excepted. `last_used` is exact to a minute."""

    id: str
    service_account_id: str
    description: str
    creator: Subject | None
    created_at: datetime
    expires_at: datetime
    last_used: datetime | None


@dataclass(frozen=True, slots=True)
class AuditLogEntry(Record[audit_pb.ListAuditLogsResponse.AuditLogEntry]):
    """`action` is create, update or delete; `actor_id` is empty for whoever runs the server."""

    id: str
    actor_id: str
    actor_principal: Principal
    subject_id: str
    subject_type: ResourceType
    action: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Actor(Record[event_pb.Actor]):
    """`token_id` is the token that a user, a service account or an operator acted with; an operator has no other id, and on the machine none."""

    kind: ActorKind
    id: str
    token_id: str


@dataclass(frozen=True, slots=True)
class FieldChange(Record[event_pb.FieldChange]):
    """A field's value before and after, as JSON has it: None where there is none, and both for a secret."""

    field: str
    before: object
    after: object
    secret: bool


@dataclass(frozen=True, slots=True)
class Event(Record[event_pb.Event]):
    """One change. `cursor` is the place behind it; `request_id` and `peer` may be empty."""

    id: str
    cursor: str = field(repr=False)
    occurred_at: datetime
    organization_id: str
    actor: Actor
    operation: ResourceOperation
    resource_type: ResourceType
    resource_id: str
    changes: tuple[FieldChange, ...]
    request_id: str
    peer: str


@dataclass(frozen=True, slots=True)
class AuditLogEntryResponse:
    """An entry of the audit log."""

    entry: AuditLogEntry


@dataclass(frozen=True, slots=True)
class EventResponse:
    """An event."""

    event: Event


@dataclass(frozen=True, slots=True)
class OrganizationResponse:
    """An organization, after the call."""

    organization: Organization


@dataclass(frozen=True, slots=True)
class CreateOrganizationResponse:
    """A new organization, and the caller as its administrator."""

    organization: Organization
    member: OrganizationMember


@dataclass(frozen=True, slots=True)
class SCIMConfigurationResponse:
    """A SCIM configuration, after the call."""

    scim_configuration: SCIMConfiguration


@dataclass(frozen=True, slots=True)
class CreateSCIMConfigurationResponse:
    """`token` is shown this once; it is left out when the response is printed."""

    scim_configuration: SCIMConfiguration
    token: str = field(repr=False)
    token_expires_at: datetime


@dataclass(frozen=True, slots=True)
class RegenerateSCIMTokenResponse:
    """`token` is shown this once; it is left out when the response is printed."""

    token: str = field(repr=False)
    token_expires_at: datetime


@dataclass(frozen=True, slots=True)
class SSOConfigurationResponse:
    """An SSO configuration, after the call."""

    sso_configuration: SSOConfiguration


@dataclass(frozen=True, slots=True)
class UserResponse:
    """A user."""

    user: User


@dataclass(frozen=True, slots=True)
class AuthenticatedIdentity:
    """Whom the client's token stands for."""

    organization_id: str
    organization_tier: str
    subject: Subject


@dataclass(frozen=True, slots=True)
class PersonalAccessTokenResponse:
    """A personal access token, its secret excepted."""

    pat: PersonalAccessToken


@dataclass(frozen=True, slots=True)
class CreatePersonalAccessTokenResponse:
    """`token` is shown this once; it is left out when the response is printed."""

    token: str = field(repr=False)


class WebhookDeliveryCause(StrEnum):
    """Why something is posted: it happened, somebody asked for it again, or it is a test."""

    UNSPECIFIED = "WEBHOOK_DELIVERY_CAUSE_UNSPECIFIED"
    EVENT = "WEBHOOK_DELIVERY_CAUSE_EVENT"
    REDELIVERY = "WEBHOOK_DELIVERY_CAUSE_REDELIVERY"
    TEST = "WEBHOOK_DELIVERY_CAUSE_TEST"


class WebhookDeliveryState(StrEnum):
    """To be tried; taken by the endpoint; not tried any more."""

    UNSPECIFIED = "WEBHOOK_DELIVERY_STATE_UNSPECIFIED"
    PENDING = "WEBHOOK_DELIVERY_STATE_PENDING"
    DELIVERED = "WEBHOOK_DELIVERY_STATE_DELIVERED"
    FAILED = "WEBHOOK_DELIVERY_STATE_FAILED"


@dataclass(frozen=True, slots=True)
class WebhookEndpoint(Record[webhook_pb.WebhookEndpoint]):
    """Where events are posted to. `event_types` is empty for all there are; `warning` is empty if all is well.

    Until `previous_secret_ends_at` there are signatures by the secret before as well. `failing_since` is None if it took what was
    posted last.
    """

    id: str
    url: str
    description: str
    event_types: tuple[str, ...]
    enabled: bool
    created_at: datetime
    updated_at: datetime
    previous_secret_ends_at: datetime | None
    succeeded_at: datetime | None
    failing_since: datetime | None
    warning: str


@dataclass(frozen=True, slots=True)
class WebhookEndpointResponse:
    """An endpoint."""

    webhook_endpoint: WebhookEndpoint


@dataclass(frozen=True, slots=True)
class WebhookEndpointSecretResponse:
    """An endpoint and its new secret, which nobody can ask for again."""

    webhook_endpoint: WebhookEndpoint
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class WebhookDelivery(Record[webhook_pb.WebhookDelivery]):
    """One event on its way to one endpoint, and how the last try went.

    `next_attempt_at` is None if it is not tried again, or waits for an earlier event of the same resource; `status_code` is 0 if
    there was no answer.
    """

    id: str
    webhook_endpoint_id: str
    event_id: str
    event_type: str
    resource_id: str
    cause: WebhookDeliveryCause
    state: WebhookDeliveryState
    attempts: int
    created_at: datetime
    attempted_at: datetime | None
    next_attempt_at: datetime | None
    status_code: int
    duration: timedelta
    response: str
    error: str


@dataclass(frozen=True, slots=True)
class WebhookDeliveryResponse:
    """A delivery."""

    webhook_delivery: WebhookDelivery


@dataclass(frozen=True, slots=True)
class ServiceAccountResponse:
    """A service account."""

    service_account: ServiceAccount


@dataclass(frozen=True, slots=True)
class ServiceAccountTokenResponse:
    """A token of a service account, its secret excepted."""

    service_account_token: ServiceAccountToken


@dataclass(frozen=True, slots=True)
class CreateServiceAccountTokenResponse:
    """`token` is shown this once; it is left out when the response is printed."""

    token: str = field(repr=False)
    service_account_token: ServiceAccountToken


@dataclass(frozen=True, slots=True)
class CreateServiceAccountAccessTokenResponse:
    """`token` is shown this once; it is left out when the response is printed."""

    token: str = field(repr=False)
