import datetime

from ...buf.validate import validate_pb2 as _validate_pb2
from ...gitpod.v1 import pagination_pb2 as _pagination_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DomainVerificationState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DOMAIN_VERIFICATION_STATE_UNSPECIFIED: _ClassVar[DomainVerificationState]
    DOMAIN_VERIFICATION_STATE_PENDING: _ClassVar[DomainVerificationState]
    DOMAIN_VERIFICATION_STATE_VERIFIED: _ClassVar[DomainVerificationState]
DOMAIN_VERIFICATION_STATE_UNSPECIFIED: DomainVerificationState
DOMAIN_VERIFICATION_STATE_PENDING: DomainVerificationState
DOMAIN_VERIFICATION_STATE_VERIFIED: DomainVerificationState

class DomainVerification(_message.Message):
    __slots__ = ("id", "organization_id", "domain", "state", "verified_at", "verification_token", "created_at")
    ID_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    VERIFIED_AT_FIELD_NUMBER: _ClassVar[int]
    VERIFICATION_TOKEN_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    id: str
    organization_id: str
    domain: str
    state: DomainVerificationState
    verified_at: _timestamp_pb2.Timestamp
    verification_token: str
    created_at: _timestamp_pb2.Timestamp
    def __init__(self, id: _Optional[str] = ..., organization_id: _Optional[str] = ..., domain: _Optional[str] = ..., state: _Optional[_Union[DomainVerificationState, str]] = ..., verified_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., verification_token: _Optional[str] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class CreateDomainVerificationRequest(_message.Message):
    __slots__ = ("organization_id", "domain")
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    organization_id: str
    domain: str
    def __init__(self, organization_id: _Optional[str] = ..., domain: _Optional[str] = ...) -> None: ...

class CreateDomainVerificationResponse(_message.Message):
    __slots__ = ("domain_verification",)
    DOMAIN_VERIFICATION_FIELD_NUMBER: _ClassVar[int]
    domain_verification: DomainVerification
    def __init__(self, domain_verification: _Optional[_Union[DomainVerification, _Mapping]] = ...) -> None: ...

class GetDomainVerificationRequest(_message.Message):
    __slots__ = ("domain_verification_id",)
    DOMAIN_VERIFICATION_ID_FIELD_NUMBER: _ClassVar[int]
    domain_verification_id: str
    def __init__(self, domain_verification_id: _Optional[str] = ...) -> None: ...

class GetDomainVerificationResponse(_message.Message):
    __slots__ = ("domain_verification",)
    DOMAIN_VERIFICATION_FIELD_NUMBER: _ClassVar[int]
    domain_verification: DomainVerification
    def __init__(self, domain_verification: _Optional[_Union[DomainVerification, _Mapping]] = ...) -> None: ...

class ListDomainVerificationsRequest(_message.Message):
    __slots__ = ("organization_id", "pagination")
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    PAGINATION_FIELD_NUMBER: _ClassVar[int]
    organization_id: str
    pagination: _pagination_pb2.PaginationRequest
    def __init__(self, organization_id: _Optional[str] = ..., pagination: _Optional[_Union[_pagination_pb2.PaginationRequest, _Mapping]] = ...) -> None: ...

class ListDomainVerificationsResponse(_message.Message):
    __slots__ = ("domain_verifications", "pagination")
    DOMAIN_VERIFICATIONS_FIELD_NUMBER: _ClassVar[int]
    PAGINATION_FIELD_NUMBER: _ClassVar[int]
    domain_verifications: _containers.RepeatedCompositeFieldContainer[DomainVerification]
    pagination: _pagination_pb2.PaginationResponse
    def __init__(self, domain_verifications: _Optional[_Iterable[_Union[DomainVerification, _Mapping]]] = ..., pagination: _Optional[_Union[_pagination_pb2.PaginationResponse, _Mapping]] = ...) -> None: ...

class VerifyDomainRequest(_message.Message):
    __slots__ = ("domain_verification_id",)
    DOMAIN_VERIFICATION_ID_FIELD_NUMBER: _ClassVar[int]
    domain_verification_id: str
    def __init__(self, domain_verification_id: _Optional[str] = ...) -> None: ...

class VerifyDomainResponse(_message.Message):
    __slots__ = ("domain_verification",)
    DOMAIN_VERIFICATION_FIELD_NUMBER: _ClassVar[int]
    domain_verification: DomainVerification
    def __init__(self, domain_verification: _Optional[_Union[DomainVerification, _Mapping]] = ...) -> None: ...

class DeleteDomainVerificationRequest(_message.Message):
    __slots__ = ("domain_verification_id",)
    DOMAIN_VERIFICATION_ID_FIELD_NUMBER: _ClassVar[int]
    domain_verification_id: str
    def __init__(self, domain_verification_id: _Optional[str] = ...) -> None: ...

class DeleteDomainVerificationResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
