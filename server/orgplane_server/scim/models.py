"""The SCIM resources that are served: what /Schemas announces, requests are checked against and patches applied to.

RFC 7643 sections 4.1 to 4.3, with what the organization keeps: `password` is not an attribute here
(members sign in elsewhere), so it is ignored like any attribute that is not announced; e-mail
addresses are plain strings, since providers send names without a dot or an @; a group's members
are users. What is computed here is announced as readOnly.
"""

from __future__ import annotations

from typing import Annotated, Any

import scim2_models
from pydantic import Field
from scim2_models import (
    Address,
    AnyExtension,
    CaseExact,
    ComplexAttribute,
    Entitlement,
    Extension,
    External,
    Im,
    Mutability,
    Name,
    PhoneNumber,
    Photo,
    Reference,
    Required,
    Resource,
    Role,
    Uniqueness,
    X509Certificate,
)


class Email(ComplexAttribute):
    value: str | None = None
    """The address. The primary one, or else the first, is the member's."""

    display: str | None = None
    """How the address is shown to people."""

    type: scim2_models.Email.Type | None = None
    """What the address is for."""

    primary: bool | None = None
    """Whether this is the preferred address; at most one is."""


class GroupMembership(ComplexAttribute):
    value: Annotated[str | None, Mutability.read_only, CaseExact.true] = None
    """The id of the group."""

    ref: Annotated[Reference[scim2_models.Group] | None, Mutability.read_only] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    """Where the group is."""

    display: Annotated[str | None, Mutability.read_only] = None
    """The group's displayName."""

    type: Annotated[str | None, Mutability.read_only] = Field(None, examples=["direct"])
    """How the user is in the group; groups are not nested, so always direct."""


class User(Resource[AnyExtension]):
    """A member of the organization, as the identity provider knows them."""

    __schema__ = scim2_models.User.__schema__

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    """The name that the provider tells users apart by. It is returned as it was sent; upper and lower case do not make two names."""

    name: Name | None = None
    """The parts of the user's name."""

    display_name: str | None = None
    """The user's name as it is shown to people."""

    nick_name: str | None = None
    """What the user is called casually."""

    profile_url: Reference[External] | None = None
    """A page about the user."""

    title: str | None = None
    """The user's title."""

    user_type: str | None = None
    """What the user is to the organization, such as Employee or Contractor."""

    preferred_language: str | None = None
    """The user's preferred language, as in Accept-Language."""

    locale: str | None = None
    """The user's locale, for dates and numbers."""

    timezone: str | None = None
    """The user's time zone by its IANA name."""

    active: bool | None = None
    """Whether the member may act. A member made inactive is suspended: their tokens stop working at once."""

    emails: list[Email] | None = None
    """The user's e-mail addresses."""

    phone_numbers: list[PhoneNumber] | None = None
    """The user's telephone numbers."""

    ims: list[Im] | None = None
    """The user's instant messaging addresses."""

    photos: list[Photo] | None = None
    """Where photos of the user are."""

    addresses: list[Address] | None = None
    """The user's postal addresses."""

    groups: Annotated[list[GroupMembership] | None, Mutability.read_only] = None
    """The groups that the user is a member of; changed at the groups."""

    entitlements: list[Entitlement] | None = None
    """What the user is entitled to."""

    roles: list[Role] | None = None
    """The user's roles, in the provider's words."""

    x509_certificates: list[X509Certificate] | None = None
    """The user's certificates, as base64 of DER."""


class Manager(ComplexAttribute):
    value: Annotated[str | None, CaseExact.true] = None
    """The id of the manager's user."""

    ref: Annotated[Reference[scim2_models.User[Any]] | None, CaseExact.true] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    """Where the manager's user is."""

    display_name: Annotated[str | None, Mutability.read_only] = None
    """The manager's displayName."""


class EnterpriseUser(Extension):
    """What an employer knows of a user."""

    __schema__ = scim2_models.EnterpriseUser.__schema__

    employee_number: str | None = None
    """The number or name that the employer gave the user."""

    cost_center: str | None = None
    """The cost center's name."""

    organization: str | None = None
    """The organization's name."""

    division: str | None = None
    """The division's name."""

    department: str | None = None
    """The department's name."""

    manager: Manager | None = None
    """The user's manager."""


class GroupMember(ComplexAttribute):
    value: Annotated[str | None, Mutability.immutable, CaseExact.true] = None
    """The id of the user."""

    ref: Annotated[Reference[scim2_models.User[Any]] | None, Mutability.immutable] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    """Where the user is."""

    display: Annotated[str | None, Mutability.read_only] = None
    """The user's name as it is shown to people."""

    type: Annotated[str | None, Mutability.immutable] = Field(None, examples=["User"])
    """What the member is; groups are not nested, so always a user."""


class Group(Resource[AnyExtension]):
    """A group of members of the organization."""

    __schema__ = scim2_models.Group.__schema__

    display_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    """The group's name. Upper and lower case do not make two names."""

    members: list[GroupMember] | None = None
    """The users in the group."""


#: A user with all that is known of them; the model of the /Users endpoint.
ProvisionedUser = User[EnterpriseUser]
