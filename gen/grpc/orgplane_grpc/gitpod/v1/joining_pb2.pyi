from ...buf.validate import validate_pb2 as _validate_pb2
from ...gitpod.v1 import member_pb2 as _member_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class JoinOrganizationRequest(_message.Message):
    __slots__ = ("organization_id", "invite_id")
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    INVITE_ID_FIELD_NUMBER: _ClassVar[int]
    organization_id: str
    invite_id: str
    def __init__(self, organization_id: _Optional[str] = ..., invite_id: _Optional[str] = ...) -> None: ...

class JoinOrganizationResponse(_message.Message):
    __slots__ = ("member",)
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    member: _member_pb2.OrganizationMember
    def __init__(self, member: _Optional[_Union[_member_pb2.OrganizationMember, _Mapping]] = ...) -> None: ...
