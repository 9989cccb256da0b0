"""`orgplane scim-configurations`"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import orgplane
import pytest
from command_line import CommandLine
from identity_provider import provision, scim
from orgplane.testing import Organization

SCIM = orgplane.types.SCIMConfiguration


def now(organization: Organization, id: str) -> SCIM:
    """The configuration as the server has it."""
    return organization.client.organizations.scim_configurations.retrieve(
        scim_configuration_id=id
    ).scim_configuration


def test_get_shows_a_line_for_each_field(run: CommandLine, scim: SCIM) -> None:
    lines = dict(
        line.split("  ", 1) for line in run.ok("scim-configurations", "get", scim.id).splitlines()
    )
    shown = {name: value.strip() for name, value in lines.items()}
    assert shown["id"] == scim.id
    assert shown["name"] == "Okta"
    assert shown["enabled"] == "yes"
    assert shown["sso configuration id"] == scim.sso_configuration_id
    assert shown["updated"] == scim.updated_at.strftime("%Y-%m-%d %H:%M:%SZ")


def test_list_is_a_table_with_a_row_for_each(run: CommandLine, scim: SCIM) -> None:
    header, *rows = run.ok("scim-configurations", "list").splitlines()
    assert header.split("  ")[0] == "ID"
    assert "SSO CONFIGURATION ID" in header
    (row,) = (row for row in rows if row.startswith(scim.id))
    assert row.index("Okta") == header.index("NAME")
    assert row.index(scim.sso_configuration_id) == header.index("SSO CONFIGURATION ID")


def test_create_prints_the_base_url_and_once_the_token_and_says_so(
    run: CommandLine, organization: Organization, sso: orgplane.types.SSOConfiguration
) -> None:
    done = run("scim-configurations", "create", "--sso-configuration-id", sso.id, "--name", "Entra")
    assert done.returncode == 0
    *_, address, (label, token) = (line.split() for line in done.stdout.splitlines())
    assert address == ["scim", "base", "url", f"{organization.url}/scim/v2"]
    assert label == "token"
    assert token.startswith("orgplane_scim_")
    assert token not in done.stderr
    assert "only this once" in done.stderr


def test_the_token_can_be_piped_alone(
    run: CommandLine, organization: Organization, sso: orgplane.types.SSOConfiguration, scim: SCIM
) -> None:
    for command in (
        ("create", "--sso-configuration-id", sso.id),
        ("regenerate-token", scim.id, "--yes"),
    ):
        done = run("scim-configurations", *command, "--output", "token")
        assert done.stdout.startswith("orgplane_scim_")
        assert len(done.stdout.split()) == 1
        assert "only this once" in done.stderr


@pytest.mark.parametrize(
    ("text", "lifetime"),
    [("30d", timedelta(days=30)), ("1d12h", timedelta(hours=36)), ("86400s", timedelta(days=1))],
)
def test_durations_are_as_people_write_them(
    run: CommandLine,
    sso: orgplane.types.SSOConfiguration,
    text: str,
    lifetime: timedelta,
) -> None:
    created = run.json(
        "scim-configurations",
        "create",
        "--sso-configuration-id",
        sso.id,
        "--token-expires-in",
        text,
    )
    ends = datetime.fromisoformat(created["tokenExpiresAt"])
    begins = datetime.fromisoformat(created["scimConfiguration"]["createdAt"])
    assert ends - begins == lifetime
    assert abs(begins - datetime.now(UTC)) < timedelta(minutes=5)


class TestUpdate:
    def test_says_what_changed(
        self, run: CommandLine, organization: Organization, scim: SCIM
    ) -> None:
        assert run.ok(
            "scim-configurations", "update", scim.id, "--disable", "--name", "Entra"
        ).splitlines() == [
            f"SCIM configuration {scim.id}: updated",
            "name     Okta -> Entra",
            "enabled  yes -> no",
        ]
        after = now(organization, scim.id)
        assert (after.name, after.enabled) == ("Entra", False)

    def test_says_so_when_nothing_did(
        self, run: CommandLine, organization: Organization, scim: SCIM
    ) -> None:
        assert (
            run.ok("scim-configurations", "update", scim.id, "--enable", "--name", "Okta")
            == f"SCIM configuration {scim.id}: nothing changed\n"
        )
        assert now(organization, scim.id).updated_at == scim.updated_at

    def test_leaves_what_is_not_named(
        self, run: CommandLine, organization: Organization, scim: SCIM
    ) -> None:
        run.ok("scim-configurations", "update", scim.id, "--disable")
        after = now(organization, scim.id)
        assert (after.name, after.sso_configuration_id) == ("Okta", scim.sso_configuration_id)

    def test_clears_a_name_and_unlinks_and_links_again(
        self, run: CommandLine, organization: Organization, scim: SCIM
    ) -> None:
        text = run.ok("scim-configurations", "update", scim.id, "--name", "", "--unlink")
        assert "Okta -> -" in text
        after = now(organization, scim.id)
        assert (after.name, after.sso_configuration_id) == ("", "")
        linked = scim.sso_configuration_id
        run.ok("scim-configurations", "update", scim.id, "--sso-configuration-id", linked)
        assert now(organization, scim.id).sso_configuration_id == linked

    def test_is_the_object_afterwards_for_scripts(self, run: CommandLine, scim: SCIM) -> None:
        after = run.json(
            *("scim-configurations", "update", scim.id),
            "--allow-unverified-email-account-linking",
        )
        assert after["id"] == scim.id
        assert after["allowUnverifiedEmailAccountLinking"] is True

    @pytest.mark.parametrize(
        ("options", "complaint"),
        [
            ((), "nothing to change"),
            (("--unlink", "--sso-configuration-id", "x"), "exclude each other"),
        ],
    )
    def test_refuses_what_makes_no_sense(
        self, run: CommandLine, scim: SCIM, options: tuple[str, ...], complaint: str
    ) -> None:
        done = run("scim-configurations", "update", scim.id, *options)
        assert done.returncode == 2
        assert complaint in done.stderr


def test_delete_needs_yes_without_a_terminal(
    run: CommandLine, organization: Organization, scim: SCIM
) -> None:
    done = run("scim-configurations", "delete", scim.id)
    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert now(organization, scim.id) == scim
    assert (
        run.ok("scim-configurations", "delete", scim.id, "--yes")
        == f"SCIM configuration {scim.id}: deleted\n"
    )
    with pytest.raises(orgplane.NotFoundError):
        now(organization, scim.id)


def test_regenerate_token_needs_yes_without_a_terminal(run: CommandLine, scim: SCIM) -> None:
    done = run("scim-configurations", "regenerate-token", scim.id)
    assert (done.returncode, done.stdout) == (2, "")
    answer = run.json(
        "scim-configurations", "regenerate-token", scim.id, "--yes", "--token-expires-in", "2d"
    )
    assert set(answer) == {"token", "tokenExpiresAt", "scimBaseUrl"}


def test_the_base_url_that_is_printed_is_scims(
    run: CommandLine, organization: Organization, sso: orgplane.types.SSOConfiguration
) -> None:
    below = run.having(ORGPLANE_URL=f"{organization.url}/api")
    made = below.json("scim-configurations", "create", "--sso-configuration-id", sso.id)
    assert made["scimBaseUrl"] == f"{organization.url}/api/scim/v2"
    provision(made["scimBaseUrl"].removesuffix("/scim/v2"), made["token"], "eve@acme.example")
    status = run.ok("scim-configurations", "status", made["scimConfiguration"]["id"])
    assert f"{organization.url}/scim/v2\n" in status


def test_status_warns_of_a_token_that_ends_soon(
    run: CommandLine, organization: Organization, scim: SCIM
) -> None:
    assert "warning" not in run("scim-configurations", "status", scim.id).stderr
    run.ok(
        *("scim-configurations", "regenerate-token", scim.id, "--yes"),
        *("--token-expires-in", "5d", "--output", "token"),
    )
    done = run("scim-configurations", "status", scim.id)
    ends = f"{now(organization, scim.id).token_expires_at:%Y-%m-%d %H:%M:%S}Z"
    assert done.stderr == (
        f"orgplane: warning: the SCIM token ends at {ends}: regenerate it, "
        "and enter the new one at the provider\n"
    )
    assert "warning" not in done.stdout
    assert run.json("scim-configurations", "status", scim.id)["tokenWarning"]["daysLeft"] == 4


def test_the_status_tells_whom_the_provider_wants_gone(
    lonely: CommandLine, server: orgplane.testing.Server
) -> None:
    owner = server.create_organization()
    run = lonely.having(ORGPLANE_URL=owner.url, ORGPLANE_TOKEN=owner.token)
    configurations = owner.client.organizations
    sso = configurations.sso_configurations.create(
        organization_id=owner.organization_id,
        client_id="client",
        client_secret="secret",
        issuer_url="https://idp.example",
    ).sso_configuration
    made = configurations.scim_configurations.create(
        organization_id=owner.organization_id,
        sso_configuration_id=sso.id,
        allow_unverified_email_account_linking=True,
    )
    email = owner.client.users.get_authenticated_user().user.email
    admin = provision(owner.url, made.token, email)
    about = ("scim-configurations", "status", made.scim_configuration.id)
    assert run.json(*about).get("pendingDeprovisionings", []) == []
    status, refusal = scim(owner.url, made.token, "DELETE", f"/Users/{admin}")
    assert (status, refusal["status"]) == (403, "403")
    (pending,) = run.json(*about)["pendingDeprovisionings"]
    assert (pending["userId"], pending["kind"]) == (admin, "DEPROVISIONING_KIND_DELETE")
    assert f"delete {email} since " in run.ok(*about)
    found = configurations.scim_configurations.retrieve_status(
        scim_configuration_id=made.scim_configuration.id
    )
    (same,) = found.pending_deprovisionings
    assert (same.user_id, same.kind) == (admin, orgplane.types.DeprovisioningKind.DELETE)
