"""`orgplane groups`, and the groups of a member."""

from __future__ import annotations

import uuid

import orgplane
import pytest
from command_line import CommandLine
from orgplane.testing import Organization


@pytest.fixture
def name() -> str:
    """Of a group that nobody has made yet."""
    return f"Group {uuid.uuid4().hex[:12]}"


def test_a_group_is_kept_by_its_name_or_its_id(
    run: CommandLine, organization: Organization, name: str
) -> None:
    me = organization.user_id
    made = run.json("groups", "create", name, "--description", "Runs it all")
    assert (made["name"], made["description"], made["systemManaged"]) == (
        name,
        "Runs it all",
        False,
    )
    assert run.json("groups", "get", name.upper()) == run.json("groups", "get", made["id"]) == made
    assert run.ok("groups", "add", name, me) == f"group {made['id']} ({name}): user {me} is in it\n"
    (there,) = run.json("groups", "members", made["id"])
    assert (there["subject"]["id"], there["groupId"]) == (me, made["id"])
    header, row = run.ok("groups", "members", name).splitlines()
    assert header.split() == ["USER", "ID", "NAME", "MEMBERSHIP", "ID"]
    assert row.split()[0] == me
    renamed = f"{name} anew"
    assert "name  " in run.ok("groups", "update", name, "--name", renamed)
    (listed,) = run.json("groups", "list", "--local", "--search", renamed)
    assert (listed["description"], listed["memberCount"]) == ("Runs it all", 1)
    assert run.json("groups", "list", "--provided", "--search", renamed) == []
    assert f"{renamed} ({made['id']}), local" in run.ok("members", "show", me)
    assert renamed in [each["name"] for each in run.json("members", "show", me)["groups"]]
    run.ok("groups", "remove", renamed, me)
    done = run("groups", "remove", renamed, me)
    assert (done.returncode, "is not in the group" in done.stderr) == (3, True)
    run.ok("groups", "delete", renamed, "--yes")
    done = run("groups", "get", made["id"])
    assert (done.returncode, "group not found" in done.stderr) == (3, True)


def test_the_python_client_does_the_same(organization: Organization, name: str) -> None:
    groups, me = organization.client.groups, organization.user_id
    made = groups.create(organization_id=organization.organization_id, name=name).group
    joined = groups.memberships.create(group_id=made.id, subject=me).member
    assert joined.subject == orgplane.types.Subject(me, orgplane.types.Principal.USER)
    found = groups.memberships.retrieve(group_id=made.id, subject=joined.subject).member
    assert found == joined
    assert list(groups.memberships.list(group_id=made.id)) == [joined]
    of_me = organization.client.organizations.members.list_groups(user_id=me)
    assert made.id in [group.id for group in of_me]
    groups.memberships.delete(membership_id=joined.id)
    assert groups.memberships.retrieve(group_id=made.id, subject=me).member is None
    changed = groups.update(group_id=made.id, name=name, description="New").group
    assert list(groups.list(group_ids=[made.id], system_managed=False)) == [changed]
    assert groups.retrieve(name=name).group == changed
    groups.delete(group_id=made.id)
    with pytest.raises(orgplane.NotFoundError):
        groups.retrieve(group_id=made.id)
    with pytest.raises(orgplane.ConfigurationError):
        groups.retrieve()
