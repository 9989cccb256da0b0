"""An e-mail address stands for where its mail arrives, however it is written down."""

from __future__ import annotations

import contextlib
import dataclasses

from ..domain import letter
from ..domain.identifier import OrganizationId
from ..domain.user import User, email_key
from ..mail import address
from ..store import membership as memberships
from ..store.engine.database import Connection


def canonical(email: str) -> str:
    """The address in the one spelling that joining goes by. Raises InvalidArgument (`email`) for one that no mail is sent to."""
    try:
        return address.canonical(email)
    except address.NoAddress as error:
        raise letter.malformed("email", str(error)) from None


def of(member: User) -> User:
    """The member with their address so; as it is if no mail is sent to it."""
    with contextlib.suppress(address.NoAddress):
        return dataclasses.replace(member, email=address.canonical(member.email))
    return member


def holders(connection: Connection, id: OrganizationId, email: str) -> list[User]:
    """The members who have a canonical address, also those who were suspended or left; it is one's turn at it."""
    keys = sorted({email_key(each) for each in address.spellings(email)})
    found = [user for key in keys for user in memberships.of_address(connection, id, key)]
    # Two domains may have one key.
    return [user for user in found if email_key(of(user).email) == email_key(email)]


def take_turn(connection: Connection, id: OrganizationId, email: str) -> None:
    """`holders`, for whoever asks it later. The organization's row is held after it: whoever changes a member does so."""
    holders(connection, id, email)


def related(connection: Connection, id: OrganizationId, email: str) -> list[User]:
    """Members whose mail may arrive there as well: `holders` of it without what stands behind a + in it, and whose provider gives
    it as their userName, or as a further address of theirs.
    """
    local, _, domain = email.rpartition("@")
    name, tag, _ = local.partition("+")
    found = holders(connection, id, f"{name}@{domain}") if name and tag else []
    for each in address.spellings(email):
        found += memberships.provisioned_with(connection, id, email_key(each))
    return found
