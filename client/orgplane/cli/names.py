"""Names where ids are wanted: what a command is given, it is told of by its id."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import click

from .failure import Exit, Failure
from .session import Session


@dataclass(frozen=True)
class Named(click.ParamType):  # type: ignore[type-arg] # generic in click's newest only
    """The id of a thing, or its name. Before its command begins, `id_of` makes an id of it."""

    #: What such a thing is, what having the name is, and the command that lists them.
    what: str
    having: str
    listing: str
    #: The pages of those that may have the name.
    pages: Callable[[Session, str], Iterator[Sequence[Any]]]
    id_field: str = "id"
    name_field: str = "name"
    #: How a name differs from what is passed on as it is.
    mark: str = ""
    fold: Callable[[str], str] = str

    name = "id or name"

    def id_of(self, session: Session, given: str) -> str:
        """An id is taken as it is, and so is nothing: it is no name. Raises Failure where nothing has the name, or more than one has."""
        if not given or _is_id(given) or self.mark not in given:
            return given
        ids = [
            str(getattr(each, self.id_field))
            for page in self.pages(session, given)
            for each in page
            if self.fold(getattr(each, self.name_field)) == self.fold(given)
        ]
        if not ids:
            raise Failure(
                f"no {self.what} {self.having} {given!r}",
                f"Those there are: {self.listing}",
                Exit.NOT_FOUND,
            )
        if len(ids) > 1:
            raise Failure(
                f"more than one {self.what} {self.having} {given!r}",
                f"Give the id of the one that is meant: {', '.join(ids)}.",
            )
        return ids[0]


def resolve(session: Session, context: click.Context) -> None:
    """Of a command's parameters that are `Named`, each becomes an id."""
    for parameter in context.command.params:
        kind, given = parameter.type, context.params.get(str(parameter.name))
        if isinstance(kind, Named) and given is not None:
            context.params[str(parameter.name)] = (
                tuple(kind.id_of(session, each) for each in given)
                if isinstance(given, tuple)
                else kind.id_of(session, given)
            )


def _is_id(given: str) -> bool:
    try:
        UUID(given)
    except ValueError:
        return False
    return True


SCIM_CONFIGURATION = Named(
    "SCIM configuration",
    "is called",
    "orgplane scim-configurations list",
    lambda session, _: session.api.pages("ListSCIMConfigurations"),
)
SSO_CONFIGURATION = Named(
    "SSO configuration",
    "is called",
    "orgplane sso-configurations list",
    lambda session, _: session.api.pages(
        "ListSSOConfigurations", organization_id=session.organization_id
    ),
    name_field="display_name",
)
SERVICE_ACCOUNT = Named(
    "service account",
    "is called",
    "orgplane service-accounts list --suspended",
    lambda session, name: session.api.pages(
        "ListServiceAccounts", filter={"search": name, "includeSuspended": True}
    ),
)
GROUP = Named(
    "group",
    "is called",
    "orgplane groups list",
    lambda session, name: session.api.pages("ListGroups", filter={"search": name}),
)
MEMBER = Named(
    "member",
    "has the e-mail address",
    "orgplane members list",
    lambda session, address: session.api.pages(
        "ListMembers", organization_id=session.organization_id, filter={"email": address}
    ),
    id_field="user_id",
    name_field="email",
    mark="@",
    fold=str.casefold,
)
