from ...orgplane.v1 import personal_access_token_pb2 as _personal_access_token_pb2
from ...orgplane.v1 import personal_access_token_policy_pb2 as _personal_access_token_policy_pb2
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor
