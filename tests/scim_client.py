"""A SCIM client over any HTTP client: what providers send, and what they look at."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from pyqwest import Client, FullResponse

ORIGIN = "http://orgplane.test"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def error(self) -> tuple[int, str | None]:
        """Status and scimType, of an error whose form is right."""
        body = self.json
        assert body["schemas"] == [ERROR]
        assert body["status"] == str(self.status)
        assert body["detail"]
        return self.status, body.get("scimType")

    @property
    def detail(self) -> str:
        assert self.error
        detail: str = self.json["detail"]
        return detail


@dataclass(frozen=True)
class Scim:
    http: Client
    token: str
    base: str = "/scim/v2"

    def at(self, base: str) -> Scim:
        return replace(self, base=base)

    async def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        **query: Any,
    ) -> Answer:
        """One request; a body that is not bytes is sent as JSON."""
        url = f"{ORIGIN}{self.base}{path}" + (f"?{urlencode(query)}" if query else "")
        sent = {"content-type": "application/scim+json"} if body is not None else {}
        if self.token:
            sent["authorization"] = f"Bearer {self.token}"
        content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        if content is not None:  # as clients of HTTP do
            sent["content-length"] = str(len(content))
        response: FullResponse = await self.http.execute(
            method, url, headers=sent | (headers or {}), content=content
        )
        return Answer(response.status, dict(response.headers.items()), response.text())

    async def create_user(self, user_name: str, **attributes: Any) -> Any:
        """The new user as it was answered."""
        answer = await self("POST", "/Users", user(user_name, **attributes))
        assert answer.status == 201, answer.text
        return answer.json

    async def create_group(self, display_name: str, *members: Any) -> Any:
        answer = await self("POST", "/Groups", group(display_name, *members))
        assert answer.status == 201, answer.text
        return answer.json

    async def found(self, filter: str, path: str = "/Users", **query: Any) -> list[str]:
        """The names of what a filter lets through."""
        answer = await self("GET", path, filter=filter, **query)
        assert answer.status == 200, answer.text
        resources = answer.json["Resources"]
        assert answer.json["totalResults"] == len(resources)
        return [each.get("userName") or each["displayName"] for each in resources]

    async def users(self) -> list[Any]:
        """Up to a page of them."""
        answer = await self("GET", "/Users", count=200)
        assert answer.status == 200, answer.text
        found: list[Any] = answer.json["Resources"]
        return found

    async def patch(self, path: str, *operations: dict[str, Any], **query: Any) -> Answer:
        return await self("PATCH", path, patch(*operations), **query)


def ignored(answer: Answer) -> list[str]:
    """What the answer to a request that succeeded says was left out."""
    assert answer.status < 400, answer.text
    header = answer.headers.get("orgplane-ignored")
    return [] if header is None else header.split(", ")


def user(user_name: str, **attributes: Any) -> dict[str, Any]:
    return {"schemas": [USER], "userName": user_name, **attributes}


def group(display_name: str, *members: Any) -> dict[str, Any]:
    ids = [each["id"] if isinstance(each, dict) else each for each in members]
    return {
        "schemas": [GROUP],
        "displayName": display_name,
        "members": [{"value": id} for id in ids],
    }


def patch(*operations: dict[str, Any]) -> dict[str, Any]:
    return {"schemas": [PATCH_OP], "Operations": list(operations)}
