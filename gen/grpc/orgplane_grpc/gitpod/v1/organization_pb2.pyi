import datetime

from ...buf.validate import validate_pb2 as _validate_pb2
from ...gitpod.v1 import member_pb2 as _member_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class OrganizationTier(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ORGANIZATION_TIER_UNSPECIFIED: _ClassVar[OrganizationTier]
    ORGANIZATION_TIER_FREE: _ClassVar[OrganizationTier]
    ORGANIZATION_TIER_ENTERPRISE: _ClassVar[OrganizationTier]
    ORGANIZATION_TIER_CORE: _ClassVar[OrganizationTier]
    ORGANIZATION_TIER_FREE_ONA: _ClassVar[OrganizationTier]
ORGANIZATION_TIER_UNSPECIFIED: OrganizationTier
ORGANIZATION_TIER_FREE: OrganizationTier
ORGANIZATION_TIER_ENTERPRISE: OrganizationTier
ORGANIZATION_TIER_CORE: OrganizationTier
ORGANIZATION_TIER_FREE_ONA: OrganizationTier

class Organization(_message.Message):
    __slots__ = ("id", "name", "created_at", "updated_at", "invite_domains", "tier")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    UPDATED_AT_FIELD_NUMBER: _ClassVar[int]
    INVITE_DOMAINS_FIELD_NUMBER: _ClassVar[int]
    TIER_FIELD_NUMBER: _ClassVar[int]
    id: str
    name: str
    created_at: _timestamp_pb2.Timestamp
    updated_at: _timestamp_pb2.Timestamp
    invite_domains: InviteDomains
    tier: OrganizationTier
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., updated_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., invite_domains: _Optional[_Union[InviteDomains, _Mapping]] = ..., tier: _Optional[_Union[OrganizationTier, str]] = ...) -> None: ...

class InviteDomains(_message.Message):
    __slots__ = ("domains",)
    DOMAINS_FIELD_NUMBER: _ClassVar[int]
    domains: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, domains: _Optional[_Iterable[str]] = ...) -> None: ...

class CreateOrganizationRequest(_message.Message):
    __slots__ = ("name", "join_organization", "invite_accounts_with_matching_domain")
    NAME_FIELD_NUMBER: _ClassVar[int]
    JOIN_ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    INVITE_ACCOUNTS_WITH_MATCHING_DOMAIN_FIELD_NUMBER: _ClassVar[int]
    name: str
    join_organization: bool
    invite_accounts_with_matching_domain: bool
    def __init__(self, name: _Optional[str] = ..., join_organization: _Optional[bool] = ..., invite_accounts_with_matching_domain: _Optional[bool] = ...) -> None: ...

class CreateOrganizationResponse(_message.Message):
    __slots__ = ("organization", "member")
    ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    organization: Organization
    member: _member_pb2.OrganizationMember
    def __init__(self, organization: _Optional[_Union[Organization, _Mapping]] = ..., member: _Optional[_Union[_member_pb2.OrganizationMember, _Mapping]] = ...) -> None: ...

class GetOrganizationRequest(_message.Message):
    __slots__ = ("organization_id",)
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    organization_id: str
    def __init__(self, organization_id: _Optional[str] = ...) -> None: ...

class GetOrganizationResponse(_message.Message):
    __slots__ = ("organization",)
    ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    organization: Organization
    def __init__(self, organization: _Optional[_Union[Organization, _Mapping]] = ...) -> None: ...

class UpdateOrganizationRequest(_message.Message):
    __slots__ = ("organization_id", "name", "invite_domains")
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    INVITE_DOMAINS_FIELD_NUMBER: _ClassVar[int]
    organization_id: str
    name: str
    invite_domains: InviteDomains
    def __init__(self, organization_id: _Optional[str] = ..., name: _Optional[str] = ..., invite_domains: _Optional[_Union[InviteDomains, _Mapping]] = ...) -> None: ...

class UpdateOrganizationResponse(_message.Message):
    __slots__ = ("organization",)
    ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    organization: Organization
    def __init__(self, organization: _Optional[_Union[Organization, _Mapping]] = ...) -> None: ...

class DeleteOrganizationRequest(_message.Message):
    __slots__ = ("organization_id",)
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    organization_id: str
    def __init__(self, organization_id: _Optional[str] = ...) -> None: ...

class DeleteOrganizationResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
