"""`/Users`: from SCIM's words to the use cases and back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, TypeVar

from scim2_models import Context, PatchOp, Path
from starlette.requests import Request
from starlette.responses import Response

from ..domain import scim_user
from ..domain.identifier import UserId
from ..domain.scim_attribute import CORE_USER, ENTERPRISE_USER
from ..domain.scim_user import Document, Provisioned, ScimUser
from ..usecases.scim_user import Revise, ScimUsers
from . import answer, body, plain, query, resource
from .assignment import assigned, assignments
from .attributes import USER
from .dialects import POLICY
from .errors import Refused, invalid
from .filter import USER_ATTRIBUTES
from .limits import MAX_ENTRIES, Limits
from .models import ProvisionedUser
from .operations import PATCH_OP, Operations
from .reading import Ignored, Reading
from .request import base, parameters, take_turn, turn, visit
from .turns import Turn, Turns

#: What the library is left with of them takes it some milliseconds each, on a thread.
MAX_OPERATIONS = 128

T = TypeVar("T")

_OURS = ("id", "meta", "groups", "password", "schemas")


class UserEndpoints:
    def __init__(self, users: ScimUsers, limits: Limits) -> None:
        self._users = users
        self._limits = limits
        #: Of small requests that nevertheless take a thread; they do not wait for the large ones.
        self._turns = Turns()

    async def create(self, request: Request) -> Response:
        ignored = visit(request).ignored
        document = await self._read(request, lambda payload: created(payload, ignored))
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
        return await self._revised(request, replaced)

    async def patch(self, request: Request) -> Response:
        return await self._revised(request, patched)

    async def delete(self, request: Request) -> Response:
        await self._users.delete(
            visit(request), _id(request), precondition=answer.precondition(request)
        )
        return answer.nothing(request)

    async def _read(self, request: Request, reading: Callable[[Any], T]) -> T:
        return await body.read(request, self._limits.max_request_bytes, reading)

    async def _listed(self, request: Request, wanted: Any) -> Response:
        url = base(request)
        size = self._limits.page_size
        asked = await query.read(
            request, wanted, lambda: query.asked(wanted, USER_ATTRIBUTES, "groups", url, size)
        )
        found = await self._users.list(visit(request), asked.query)
        return answer.listing(
            request, found, lambda item: (asked.projection.applied(resource.user(item, url)),)
        )

    async def _revised(self, request: Request, read: Callable[..., Revise]) -> Response:
        ignored, id = visit(request).ignored, request.path_params["id"]
        revise = await self._read(request, lambda payload: read(payload, ignored, id))
        apart, brief = isinstance(revise, _ByLibrary), Turn(self._turns)
        try:
            if apart and not turn(request).held:
                await take_turn(request, brief)
            found = await self._users.revise(
                visit(request),
                _id(request),
                revise,
                apart=apart,
                precondition=answer.precondition(request),
            )
        finally:
            brief.leave()
        return self._one(request, found)

    def _one(self, request: Request, found: Provisioned, status: int = 200) -> Response:
        projected, url = query.projection(parameters(request)), base(request)
        text = projected.applied(resource.user(found, url))
        location = f"{url}/Users/{found.user.id}"
        return answer.one(request, (text,), location, found.user.version, status)


def created(payload: Any, ignored: Ignored | None = None) -> Document:
    """The attributes of a new user, out of the body of a POST."""
    return normalized(Reading(USER, ignored).body(payload))


def replaced(payload: Any, ignored: Ignored | None = None, id: str = "") -> Revise:
    """What a PUT makes of a user."""
    document = normalized(Reading(USER, ignored, id).body(payload))
    return lambda user: document


def patched(payload: Any, ignored: Ignored | None = None, id: str = "") -> Revise:
    """What a PATCH makes of a user: all of its operations, in order, or none."""
    operations = Operations(USER, ignored, id).patch(payload)["Operations"]
    if not operations:
        return lambda user: user.attributes
    if len(operations) > MAX_OPERATIONS:
        raise Refused(413, f"a PATCH of a user has at most {MAX_OPERATIONS} operations")
    values = (operation.get("value") for operation in operations)
    if sum(len(value) for value in values if isinstance(value, list)) > MAX_ENTRIES:
        raise invalid(
            "invalidValue", "Operations", f"have more than {MAX_ENTRIES} entries of lists"
        )
    found = assignments(operations)
    if found is not None:
        return lambda user: normalized(assigned(user.attributes, found))
    return library_patched(operations)


def library_patched(operations: Sequence[Document]) -> Revise:
    """What operations in normal form make of a user, whatever they are."""
    return _ByLibrary(list(_changes(operations)))


class _ByLibrary:
    """A revision that takes some milliseconds for each operation, and more for each entry of a list."""

    def __init__(self, changes: Sequence[_Change]) -> None:
        self._changes = changes

    def __call__(self, user: ScimUser) -> Document:
        model = _known(user.attributes)
        for change in self._changes:
            change(model)
        return _document(model)


#: Changes a user as some operations have it.
_Change = Callable[[ProvisionedUser], object]


def _changes(operations: Iterable[Document]) -> Iterator[_Change]:
    """A change for each operation on a part of all entries of a list; between these, one for them all."""
    for part, neighbours in groupby(operations, lambda each: USER.part_of_entries(each["path"])):
        if part is None:
            yield _patch(*neighbours)
        else:
            yield from (_change_of_entries(part, each) for each in neighbours)


def _change_of_entries(part: tuple[str, str], operation: Document) -> _Change:
    """The change of a part of all entries; where there are none, one is made that has this part.

    RFC 7644 section 3.5.2.3 adds what the path names, if it does not exist.
    """
    name, sub_attribute = part
    change = _patch(operation)
    if operation["op"] == "remove":
        return change
    entry = {sub_attribute: operation["value"]}
    first = _patch({"op": "add", "path": name, "value": [entry]})
    held: Any = Path[ProvisionedUser](name)
    return lambda user: (change if held.get(user) else first)(user)


def _patch(*operations: Document) -> _Change:
    patch = PatchOp[ProvisionedUser].model_validate(
        {"schemas": [PATCH_OP], "Operations": list(operations)},
        scim_ctx=Context.RESOURCE_PATCH_REQUEST,
        scim_policy=POLICY,
    )
    return lambda user: patch.patch(user, POLICY)


def normalized(document: Document) -> Document:
    """Attributes in normal form as they are stored and served."""
    return plain.user(document) or by_library(document)


def by_library(document: Document) -> Document:
    """`normalized`, whatever the document."""
    return _document(_known(document))


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
