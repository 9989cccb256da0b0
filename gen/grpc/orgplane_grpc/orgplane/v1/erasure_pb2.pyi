from ...buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class EraseMemberRequest(_message.Message):
    __slots__ = ("user_id",)
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    def __init__(self, user_id: _Optional[str] = ...) -> None: ...

class EraseMemberResponse(_message.Message):
    __slots__ = ("audit_events", "scim_requests", "sign_ins")
    AUDIT_EVENTS_FIELD_NUMBER: _ClassVar[int]
    SCIM_REQUESTS_FIELD_NUMBER: _ClassVar[int]
    SIGN_INS_FIELD_NUMBER: _ClassVar[int]
    audit_events: int
    scim_requests: int
    sign_ins: int
    def __init__(self, audit_events: _Optional[int] = ..., scim_requests: _Optional[int] = ..., sign_ins: _Optional[int] = ...) -> None: ...
