"""What is asked of servers: the RPCs of OrganizationService, and SCIM."""

from __future__ import annotations

from dataclasses import dataclass

from seed import GROUPS, WITH_ROLE

PROTOCOLS = ("connect-json", "connect-proto", "grpc", "grpc-web")
SCIM = "scim"


@dataclass(frozen=True)
class Operation:
    """`asked` is the driver's word for it, `rows` the file of an organization that it draws from."""

    name: str
    asked: str
    rows: str
    group: int = 0


#: Gives a configuration another name, durable and with an audit event; each answer has the new name.
UPDATE = Operation("update", "update", "configurations")
GET = Operation("get", "get", "configurations")
#: The caller's organization itself.
ORGANIZATION = Operation("get organization", "get-organization", "organization")
#: The first page of 25.
LIST = Operation("list", "list", "configurations")

CREATE_USER = Operation("create user", "create-user", "users")
#: `userName eq`, one user.
FILTER_USERS = Operation("filter users", "filter-users", "users")
GET_USER = Operation("get user", "get-user", "users")
#: `active` to false and back to true in turns: every one changes something.
PATCH_USER = Operation("patch user", "patch-user", "users")
#: The first page of 100.
PAGE_USERS = Operation("page of users", "page-users", "users")
#: One user who is no member yet. Each leaves again, which is not measured, but is in the CPU a request.
ADD_MEMBER = {
    size: Operation(
        f"add to {size:,}{', with a role' * (size == WITH_ROLE)}", "add-member", "strangers", size
    )
    for size in GROUPS
}

RPCS = (UPDATE, GET, LIST)
USERS = (CREATE_USER, FILTER_USERS, GET_USER, PATCH_USER, PAGE_USERS)
ALL = (*RPCS, *USERS, *ADD_MEMBER.values())
