"""`orgplane events` and `audit-logs`"""

from __future__ import annotations

import json
import subprocess
from typing import Any

import orgplane
import orgplane.testing
import pytest
import yaml
from command_line import COMMAND, CommandLine
from orgplane.testing import Organization
from processes import Lines

SCIM = orgplane.types.SCIMConfiguration


@pytest.fixture
def renamed(organization: Organization, scim: SCIM) -> SCIM:
    return organization.client.organizations.scim_configurations.update(
        scim_configuration_id=scim.id, name="Entra", enabled=False
    ).scim_configuration


def test_events_say_what_changed(run: CommandLine, renamed: SCIM) -> None:
    _, created, updated = run.ok("events", "list", "--resource", renamed.id).splitlines()
    assert "create" in created
    assert "token replaced" in created
    assert updated.endswith("name Okta -> Entra; enabled yes -> no")
    assert renamed.id in updated


def test_events_for_scripts_are_what_the_server_has(
    run: CommandLine, organization: Organization, renamed: SCIM
) -> None:
    created, updated = run.json("events", "list", "--resource", renamed.id)
    (newest,) = run.json(
        "events", "list", "--resource", renamed.id, "--newest-first", "--limit", "1"
    )
    assert newest["id"] == updated["id"]
    assert [change["field"] for change in updated["changes"]] == ["name", "enabled"]
    assert updated["changes"][1] == {
        "field": "enabled",
        "before": True,
        "after": False,
        "secret": False,
    }
    (after,) = run.json("events", "list", "--after", created["cursor"], "--resource", renamed.id)
    assert after["id"] == updated["id"]
    assert run.json("events", "get", updated["id"])["requestId"] == updated["requestId"]
    assert "name Okta -> Entra" in run.ok("events", "get", updated["id"])


@pytest.mark.parametrize("narrowed", [("--resource-type", "organization"), ("--actor",)])
def test_events_are_narrowed(
    run: CommandLine, organization: Organization, renamed: SCIM, narrowed: tuple[str, ...]
) -> None:
    if narrowed == ("--actor",):
        narrowed = ("--actor", organization.user_id)
        assert run.json("events", "list", "--resource", renamed.id, *narrowed)
    else:
        assert run.json("events", "list", "--resource", renamed.id, *narrowed) == []


def test_more_events_than_a_page(run: CommandLine, organization: Organization, scim: SCIM) -> None:
    for number in range(101):
        organization.client.organizations.scim_configurations.update(
            scim_configuration_id=scim.id, name=str(number)
        )
    done = run("events", "list", "--resource", scim.id, "--output", "json", "--debug")
    assert len(json.loads(done.stdout)) == 102
    assert done.stderr.count("ListEvents") == 2


class TestWatch:
    def watch(self, run: CommandLine, *options: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [COMMAND, "events", "watch", *options],
            env=run.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @pytest.mark.parametrize("protocol", ["connect", "grpc", "grpc-web"])
    def test_an_event_is_shown_when_it_comes(
        self, run: CommandLine, organization: Organization, scim: SCIM, protocol: str
    ) -> None:
        with self.watch(run, "--resource", scim.id, "--protocol", protocol) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            try:
                stdout, stderr = Lines(process.stdout), Lines(process.stderr)
                assert stderr.next() == "orgplane: watching; Ctrl-C ends it"
                for name in ("first", "second"):
                    organization.client.organizations.scim_configurations.update(
                        scim_configuration_id=scim.id, name=name
                    )
                assert (stdout.next() or "").startswith("OCCURRED")
                assert (stdout.next() or "").endswith("name Okta -> first")
                assert (stdout.next() or "").endswith("name first -> second")
            finally:
                process.terminate()

    def test_a_server_that_stays_away_is_told_of(self, run: CommandLine) -> None:
        with orgplane.testing.Server() as server:
            variables = {"ORGPLANE_URL": server.url, "ORGPLANE_TOKEN": server.token}
            process = self.watch(run.having(**variables))
            assert process.stderr is not None
            stderr = Lines(process.stderr)
            assert stderr.next() == "orgplane: watching; Ctrl-C ends it"
        with process:
            try:
                assert (stderr.next() or "").startswith("orgplane: the watch is interrupted, and ")
            finally:
                process.terminate()

    @pytest.mark.parametrize(("output", "load"), [("json", json.loads), ("yaml", yaml.safe_load)])
    def test_a_cursor_goes_on_where_one_stopped(
        self, run: CommandLine, renamed: SCIM, output: str, load: Any
    ) -> None:
        created, updated = run.json("events", "list", "--resource", renamed.id)
        done = run(
            *("events", "watch", "--after", created["cursor"], "--resource", renamed.id),
            *("--limit", "1", "--output", output),
        )
        assert done.returncode == 0
        assert done.stderr == ""
        found = load(done.stdout)
        assert (found["id"], found["changes"]) == (updated["id"], updated["changes"])

    def test_json_is_one_object_a_line(self, run: CommandLine, renamed: SCIM) -> None:
        first = run.json("events", "list", "--limit", "1")[0]
        text = run.ok("events", "watch", "--after", first["cursor"], "--limit", "2", "-o", "json")
        assert len([json.loads(line) for line in text.splitlines()]) == 2

    def test_what_is_no_cursor_is_refused(self, run: CommandLine) -> None:
        done = run("events", "watch", "--after", "bogus")
        assert (done.returncode, done.stdout) == (2, "")
        assert "cursor" in done.stderr


class TestAuditLogs:
    def test_entries_are_listed_newest_first(
        self, run: CommandLine, organization: Organization, renamed: SCIM
    ) -> None:
        updated, created = run.json("audit-logs", "list", "--subject", renamed.id)
        assert (updated["action"], created["action"]) == ("update", "create")
        assert updated["actorId"] == organization.user_id
        assert run.json("audit-logs", "get", updated["id"]) == updated
        assert run.json("audit-logs", "list", "--subject", renamed.id, "--oldest-first") == [
            created,
            updated,
        ]
        header, *rows = run.ok("audit-logs", "list", "--subject", renamed.id).splitlines()
        assert header.startswith("CREATED ")
        assert len(rows) == 2

    def test_they_are_narrowed(
        self, run: CommandLine, organization: Organization, renamed: SCIM
    ) -> None:
        about = ("audit-logs", "list", "--subject", renamed.id)
        assert len(run.json(*about, "--subject-type", "scim-configuration")) == 2
        assert run.json(*about, "--subject-type", "user") == []
        assert len(run.json(*about, "--actor", organization.user_id, "--since", "1h")) == 2
        assert run.json(*about, "--until", "2026-01-01") == []
        when = run.json(*about)[0]["createdAt"]
        assert len(run.json(*about, "--since", when)) == 1
        assert len(run.json(*about, "--until", when)) == 1

    def test_what_is_no_time_is_refused(self, run: CommandLine) -> None:
        for text in ("soon", "99999999w", "2026-13-01"):
            done = run("audit-logs", "list", "--since", text)
            assert done.returncode == 2
            assert "expected a time" in done.stderr
