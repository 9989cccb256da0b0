"""`orgplane api`: any RPC by its name; and `--jq`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import CommandLine
from orgplane.testing import Organization


def test_an_rpc_is_called_by_its_name_with_or_without_its_service(
    run: CommandLine, organization: Organization, tmp_path: Path
) -> None:
    asked = json.dumps({"organizationId": organization.organization_id})
    (tmp_path / "request.json").write_text(asked)
    answers = [
        json.loads(run.ok("api", method, "-d", data, stdin=stdin))
        for method, data, stdin in (
            ("gitpod.v1.OrganizationService/GetOrganization", asked, ""),
            ("/gitpod.v1.OrganizationService/GetOrganization", asked, ""),
            ("gitpod.v1.OrganizationService/GetOrganization", "@request.json", ""),
            ("gitpod.v1.OrganizationService/GetOrganization", "-", asked),
        )
    ]
    assert answers[0]["organization"]["id"] == organization.organization_id
    assert answers == answers[:1] * 4
    whoami = json.loads(run.ok("api", "IdentityService/GetAuthenticatedIdentity"))
    assert whoami["organizationId"] == organization.organization_id
    assert json.loads(run.ok("api", "GetAuthenticatedIdentity")) == whoami


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("EventService/WatchEvents",), "one of several: gitpod.v1.EventService/WatchEvents, org"),
        (("GetOrganisation",), "there is no RPC 'GetOrganisation'"),
        (("ListGroup",), "is it one of gitpod.v1.GroupService/ListGroups"),
        (("GetAuthenticatedIdentity", "-d", "{"), "--data: "),
        (("GetAuthenticatedIdentity", "-d", '{"x": 1}'), "'x' is unknown"),
        (("GetAuthenticatedIdentity", "-d", "@missing"), "--data: cannot read missing"),
        (("GetAuthenticatedIdentity", "--paginate"), "is no list"),
        (("GetAuthenticatedIdentity", "--limit", "1"), "--limit: goes with --paginate"),
    ],
)
def test_what_cannot_be_called_is_refused_by_name(
    run: CommandLine, arguments: tuple[str, ...], said: str
) -> None:
    done = run("api", *arguments)
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    assert not done.stdout


def test_errors_are_those_of_every_command(run: CommandLine) -> None:
    data = json.dumps({"groupId": "01a2100b-669a-73af-8a3d-b9cff4261d82"})
    assert run("api", "GroupService/GetGroup", "-d", data).returncode == 3


def test_all_pages_of_a_list_are_one(run_afresh: CommandLine) -> None:
    for name in ("aaa", "bbb", "ccc"):
        run_afresh.ok("api", "GroupService/CreateGroup", "-d", json.dumps(_group(run_afresh, name)))
    small = json.dumps({"pagination": {"pageSize": 1}})
    groups = json.loads(run_afresh.ok("api", "ListGroups", "-d", small, "--paginate"))
    assert [group["name"] for group in groups] == ["aaa", "bbb", "ccc"]
    limited = run_afresh.ok("api", "ListGroups", "-d", small, "--paginate", "--limit", "2")
    assert json.loads(limited) == groups[:2]
    listing = "orgplane.v1.EventService/ListEvents"
    events = json.loads(run_afresh.ok("api", listing, "-d", '{"pageSize": 2}', "--paginate"))
    assert [event["resourceId"] for event in events][-3:] == [group["id"] for group in groups]


def test_what_streams_is_a_line_each(run: CommandLine) -> None:
    (line,) = run.ok("api", "orgplane.v1.EventService/WatchEvents", "--limit", "1").splitlines()
    assert "heartbeat" in json.loads(line)


def _group(run: CommandLine, name: str) -> dict[str, str]:
    organization = json.loads(run.ok("api", "GetAuthenticatedIdentity"))["organizationId"]
    return {"organizationId": organization, "name": name}


class TestJq:
    """With jq itself, whose language it is."""

    def test_it_selects_of_an_object_of_a_list_and_of_a_stream(
        self, run: CommandLine, organization: Organization
    ) -> None:
        pytest.importorskip("jq")
        own = organization.organization_id
        assert run.ok("api", "GetAuthenticatedIdentity", "--jq", ".organizationId") == f"{own}\n"
        assert run.ok("organization", "get", "--jq", "{id}") == f'{{"id": "{own}"}}\n'
        assert run.ok("members", "list", "--jq", "length, .[0].role").splitlines()[1:] == [
            "ORGANIZATION_ROLE_ADMIN"
        ]
        watched = ("api", "orgplane.v1.EventService/WatchEvents", "--limit", "1")
        assert run.ok(*watched, "--jq", "keys") == '["heartbeat"]\n'

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("--jq", ".["), "--jq: jq: error: syntax error"),
            (("--jq", ".", "--output", "yaml"), "not with --output yaml"),
        ],
    )
    def test_what_is_no_expression_is_refused_before_anything_is_done(
        self, run_afresh: CommandLine, arguments: tuple[str, ...], said: str
    ) -> None:
        pytest.importorskip("jq")
        done = run_afresh("groups", "create", "aaa", *arguments)
        assert (done.returncode, said in done.stderr) == (2, True), done.stderr
        assert run_afresh.json("groups", "list") == []

    def test_what_fails_only_with_the_answer_says_so(self, run: CommandLine) -> None:
        pytest.importorskip("jq")
        done = run("whoami", "--jq", "error")
        assert done.returncode == 2
        assert "What the command has done is done" in done.stderr
