"""The secret key is replaced beside a running server, which takes the new one."""

from __future__ import annotations

from pathlib import Path

import orgplane
from processes import Server, create_organization, eventually, run, sqlite_url


def test_a_running_server_takes_the_new_key_and_a_backup_from_before_finds_the_old_one(
    tmp_path: Path,
) -> None:
    url, key, backup = sqlite_url(tmp_path), tmp_path / "orgplane.db.key", tmp_path / "backup"
    organization = create_organization(url)
    with (
        Server("--database-url", url, "--workers", "2") as server,
        orgplane.Client(url=server.url, token=organization.token) as client,
    ):
        invites, id = client.organizations.invites, organization.organization_id
        invite = invites.create(organization_id=id).invite.invite_id
        assert run("backup", str(backup), "--database-url", url).returncode == 0
        old = key.read_text().split()[0]
        done = run("rotate-secret-key", "--database-url", url)
        assert (done.returncode, done.stderr) == (0, "")
        first, second = done.stdout.splitlines()
        assert first == f"{key}: the secret key; 1 values were sealed with it"
        former = Path(second.partition(": ")[0])
        assert former.read_text().split()[0] == old
        new = key.read_text().split()[0]
        assert old not in done.stdout
        assert new not in done.stdout

        def taken() -> bool:
            try:
                return invites.retrieve(organization_id=id).invite.invite_id == invite
            except orgplane.UnavailableError:
                return False

        eventually(taken)
        assert server.status("/readyz") == 200
        server.stop()
        told = "\n".join(server.stderr.rest())
        assert "this server has the new secret key" in told
        assert old not in told
        assert new not in told
    done = run("doctor", "--database-url", url)
    assert f"ok    secret key: {key} is this database's" in done.stdout
    done = run("restore", str(backup), "--force", "--database-url", url)
    assert done.returncode == 0
    assert f"it is {former}" in done.stderr
    former.replace(key)
    with (
        Server("--database-url", url) as server,
        orgplane.Client(url=server.url, token=organization.token) as client,
    ):
        found = client.organizations.invites.retrieve(organization_id=id)
        assert found.invite.invite_id == invite
