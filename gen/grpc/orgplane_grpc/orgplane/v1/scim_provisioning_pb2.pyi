import datetime

from ...buf.validate import validate_pb2 as _validate_pb2
from ...gitpod.v1 import pagination_pb2 as _pagination_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from ...orgplane.v1 import role_pb2 as _role_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DeprovisioningKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DEPROVISIONING_KIND_UNSPECIFIED: _ClassVar[DeprovisioningKind]
    DEPROVISIONING_KIND_DEACTIVATE: _ClassVar[DeprovisioningKind]
    DEPROVISIONING_KIND_DELETE: _ClassVar[DeprovisioningKind]
DEPROVISIONING_KIND_UNSPECIFIED: DeprovisioningKind
DEPROVISIONING_KIND_DEACTIVATE: DeprovisioningKind
DEPROVISIONING_KIND_DELETE: DeprovisioningKind

class ScimRequest(_message.Message):
    __slots__ = ("id", "scim_configuration_id", "received_at", "duration", "method", "path", "status", "detail", "scim_type", "user_agent", "request_id", "peer", "request_body", "response_body", "remark", "scim_credential_id", "credential")
    ID_FIELD_NUMBER: _ClassVar[int]
    SCIM_CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_AT_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    SCIM_TYPE_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PEER_FIELD_NUMBER: _ClassVar[int]
    REQUEST_BODY_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_BODY_FIELD_NUMBER: _ClassVar[int]
    REMARK_FIELD_NUMBER: _ClassVar[int]
    SCIM_CREDENTIAL_ID_FIELD_NUMBER: _ClassVar[int]
    CREDENTIAL_FIELD_NUMBER: _ClassVar[int]
    id: str
    scim_configuration_id: str
    received_at: _timestamp_pb2.Timestamp
    duration: _duration_pb2.Duration
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
    remark: str
    scim_credential_id: str
    credential: str
    def __init__(self, id: _Optional[str] = ..., scim_configuration_id: _Optional[str] = ..., received_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., method: _Optional[str] = ..., path: _Optional[str] = ..., status: _Optional[int] = ..., detail: _Optional[str] = ..., scim_type: _Optional[str] = ..., user_agent: _Optional[str] = ..., request_id: _Optional[str] = ..., peer: _Optional[str] = ..., request_body: _Optional[str] = ..., response_body: _Optional[str] = ..., remark: _Optional[str] = ..., scim_credential_id: _Optional[str] = ..., credential: _Optional[str] = ...) -> None: ...

class ScimRequestFilter(_message.Message):
    __slots__ = ("failed", "since", "until")
    FAILED_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    failed: bool
    since: _timestamp_pb2.Timestamp
    until: _timestamp_pb2.Timestamp
    def __init__(self, failed: _Optional[bool] = ..., since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListScimRequestsRequest(_message.Message):
    __slots__ = ("scim_configuration_id", "pagination", "filter", "oldest_first")
    SCIM_CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    PAGINATION_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    OLDEST_FIRST_FIELD_NUMBER: _ClassVar[int]
    scim_configuration_id: str
    pagination: _pagination_pb2.PaginationRequest
    filter: ScimRequestFilter
    oldest_first: bool
    def __init__(self, scim_configuration_id: _Optional[str] = ..., pagination: _Optional[_Union[_pagination_pb2.PaginationRequest, _Mapping]] = ..., filter: _Optional[_Union[ScimRequestFilter, _Mapping]] = ..., oldest_first: _Optional[bool] = ...) -> None: ...

class ListScimRequestsResponse(_message.Message):
    __slots__ = ("pagination", "scim_requests")
    PAGINATION_FIELD_NUMBER: _ClassVar[int]
    SCIM_REQUESTS_FIELD_NUMBER: _ClassVar[int]
    pagination: _pagination_pb2.PaginationResponse
    scim_requests: _containers.RepeatedCompositeFieldContainer[ScimRequest]
    def __init__(self, pagination: _Optional[_Union[_pagination_pb2.PaginationResponse, _Mapping]] = ..., scim_requests: _Optional[_Iterable[_Union[ScimRequest, _Mapping]]] = ...) -> None: ...

class WatchScimRequestsRequest(_message.Message):
    __slots__ = ("scim_configuration_id", "failed", "cursor", "recent")
    SCIM_CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    RECENT_FIELD_NUMBER: _ClassVar[int]
    scim_configuration_id: str
    failed: bool
    cursor: str
    recent: int
    def __init__(self, scim_configuration_id: _Optional[str] = ..., failed: _Optional[bool] = ..., cursor: _Optional[str] = ..., recent: _Optional[int] = ...) -> None: ...

class WatchScimRequestsResponse(_message.Message):
    __slots__ = ("scim_request", "cursor")
    SCIM_REQUEST_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    scim_request: ScimRequest
    cursor: str
    def __init__(self, scim_request: _Optional[_Union[ScimRequest, _Mapping]] = ..., cursor: _Optional[str] = ...) -> None: ...

class GetProvisioningStatusRequest(_message.Message):
    __slots__ = ("scim_configuration_id",)
    SCIM_CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    scim_configuration_id: str
    def __init__(self, scim_configuration_id: _Optional[str] = ...) -> None: ...

class GetProvisioningStatusResponse(_message.Message):
    __slots__ = ("status",)
    STATUS_FIELD_NUMBER: _ClassVar[int]
    status: ProvisioningStatus
    def __init__(self, status: _Optional[_Union[ProvisioningStatus, _Mapping]] = ...) -> None: ...

class ProvisioningStatus(_message.Message):
    __slots__ = ("scim_configuration_id", "enabled", "linked", "token_expires_at", "token_last_used_at", "user_count", "group_count", "last_successful_request", "last_failed_request", "token_warning", "organization_warning", "pending_deprovisionings", "shared_addresses", "scim_base_url", "group_roles")
    SCIM_CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    ENABLED_FIELD_NUMBER: _ClassVar[int]
    LINKED_FIELD_NUMBER: _ClassVar[int]
    TOKEN_EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    TOKEN_LAST_USED_AT_FIELD_NUMBER: _ClassVar[int]
    USER_COUNT_FIELD_NUMBER: _ClassVar[int]
    GROUP_COUNT_FIELD_NUMBER: _ClassVar[int]
    LAST_SUCCESSFUL_REQUEST_FIELD_NUMBER: _ClassVar[int]
    LAST_FAILED_REQUEST_FIELD_NUMBER: _ClassVar[int]
    TOKEN_WARNING_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_WARNING_FIELD_NUMBER: _ClassVar[int]
    PENDING_DEPROVISIONINGS_FIELD_NUMBER: _ClassVar[int]
    SHARED_ADDRESSES_FIELD_NUMBER: _ClassVar[int]
    SCIM_BASE_URL_FIELD_NUMBER: _ClassVar[int]
    GROUP_ROLES_FIELD_NUMBER: _ClassVar[int]
    scim_configuration_id: str
    enabled: bool
    linked: bool
    token_expires_at: _timestamp_pb2.Timestamp
    token_last_used_at: _timestamp_pb2.Timestamp
    user_count: int
    group_count: int
    last_successful_request: ScimRequest
    last_failed_request: ScimRequest
    token_warning: ExpiryWarning
    organization_warning: ExpiryWarning
    pending_deprovisionings: _containers.RepeatedCompositeFieldContainer[PendingDeprovisioning]
    shared_addresses: _containers.RepeatedCompositeFieldContainer[SharedAddress]
    scim_base_url: str
    group_roles: _containers.RepeatedCompositeFieldContainer[_role_pb2.AssignedRole]
    def __init__(self, scim_configuration_id: _Optional[str] = ..., enabled: _Optional[bool] = ..., linked: _Optional[bool] = ..., token_expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., token_last_used_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., user_count: _Optional[int] = ..., group_count: _Optional[int] = ..., last_successful_request: _Optional[_Union[ScimRequest, _Mapping]] = ..., last_failed_request: _Optional[_Union[ScimRequest, _Mapping]] = ..., token_warning: _Optional[_Union[ExpiryWarning, _Mapping]] = ..., organization_warning: _Optional[_Union[ExpiryWarning, _Mapping]] = ..., pending_deprovisionings: _Optional[_Iterable[_Union[PendingDeprovisioning, _Mapping]]] = ..., shared_addresses: _Optional[_Iterable[_Union[SharedAddress, _Mapping]]] = ..., scim_base_url: _Optional[str] = ..., group_roles: _Optional[_Iterable[_Union[_role_pb2.AssignedRole, _Mapping]]] = ...) -> None: ...

class ExpiryWarning(_message.Message):
    __slots__ = ("expires_at", "days_left", "user_id", "message")
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    DAYS_LEFT_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    expires_at: _timestamp_pb2.Timestamp
    days_left: int
    user_id: str
    message: str
    def __init__(self, expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., days_left: _Optional[int] = ..., user_id: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class PendingDeprovisioning(_message.Message):
    __slots__ = ("user_id", "name", "email", "kind", "since")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    name: str
    email: str
    kind: DeprovisioningKind
    since: _timestamp_pb2.Timestamp
    def __init__(self, user_id: _Optional[str] = ..., name: _Optional[str] = ..., email: _Optional[str] = ..., kind: _Optional[_Union[DeprovisioningKind, str]] = ..., since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class SharedAddress(_message.Message):
    __slots__ = ("email", "user_ids")
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    USER_IDS_FIELD_NUMBER: _ClassVar[int]
    email: str
    user_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, email: _Optional[str] = ..., user_ids: _Optional[_Iterable[str]] = ...) -> None: ...
