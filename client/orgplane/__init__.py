"""The client of Orgplane: `Client` and, for asyncio, `AsyncClient`.

with orgplane.Client(url="http://127.0.0.1:8080", token="orgplane_pat_...") as client:
    client.organizations.scim_configurations.update(scim_configuration_id="...", enabled=False)
"""

from __future__ import annotations

from . import types
from ._async.client import AsyncClient
from ._async.pages import AsyncPage, AsyncPages
from ._core.version import VERSION as __version__
from ._sync.client import Client
from ._sync.pages import Page, Pages
from .errors import (
    AbortedError,
    AlreadyExistsError,
    APIConnectionError,
    APIError,
    CanceledError,
    ClientClosedError,
    ConfigurationError,
    DeadlineExceededError,
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
    "CanceledError",
    "Client",
    "ClientClosedError",
    "ConfigurationError",
    "DeadlineExceededError",
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
    "__version__",
    "types",
]
