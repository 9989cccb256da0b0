from ...gitpod.v1 import account_pb2 as _account_pb2
from ...gitpod.v1 import login_pb2 as _login_pb2
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor
