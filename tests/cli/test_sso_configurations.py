"""`orgplane sso-configurations`"""

from __future__ import annotations

import contextlib
import urllib.error
import urllib.request
from pathlib import Path

import orgplane
import pytest
from command_line import CommandLine
from orgplane.testing import Organization

SSO = orgplane.types.SSOConfiguration


def now(organization: Organization, id: str) -> SSO:
    """The configuration as the server has it."""
    return organization.client.organizations.sso_configurations.retrieve(
        sso_configuration_id=id
    ).sso_configuration


@pytest.mark.parametrize("source", ["stdin", "file"])
def test_create_reads_the_secret_from_stdin_or_a_file(
    run: CommandLine, organization: Organization, tmp_path: Path, source: str
) -> None:
    (tmp_path / "secret").write_text("hunter2\n")
    options = ("--client-secret-file", "secret") if source == "file" else ()
    created = run.json(
        *("sso-configurations", "create", "--issuer-url", "https://idp.example"),
        *("--client-id", "orgplane", "--display-name", "Entra", *options),
        *("--email-domain", "a.example", "--email-domain", "b.example"),
        *("--additional-scope", "groups", "--claims-expression", "true"),
        stdin="hunter2\n" if source == "stdin" else "",
    )
    found = now(organization, created["id"])
    assert found.client_id == "orgplane"
    assert found.display_name == "Entra"
    assert found.email_domains == ("a.example", "b.example")
    assert found.additional_scopes == ("groups",)
    assert found.claims_expression == "true"
    assert "hunter2" not in str(created)


def test_sign_ins_are_listed_and_followed_or_narrowed_to_the_past(
    run: CommandLine, organization: Organization
) -> None:
    made = organization.client.organizations.sso_configurations.create(
        organization_id=organization.organization_id,
        issuer_url="https://idp.example",
        client_id="c",
        client_secret="s",
    ).sso_configuration
    pages = f"{organization.url}/login/sso/{made.id}"
    with contextlib.suppress(urllib.error.HTTPError):
        urllib.request.urlopen(pages)
    shown = run.ok("sso-configurations", "sign-ins", made.id, "--failed", "--since", "1h")
    assert "INACTIVE" in shown
    assert "activate it to let people in" in shown
    followed = run.json("sso-configurations", "sign-ins", made.id, "--follow", "--limit", "1")
    assert followed["refusal"] == "SIGN_IN_REFUSAL_INACTIVE"
    assert run.json("sso-configurations", "sign-ins", made.id, "--until", "1h") == []
    done = run("sso-configurations", "sign-ins", made.id, "--follow", "--since", "1h")
    assert done.returncode == 2


def test_the_binding_claim_is_set(run: CommandLine, organization: Organization) -> None:
    made = organization.client.organizations.sso_configurations.create(
        organization_id=organization.organization_id,
        issuer_url="https://idp.example",
        client_id="c",
        client_secret="s",
    ).sso_configuration
    update = ("sso-configurations", "update", made.id)
    assert "by the claim oid" in run.ok(*update, "--binding-claim", "oid")
    run.ok(*update, "--client-id", "d", "--binding-claim", "sub", "--rebind")
    status = organization.client.organizations.sso_configurations.retrieve_status(
        sso_configuration_id=made.id
    )
    assert (status.binding_claim, status.bound_members) == ("sub", 0)
    assert now(organization, made.id).client_id == "d"
    done = run(*update, "--binding-claim", "upn")
    assert "binding_claim: must not be upn" in done.stderr


def test_the_binding_claim_is_set_from_the_beginning(
    run: CommandLine, organization: Organization
) -> None:
    create = ("sso-configurations", "create", "--issuer-url", "https://idp.example")
    options = ("--client-id", "c", "--binding-claim")
    made = run.json(*create, *options, "oid", stdin="hunter2\n")
    status = organization.client.organizations.sso_configurations.retrieve_status(
        sso_configuration_id=made["id"]
    )
    assert status.binding_claim == "oid"
    done = run(*create, *options, "upn", stdin="hunter2\n")
    assert done.returncode == 2
    assert "binding_claim: must not be upn" in done.stderr
    there = now(organization, done.stdout.split()[1]).id
    assert f"{there} is there, and goes by the claim sub" in done.stderr


def test_domains_that_are_not_proven_are_warned_of(
    run: CommandLine, organization: Organization, server: orgplane.testing.Server
) -> None:
    created = run.json(
        *("sso-configurations", "create", "--issuer-url", "https://idp.example"),
        *("--client-id", "c", "--email-domain", "a.example", "--email-domain", "b.example"),
        stdin="hunter2\n",
    )
    server.verify_domain("a.example", organization.organization_id)
    shown = run("sso-configurations", "get", created["id"])
    assert "b.example is not proven" in shown.stderr
    assert "a.example" not in shown.stderr
    assert "a.example, b.example" in shown.stdout


def test_what_the_provider_says_is_told_and_what_to_do(
    run: CommandLine, organization: Organization
) -> None:
    done = run(
        *("sso-configurations", "create", "--issuer-url", "http://127.0.0.1:9"),
        *("--client-id", "c"),
        stdin="hunter2\n",
    )
    assert "must begin with https://" in done.stderr
    done = run(
        *("sso-configurations", "create", "--issuer-url", "https://idp.invalid"),
        *("--client-id", "c"),
        stdin="hunter2\n",
    )
    id = done.stdout.split()[1]
    assert f"redirect URI with the provider: {organization.url}/sso/callback/{id}\n" in done.stderr
    tested = run("sso-configurations", "test", id)
    assert tested.returncode == 1
    outcome, check, *_ = tested.stdout.splitlines()[1].split()
    assert (outcome, check) == ("wrong", "discovery")
    assert "has a host, idp.invalid, that is not found" in tested.stdout
    assert "discovery: Compare issuer_url with what the provider shows" in tested.stderr
    (found,) = organization.client.organizations.sso_configurations.test(sso_configuration_id=id)
    assert found.outcome is orgplane.types.SSOConfigurationCheckOutcome.WRONG
    assert found.check == "discovery"


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ((), "the client secret is empty"),
        (("--client-secret-file", "missing"), "cannot read the client secret from missing"),
    ],
)
def test_a_secret_that_is_not_there_is_no_secret(
    run: CommandLine, options: tuple[str, ...], complaint: str
) -> None:
    done = run(
        *("sso-configurations", "create", "--issuer-url", "https://idp.example"),
        *("--client-id", "orgplane", *options),
    )
    assert done.returncode == 2
    assert complaint in done.stderr


def test_get_and_list(run: CommandLine, sso: SSO) -> None:
    shown = run.ok("sso-configurations", "get", sso.id)
    assert "https://idp.example" in shown
    assert "inactive" in shown
    rows = run.ok("sso-configurations", "list").splitlines()
    assert any(row.startswith(sso.id) for row in rows)


class TestUpdate:
    def test_says_what_changed(
        self, run: CommandLine, organization: Organization, sso: SSO
    ) -> None:
        assert run.ok(
            *("sso-configurations", "update", sso.id, "--activate", "--claim", "a=b=c"),
            *("--email-domain", "a.example", "--additional-scope", "groups", "--display-name", ""),
        ).splitlines() == [
            f"SSO configuration {sso.id}: updated",
            "state              inactive -> active",
            "claims             - -> a=b=c",
            "email domains      - -> a.example",
            "display name       Okta -> -",
            "additional scopes  - -> groups",
        ]
        after = now(organization, sso.id)
        assert after.claims == {"a": "b=c"}
        text = run.ok("sso-configurations", "update", sso.id, "--clear-additional-scopes")
        assert "groups -> -" in text
        assert now(organization, sso.id).additional_scopes == ()

    def test_says_so_when_nothing_did(self, run: CommandLine, sso: SSO) -> None:
        text = run.ok("sso-configurations", "update", sso.id, "--deactivate")
        assert text == f"SSO configuration {sso.id}: nothing changed\n"

    def test_a_secret_is_replaced_and_never_shown(self, run: CommandLine, sso: SSO) -> None:
        text = run.ok(
            "sso-configurations", "update", sso.id, "--client-secret-file", "-", stdin="hunter2"
        )
        assert text.splitlines()[1:] == ["client secret  replaced"]

    def test_is_the_object_afterwards_for_scripts(self, run: CommandLine, sso: SSO) -> None:
        after = run.json("sso-configurations", "update", sso.id, "--activate")
        assert after["state"] == "SSO_CONFIGURATION_STATE_ACTIVE"

    @pytest.mark.parametrize(
        ("options", "complaint"),
        [
            ((), "nothing to change"),
            (("--claim", "nonsense"), "expected NAME=VALUE"),
            (("--additional-scope", "a", "--clear-additional-scopes"), "exclude each other"),
        ],
    )
    def test_refuses_what_makes_no_sense(
        self, run: CommandLine, sso: SSO, options: tuple[str, ...], complaint: str
    ) -> None:
        done = run("sso-configurations", "update", sso.id, *options)
        assert done.returncode == 2
        assert complaint in done.stderr


def test_delete(run: CommandLine, organization: Organization, sso: SSO) -> None:
    assert run("sso-configurations", "delete", sso.id).returncode == 2
    run.ok("sso-configurations", "delete", sso.id, "--yes")
    with pytest.raises(orgplane.NotFoundError):
        now(organization, sso.id)


def test_delete_of_one_in_use_says_how_to_go_on(
    run: CommandLine, scim: orgplane.types.SCIMConfiguration
) -> None:
    done = run("sso-configurations", "delete", scim.sso_configuration_id, "--yes")
    assert done.returncode == 6
    _, advice = done.stderr.splitlines()
    command = advice.partition("orgplane ")[2].split()
    assert scim.id in command
    run.ok(*command)
    run.ok("sso-configurations", "delete", scim.sso_configuration_id, "--yes")
