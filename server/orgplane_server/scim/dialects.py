"""What providers send, in the RFC's form."""

from __future__ import annotations

from typing import Any

from .errors import invalid


def user(document: Any) -> Any:
    return document


def group(document: Any) -> Any:
    return document


def user_patch(document: Any) -> Any:
    return document


def group_patch(document: Any) -> Any:
    operations = document.get("Operations") if isinstance(document, dict) else None
    if not isinstance(operations, list):
        raise invalid("invalidSyntax", "Operations", "must be a list")
    flat = []
    for operation in operations:
        op, path = operation["op"].lower(), operation.get("path")
        if path:
            flat.append({**operation, "op": op})
        else:
            flat += [{"op": op, "path": k, "value": v} for k, v in operation["value"].items()]
    return {"Operations": flat}


def filter_text(text: str) -> str:
    return text


def path(raw: str) -> str:
    return "/" + "/".join(part for part in raw.split("/") if part)


def media_type(accept: str) -> str:
    return "application/json" if accept == "application/json" else "application/scim+json"


def is_json(content_type: str) -> bool:
    return content_type.partition(";")[0] in ("", "application/json", "application/scim+json")
