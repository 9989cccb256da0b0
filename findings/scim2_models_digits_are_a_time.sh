#!/bin/sh
# scim2-models takes text that is all digits for a time: in a SCIM filter, `meta.lastModified gt "2030"` compares with
# 1970-01-01T00:33:50Z (2030 seconds after 1970) and is true of everybody. RFC 7643 section 2.3.5 has a date and a time. A time
# without a zone, and a date alone, make a comparison that is true of nobody, so that its negation is true of everybody.
# pydantic, which reads the value, documents that numbers are Unix seconds; one does not expect it of a filter.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check 'scim2-models==0.12.3'
"$folder/venv/bin/python" - <<'PYTHON'
from datetime import UTC, datetime
from importlib.metadata import version

from scim2_models import Meta, ScimFilter, User

print("scim2-models", version("scim2-models"), "pydantic", version("pydantic"))
modified = datetime(2026, 1, 1, tzinfo=UTC)
user = User(user_name="ann", meta=Meta(resource_type="User", last_modified=modified))
seen = {}
for text in (
    'meta.lastModified gt "2030"',
    'meta.lastModified gt "2030-01-01T00:00:00Z"',
    'meta.lastModified gt "2025-01-01T00:00:00Z"',
    'meta.lastModified gt "2025-01-01T00:00:00"',
    'not (meta.lastModified gt "2025-01-01T00:00:00")',
    'meta.lastModified gt "2025-01-01"',
):
    seen[text] = ScimFilter[User](text).match(user)
    print(f"{text}: {seen[text]}")
assert list(seen.values()) == [True, False, True, False, True, False], "it has changed"
PYTHON
