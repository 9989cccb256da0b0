import datetime

from ...buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PersonalAccessTokenPolicy(_message.Message):
    __slots__ = ("organization_id", "max_token_age", "sign_in_within")
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    MAX_TOKEN_AGE_FIELD_NUMBER: _ClassVar[int]
    SIGN_IN_WITHIN_FIELD_NUMBER: _ClassVar[int]
    organization_id: str
    max_token_age: _duration_pb2.Duration
    sign_in_within: _duration_pb2.Duration
    def __init__(self, organization_id: _Optional[str] = ..., max_token_age: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., sign_in_within: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class GetPersonalAccessTokenPolicyRequest(_message.Message):
    __slots__ = ("organization_id",)
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    organization_id: str
    def __init__(self, organization_id: _Optional[str] = ...) -> None: ...

class GetPersonalAccessTokenPolicyResponse(_message.Message):
    __slots__ = ("policy",)
    POLICY_FIELD_NUMBER: _ClassVar[int]
    policy: PersonalAccessTokenPolicy
    def __init__(self, policy: _Optional[_Union[PersonalAccessTokenPolicy, _Mapping]] = ...) -> None: ...

class UpdatePersonalAccessTokenPolicyRequest(_message.Message):
    __slots__ = ("organization_id", "max_token_age", "sign_in_within")
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    MAX_TOKEN_AGE_FIELD_NUMBER: _ClassVar[int]
    SIGN_IN_WITHIN_FIELD_NUMBER: _ClassVar[int]
    organization_id: str
    max_token_age: _duration_pb2.Duration
    sign_in_within: _duration_pb2.Duration
    def __init__(self, organization_id: _Optional[str] = ..., max_token_age: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., sign_in_within: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class UpdatePersonalAccessTokenPolicyResponse(_message.Message):
    __slots__ = ("policy",)
    POLICY_FIELD_NUMBER: _ClassVar[int]
    policy: PersonalAccessTokenPolicy
    def __init__(self, policy: _Optional[_Union[PersonalAccessTokenPolicy, _Mapping]] = ...) -> None: ...
