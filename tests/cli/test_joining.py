"""`orgplane invites`, `policies`, `account`, and `organization join` and `create`"""

from __future__ import annotations

import processes
from command_line import CommandLine
from orgplane.testing import Organization


def test_an_invite_is_made_shown_and_tells_where_it_leads_to_whoever_has_it(
    run_afresh: CommandLine,
) -> None:
    run = run_afresh
    missing = run("invites", "show")
    assert missing.returncode == 3
    assert "orgplane invites create" in missing.stderr
    first = run.json("invites", "create")["inviteId"]
    done = run("invites", "create", "--output", "json")
    assert "keep it where secrets are kept" in done.stderr
    invite = run.json("invites", "show")["inviteId"]
    assert invite in done.stdout
    nobody = run.having(ORGPLANE_TOKEN="")
    assert nobody("invites", "summary", first).returncode == 3
    summary = nobody.json("invites", "summary", "-", stdin=f"{invite}\n")
    assert (summary["organizationName"], summary["organizationMemberCount"]) == ("Acme", 1)
    # A server that sends no mail says what it lacks.
    who = ("--name", "Eve", "--email", "eve@acme.example")
    refused = nobody("invites", "redeem", "-", *who, stdin=invite)
    assert refused.returncode == 6
    assert "--smtp-url" in refused.stderr
    assert "the invite is empty" in nobody("invites", "redeem", "-", *who).stderr
    mine = run.json("organization", "join", "--invite", "-", stdin=invite)
    assert mine["email"] == "ada@acme.example"
    assert run("organization", "join").returncode == 2


def test_policies_are_set_and_say_what_changed(run_afresh: CommandLine) -> None:
    run, option = run_afresh, "restrict-account-creation-to-scim"
    assert run.json("policies", "get")["restrictAccountCreationToScim"] is False
    assert run.ok("policies", "set", f"--{option}").splitlines() == [
        "policies: updated",
        "restrict account creation to scim  no -> yes",
    ]
    assert "nothing changed" in run.ok("policies", "set", f"--{option}")
    after = run.json("policies", "set", f"--no-{option}")
    assert after["restrictAccountCreationToScim"] is False
    assert run("policies", "set").returncode == 2


def test_policies_of_tokens_are_set_and_say_what_changed(run_afresh: CommandLine) -> None:
    run = run_afresh
    assert "maxTokenAge" not in run.json("policies", "get-tokens")
    assert run.ok("policies", "set-tokens", "--max-token-age", "30d").splitlines() == [
        "policies of tokens: updated",
        "max token age  - -> 30d",
    ]
    refused = run("tokens", "create", "--valid-for", "31d")
    assert refused.returncode != 0
    assert "at most 30 days" in refused.stderr
    assert run.ok("policies", "set-tokens", "--sign-in-within", "14d").splitlines() == [
        "policies of tokens: updated",
        "sign in within  - -> 14d",
    ]
    after = run.json("policies", "set-tokens", "--max-token-age", "0d")
    assert "maxTokenAge" not in after
    assert run("policies", "set-tokens").returncode == 2


def test_the_account_is_the_member_alone_until_they_join_elsewhere(
    run: CommandLine, organization: Organization
) -> None:
    account = run.json("account", "show")
    assert account["id"] == organization.user_id
    assert [each["userId"] for each in account["memberships"]] == [organization.user_id]
    assert organization.organization_id in run.ok("account", "show")
    assert run.json("account", "joinable") == []


def test_an_organization_of_ones_own_begins_with_a_token(lonely: CommandLine) -> None:
    url = processes.sqlite_url(lonely.folder)
    with processes.Server("--database-url", url, "--allow-organization-creation") as server:
        known = processes.create_organization(url)
        run = lonely.having(ORGPLANE_URL=server.url, ORGPLANE_TOKEN=known.token)
        done = run("organization", "create", "Globex", "--output", "token")
        assert "(Globex): created" in done.stderr
        assert "shown only this once" in done.stderr
        there = run.having(ORGPLANE_TOKEN=done.stdout.strip())
        made = there.json("organization", "get")
        assert made["name"] == "Globex"
        again = run("account", "first-token", made["id"])
        assert (again.returncode, again.stdout) == (6, "")
        assert "was given already" in again.stderr
        assert len(run.json("account", "show")["memberships"]) == 2
