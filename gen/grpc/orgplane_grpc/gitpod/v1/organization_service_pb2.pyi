from ...gitpod.v1 import domain_verification_pb2 as _domain_verification_pb2
from ...gitpod.v1 import joining_pb2 as _joining_pb2
from ...gitpod.v1 import member_pb2 as _member_pb2
from ...gitpod.v1 import organization_pb2 as _organization_pb2
from ...gitpod.v1 import organization_invite_pb2 as _organization_invite_pb2
from ...gitpod.v1 import organization_policies_pb2 as _organization_policies_pb2
from ...gitpod.v1 import scim_configuration_pb2 as _scim_configuration_pb2
from ...gitpod.v1 import sso_configuration_pb2 as _sso_configuration_pb2
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor
