"""The SCIM door: addresses, the bearer token, and one place where everything that goes wrong is answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from functools import partial
from typing import Any, Protocol
from uuid import UUID

import structlog
from pydantic import ValidationError
from scim2_models import SCIMException
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router

from ..domain.caller import Origin
from ..domain.errors import OrgplaneError, ResourceExhausted, Unauthenticated
from ..domain.identifier import ScimConfigurationId
from ..telemetry.call import current_call
from ..usecases.scim_access import ScimGate, Visit
from ..usecases.scim_group import ScimGroups
from ..usecases.scim_user import ScimUsers
from . import answer, content_coding, dialects, query
from .address import ADDRESS, route
from .bulk import BulkEndpoint, Operation, Outcome
from .discovery import Discovery
from .errors import ClientLeft, Refusal, Refused, internal, refusal
from .group import GroupEndpoints
from .limits import SMALL_BYTES, SMALL_PATCH_BYTES, Limits
from .request import await_client, origin, take_turn, turn
from .request import visit as visit_of
from .search import RootEndpoint
from .turns import Turn, Turns
from .user import UserEndpoints

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Endpoint = Callable[[Request], Awaitable[Response]]

_READING = frozenset({"GET", "HEAD"})
_BODILESS = _READING | {"DELETE"}
_ALSO = {"GET": ("GET", "HEAD")}

log = structlog.get_logger(__name__)


class ScimDoor:
    """SCIM 2.0 (RFC 7643, 7644) at `/scim/v2` and `/scim/v2/{scim_configuration_id}`, also under `/api`.

    The record of each request, a `Visit`, is `scope["state"]["visit"]`. Resources are located below
    `public_url`; without one, where the request was sent to.
    """

    def __init__(
        self,
        gate: ScimGate,
        users: ScimUsers,
        groups: ScimGroups,
        *,
        limits: Limits,
        public_url: str = "",
    ) -> None:
        self._gate = gate
        self._max_request_bytes = limits.max_request_bytes
        self._public_url = public_url
        self._turns = Turns()
        root = RootEndpoint(users, groups, limits)
        self._router = Router(
            [
                *_resources("/Users", UserEndpoints(users, limits)),
                *_resources("/Groups", GroupEndpoints(groups, limits)),
                *_discovery(Discovery(gate, limits)),
                _route("/Bulk", POST=BulkEndpoint(self._perform, limits.max_request_bytes)),
                _route("/", GET=root.list),
                _route("/.search", POST=root.search),
                _route("/Me", GET=_me, POST=_me, PUT=_me, PATCH=_me, DELETE=_me),
            ],
            redirect_slashes=False,
        )

    @staticmethod
    async def refuse(send: Send, status: int, detail: str) -> None:
        """Answers an error to a request of which nothing else is looked at."""
        await answer.turned_away(send, Refusal(status, detail))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        address = ADDRESS.fullmatch(scope["path"])
        assert address is not None, "only paths that `serves` knows come here"
        call, asked = current_call.get(), address["configuration"]
        path = dialects.path(address["path"] or "")
        call.protocol, call.route = "scim", route(scope["method"], path)
        visit = Visit(
            _bearer(scope),
            ScimConfigurationId(UUID(asked)) if asked else None,
            Origin(call.request_id, call.peer),
        )
        scope = {
            **scope,
            "path": address["base"] + path,
            "root_path": address["base"],
            "app": self,
            "state": scope.get("state", {}),
        }
        scope["state"]["visit"] = visit
        scope["state"].setdefault("has_left", _never)
        request = Request(scope)
        self._give_turn(request)
        scope["state"]["origin"] = self._public_url or origin(request)
        if scope["method"] in _BODILESS:
            await_client(request)
        try:
            send = answer.ignoring(send, visit.ignored)
            send = answer.rationed(send, lambda: self._gate.quota(visit))
            try:
                await self._gate.count(visit)
            except OrgplaneError as error:
                await answer.refusal(request, refusal(error))(scope, receive, send)
                return
            await self._answered(scope, self._behind_the_gate(scope, receive, visit), send, visit)
        finally:
            _know(visit)

    async def _answered(self, scope: Scope, receive: Receive, send: Send, visit: Visit) -> None:
        try:
            if len(scope["query_string"]) > query.LONG_FILTER:
                await self._gate.check(visit)
            if coding := content_coding.of(scope):
                content_coding.check(coding)
                receive = content_coding.inflating(receive, self._max_request_bytes)
                scope = content_coding.without(scope)
            await self._router(scope, receive, send)
        except Exception as error:
            request = Request(scope)
            refused = await self._refusal(request, visit, error)
            await answer.refusal(request, refused)(scope, receive, send)

    def _behind_the_gate(self, scope: Scope, receive: Receive, visit: Visit) -> Receive:
        """`receive` that takes nothing from whom the gate does not let in, and raises what it says."""
        admitted = False

        async def receive_from_the_admitted() -> Message:
            nonlocal admitted
            if not admitted:
                changes = _changes(scope)
                if not (_is_small(scope) and self._gate.presumes(visit, changes=changes)):
                    await self._gate.check(visit, changes=changes)
                admitted = True
            return await receive()

        return receive_from_the_admitted

    def _give_turn(self, request: Request) -> None:
        """What of the request turns out to be large will wait for a turn of its own."""
        mine = request.scope["state"]["turn"] = Turn(self._turns)
        visit_of(request).large = partial(take_turn, request, mine)

    async def require_known(self, request: Request) -> None:
        """No answer without a look at the token: there was none if it was presumed to be good, and nothing asked or changed."""
        visit = visit_of(request)
        if visit.configuration is None:
            await self._gate.check(visit, changes=_changes(request.scope))

    async def _perform(self, request: Request, operation: Operation) -> Outcome:
        """One operation of a bulk request, by the same visitor, who need not be there any more: it has begun."""
        visit_of(request).wanted = None
        headers = [(b"content-type", b"application/scim+json")]
        if operation.version is not None:
            headers.append((b"if-match", operation.version.encode("ascii", "replace")))
        scope = {
            **request.scope,
            "method": operation.method,
            "path": request.scope["root_path"] + operation.path,
            "query_string": b"",
            "headers": headers,
            "state": {**request.scope["state"], "has_left": _never},
        }
        self._give_turn(Request(scope))
        if operation.data is not None:
            scope["state"]["data"] = operation.data
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        await self._answered(scope, receive, send, visit_of(request))
        start, *parts = sent
        return Outcome(
            start["status"],
            {str(k, "latin-1"): str(v, "latin-1") for k, v in start["headers"]},
            b"".join(part.get("body", b"") for part in parts).decode(),
        )

    async def _refusal(self, request: Request, visit: Visit, error: Exception) -> Refusal:
        """The answer to what went wrong, for those whom the gate lets in; others learn nothing else."""
        told = isinstance(error, (Unauthenticated, ResourceExhausted, ClientLeft))
        if visit.configuration is None and not told:
            try:
                await self._gate.check(visit, changes=_changes(request.scope))
            except Exception as shut:
                error = shut
        match error:
            case OrgplaneError() | SCIMException() | ValidationError():
                return refusal(error)
            case Refused():
                return Refusal(error.status, str(error), more=error.headers)
            case HTTPException(status_code=404):
                return Refusal(404, "nothing is served at this path")
        call = current_call.get()
        _know(visit)
        log.error("unhandled error", request_id=call.request_id, exc_info=error)
        return internal(call.request_id)


class _Resources(Protocol):
    """The endpoints of one kind of resource."""

    async def create(self, request: Request) -> Response: ...

    async def list(self, request: Request) -> Response: ...

    async def search(self, request: Request) -> Response: ...

    async def get(self, request: Request) -> Response: ...

    async def replace(self, request: Request) -> Response: ...

    async def patch(self, request: Request) -> Response: ...

    async def delete(self, request: Request) -> Response: ...


def _resources(path: str, endpoints: _Resources) -> list[Route]:
    return [
        _route(path, GET=endpoints.list, POST=endpoints.create),
        _route(f"{path}/.search", POST=endpoints.search),
        _route(
            f"{path}/{{id}}",
            GET=endpoints.get,
            PUT=endpoints.replace,
            PATCH=endpoints.patch,
            DELETE=endpoints.delete,
        ),
    ]


def _discovery(endpoints: Discovery) -> list[Route]:
    return [
        _route("/ServiceProviderConfig", GET=endpoints.service_provider_config),
        _route("/ResourceTypes", GET=endpoints.resource_types),
        _route("/ResourceTypes/{id}", GET=endpoints.resource_type),
        _route("/Schemas", GET=endpoints.schemas),
        _route("/Schemas/{id}", GET=endpoints.schema),
    ]


def _route(path: str, **endpoints: Endpoint) -> Route:
    """One route for all methods of a path, so that no other path answers those that it does not have."""
    return Route(path, _Methods(endpoints))


class _Methods:
    """The endpoints of one path by their methods. Raises Refused (405), which names them, for any other."""

    def __init__(self, endpoints: Mapping[str, Endpoint]) -> None:
        self._endpoints = endpoints
        self._allow = ", ".join(method for name in endpoints for method in _ALSO.get(name, (name,)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        method = "GET" if request.method == "HEAD" else request.method
        if (endpoint := self._endpoints.get(method)) is None:
            raise Refused(
                405,
                f"this method is not served here, only {self._allow}",
                ((b"allow", self._allow.encode()),),
            )
        mine = turn(request)
        try:
            try:
                response = await endpoint(request)
                await request.app.require_known(request)
                if isinstance(response, answer.Long):
                    await response.make()
            finally:
                mine.give_back()
            await response(scope, receive, send)
        finally:
            mine.leave()


def _changes(scope: Scope) -> bool:
    """Whether a request is to change something, wherever it goes."""
    return scope["method"] not in _READING and not scope["path"].endswith("/.search")


def _is_small(scope: Scope) -> bool:
    """Whether the body will be read at once, as it is: then a token that was good may be looked at later."""
    small = SMALL_PATCH_BYTES if scope["method"] == "PATCH" else SMALL_BYTES
    headers = dict(scope["headers"])
    announced = headers.get(b"content-length", b"")
    return announced.isdigit() and int(announced) <= small and b"content-encoding" not in headers


def _know(visit: Visit) -> None:
    """Notes whose call it is, if the gate has found out."""
    if (found := visit.configuration) is not None:
        current_call.get().by(f"scim_configuration/{found.id}", found.organization_id)


async def _never() -> bool:
    return False


async def _me(request: Request) -> Response:
    raise Refused(501, "/Me is not served: the token is the identity provider's, not a user's")


def _bearer(scope: Scope) -> str:
    """The token presented; empty for anything that is not a bearer token (RFC 6750, section 2.1)."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            scheme, _, token = str(value, "latin-1").strip().partition(" ")
            return token.strip() if scheme.lower() == "bearer" else ""
    return ""
