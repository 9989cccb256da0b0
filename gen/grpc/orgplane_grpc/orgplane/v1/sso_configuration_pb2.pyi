from ...buf.validate import validate_pb2 as _validate_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetSsoConfigurationStatusRequest(_message.Message):
    __slots__ = ("sso_configuration_id",)
    SSO_CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    sso_configuration_id: str
    def __init__(self, sso_configuration_id: _Optional[str] = ...) -> None: ...

class GetSsoConfigurationStatusResponse(_message.Message):
    __slots__ = ("status",)
    STATUS_FIELD_NUMBER: _ClassVar[int]
    status: SsoConfigurationStatus
    def __init__(self, status: _Optional[_Union[SsoConfigurationStatus, _Mapping]] = ...) -> None: ...

class SsoConfigurationStatus(_message.Message):
    __slots__ = ("sso_configuration_id", "faults", "unproven_email_domains")
    SSO_CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    FAULTS_FIELD_NUMBER: _ClassVar[int]
    UNPROVEN_EMAIL_DOMAINS_FIELD_NUMBER: _ClassVar[int]
    sso_configuration_id: str
    faults: _containers.RepeatedCompositeFieldContainer[SsoConfigurationFault]
    unproven_email_domains: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, sso_configuration_id: _Optional[str] = ..., faults: _Optional[_Iterable[_Union[SsoConfigurationFault, _Mapping]]] = ..., unproven_email_domains: _Optional[_Iterable[str]] = ...) -> None: ...

class SsoConfigurationFault(_message.Message):
    __slots__ = ("field", "description")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    field: str
    description: str
    def __init__(self, field: _Optional[str] = ..., description: _Optional[str] = ...) -> None: ...
