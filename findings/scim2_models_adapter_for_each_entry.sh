#!/bin/sh
# scim2-models: PATCH by a value path whose filter compares an attribute that is an enumeration (`emails[type eq "work"].value`) builds a
# pydantic TypeAdapter for every entry of the list (`coerce_value` in scim2_models/path/resolution.py), to convert the same constant of the
# filter. The same PATCH with a filter on an attribute that is plain text builds none and takes half the time. Exits with an error once that
# has changed: it counts adapters; the times are shown only. Converting once for each filter, or caching the adapters by type, would do.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check 'scim2-models==0.12.3'
"$folder/venv/bin/python" - <<'PYTHON'
import cProfile
import pstats
import time
from importlib.metadata import version

from scim2_models import PatchOp, User

print("scim2-models", version("scim2-models"), "pydantic", version("pydantic"))


def patched(entries: int, test: str) -> tuple[int, float]:
    """The adapters that one operation builds, and the milliseconds of CPU that it takes."""
    phones = [{"value": str(n), "type": "work" if n == 0 else "home", "display": "d" if n == 0 else "e"} for n in range(entries)]
    operation = {"op": "replace", "path": f"phoneNumbers[{test}].value", "value": "1234"}

    def once() -> float:
        user = User.model_validate({"userName": "ann", "phoneNumbers": phones})
        patch = PatchOp[User].model_validate({"Operations": [operation]})
        before = time.process_time()
        assert patch.patch(user)
        assert user.phone_numbers[0].value == "1234"
        return time.process_time() - before

    once()
    profile = cProfile.Profile()
    profile.runcall(once)
    built = sum(
        calls
        for (file, _, name), (_, calls, *_) in pstats.Stats(profile).stats.items()
        if file.endswith("type_adapter.py") and name == "__init__"
    )
    return built, min(once() for _ in range(5)) * 1e3


seen = {}
for entries in (1, 10, 50):
    for test in ('display eq "d"', 'type eq "work"'):
        seen[entries, test], taken = patched(entries, test)
        print(f"{entries} entries, {test}: {seen[entries, test]} adapters, {taken:.1f} ms")
assert seen[50, 'type eq "work"'] >= 50 > seen[10, 'display eq "d"'] == 0, "it has changed"
PYTHON
