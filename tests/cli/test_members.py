"""`orgplane members`, `users`, and what identity providers did"""

from __future__ import annotations

import json
import subprocess
import uuid

import orgplane
import pytest
from command_line import COMMAND, CommandLine
from identity_provider import provision, scim
from orgplane.testing import Organization
from processes import Lines

Created = orgplane.types.CreateSCIMConfigurationResponse


@pytest.fixture
def provider(organization: Organization, sso: orgplane.types.SSOConfiguration) -> Created:
    """An identity provider's configuration, with its token."""
    return organization.client.organizations.scim_configurations.create(
        organization_id=organization.organization_id, sso_configuration_id=sso.id
    )


@pytest.fixture
def email() -> str:
    return f"{uuid.uuid4().hex[:12]}@acme.example"


@pytest.fixture
def member(organization: Organization, provider: Created, email: str) -> str:
    return provision(organization.url, provider.token, email)


def test_members_are_listed_and_narrowed(
    run: CommandLine, organization: Organization, member: str, email: str
) -> None:
    header, row = run.ok("members", "list", "--search", email).splitlines()
    assert header.startswith("USER ID ")
    assert row.split()[0] == member
    assert "sso" in row
    (found,) = run.json("members", "list", "--email", email, "--role", "member", "--user", member)
    assert found["userId"] == member
    assert run.json("members", "list", "--email", email, "--role", "admin") == []
    ascending = run.json("members", "list", "--sort", "name")
    assert run.json("members", "list", "--sort", "name", "--descending") == ascending[::-1]
    joined = run.json("members", "list", "--sort", "joined")
    assert run.json("members", "list", "--sort", "joined", "--descending") == joined[::-1]


def test_without_an_order_the_caller_comes_first(
    run: CommandLine, organization: Organization, member: str
) -> None:
    me, *others = run.json("members", "list")
    assert me["userId"] == organization.user_id
    names = [other["fullName"].lower() for other in others]
    assert names == sorted(names)
    done = run("members", "list", "--descending")
    assert done.returncode == 2
    assert "--descending: say what by, with --sort" in done.stderr


def test_a_role_is_set(run: CommandLine, member: str, email: str) -> None:
    assert run.ok("members", "set-role", member, "admin") == f"user {member}: admin\n"
    assert run.json("members", "list", "--email", email)[0]["role"] == "ORGANIZATION_ROLE_ADMIN"
    run.ok("members", "set-role", member, "member")


def test_the_last_administrator_stays_one_and_is_told_how_to_go_on(
    run_afresh: CommandLine,
) -> None:
    (admin,) = run_afresh.json("members", "list")
    done = run_afresh("members", "set-role", admin["userId"], "member")
    assert done.returncode != 0
    assert "orgplane tokens create" in done.stderr
    assert "orgplane members set-role ID admin" in done.stderr


def test_a_user_is_shown_suspended_and_resumed(run: CommandLine, member: str, email: str) -> None:
    assert run.json("users", "get", member)["email"] == email
    assert run("users", "suspend", member).returncode == 2
    run.ok("users", "suspend", member, "--yes")
    assert run.json("users", "get", member)["status"] == "USER_STATUS_SUSPENDED"
    run.ok("users", "resume", member)
    assert run.json("users", "get", member)["status"] == "USER_STATUS_ACTIVE"


def test_a_member_may_be_given_by_their_address(
    run: CommandLine, organization: Organization, provider: Created, member: str, email: str
) -> None:
    assert run.json("members", "show", email.upper())["userId"] == member
    assert run.ok("users", "suspend", email, "--yes") == f"user {member}: suspended\n"
    run.ok("users", "resume", email)
    assert run.ok("members", "set-role", email, "member") == f"user {member}: member\n"
    twin = provision(organization.url, provider.token, email, f"twin-{email}")
    for command in (("members", "show"), ("users", "suspend", "--yes")):
        done = run(*command, email)
        assert done.returncode == 2
        assert f"more than one member has the e-mail address {email!r}" in done.stderr
        assert member in done.stderr
        assert twin in done.stderr
    done = run("members", "show", "nobody@acme.example")
    assert done.returncode == 3
    assert "no member has the e-mail address 'nobody@acme.example'" in done.stderr


def test_who_suspends_a_member_is_shown_and_named(
    run: CommandLine, organization: Organization, provider: Created, member: str
) -> None:
    id = provider.scim_configuration.id
    off = {"Operations": [{"op": "replace", "value": {"active": False}}]}
    scim(organization.url, provider.token, "PATCH", f"/Users/{member}", off)
    assert f"SCIM configuration {id}" in run.ok("members", "show", member)
    found = run.json("members", "show", member)
    assert found["status"] == "USER_STATUS_SUSPENDED"
    assert [denial["scimConfigurationId"] for denial in found["denials"]] == [id]
    refused = run("users", "resume", member)
    assert refused.returncode != 0
    assert id in refused.stderr
    previewed = run.json("scim-configurations", "delete", id, "--dry-run")
    assert previewed["suspendedByAdministratorCount"] == "1"
    assert "1 would stay suspended" in run.ok("scim-configurations", "delete", id, "--dry-run")
    assert run.json("scim-configurations", "get", id)["id"] == id


def test_an_unknown_user_is_not_found(run: CommandLine) -> None:
    done = run("users", "get", str(uuid.uuid4()))
    assert done.returncode == 3
    assert "orgplane members list" in done.stderr


class TestRequests:
    def test_what_the_provider_sent_and_how_it_was_answered(
        self, run: CommandLine, organization: Organization, provider: Created, member: str
    ) -> None:
        id = provider.scim_configuration.id
        scim(organization.url, provider.token, "GET", "/Users/nobody")
        about = ("scim-configurations", "requests", id)
        failed, good = run.json(*about)
        assert (good["method"], good["path"], good["status"]) == ("POST", "/scim/v2/Users", 201)
        assert run.json(*about, "--failed") == [failed]
        assert run.json(*about, "--oldest-first", "--limit", "1") == [good]
        assert run.json(*about, "--until", "1h") == []
        assert len(run.json(*about, "--since", "1h")) == 2
        _, row, _ = run.ok(*about).splitlines()
        assert "user not found" in row

    def test_how_provisioning_fares(self, run: CommandLine, provider: Created, member: str) -> None:
        id = provider.scim_configuration.id
        text = run.ok("scim-configurations", "status", id)
        assert "POST /scim/v2/Users 201" in text
        assert run.json("scim-configurations", "status", id)["userCount"] == "1"

    def test_they_are_followed(
        self, run: CommandLine, organization: Organization, provider: Created, member: str
    ) -> None:
        with subprocess.Popen(
            [
                *(COMMAND, "scim-configurations", "requests", provider.scim_configuration.id),
                *("--follow", "--limit", "2", "--output", "json"),
            ],
            env=run.environment,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            lines = Lines(process.stdout)
            assert json.loads(lines.next() or "")["method"] == "POST"
            scim(organization.url, provider.token, "GET", "/Users/nobody")
            assert json.loads(lines.next() or "")["status"] == 404
            assert process.wait(60) == 0

    def test_following_excludes_what_is_past(self, run: CommandLine, provider: Created) -> None:
        id = provider.scim_configuration.id
        done = run("scim-configurations", "requests", id, "--follow", "--since", "1h")
        assert done.returncode == 2
