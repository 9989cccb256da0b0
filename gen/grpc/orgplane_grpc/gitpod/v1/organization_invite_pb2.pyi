from ...buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class OrganizationInvite(_message.Message):
    __slots__ = ("invite_id",)
    INVITE_ID_FIELD_NUMBER: _ClassVar[int]
    invite_id: str
    def __init__(self, invite_id: _Optional[str] = ...) -> None: ...

class CreateOrganizationInviteRequest(_message.Message):
    __slots__ = ("organization_id",)
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    organization_id: str
    def __init__(self, organization_id: _Optional[str] = ...) -> None: ...

class CreateOrganizationInviteResponse(_message.Message):
    __slots__ = ("invite",)
    INVITE_FIELD_NUMBER: _ClassVar[int]
    invite: OrganizationInvite
    def __init__(self, invite: _Optional[_Union[OrganizationInvite, _Mapping]] = ...) -> None: ...

class GetOrganizationInviteRequest(_message.Message):
    __slots__ = ("organization_id",)
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    organization_id: str
    def __init__(self, organization_id: _Optional[str] = ...) -> None: ...

class GetOrganizationInviteResponse(_message.Message):
    __slots__ = ("invite",)
    INVITE_FIELD_NUMBER: _ClassVar[int]
    invite: OrganizationInvite
    def __init__(self, invite: _Optional[_Union[OrganizationInvite, _Mapping]] = ...) -> None: ...

class GetOrganizationInviteSummaryRequest(_message.Message):
    __slots__ = ("invite_id",)
    INVITE_ID_FIELD_NUMBER: _ClassVar[int]
    invite_id: str
    def __init__(self, invite_id: _Optional[str] = ...) -> None: ...

class GetOrganizationInviteSummaryResponse(_message.Message):
    __slots__ = ("organization_id", "organization_name", "organization_member_count")
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_NAME_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_MEMBER_COUNT_FIELD_NUMBER: _ClassVar[int]
    organization_id: str
    organization_name: str
    organization_member_count: int
    def __init__(self, organization_id: _Optional[str] = ..., organization_name: _Optional[str] = ..., organization_member_count: _Optional[int] = ...) -> None: ...
