from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class LoginProviderKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LOGIN_PROVIDER_KIND_UNSPECIFIED: _ClassVar[LoginProviderKind]
    LOGIN_PROVIDER_KIND_SSO: _ClassVar[LoginProviderKind]
    LOGIN_PROVIDER_KIND_GITHUB: _ClassVar[LoginProviderKind]
    LOGIN_PROVIDER_KIND_GOOGLE: _ClassVar[LoginProviderKind]
    LOGIN_PROVIDER_KIND_MAGICLINK: _ClassVar[LoginProviderKind]
LOGIN_PROVIDER_KIND_UNSPECIFIED: LoginProviderKind
LOGIN_PROVIDER_KIND_SSO: LoginProviderKind
LOGIN_PROVIDER_KIND_GITHUB: LoginProviderKind
LOGIN_PROVIDER_KIND_GOOGLE: LoginProviderKind
LOGIN_PROVIDER_KIND_MAGICLINK: LoginProviderKind
