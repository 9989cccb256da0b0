import datetime

from ...buf.validate import validate_pb2 as _validate_pb2
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

class ResourceOperation(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RESOURCE_OPERATION_UNSPECIFIED: _ClassVar[ResourceOperation]
    RESOURCE_OPERATION_CREATE: _ClassVar[ResourceOperation]
    RESOURCE_OPERATION_UPDATE: _ClassVar[ResourceOperation]
    RESOURCE_OPERATION_DELETE: _ClassVar[ResourceOperation]
    RESOURCE_OPERATION_UPDATE_STATUS: _ClassVar[ResourceOperation]

class AuditLogEntryKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    AUDIT_LOG_ENTRY_KIND_UNSPECIFIED: _ClassVar[AuditLogEntryKind]
    AUDIT_LOG_ENTRY_KIND_AGENT_SECURITY_EXEC_BLOCKED: _ClassVar[AuditLogEntryKind]
    AUDIT_LOG_ENTRY_KIND_AGENT_SECURITY_EXEC_AUDITED: _ClassVar[AuditLogEntryKind]
    AUDIT_LOG_ENTRY_KIND_RESOURCE_CHANGE: _ClassVar[AuditLogEntryKind]
    AUDIT_LOG_ENTRY_KIND_CREDENTIAL_ACCESS: _ClassVar[AuditLogEntryKind]
    AUDIT_LOG_ENTRY_KIND_ENVIRONMENT_VETO: _ClassVar[AuditLogEntryKind]

class ResourceType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RESOURCE_TYPE_UNSPECIFIED: _ClassVar[ResourceType]
    RESOURCE_TYPE_ENVIRONMENT: _ClassVar[ResourceType]
    RESOURCE_TYPE_RUNNER: _ClassVar[ResourceType]
    RESOURCE_TYPE_PROJECT: _ClassVar[ResourceType]
    RESOURCE_TYPE_TASK: _ClassVar[ResourceType]
    RESOURCE_TYPE_TASK_EXECUTION: _ClassVar[ResourceType]
    RESOURCE_TYPE_SERVICE: _ClassVar[ResourceType]
    RESOURCE_TYPE_ORGANIZATION: _ClassVar[ResourceType]
    RESOURCE_TYPE_USER: _ClassVar[ResourceType]
    RESOURCE_TYPE_ENVIRONMENT_CLASS: _ClassVar[ResourceType]
    RESOURCE_TYPE_RUNNER_SCM_INTEGRATION: _ClassVar[ResourceType]
    RESOURCE_TYPE_HOST_AUTHENTICATION_TOKEN: _ClassVar[ResourceType]
    RESOURCE_TYPE_GROUP: _ClassVar[ResourceType]
    RESOURCE_TYPE_PERSONAL_ACCESS_TOKEN: _ClassVar[ResourceType]
    RESOURCE_TYPE_USER_PREFERENCE: _ClassVar[ResourceType]
    RESOURCE_TYPE_SERVICE_ACCOUNT: _ClassVar[ResourceType]
    RESOURCE_TYPE_SECRET: _ClassVar[ResourceType]
    RESOURCE_TYPE_SSO_CONFIG: _ClassVar[ResourceType]
    RESOURCE_TYPE_DOMAIN_VERIFICATION: _ClassVar[ResourceType]
    RESOURCE_TYPE_AGENT_EXECUTION: _ClassVar[ResourceType]
    RESOURCE_TYPE_RUNNER_LLM_INTEGRATION: _ClassVar[ResourceType]
    RESOURCE_TYPE_AGENT: _ClassVar[ResourceType]
    RESOURCE_TYPE_ENVIRONMENT_SESSION: _ClassVar[ResourceType]
    RESOURCE_TYPE_USER_SECRET: _ClassVar[ResourceType]
    RESOURCE_TYPE_ORGANIZATION_POLICY: _ClassVar[ResourceType]
    RESOURCE_TYPE_ORGANIZATION_SECRET: _ClassVar[ResourceType]
    RESOURCE_TYPE_PROJECT_ENVIRONMENT_CLASS: _ClassVar[ResourceType]
    RESOURCE_TYPE_BILLING: _ClassVar[ResourceType]
    RESOURCE_TYPE_PROMPT: _ClassVar[ResourceType]
    RESOURCE_TYPE_COUPON: _ClassVar[ResourceType]
    RESOURCE_TYPE_COUPON_REDEMPTION: _ClassVar[ResourceType]
    RESOURCE_TYPE_ACCOUNT: _ClassVar[ResourceType]
    RESOURCE_TYPE_INTEGRATION: _ClassVar[ResourceType]
    RESOURCE_TYPE_WORKFLOW: _ClassVar[ResourceType]
    RESOURCE_TYPE_WORKFLOW_EXECUTION: _ClassVar[ResourceType]
    RESOURCE_TYPE_WORKFLOW_EXECUTION_ACTION: _ClassVar[ResourceType]
    RESOURCE_TYPE_SNAPSHOT: _ClassVar[ResourceType]
    RESOURCE_TYPE_PREBUILD: _ClassVar[ResourceType]
    RESOURCE_TYPE_ORGANIZATION_LLM_INTEGRATION: _ClassVar[ResourceType]
    RESOURCE_TYPE_CUSTOM_DOMAIN: _ClassVar[ResourceType]
    RESOURCE_TYPE_ROLE_ASSIGNMENT_CHANGED: _ClassVar[ResourceType]
    RESOURCE_TYPE_GROUP_MEMBERSHIP_CHANGED: _ClassVar[ResourceType]
    RESOURCE_TYPE_WEBHOOK: _ClassVar[ResourceType]
    RESOURCE_TYPE_SCIM_CONFIGURATION: _ClassVar[ResourceType]
    RESOURCE_TYPE_SERVICE_ACCOUNT_SECRET: _ClassVar[ResourceType]
    RESOURCE_TYPE_ANNOUNCEMENT_BANNER: _ClassVar[ResourceType]
    RESOURCE_TYPE_SERVICE_ACCOUNT_TOKEN: _ClassVar[ResourceType]
    RESOURCE_TYPE_ROLE_ASSIGNMENT: _ClassVar[ResourceType]
    RESOURCE_TYPE_WARM_POOL: _ClassVar[ResourceType]
    RESOURCE_TYPE_NOTIFICATION: _ClassVar[ResourceType]
    RESOURCE_TYPE_SECURITY_POLICY: _ClassVar[ResourceType]
RESOURCE_OPERATION_UNSPECIFIED: ResourceOperation
RESOURCE_OPERATION_CREATE: ResourceOperation
RESOURCE_OPERATION_UPDATE: ResourceOperation
RESOURCE_OPERATION_DELETE: ResourceOperation
RESOURCE_OPERATION_UPDATE_STATUS: ResourceOperation
AUDIT_LOG_ENTRY_KIND_UNSPECIFIED: AuditLogEntryKind
AUDIT_LOG_ENTRY_KIND_AGENT_SECURITY_EXEC_BLOCKED: AuditLogEntryKind
AUDIT_LOG_ENTRY_KIND_AGENT_SECURITY_EXEC_AUDITED: AuditLogEntryKind
AUDIT_LOG_ENTRY_KIND_RESOURCE_CHANGE: AuditLogEntryKind
AUDIT_LOG_ENTRY_KIND_CREDENTIAL_ACCESS: AuditLogEntryKind
AUDIT_LOG_ENTRY_KIND_ENVIRONMENT_VETO: AuditLogEntryKind
RESOURCE_TYPE_UNSPECIFIED: ResourceType
RESOURCE_TYPE_ENVIRONMENT: ResourceType
RESOURCE_TYPE_RUNNER: ResourceType
RESOURCE_TYPE_PROJECT: ResourceType
RESOURCE_TYPE_TASK: ResourceType
RESOURCE_TYPE_TASK_EXECUTION: ResourceType
RESOURCE_TYPE_SERVICE: ResourceType
RESOURCE_TYPE_ORGANIZATION: ResourceType
RESOURCE_TYPE_USER: ResourceType
RESOURCE_TYPE_ENVIRONMENT_CLASS: ResourceType
RESOURCE_TYPE_RUNNER_SCM_INTEGRATION: ResourceType
RESOURCE_TYPE_HOST_AUTHENTICATION_TOKEN: ResourceType
RESOURCE_TYPE_GROUP: ResourceType
RESOURCE_TYPE_PERSONAL_ACCESS_TOKEN: ResourceType
RESOURCE_TYPE_USER_PREFERENCE: ResourceType
RESOURCE_TYPE_SERVICE_ACCOUNT: ResourceType
RESOURCE_TYPE_SECRET: ResourceType
RESOURCE_TYPE_SSO_CONFIG: ResourceType
RESOURCE_TYPE_DOMAIN_VERIFICATION: ResourceType
RESOURCE_TYPE_AGENT_EXECUTION: ResourceType
RESOURCE_TYPE_RUNNER_LLM_INTEGRATION: ResourceType
RESOURCE_TYPE_AGENT: ResourceType
RESOURCE_TYPE_ENVIRONMENT_SESSION: ResourceType
RESOURCE_TYPE_USER_SECRET: ResourceType
RESOURCE_TYPE_ORGANIZATION_POLICY: ResourceType
RESOURCE_TYPE_ORGANIZATION_SECRET: ResourceType
RESOURCE_TYPE_PROJECT_ENVIRONMENT_CLASS: ResourceType
RESOURCE_TYPE_BILLING: ResourceType
RESOURCE_TYPE_PROMPT: ResourceType
RESOURCE_TYPE_COUPON: ResourceType
RESOURCE_TYPE_COUPON_REDEMPTION: ResourceType
RESOURCE_TYPE_ACCOUNT: ResourceType
RESOURCE_TYPE_INTEGRATION: ResourceType
RESOURCE_TYPE_WORKFLOW: ResourceType
RESOURCE_TYPE_WORKFLOW_EXECUTION: ResourceType
RESOURCE_TYPE_WORKFLOW_EXECUTION_ACTION: ResourceType
RESOURCE_TYPE_SNAPSHOT: ResourceType
RESOURCE_TYPE_PREBUILD: ResourceType
RESOURCE_TYPE_ORGANIZATION_LLM_INTEGRATION: ResourceType
RESOURCE_TYPE_CUSTOM_DOMAIN: ResourceType
RESOURCE_TYPE_ROLE_ASSIGNMENT_CHANGED: ResourceType
RESOURCE_TYPE_GROUP_MEMBERSHIP_CHANGED: ResourceType
RESOURCE_TYPE_WEBHOOK: ResourceType
RESOURCE_TYPE_SCIM_CONFIGURATION: ResourceType
RESOURCE_TYPE_SERVICE_ACCOUNT_SECRET: ResourceType
RESOURCE_TYPE_ANNOUNCEMENT_BANNER: ResourceType
RESOURCE_TYPE_SERVICE_ACCOUNT_TOKEN: ResourceType
RESOURCE_TYPE_ROLE_ASSIGNMENT: ResourceType
RESOURCE_TYPE_WARM_POOL: ResourceType
RESOURCE_TYPE_NOTIFICATION: ResourceType
RESOURCE_TYPE_SECURITY_POLICY: ResourceType

class WatchEventsRequest(_message.Message):
    __slots__ = ("organization", "environment_id", "resource_type_filters")
    class ResourceTypeFilter(_message.Message):
        __slots__ = ("resource_type", "resource_ids", "creator_ids")
        RESOURCE_TYPE_FIELD_NUMBER: _ClassVar[int]
        RESOURCE_IDS_FIELD_NUMBER: _ClassVar[int]
        CREATOR_IDS_FIELD_NUMBER: _ClassVar[int]
        resource_type: ResourceType
        resource_ids: _containers.RepeatedScalarFieldContainer[str]
        creator_ids: _containers.RepeatedScalarFieldContainer[str]
        def __init__(self, resource_type: _Optional[_Union[ResourceType, str]] = ..., resource_ids: _Optional[_Iterable[str]] = ..., creator_ids: _Optional[_Iterable[str]] = ...) -> None: ...
    ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    ENVIRONMENT_ID_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_TYPE_FILTERS_FIELD_NUMBER: _ClassVar[int]
    organization: bool
    environment_id: str
    resource_type_filters: _containers.RepeatedCompositeFieldContainer[WatchEventsRequest.ResourceTypeFilter]
    def __init__(self, organization: _Optional[bool] = ..., environment_id: _Optional[str] = ..., resource_type_filters: _Optional[_Iterable[_Union[WatchEventsRequest.ResourceTypeFilter, _Mapping]]] = ...) -> None: ...

class WatchEventsResponse(_message.Message):
    __slots__ = ("operation", "resource_type", "resource_id")
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_TYPE_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    operation: ResourceOperation
    resource_type: ResourceType
    resource_id: str
    def __init__(self, operation: _Optional[_Union[ResourceOperation, str]] = ..., resource_type: _Optional[_Union[ResourceType, str]] = ..., resource_id: _Optional[str] = ...) -> None: ...

class ListAuditLogsRequest(_message.Message):
    __slots__ = ("pagination", "filter", "sort")
    class Filter(_message.Message):
        __slots__ = ("actor_ids", "actor_principals", "subject_ids", "subject_types", "to")
        ACTOR_IDS_FIELD_NUMBER: _ClassVar[int]
        ACTOR_PRINCIPALS_FIELD_NUMBER: _ClassVar[int]
        SUBJECT_IDS_FIELD_NUMBER: _ClassVar[int]
        SUBJECT_TYPES_FIELD_NUMBER: _ClassVar[int]
        FROM_FIELD_NUMBER: _ClassVar[int]
        TO_FIELD_NUMBER: _ClassVar[int]
        actor_ids: _containers.RepeatedScalarFieldContainer[str]
        actor_principals: _containers.RepeatedScalarFieldContainer[_identity_pb2.Principal]
        subject_ids: _containers.RepeatedScalarFieldContainer[str]
        subject_types: _containers.RepeatedScalarFieldContainer[ResourceType]
        to: _timestamp_pb2.Timestamp
        def __init__(self, actor_ids: _Optional[_Iterable[str]] = ..., actor_principals: _Optional[_Iterable[_Union[_identity_pb2.Principal, str]]] = ..., subject_ids: _Optional[_Iterable[str]] = ..., subject_types: _Optional[_Iterable[_Union[ResourceType, str]]] = ..., to: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., **kwargs) -> None: ...
    PAGINATION_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    SORT_FIELD_NUMBER: _ClassVar[int]
    pagination: _pagination_pb2.PaginationRequest
    filter: ListAuditLogsRequest.Filter
    sort: _pagination_pb2.Sort
    def __init__(self, pagination: _Optional[_Union[_pagination_pb2.PaginationRequest, _Mapping]] = ..., filter: _Optional[_Union[ListAuditLogsRequest.Filter, _Mapping]] = ..., sort: _Optional[_Union[_pagination_pb2.Sort, _Mapping]] = ...) -> None: ...

class ListAuditLogsResponse(_message.Message):
    __slots__ = ("entries", "pagination")
    class AuditLogEntry(_message.Message):
        __slots__ = ("id", "actor_id", "actor_principal", "subject_id", "subject_type", "action", "created_at", "kind")
        ID_FIELD_NUMBER: _ClassVar[int]
        ACTOR_ID_FIELD_NUMBER: _ClassVar[int]
        ACTOR_PRINCIPAL_FIELD_NUMBER: _ClassVar[int]
        SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
        SUBJECT_TYPE_FIELD_NUMBER: _ClassVar[int]
        ACTION_FIELD_NUMBER: _ClassVar[int]
        CREATED_AT_FIELD_NUMBER: _ClassVar[int]
        KIND_FIELD_NUMBER: _ClassVar[int]
        id: str
        actor_id: str
        actor_principal: _identity_pb2.Principal
        subject_id: str
        subject_type: ResourceType
        action: str
        created_at: _timestamp_pb2.Timestamp
        kind: AuditLogEntryKind
        def __init__(self, id: _Optional[str] = ..., actor_id: _Optional[str] = ..., actor_principal: _Optional[_Union[_identity_pb2.Principal, str]] = ..., subject_id: _Optional[str] = ..., subject_type: _Optional[_Union[ResourceType, str]] = ..., action: _Optional[str] = ..., created_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., kind: _Optional[_Union[AuditLogEntryKind, str]] = ...) -> None: ...
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    PAGINATION_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[ListAuditLogsResponse.AuditLogEntry]
    pagination: _pagination_pb2.PaginationResponse
    def __init__(self, entries: _Optional[_Iterable[_Union[ListAuditLogsResponse.AuditLogEntry, _Mapping]]] = ..., pagination: _Optional[_Union[_pagination_pb2.PaginationResponse, _Mapping]] = ...) -> None: ...

class GetAuditLogRequest(_message.Message):
    __slots__ = ("audit_log_entry_id",)
    AUDIT_LOG_ENTRY_ID_FIELD_NUMBER: _ClassVar[int]
    audit_log_entry_id: str
    def __init__(self, audit_log_entry_id: _Optional[str] = ...) -> None: ...

class GetAuditLogResponse(_message.Message):
    __slots__ = ("entry", "details")
    ENTRY_FIELD_NUMBER: _ClassVar[int]
    DETAILS_FIELD_NUMBER: _ClassVar[int]
    entry: ListAuditLogsResponse.AuditLogEntry
    details: AuditLogEntryDetails
    def __init__(self, entry: _Optional[_Union[ListAuditLogsResponse.AuditLogEntry, _Mapping]] = ..., details: _Optional[_Union[AuditLogEntryDetails, _Mapping]] = ...) -> None: ...

class AuditLogEntryDetails(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
