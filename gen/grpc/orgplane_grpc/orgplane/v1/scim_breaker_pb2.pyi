import datetime

from ...buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ScimBreaker(_message.Message):
    __slots__ = ("scim_configuration_id", "percent", "paused_at", "waiting_count")
    SCIM_CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    PERCENT_FIELD_NUMBER: _ClassVar[int]
    PAUSED_AT_FIELD_NUMBER: _ClassVar[int]
    WAITING_COUNT_FIELD_NUMBER: _ClassVar[int]
    scim_configuration_id: str
    percent: int
    paused_at: _timestamp_pb2.Timestamp
    waiting_count: int
    def __init__(self, scim_configuration_id: _Optional[str] = ..., percent: _Optional[int] = ..., paused_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., waiting_count: _Optional[int] = ...) -> None: ...

class GetScimBreakerRequest(_message.Message):
    __slots__ = ("scim_configuration_id",)
    SCIM_CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    scim_configuration_id: str
    def __init__(self, scim_configuration_id: _Optional[str] = ...) -> None: ...

class GetScimBreakerResponse(_message.Message):
    __slots__ = ("scim_breaker",)
    SCIM_BREAKER_FIELD_NUMBER: _ClassVar[int]
    scim_breaker: ScimBreaker
    def __init__(self, scim_breaker: _Optional[_Union[ScimBreaker, _Mapping]] = ...) -> None: ...

class UpdateScimBreakerRequest(_message.Message):
    __slots__ = ("scim_configuration_id", "percent")
    SCIM_CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    PERCENT_FIELD_NUMBER: _ClassVar[int]
    scim_configuration_id: str
    percent: int
    def __init__(self, scim_configuration_id: _Optional[str] = ..., percent: _Optional[int] = ...) -> None: ...

class UpdateScimBreakerResponse(_message.Message):
    __slots__ = ("scim_breaker",)
    SCIM_BREAKER_FIELD_NUMBER: _ClassVar[int]
    scim_breaker: ScimBreaker
    def __init__(self, scim_breaker: _Optional[_Union[ScimBreaker, _Mapping]] = ...) -> None: ...

class ResumeDeprovisioningRequest(_message.Message):
    __slots__ = ("scim_configuration_id",)
    SCIM_CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    scim_configuration_id: str
    def __init__(self, scim_configuration_id: _Optional[str] = ...) -> None: ...

class ResumeDeprovisioningResponse(_message.Message):
    __slots__ = ("count",)
    COUNT_FIELD_NUMBER: _ClassVar[int]
    count: int
    def __init__(self, count: _Optional[int] = ...) -> None: ...

class DiscardDeprovisioningRequest(_message.Message):
    __slots__ = ("scim_configuration_id",)
    SCIM_CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    scim_configuration_id: str
    def __init__(self, scim_configuration_id: _Optional[str] = ...) -> None: ...

class DiscardDeprovisioningResponse(_message.Message):
    __slots__ = ("count",)
    COUNT_FIELD_NUMBER: _ClassVar[int]
    count: int
    def __init__(self, count: _Optional[int] = ...) -> None: ...
