"""`orgplane domains`: from a claim by a record in a real name server to a proven domain."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator

import processes
import pytest
from command_line import COMMAND, CommandLine
from name_server import NameServer, challenge


@pytest.fixture(scope="module")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('domains')}/orgplane.db"


@pytest.fixture(scope="module")
def url(database_url: str, name_server_process: NameServer) -> Iterator[str]:
    """A server that asks our name server."""
    resolver = f"127.0.0.1:{name_server_process.port}"
    with processes.Server("--database-url", database_url, "--dns-resolvers", resolver) as server:
        yield server.url


@pytest.fixture
def organization(url: str, database_url: str) -> processes.Organization:
    return processes.create_organization(database_url)


@pytest.fixture
def run(lonely: CommandLine, url: str, organization: processes.Organization) -> CommandLine:
    return lonely.having(ORGPLANE_URL=url, ORGPLANE_TOKEN=organization.token)


def test_a_domain_is_proven_by_the_record_that_is_printed(
    run: CommandLine, name_server: NameServer
) -> None:
    printed = run.ok("domains", "add", "ACME.com.")
    fields = dict(re.findall(r"^ +(type|name|value) +(\S+)$", printed, re.MULTILINE))
    assert (fields["type"], fields["name"]) == ("TXT", "_orgplane-challenge.acme.com")
    refused = run("domains", "verify", "acme.com")
    assert refused.returncode == 6
    assert "no such name in DNS" in refused.stderr
    name_server.publish(challenge(fields["value"]))
    assert "verified" in run.ok("domains", "verify", "acme.com")
    (claim,) = run.json("domains", "list")
    assert (claim["domain"], claim["state"]) == (
        "acme.com",
        "DOMAIN_VERIFICATION_STATE_VERIFIED",
    )
    assert run("domains", "remove", "acme.com").returncode == 2  # nobody to ask
    known = run.ok("domains", "get", "acme.com")
    assert fields["value"] in known
    assert run.ok("domains", "remove", claim["id"], "--yes")
    assert run("domains", "get", "acme.com").returncode == 3
    assert run.json("domains", "list") == []
    assert run("domains", "remove", "acme.com", "--yes").returncode == 3


def test_a_domain_is_named_as_people_spell_it(run: CommandLine, name_server: NameServer) -> None:
    claim = run.json("domains", "add", "stra\u00dfe.de")
    name_server.publish(**{"xn--strae-oqa_de": [challenge(claim["verificationToken"])]})
    assert "verified" in run.ok("domains", "verify", "Stra\u00dfe.de.")
    assert run("domains", "verify", "strasse.de").returncode == 3
    assert run.ok("domains", "remove", "STRA\u1e9eE.de", "--yes")


def test_verify_waits_for_the_record(run: CommandLine, name_server: NameServer) -> None:
    claim = run.json("domains", "add", "globex.com")
    waiting = subprocess.Popen(
        [COMMAND, "domains", "verify", "globex.com", "--wait", "--output", "json"],
        env=run.environment,
        cwd=run.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert waiting.stderr is not None
    assert "no such name in DNS" in waiting.stderr.readline()
    name_server.publish(globex_com=[challenge(claim["verificationToken"])])
    printed, _ = waiting.communicate(timeout=processes.PATIENCE)
    assert waiting.returncode == 0
    assert json.loads(printed)["id"] == claim["id"]


def test_verify_does_not_wait_for_ever_nor_for_what_cannot_come(
    run: CommandLine, name_server: NameServer
) -> None:
    run.ok("domains", "add", "elsewhere.net")
    gave_up = run("domains", "verify", "elsewhere.net", "--wait", "--for", "0.5s")
    assert gave_up.returncode == 6
    assert run("domains", "verify", "unclaimed.com", "--wait").returncode == 3
    assert run("domains", "verify", "elsewhere.net", "--for", "1m").returncode == 2


def test_what_nobody_can_prove_is_refused(run: CommandLine) -> None:
    for domain in ("gmail.com", "co.uk", "192.0.2.1", "acme.internal"):
        refused = run("domains", "add", domain)
        assert (refused.returncode, refused.stderr[:17]) == (2, "orgplane: domain:")


def test_the_operator_vouches_and_withdraws(
    run: CommandLine, organization: processes.Organization, database_url: str
) -> None:
    arguments = (
        *("verify-domain", "--organization", organization.organization_id),
        *("--database-url", database_url, "--domain", "Acme.Internal"),
    )
    refused = processes.run(*arguments)
    assert (refused.returncode, "--private" in refused.stderr) == (1, True), refused.stderr
    done = processes.run(*arguments, "--private", "--json")
    assert json.loads(done.stdout) == {
        "organizationId": organization.organization_id,
        "domain": "acme.internal",
        "state": "verified by the operator",
    }
    (claim,) = run.json("domains", "list")
    assert claim["state"] == "DOMAIN_VERIFICATION_STATE_VERIFIED"
    assert re.search(r"acme\.internal +verified +operator ", run.ok("domains", "list"))
    assert re.search(
        r"^verified by +operator$", run.ok("domains", "get", claim["id"]), re.MULTILINE
    )
    known = run.json("domains", "get", "acme.internal")
    assert known["domainVerification"] == claim
    assert known["status"]["verifiedBy"] == "DOMAIN_VERIFIER_OPERATOR"
    kept = run("domains", "remove", "acme.internal", "--yes")
    assert (kept.returncode, "the operator" in kept.stderr) == (6, True)
    other = processes.create_organization(database_url, "Other")
    elsewhere = [
        each if each != organization.organization_id else other.organization_id
        for each in arguments
    ]
    taken = processes.run(*elsewhere, "--private")
    assert organization.organization_id in taken.stderr
    assert processes.run(*elsewhere, "--private", "--shared-domains").returncode == 0
    assert processes.run(*arguments, "--withdraw").returncode == 0
    assert run.json("domains", "list") == []
    nothing = processes.run(*arguments, "--withdraw")
    assert (nothing.returncode, "not vouched for acme.internal" in nothing.stderr) == (1, True)
