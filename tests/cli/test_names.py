"""Names where ids are wanted."""

from __future__ import annotations

from command_line import CommandLine


def created(run: CommandLine, *arguments: str) -> str:
    return str(run.json(*arguments)["id"])


def test_a_thing_is_found_by_its_name_and_one_of_several_is_not(run_afresh: CommandLine) -> None:
    run = run_afresh
    account = created(
        run, "service-accounts", "create", "--name", "deploy", "--valid-until", "365d"
    )
    created(run, "service-accounts", "create", "--name", "deploy 2", "--valid-until", "365d")
    assert run.json("service-accounts", "get", "deploy")["id"] == account
    run.ok("service-accounts", "suspend", "deploy", "--yes")
    assert run.json("service-accounts", "get", "deploy")["suspended"] is True
    made = ("sso-configurations", "create", "--client-id", "c", "--issuer-url")
    issuers = [f"https://{name}.example" for name in ("one", "two")]
    first, second = (
        run.json(*made, issuer, "--display-name", "Okta", "--client-secret-file", "-", stdin="s")[
            "id"
        ]
        for issuer in issuers
    )
    done = run("sso-configurations", "get", "Okta")
    assert done.returncode == 2
    assert "more than one SSO configuration is called 'Okta'" in done.stderr
    assert f"{first}, {second}" in done.stderr
    run.ok("sso-configurations", "update", second, "--display-name", "Entra")
    scim = run.json(
        "scim-configurations", "create", "--sso-configuration-id", "Entra", "--name", "Entra"
    )
    assert run.json("scim-configurations", "get", "Entra")["ssoConfigurationId"] == second
    assert scim["scimConfiguration"]["ssoConfigurationId"] == second


def test_what_has_no_such_name_is_not_found_and_nothing_is_no_name(run_afresh: CommandLine) -> None:
    for command in ("scim-configurations", "sso-configurations", "service-accounts"):
        done = run_afresh(command, "get", "Okta")
        assert done.returncode == 3
        assert "is called 'Okta'" in done.stderr
        assert f"orgplane {command} list" in done.stderr
        assert run_afresh(command, "get", "").returncode == 2
    done = run_afresh("roles", "assign", "admin", "--group", "Platform")
    assert (done.returncode, "no group is called" in done.stderr) == (3, True)
