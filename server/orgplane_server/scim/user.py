"""`/Users`: from SCIM's words to the use cases and back."""

from __future__ import annotations

from typing import Any

from scim2_models import Context, PatchOp
from starlette.requests import Request
from starlette.responses import Response

from ..domain import scim_user
from ..domain.identifier import UserId
from ..domain.scim_attribute import CORE_USER, ENTERPRISE_USER
from ..domain.scim_user import Document, Provisioned, ScimUser
from ..usecases.scim_user import Revise, ScimUsers
from . import answer, body, normal_form, query, resource
from .assignment import assigned, assignments
from .dialects import POLICY
from .errors import Refused
from .filter import USER_ATTRIBUTES
from .limits import Limits
from .models import ProvisionedUser
from .reading import Ignored
from .request import base, parameters, visit

#: Each takes a copy of the user, while others wait.
MAX_OPERATIONS = 128

_OURS = ("id", "meta", "groups", "password", "schemas")


class UserEndpoints:
    def __init__(self, users: ScimUsers, limits: Limits) -> None:
        self._users = users
        self._limits = limits

    async def create(self, request: Request) -> Response:
        document = created(await self._body(request), visit(request).ignored)
        found = await self._users.create(visit(request), document)
        return self._one(request, found, 201)

    async def get(self, request: Request) -> Response:
        projected = query.projection(parameters(request))
        found = await self._users.get(
            visit(request), _id(request), groups=projected.wants("groups")
        )
        return self._one(request, found)

    async def list(self, request: Request) -> Response:
        return await self._listed(request, parameters(request))

    async def search(self, request: Request) -> Response:
        return await self._listed(
            request, await query.of_body(request, self._limits.max_request_bytes)
        )

    async def replace(self, request: Request) -> Response:
        return await self._revised(
            request, replaced(await self._body(request), visit(request).ignored)
        )

    async def patch(self, request: Request) -> Response:
        return await self._revised(
            request, patched(await self._body(request), visit(request).ignored)
        )

    async def delete(self, request: Request) -> Response:
        await self._users.delete(
            visit(request), _id(request), precondition=answer.precondition(request)
        )
        return answer.nothing(request)

    async def _body(self, request: Request) -> Any:
        return await body.read(request, self._limits.max_request_bytes)

    async def _listed(self, request: Request, wanted: Any) -> Response:
        url = base(request)
        asked = query.asked(wanted, USER_ATTRIBUTES, "groups", url, self._limits.page_size)
        found = await self._users.list(visit(request), asked.query)
        return answer.listing(
            request, found, lambda item: asked.projection.applied(resource.user(item, url))
        )

    async def _revised(self, request: Request, revise: Revise) -> Response:
        found = await self._users.revise(
            visit(request), _id(request), revise, precondition=answer.precondition(request)
        )
        return self._one(request, found)

    def _one(self, request: Request, found: Provisioned, status: int = 200) -> Response:
        projected, url = query.projection(parameters(request)), base(request)
        text = projected.applied(resource.user(found, url))
        location = f"{url}/Users/{found.user.id}"
        return answer.one(request, text, location, found.user.version, status)


def created(payload: Any, ignored: Ignored | None = None) -> Document:
    """The attributes of a new user, out of the body of a POST."""
    return {"active": True, **_stated(payload, Context.RESOURCE_CREATION_REQUEST, ignored)}


def replaced(payload: Any, ignored: Ignored | None = None) -> Revise:
    """What a PUT makes of a user; `active` stays as it is when the body does not say."""
    document = _stated(payload, Context.RESOURCE_REPLACEMENT_REQUEST, ignored)
    return lambda user: {"active": user.active, **document}


def patched(payload: Any, ignored: Ignored | None = None) -> Revise:
    """What a PATCH makes of a user: all of its operations, in order, or none."""
    operations = normal_form.user_patch(payload, ignored)
    if not operations["Operations"]:
        return lambda user: user.attributes
    if len(operations["Operations"]) > MAX_OPERATIONS:
        raise Refused(413, f"a PATCH of a user has at most {MAX_OPERATIONS} operations")
    found = assignments(operations["Operations"])
    if found is not None:
        return lambda user: _document(_known(assigned(user.attributes, found)))
    return library_patched(operations)


def library_patched(operations: Any) -> Revise:
    """What a PATCH in normal form makes of a user, whatever its operations are."""
    patch = PatchOp[ProvisionedUser].model_validate(
        operations,
        scim_ctx=Context.RESOURCE_PATCH_REQUEST,
        scim_policy=POLICY,
    )

    def revise(user: ScimUser) -> Document:
        model = _known(user.attributes)
        patch.patch(model, scim_policy=POLICY)
        return _document(model)

    return revise


def _stated(payload: Any, context: Context, ignored: Ignored | None) -> dict[str, Any]:
    """The attributes that the body of a POST or PUT states."""
    body = normal_form.user(payload, ignored)
    if _is_plain(body):
        return _document(_known(body))
    model = ProvisionedUser.model_validate(body, scim_ctx=context, scim_policy=POLICY)
    return _document(model)


def _is_plain(body: Document) -> bool:
    """Whether a body has nothing that scim2-models checks in requests only, which takes it most of its time.

    That is what is required, what is readOnly, and that at most one entry of a list is primary.
    """
    enterprise = body.get(ENTERPRISE_USER)
    manager = enterprise.get("manager") if isinstance(enterprise, dict) else None
    return (
        body.get("userName") is not None
        and not (isinstance(manager, dict) and "displayName" in manager)
        and not any(
            isinstance(value, list) and sum(map(_says_primary, value)) > 1
            for value in body.values()
        )
    )


def _says_primary(entry: Any) -> bool:
    return isinstance(entry, dict) and entry.get("primary") not in (None, False)


def _known(document: Document) -> ProvisionedUser:
    """The user that attributes in normal form are."""
    return ProvisionedUser.model_validate(document, scim_policy=POLICY)


def _document(model: ProvisionedUser) -> dict[str, Any]:
    """The attributes as they are stored and served: spelled and ordered as their schemas have them."""
    dumped = model.model_dump(scim_ctx=Context.DEFAULT)
    attributes = {name: value for name, value in dumped.items() if name not in _OURS}
    extensions = [ENTERPRISE_USER] if ENTERPRISE_USER in attributes else []
    return {"schemas": [CORE_USER, *extensions], **attributes}


def _id(request: Request) -> UserId:
    id = resource.identifier(request.path_params["id"])
    if id is None:
        raise scim_user.not_found()
    return UserId(id)
