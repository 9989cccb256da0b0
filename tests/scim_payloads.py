"""What identity providers send, one request a file: `scim/payloads/<provider>/<what it does>.json`.

`sends` is the request; `means` its body or filter in the RFCs' form, or `refused` the scimType and
field of the answer; `deviations` the functions of `scim.dialects` that it needs; `before` and `after` the user
or group that it patches. `{user}`, `{other}`, `{third}` and `{group}` stand for ids.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "scim" / "payloads"


@dataclass(frozen=True)
class Payload:
    name: str
    sends: dict[str, Any]
    deviations: tuple[str, ...]
    means: Any = None
    refused: Any = None
    before: Any = None
    after: Any = None

    @property
    def method(self) -> str:
        return str(self.sends["method"])

    @property
    def endpoint(self) -> str:
        return str(self.sends["path"]).split("/")[1]

    @property
    def filter(self) -> str | None:
        return self.sends.get("filter")

    @property
    def content(self) -> Any:
        return self.filter or self.sends["body"]

    def about(self, ids: dict[str, str]) -> Payload:
        """The payload with real ids instead of `{user}` and so on."""
        text = json.dumps(dataclasses.asdict(self))
        for name, id in ids.items():
            text = text.replace(f"{{{name}}}", id)
        return Payload(**json.loads(text))


def read(file: Path) -> Payload:
    facts = json.loads(file.read_text())
    return Payload(name=f"{file.parent.name}: {file.stem.replace('_', ' ')}", **facts)


PAYLOADS = [read(file) for file in sorted(FOLDER.glob("*/*.json"))]
