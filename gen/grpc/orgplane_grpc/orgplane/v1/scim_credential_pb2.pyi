import datetime

from ...buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ScimCredentialKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SCIM_CREDENTIAL_KIND_UNSPECIFIED: _ClassVar[ScimCredentialKind]
    SCIM_CREDENTIAL_KIND_TOKEN: _ClassVar[ScimCredentialKind]
    SCIM_CREDENTIAL_KIND_CLIENT_SECRET: _ClassVar[ScimCredentialKind]
SCIM_CREDENTIAL_KIND_UNSPECIFIED: ScimCredentialKind
SCIM_CREDENTIAL_KIND_TOKEN: ScimCredentialKind
SCIM_CREDENTIAL_KIND_CLIENT_SECRET: ScimCredentialKind

class ScimCredential(_message.Message):
    __slots__ = ("id", "scim_configuration_id", "kind", "hint", "created_at", "expires_at", "last_used_at")
    ID_FIELD_NUMBER: _ClassVar[int]
    SCIM_CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    HINT_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    LAST_USED_AT_FIELD_NUMBER: _ClassVar[int]
    id: str
    scim_configuration_id: str
    kind: ScimCredentialKind
    hint: str
    created_at: _timestamp_pb2.Timestamp
    expires_at: _timestamp_pb2.Timestamp
    last_used_at: _timestamp_pb2.Timestamp
    def __init__(self, id: _Optional[str] = ..., scim_configuration_id: _Optional[str] = ..., kind: _Optional[_Union[ScimCredentialKind, str]] = ..., hint: _Optional[str] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_used_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListScimCredentialsRequest(_message.Message):
    __slots__ = ("scim_configuration_id",)
    SCIM_CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    scim_configuration_id: str
    def __init__(self, scim_configuration_id: _Optional[str] = ...) -> None: ...

class ListScimCredentialsResponse(_message.Message):
    __slots__ = ("scim_credentials",)
    SCIM_CREDENTIALS_FIELD_NUMBER: _ClassVar[int]
    scim_credentials: _containers.RepeatedCompositeFieldContainer[ScimCredential]
    def __init__(self, scim_credentials: _Optional[_Iterable[_Union[ScimCredential, _Mapping]]] = ...) -> None: ...

class CreateScimCredentialRequest(_message.Message):
    __slots__ = ("scim_configuration_id", "kind", "expires_in", "overlap")
    SCIM_CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_IN_FIELD_NUMBER: _ClassVar[int]
    OVERLAP_FIELD_NUMBER: _ClassVar[int]
    scim_configuration_id: str
    kind: ScimCredentialKind
    expires_in: _duration_pb2.Duration
    overlap: _duration_pb2.Duration
    def __init__(self, scim_configuration_id: _Optional[str] = ..., kind: _Optional[_Union[ScimCredentialKind, str]] = ..., expires_in: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., overlap: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class CreateScimCredentialResponse(_message.Message):
    __slots__ = ("scim_credential", "token")
    SCIM_CREDENTIAL_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    scim_credential: ScimCredential
    token: str
    def __init__(self, scim_credential: _Optional[_Union[ScimCredential, _Mapping]] = ..., token: _Optional[str] = ...) -> None: ...

class EndScimCredentialRequest(_message.Message):
    __slots__ = ("scim_configuration_id", "scim_credential_id")
    SCIM_CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    SCIM_CREDENTIAL_ID_FIELD_NUMBER: _ClassVar[int]
    scim_configuration_id: str
    scim_credential_id: str
    def __init__(self, scim_configuration_id: _Optional[str] = ..., scim_credential_id: _Optional[str] = ...) -> None: ...

class EndScimCredentialResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
