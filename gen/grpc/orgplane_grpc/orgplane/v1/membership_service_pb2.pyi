from ...orgplane.v1 import erasure_pb2 as _erasure_pb2
from ...orgplane.v1 import first_token_pb2 as _first_token_pb2
from ...orgplane.v1 import joining_pb2 as _joining_pb2
from ...orgplane.v1 import membership_pb2 as _membership_pb2
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor
