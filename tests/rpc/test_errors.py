"""Nothing that nobody foresaw reaches a caller, and every error is one of the table's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import pytest
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from orgplane_api.gitpod.v1 import scim_configuration_pb as pb
from orgplane_api.google.rpc.error_details_pb import RequestInfo, RetryInfo
from orgplane_api.orgplane.v1.error_reason_pb import ErrorReason
from orgplane_server.domain import errors as domain_errors
from orgplane_server.domain import scim_configuration as domain
from orgplane_server.domain.errors import OrgplaneError, Reason
from orgplane_server.rpc import errors
from orgplane_server.rpc import scim_configuration as handlers
from orgplane_server.store.scim_configuration import scim_configurations as store
from orgplane_server.usecases.authentication import Authentication
from orgplane_server.usecases.scim_configuration import ScimConfigurations
from rpc_clients import Clients, reason

SECRET = "postgres://u:hunter2@db"
ID = "01a20abd-f271-72d4-9a6b-055019bca2f2"

#: Where a bug may sit: each layer that a call goes through.
LAYERS: dict[str, tuple[Any, str]] = {
    "interceptor": (Authentication, "authenticate"),
    "handler": (handlers, "_changes"),
    "use case": (ScimConfigurations, "update"),
    "store": (store, "lock"),
    "domain": (domain, "not_found"),
}


async def update(clients: Clients) -> ConnectError:
    with pytest.raises(ConnectError) as caught:
        await clients(
            "update_scim_configuration",
            pb.UpdateSCIMConfigurationRequest(scim_configuration_id=ID, enabled=False),
        )
    return caught.value


def raising(error: Exception) -> Callable[..., NoReturn]:
    def fail(*_args: object, **_named: object) -> NoReturn:
        raise error

    return fail


@pytest.mark.parametrize("layer", LAYERS)
async def test_a_bug_in_any_layer_is_a_fixed_sentence_and_a_logged_cause(
    admin: Clients, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], layer: str
) -> None:
    monkeypatch.setattr(*LAYERS[layer], raising(RuntimeError(SECRET)))
    error = await update(admin)
    assert (error.code, error.message) == (Code.INTERNAL, "internal error")
    assert reason(error) == "INTERNAL"
    assert not any(SECRET.encode() in detail.message_bytes for detail in error.details)
    (info,) = [d for d in error.details if d.type_name == "google.rpc.RequestInfo"]
    request_info = info.value(RequestInfo)
    assert request_info is not None
    log = capfd.readouterr().err
    assert "RuntimeError" in log
    assert SECRET in log
    assert request_info.request_id in log
    assert admin.headers["authorization"].removeprefix("Bearer ") not in log


@pytest.mark.parametrize("kind", errors.CODES)
async def test_every_kind_of_error_has_its_code(
    admin: Clients, monkeypatch: pytest.MonkeyPatch, kind: type[OrgplaneError]
) -> None:
    raised = (
        domain_errors.InvalidArgument(domain_errors.Violation("field", "is wrong", "rule"))
        if kind is domain_errors.InvalidArgument
        else kind("is wrong", reason=Reason.ALREADY_EXISTS, metadata={"a": "b"})
    )
    monkeypatch.setattr(ScimConfigurations, "update", raising(raised))
    error = await update(admin)
    assert error.code is errors.CODES[kind]
    assert error.message == str(raised)
    assert reason(error) == raised.reason.value


async def test_unavailable_says_when_to_retry(
    admin: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    unavailable = domain_errors.Unavailable("try again later")
    monkeypatch.setattr(ScimConfigurations, "update", raising(unavailable))
    error = await update(admin)
    (info,) = [d for d in error.details if d.type_name == "google.rpc.RetryInfo"]
    retry = info.value(RetryInfo)
    assert retry is not None
    assert retry.retry_delay is not None
    assert retry.retry_delay.to_seconds() == 1


def test_every_concrete_kind_of_error_is_in_the_table() -> None:
    def leaves(kind: type[OrgplaneError]) -> set[type[OrgplaneError]]:
        below = kind.__subclasses__()
        return set().union(*map(leaves, below)) if below else {kind}

    assert leaves(OrgplaneError) == set(errors.CODES)


def test_the_reasons_are_those_of_the_contract() -> None:
    contract = {value.name for value in ErrorReason} - {"UNSPECIFIED"}
    assert {value.value for value in Reason} == contract
