import datetime

from ...buf.validate import validate_pb2 as _validate_pb2
from ...gitpod.v1 import identity_pb2 as _identity_pb2
from ...gitpod.v1 import pagination_pb2 as _pagination_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CreatePersonalAccessTokenRequest(_message.Message):
    __slots__ = ("user_id", "description", "valid_for", "read_only")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    VALID_FOR_FIELD_NUMBER: _ClassVar[int]
    READ_ONLY_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    description: str
    valid_for: _duration_pb2.Duration
    read_only: bool
    def __init__(self, user_id: _Optional[str] = ..., description: _Optional[str] = ..., valid_for: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., read_only: _Optional[bool] = ...) -> None: ...

class CreatePersonalAccessTokenResponse(_message.Message):
    __slots__ = ("token",)
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    token: str
    def __init__(self, token: _Optional[str] = ...) -> None: ...

class GetPersonalAccessTokenRequest(_message.Message):
    __slots__ = ("personal_access_token_id",)
    PERSONAL_ACCESS_TOKEN_ID_FIELD_NUMBER: _ClassVar[int]
    personal_access_token_id: str
    def __init__(self, personal_access_token_id: _Optional[str] = ...) -> None: ...

class GetPersonalAccessTokenResponse(_message.Message):
    __slots__ = ("pat",)
    PAT_FIELD_NUMBER: _ClassVar[int]
    pat: PersonalAccessToken
    def __init__(self, pat: _Optional[_Union[PersonalAccessToken, _Mapping]] = ...) -> None: ...

class ListPersonalAccessTokensRequest(_message.Message):
    __slots__ = ("pagination", "filter")
    class Filter(_message.Message):
        __slots__ = ("user_ids",)
        USER_IDS_FIELD_NUMBER: _ClassVar[int]
        user_ids: _containers.RepeatedScalarFieldContainer[str]
        def __init__(self, user_ids: _Optional[_Iterable[str]] = ...) -> None: ...
    PAGINATION_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    pagination: _pagination_pb2.PaginationRequest
    filter: ListPersonalAccessTokensRequest.Filter
    def __init__(self, pagination: _Optional[_Union[_pagination_pb2.PaginationRequest, _Mapping]] = ..., filter: _Optional[_Union[ListPersonalAccessTokensRequest.Filter, _Mapping]] = ...) -> None: ...

class ListPersonalAccessTokensResponse(_message.Message):
    __slots__ = ("pagination", "personal_access_tokens")
    PAGINATION_FIELD_NUMBER: _ClassVar[int]
    PERSONAL_ACCESS_TOKENS_FIELD_NUMBER: _ClassVar[int]
    pagination: _pagination_pb2.PaginationResponse
    personal_access_tokens: _containers.RepeatedCompositeFieldContainer[PersonalAccessToken]
    def __init__(self, pagination: _Optional[_Union[_pagination_pb2.PaginationResponse, _Mapping]] = ..., personal_access_tokens: _Optional[_Iterable[_Union[PersonalAccessToken, _Mapping]]] = ...) -> None: ...

class DeletePersonalAccessTokenRequest(_message.Message):
    __slots__ = ("personal_access_token_id",)
    PERSONAL_ACCESS_TOKEN_ID_FIELD_NUMBER: _ClassVar[int]
    personal_access_token_id: str
    def __init__(self, personal_access_token_id: _Optional[str] = ...) -> None: ...

class DeletePersonalAccessTokenResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class PersonalAccessToken(_message.Message):
    __slots__ = ("id", "user_id", "description", "creator", "created_at", "expires_at", "last_used", "read_only")
    ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    CREATOR_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    LAST_USED_FIELD_NUMBER: _ClassVar[int]
    READ_ONLY_FIELD_NUMBER: _ClassVar[int]
    id: str
    user_id: str
    description: str
    creator: _identity_pb2.Subject
    created_at: _timestamp_pb2.Timestamp
    expires_at: _timestamp_pb2.Timestamp
    last_used: _timestamp_pb2.Timestamp
    read_only: bool
    def __init__(self, id: _Optional[str] = ..., user_id: _Optional[str] = ..., description: _Optional[str] = ..., creator: _Optional[_Union[_identity_pb2.Subject, _Mapping]] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_used: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., read_only: _Optional[bool] = ...) -> None: ...
