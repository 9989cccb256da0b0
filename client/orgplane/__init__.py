"""The client of Orgplane: `Client` and, for asyncio, `AsyncClient`.

with orgplane.Client(url="http://127.0.0.1:8080", token="orgplane_pat_...") as client:
    client.organizations.scim_configurations.update(scim_configuration_id="...", enabled=False)
"""

from __future__ import annotations

from . import types
from ._async.client import AsyncClient
from ._async.pages import AsyncPage, AsyncPages
from ._async.watch import AsyncWatch
from ._core.version import VERSION as __version__
from ._sync.client import Client
from ._sync.pages import Page, Pages
from ._sync.watch import Watch
from .errors import (
    AbortedError,
    AlreadyExistsError,
    APIConnectionError,
    APIError,
    CanceledError,
    ClientClosedError,
    ConfigurationError,
    DeadlineExceededError,
    EventsPurgedError,
    FailedPreconditionError,
    FieldViolation,
    InternalError,
    InvalidArgumentError,
    NotFoundError,
    OrgplaneError,
    PermissionDeniedError,
    ResourceExhaustedError,
    UnauthenticatedError,
    UnavailableError,
    UnimplementedError,
)

__all__ = [
    "APIConnectionError",
    "APIError",
    "AbortedError",
    "AlreadyExistsError",
    "AsyncClient",
    "AsyncPage",
    "AsyncPages",
    "AsyncWatch",
    "CanceledError",
    "Client",
    "ClientClosedError",
    "ConfigurationError",
    "DeadlineExceededError",
    "EventsPurgedError",
    "FailedPreconditionError",
    "FieldViolation",
    "InternalError",
    "InvalidArgumentError",
    "NotFoundError",
    "OrgplaneError",
    "Page",
    "Pages",
    "PermissionDeniedError",
    "ResourceExhaustedError",
    "UnauthenticatedError",
    "UnavailableError",
    "UnimplementedError",
    "Watch",
    "__version__",
    "types",
]
