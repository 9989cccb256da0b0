from ...buf.validate import validate_pb2 as _validate_pb2
from ...gitpod.v1 import pagination_pb2 as _pagination_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetSSOLoginURLRequest(_message.Message):
    __slots__ = ("email", "return_to")
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    RETURN_TO_FIELD_NUMBER: _ClassVar[int]
    email: str
    return_to: str
    def __init__(self, email: _Optional[str] = ..., return_to: _Optional[str] = ...) -> None: ...

class GetSSOLoginURLResponse(_message.Message):
    __slots__ = ("login_url",)
    LOGIN_URL_FIELD_NUMBER: _ClassVar[int]
    login_url: str
    def __init__(self, login_url: _Optional[str] = ...) -> None: ...

class ListSSOLoginsRequest(_message.Message):
    __slots__ = ("email", "return_to", "pagination")
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    RETURN_TO_FIELD_NUMBER: _ClassVar[int]
    PAGINATION_FIELD_NUMBER: _ClassVar[int]
    email: str
    return_to: str
    pagination: _pagination_pb2.PaginationRequest
    def __init__(self, email: _Optional[str] = ..., return_to: _Optional[str] = ..., pagination: _Optional[_Union[_pagination_pb2.PaginationRequest, _Mapping]] = ...) -> None: ...

class ListSSOLoginsResponse(_message.Message):
    __slots__ = ("logins", "pagination")
    class Login(_message.Message):
        __slots__ = ("display_name", "login_url")
        DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
        LOGIN_URL_FIELD_NUMBER: _ClassVar[int]
        display_name: str
        login_url: str
        def __init__(self, display_name: _Optional[str] = ..., login_url: _Optional[str] = ...) -> None: ...
    LOGINS_FIELD_NUMBER: _ClassVar[int]
    PAGINATION_FIELD_NUMBER: _ClassVar[int]
    logins: _containers.RepeatedCompositeFieldContainer[ListSSOLoginsResponse.Login]
    pagination: _pagination_pb2.PaginationResponse
    def __init__(self, logins: _Optional[_Iterable[_Union[ListSSOLoginsResponse.Login, _Mapping]]] = ..., pagination: _Optional[_Union[_pagination_pb2.PaginationResponse, _Mapping]] = ...) -> None: ...

class ListLoginProvidersRequest(_message.Message):
    __slots__ = ("pagination", "filter")
    class Filter(_message.Message):
        __slots__ = ("invite_id", "email")
        INVITE_ID_FIELD_NUMBER: _ClassVar[int]
        EMAIL_FIELD_NUMBER: _ClassVar[int]
        invite_id: str
        email: str
        def __init__(self, invite_id: _Optional[str] = ..., email: _Optional[str] = ...) -> None: ...
    PAGINATION_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    pagination: _pagination_pb2.PaginationRequest
    filter: ListLoginProvidersRequest.Filter
    def __init__(self, pagination: _Optional[_Union[_pagination_pb2.PaginationRequest, _Mapping]] = ..., filter: _Optional[_Union[ListLoginProvidersRequest.Filter, _Mapping]] = ...) -> None: ...

class ListLoginProvidersResponse(_message.Message):
    __slots__ = ("pagination", "login_providers", "allow_custom")
    PAGINATION_FIELD_NUMBER: _ClassVar[int]
    LOGIN_PROVIDERS_FIELD_NUMBER: _ClassVar[int]
    ALLOW_CUSTOM_FIELD_NUMBER: _ClassVar[int]
    pagination: _pagination_pb2.PaginationResponse
    login_providers: _containers.RepeatedCompositeFieldContainer[LoginProvider]
    allow_custom: bool
    def __init__(self, pagination: _Optional[_Union[_pagination_pb2.PaginationResponse, _Mapping]] = ..., login_providers: _Optional[_Iterable[_Union[LoginProvider, _Mapping]]] = ..., allow_custom: _Optional[bool] = ...) -> None: ...

class LoginProvider(_message.Message):
    __slots__ = ("login_url", "provider")
    LOGIN_URL_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    login_url: str
    provider: str
    def __init__(self, login_url: _Optional[str] = ..., provider: _Optional[str] = ...) -> None: ...
