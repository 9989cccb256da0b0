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

class SignInRefusal(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SIGN_IN_REFUSAL_UNSPECIFIED: _ClassVar[SignInRefusal]
    SIGN_IN_REFUSAL_BEGIN_ANEW: _ClassVar[SignInRefusal]
    SIGN_IN_REFUSAL_INACTIVE: _ClassVar[SignInRefusal]
    SIGN_IN_REFUSAL_PROVIDER: _ClassVar[SignInRefusal]
    SIGN_IN_REFUSAL_CLAIMS_EXPRESSION: _ClassVar[SignInRefusal]
    SIGN_IN_REFUSAL_NOBODY: _ClassVar[SignInRefusal]
    SIGN_IN_REFUSAL_EMAIL_NOT_VERIFIED: _ClassVar[SignInRefusal]
    SIGN_IN_REFUSAL_SEVERAL: _ClassVar[SignInRefusal]
    SIGN_IN_REFUSAL_NOT_PROVISIONED: _ClassVar[SignInRefusal]
    SIGN_IN_REFUSAL_BOUND_OTHERWISE: _ClassVar[SignInRefusal]
    SIGN_IN_REFUSAL_NOT_ACTIVE: _ClassVar[SignInRefusal]
SIGN_IN_REFUSAL_UNSPECIFIED: SignInRefusal
SIGN_IN_REFUSAL_BEGIN_ANEW: SignInRefusal
SIGN_IN_REFUSAL_INACTIVE: SignInRefusal
SIGN_IN_REFUSAL_PROVIDER: SignInRefusal
SIGN_IN_REFUSAL_CLAIMS_EXPRESSION: SignInRefusal
SIGN_IN_REFUSAL_NOBODY: SignInRefusal
SIGN_IN_REFUSAL_EMAIL_NOT_VERIFIED: SignInRefusal
SIGN_IN_REFUSAL_SEVERAL: SignInRefusal
SIGN_IN_REFUSAL_NOT_PROVISIONED: SignInRefusal
SIGN_IN_REFUSAL_BOUND_OTHERWISE: SignInRefusal
SIGN_IN_REFUSAL_NOT_ACTIVE: SignInRefusal

class SignInAttempt(_message.Message):
    __slots__ = ("id", "sso_configuration_id", "attempted_at", "refusal", "detail", "user_id", "subject", "email", "request_id", "peer", "omitted")
    ID_FIELD_NUMBER: _ClassVar[int]
    SSO_CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTED_AT_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PEER_FIELD_NUMBER: _ClassVar[int]
    OMITTED_FIELD_NUMBER: _ClassVar[int]
    id: str
    sso_configuration_id: str
    attempted_at: _timestamp_pb2.Timestamp
    refusal: SignInRefusal
    detail: str
    user_id: str
    subject: str
    email: str
    request_id: str
    peer: str
    omitted: int
    def __init__(self, id: _Optional[str] = ..., sso_configuration_id: _Optional[str] = ..., attempted_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., refusal: _Optional[_Union[SignInRefusal, str]] = ..., detail: _Optional[str] = ..., user_id: _Optional[str] = ..., subject: _Optional[str] = ..., email: _Optional[str] = ..., request_id: _Optional[str] = ..., peer: _Optional[str] = ..., omitted: _Optional[int] = ...) -> None: ...

class SignInAttemptFilter(_message.Message):
    __slots__ = ("failed", "since", "until")
    FAILED_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    failed: bool
    since: _timestamp_pb2.Timestamp
    until: _timestamp_pb2.Timestamp
    def __init__(self, failed: _Optional[bool] = ..., since: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListSignInAttemptsRequest(_message.Message):
    __slots__ = ("sso_configuration_id", "pagination", "filter", "oldest_first")
    SSO_CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    PAGINATION_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    OLDEST_FIRST_FIELD_NUMBER: _ClassVar[int]
    sso_configuration_id: str
    pagination: _pagination_pb2.PaginationRequest
    filter: SignInAttemptFilter
    oldest_first: bool
    def __init__(self, sso_configuration_id: _Optional[str] = ..., pagination: _Optional[_Union[_pagination_pb2.PaginationRequest, _Mapping]] = ..., filter: _Optional[_Union[SignInAttemptFilter, _Mapping]] = ..., oldest_first: _Optional[bool] = ...) -> None: ...

class ListSignInAttemptsResponse(_message.Message):
    __slots__ = ("pagination", "sign_in_attempts")
    PAGINATION_FIELD_NUMBER: _ClassVar[int]
    SIGN_IN_ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    pagination: _pagination_pb2.PaginationResponse
    sign_in_attempts: _containers.RepeatedCompositeFieldContainer[SignInAttempt]
    def __init__(self, pagination: _Optional[_Union[_pagination_pb2.PaginationResponse, _Mapping]] = ..., sign_in_attempts: _Optional[_Iterable[_Union[SignInAttempt, _Mapping]]] = ...) -> None: ...

class WatchSignInAttemptsRequest(_message.Message):
    __slots__ = ("sso_configuration_id", "failed", "cursor", "recent")
    SSO_CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    RECENT_FIELD_NUMBER: _ClassVar[int]
    sso_configuration_id: str
    failed: bool
    cursor: str
    recent: int
    def __init__(self, sso_configuration_id: _Optional[str] = ..., failed: _Optional[bool] = ..., cursor: _Optional[str] = ..., recent: _Optional[int] = ...) -> None: ...

class WatchSignInAttemptsResponse(_message.Message):
    __slots__ = ("sign_in_attempt", "cursor")
    SIGN_IN_ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    sign_in_attempt: SignInAttempt
    cursor: str
    def __init__(self, sign_in_attempt: _Optional[_Union[SignInAttempt, _Mapping]] = ..., cursor: _Optional[str] = ...) -> None: ...
