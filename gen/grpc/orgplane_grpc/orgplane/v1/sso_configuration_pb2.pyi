from ...buf.validate import validate_pb2 as _validate_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ClientAuthentication(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CLIENT_AUTHENTICATION_UNSPECIFIED: _ClassVar[ClientAuthentication]
    CLIENT_AUTHENTICATION_CLIENT_SECRET: _ClassVar[ClientAuthentication]
    CLIENT_AUTHENTICATION_PRIVATE_KEY_JWT: _ClassVar[ClientAuthentication]

class SsoConfigurationCheckOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SSO_CONFIGURATION_CHECK_OUTCOME_UNSPECIFIED: _ClassVar[SsoConfigurationCheckOutcome]
    SSO_CONFIGURATION_CHECK_OUTCOME_OK: _ClassVar[SsoConfigurationCheckOutcome]
    SSO_CONFIGURATION_CHECK_OUTCOME_WRONG: _ClassVar[SsoConfigurationCheckOutcome]
    SSO_CONFIGURATION_CHECK_OUTCOME_UNKNOWN: _ClassVar[SsoConfigurationCheckOutcome]
CLIENT_AUTHENTICATION_UNSPECIFIED: ClientAuthentication
CLIENT_AUTHENTICATION_CLIENT_SECRET: ClientAuthentication
CLIENT_AUTHENTICATION_PRIVATE_KEY_JWT: ClientAuthentication
SSO_CONFIGURATION_CHECK_OUTCOME_UNSPECIFIED: SsoConfigurationCheckOutcome
SSO_CONFIGURATION_CHECK_OUTCOME_OK: SsoConfigurationCheckOutcome
SSO_CONFIGURATION_CHECK_OUTCOME_WRONG: SsoConfigurationCheckOutcome
SSO_CONFIGURATION_CHECK_OUTCOME_UNKNOWN: SsoConfigurationCheckOutcome

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
    __slots__ = ("sso_configuration_id", "faults", "unproven_email_domains", "redirect_uri", "binding_claim", "bound_members", "client_authentication", "jwks_uri")
    SSO_CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    FAULTS_FIELD_NUMBER: _ClassVar[int]
    UNPROVEN_EMAIL_DOMAINS_FIELD_NUMBER: _ClassVar[int]
    REDIRECT_URI_FIELD_NUMBER: _ClassVar[int]
    BINDING_CLAIM_FIELD_NUMBER: _ClassVar[int]
    BOUND_MEMBERS_FIELD_NUMBER: _ClassVar[int]
    CLIENT_AUTHENTICATION_FIELD_NUMBER: _ClassVar[int]
    JWKS_URI_FIELD_NUMBER: _ClassVar[int]
    sso_configuration_id: str
    faults: _containers.RepeatedCompositeFieldContainer[SsoConfigurationFault]
    unproven_email_domains: _containers.RepeatedScalarFieldContainer[str]
    redirect_uri: str
    binding_claim: str
    bound_members: int
    client_authentication: ClientAuthentication
    jwks_uri: str
    def __init__(self, sso_configuration_id: _Optional[str] = ..., faults: _Optional[_Iterable[_Union[SsoConfigurationFault, _Mapping]]] = ..., unproven_email_domains: _Optional[_Iterable[str]] = ..., redirect_uri: _Optional[str] = ..., binding_claim: _Optional[str] = ..., bound_members: _Optional[int] = ..., client_authentication: _Optional[_Union[ClientAuthentication, str]] = ..., jwks_uri: _Optional[str] = ...) -> None: ...

class UpdateSsoConfigurationBindingRequest(_message.Message):
    __slots__ = ("sso_configuration_id", "issuer_url", "client_id", "client_secret", "binding_claim", "client_authentication", "rebind")
    SSO_CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    ISSUER_URL_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    CLIENT_SECRET_FIELD_NUMBER: _ClassVar[int]
    BINDING_CLAIM_FIELD_NUMBER: _ClassVar[int]
    CLIENT_AUTHENTICATION_FIELD_NUMBER: _ClassVar[int]
    REBIND_FIELD_NUMBER: _ClassVar[int]
    sso_configuration_id: str
    issuer_url: str
    client_id: str
    client_secret: str
    binding_claim: str
    client_authentication: ClientAuthentication
    rebind: bool
    def __init__(self, sso_configuration_id: _Optional[str] = ..., issuer_url: _Optional[str] = ..., client_id: _Optional[str] = ..., client_secret: _Optional[str] = ..., binding_claim: _Optional[str] = ..., client_authentication: _Optional[_Union[ClientAuthentication, str]] = ..., rebind: _Optional[bool] = ...) -> None: ...

class UpdateSsoConfigurationBindingResponse(_message.Message):
    __slots__ = ("ended_bindings",)
    ENDED_BINDINGS_FIELD_NUMBER: _ClassVar[int]
    ended_bindings: int
    def __init__(self, ended_bindings: _Optional[int] = ...) -> None: ...

class SsoConfigurationFault(_message.Message):
    __slots__ = ("field", "description")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    field: str
    description: str
    def __init__(self, field: _Optional[str] = ..., description: _Optional[str] = ...) -> None: ...

class TestSsoConfigurationRequest(_message.Message):
    __slots__ = ("sso_configuration_id",)
    SSO_CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    sso_configuration_id: str
    def __init__(self, sso_configuration_id: _Optional[str] = ...) -> None: ...

class TestSsoConfigurationResponse(_message.Message):
    __slots__ = ("checks",)
    CHECKS_FIELD_NUMBER: _ClassVar[int]
    checks: _containers.RepeatedCompositeFieldContainer[SsoConfigurationCheck]
    def __init__(self, checks: _Optional[_Iterable[_Union[SsoConfigurationCheck, _Mapping]]] = ...) -> None: ...

class SsoConfigurationCheck(_message.Message):
    __slots__ = ("check", "outcome", "description", "remedy")
    CHECK_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    REMEDY_FIELD_NUMBER: _ClassVar[int]
    check: str
    outcome: SsoConfigurationCheckOutcome
    description: str
    remedy: str
    def __init__(self, check: _Optional[str] = ..., outcome: _Optional[_Union[SsoConfigurationCheckOutcome, str]] = ..., description: _Optional[str] = ..., remedy: _Optional[str] = ...) -> None: ...
