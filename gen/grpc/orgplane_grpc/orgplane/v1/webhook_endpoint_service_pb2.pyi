from ...orgplane.v1 import webhook_endpoint_pb2 as _webhook_endpoint_pb2
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor
