#!/usr/bin/env bash
# protobuf-py: `ignore_unknown_fields` of the JSON reader also drops values that an enumeration does not have, given by
# name or, unlike in the binary form of an open enumeration, by number: a filter by them becomes no filter. And numbers
# in quotes are read as Python's int() does, digits of other scripts and underscores included.
# ProtoJSON has neither (https://protobuf.dev/programming-guides/json/). Exits with an error once that has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/pip" install --quiet --disable-pip-version-check "protobuf-py==0.7.0"
"$folder/bin/python" - <<'PYTHON'
import importlib.metadata

from protobuf.wkt.google.protobuf.type_pb import Field
from protobuf.wkt.google.protobuf.wrappers_pb import Int32Value

print("protobuf-py", importlib.metadata.version("protobuf-py"))


def shown(text: str, **options: bool) -> Field:
    field = Field.from_json(text, **options)
    print(f"{text} {options or ''} -> {field!r}")
    return field


assert shown('{"kind": "TYPE_NEWER"}', ignore_unknown_fields=True) == Field()
assert shown('{"kind": 99}', ignore_unknown_fields=True) == Field()
assert shown('{"kind": 99}').kind == 99
binary = Field.from_binary(bytes([8, 99]))
print("binary ->", repr(binary))
assert binary.kind == 99
for text, number in (('"\uff17"', 7), ('"1_0"', 10), ('"+7"', 7), ('"07"', 7)):
    print(text, "->", Int32Value.from_json(text).value)
    assert Int32Value.from_json(text).value == number
PYTHON
