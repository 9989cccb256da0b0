"""The database's file goes away under a running server: every door says so, until it is started anew."""

from __future__ import annotations

from pathlib import Path

import orgplane
import pytest
from processes import Server, create_organization, sqlite_url
from provider import PROTOCOLS, curl, new_configuration, user


@pytest.mark.parametrize("workers", [1, 2])
def test_what_is_lost_is_unavailable_through_every_door_until_the_server_starts_anew(
    workers: int, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    file = folder / "orgplane.db"
    url = sqlite_url(folder)
    organization = create_organization(url)
    with (
        Server(
            *("--database-url", url, "--log-format", "json", "--workers", str(workers))
        ) as server,
        orgplane.Client(url=server.url, token=organization.token, max_retries=0) as client,
    ):
        id, token = new_configuration(client, organization)
        assert curl(server.url, token, "/Users", user("eve"))[0] == 201
        folder.rename(tmp_path / "elsewhere")
        status, refused = curl(server.url, token, "/Users", user("bob"))
        assert (status, refused["status"]) == (503, "503")
        lost = [told(server) for _ in range(workers)]  # each notices by itself
        assert all(f"{file} was deleted or moved" in line for line in lost)
        (tmp_path / "elsewhere").rename(folder)
        for options in PROTOCOLS:
            with orgplane.Client(
                url=server.url, token=organization.token, max_retries=0, **options
            ) as asking:
                with pytest.raises(orgplane.UnavailableError, match="start the server anew"):
                    asking.users.get_authenticated_user()
                with pytest.raises(orgplane.UnavailableError, match="start the server anew"):
                    asking.organizations.scim_configurations.update(
                        scim_configuration_id=id, enabled=False
                    )
        assert curl(server.url, token, "/Users")[0] == 503
        assert server.status("/readyz") == 503
        assert server.status("/healthz") == 200
        assert server.stop() == 0
        assert len([line for line in server.stderr.rest() if "database lost" in line]) == workers
    with Server("--database-url", url) as server:
        status, found = curl(server.url, token, "/Users")
        assert status == 200
        assert [each["userName"] for each in found["Resources"]] == [user("eve")["userName"]]


def told(server: Server) -> str:
    """The next line of the log that says so."""
    while "database lost" not in (line := server.stderr.next() or ""):
        assert line
    return line
