import datetime

from ...buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DomainVerifier(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DOMAIN_VERIFIER_UNSPECIFIED: _ClassVar[DomainVerifier]
    DOMAIN_VERIFIER_DNS: _ClassVar[DomainVerifier]
    DOMAIN_VERIFIER_OPERATOR: _ClassVar[DomainVerifier]
DOMAIN_VERIFIER_UNSPECIFIED: DomainVerifier
DOMAIN_VERIFIER_DNS: DomainVerifier
DOMAIN_VERIFIER_OPERATOR: DomainVerifier

class GetDomainVerificationStatusRequest(_message.Message):
    __slots__ = ("domain_verification_id",)
    DOMAIN_VERIFICATION_ID_FIELD_NUMBER: _ClassVar[int]
    domain_verification_id: str
    def __init__(self, domain_verification_id: _Optional[str] = ...) -> None: ...

class GetDomainVerificationStatusResponse(_message.Message):
    __slots__ = ("status",)
    STATUS_FIELD_NUMBER: _ClassVar[int]
    status: DomainVerificationStatus
    def __init__(self, status: _Optional[_Union[DomainVerificationStatus, _Mapping]] = ...) -> None: ...

class DomainVerificationStatus(_message.Message):
    __slots__ = ("domain_verification_id", "record_name", "record_value", "verified_by", "checked_at", "absent_since", "revoked_after")
    DOMAIN_VERIFICATION_ID_FIELD_NUMBER: _ClassVar[int]
    RECORD_NAME_FIELD_NUMBER: _ClassVar[int]
    RECORD_VALUE_FIELD_NUMBER: _ClassVar[int]
    VERIFIED_BY_FIELD_NUMBER: _ClassVar[int]
    CHECKED_AT_FIELD_NUMBER: _ClassVar[int]
    ABSENT_SINCE_FIELD_NUMBER: _ClassVar[int]
    REVOKED_AFTER_FIELD_NUMBER: _ClassVar[int]
    domain_verification_id: str
    record_name: str
    record_value: str
    verified_by: DomainVerifier
    checked_at: _timestamp_pb2.Timestamp
    absent_since: _timestamp_pb2.Timestamp
    revoked_after: _timestamp_pb2.Timestamp
    def __init__(self, domain_verification_id: _Optional[str] = ..., record_name: _Optional[str] = ..., record_value: _Optional[str] = ..., verified_by: _Optional[_Union[DomainVerifier, str]] = ..., checked_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., absent_since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., revoked_after: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
