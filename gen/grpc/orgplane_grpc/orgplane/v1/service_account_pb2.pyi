import datetime

from ...buf.validate import validate_pb2 as _validate_pb2
from ...gitpod.v1 import service_account_pb2 as _service_account_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class UpdateServiceAccountValidityRequest(_message.Message):
    __slots__ = ("service_account_id", "suspended", "valid_until")
    SERVICE_ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    SUSPENDED_FIELD_NUMBER: _ClassVar[int]
    VALID_UNTIL_FIELD_NUMBER: _ClassVar[int]
    service_account_id: str
    suspended: bool
    valid_until: _timestamp_pb2.Timestamp
    def __init__(self, service_account_id: _Optional[str] = ..., suspended: _Optional[bool] = ..., valid_until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class UpdateServiceAccountValidityResponse(_message.Message):
    __slots__ = ("service_account",)
    SERVICE_ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    service_account: _service_account_pb2.ServiceAccount
    def __init__(self, service_account: _Optional[_Union[_service_account_pb2.ServiceAccount, _Mapping]] = ...) -> None: ...
