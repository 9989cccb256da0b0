import datetime

from ...buf.validate import validate_pb2 as _validate_pb2
from ...gitpod.v1 import group_pb2 as _group_pb2
from ...gitpod.v1 import pagination_pb2 as _pagination_pb2
from ...gitpod.v1 import user_pb2 as _user_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Membership(_message.Message):
    __slots__ = ("user_id", "status", "denials", "links")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    DENIALS_FIELD_NUMBER: _ClassVar[int]
    LINKS_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    status: _user_pb2.UserStatus
    denials: _containers.RepeatedCompositeFieldContainer[Denial]
    links: _containers.RepeatedCompositeFieldContainer[Link]
    def __init__(self, user_id: _Optional[str] = ..., status: _Optional[_Union[_user_pb2.UserStatus, str]] = ..., denials: _Optional[_Iterable[_Union[Denial, _Mapping]]] = ..., links: _Optional[_Iterable[_Union[Link, _Mapping]]] = ...) -> None: ...

class Denial(_message.Message):
    __slots__ = ("scim_configuration_id", "scim_configuration_name", "since")
    SCIM_CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    SCIM_CONFIGURATION_NAME_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    scim_configuration_id: str
    scim_configuration_name: str
    since: _timestamp_pb2.Timestamp
    def __init__(self, scim_configuration_id: _Optional[str] = ..., scim_configuration_name: _Optional[str] = ..., since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Link(_message.Message):
    __slots__ = ("scim_configuration_id", "scim_configuration_name", "user_name", "external_id", "active", "active_said_at", "title", "department", "manager_id")
    SCIM_CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    SCIM_CONFIGURATION_NAME_FIELD_NUMBER: _ClassVar[int]
    USER_NAME_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_ID_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_SAID_AT_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    DEPARTMENT_FIELD_NUMBER: _ClassVar[int]
    MANAGER_ID_FIELD_NUMBER: _ClassVar[int]
    scim_configuration_id: str
    scim_configuration_name: str
    user_name: str
    external_id: str
    active: bool
    active_said_at: _timestamp_pb2.Timestamp
    title: str
    department: str
    manager_id: str
    def __init__(self, scim_configuration_id: _Optional[str] = ..., scim_configuration_name: _Optional[str] = ..., user_name: _Optional[str] = ..., external_id: _Optional[str] = ..., active: _Optional[bool] = ..., active_said_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., title: _Optional[str] = ..., department: _Optional[str] = ..., manager_id: _Optional[str] = ...) -> None: ...

class GetMembershipRequest(_message.Message):
    __slots__ = ("user_id",)
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    def __init__(self, user_id: _Optional[str] = ...) -> None: ...

class GetMembershipResponse(_message.Message):
    __slots__ = ("membership",)
    MEMBERSHIP_FIELD_NUMBER: _ClassVar[int]
    membership: Membership
    def __init__(self, membership: _Optional[_Union[Membership, _Mapping]] = ...) -> None: ...

class ListMemberGroupsRequest(_message.Message):
    __slots__ = ("pagination", "user_id")
    PAGINATION_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    pagination: _pagination_pb2.PaginationRequest
    user_id: str
    def __init__(self, pagination: _Optional[_Union[_pagination_pb2.PaginationRequest, _Mapping]] = ..., user_id: _Optional[str] = ...) -> None: ...

class ListMemberGroupsResponse(_message.Message):
    __slots__ = ("pagination", "groups")
    PAGINATION_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    pagination: _pagination_pb2.PaginationResponse
    groups: _containers.RepeatedCompositeFieldContainer[_group_pb2.Group]
    def __init__(self, pagination: _Optional[_Union[_pagination_pb2.PaginationResponse, _Mapping]] = ..., groups: _Optional[_Iterable[_Union[_group_pb2.Group, _Mapping]]] = ...) -> None: ...

class PreviewScimConfigurationDeletionRequest(_message.Message):
    __slots__ = ("scim_configuration_id",)
    SCIM_CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    scim_configuration_id: str
    def __init__(self, scim_configuration_id: _Optional[str] = ...) -> None: ...

class PreviewScimConfigurationDeletionResponse(_message.Message):
    __slots__ = ("reactivated", "reactivated_count", "suspended_by_administrator_count")
    REACTIVATED_FIELD_NUMBER: _ClassVar[int]
    REACTIVATED_COUNT_FIELD_NUMBER: _ClassVar[int]
    SUSPENDED_BY_ADMINISTRATOR_COUNT_FIELD_NUMBER: _ClassVar[int]
    reactivated: _containers.RepeatedCompositeFieldContainer[ReactivatedMember]
    reactivated_count: int
    suspended_by_administrator_count: int
    def __init__(self, reactivated: _Optional[_Iterable[_Union[ReactivatedMember, _Mapping]]] = ..., reactivated_count: _Optional[int] = ..., suspended_by_administrator_count: _Optional[int] = ...) -> None: ...

class ReactivatedMember(_message.Message):
    __slots__ = ("user_id", "full_name", "email")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    FULL_NAME_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    full_name: str
    email: str
    def __init__(self, user_id: _Optional[str] = ..., full_name: _Optional[str] = ..., email: _Optional[str] = ...) -> None: ...
