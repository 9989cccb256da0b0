import datetime

from ...buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ConversationSharingPolicy(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONVERSATION_SHARING_POLICY_UNSPECIFIED: _ClassVar[ConversationSharingPolicy]
    CONVERSATION_SHARING_POLICY_DISABLED: _ClassVar[ConversationSharingPolicy]
    CONVERSATION_SHARING_POLICY_ORGANIZATION: _ClassVar[ConversationSharingPolicy]

class CodexModelPolicyState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CODEX_MODEL_POLICY_STATE_UNSPECIFIED: _ClassVar[CodexModelPolicyState]
    CODEX_MODEL_POLICY_STATE_ALLOWED: _ClassVar[CodexModelPolicyState]
    CODEX_MODEL_POLICY_STATE_DISABLED: _ClassVar[CodexModelPolicyState]
CONVERSATION_SHARING_POLICY_UNSPECIFIED: ConversationSharingPolicy
CONVERSATION_SHARING_POLICY_DISABLED: ConversationSharingPolicy
CONVERSATION_SHARING_POLICY_ORGANIZATION: ConversationSharingPolicy
CODEX_MODEL_POLICY_STATE_UNSPECIFIED: CodexModelPolicyState
CODEX_MODEL_POLICY_STATE_ALLOWED: CodexModelPolicyState
CODEX_MODEL_POLICY_STATE_DISABLED: CodexModelPolicyState

class OrganizationPolicies(_message.Message):
    __slots__ = ("organization_id", "maximum_environment_timeout", "members_require_projects", "members_create_projects", "allowed_editor_ids", "default_editor_id", "allow_local_runners", "maximum_running_environments_per_user", "maximum_environments_per_user", "default_environment_image", "port_sharing_disabled", "delete_archived_environments_after", "agent_policy", "maximum_environment_lifetime", "require_custom_domain_access", "editor_version_restrictions", "security_agent_policy", "restrict_account_creation_to_scim", "veto_exec_policy", "maximum_environment_lifetime_strict", "web_browser_disabled", "disable_from_scratch", "veto_file_policy", "security_policy_id", "archive_environments_after")
    class EditorVersionRestrictionsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: EditorVersionPolicy
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[EditorVersionPolicy, _Mapping]] = ...) -> None: ...
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    MAXIMUM_ENVIRONMENT_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_REQUIRE_PROJECTS_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_CREATE_PROJECTS_FIELD_NUMBER: _ClassVar[int]
    ALLOWED_EDITOR_IDS_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_EDITOR_ID_FIELD_NUMBER: _ClassVar[int]
    ALLOW_LOCAL_RUNNERS_FIELD_NUMBER: _ClassVar[int]
    MAXIMUM_RUNNING_ENVIRONMENTS_PER_USER_FIELD_NUMBER: _ClassVar[int]
    MAXIMUM_ENVIRONMENTS_PER_USER_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_ENVIRONMENT_IMAGE_FIELD_NUMBER: _ClassVar[int]
    PORT_SHARING_DISABLED_FIELD_NUMBER: _ClassVar[int]
    DELETE_ARCHIVED_ENVIRONMENTS_AFTER_FIELD_NUMBER: _ClassVar[int]
    AGENT_POLICY_FIELD_NUMBER: _ClassVar[int]
    MAXIMUM_ENVIRONMENT_LIFETIME_FIELD_NUMBER: _ClassVar[int]
    REQUIRE_CUSTOM_DOMAIN_ACCESS_FIELD_NUMBER: _ClassVar[int]
    EDITOR_VERSION_RESTRICTIONS_FIELD_NUMBER: _ClassVar[int]
    SECURITY_AGENT_POLICY_FIELD_NUMBER: _ClassVar[int]
    RESTRICT_ACCOUNT_CREATION_TO_SCIM_FIELD_NUMBER: _ClassVar[int]
    VETO_EXEC_POLICY_FIELD_NUMBER: _ClassVar[int]
    MAXIMUM_ENVIRONMENT_LIFETIME_STRICT_FIELD_NUMBER: _ClassVar[int]
    WEB_BROWSER_DISABLED_FIELD_NUMBER: _ClassVar[int]
    DISABLE_FROM_SCRATCH_FIELD_NUMBER: _ClassVar[int]
    VETO_FILE_POLICY_FIELD_NUMBER: _ClassVar[int]
    SECURITY_POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    ARCHIVE_ENVIRONMENTS_AFTER_FIELD_NUMBER: _ClassVar[int]
    organization_id: str
    maximum_environment_timeout: _duration_pb2.Duration
    members_require_projects: bool
    members_create_projects: bool
    allowed_editor_ids: _containers.RepeatedScalarFieldContainer[str]
    default_editor_id: str
    allow_local_runners: bool
    maximum_running_environments_per_user: int
    maximum_environments_per_user: int
    default_environment_image: str
    port_sharing_disabled: bool
    delete_archived_environments_after: _duration_pb2.Duration
    agent_policy: AgentPolicy
    maximum_environment_lifetime: _duration_pb2.Duration
    require_custom_domain_access: bool
    editor_version_restrictions: _containers.MessageMap[str, EditorVersionPolicy]
    security_agent_policy: SecurityAgentPolicy
    restrict_account_creation_to_scim: bool
    veto_exec_policy: VetoExecPolicy
    maximum_environment_lifetime_strict: bool
    web_browser_disabled: bool
    disable_from_scratch: bool
    veto_file_policy: VetoFilePolicy
    security_policy_id: str
    archive_environments_after: _duration_pb2.Duration
    def __init__(self, organization_id: _Optional[str] = ..., maximum_environment_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., members_require_projects: _Optional[bool] = ..., members_create_projects: _Optional[bool] = ..., allowed_editor_ids: _Optional[_Iterable[str]] = ..., default_editor_id: _Optional[str] = ..., allow_local_runners: _Optional[bool] = ..., maximum_running_environments_per_user: _Optional[int] = ..., maximum_environments_per_user: _Optional[int] = ..., default_environment_image: _Optional[str] = ..., port_sharing_disabled: _Optional[bool] = ..., delete_archived_environments_after: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., agent_policy: _Optional[_Union[AgentPolicy, _Mapping]] = ..., maximum_environment_lifetime: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., require_custom_domain_access: _Optional[bool] = ..., editor_version_restrictions: _Optional[_Mapping[str, EditorVersionPolicy]] = ..., security_agent_policy: _Optional[_Union[SecurityAgentPolicy, _Mapping]] = ..., restrict_account_creation_to_scim: _Optional[bool] = ..., veto_exec_policy: _Optional[_Union[VetoExecPolicy, _Mapping]] = ..., maximum_environment_lifetime_strict: _Optional[bool] = ..., web_browser_disabled: _Optional[bool] = ..., disable_from_scratch: _Optional[bool] = ..., veto_file_policy: _Optional[_Union[VetoFilePolicy, _Mapping]] = ..., security_policy_id: _Optional[str] = ..., archive_environments_after: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class GetOrganizationPoliciesRequest(_message.Message):
    __slots__ = ("organization_id",)
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    organization_id: str
    def __init__(self, organization_id: _Optional[str] = ...) -> None: ...

class GetOrganizationPoliciesResponse(_message.Message):
    __slots__ = ("policies",)
    POLICIES_FIELD_NUMBER: _ClassVar[int]
    policies: OrganizationPolicies
    def __init__(self, policies: _Optional[_Union[OrganizationPolicies, _Mapping]] = ...) -> None: ...

class UpdateOrganizationPoliciesRequest(_message.Message):
    __slots__ = ("organization_id", "maximum_environment_timeout", "members_require_projects", "members_create_projects", "allowed_editor_ids", "default_editor_id", "allow_local_runners", "maximum_running_environments_per_user", "maximum_environments_per_user", "default_environment_image", "port_sharing_disabled", "delete_archived_environments_after", "agent_policy", "maximum_environment_lifetime", "require_custom_domain_access", "editor_version_restrictions", "security_agent_policy", "restrict_account_creation_to_scim", "veto_exec_policy", "maximum_environment_lifetime_strict", "web_browser_disabled", "disable_from_scratch", "veto_file_policy", "security_policy_id", "archive_environments_after")
    class UpdateAgentPolicy(_message.Message):
        __slots__ = ("mcp_disabled", "command_deny_list", "scm_tools_disabled", "scm_tools_allowed_group_id", "conversation_sharing_policy", "max_subagents_per_environment", "allowed_agent_ids", "goal_mode_disabled", "codex_model_policy")
        MCP_DISABLED_FIELD_NUMBER: _ClassVar[int]
        COMMAND_DENY_LIST_FIELD_NUMBER: _ClassVar[int]
        SCM_TOOLS_DISABLED_FIELD_NUMBER: _ClassVar[int]
        SCM_TOOLS_ALLOWED_GROUP_ID_FIELD_NUMBER: _ClassVar[int]
        CONVERSATION_SHARING_POLICY_FIELD_NUMBER: _ClassVar[int]
        MAX_SUBAGENTS_PER_ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
        ALLOWED_AGENT_IDS_FIELD_NUMBER: _ClassVar[int]
        GOAL_MODE_DISABLED_FIELD_NUMBER: _ClassVar[int]
        CODEX_MODEL_POLICY_FIELD_NUMBER: _ClassVar[int]
        mcp_disabled: bool
        command_deny_list: _containers.RepeatedScalarFieldContainer[str]
        scm_tools_disabled: bool
        scm_tools_allowed_group_id: str
        conversation_sharing_policy: ConversationSharingPolicy
        max_subagents_per_environment: int
        allowed_agent_ids: _containers.RepeatedScalarFieldContainer[str]
        goal_mode_disabled: bool
        codex_model_policy: CodexModelPolicy
        def __init__(self, mcp_disabled: _Optional[bool] = ..., command_deny_list: _Optional[_Iterable[str]] = ..., scm_tools_disabled: _Optional[bool] = ..., scm_tools_allowed_group_id: _Optional[str] = ..., conversation_sharing_policy: _Optional[_Union[ConversationSharingPolicy, str]] = ..., max_subagents_per_environment: _Optional[int] = ..., allowed_agent_ids: _Optional[_Iterable[str]] = ..., goal_mode_disabled: _Optional[bool] = ..., codex_model_policy: _Optional[_Union[CodexModelPolicy, _Mapping]] = ...) -> None: ...
    class UpdateCrowdStrikeConfig(_message.Message):
        __slots__ = ("enabled", "image", "cid_secret_id", "tags", "additional_options")
        class AdditionalOptionsEntry(_message.Message):
            __slots__ = ("key", "value")
            KEY_FIELD_NUMBER: _ClassVar[int]
            VALUE_FIELD_NUMBER: _ClassVar[int]
            key: str
            value: str
            def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
        ENABLED_FIELD_NUMBER: _ClassVar[int]
        IMAGE_FIELD_NUMBER: _ClassVar[int]
        CID_SECRET_ID_FIELD_NUMBER: _ClassVar[int]
        TAGS_FIELD_NUMBER: _ClassVar[int]
        ADDITIONAL_OPTIONS_FIELD_NUMBER: _ClassVar[int]
        enabled: bool
        image: str
        cid_secret_id: str
        tags: str
        additional_options: _containers.ScalarMap[str, str]
        def __init__(self, enabled: _Optional[bool] = ..., image: _Optional[str] = ..., cid_secret_id: _Optional[str] = ..., tags: _Optional[str] = ..., additional_options: _Optional[_Mapping[str, str]] = ...) -> None: ...
    class UpdateSecurityAgentPolicy(_message.Message):
        __slots__ = ("crowdstrike", "custom_agents")
        CROWDSTRIKE_FIELD_NUMBER: _ClassVar[int]
        CUSTOM_AGENTS_FIELD_NUMBER: _ClassVar[int]
        crowdstrike: UpdateOrganizationPoliciesRequest.UpdateCrowdStrikeConfig
        custom_agents: _containers.RepeatedCompositeFieldContainer[CustomSecurityAgent]
        def __init__(self, crowdstrike: _Optional[_Union[UpdateOrganizationPoliciesRequest.UpdateCrowdStrikeConfig, _Mapping]] = ..., custom_agents: _Optional[_Iterable[_Union[CustomSecurityAgent, _Mapping]]] = ...) -> None: ...
    class EditorVersionRestrictionsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: EditorVersionPolicy
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[EditorVersionPolicy, _Mapping]] = ...) -> None: ...
    ORGANIZATION_ID_FIELD_NUMBER: _ClassVar[int]
    MAXIMUM_ENVIRONMENT_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_REQUIRE_PROJECTS_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_CREATE_PROJECTS_FIELD_NUMBER: _ClassVar[int]
    ALLOWED_EDITOR_IDS_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_EDITOR_ID_FIELD_NUMBER: _ClassVar[int]
    ALLOW_LOCAL_RUNNERS_FIELD_NUMBER: _ClassVar[int]
    MAXIMUM_RUNNING_ENVIRONMENTS_PER_USER_FIELD_NUMBER: _ClassVar[int]
    MAXIMUM_ENVIRONMENTS_PER_USER_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_ENVIRONMENT_IMAGE_FIELD_NUMBER: _ClassVar[int]
    PORT_SHARING_DISABLED_FIELD_NUMBER: _ClassVar[int]
    DELETE_ARCHIVED_ENVIRONMENTS_AFTER_FIELD_NUMBER: _ClassVar[int]
    AGENT_POLICY_FIELD_NUMBER: _ClassVar[int]
    MAXIMUM_ENVIRONMENT_LIFETIME_FIELD_NUMBER: _ClassVar[int]
    REQUIRE_CUSTOM_DOMAIN_ACCESS_FIELD_NUMBER: _ClassVar[int]
    EDITOR_VERSION_RESTRICTIONS_FIELD_NUMBER: _ClassVar[int]
    SECURITY_AGENT_POLICY_FIELD_NUMBER: _ClassVar[int]
    RESTRICT_ACCOUNT_CREATION_TO_SCIM_FIELD_NUMBER: _ClassVar[int]
    VETO_EXEC_POLICY_FIELD_NUMBER: _ClassVar[int]
    MAXIMUM_ENVIRONMENT_LIFETIME_STRICT_FIELD_NUMBER: _ClassVar[int]
    WEB_BROWSER_DISABLED_FIELD_NUMBER: _ClassVar[int]
    DISABLE_FROM_SCRATCH_FIELD_NUMBER: _ClassVar[int]
    VETO_FILE_POLICY_FIELD_NUMBER: _ClassVar[int]
    SECURITY_POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    ARCHIVE_ENVIRONMENTS_AFTER_FIELD_NUMBER: _ClassVar[int]
    organization_id: str
    maximum_environment_timeout: _duration_pb2.Duration
    members_require_projects: bool
    members_create_projects: bool
    allowed_editor_ids: _containers.RepeatedScalarFieldContainer[str]
    default_editor_id: str
    allow_local_runners: bool
    maximum_running_environments_per_user: int
    maximum_environments_per_user: int
    default_environment_image: str
    port_sharing_disabled: bool
    delete_archived_environments_after: _duration_pb2.Duration
    agent_policy: UpdateOrganizationPoliciesRequest.UpdateAgentPolicy
    maximum_environment_lifetime: _duration_pb2.Duration
    require_custom_domain_access: bool
    editor_version_restrictions: _containers.MessageMap[str, EditorVersionPolicy]
    security_agent_policy: UpdateOrganizationPoliciesRequest.UpdateSecurityAgentPolicy
    restrict_account_creation_to_scim: bool
    veto_exec_policy: VetoExecPolicy
    maximum_environment_lifetime_strict: bool
    web_browser_disabled: bool
    disable_from_scratch: bool
    veto_file_policy: VetoFilePolicy
    security_policy_id: str
    archive_environments_after: _duration_pb2.Duration
    def __init__(self, organization_id: _Optional[str] = ..., maximum_environment_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., members_require_projects: _Optional[bool] = ..., members_create_projects: _Optional[bool] = ..., allowed_editor_ids: _Optional[_Iterable[str]] = ..., default_editor_id: _Optional[str] = ..., allow_local_runners: _Optional[bool] = ..., maximum_running_environments_per_user: _Optional[int] = ..., maximum_environments_per_user: _Optional[int] = ..., default_environment_image: _Optional[str] = ..., port_sharing_disabled: _Optional[bool] = ..., delete_archived_environments_after: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., agent_policy: _Optional[_Union[UpdateOrganizationPoliciesRequest.UpdateAgentPolicy, _Mapping]] = ..., maximum_environment_lifetime: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., require_custom_domain_access: _Optional[bool] = ..., editor_version_restrictions: _Optional[_Mapping[str, EditorVersionPolicy]] = ..., security_agent_policy: _Optional[_Union[UpdateOrganizationPoliciesRequest.UpdateSecurityAgentPolicy, _Mapping]] = ..., restrict_account_creation_to_scim: _Optional[bool] = ..., veto_exec_policy: _Optional[_Union[VetoExecPolicy, _Mapping]] = ..., maximum_environment_lifetime_strict: _Optional[bool] = ..., web_browser_disabled: _Optional[bool] = ..., disable_from_scratch: _Optional[bool] = ..., veto_file_policy: _Optional[_Union[VetoFilePolicy, _Mapping]] = ..., security_policy_id: _Optional[str] = ..., archive_environments_after: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class UpdateOrganizationPoliciesResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class AgentPolicy(_message.Message):
    __slots__ = ("mcp_disabled", "command_deny_list", "scm_tools_disabled", "scm_tools_allowed_group_id", "conversation_sharing_policy", "max_subagents_per_environment", "allowed_agent_ids", "goal_mode_disabled", "codex_model_policy")
    MCP_DISABLED_FIELD_NUMBER: _ClassVar[int]
    COMMAND_DENY_LIST_FIELD_NUMBER: _ClassVar[int]
    SCM_TOOLS_DISABLED_FIELD_NUMBER: _ClassVar[int]
    SCM_TOOLS_ALLOWED_GROUP_ID_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_SHARING_POLICY_FIELD_NUMBER: _ClassVar[int]
    MAX_SUBAGENTS_PER_ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    ALLOWED_AGENT_IDS_FIELD_NUMBER: _ClassVar[int]
    GOAL_MODE_DISABLED_FIELD_NUMBER: _ClassVar[int]
    CODEX_MODEL_POLICY_FIELD_NUMBER: _ClassVar[int]
    mcp_disabled: bool
    command_deny_list: _containers.RepeatedScalarFieldContainer[str]
    scm_tools_disabled: bool
    scm_tools_allowed_group_id: str
    conversation_sharing_policy: ConversationSharingPolicy
    max_subagents_per_environment: int
    allowed_agent_ids: _containers.RepeatedScalarFieldContainer[str]
    goal_mode_disabled: bool
    codex_model_policy: CodexModelPolicy
    def __init__(self, mcp_disabled: _Optional[bool] = ..., command_deny_list: _Optional[_Iterable[str]] = ..., scm_tools_disabled: _Optional[bool] = ..., scm_tools_allowed_group_id: _Optional[str] = ..., conversation_sharing_policy: _Optional[_Union[ConversationSharingPolicy, str]] = ..., max_subagents_per_environment: _Optional[int] = ..., allowed_agent_ids: _Optional[_Iterable[str]] = ..., goal_mode_disabled: _Optional[bool] = ..., codex_model_policy: _Optional[_Union[CodexModelPolicy, _Mapping]] = ...) -> None: ...

class EditorVersionPolicy(_message.Message):
    __slots__ = ("allowed_versions",)
    ALLOWED_VERSIONS_FIELD_NUMBER: _ClassVar[int]
    allowed_versions: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, allowed_versions: _Optional[_Iterable[str]] = ...) -> None: ...

class SecurityAgentPolicy(_message.Message):
    __slots__ = ("crowdstrike", "custom_agents")
    CROWDSTRIKE_FIELD_NUMBER: _ClassVar[int]
    CUSTOM_AGENTS_FIELD_NUMBER: _ClassVar[int]
    crowdstrike: CrowdStrikeConfig
    custom_agents: _containers.RepeatedCompositeFieldContainer[CustomSecurityAgent]
    def __init__(self, crowdstrike: _Optional[_Union[CrowdStrikeConfig, _Mapping]] = ..., custom_agents: _Optional[_Iterable[_Union[CustomSecurityAgent, _Mapping]]] = ...) -> None: ...

class VetoExecPolicy(_message.Message):
    __slots__ = ("enabled", "executables", "safelist")
    ENABLED_FIELD_NUMBER: _ClassVar[int]
    EXECUTABLES_FIELD_NUMBER: _ClassVar[int]
    SAFELIST_FIELD_NUMBER: _ClassVar[int]
    enabled: bool
    executables: _containers.RepeatedScalarFieldContainer[str]
    safelist: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, enabled: _Optional[bool] = ..., executables: _Optional[_Iterable[str]] = ..., safelist: _Optional[_Iterable[str]] = ...) -> None: ...

class VetoFilePolicy(_message.Message):
    __slots__ = ("enabled",)
    ENABLED_FIELD_NUMBER: _ClassVar[int]
    enabled: bool
    def __init__(self, enabled: _Optional[bool] = ...) -> None: ...

class CodexModelPolicy(_message.Message):
    __slots__ = ("model_states",)
    class ModelStatesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: CodexModelPolicyState
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[CodexModelPolicyState, str]] = ...) -> None: ...
    MODEL_STATES_FIELD_NUMBER: _ClassVar[int]
    model_states: _containers.ScalarMap[str, CodexModelPolicyState]
    def __init__(self, model_states: _Optional[_Mapping[str, CodexModelPolicyState]] = ...) -> None: ...

class CrowdStrikeConfig(_message.Message):
    __slots__ = ("enabled", "image", "cid_secret_id", "tags", "additional_options")
    class AdditionalOptionsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ENABLED_FIELD_NUMBER: _ClassVar[int]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    CID_SECRET_ID_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    ADDITIONAL_OPTIONS_FIELD_NUMBER: _ClassVar[int]
    enabled: bool
    image: str
    cid_secret_id: str
    tags: str
    additional_options: _containers.ScalarMap[str, str]
    def __init__(self, enabled: _Optional[bool] = ..., image: _Optional[str] = ..., cid_secret_id: _Optional[str] = ..., tags: _Optional[str] = ..., additional_options: _Optional[_Mapping[str, str]] = ...) -> None: ...

class CustomSecurityAgent(_message.Message):
    __slots__ = ("id", "enabled", "name", "description", "start_command", "env_mappings")
    ID_FIELD_NUMBER: _ClassVar[int]
    ENABLED_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    START_COMMAND_FIELD_NUMBER: _ClassVar[int]
    ENV_MAPPINGS_FIELD_NUMBER: _ClassVar[int]
    id: str
    enabled: bool
    name: str
    description: str
    start_command: str
    env_mappings: _containers.RepeatedCompositeFieldContainer[CustomAgentEnvMapping]
    def __init__(self, id: _Optional[str] = ..., enabled: _Optional[bool] = ..., name: _Optional[str] = ..., description: _Optional[str] = ..., start_command: _Optional[str] = ..., env_mappings: _Optional[_Iterable[_Union[CustomAgentEnvMapping, _Mapping]]] = ...) -> None: ...

class CustomAgentEnvMapping(_message.Message):
    __slots__ = ("name", "secret_name")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SECRET_NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    secret_name: str
    def __init__(self, name: _Optional[str] = ..., secret_name: _Optional[str] = ...) -> None: ...
