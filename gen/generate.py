"""Makes what is in `gen/` out of `proto/`, and judges the protos; needs no network.

    python gen/generate.py             write gen/api/orgplane_api and gen/grpc/orgplane_grpc
    python gen/generate.py --check     exit 1, naming the files, if they are not what they should be
    python gen/generate.py --lint      buf lint and buf format
    python gen/generate.py --breaking  buf breaking against the main branch, or the commit before on it
    python gen/generate.py --image F   write the protos as an image, for `buf generate F` in any language

buf would fetch what the protos import from its registry. Here the imported descriptors come out of
installed Python packages instead, and buf is handed a complete image.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import protovalidate._gen.buf.validate.validate_pb as validate_pb
from google.protobuf import any_pb2, duration_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.rpc import error_details_pb2  # type: ignore[import-untyped]
from protobuf import DescFile

ROOT = Path(__file__).resolve().parent.parent
PROTO = ROOT / "proto"
#: Families of generated code: where each lives, the package's docstring.
FAMILIES = {
    "api/orgplane_api": "Messages and Connect stubs, generated from the protos.",
    "grpc/orgplane_grpc": "Classic gRPC stubs on Google's protobuf, generated from the protos.",
}
OURS = ("gitpod", "orgplane")
#: Described to reflection clients and used in errors, so generated too, from an installed package.
ERROR_DETAILS = "google/rpc/error_details.proto"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    task = parser.add_mutually_exclusive_group()
    for name in ("--check", "--lint", "--breaking"):
        task.add_argument(name, action="store_true")
    task.add_argument("--image", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        scratch = Path(directory)
        if arguments.image:
            write_image(arguments.image.resolve(), scratch)
        elif arguments.lint:
            return lint(scratch)
        elif arguments.breaking:
            return breaking(scratch)
        else:
            generate(scratch)
            return differences(scratch) if arguments.check else replace(scratch)
    return 0


def build_image(proto: Path, image: Path, scratch: Path) -> None:
    """Compiles the protos, with all that they import, into one FileDescriptorSet."""
    protoc(proto, imports(scratch), f"--descriptor_set_out={image}", "--include_source_info")


def write_image(image: Path, scratch: Path) -> None:
    """Writes our protos as buf would: what they import is in it, and known as an import."""
    everything = scratch / "everything.binpb"
    build_image(PROTO, everything, scratch)
    image.parent.mkdir(parents=True, exist_ok=True)
    buf("build", everything, *paths(), "--output", image)


def generate(scratch: Path) -> None:
    """Writes both families below `scratch`, laid out as they are below `gen/`."""
    image = scratch / "image.binpb"
    build_image(PROTO, image, scratch)
    buf("generate", image, "--output", scratch / "api")
    packages = scratch / "grpc/orgplane_grpc"
    packages.mkdir(parents=True)
    outputs = [f"--{kind}_out={packages}" for kind in ("python", "pyi", "grpc_python")]
    run(
        *(sys.executable, "-m", "grpc_tools.protoc", f"--descriptor_set_in={image}", *outputs),
        *(name for name in sources(PROTO) if name.startswith(OURS)),
        "buf/validate/validate.proto",
    )
    for file in [*packages.rglob("*.py"), *packages.rglob("*.pyi")]:
        make_imports_relative(file, depth=len(file.relative_to(packages).parts))
    for file in packages.rglob("*_pb2_grpc.py"):
        if "class " not in file.read_text():
            file.unlink()  # no service in it
    for family, docstring in FAMILIES.items():
        for folder in [scratch / family, *(scratch / family).rglob("*/")]:
            (folder / "__init__.py").touch()
        (scratch / family / "__init__.py").write_text(f'"""{docstring}"""\n')
        (scratch / family / "py.typed").touch()


def make_imports_relative(file: Path, depth: int) -> None:
    """protoc imports from the top, where `buf` and `gitpod` may be somebody else's packages."""
    text = re.sub(
        r"^from ((?:buf|gitpod|orgplane)\.[\w.]+) import",
        rf"from {'.' * depth}\1 import",
        file.read_text(),
        flags=re.MULTILINE,
    )
    file.write_text(text)


def differences(scratch: Path) -> int:
    wrong = [
        name
        for name in sorted({*contents(scratch), *contents(ROOT / "gen")})
        if contents(scratch).get(name) != contents(ROOT / "gen").get(name)
    ]
    for name in wrong:
        print(f"gen/{name} is not what the protos generate; run: make gen")
    return 1 if wrong else 0


def replace(scratch: Path) -> int:
    new, old = contents(scratch), contents(ROOT / "gen")
    for name in old.keys() - new.keys():
        (ROOT / "gen" / name).unlink()
    for name, content in new.items():
        if old.get(name) != content:
            path = ROOT / "gen" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return 0


def contents(base: Path) -> dict[str, bytes]:
    """The generated files below `base`, by their path below `gen/`."""
    return {
        file.relative_to(base).as_posix(): file.read_bytes()
        for family in FAMILIES
        for file in (base / family).rglob("*")
        if file.is_file() and file.suffix in (".py", ".pyi", ".typed")
    }


def lint(scratch: Path) -> int:
    image = scratch / "image.binpb"
    build_image(PROTO, image, scratch)
    return status(
        buf("lint", image, *paths(), check=False),
        buf("format", "--diff", "--exit-code", PROTO, check=False),
    )


def breaking(scratch: Path) -> int:
    against = base_commit()
    if against is None:
        print("buf breaking: skipped, there is no earlier commit with protos")
        return 0
    before = scratch / "before"
    before.mkdir()
    archive = run("git", "archive", against, "proto", capture=True)
    subprocess.run(["tar", "-x", "-C", before], input=archive.stdout, check=True)
    image, baseline = scratch / "image.binpb", scratch / "baseline.binpb"
    build_image(PROTO, image, scratch)
    build_image(before / "proto", baseline, scratch)
    return status(buf("breaking", image, "--against", baseline, *paths(), check=False))


def base_commit() -> str | None:
    """The commit to stay compatible with: where main is, or was before the commit that we are on."""
    head = commit("HEAD")
    for name in ("origin/main", "main", "HEAD~1"):
        found = commit(name)
        if found and found != head and commit(f"{found}:proto"):
            return found
    return None


def commit(name: str) -> str | None:
    found = run("git", "rev-parse", "--verify", "--quiet", name, check=False, capture=True)
    return found.stdout.decode().strip() or None


def paths() -> Iterator[str]:
    for name in OURS:
        yield from ("--path", name)


def sources(proto: Path) -> list[str]:
    return sorted(file.relative_to(proto).as_posix() for file in proto.rglob("*.proto"))


def imports(scratch: Path) -> Path:
    """A descriptor set of what the protos may import, taken from installed packages."""
    files: dict[str, FileDescriptorProto] = {}

    def add(file: DescFile) -> None:
        for dependency in file.dependencies:
            add(dependency)
        files[file.proto.name] = FileDescriptorProto.FromString(file.proto.to_binary())

    add(validate_pb.desc())
    for module in (any_pb2, duration_pb2, error_details_pb2):
        files.setdefault(
            module.DESCRIPTOR.name, FileDescriptorProto.FromString(module.DESCRIPTOR.serialized_pb)
        )
    path = scratch / "imports.binpb"
    path.write_bytes(FileDescriptorSet(file=files.values()).SerializeToString(deterministic=True))
    return path


def protoc(proto: Path, imported: Path, *options: str) -> None:
    run(
        *(sys.executable, "-m", "grpc_tools.protoc", f"--descriptor_set_in={imported}"),
        *("--include_imports", f"--proto_path={proto}", *options, *sources(proto), ERROR_DETAILS),
    )


def buf(command: str, *arguments: object, check: bool = True) -> subprocess.CompletedProcess[bytes]:
    return run("buf", command, *arguments, check=check)


def run(
    *command: object, check: bool = True, capture: bool = False
) -> subprocess.CompletedProcess[bytes]:
    """Runs a command of this Python's environment in the root of the workspace."""
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [str(word) for word in command],
        cwd=ROOT,
        env={**os.environ, "PATH": programs},
        check=check,
        stdout=subprocess.PIPE if capture else None,
    )


def status(*results: subprocess.CompletedProcess[bytes]) -> int:
    return max(result.returncode for result in results)


if __name__ == "__main__":
    sys.exit(main())
