from ...buf.validate import validate_pb2 as _validate_pb2
from ...gitpod.v1 import pagination_pb2 as _pagination_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SSOConfigurationState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SSO_CONFIGURATION_STATE_UNSPECIFIED: _ClassVar[SSOConfigurationState]
    SSO_CONFIGURATION_STATE_INACTIVE: _ClassVar[SSOConfigurationState]
    SSO_CONFIGURATION_STATE_ACTIVE: _ClassVar[SSOConfigurationState]
SSO_CONFIGURATION_STATE_UNSPECIFIED: SSOConfigurationState
SSO_CONFIGURATION_STATE_INACTIVE: SSOConfigurationState
SSO_CONFIGURATION_STATE_ACTIVE: SSOConfigurationState

class CreateSSOConfigurationRequest(_message.Message):
    __slots__ = ("organization_id", "client_id", "client_secret", "issuer_url", "email_domain", "email_domains", "display_name", "additional_scopes", "claims_expression")
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    CLIENT_SECRET_FIELD_NUMBER: _ClassVar[int]
    ISSUER_URL_FIELD_NUMBER: _ClassVar[int]
    EMAIL_DOMAIN_FIELD_NUMBER: _ClassVar[int]
    EMAIL_DOMAINS_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_SCOPES_FIELD_NUMBER: _ClassVar[int]
    CLAIMS_EXPRESSION_FIELD_NUMBER: _ClassVar[int]
    organization_id: str
    client_id: str
    client_secret: str
    issuer_url: str
    email_domain: str
    email_domains: _containers.RepeatedScalarFieldContainer[str]
    display_name: str
    additional_scopes: _containers.RepeatedScalarFieldContainer[str]
    claims_expression: str
    def __init__(self, organization_id: _Optional[str] = ..., client_id: _Optional[str] = ..., client_secret: _Optional[str] = ..., issuer_url: _Optional[str] = ..., email_domain: _Optional[str] = ..., email_domains: _Optional[_Iterable[str]] = ..., display_name: _Optional[str] = ..., additional_scopes: _Optional[_Iterable[str]] = ..., claims_expression: _Optional[str] = ...) -> None: ...

class CreateSSOConfigurationResponse(_message.Message):
    __slots__ = ("sso_configuration",)
    SSO_CONFIGURATION_FIELD_NUMBER: _ClassVar[int]
    sso_configuration: SSOConfiguration
    def __init__(self, sso_configuration: _Optional[_Union[SSOConfiguration, _Mapping]] = ...) -> None: ...

class SSOConfiguration(_message.Message):
    __slots__ = ("id", "organization_id", "client_id", "issuer_url", "state", "claims", "email_domain", "provider_type", "email_domains", "display_name", "additional_scopes", "claims_expression")
    class ProviderType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        PROVIDER_TYPE_UNSPECIFIED: _ClassVar[SSOConfiguration.ProviderType]
        PROVIDER_TYPE_BUILTIN: _ClassVar[SSOConfiguration.ProviderType]
        PROVIDER_TYPE_CUSTOM: _ClassVar[SSOConfiguration.ProviderType]
    PROVIDER_TYPE_UNSPECIFIED: SSOConfiguration.ProviderType
    PROVIDER_TYPE_BUILTIN: SSOConfiguration.ProviderType
    PROVIDER_TYPE_CUSTOM: SSOConfiguration.ProviderType
    class ClaimsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ID_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    ISSUER_URL_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CLAIMS_FIELD_NUMBER: _ClassVar[int]
    EMAIL_DOMAIN_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_TYPE_FIELD_NUMBER: _ClassVar[int]
    EMAIL_DOMAINS_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_SCOPES_FIELD_NUMBER: _ClassVar[int]
    CLAIMS_EXPRESSION_FIELD_NUMBER: _ClassVar[int]
    id: str
    organization_id: str
    client_id: str
    issuer_url: str
    state: SSOConfigurationState
    claims: _containers.ScalarMap[str, str]
    email_domain: str
    provider_type: SSOConfiguration.ProviderType
    email_domains: _containers.RepeatedScalarFieldContainer[str]
    display_name: str
    additional_scopes: _containers.RepeatedScalarFieldContainer[str]
    claims_expression: str
    def __init__(self, id: _Optional[str] = ..., organization_id: _Optional[str] = ..., client_id: _Optional[str] = ..., issuer_url: _Optional[str] = ..., state: _Optional[_Union[SSOConfigurationState, str]] = ..., claims: _Optional[_Mapping[str, str]] = ..., email_domain: _Optional[str] = ..., provider_type: _Optional[_Union[SSOConfiguration.ProviderType, str]] = ..., email_domains: _Optional[_Iterable[str]] = ..., display_name: _Optional[str] = ..., additional_scopes: _Optional[_Iterable[str]] = ..., claims_expression: _Optional[str] = ...) -> None: ...

class GetSSOConfigurationRequest(_message.Message):
    __slots__ = ("sso_configuration_id",)
    SSO_CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    sso_configuration_id: str
    def __init__(self, sso_configuration_id: _Optional[str] = ...) -> None: ...

class GetSSOConfigurationResponse(_message.Message):
    __slots__ = ("sso_configuration",)
    SSO_CONFIGURATION_FIELD_NUMBER: _ClassVar[int]
    sso_configuration: SSOConfiguration
    def __init__(self, sso_configuration: _Optional[_Union[SSOConfiguration, _Mapping]] = ...) -> None: ...

class ListSSOConfigurationsRequest(_message.Message):
    __slots__ = ("pagination", "organization_id")
    PAGINATION_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    pagination: _pagination_pb2.PaginationRequest
    organization_id: str
    def __init__(self, pagination: _Optional[_Union[_pagination_pb2.PaginationRequest, _Mapping]] = ..., organization_id: _Optional[str] = ...) -> None: ...

class ListSSOConfigurationsResponse(_message.Message):
    __slots__ = ("pagination", "sso_configurations")
    PAGINATION_FIELD_NUMBER: _ClassVar[int]
    SSO_CONFIGURATIONS_FIELD_NUMBER: _ClassVar[int]
    pagination: _pagination_pb2.PaginationResponse
    sso_configurations: _containers.RepeatedCompositeFieldContainer[SSOConfiguration]
    def __init__(self, pagination: _Optional[_Union[_pagination_pb2.PaginationResponse, _Mapping]] = ..., sso_configurations: _Optional[_Iterable[_Union[SSOConfiguration, _Mapping]]] = ...) -> None: ...

class UpdateSSOConfigurationRequest(_message.Message):
    __slots__ = ("sso_configuration_id", "client_id", "client_secret", "issuer_url", "state", "claims", "email_domain", "email_domains", "display_name", "additional_scopes", "claims_expression")
    class ClaimsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    SSO_CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    CLIENT_ID_FIELD_NUMBER: _ClassVar[int]
    CLIENT_SECRET_FIELD_NUMBER: _ClassVar[int]
    ISSUER_URL_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CLAIMS_FIELD_NUMBER: _ClassVar[int]
    EMAIL_DOMAIN_FIELD_NUMBER: _ClassVar[int]
    EMAIL_DOMAINS_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_SCOPES_FIELD_NUMBER: _ClassVar[int]
    CLAIMS_EXPRESSION_FIELD_NUMBER: _ClassVar[int]
    sso_configuration_id: str
    client_id: str
    client_secret: str
    issuer_url: str
    state: SSOConfigurationState
    claims: _containers.ScalarMap[str, str]
    email_domain: str
    email_domains: _containers.RepeatedScalarFieldContainer[str]
    display_name: str
    additional_scopes: AdditionalScopesUpdate
    claims_expression: str
    def __init__(self, sso_configuration_id: _Optional[str] = ..., client_id: _Optional[str] = ..., client_secret: _Optional[str] = ..., issuer_url: _Optional[str] = ..., state: _Optional[_Union[SSOConfigurationState, str]] = ..., claims: _Optional[_Mapping[str, str]] = ..., email_domain: _Optional[str] = ..., email_domains: _Optional[_Iterable[str]] = ..., display_name: _Optional[str] = ..., additional_scopes: _Optional[_Union[AdditionalScopesUpdate, _Mapping]] = ..., claims_expression: _Optional[str] = ...) -> None: ...

class UpdateSSOConfigurationResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DeleteSSOConfigurationRequest(_message.Message):
    __slots__ = ("sso_configuration_id",)
    SSO_CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    sso_configuration_id: str
    def __init__(self, sso_configuration_id: _Optional[str] = ...) -> None: ...

class DeleteSSOConfigurationResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class AdditionalScopesUpdate(_message.Message):
    __slots__ = ("scopes",)
    SCOPES_FIELD_NUMBER: _ClassVar[int]
    scopes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, scopes: _Optional[_Iterable[str]] = ...) -> None: ...
