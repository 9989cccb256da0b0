"""`orgplane organization`, `tokens` and `whoami`"""

from __future__ import annotations

import pytest
from command_line import CommandLine
from orgplane.testing import Organization


def test_whoami_tells_user_organization_and_server(
    run: CommandLine, organization: Organization
) -> None:
    text = run.ok("whoami")
    assert "admin <admin@acme.example>" in text
    assert organization.organization_id in text
    assert organization.url in text
    whole = run.json("whoami")
    assert whole["identity"]["subject"]["id"] == organization.user_id
    assert whole["organization"]["name"] == "Acme"


def test_the_organization_is_changed_by_what_is_named(run_afresh: CommandLine) -> None:
    run = run_afresh
    assert run.ok(
        *("organization", "update", "--name", "Acme Corporation"),
        *("--invite-domain", "acme.example", "--invite-domain", "acme.test"),
    ).splitlines()[1:] == [
        "name            Acme -> Acme Corporation",
        "invite domains  - -> acme.example, acme.test",
    ]
    assert "nothing changed" in run.ok("organization", "update", "--name", "Acme Corporation")
    after = run.json("organization", "update", "--clear-invite-domains")
    assert after["inviteDomains"] == {"domains": []}
    assert run.json("organization", "get") == after
    assert run("organization", "update").returncode == 2


def test_a_token_is_created_used_and_revoked(run: CommandLine) -> None:
    done = run("tokens", "create", "--description", "nightly", "--read-only", "--output", "token")
    assert "only this once" in done.stderr
    as_token = run.having(ORGPLANE_TOKEN=done.stdout.strip())
    as_token.ok("whoami")
    refused = as_token("organization", "update", "--name", "x")
    assert refused.returncode == 4
    (pat,) = (pat for pat in run.json("tokens", "list") if pat["description"] == "nightly")
    assert pat["readOnly"] is True
    assert run.json("tokens", "get", pat["id"])["id"] == pat["id"]
    assert run("tokens", "delete", pat["id"]).returncode == 2
    assert run.ok("tokens", "delete", pat["id"], "--yes") == f"token {pat['id']}: revoked\n"
    assert as_token("whoami").returncode == 4


def test_tokens_of_a_member_are_listed_by_their_id(
    run: CommandLine, organization: Organization
) -> None:
    listed = run.json("tokens", "list", "--user", organization.user_id)
    assert {pat["userId"] for pat in listed} == {organization.user_id}
    header, *_ = run.ok("tokens", "list", "--user", organization.user_id).splitlines()
    assert header.startswith("USER ID")


@pytest.mark.parametrize("protocol", ["connect", "grpc", "grpc-web"])
def test_every_protocol_says_the_same(run: CommandLine, protocol: str) -> None:
    assert run.json("whoami", "--protocol", protocol) == run.json("whoami")


def test_whoami_and_login_warn_when_the_last_token_ends_soon(run_afresh: CommandLine) -> None:
    assert run_afresh("whoami").stderr == ""
    (first,) = run_afresh.json("tokens", "list")
    short = run_afresh.ok("tokens", "create", "--valid-for", "5d", "--output", "token").strip()
    run_afresh.ok("tokens", "create", "--read-only", "--output", "token")
    assert run_afresh("whoami").stderr == ""
    run = run_afresh.having(ORGPLANE_TOKEN=short)
    run.ok("tokens", "delete", first["id"], "--yes")
    warning = "orgplane: warning: your last token that is not read-only ends at "
    assert run("whoami").stderr.startswith(warning)
    done = run.having(ORGPLANE_TOKEN="")("login", stdin=short)
    assert done.stderr.startswith(warning)
    assert short not in done.stderr


def test_whoami_warns_who_has_to_sign_in_soon(run_afresh: CommandLine) -> None:
    run_afresh.ok("policies", "set-tokens", "--sign-in-within", "30d")
    assert run_afresh("whoami").stderr == ""
    run_afresh.ok("policies", "set-tokens", "--sign-in-within", "10d")
    warning = "orgplane: warning: your tokens do not work from "
    done = run_afresh("whoami")
    assert done.stderr.startswith(warning)
    assert "unless you sign in before: orgplane login --sso" in done.stderr
