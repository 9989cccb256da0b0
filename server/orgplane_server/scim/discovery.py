"""What a client can ask about this service (RFC 7644 section 4): its capabilities, resource types and schemas.

Documents are built once for each base URL that is asked through, from the models that requests are
checked against, so they cannot say anything else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from scim2_models import Resource, ResourceType, Schema, ServiceProviderConfig
from starlette.requests import Request
from starlette.responses import Response

from ..domain.errors import NotFound, PermissionDenied
from ..usecases.scim_access import ScimGate
from . import answer
from .bulk import MAX_OPERATIONS
from .limits import Limits
from .models import EnterpriseUser, Group, ProvisionedUser, User
from .request import base, parameters, visit

Document = dict[str, Any]

_LIST_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:ListResponse"

_SERVICE_PROVIDER_CONFIG: Mapping[str, Any] = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
    "patch": {"supported": True},
    "changePassword": {"supported": False},
    "sort": {"supported": True},
    "etag": {"supported": True},
    "authenticationSchemes": [
        {
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "The token of a SCIM configuration, in the Authorization header.",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "primary": True,
        }
    ],
}


class Discovery:
    """The endpoints, for whoever the gate lets in."""

    def __init__(self, gate: ScimGate, limits: Limits) -> None:
        self._gate = gate
        self._limits = limits

    async def service_provider_config(self, request: Request) -> Response:
        return await self._answer(request, service_provider_config(base(request), self._limits))

    async def resource_types(self, request: Request) -> Response:
        return await self._answer(request, resource_types(base(request)))

    async def resource_type(self, request: Request) -> Response:
        return await self._answer(request, resource_type(base(request), request.path_params["id"]))

    async def schemas(self, request: Request) -> Response:
        return await self._answer(request, schemas(base(request)))

    async def schema(self, request: Request) -> Response:
        return await self._answer(request, schema(base(request), request.path_params["id"]))

    async def _answer(self, request: Request, document: Document) -> Response:
        await self._gate.check(visit(request))
        refuse_filter(parameters(request))
        return answer.content(request, json.dumps(document, separators=(",", ":")))


def service_provider_config(base_url: str, limits: Limits) -> Document:
    """`base_url` is that of the SCIM endpoints, without a slash at its end."""
    return {
        **_SERVICE_PROVIDER_CONFIG,
        "filter": {"supported": True, "maxResults": limits.page_size},
        "pagination": {
            "cursor": True,
            "index": True,
            "defaultPaginationMethod": "index",
            "defaultPageSize": limits.page_size,
            "maxPageSize": limits.page_size,
        },
        "bulk": {
            "supported": True,
            "maxOperations": MAX_OPERATIONS,
            "maxPayloadSize": limits.max_request_bytes,
        },
        "meta": _meta("ServiceProviderConfig", f"{base_url}/ServiceProviderConfig"),
    }


def resource_types(base_url: str) -> Document:
    return _list(_located("ResourceType", f"{base_url}/ResourceTypes", _resource_types()))


def resource_type(base_url: str, id: str) -> Document:
    """By its name, as it is spelled; NotFound if there is none."""
    return _found(resource_types(base_url), id)


def schemas(base_url: str) -> Document:
    return _list(_located("Schema", f"{base_url}/Schemas", _schemas()))


def schema(base_url: str, id: str) -> Document:
    """By its URN, in any case; NotFound if there is none."""
    return _found(schemas(base_url), id)


def refuse_filter(query: Mapping[str, str]) -> None:
    """RFC 7644 section 4: these endpoints answer a filter with 403, so that no client believes it was applied."""
    if "filter" in query:
        raise PermissionDenied("this endpoint cannot be filtered")


def _found(listed: Document, id: str) -> Document:
    for document in listed["Resources"]:
        if document["id"].lower() == id.lower():
            return dict(document)
    raise NotFound(f"nothing here is called {id}")


@cache
def _schemas() -> tuple[Document, ...]:
    described: tuple[Schema, ...] = (
        User.to_schema(),
        EnterpriseUser.to_schema(),
        Group.to_schema(),
        _of_discovery(ServiceProviderConfig, "What this service can do."),
        _of_discovery(ResourceType, "A kind of resource, and where its resources are."),
        _of_discovery(Schema, "The attributes that resources may have."),
    )
    return tuple(schema.model_dump() for schema in described)


def _of_discovery(model: type[Resource[Any]], description: str) -> Schema:
    """The schema of what these endpoints themselves answer with (RFC 7643, section 8.7.2)."""
    schema: Schema = model.to_schema()
    schema.description = description
    return schema


@cache
def _resource_types() -> tuple[Document, ...]:
    described = []
    for model in (ProvisionedUser, Group):
        document = ResourceType.from_resource(model).model_dump()
        document["description"] = model.to_schema().description
        document.setdefault("schemaExtensions", [])
        described.append(document)
    return tuple(described)


def _located(kind: str, url: str, documents: tuple[Document, ...]) -> list[Document]:
    return [{**each, "meta": _meta(kind, f"{url}/{each['id']}")} for each in documents]


def _meta(kind: str, location: str) -> Document:
    return {"resourceType": kind, "location": location}


def _list(resources: list[Document]) -> Document:
    return {
        "schemas": [_LIST_RESPONSE],
        "totalResults": len(resources),
        "startIndex": 1,
        "itemsPerPage": len(resources),
        "Resources": resources,
    }
