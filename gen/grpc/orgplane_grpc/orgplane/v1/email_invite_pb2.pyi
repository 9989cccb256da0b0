import datetime

from ...buf.validate import validate_pb2 as _validate_pb2
from ...gitpod.v1 import pagination_pb2 as _pagination_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EmailInviteState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EMAIL_INVITE_STATE_UNSPECIFIED: _ClassVar[EmailInviteState]
    EMAIL_INVITE_STATE_PENDING: _ClassVar[EmailInviteState]
    EMAIL_INVITE_STATE_ACCEPTED: _ClassVar[EmailInviteState]
    EMAIL_INVITE_STATE_EXPIRED: _ClassVar[EmailInviteState]

class EmailDelivery(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EMAIL_DELIVERY_UNSPECIFIED: _ClassVar[EmailDelivery]
    EMAIL_DELIVERY_QUEUED: _ClassVar[EmailDelivery]
    EMAIL_DELIVERY_SENT: _ClassVar[EmailDelivery]
    EMAIL_DELIVERY_REFUSED: _ClassVar[EmailDelivery]
    EMAIL_DELIVERY_GIVEN_UP: _ClassVar[EmailDelivery]
EMAIL_INVITE_STATE_UNSPECIFIED: EmailInviteState
EMAIL_INVITE_STATE_PENDING: EmailInviteState
EMAIL_INVITE_STATE_ACCEPTED: EmailInviteState
EMAIL_INVITE_STATE_EXPIRED: EmailInviteState
EMAIL_DELIVERY_UNSPECIFIED: EmailDelivery
EMAIL_DELIVERY_QUEUED: EmailDelivery
EMAIL_DELIVERY_SENT: EmailDelivery
EMAIL_DELIVERY_REFUSED: EmailDelivery
EMAIL_DELIVERY_GIVEN_UP: EmailDelivery

class EmailInvite(_message.Message):
    __slots__ = ("id", "email", "state", "delivery", "delivery_reason", "created_at", "expires_at", "accepted_at")
    ID_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    DELIVERY_FIELD_NUMBER: _ClassVar[int]
    DELIVERY_REASON_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_AT_FIELD_NUMBER: _ClassVar[int]
    id: str
    email: str
    state: EmailInviteState
    delivery: EmailDelivery
    delivery_reason: str
    created_at: _timestamp_pb2.Timestamp
    expires_at: _timestamp_pb2.Timestamp
    accepted_at: _timestamp_pb2.Timestamp
    def __init__(self, id: _Optional[str] = ..., email: _Optional[str] = ..., state: _Optional[_Union[EmailInviteState, str]] = ..., delivery: _Optional[_Union[EmailDelivery, str]] = ..., delivery_reason: _Optional[str] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., accepted_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class CreateEmailInviteRequest(_message.Message):
    __slots__ = ("organization_id", "email")
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    organization_id: str
    email: str
    def __init__(self, organization_id: _Optional[str] = ..., email: _Optional[str] = ...) -> None: ...

class CreateEmailInviteResponse(_message.Message):
    __slots__ = ("email_invite",)
    EMAIL_INVITE_FIELD_NUMBER: _ClassVar[int]
    email_invite: EmailInvite
    def __init__(self, email_invite: _Optional[_Union[EmailInvite, _Mapping]] = ...) -> None: ...

class ListEmailInvitesRequest(_message.Message):
    __slots__ = ("organization_id", "pagination")
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    PAGINATION_FIELD_NUMBER: _ClassVar[int]
    organization_id: str
    pagination: _pagination_pb2.PaginationRequest
    def __init__(self, organization_id: _Optional[str] = ..., pagination: _Optional[_Union[_pagination_pb2.PaginationRequest, _Mapping]] = ...) -> None: ...

class ListEmailInvitesResponse(_message.Message):
    __slots__ = ("email_invites", "pagination")
    EMAIL_INVITES_FIELD_NUMBER: _ClassVar[int]
    PAGINATION_FIELD_NUMBER: _ClassVar[int]
    email_invites: _containers.RepeatedCompositeFieldContainer[EmailInvite]
    pagination: _pagination_pb2.PaginationResponse
    def __init__(self, email_invites: _Optional[_Iterable[_Union[EmailInvite, _Mapping]]] = ..., pagination: _Optional[_Union[_pagination_pb2.PaginationResponse, _Mapping]] = ...) -> None: ...

class RevokeEmailInviteRequest(_message.Message):
    __slots__ = ("email_invite_id",)
    EMAIL_INVITE_ID_FIELD_NUMBER: _ClassVar[int]
    email_invite_id: str
    def __init__(self, email_invite_id: _Optional[str] = ...) -> None: ...

class RevokeEmailInviteResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
