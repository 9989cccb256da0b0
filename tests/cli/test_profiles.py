"""`orgplane login`, `logout`, `profiles`: where the server and the token come from."""

from __future__ import annotations

import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from command_line import CommandLine
from orgplane.cli.profiles import Profile, ProfileFile
from orgplane.testing import Organization, Server


@pytest.fixture
def file(lonely: CommandLine) -> Path:
    return Path(lonely.environment["XDG_CONFIG_HOME"]) / "orgplane/profiles.ini"


def log_in(run: CommandLine, organization: Organization, *options: str) -> str:
    return run.ok("login", "--url", organization.url, *options, stdin=f"{organization.token}\n")


def test_login_tries_the_token_and_stores_it_for_its_owner_only(
    lonely: CommandLine, organization: Organization, file: Path
) -> None:
    text = log_in(lonely, organization)
    assert "as admin <admin@acme.example>" in text
    assert str(file) in text
    assert organization.token not in text
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert organization.organization_id in lonely.ok("whoami")


def test_a_token_that_does_not_work_is_not_stored(
    lonely: CommandLine, organization: Organization, file: Path
) -> None:
    done = lonely("login", "--url", organization.url, stdin="orgplane_pat_nonsense")
    assert done.returncode == 4
    assert "nonsense" not in done.stdout + done.stderr
    assert not file.exists()


def test_profiles_are_kept_apart(
    lonely: CommandLine, organization: Organization, server: Server
) -> None:
    other = server.create_organization("Globex")
    log_in(lonely, organization)
    log_in(lonely, other, "--profile", "globex", "--protocol", "grpc")
    assert organization.organization_id in lonely.ok("whoami")
    assert other.organization_id in lonely.ok("whoami", "--profile", "globex")
    chosen = lonely.having(ORGPLANE_PROFILE="globex")
    assert other.organization_id in chosen.ok("whoami")
    assert organization.organization_id in chosen.ok("whoami", "--profile", "default")
    debug = lonely("whoami", "--profile", "globex", "--debug").stderr
    assert "application/grpc" in debug


def test_profiles_are_listed_without_their_tokens(
    lonely: CommandLine, organization: Organization, file: Path
) -> None:
    log_in(lonely, organization)
    log_in(lonely, organization, "--profile", "globex", "--protocol", "grpc")
    file.write_text(f"{file.read_text()}[bare]\nurl = https://id.example.com\n")
    kept = {"url": organization.url, "credential": True, "sessionExpiresAt": ""}
    assert lonely.json("profiles", "list") == [
        {"name": "default", "protocol": "connect", "current": True, **kept},
        {"name": "globex", "protocol": "grpc", "current": False, **kept},
        {
            "name": "bare",
            "protocol": "connect",
            "current": False,
            "url": "https://id.example.com",
            "credential": False,
            "sessionExpiresAt": "",
        },
    ]
    for output in ("table", "json", "yaml"):
        assert "orgplane_pat_" not in lonely.ok("profiles", "list", "--output", output)


class TestUse:
    @pytest.fixture
    def other(self, lonely: CommandLine, organization: Organization, server: Server) -> str:
        """The organization of the profile `globex`; `default` is another's."""
        other = server.create_organization("Globex")
        log_in(lonely, organization)
        log_in(lonely, other, "--profile", "globex")
        return other.organization_id

    def test_says_which_is_meant_where_none_is_named(
        self, lonely: CommandLine, organization: Organization, other: str
    ) -> None:
        done = lonely("profiles", "use", "globex")
        assert done.stdout == f"profile 'globex' is in use: {organization.url}\n"
        assert done.stderr == ""
        assert other in lonely.ok("whoami")
        assert organization.organization_id in lonely.ok("whoami", "--profile", "default")
        named = lonely.having(ORGPLANE_PROFILE="default")
        assert organization.organization_id in named.ok("whoami")
        current = [each["name"] for each in lonely.json("profiles", "list") if each["current"]]
        assert current == ["globex"]

    def test_is_what_login_and_logout_go_by(
        self, lonely: CommandLine, organization: Organization, other: str
    ) -> None:
        lonely.ok("profiles", "use", "globex")
        assert "profile 'globex'" in log_in(lonely, organization)
        assert "profile 'globex': forgotten" in lonely.ok("logout")
        (left,) = lonely.json("profiles", "list")
        assert (left["name"], left["current"]) == ("default", True)

    def test_refuses_an_unknown_one_and_names_those_there_are(
        self, lonely: CommandLine, organization: Organization, other: str
    ) -> None:
        done = lonely("profiles", "use", "production")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.splitlines() == [
            "orgplane: there is no profile 'production'",
            "  Those there are: default, globex.",
        ]
        assert organization.organization_id in lonely.ok("whoami")

    def test_points_out_what_wins_over_it(self, lonely: CommandLine, other: str) -> None:
        variables = {
            "ORGPLANE_PROFILE": "default",
            "ORGPLANE_URL": "http://x",
            "ORGPLANE_TOKEN": "t",
        }
        done = lonely.having(**variables)("profiles", "use", "globex")
        assert done.returncode == 0
        for name in variables:
            assert f"{name} is set, and wins over the profile" in done.stderr


def test_where_none_is_in_use_those_there_are_are_named(
    lonely: CommandLine, organization: Organization
) -> None:
    assert "orgplane login" in lonely("profiles", "use", "staging").stderr
    log_in(lonely, organization, "--profile", "staging")
    done = lonely("whoami")
    assert done.returncode == 2
    assert "orgplane profiles use NAME. They are: staging." in done.stderr


def test_the_environment_wins_over_the_profile(
    lonely: CommandLine, organization: Organization, server: Server
) -> None:
    other = server.create_organization("Globex")
    log_in(lonely, organization)
    assert other.organization_id in lonely.having(ORGPLANE_TOKEN=other.token).ok("whoami")
    unreachable = lonely.having(ORGPLANE_URL="http://127.0.0.1:1", ORGPLANE_TOKEN=other.token)
    assert unreachable("whoami").returncode == 5
    assert unreachable("whoami", "--url", server.url).returncode == 0


@pytest.mark.parametrize("way", ["flag", "variable"])
def test_a_profiles_token_goes_to_its_own_server_only(
    lonely: CommandLine, organization: Organization, way: str
) -> None:
    log_in(lonely, organization)
    elsewhere = "http://127.0.0.1:1"
    done = (
        lonely("whoami", "--url", elsewhere, "--debug")
        if way == "flag"
        else lonely.having(ORGPLANE_URL=elsewhere)("whoami", "--debug")
    )
    assert done.returncode == 4
    assert f"no token for {elsewhere}" in done.stderr
    assert "POST" not in done.stderr


def test_logging_in_again_replaces_the_token_and_keeps_the_server(
    lonely: CommandLine, organization: Organization, file: Path
) -> None:
    log_in(lonely, organization, "--protocol", "grpc-web")
    new = lonely.ok("tokens", "create", "--output", "token").strip()
    lonely.ok("login", stdin=new)
    text = file.read_text()
    assert new in text
    assert organization.token not in text
    assert lonely.json("profiles", "list")[0]["protocol"] == "grpc-web"
    lonely.ok("whoami")


def test_a_token_in_the_environment_is_pointed_out(
    run: CommandLine, organization: Organization
) -> None:
    done = run("login", stdin=organization.token)
    assert done.returncode == 0
    assert "ORGPLANE_TOKEN is set" in done.stderr


def test_logout_forgets_one_profile(
    lonely: CommandLine, organization: Organization, file: Path
) -> None:
    log_in(lonely, organization)
    log_in(lonely, organization, "--profile", "other")
    assert "forgotten" in lonely.ok("logout", "--profile", "other")
    assert [profile["name"] for profile in lonely.json("profiles", "list")] == ["default"]
    lonely.ok("logout")
    assert organization.token not in file.read_text()
    assert lonely("whoami").returncode == 2


def test_an_unknown_profile_names_those_there_are(
    lonely: CommandLine, organization: Organization
) -> None:
    log_in(lonely, organization, "--profile", "staging")
    done = lonely("whoami", "--profile", "production")
    assert done.returncode == 2
    assert "staging" in done.stderr


@pytest.mark.parametrize("name", ["a b", "DEFAULT", "[x]", "-x", "a\nb"])
def test_what_is_no_name_is_refused(
    lonely: CommandLine, organization: Organization, file: Path, name: str
) -> None:
    done = lonely("login", "--url", organization.url, f"--profile={name}", stdin=organization.token)
    assert done.returncode == 2
    assert "is no name" in done.stderr
    assert not file.exists()


def test_a_file_that_others_may_read_is_pointed_out(
    lonely: CommandLine, organization: Organization, file: Path
) -> None:
    log_in(lonely, organization)
    file.chmod(0o644)
    done = lonely("whoami")
    assert done.returncode == 0
    assert f"chmod 600 {file}" in done.stderr
    log_in(lonely, organization)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"orgplane_pat_secret\n", "line 1 is not as `orgplane login` writes it"),
        (b"[a]\nurl = x\norgplane_pat_secret\n", "line 3 is not as `orgplane login` writes it"),
        (b"[a]\n[a]\ntoken = secret\n", "line 2 is not as `orgplane login` writes it"),
        (b"[a]\ntoken = secret\xff\n", "it is not in UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_and_not_quoted(
    lonely: CommandLine, file: Path, content: bytes, why: str
) -> None:
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    file.chmod(0o600)
    done = lonely("whoami")
    assert done.returncode == 2
    assert done.stderr == f"orgplane: cannot read the profiles in {file}: {why}\n"
    done = lonely("login", "--url", "http://127.0.0.1:1", stdin="x")
    assert done.returncode == 2
    assert file.read_bytes() == content


def test_what_is_no_file_is_left_and_nothing_is_put_beside_it(
    lonely: CommandLine, file: Path
) -> None:
    file.mkdir(parents=True)
    for command in (("whoami",), ("login", "--url", "http://127.0.0.1:1")):
        done = lonely(*command, stdin="x")
        assert done.returncode == 2
        assert done.stderr.endswith(f"cannot read the profiles in {file}: Is a directory\n")
    assert list(file.parent.iterdir()) == [file]


def test_a_mark_of_the_byte_order_is_no_fault(
    lonely: CommandLine, organization: Organization, file: Path
) -> None:
    log_in(lonely, organization)
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert organization.organization_id in lonely.ok("whoami")


def test_without_a_home_the_environment_does(
    lonely: CommandLine, organization: Organization
) -> None:
    code = (
        "import os, sys; os.getuid = lambda: 2**31 - 7\n"
        "from orgplane.cli.program import main; main(sys.argv[1:])"
    )
    homeless = lonely.having(ORGPLANE_URL=organization.url, ORGPLANE_TOKEN=organization.token)
    for name in ("HOME", "XDG_CONFIG_HOME"):
        del homeless.environment[name]
    done = {
        command: subprocess.run(
            [sys.executable, "-c", code, command],
            env=homeless.environment,
            cwd=homeless.folder,
            input=organization.token,
            capture_output=True,
            text=True,
        )
        for command in ("whoami", "login")
    }
    assert organization.organization_id in done["whoami"].stdout
    assert done["whoami"].stderr == ""
    assert done["login"].returncode == 2
    assert "there is no home folder to keep profiles in: set HOME" in done["login"].stderr
    assert list(homeless.folder.iterdir()) == []


def test_several_who_store_at_once_lose_nothing(tmp_path: Path) -> None:
    file = tmp_path / "orgplane/profiles.ini"
    names = [f"p{number}" for number in range(24)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: ProfileFile(file).save(Profile(name, "http://x", "t")), names))
    assert sorted(ProfileFile(file).all()) == sorted(names)
    assert list(file.parent.iterdir()) == [file]


def test_a_file_that_cannot_be_written_is_named(
    lonely: CommandLine, organization: Organization, file: Path
) -> None:
    file.parent.parent.mkdir()
    file.parent.touch()
    done = lonely("login", "--url", organization.url, stdin=organization.token)
    assert done.returncode == 2
    assert "cannot" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_link_to_the_file_stays_a_link(
    lonely: CommandLine, organization: Organization, file: Path, tmp_path: Path
) -> None:
    real = tmp_path / "dotfiles/profiles.ini"
    real.parent.mkdir()
    file.parent.mkdir(parents=True)
    file.symlink_to(real)
    log_in(lonely, organization)
    assert file.is_symlink()
    assert organization.token in real.read_text()
