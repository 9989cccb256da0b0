import datetime

from ...buf.validate import validate_pb2 as _validate_pb2
from ...gitpod.v1 import count_pb2 as _count_pb2
from ...gitpod.v1 import pagination_pb2 as _pagination_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from ...orgplane.v1 import event_pb2 as _event_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class OrganizationState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ORGANIZATION_STATE_UNSPECIFIED: _ClassVar[OrganizationState]
    ORGANIZATION_STATE_ACTIVE: _ClassVar[OrganizationState]
    ORGANIZATION_STATE_SUSPENDED: _ClassVar[OrganizationState]
    ORGANIZATION_STATE_DELETING: _ClassVar[OrganizationState]
ORGANIZATION_STATE_UNSPECIFIED: OrganizationState
ORGANIZATION_STATE_ACTIVE: OrganizationState
ORGANIZATION_STATE_SUSPENDED: OrganizationState
ORGANIZATION_STATE_DELETING: OrganizationState

class OperatedOrganization(_message.Message):
    __slots__ = ("id", "name", "created_at", "state", "suspended_at", "usage", "deletes_at")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    SUSPENDED_AT_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    DELETES_AT_FIELD_NUMBER: _ClassVar[int]
    id: str
    name: str
    created_at: _timestamp_pb2.Timestamp
    state: OrganizationState
    suspended_at: _timestamp_pb2.Timestamp
    usage: OrganizationUsage
    deletes_at: _timestamp_pb2.Timestamp
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., state: _Optional[_Union[OrganizationState, str]] = ..., suspended_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., usage: _Optional[_Union[OrganizationUsage, _Mapping]] = ..., deletes_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class OrganizationUsage(_message.Message):
    __slots__ = ("members", "scim_configurations", "sso_configurations", "changed_at")
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    SCIM_CONFIGURATIONS_FIELD_NUMBER: _ClassVar[int]
    SSO_CONFIGURATIONS_FIELD_NUMBER: _ClassVar[int]
    CHANGED_AT_FIELD_NUMBER: _ClassVar[int]
    members: _count_pb2.CountResponse
    scim_configurations: int
    sso_configurations: int
    changed_at: _timestamp_pb2.Timestamp
    def __init__(self, members: _Optional[_Union[_count_pb2.CountResponse, _Mapping]] = ..., scim_configurations: _Optional[int] = ..., sso_configurations: _Optional[int] = ..., changed_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListOrganizationsRequest(_message.Message):
    __slots__ = ("pagination",)
    PAGINATION_FIELD_NUMBER: _ClassVar[int]
    pagination: _pagination_pb2.PaginationRequest
    def __init__(self, pagination: _Optional[_Union[_pagination_pb2.PaginationRequest, _Mapping]] = ...) -> None: ...

class ListOrganizationsResponse(_message.Message):
    __slots__ = ("organizations", "pagination")
    ORGANIZATIONS_FIELD_NUMBER: _ClassVar[int]
    PAGINATION_FIELD_NUMBER: _ClassVar[int]
    organizations: _containers.RepeatedCompositeFieldContainer[OperatedOrganization]
    pagination: _pagination_pb2.PaginationResponse
    def __init__(self, organizations: _Optional[_Iterable[_Union[OperatedOrganization, _Mapping]]] = ..., pagination: _Optional[_Union[_pagination_pb2.PaginationResponse, _Mapping]] = ...) -> None: ...

class GetOrganizationRequest(_message.Message):
    __slots__ = ("organization_id",)
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    organization_id: str
    def __init__(self, organization_id: _Optional[str] = ...) -> None: ...

class GetOrganizationResponse(_message.Message):
    __slots__ = ("organization",)
    ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    organization: OperatedOrganization
    def __init__(self, organization: _Optional[_Union[OperatedOrganization, _Mapping]] = ...) -> None: ...

class CreateOrganizationRequest(_message.Message):
    __slots__ = ("name", "admin_email", "admin_name")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ADMIN_EMAIL_FIELD_NUMBER: _ClassVar[int]
    ADMIN_NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    admin_email: str
    admin_name: str
    def __init__(self, name: _Optional[str] = ..., admin_email: _Optional[str] = ..., admin_name: _Optional[str] = ...) -> None: ...

class CreateOrganizationResponse(_message.Message):
    __slots__ = ("organization",)
    ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    organization: OperatedOrganization
    def __init__(self, organization: _Optional[_Union[OperatedOrganization, _Mapping]] = ...) -> None: ...

class SuspendOrganizationRequest(_message.Message):
    __slots__ = ("organization_id",)
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    organization_id: str
    def __init__(self, organization_id: _Optional[str] = ...) -> None: ...

class SuspendOrganizationResponse(_message.Message):
    __slots__ = ("organization",)
    ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    organization: OperatedOrganization
    def __init__(self, organization: _Optional[_Union[OperatedOrganization, _Mapping]] = ...) -> None: ...

class ResumeOrganizationRequest(_message.Message):
    __slots__ = ("organization_id",)
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    organization_id: str
    def __init__(self, organization_id: _Optional[str] = ...) -> None: ...

class ResumeOrganizationResponse(_message.Message):
    __slots__ = ("organization",)
    ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    organization: OperatedOrganization
    def __init__(self, organization: _Optional[_Union[OperatedOrganization, _Mapping]] = ...) -> None: ...

class DeleteOrganizationRequest(_message.Message):
    __slots__ = ("organization_id", "now")
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    NOW_FIELD_NUMBER: _ClassVar[int]
    organization_id: str
    now: bool
    def __init__(self, organization_id: _Optional[str] = ..., now: _Optional[bool] = ...) -> None: ...

class DeleteOrganizationResponse(_message.Message):
    __slots__ = ("organization",)
    ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    organization: OperatedOrganization
    def __init__(self, organization: _Optional[_Union[OperatedOrganization, _Mapping]] = ...) -> None: ...

class ListAllEventsRequest(_message.Message):
    __slots__ = ("cursor", "page_size", "filter", "newest_first", "organization_id")
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    NEWEST_FIRST_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    cursor: str
    page_size: int
    filter: _event_pb2.EventFilter
    newest_first: bool
    organization_id: str
    def __init__(self, cursor: _Optional[str] = ..., page_size: _Optional[int] = ..., filter: _Optional[_Union[_event_pb2.EventFilter, _Mapping]] = ..., newest_first: _Optional[bool] = ..., organization_id: _Optional[str] = ...) -> None: ...

class ListAllEventsResponse(_message.Message):
    __slots__ = ("events", "cursor", "more")
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    MORE_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[_event_pb2.Event]
    cursor: str
    more: bool
    def __init__(self, events: _Optional[_Iterable[_Union[_event_pb2.Event, _Mapping]]] = ..., cursor: _Optional[str] = ..., more: _Optional[bool] = ...) -> None: ...

class WatchAllEventsRequest(_message.Message):
    __slots__ = ("cursor", "filter", "organization_id")
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    cursor: str
    filter: _event_pb2.EventFilter
    organization_id: str
    def __init__(self, cursor: _Optional[str] = ..., filter: _Optional[_Union[_event_pb2.EventFilter, _Mapping]] = ..., organization_id: _Optional[str] = ...) -> None: ...

class WatchAllEventsResponse(_message.Message):
    __slots__ = ("event", "heartbeat")
    EVENT_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    event: _event_pb2.Event
    heartbeat: _event_pb2.Heartbeat
    def __init__(self, event: _Optional[_Union[_event_pb2.Event, _Mapping]] = ..., heartbeat: _Optional[_Union[_event_pb2.Heartbeat, _Mapping]] = ...) -> None: ...
