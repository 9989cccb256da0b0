"""The client of Orgplane: `Client` and, for asyncio, `AsyncClient`.

    with orgplane.Client(url="http://127.0.0.1:8080", token="orgplane_pat_...") as client:
        client.organizations.scim_configurations.update(scim_configuration_id="...", enabled=False)

What a call answers with is in `orgplane.types`, what it raises in `orgplane.errors`; `orgplane.testing` has a
real server for tests.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._core.tls import TLS
from ._core.version import VERSION as __version__
from .errors import (
    AbortedError,
    AlreadyExistsError,
    AnswerLostError,
    APIConnectionError,
    APIError,
    CanceledError,
    CertificateError,
    ClientClosedError,
    ConfigurationError,
    DeadlineExceededError,
    EventsPurgedError,
    FailedPreconditionError,
    FieldViolation,
    InternalError,
    InvalidArgumentError,
    NotFoundError,
    NotReachedError,
    OrgplaneError,
    PermissionDeniedError,
    ResourceExhaustedError,
    UnauthenticatedError,
    UnavailableError,
    UnimplementedError,
)

if TYPE_CHECKING:
    from . import types
    from ._async.client import AsyncClient
    from ._async.pages import AsyncPage, AsyncPages
    from ._async.watch import AsyncWatch
    from ._sync.client import Client
    from ._sync.pages import Page, Pages
    from ._sync.watch import Watch

__all__ = [
    "TLS",
    "APIConnectionError",
    "APIError",
    "AbortedError",
    "AlreadyExistsError",
    "AnswerLostError",
    "AsyncClient",
    "AsyncPage",
    "AsyncPages",
    "AsyncWatch",
    "CanceledError",
    "CertificateError",
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
    "NotReachedError",
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

#: Where the names are that bring the RPC runtime along; each is imported when it is first asked for,
#: so that the command line can answer `--help` without it.
_LATER = {
    "AsyncClient": "_async.client",
    "AsyncPage": "_async.pages",
    "AsyncPages": "_async.pages",
    "AsyncWatch": "_async.watch",
    "Client": "_sync.client",
    "Page": "_sync.pages",
    "Pages": "_sync.pages",
    "Watch": "_sync.watch",
}


def __getattr__(name: str) -> Any:
    if name == "types":
        return import_module(".types", __name__)
    if name in _LATER:
        value = getattr(import_module(f".{_LATER[name]}", __name__), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
