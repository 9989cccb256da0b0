"""The vendor's Python SDK, unchanged, in an environment of its own: it cannot share ours."""

from __future__ import annotations

import os
import subprocess
import textwrap
import venv
from pathlib import Path

import pytest
from processes import PATIENCE, Organization, Server, environment

SDK = "gitpod-sdk==0.11.0"


@pytest.fixture(scope="session")
def vendor_python(root: Path) -> Path:
    """A Python with the SDK; made once and kept in the checkout."""
    folder = root / ".vendor-venv"
    python = folder / "bin/python"
    stamp = folder / SDK
    if not stamp.exists():
        venv.create(folder, with_pip=True, clear=True)
        done = subprocess.run(
            [python, "-m", "pip", "install", "--quiet", SDK], capture_output=True, text=True
        )
        if done.returncode != 0 and "CI" not in os.environ:
            pytest.skip(f"{SDK} cannot be installed here: {done.stderr.strip()}")
        assert done.returncode == 0, done.stderr
        stamp.touch()
    return python


def test_the_documented_calls_work(
    vendor_python: Path, server: Server, organization: Organization, sso_configuration_id: str
) -> None:
    script = textwrap.dedent(
        """
        import sys
        import gitpod

        base_url, token, organization_id, sso_id, unknown_id = sys.argv[1:]
        client = gitpod.Gitpod(base_url=base_url, bearer_token=token)
        scim = client.organizations.scim_configurations

        made = [
            scim.create(organization_id=organization_id, sso_configuration_id=sso_id, name=str(n))
            for n in range(5)
        ]
        id = made[0].scim_configuration.id
        response = scim.update(scim_configuration_id=id, enabled=False)
        assert response.scim_configuration.enabled is False, response
        assert response.scim_configuration.name == "0"
        assert scim.retrieve(scim_configuration_id=id).scim_configuration.enabled is False

        listed = [c.id for c in scim.list(page_size=2)]
        assert listed == [m.scim_configuration.id for m in made], listed

        again = scim.regenerate_token(scim_configuration_id=id)
        assert again.token != made[0].token

        sso = client.organizations.sso_configurations.retrieve(sso_configuration_id=sso_id)
        assert sso.sso_configuration.client_id == "client"
        assert [s.id for s in client.organizations.sso_configurations.list(
            organization_id=organization_id)] == [sso_id]

        (member,) = client.organizations.list_members(
            organization_id=organization_id,
            filter={"search": "ADA", "roles": ["ORGANIZATION_ROLE_ADMIN"]},
            sort={"field": "SORT_FIELD_NAME", "order": "SORT_ORDER_DESC"},
        )
        assert member.email == "ada@acme.example", member
        assert member.status == "USER_STATUS_ACTIVE", member

        for error, call in (
            (gitpod.NotFoundError, lambda: scim.retrieve(scim_configuration_id=unknown_id)),
            (gitpod.BadRequestError, lambda: scim.update(scim_configuration_id="no")),
            (gitpod.AuthenticationError, lambda: client.with_options(bearer_token="x")
                .organizations.scim_configurations.retrieve(scim_configuration_id=id)),
        ):
            try:
                call()
            except error as caught:
                assert caught.body["code"] and caught.body["message"], caught.body
            else:
                raise AssertionError(error)

        scim.delete(scim_configuration_id=id)
        assert id not in [c.id for c in scim.list()]
        print("all well")
        """
    )
    done = subprocess.run(
        [
            *(vendor_python, "-c", script, f"{server.url}/api", organization.token),
            *(organization.organization_id, sso_configuration_id, organization.user_id),
        ],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.stdout.strip() == "all well", done.stderr


def test_the_audit_log_and_live_events_work(
    vendor_python: Path, server: Server, organization: Organization
) -> None:
    script = textwrap.dedent(
        """
        import sys
        import gitpod

        base_url, token, organization_id = sys.argv[1:]
        client = gitpod.Gitpod(base_url=base_url, bearer_token=token)
        oldest_first = {"field": "createdAt", "order": "SORT_ORDER_ASC"}
        entries = list(client.events.list(page_size=1, sort=oldest_first))
        assert [e.action for e in entries] == ["create"] * 3, entries
        assert entries[0].subject_type == "RESOURCE_TYPE_ORGANIZATION", entries
        assert {e.actor_principal for e in entries} == {"PRINCIPAL_USER"}, entries
        narrowed = client.events.list(filter={"subjectTypes": ["RESOURCE_TYPE_USER"]})
        assert [e.subject_type for e in narrowed] == ["RESOURCE_TYPE_USER"]

        stream = iter(client.events.watch(organization=True))
        assert next(stream).operation == "RESOURCE_OPERATION_UNSPECIFIED"
        gitpod.Gitpod(base_url=base_url, bearer_token=token).organizations.update(
            organization_id=organization_id, name="New"
        )
        told = next(e for e in stream if e.operation != "RESOURCE_OPERATION_UNSPECIFIED")
        assert told.operation == "RESOURCE_OPERATION_UPDATE", told
        assert told.resource_id == organization_id, told
        try:
            client.events.watch(environment_id=organization_id)
        except gitpod.BadRequestError as caught:
            assert "environment_id" in caught.body["message"], caught.body
        else:
            raise AssertionError("watched an environment")
        print("all well")
        """
    )
    done = subprocess.run(
        [
            *(vendor_python, "-c", script, f"{server.url}/api", organization.token),
            organization.organization_id,
        ],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.stdout.strip() == "all well", done.stderr
