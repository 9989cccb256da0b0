import datetime

from ...buf.validate import validate_pb2 as _validate_pb2
from ...gitpod.v1 import event_pb2 as _event_pb2
from ...gitpod.v1 import identity_pb2 as _identity_pb2
from ...gitpod.v1 import pagination_pb2 as _pagination_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ResourceRole(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RESOURCE_ROLE_UNSPECIFIED: _ClassVar[ResourceRole]
    RESOURCE_ROLE_ORG_ADMIN: _ClassVar[ResourceRole]
    RESOURCE_ROLE_ORG_MEMBER: _ClassVar[ResourceRole]
    RESOURCE_ROLE_ORG_RUNNERS_ADMIN: _ClassVar[ResourceRole]
    RESOURCE_ROLE_ORG_PROJECTS_ADMIN: _ClassVar[ResourceRole]
    RESOURCE_ROLE_ORG_AUTOMATIONS_ADMIN: _ClassVar[ResourceRole]
    RESOURCE_ROLE_ORG_GROUPS_ADMIN: _ClassVar[ResourceRole]
    RESOURCE_ROLE_ORG_ENVIRONMENTS_READER: _ClassVar[ResourceRole]
    RESOURCE_ROLE_ORG_AUDIT_LOG_READER: _ClassVar[ResourceRole]
    RESOURCE_ROLE_ORG_BILLING_VIEWER: _ClassVar[ResourceRole]
    RESOURCE_ROLE_ORG_INSIGHTS_VIEWER: _ClassVar[ResourceRole]
    RESOURCE_ROLE_ORG_SECURITY_ADMIN: _ClassVar[ResourceRole]
    RESOURCE_ROLE_GROUP_ADMIN: _ClassVar[ResourceRole]
    RESOURCE_ROLE_GROUP_VIEWER: _ClassVar[ResourceRole]
    RESOURCE_ROLE_USER_IDENTITY: _ClassVar[ResourceRole]
    RESOURCE_ROLE_USER_VIEWER: _ClassVar[ResourceRole]
    RESOURCE_ROLE_USER_ADMIN: _ClassVar[ResourceRole]
    RESOURCE_ROLE_ENVIRONMENT_IDENTITY: _ClassVar[ResourceRole]
    RESOURCE_ROLE_ENVIRONMENT_ADMIN: _ClassVar[ResourceRole]
    RESOURCE_ROLE_ENVIRONMENT_USER: _ClassVar[ResourceRole]
    RESOURCE_ROLE_ENVIRONMENT_VIEWER: _ClassVar[ResourceRole]
    RESOURCE_ROLE_ENVIRONMENT_RUNNER: _ClassVar[ResourceRole]
    RESOURCE_ROLE_RUNNER_IDENTITY: _ClassVar[ResourceRole]
    RESOURCE_ROLE_RUNNER_ADMIN: _ClassVar[ResourceRole]
    RESOURCE_ROLE_RUNNER_LOCAL_ADMIN: _ClassVar[ResourceRole]
    RESOURCE_ROLE_RUNNER_MANAGED_ADMIN: _ClassVar[ResourceRole]
    RESOURCE_ROLE_RUNNER_USER: _ClassVar[ResourceRole]
    RESOURCE_ROLE_RUNNER_CONFIGURATION_READER: _ClassVar[ResourceRole]
    RESOURCE_ROLE_HOST_AUTHENTICATION_TOKEN_ADMIN: _ClassVar[ResourceRole]
    RESOURCE_ROLE_HOST_AUTHENTICATION_TOKEN_UPDATER: _ClassVar[ResourceRole]
    RESOURCE_ROLE_PROJECT_ADMIN: _ClassVar[ResourceRole]
    RESOURCE_ROLE_PROJECT_USER: _ClassVar[ResourceRole]
    RESOURCE_ROLE_PROJECT_EDITOR: _ClassVar[ResourceRole]
    RESOURCE_ROLE_ENVIRONMENT_SERVICE_ADMIN: _ClassVar[ResourceRole]
    RESOURCE_ROLE_ENVIRONMENT_SERVICE_VIEWER: _ClassVar[ResourceRole]
    RESOURCE_ROLE_ENVIRONMENT_SERVICE_USER: _ClassVar[ResourceRole]
    RESOURCE_ROLE_ENVIRONMENT_SERVICE_ENV: _ClassVar[ResourceRole]
    RESOURCE_ROLE_ENVIRONMENT_TASK_ADMIN: _ClassVar[ResourceRole]
    RESOURCE_ROLE_ENVIRONMENT_TASK_VIEWER: _ClassVar[ResourceRole]
    RESOURCE_ROLE_ENVIRONMENT_TASK_USER: _ClassVar[ResourceRole]
    RESOURCE_ROLE_ENVIRONMENT_TASK_ENV: _ClassVar[ResourceRole]
    RESOURCE_ROLE_SERVICE_ACCOUNT_IDENTITY: _ClassVar[ResourceRole]
    RESOURCE_ROLE_SERVICE_ACCOUNT_ADMIN: _ClassVar[ResourceRole]
    RESOURCE_ROLE_AGENT_EXECUTION_USER: _ClassVar[ResourceRole]
    RESOURCE_ROLE_AGENT_EXECUTION_ADMIN: _ClassVar[ResourceRole]
    RESOURCE_ROLE_AGENT_EXECUTION_RUNNER: _ClassVar[ResourceRole]
    RESOURCE_ROLE_AGENT_EXECUTION_OUTPUTS_REPORTER: _ClassVar[ResourceRole]
    RESOURCE_ROLE_AGENT_EXECUTION_VIEWER: _ClassVar[ResourceRole]
    RESOURCE_ROLE_AGENT_ADMIN: _ClassVar[ResourceRole]
    RESOURCE_ROLE_AGENT_VIEWER: _ClassVar[ResourceRole]
    RESOURCE_ROLE_AGENT_EXECUTOR: _ClassVar[ResourceRole]
    RESOURCE_ROLE_WORKFLOW_ADMIN: _ClassVar[ResourceRole]
    RESOURCE_ROLE_WORKFLOW_USER: _ClassVar[ResourceRole]
    RESOURCE_ROLE_WORKFLOW_VIEWER: _ClassVar[ResourceRole]
    RESOURCE_ROLE_WORKFLOW_EXECUTOR: _ClassVar[ResourceRole]
    RESOURCE_ROLE_SNAPSHOT_ADMIN: _ClassVar[ResourceRole]
    RESOURCE_ROLE_SNAPSHOT_RUNNER: _ClassVar[ResourceRole]
    RESOURCE_ROLE_WEBHOOK_ADMIN: _ClassVar[ResourceRole]
    RESOURCE_ROLE_WEBHOOK_VIEWER: _ClassVar[ResourceRole]
    RESOURCE_ROLE_WARMPOOL_RUNNER: _ClassVar[ResourceRole]
    RESOURCE_ROLE_WARMPOOL_ADMIN: _ClassVar[ResourceRole]
    RESOURCE_ROLE_WARMPOOL_VIEWER: _ClassVar[ResourceRole]
    RESOURCE_ROLE_SESSION_ADMIN: _ClassVar[ResourceRole]
    RESOURCE_ROLE_SESSION_USER: _ClassVar[ResourceRole]
    RESOURCE_ROLE_TEAM_ADMIN: _ClassVar[ResourceRole]
    RESOURCE_ROLE_TEAM_VIEWER: _ClassVar[ResourceRole]
    RESOURCE_ROLE_SECURITY_POLICY_ADMIN: _ClassVar[ResourceRole]
    RESOURCE_ROLE_SECURITY_POLICY_VIEWER: _ClassVar[ResourceRole]
RESOURCE_ROLE_UNSPECIFIED: ResourceRole
RESOURCE_ROLE_ORG_ADMIN: ResourceRole
RESOURCE_ROLE_ORG_MEMBER: ResourceRole
RESOURCE_ROLE_ORG_RUNNERS_ADMIN: ResourceRole
RESOURCE_ROLE_ORG_PROJECTS_ADMIN: ResourceRole
RESOURCE_ROLE_ORG_AUTOMATIONS_ADMIN: ResourceRole
RESOURCE_ROLE_ORG_GROUPS_ADMIN: ResourceRole
RESOURCE_ROLE_ORG_ENVIRONMENTS_READER: ResourceRole
RESOURCE_ROLE_ORG_AUDIT_LOG_READER: ResourceRole
RESOURCE_ROLE_ORG_BILLING_VIEWER: ResourceRole
RESOURCE_ROLE_ORG_INSIGHTS_VIEWER: ResourceRole
RESOURCE_ROLE_ORG_SECURITY_ADMIN: ResourceRole
RESOURCE_ROLE_GROUP_ADMIN: ResourceRole
RESOURCE_ROLE_GROUP_VIEWER: ResourceRole
RESOURCE_ROLE_USER_IDENTITY: ResourceRole
RESOURCE_ROLE_USER_VIEWER: ResourceRole
RESOURCE_ROLE_USER_ADMIN: ResourceRole
RESOURCE_ROLE_ENVIRONMENT_IDENTITY: ResourceRole
RESOURCE_ROLE_ENVIRONMENT_ADMIN: ResourceRole
RESOURCE_ROLE_ENVIRONMENT_USER: ResourceRole
RESOURCE_ROLE_ENVIRONMENT_VIEWER: ResourceRole
RESOURCE_ROLE_ENVIRONMENT_RUNNER: ResourceRole
RESOURCE_ROLE_RUNNER_IDENTITY: ResourceRole
RESOURCE_ROLE_RUNNER_ADMIN: ResourceRole
RESOURCE_ROLE_RUNNER_LOCAL_ADMIN: ResourceRole
RESOURCE_ROLE_RUNNER_MANAGED_ADMIN: ResourceRole
RESOURCE_ROLE_RUNNER_USER: ResourceRole
RESOURCE_ROLE_RUNNER_CONFIGURATION_READER: ResourceRole
RESOURCE_ROLE_HOST_AUTHENTICATION_TOKEN_ADMIN: ResourceRole
RESOURCE_ROLE_HOST_AUTHENTICATION_TOKEN_UPDATER: ResourceRole
RESOURCE_ROLE_PROJECT_ADMIN: ResourceRole
RESOURCE_ROLE_PROJECT_USER: ResourceRole
RESOURCE_ROLE_PROJECT_EDITOR: ResourceRole
RESOURCE_ROLE_ENVIRONMENT_SERVICE_ADMIN: ResourceRole
RESOURCE_ROLE_ENVIRONMENT_SERVICE_VIEWER: ResourceRole
RESOURCE_ROLE_ENVIRONMENT_SERVICE_USER: ResourceRole
RESOURCE_ROLE_ENVIRONMENT_SERVICE_ENV: ResourceRole
RESOURCE_ROLE_ENVIRONMENT_TASK_ADMIN: ResourceRole
RESOURCE_ROLE_ENVIRONMENT_TASK_VIEWER: ResourceRole
RESOURCE_ROLE_ENVIRONMENT_TASK_USER: ResourceRole
RESOURCE_ROLE_ENVIRONMENT_TASK_ENV: ResourceRole
RESOURCE_ROLE_SERVICE_ACCOUNT_IDENTITY: ResourceRole
RESOURCE_ROLE_SERVICE_ACCOUNT_ADMIN: ResourceRole
RESOURCE_ROLE_AGENT_EXECUTION_USER: ResourceRole
RESOURCE_ROLE_AGENT_EXECUTION_ADMIN: ResourceRole
RESOURCE_ROLE_AGENT_EXECUTION_RUNNER: ResourceRole
RESOURCE_ROLE_AGENT_EXECUTION_OUTPUTS_REPORTER: ResourceRole
RESOURCE_ROLE_AGENT_EXECUTION_VIEWER: ResourceRole
RESOURCE_ROLE_AGENT_ADMIN: ResourceRole
RESOURCE_ROLE_AGENT_VIEWER: ResourceRole
RESOURCE_ROLE_AGENT_EXECUTOR: ResourceRole
RESOURCE_ROLE_WORKFLOW_ADMIN: ResourceRole
RESOURCE_ROLE_WORKFLOW_USER: ResourceRole
RESOURCE_ROLE_WORKFLOW_VIEWER: ResourceRole
RESOURCE_ROLE_WORKFLOW_EXECUTOR: ResourceRole
RESOURCE_ROLE_SNAPSHOT_ADMIN: ResourceRole
RESOURCE_ROLE_SNAPSHOT_RUNNER: ResourceRole
RESOURCE_ROLE_WEBHOOK_ADMIN: ResourceRole
RESOURCE_ROLE_WEBHOOK_VIEWER: ResourceRole
RESOURCE_ROLE_WARMPOOL_RUNNER: ResourceRole
RESOURCE_ROLE_WARMPOOL_ADMIN: ResourceRole
RESOURCE_ROLE_WARMPOOL_VIEWER: ResourceRole
RESOURCE_ROLE_SESSION_ADMIN: ResourceRole
RESOURCE_ROLE_SESSION_USER: ResourceRole
RESOURCE_ROLE_TEAM_ADMIN: ResourceRole
RESOURCE_ROLE_TEAM_VIEWER: ResourceRole
RESOURCE_ROLE_SECURITY_POLICY_ADMIN: ResourceRole
RESOURCE_ROLE_SECURITY_POLICY_VIEWER: ResourceRole

class Group(_message.Message):
    __slots__ = ("id", "organization_id", "name", "system_managed", "created_at", "updated_at", "description", "member_count", "direct_share")
    ID_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    SYSTEM_MANAGED_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    UPDATED_AT_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    MEMBER_COUNT_FIELD_NUMBER: _ClassVar[int]
    DIRECT_SHARE_FIELD_NUMBER: _ClassVar[int]
    id: str
    organization_id: str
    name: str
    system_managed: bool
    created_at: _timestamp_pb2.Timestamp
    updated_at: _timestamp_pb2.Timestamp
    description: str
    member_count: int
    direct_share: bool
    def __init__(self, id: _Optional[str] = ..., organization_id: _Optional[str] = ..., name: _Optional[str] = ..., system_managed: _Optional[bool] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., updated_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., description: _Optional[str] = ..., member_count: _Optional[int] = ..., direct_share: _Optional[bool] = ...) -> None: ...

class GroupMembership(_message.Message):
    __slots__ = ("id", "subject", "group_id", "name", "avatar_url")
    ID_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    AVATAR_URL_FIELD_NUMBER: _ClassVar[int]
    id: str
    subject: _identity_pb2.Subject
    group_id: str
    name: str
    avatar_url: str
    def __init__(self, id: _Optional[str] = ..., subject: _Optional[_Union[_identity_pb2.Subject, _Mapping]] = ..., group_id: _Optional[str] = ..., name: _Optional[str] = ..., avatar_url: _Optional[str] = ...) -> None: ...

class RoleAssignment(_message.Message):
    __slots__ = ("id", "group_id", "organization_id", "resource_id", "resource_type", "resource_role", "derived_from_org_role")
    ID_FIELD_NUMBER: _ClassVar[int]
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_TYPE_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_ROLE_FIELD_NUMBER: _ClassVar[int]
    DERIVED_FROM_ORG_ROLE_FIELD_NUMBER: _ClassVar[int]
    id: str
    group_id: str
    organization_id: str
    resource_id: str
    resource_type: _event_pb2.ResourceType
    resource_role: ResourceRole
    derived_from_org_role: ResourceRole
    def __init__(self, id: _Optional[str] = ..., group_id: _Optional[str] = ..., organization_id: _Optional[str] = ..., resource_id: _Optional[str] = ..., resource_type: _Optional[_Union[_event_pb2.ResourceType, str]] = ..., resource_role: _Optional[_Union[ResourceRole, str]] = ..., derived_from_org_role: _Optional[_Union[ResourceRole, str]] = ...) -> None: ...

class CreateGroupRequest(_message.Message):
    __slots__ = ("organization_id", "name", "description")
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    organization_id: str
    name: str
    description: str
    def __init__(self, organization_id: _Optional[str] = ..., name: _Optional[str] = ..., description: _Optional[str] = ...) -> None: ...

class CreateGroupResponse(_message.Message):
    __slots__ = ("group",)
    GROUP_FIELD_NUMBER: _ClassVar[int]
    group: Group
    def __init__(self, group: _Optional[_Union[Group, _Mapping]] = ...) -> None: ...

class GetGroupRequest(_message.Message):
    __slots__ = ("group_id", "id", "name")
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    group_id: str
    id: str
    name: str
    def __init__(self, group_id: _Optional[str] = ..., id: _Optional[str] = ..., name: _Optional[str] = ...) -> None: ...

class GetGroupResponse(_message.Message):
    __slots__ = ("group",)
    GROUP_FIELD_NUMBER: _ClassVar[int]
    group: Group
    def __init__(self, group: _Optional[_Union[Group, _Mapping]] = ...) -> None: ...

class ListGroupsRequest(_message.Message):
    __slots__ = ("pagination", "filter")
    class Filter(_message.Message):
        __slots__ = ("search", "group_ids", "system_managed", "direct_share", "exclude_assigned_to_resource")
        class ExcludeAssignedToResource(_message.Message):
            __slots__ = ("resource_type", "resource_id")
            RESOURCE_TYPE_FIELD_NUMBER: _ClassVar[int]
            RESOURCE_ID_FIELD_NUMBER: _ClassVar[int]
            resource_type: _event_pb2.ResourceType
            resource_id: str
            def __init__(self, resource_type: _Optional[_Union[_event_pb2.ResourceType, str]] = ..., resource_id: _Optional[str] = ...) -> None: ...
        SEARCH_FIELD_NUMBER: _ClassVar[int]
        GROUP_IDS_FIELD_NUMBER: _ClassVar[int]
        SYSTEM_MANAGED_FIELD_NUMBER: _ClassVar[int]
        DIRECT_SHARE_FIELD_NUMBER: _ClassVar[int]
        EXCLUDE_ASSIGNED_TO_RESOURCE_FIELD_NUMBER: _ClassVar[int]
        search: str
        group_ids: _containers.RepeatedScalarFieldContainer[str]
        system_managed: bool
        direct_share: bool
        exclude_assigned_to_resource: ListGroupsRequest.Filter.ExcludeAssignedToResource
        def __init__(self, search: _Optional[str] = ..., group_ids: _Optional[_Iterable[str]] = ..., system_managed: _Optional[bool] = ..., direct_share: _Optional[bool] = ..., exclude_assigned_to_resource: _Optional[_Union[ListGroupsRequest.Filter.ExcludeAssignedToResource, _Mapping]] = ...) -> None: ...
    PAGINATION_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    pagination: _pagination_pb2.PaginationRequest
    filter: ListGroupsRequest.Filter
    def __init__(self, pagination: _Optional[_Union[_pagination_pb2.PaginationRequest, _Mapping]] = ..., filter: _Optional[_Union[ListGroupsRequest.Filter, _Mapping]] = ...) -> None: ...

class ListGroupsResponse(_message.Message):
    __slots__ = ("pagination", "groups")
    PAGINATION_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    pagination: _pagination_pb2.PaginationResponse
    groups: _containers.RepeatedCompositeFieldContainer[Group]
    def __init__(self, pagination: _Optional[_Union[_pagination_pb2.PaginationResponse, _Mapping]] = ..., groups: _Optional[_Iterable[_Union[Group, _Mapping]]] = ...) -> None: ...

class UpdateGroupRequest(_message.Message):
    __slots__ = ("group_id", "name", "description")
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    group_id: str
    name: str
    description: str
    def __init__(self, group_id: _Optional[str] = ..., name: _Optional[str] = ..., description: _Optional[str] = ...) -> None: ...

class UpdateGroupResponse(_message.Message):
    __slots__ = ("group",)
    GROUP_FIELD_NUMBER: _ClassVar[int]
    group: Group
    def __init__(self, group: _Optional[_Union[Group, _Mapping]] = ...) -> None: ...

class DeleteGroupRequest(_message.Message):
    __slots__ = ("group_id",)
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    group_id: str
    def __init__(self, group_id: _Optional[str] = ...) -> None: ...

class DeleteGroupResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class CreateMembershipRequest(_message.Message):
    __slots__ = ("group_id", "subject")
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    group_id: str
    subject: _identity_pb2.Subject
    def __init__(self, group_id: _Optional[str] = ..., subject: _Optional[_Union[_identity_pb2.Subject, _Mapping]] = ...) -> None: ...

class CreateMembershipResponse(_message.Message):
    __slots__ = ("member",)
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    member: GroupMembership
    def __init__(self, member: _Optional[_Union[GroupMembership, _Mapping]] = ...) -> None: ...

class DeleteMembershipRequest(_message.Message):
    __slots__ = ("membership_id",)
    MEMBERSHIP_ID_FIELD_NUMBER: _ClassVar[int]
    membership_id: str
    def __init__(self, membership_id: _Optional[str] = ...) -> None: ...

class DeleteMembershipResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetMembershipRequest(_message.Message):
    __slots__ = ("group_id", "subject")
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    group_id: str
    subject: _identity_pb2.Subject
    def __init__(self, group_id: _Optional[str] = ..., subject: _Optional[_Union[_identity_pb2.Subject, _Mapping]] = ...) -> None: ...

class GetMembershipResponse(_message.Message):
    __slots__ = ("member",)
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    member: GroupMembership
    def __init__(self, member: _Optional[_Union[GroupMembership, _Mapping]] = ...) -> None: ...

class ListMembershipsRequest(_message.Message):
    __slots__ = ("pagination", "group_id", "filter")
    class Filter(_message.Message):
        __slots__ = ("search",)
        SEARCH_FIELD_NUMBER: _ClassVar[int]
        search: str
        def __init__(self, search: _Optional[str] = ...) -> None: ...
    PAGINATION_FIELD_NUMBER: _ClassVar[int]
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    pagination: _pagination_pb2.PaginationRequest
    group_id: str
    filter: ListMembershipsRequest.Filter
    def __init__(self, pagination: _Optional[_Union[_pagination_pb2.PaginationRequest, _Mapping]] = ..., group_id: _Optional[str] = ..., filter: _Optional[_Union[ListMembershipsRequest.Filter, _Mapping]] = ...) -> None: ...

class ListMembershipsResponse(_message.Message):
    __slots__ = ("pagination", "members")
    PAGINATION_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    pagination: _pagination_pb2.PaginationResponse
    members: _containers.RepeatedCompositeFieldContainer[GroupMembership]
    def __init__(self, pagination: _Optional[_Union[_pagination_pb2.PaginationResponse, _Mapping]] = ..., members: _Optional[_Iterable[_Union[GroupMembership, _Mapping]]] = ...) -> None: ...

class CreateRoleAssignmentRequest(_message.Message):
    __slots__ = ("group_id", "resource_type", "resource_id", "resource_role")
    GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_TYPE_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_ROLE_FIELD_NUMBER: _ClassVar[int]
    group_id: str
    resource_type: _event_pb2.ResourceType
    resource_id: str
    resource_role: ResourceRole
    def __init__(self, group_id: _Optional[str] = ..., resource_type: _Optional[_Union[_event_pb2.ResourceType, str]] = ..., resource_id: _Optional[str] = ..., resource_role: _Optional[_Union[ResourceRole, str]] = ...) -> None: ...

class CreateRoleAssignmentResponse(_message.Message):
    __slots__ = ("assignment",)
    ASSIGNMENT_FIELD_NUMBER: _ClassVar[int]
    assignment: RoleAssignment
    def __init__(self, assignment: _Optional[_Union[RoleAssignment, _Mapping]] = ...) -> None: ...

class ListRoleAssignmentsRequest(_message.Message):
    __slots__ = ("pagination", "filter")
    class Filter(_message.Message):
        __slots__ = ("resource_types", "resource_roles", "group_id", "user_id", "resource_id", "resource_ids")
        RESOURCE_TYPES_FIELD_NUMBER: _ClassVar[int]
        RESOURCE_ROLES_FIELD_NUMBER: _ClassVar[int]
        GROUP_ID_FIELD_NUMBER: _ClassVar[int]
        USER_ID_FIELD_NUMBER: _ClassVar[int]
        RESOURCE_ID_FIELD_NUMBER: _ClassVar[int]
        RESOURCE_IDS_FIELD_NUMBER: _ClassVar[int]
        resource_types: _containers.RepeatedScalarFieldContainer[_event_pb2.ResourceType]
        resource_roles: _containers.RepeatedScalarFieldContainer[ResourceRole]
        group_id: str
        user_id: str
        resource_id: str
        resource_ids: _containers.RepeatedScalarFieldContainer[str]
        def __init__(self, resource_types: _Optional[_Iterable[_Union[_event_pb2.ResourceType, str]]] = ..., resource_roles: _Optional[_Iterable[_Union[ResourceRole, str]]] = ..., group_id: _Optional[str] = ..., user_id: _Optional[str] = ..., resource_id: _Optional[str] = ..., resource_ids: _Optional[_Iterable[str]] = ...) -> None: ...
    PAGINATION_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    pagination: _pagination_pb2.PaginationRequest
    filter: ListRoleAssignmentsRequest.Filter
    def __init__(self, pagination: _Optional[_Union[_pagination_pb2.PaginationRequest, _Mapping]] = ..., filter: _Optional[_Union[ListRoleAssignmentsRequest.Filter, _Mapping]] = ...) -> None: ...

class ListRoleAssignmentsResponse(_message.Message):
    __slots__ = ("pagination", "assignments")
    PAGINATION_FIELD_NUMBER: _ClassVar[int]
    ASSIGNMENTS_FIELD_NUMBER: _ClassVar[int]
    pagination: _pagination_pb2.PaginationResponse
    assignments: _containers.RepeatedCompositeFieldContainer[RoleAssignment]
    def __init__(self, pagination: _Optional[_Union[_pagination_pb2.PaginationResponse, _Mapping]] = ..., assignments: _Optional[_Iterable[_Union[RoleAssignment, _Mapping]]] = ...) -> None: ...

class DeleteRoleAssignmentRequest(_message.Message):
    __slots__ = ("assignment_id",)
    ASSIGNMENT_ID_FIELD_NUMBER: _ClassVar[int]
    assignment_id: str
    def __init__(self, assignment_id: _Optional[str] = ...) -> None: ...

class DeleteRoleAssignmentResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
