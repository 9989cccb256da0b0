from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CountResponseRelation(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    COUNT_RESPONSE_RELATION_UNSPECIFIED: _ClassVar[CountResponseRelation]
    COUNT_RESPONSE_RELATION_EQ: _ClassVar[CountResponseRelation]
    COUNT_RESPONSE_RELATION_GTE: _ClassVar[CountResponseRelation]
COUNT_RESPONSE_RELATION_UNSPECIFIED: CountResponseRelation
COUNT_RESPONSE_RELATION_EQ: CountResponseRelation
COUNT_RESPONSE_RELATION_GTE: CountResponseRelation

class CountRequest(_message.Message):
    __slots__ = ("include",)
    INCLUDE_FIELD_NUMBER: _ClassVar[int]
    include: bool
    def __init__(self, include: _Optional[bool] = ...) -> None: ...

class CountResponse(_message.Message):
    __slots__ = ("value", "relation")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    RELATION_FIELD_NUMBER: _ClassVar[int]
    value: int
    relation: CountResponseRelation
    def __init__(self, value: _Optional[int] = ..., relation: _Optional[_Union[CountResponseRelation, str]] = ...) -> None: ...
