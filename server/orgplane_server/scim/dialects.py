"""What providers send, in the RFC's form."""

from __future__ import annotations

from typing import Any


def user(document: Any) -> Any:
    return document


def group(document: Any) -> Any:
    return document


def user_patch(document: Any) -> Any:
    return document


def group_patch(document: Any) -> Any:
    return document


def filter_text(text: str) -> str:
    return text


def path(raw: str) -> str:
    return raw.rstrip("/")


def media_type(accept: str) -> str:
    return "application/json" if accept == "application/json" else "application/scim+json"


def is_json(content_type: str) -> bool:
    return True
