import datetime

from ...buf.validate import validate_pb2 as _validate_pb2
from ...gitpod.v1 import member_pb2 as _member_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RedeemInviteRequest(_message.Message):
    __slots__ = ("invite_id", "name", "email", "code")
    INVITE_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    invite_id: str
    name: str
    email: str
    code: str
    def __init__(self, invite_id: _Optional[str] = ..., name: _Optional[str] = ..., email: _Optional[str] = ..., code: _Optional[str] = ...) -> None: ...

class RedeemInviteResponse(_message.Message):
    __slots__ = ("code_sent", "joined")
    CODE_SENT_FIELD_NUMBER: _ClassVar[int]
    JOINED_FIELD_NUMBER: _ClassVar[int]
    code_sent: CodeSent
    joined: Joined
    def __init__(self, code_sent: _Optional[_Union[CodeSent, _Mapping]] = ..., joined: _Optional[_Union[Joined, _Mapping]] = ...) -> None: ...

class CodeSent(_message.Message):
    __slots__ = ("email", "expires_at")
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    email: str
    expires_at: _timestamp_pb2.Timestamp
    def __init__(self, email: _Optional[str] = ..., expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Joined(_message.Message):
    __slots__ = ("member", "organization_id", "token", "token_expires_at")
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    TOKEN_EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    member: _member_pb2.OrganizationMember
    organization_id: str
    token: str
    token_expires_at: _timestamp_pb2.Timestamp
    def __init__(self, member: _Optional[_Union[_member_pb2.OrganizationMember, _Mapping]] = ..., organization_id: _Optional[str] = ..., token: _Optional[str] = ..., token_expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ProveAddressRequest(_message.Message):
    __slots__ = ("code",)
    CODE_FIELD_NUMBER: _ClassVar[int]
    code: str
    def __init__(self, code: _Optional[str] = ...) -> None: ...

class ProveAddressResponse(_message.Message):
    __slots__ = ("code_sent", "proof")
    CODE_SENT_FIELD_NUMBER: _ClassVar[int]
    PROOF_FIELD_NUMBER: _ClassVar[int]
    code_sent: CodeSent
    proof: AddressProof
    def __init__(self, code_sent: _Optional[_Union[CodeSent, _Mapping]] = ..., proof: _Optional[_Union[AddressProof, _Mapping]] = ...) -> None: ...

class AddressProof(_message.Message):
    __slots__ = ("email", "expires_at")
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_FIELD_NUMBER: _ClassVar[int]
    email: str
    expires_at: _timestamp_pb2.Timestamp
    def __init__(self, email: _Optional[str] = ..., expires_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
