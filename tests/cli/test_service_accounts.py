"""`orgplane service-accounts`: accounts, their tokens, and the command in a program's hands."""

from __future__ import annotations

from command_line import CommandLine


def test_a_program_lives_on_an_account_and_renews_its_own_token(run: CommandLine) -> None:
    made = run.json(
        *("service-accounts", "create", "--name", "deploy", "--valid-until", "365d"),
        *("--description", "the pipeline"),
    )
    id = made["id"]
    token = run.ok(
        *("service-accounts", "tokens", "create", id, "--valid-for", "30d", "--output", "token")
    ).strip()
    assert token.startswith("orgplane_service_")
    program = run.having(ORGPLANE_TOKEN=token)
    shown = program.ok("whoami")
    assert "deploy" in shown
    assert id in shown
    assert program.json("whoami")["service_account"]["id"] == id
    (old,) = program.json("service-accounts", "tokens", "list")
    renewed = program.ok("service-accounts", "tokens", "create", "--output", "token").strip()
    after = program.having(ORGPLANE_TOKEN=renewed)
    after.ok("service-accounts", "tokens", "delete", old["id"], "--yes")
    refused = program("whoami")
    assert (refused.returncode, "unknown or revoked" in refused.stderr) == (4, True)
    assert [
        each["serviceAccountId"] for each in after.json("service-accounts", "tokens", "list")
    ] == [id]
    (listed,) = run.json("service-accounts", "tokens", "list", id)
    assert listed["id"] != old["id"]


def test_a_profile_may_be_of_an_account(run: CommandLine) -> None:
    id = run.json("service-accounts", "create", "--name", "nightly", "--valid-until", "1d")["id"]
    token = run.ok("service-accounts", "access-token", id, "--output", "token")
    said = run.having(ORGPLANE_TOKEN="").ok("login", "--profile", "nightly", stdin=token)
    assert " as nightly\n" in said
    assert id in run.having(ORGPLANE_TOKEN="").ok("whoami", "--profile", "nightly")


def test_suspension_and_the_end_are_said_and_take_effect(run: CommandLine) -> None:
    id = run.json("service-accounts", "create", "--name", "ship", "--valid-until", "2099-01-01")[
        "id"
    ]
    program = run.having(
        ORGPLANE_TOKEN=run.ok(
            "service-accounts", "tokens", "create", id, "--output", "token"
        ).strip()
    )
    assert (
        run.ok("service-accounts", "suspend", id, "--yes") == f"service account {id}: suspended\n"
    )
    refused = program("whoami")
    assert (refused.returncode, "is suspended" in refused.stderr) == (4, True)
    assert id not in run.ok("service-accounts", "list", "--search", "SHIP")
    assert id in run.ok("service-accounts", "list", "--search", "SHIP", "--suspended")
    run.ok("service-accounts", "resume", id)
    program.ok("whoami")
    changed = run.ok(
        "service-accounts", "update", id, "--name", "boat", "--valid-until", "2098-01-01"
    )
    assert "boat" in changed
    assert "2098-01-01" in changed
    (token,) = run.json("service-accounts", "tokens", "list", id)
    assert token["expiresAt"] == "2098-01-01T00:00:00Z"
    run.ok("service-accounts", "delete", id, "--yes")
    assert program("whoami").returncode == 4


def test_what_only_a_member_or_only_an_account_may_is_told(run: CommandLine) -> None:
    refused = run("service-accounts", "tokens", "create")
    assert (refused.returncode, "tokens create ID" in refused.stderr) == (4, True)
    id = run.json("service-accounts", "create", "--name", "m", "--valid-until", "1d")["id"]
    token = run.ok("service-accounts", "access-token", id, "--output", "token").strip()
    refused = run.having(ORGPLANE_TOKEN=token)("tokens", "list")
    assert (refused.returncode, "only members" in refused.stderr) == (4, True)
    wrong = run("service-accounts", "create", "--name", "m", "--valid-until", "yesterday")
    assert wrong.returncode == 2
