import datetime

from ...buf.validate import validate_pb2 as _validate_pb2
from ...gitpod.v1 import count_pb2 as _count_pb2
from ...gitpod.v1 import login_provider_pb2 as _login_provider_pb2
from ...gitpod.v1 import pagination_pb2 as _pagination_pb2
from ...gitpod.v1 import user_pb2 as _user_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class OrganizationRole(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ORGANIZATION_ROLE_UNSPECIFIED: _ClassVar[OrganizationRole]
    ORGANIZATION_ROLE_ADMIN: _ClassVar[OrganizationRole]
    ORGANIZATION_ROLE_MEMBER: _ClassVar[OrganizationRole]
ORGANIZATION_ROLE_UNSPECIFIED: OrganizationRole
ORGANIZATION_ROLE_ADMIN: OrganizationRole
ORGANIZATION_ROLE_MEMBER: OrganizationRole

class OrganizationMember(_message.Message):
    __slots__ = ("user_id", "role", "member_since", "avatar_url", "full_name", "email", "status", "login_provider")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    MEMBER_SINCE_FIELD_NUMBER: _ClassVar[int]
    AVATAR_URL_FIELD_NUMBER: _ClassVar[int]
    FULL_NAME_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    LOGIN_PROVIDER_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    role: OrganizationRole
    member_since: _timestamp_pb2.Timestamp
    avatar_url: str
    full_name: str
    email: str
    status: _user_pb2.UserStatus
    login_provider: str
    def __init__(self, user_id: _Optional[str] = ..., role: _Optional[_Union[OrganizationRole, str]] = ..., member_since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., avatar_url: _Optional[str] = ..., full_name: _Optional[str] = ..., email: _Optional[str] = ..., status: _Optional[_Union[_user_pb2.UserStatus, str]] = ..., login_provider: _Optional[str] = ...) -> None: ...

class ListMembersRequest(_message.Message):
    __slots__ = ("pagination", "organization_id", "filter", "sort", "count")
    class SortField(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        SORT_FIELD_UNSPECIFIED: _ClassVar[ListMembersRequest.SortField]
        SORT_FIELD_NAME: _ClassVar[ListMembersRequest.SortField]
        SORT_FIELD_DATE_JOINED: _ClassVar[ListMembersRequest.SortField]
    SORT_FIELD_UNSPECIFIED: ListMembersRequest.SortField
    SORT_FIELD_NAME: ListMembersRequest.SortField
    SORT_FIELD_DATE_JOINED: ListMembersRequest.SortField
    class Sort(_message.Message):
        __slots__ = ("field", "order")
        FIELD_FIELD_NUMBER: _ClassVar[int]
        ORDER_FIELD_NUMBER: _ClassVar[int]
        field: ListMembersRequest.SortField
        order: _pagination_pb2.SortOrder
        def __init__(self, field: _Optional[_Union[ListMembersRequest.SortField, str]] = ..., order: _Optional[_Union[_pagination_pb2.SortOrder, str]] = ...) -> None: ...
    class Filter(_message.Message):
        __slots__ = ("search", "statuses", "roles", "user_ids", "exclude_group_ids", "exclude_members_in_any_team", "email", "login_provider")
        SEARCH_FIELD_NUMBER: _ClassVar[int]
        STATUSES_FIELD_NUMBER: _ClassVar[int]
        ROLES_FIELD_NUMBER: _ClassVar[int]
        USER_IDS_FIELD_NUMBER: _ClassVar[int]
        EXCLUDE_GROUP_IDS_FIELD_NUMBER: _ClassVar[int]
        EXCLUDE_MEMBERS_IN_ANY_TEAM_FIELD_NUMBER: _ClassVar[int]
        EMAIL_FIELD_NUMBER: _ClassVar[int]
        LOGIN_PROVIDER_FIELD_NUMBER: _ClassVar[int]
        search: str
        statuses: _containers.RepeatedScalarFieldContainer[_user_pb2.UserStatus]
        roles: _containers.RepeatedScalarFieldContainer[OrganizationRole]
        user_ids: _containers.RepeatedScalarFieldContainer[str]
        exclude_group_ids: _containers.RepeatedScalarFieldContainer[str]
        exclude_members_in_any_team: bool
        email: str
        login_provider: _login_provider_pb2.LoginProviderKind
        def __init__(self, search: _Optional[str] = ..., statuses: _Optional[_Iterable[_Union[_user_pb2.UserStatus, str]]] = ..., roles: _Optional[_Iterable[_Union[OrganizationRole, str]]] = ..., user_ids: _Optional[_Iterable[str]] = ..., exclude_group_ids: _Optional[_Iterable[str]] = ..., exclude_members_in_any_team: _Optional[bool] = ..., email: _Optional[str] = ..., login_provider: _Optional[_Union[_login_provider_pb2.LoginProviderKind, str]] = ...) -> None: ...
    PAGINATION_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    SORT_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    pagination: _pagination_pb2.PaginationRequest
    organization_id: str
    filter: ListMembersRequest.Filter
    sort: ListMembersRequest.Sort
    count: _count_pb2.CountRequest
    def __init__(self, pagination: _Optional[_Union[_pagination_pb2.PaginationRequest, _Mapping]] = ..., organization_id: _Optional[str] = ..., filter: _Optional[_Union[ListMembersRequest.Filter, _Mapping]] = ..., sort: _Optional[_Union[ListMembersRequest.Sort, _Mapping]] = ..., count: _Optional[_Union[_count_pb2.CountRequest, _Mapping]] = ...) -> None: ...

class ListMembersResponse(_message.Message):
    __slots__ = ("pagination", "members", "count")
    PAGINATION_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    pagination: _pagination_pb2.PaginationResponse
    members: _containers.RepeatedCompositeFieldContainer[OrganizationMember]
    count: _count_pb2.CountResponse
    def __init__(self, pagination: _Optional[_Union[_pagination_pb2.PaginationResponse, _Mapping]] = ..., members: _Optional[_Iterable[_Union[OrganizationMember, _Mapping]]] = ..., count: _Optional[_Union[_count_pb2.CountResponse, _Mapping]] = ...) -> None: ...

class SetRoleRequest(_message.Message):
    __slots__ = ("organization_id", "user_id", "role")
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    organization_id: str
    user_id: str
    role: OrganizationRole
    def __init__(self, organization_id: _Optional[str] = ..., user_id: _Optional[str] = ..., role: _Optional[_Union[OrganizationRole, str]] = ...) -> None: ...

class SetRoleResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class LeaveOrganizationRequest(_message.Message):
    __slots__ = ("user_id",)
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    def __init__(self, user_id: _Optional[str] = ...) -> None: ...

class LeaveOrganizationResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
