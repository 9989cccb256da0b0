"""Every RPC there is, found in the stubs that are generated."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import orgplane_api
from connectrpc_grpcreflect import (  # type: ignore[import-untyped]
    ServerReflectionAlphaService,
    ServerReflectionService,
)
from protobuf import DescMethod, DescService


def services() -> Iterator[DescService]:
    """Every service that stubs are generated for, and the two that come with the runtime."""
    for found in pkgutil.walk_packages(orgplane_api.__path__, "orgplane_api."):
        if found.name.endswith("_connect"):
            module = importlib.import_module(found.name)
            for name, stub in vars(module).items():
                if name.endswith(("Service", "Health")) and stub.__module__ == module.__name__:
                    yield stub.desc()
    yield ServerReflectionService.desc()
    yield ServerReflectionAlphaService.desc()


#: By the path of each.
METHODS: dict[str, DescMethod] = {
    f"{service.type_name}/{method.name}": method
    for service in services()
    for method in service.methods
}
#: Those that take no token, whose service otherwise does.
TOKENLESS = (
    *("GetOrganizationInviteSummary", "RedeemInvite"),
    *("GetSSOLoginURL", "ListSSOLogins", "ListLoginProviders", "ExchangeToken"),
)
#: Those of our own services, whatever they take.
OWN: tuple[DescMethod, ...] = tuple(
    method for name, method in METHODS.items() if not name.startswith("grpc.")
)
#: Those that take the secret of an application, and no member's token.
OF_APPLICATIONS: tuple[DescMethod, ...] = tuple(
    method for name, method in METHODS.items() if name.startswith("orgplane.v1.SignInService/")
)
#: Those that take an operator token, and no member's.
OF_OPERATORS: tuple[DescMethod, ...] = tuple(
    method for name, method in METHODS.items() if name.startswith("orgplane.v1.OperatorService/")
)
#: Those that need a member's token.
GUARDED: tuple[DescMethod, ...] = tuple(
    method
    for method in OWN
    if method.name not in TOKENLESS and method not in (*OF_APPLICATIONS, *OF_OPERATORS)
)
