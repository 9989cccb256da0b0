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

class Role(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ROLE_UNSPECIFIED: _ClassVar[Role]
    ROLE_ADMIN: _ClassVar[Role]
    ROLE_MEMBER: _ClassVar[Role]
    ROLE_GROUPS_ADMIN: _ClassVar[Role]
    ROLE_AUDIT_LOG_READER: _ClassVar[Role]
    ROLE_SECURITY_ADMIN: _ClassVar[Role]

class RolePrincipal(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ROLE_PRINCIPAL_UNSPECIFIED: _ClassVar[RolePrincipal]
    ROLE_PRINCIPAL_USER: _ClassVar[RolePrincipal]
    ROLE_PRINCIPAL_GROUP: _ClassVar[RolePrincipal]
    ROLE_PRINCIPAL_SERVICE_ACCOUNT: _ClassVar[RolePrincipal]
ROLE_UNSPECIFIED: Role
ROLE_ADMIN: Role
ROLE_MEMBER: Role
ROLE_GROUPS_ADMIN: Role
ROLE_AUDIT_LOG_READER: Role
ROLE_SECURITY_ADMIN: Role
ROLE_PRINCIPAL_UNSPECIFIED: RolePrincipal
ROLE_PRINCIPAL_USER: RolePrincipal
ROLE_PRINCIPAL_GROUP: RolePrincipal
ROLE_PRINCIPAL_SERVICE_ACCOUNT: RolePrincipal

class AssignedRole(_message.Message):
    __slots__ = ("id", "principal", "principal_id", "principal_name", "role", "created_at")
    ID_FIELD_NUMBER: _ClassVar[int]
    PRINCIPAL_FIELD_NUMBER: _ClassVar[int]
    PRINCIPAL_ID_FIELD_NUMBER: _ClassVar[int]
    PRINCIPAL_NAME_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    id: str
    principal: RolePrincipal
    principal_id: str
    principal_name: str
    role: Role
    created_at: _timestamp_pb2.Timestamp
    def __init__(self, id: _Optional[str] = ..., principal: _Optional[_Union[RolePrincipal, str]] = ..., principal_id: _Optional[str] = ..., principal_name: _Optional[str] = ..., role: _Optional[_Union[Role, str]] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class EffectiveRoles(_message.Message):
    __slots__ = ("user_id", "roles", "own_role", "because_of")
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    ROLES_FIELD_NUMBER: _ClassVar[int]
    OWN_ROLE_FIELD_NUMBER: _ClassVar[int]
    BECAUSE_OF_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    roles: _containers.RepeatedScalarFieldContainer[Role]
    own_role: Role
    because_of: _containers.RepeatedCompositeFieldContainer[AssignedRole]
    def __init__(self, user_id: _Optional[str] = ..., roles: _Optional[_Iterable[_Union[Role, str]]] = ..., own_role: _Optional[_Union[Role, str]] = ..., because_of: _Optional[_Iterable[_Union[AssignedRole, _Mapping]]] = ...) -> None: ...

class AssignRoleRequest(_message.Message):
    __slots__ = ("principal", "principal_id", "role")
    PRINCIPAL_FIELD_NUMBER: _ClassVar[int]
    PRINCIPAL_ID_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    principal: RolePrincipal
    principal_id: str
    role: Role
    def __init__(self, principal: _Optional[_Union[RolePrincipal, str]] = ..., principal_id: _Optional[str] = ..., role: _Optional[_Union[Role, str]] = ...) -> None: ...

class AssignRoleResponse(_message.Message):
    __slots__ = ("assigned_role",)
    ASSIGNED_ROLE_FIELD_NUMBER: _ClassVar[int]
    assigned_role: AssignedRole
    def __init__(self, assigned_role: _Optional[_Union[AssignedRole, _Mapping]] = ...) -> None: ...

class RevokeRoleRequest(_message.Message):
    __slots__ = ("assigned_role_id",)
    ASSIGNED_ROLE_ID_FIELD_NUMBER: _ClassVar[int]
    assigned_role_id: str
    def __init__(self, assigned_role_id: _Optional[str] = ...) -> None: ...

class RevokeRoleResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListAssignedRolesRequest(_message.Message):
    __slots__ = ("pagination", "principal_id")
    PAGINATION_FIELD_NUMBER: _ClassVar[int]
    PRINCIPAL_ID_FIELD_NUMBER: _ClassVar[int]
    pagination: _pagination_pb2.PaginationRequest
    principal_id: str
    def __init__(self, pagination: _Optional[_Union[_pagination_pb2.PaginationRequest, _Mapping]] = ..., principal_id: _Optional[str] = ...) -> None: ...

class ListAssignedRolesResponse(_message.Message):
    __slots__ = ("pagination", "assigned_roles")
    PAGINATION_FIELD_NUMBER: _ClassVar[int]
    ASSIGNED_ROLES_FIELD_NUMBER: _ClassVar[int]
    pagination: _pagination_pb2.PaginationResponse
    assigned_roles: _containers.RepeatedCompositeFieldContainer[AssignedRole]
    def __init__(self, pagination: _Optional[_Union[_pagination_pb2.PaginationResponse, _Mapping]] = ..., assigned_roles: _Optional[_Iterable[_Union[AssignedRole, _Mapping]]] = ...) -> None: ...

class GetEffectiveRolesRequest(_message.Message):
    __slots__ = ("user_id",)
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    user_id: str
    def __init__(self, user_id: _Optional[str] = ...) -> None: ...

class GetEffectiveRolesResponse(_message.Message):
    __slots__ = ("effective_roles",)
    EFFECTIVE_ROLES_FIELD_NUMBER: _ClassVar[int]
    effective_roles: EffectiveRoles
    def __init__(self, effective_roles: _Optional[_Union[EffectiveRoles, _Mapping]] = ...) -> None: ...
