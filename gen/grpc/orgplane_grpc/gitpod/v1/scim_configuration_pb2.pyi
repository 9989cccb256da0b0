import datetime

from ...buf.validate import validate_pb2 as _validate_pb2
from ...gitpod.v1 import pagination_pb2 as _pagination_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SCIMConfiguration(_message.Message):
    __slots__ = ("id", "organization_id", "name", "enabled", "sso_configuration_id", "created_at", "updated_at", "token_expires_at", "allow_unverified_email_account_linking")
    ID_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ENABLED_FIELD_NUMBER: _ClassVar[int]
    SSO_CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    UPDATED_AT_FIELD_NUMBER: _ClassVar[int]
    TOKEN_EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    ALLOW_UNVERIFIED_EMAIL_ACCOUNT_LINKING_FIELD_NUMBER: _ClassVar[int]
    id: str
    organization_id: str
    name: str
    enabled: bool
    sso_configuration_id: str
    created_at: _timestamp_pb2.Timestamp
    updated_at: _timestamp_pb2.Timestamp
    token_expires_at: _timestamp_pb2.Timestamp
    allow_unverified_email_account_linking: bool
    def __init__(self, id: _Optional[str] = ..., organization_id: _Optional[str] = ..., name: _Optional[str] = ..., enabled: _Optional[bool] = ..., sso_configuration_id: _Optional[str] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., updated_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., token_expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., allow_unverified_email_account_linking: _Optional[bool] = ...) -> None: ...

class CreateSCIMConfigurationRequest(_message.Message):
    __slots__ = ("organization_id", "name", "sso_configuration_id", "token_expires_in", "allow_unverified_email_account_linking")
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    SSO_CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    TOKEN_EXPIRES_IN_FIELD_NUMBER: _ClassVar[int]
    ALLOW_UNVERIFIED_EMAIL_ACCOUNT_LINKING_FIELD_NUMBER: _ClassVar[int]
    organization_id: str
    name: str
    sso_configuration_id: str
    token_expires_in: _duration_pb2.Duration
    allow_unverified_email_account_linking: bool
    def __init__(self, organization_id: _Optional[str] = ..., name: _Optional[str] = ..., sso_configuration_id: _Optional[str] = ..., token_expires_in: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., allow_unverified_email_account_linking: _Optional[bool] = ...) -> None: ...

class CreateSCIMConfigurationResponse(_message.Message):
    __slots__ = ("scim_configuration", "token", "token_expires_at")
    SCIM_CONFIGURATION_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    TOKEN_EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    scim_configuration: SCIMConfiguration
    token: str
    token_expires_at: _timestamp_pb2.Timestamp
    def __init__(self, scim_configuration: _Optional[_Union[SCIMConfiguration, _Mapping]] = ..., token: _Optional[str] = ..., token_expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class GetSCIMConfigurationRequest(_message.Message):
    __slots__ = ("scim_configuration_id",)
    SCIM_CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    scim_configuration_id: str
    def __init__(self, scim_configuration_id: _Optional[str] = ...) -> None: ...

class GetSCIMConfigurationResponse(_message.Message):
    __slots__ = ("scim_configuration",)
    SCIM_CONFIGURATION_FIELD_NUMBER: _ClassVar[int]
    scim_configuration: SCIMConfiguration
    def __init__(self, scim_configuration: _Optional[_Union[SCIMConfiguration, _Mapping]] = ...) -> None: ...

class ListSCIMConfigurationsRequest(_message.Message):
    __slots__ = ("pagination",)
    PAGINATION_FIELD_NUMBER: _ClassVar[int]
    pagination: _pagination_pb2.PaginationRequest
    def __init__(self, pagination: _Optional[_Union[_pagination_pb2.PaginationRequest, _Mapping]] = ...) -> None: ...

class ListSCIMConfigurationsResponse(_message.Message):
    __slots__ = ("pagination", "scim_configurations")
    PAGINATION_FIELD_NUMBER: _ClassVar[int]
    SCIM_CONFIGURATIONS_FIELD_NUMBER: _ClassVar[int]
    pagination: _pagination_pb2.PaginationResponse
    scim_configurations: _containers.RepeatedCompositeFieldContainer[SCIMConfiguration]
    def __init__(self, pagination: _Optional[_Union[_pagination_pb2.PaginationResponse, _Mapping]] = ..., scim_configurations: _Optional[_Iterable[_Union[SCIMConfiguration, _Mapping]]] = ...) -> None: ...

class UpdateSCIMConfigurationRequest(_message.Message):
    __slots__ = ("scim_configuration_id", "name", "enabled", "sso_configuration_id", "allow_unverified_email_account_linking")
    SCIM_CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ENABLED_FIELD_NUMBER: _ClassVar[int]
    SSO_CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    ALLOW_UNVERIFIED_EMAIL_ACCOUNT_LINKING_FIELD_NUMBER: _ClassVar[int]
    scim_configuration_id: str
    name: str
    enabled: bool
    sso_configuration_id: str
    allow_unverified_email_account_linking: bool
    def __init__(self, scim_configuration_id: _Optional[str] = ..., name: _Optional[str] = ..., enabled: _Optional[bool] = ..., sso_configuration_id: _Optional[str] = ..., allow_unverified_email_account_linking: _Optional[bool] = ...) -> None: ...

class UpdateSCIMConfigurationResponse(_message.Message):
    __slots__ = ("scim_configuration",)
    SCIM_CONFIGURATION_FIELD_NUMBER: _ClassVar[int]
    scim_configuration: SCIMConfiguration
    def __init__(self, scim_configuration: _Optional[_Union[SCIMConfiguration, _Mapping]] = ...) -> None: ...

class DeleteSCIMConfigurationRequest(_message.Message):
    __slots__ = ("scim_configuration_id",)
    SCIM_CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    scim_configuration_id: str
    def __init__(self, scim_configuration_id: _Optional[str] = ...) -> None: ...

class DeleteSCIMConfigurationResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class RegenerateSCIMTokenRequest(_message.Message):
    __slots__ = ("scim_configuration_id", "token_expires_in")
    SCIM_CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    TOKEN_EXPIRES_IN_FIELD_NUMBER: _ClassVar[int]
    scim_configuration_id: str
    token_expires_in: _duration_pb2.Duration
    def __init__(self, scim_configuration_id: _Optional[str] = ..., token_expires_in: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class RegenerateSCIMTokenResponse(_message.Message):
    __slots__ = ("token", "token_expires_at")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    TOKEN_EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    token: str
    token_expires_at: _timestamp_pb2.Timestamp
    def __init__(self, token: _Optional[str] = ..., token_expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
