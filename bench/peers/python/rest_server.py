"""The same in FastAPI: JSON on the paths of the contract, checked by pydantic."""

from __future__ import annotations

import logging
import socket
import sys
from datetime import datetime
from typing import Annotated
from uuid import UUID

import uvicorn
from configurations import CHANGEABLE, Caller, Configurations, Refused, ScimConfiguration
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

_STATUS = {
    "INVALID_ARGUMENT": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
}
_SERVICE = "/gitpod.v1.OrganizationService"


class Message(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, from_attributes=True)


class GetRequest(Message):
    scim_configuration_id: UUID


class UpdateRequest(Message):
    scim_configuration_id: UUID
    name: Annotated[str, Field(max_length=128)] | None = None
    enabled: bool | None = None
    sso_configuration_id: UUID | None = None
    allow_unverified_email_account_linking: bool | None = None


class Pagination(Message):
    page_size: Annotated[int, Field(ge=0, le=100)] = 0
    token: str = ""


class ListRequest(Message):
    pagination: Pagination = Pagination()


class Configuration(Message):
    id: UUID
    organization_id: UUID
    name: str
    enabled: bool
    sso_configuration_id: UUID | None
    created_at: datetime
    updated_at: datetime
    token_expires_at: datetime
    allow_unverified_email_account_linking: bool


class ConfigurationResponse(Message):
    scim_configuration: Configuration


class NextPage(Message):
    next_token: str


class ListResponse(Message):
    pagination: NextPage
    scim_configurations: list[Configuration]


app = FastAPI()


async def authenticated(request: Request) -> Caller:
    configurations: Configurations = request.app.state.configurations
    peer = f"{request.client.host}:{request.client.port}" if request.client else ""
    return await configurations.authenticate(request.headers.get("authorization", ""), peer)


def configurations(request: Request) -> Configurations:
    found: Configurations = request.app.state.configurations
    return found


Authenticated = Annotated[Caller, Depends(authenticated)]
Stored = Annotated[Configurations, Depends(configurations)]


@app.exception_handler(Refused)
async def refused(request: Request, error: Refused) -> JSONResponse:
    body = {"code": error.code.lower(), "message": str(error)}
    return JSONResponse(body, status_code=_STATUS[error.code])


@app.post(f"{_SERVICE}/GetSCIMConfiguration", response_model=ConfigurationResponse)
async def get(
    asked: GetRequest, caller: Authenticated, stored: Stored
) -> dict[str, ScimConfiguration]:
    return {"scim_configuration": await stored.get(caller, asked.scim_configuration_id)}


@app.post(f"{_SERVICE}/ListSCIMConfigurations", response_model=ListResponse)
async def page(asked: ListRequest, caller: Authenticated, stored: Stored) -> dict[str, object]:
    limit = asked.pagination.page_size or 25
    found, token = await stored.page(caller, limit, asked.pagination.token)
    return {"pagination": {"next_token": token}, "scim_configurations": found}


@app.post(f"{_SERVICE}/UpdateSCIMConfiguration", response_model=ConfigurationResponse)
async def update(
    asked: UpdateRequest, caller: Authenticated, stored: Stored
) -> dict[str, ScimConfiguration]:
    changes = asked.model_dump(include=set(CHANGEABLE), exclude_none=True)
    updated = await stored.update(caller, asked.scim_configuration_id, changes)
    return {"scim_configuration": updated}


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    app.state.configurations = Configurations(sys.argv[1])
    listener = socket.create_server(("127.0.0.1", 0))
    print(f"ready on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(app, log_config=None)).run(sockets=[listener])
