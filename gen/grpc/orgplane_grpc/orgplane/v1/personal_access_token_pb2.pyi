import datetime

from ...buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PersonalAccessTokenStatus(_message.Message):
    __slots__ = ("personal_access_token_id", "signed_in_through_sso_configuration_id", "rests_at")
    PERSONAL_ACCESS_TOKEN_ID_FIELD_NUMBER: _ClassVar[int]
    SIGNED_IN_THROUGH_SSO_CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    RESTS_AT_FIELD_NUMBER: _ClassVar[int]
    personal_access_token_id: str
    signed_in_through_sso_configuration_id: str
    rests_at: _timestamp_pb2.Timestamp
    def __init__(self, personal_access_token_id: _Optional[str] = ..., signed_in_through_sso_configuration_id: _Optional[str] = ..., rests_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListPersonalAccessTokenStatusesRequest(_message.Message):
    __slots__ = ("personal_access_token_ids",)
    PERSONAL_ACCESS_TOKEN_IDS_FIELD_NUMBER: _ClassVar[int]
    personal_access_token_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, personal_access_token_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class ListPersonalAccessTokenStatusesResponse(_message.Message):
    __slots__ = ("statuses",)
    STATUSES_FIELD_NUMBER: _ClassVar[int]
    statuses: _containers.RepeatedCompositeFieldContainer[PersonalAccessTokenStatus]
    def __init__(self, statuses: _Optional[_Iterable[_Union[PersonalAccessTokenStatus, _Mapping]]] = ...) -> None: ...
