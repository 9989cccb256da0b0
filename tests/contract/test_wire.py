"""`gitpod.v1` is the vendor's on the wire: names, numbers, types, presence, rules, idempotency."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import descriptor_pb2, json_format
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorSet
from orgplane_grpc.buf.validate import validate_pb2

ROOT = Path(__file__).resolve().parents[2]
FACTS: dict[str, dict[str, Any]] = json.loads(
    Path(__file__).with_name("gitpod_v1.json").read_text()
)
TYPES = {number: name[5:].lower() for name, number in FieldDescriptorProto.Type.items()}

#: Rules that are ours on purpose, and why they are.
DEVIATIONS = {
    # Present and empty means unlink, which the vendor's rule alone would refuse.
    "gitpod.v1.UpdateSCIMConfigurationRequest.sso_configuration_id",
    # What is refused anyway may be refused for being empty.
    "gitpod.v1.UpdateOrganizationPoliciesRequest.security_policy_id",
    # The vendor's `ignore` says nothing, as the fields track presence.
    "gitpod.v1.GetSSOLoginURLRequest.return_to",
    "gitpod.v1.ListSSOLoginsRequest.return_to",
    # Its rule about whole days calls a function that CEL does not have.
    "gitpod.v1.UpdateOrganizationPoliciesRequest.archive_environments_after",
}


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> FileDescriptorSet:
    path = tmp_path_factory.mktemp("image") / "image.binpb"
    subprocess.run([sys.executable, ROOT / "gen/generate.py", "--image", path], check=True)
    return FileDescriptorSet.FromString(path.read_bytes())


@pytest.fixture(scope="module")
def messages(image: FileDescriptorSet) -> dict[str, DescriptorProto]:
    def walk(prefix: str, message: DescriptorProto) -> Iterator[tuple[str, DescriptorProto]]:
        yield f"{prefix}.{message.name}", message
        for nested in message.nested_type:
            if not nested.options.map_entry:
                yield from walk(f"{prefix}.{message.name}", nested)

    return {
        name: found
        for file in image.file
        if file.package == "gitpod.v1"
        for message in file.message_type
        for name, found in walk("gitpod.v1", message)
    }


def facts_of(field: FieldDescriptorProto, message: DescriptorProto) -> dict[str, Any]:
    maps = {nested.name: nested for nested in message.nested_type if nested.options.map_entry}
    kind = TYPES[field.type]
    if kind in ("message", "enum"):
        kind = field.type_name.lstrip(".")
        if (entry := maps.get(kind.rpartition(".")[2])) is not None:
            key, value = entry.field
            kind = f"map<{TYPES[key.type]}, {value.type_name.lstrip('.') or TYPES[value.type]}>"
    facts: dict[str, Any] = {"number": field.number, "type": kind}
    if field.label == FieldDescriptorProto.LABEL_REPEATED and not kind.startswith("map<"):
        facts["repeated"] = True
    if field.proto3_optional:
        facts["optional"] = True
    elif field.HasField("oneof_index"):
        facts["oneof"] = message.oneof_decl[field.oneof_index].name
    return facts


def rules_of(field: FieldDescriptorProto) -> dict[str, Any]:
    options = descriptor_pb2.FieldOptions.FromString(field.options.SerializeToString())
    rules: dict[str, Any] = json_format.MessageToDict(
        options.Extensions[validate_pb2.field], preserving_proto_field_name=True
    )
    return rules


def canonical(rules: dict[str, Any]) -> dict[str, Any]:
    """The facts' rules, in the spelling of the version of protovalidate that we use."""
    parsed = json_format.ParseDict(
        {
            name: "IGNORE_IF_ZERO_VALUE"
            if value in ("IGNORE_IF_UNPOPULATED", "IGNORE_IF_DEFAULT_VALUE")
            else value
            for name, value in rules.items()
        },
        validate_pb2.FieldRules(),
    )
    result: dict[str, Any] = json_format.MessageToDict(parsed, preserving_proto_field_name=True)
    return result


def test_we_declare_exactly_the_messages_of_the_facts(
    messages: dict[str, DescriptorProto],
) -> None:
    assert set(messages) == set(FACTS["messages"])


@pytest.mark.parametrize("name", FACTS["messages"])
def test_a_message_has_the_contracts_fields(
    messages: dict[str, DescriptorProto], name: str
) -> None:
    message = messages[name]
    wanted = {
        field: {key: value for key, value in facts.items() if key not in ("rules", "deprecated")}
        for field, facts in FACTS["messages"][name].items()
    }
    assert {field.name: facts_of(field, message) for field in message.field} == wanted


@pytest.mark.parametrize("name", FACTS["messages"])
def test_a_message_has_the_contracts_rules(messages: dict[str, DescriptorProto], name: str) -> None:
    for field in messages[name].field:
        wanted = canonical(FACTS["messages"][name][field.name].get("rules", {}))
        equal = rules_of(field) == wanted
        assert equal is (f"{name}.{field.name}" not in DEVIATIONS), field.name


def test_enums_are_the_contracts(
    image: FileDescriptorSet, messages: dict[str, DescriptorProto]
) -> None:
    enums = {
        f"gitpod.v1.{enum.name}": enum
        for file in image.file
        if file.package == "gitpod.v1"
        for enum in file.enum_type
    }
    enums |= {
        f"{name}.{enum.name}": enum
        for name, message in messages.items()
        for enum in message.enum_type
    }
    declared = {
        name: {value.name: value.number for value in enum.value} for name, enum in enums.items()
    }
    assert declared == FACTS["enums"]


def test_rpcs_are_the_contracts(image: FileDescriptorSet) -> None:
    declared: dict[str, dict[str, Any]] = {}
    for file in image.file:
        if file.package != "gitpod.v1":
            continue
        for service in file.service:
            methods = declared.setdefault(f"gitpod.v1.{service.name}", {})
            for method in service.method:
                facts: dict[str, Any] = {
                    "input": method.input_type.lstrip("."),
                    "output": method.output_type.lstrip("."),
                }
                if method.options.idempotency_level:
                    facts["idempotency_level"] = "NO_SIDE_EFFECTS"
                assert not method.client_streaming
                if method.server_streaming:
                    facts["server_streaming"] = True
                methods[method.name] = facts
    assert declared == FACTS["services"]


def test_everything_declared_is_explained(image: FileDescriptorSet) -> None:
    silent = []
    for file in image.file:
        if not file.name.startswith(("gitpod/", "orgplane/", "grpc/")):
            continue
        explained = {
            tuple(location.path)
            for location in file.source_code_info.location
            if location.leading_comments.strip()
        }
        silent += [f"{file.name}: {path}" for path in declarations(file) if path not in explained]
    assert silent == []


def declarations(file: descriptor_pb2.FileDescriptorProto) -> Iterator[tuple[int, ...]]:
    """Paths (descriptor.proto, SourceCodeInfo) of all that a file declares."""

    def message(path: tuple[int, ...], declared: DescriptorProto) -> Iterator[tuple[int, ...]]:
        if declared.options.map_entry:
            return
        yield path
        yield from ((*path, 2, i) for i in range(len(declared.field)))
        for i, nested in enumerate(declared.nested_type):
            yield from message((*path, 3, i), nested)
        for i, nested_enum in enumerate(declared.enum_type):
            yield from enum((*path, 4, i), nested_enum)

    def enum(
        path: tuple[int, ...], declared: descriptor_pb2.EnumDescriptorProto
    ) -> Iterator[tuple[int, ...]]:
        yield path
        yield from ((*path, 2, i) for i in range(len(declared.value)))

    for i, top in enumerate(file.message_type):
        yield from message((4, i), top)
    for i, top_enum in enumerate(file.enum_type):
        yield from enum((5, i), top_enum)
    for i, service in enumerate(file.service):
        yield (6, i)
        yield from ((6, i, 2, j) for j in range(len(service.method)))
