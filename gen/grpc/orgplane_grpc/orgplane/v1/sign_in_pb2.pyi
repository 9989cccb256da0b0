import datetime

from ...buf.validate import validate_pb2 as _validate_pb2
from ...gitpod.v1 import member_pb2 as _member_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SignOutReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SIGN_OUT_REASON_UNSPECIFIED: _ClassVar[SignOutReason]
    SIGN_OUT_REASON_MEMBER: _ClassVar[SignOutReason]
    SIGN_OUT_REASON_SSO_CONFIGURATION: _ClassVar[SignOutReason]
    SIGN_OUT_REASON_SCIM_CONFIGURATION: _ClassVar[SignOutReason]
    SIGN_OUT_REASON_PROVIDER: _ClassVar[SignOutReason]
    SIGN_OUT_REASON_ORGANIZATION: _ClassVar[SignOutReason]
    SIGN_OUT_REASON_APPLICATION: _ClassVar[SignOutReason]
SIGN_OUT_REASON_UNSPECIFIED: SignOutReason
SIGN_OUT_REASON_MEMBER: SignOutReason
SIGN_OUT_REASON_SSO_CONFIGURATION: SignOutReason
SIGN_OUT_REASON_SCIM_CONFIGURATION: SignOutReason
SIGN_OUT_REASON_PROVIDER: SignOutReason
SIGN_OUT_REASON_ORGANIZATION: SignOutReason
SIGN_OUT_REASON_APPLICATION: SignOutReason

class SignIn(_message.Message):
    __slots__ = ("id", "user_id", "name", "email", "email_verified", "organization_id", "organization_name", "role", "groups", "scim_user", "sso_configuration_id", "signed_in_at", "expires_at", "idle_expires_at")
    ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    EMAIL_VERIFIED_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_NAME_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    SCIM_USER_FIELD_NUMBER: _ClassVar[int]
    SSO_CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    SIGNED_IN_AT_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    IDLE_EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    id: str
    user_id: str
    name: str
    email: str
    email_verified: bool
    organization_id: str
    organization_name: str
    role: _member_pb2.OrganizationRole
    groups: _containers.RepeatedCompositeFieldContainer[SignInGroup]
    scim_user: SignInScimUser
    sso_configuration_id: str
    signed_in_at: _timestamp_pb2.Timestamp
    expires_at: _timestamp_pb2.Timestamp
    idle_expires_at: _timestamp_pb2.Timestamp
    def __init__(self, id: _Optional[str] = ..., user_id: _Optional[str] = ..., name: _Optional[str] = ..., email: _Optional[str] = ..., email_verified: _Optional[bool] = ..., organization_id: _Optional[str] = ..., organization_name: _Optional[str] = ..., role: _Optional[_Union[_member_pb2.OrganizationRole, str]] = ..., groups: _Optional[_Iterable[_Union[SignInGroup, _Mapping]]] = ..., scim_user: _Optional[_Union[SignInScimUser, _Mapping]] = ..., sso_configuration_id: _Optional[str] = ..., signed_in_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., idle_expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class SignInGroup(_message.Message):
    __slots__ = ("id", "display_name")
    ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    id: str
    display_name: str
    def __init__(self, id: _Optional[str] = ..., display_name: _Optional[str] = ...) -> None: ...

class SignInScimUser(_message.Message):
    __slots__ = ("scim_configuration_id", "external_id", "user_name", "title", "user_type", "preferred_language", "locale", "timezone", "employee_number", "cost_center", "organization", "division", "department")
    SCIM_CONFIGURATION_ID_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_ID_FIELD_NUMBER: _ClassVar[int]
    USER_NAME_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    USER_TYPE_FIELD_NUMBER: _ClassVar[int]
    PREFERRED_LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    LOCALE_FIELD_NUMBER: _ClassVar[int]
    TIMEZONE_FIELD_NUMBER: _ClassVar[int]
    EMPLOYEE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    COST_CENTER_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    DIVISION_FIELD_NUMBER: _ClassVar[int]
    DEPARTMENT_FIELD_NUMBER: _ClassVar[int]
    scim_configuration_id: str
    external_id: str
    user_name: str
    title: str
    user_type: str
    preferred_language: str
    locale: str
    timezone: str
    employee_number: str
    cost_center: str
    organization: str
    division: str
    department: str
    def __init__(self, scim_configuration_id: _Optional[str] = ..., external_id: _Optional[str] = ..., user_name: _Optional[str] = ..., title: _Optional[str] = ..., user_type: _Optional[str] = ..., preferred_language: _Optional[str] = ..., locale: _Optional[str] = ..., timezone: _Optional[str] = ..., employee_number: _Optional[str] = ..., cost_center: _Optional[str] = ..., organization: _Optional[str] = ..., division: _Optional[str] = ..., department: _Optional[str] = ...) -> None: ...

class ExchangeCodeRequest(_message.Message):
    __slots__ = ("code", "redirect_uri", "code_verifier")
    CODE_FIELD_NUMBER: _ClassVar[int]
    REDIRECT_URI_FIELD_NUMBER: _ClassVar[int]
    CODE_VERIFIER_FIELD_NUMBER: _ClassVar[int]
    code: str
    redirect_uri: str
    code_verifier: str
    def __init__(self, code: _Optional[str] = ..., redirect_uri: _Optional[str] = ..., code_verifier: _Optional[str] = ...) -> None: ...

class ExchangeCodeResponse(_message.Message):
    __slots__ = ("sign_in",)
    SIGN_IN_FIELD_NUMBER: _ClassVar[int]
    sign_in: SignIn
    def __init__(self, sign_in: _Optional[_Union[SignIn, _Mapping]] = ...) -> None: ...

class GetSignInRequest(_message.Message):
    __slots__ = ("sign_in_id",)
    SIGN_IN_ID_FIELD_NUMBER: _ClassVar[int]
    sign_in_id: str
    def __init__(self, sign_in_id: _Optional[str] = ...) -> None: ...

class GetSignInResponse(_message.Message):
    __slots__ = ("sign_in",)
    SIGN_IN_FIELD_NUMBER: _ClassVar[int]
    sign_in: SignIn
    def __init__(self, sign_in: _Optional[_Union[SignIn, _Mapping]] = ...) -> None: ...

class WatchSignOutsRequest(_message.Message):
    __slots__ = ("cursor",)
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    cursor: str
    def __init__(self, cursor: _Optional[str] = ...) -> None: ...

class WatchSignOutsResponse(_message.Message):
    __slots__ = ("sign_out", "cursor")
    SIGN_OUT_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    sign_out: SignOut
    cursor: str
    def __init__(self, sign_out: _Optional[_Union[SignOut, _Mapping]] = ..., cursor: _Optional[str] = ...) -> None: ...

class SignOut(_message.Message):
    __slots__ = ("sign_in_id", "user_id", "organization_id", "ended_at", "reason")
    SIGN_IN_ID_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    ENDED_AT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    sign_in_id: str
    user_id: str
    organization_id: str
    ended_at: _timestamp_pb2.Timestamp
    reason: SignOutReason
    def __init__(self, sign_in_id: _Optional[str] = ..., user_id: _Optional[str] = ..., organization_id: _Optional[str] = ..., ended_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., reason: _Optional[_Union[SignOutReason, str]] = ...) -> None: ...
