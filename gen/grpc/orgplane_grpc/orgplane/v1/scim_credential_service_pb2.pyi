from ...orgplane.v1 import scim_credential_pb2 as _scim_credential_pb2
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor
