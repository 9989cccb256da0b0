"""What is measured beside what, when everything runs at once."""

from __future__ import annotations

from collections.abc import Sequence

import subjects
from operations import (
    ADD_MEMBER,
    CREATE_USER,
    GET,
    LIST,
    PAGE_USERS,
    PROTOCOLS,
    RPCS,
    SCIM,
    UPDATE,
    USERS,
    Operation,
)
from results import Cell
from rounds import Part
from seed import WITH_ROLE

CALLERS = (1, 32, 256)
#: As bars have it.
MANY = 32

#: Servers of OrganizationService, each with the protocol that it is good at.
PEERS = {
    subjects.ORGPLANE: "connect-proto",
    subjects.GO_POSTGRESQL: "connect-proto",
    subjects.GO: "connect-proto",
    subjects.ORGPLANE_POSTGRESQL: "connect-proto",
    subjects.GRPCIO: "grpc",
    subjects.FASTAPI: "connect-json",
}
OURS = (subjects.ORGPLANE, subjects.ORGPLANE_POSTGRESQL)
GO = (subjects.GO, subjects.GO_POSTGRESQL)


def _peers(operation: Operation, callers: int = MANY) -> list[Cell]:
    return [Cell(subject, operation, protocol, callers) for subject, protocol in PEERS.items()]


def _scim(operation: Operation, callers: int = MANY) -> list[Cell]:
    creates = operation is CREATE_USER
    scim2_server = subjects.SCIM2_SERVER if creates else subjects.SCIM2_KEPT_SMALL
    servers = (scim2_server, OURS[0], GO[0], OURS[1], GO[1])
    return [Cell(subject, operation, SCIM, callers) for subject in servers]


COMPARED = (
    Part("update, 32 callers", _peers(UPDATE)),
    Part(
        "update above the floor",
        [
            Cell(subject, UPDATE, protocol, MANY)
            for protocol in PROTOCOLS
            for subject in (subjects.ORGPLANE, subjects.FLOOR)
        ],
    ),
    Part(
        "get by protocol",
        [Cell(subjects.ORGPLANE, GET, protocol, MANY) for protocol in ("connect-proto", "grpc")],
    ),
    Part("create user, 32 callers", _scim(CREATE_USER)),
    Part(
        "add a member to a group",
        [
            Cell(subject, operation, SCIM, 1)
            for subject in OURS
            for operation in (ADD_MEMBER[WITH_ROLE], ADD_MEMBER[10], ADD_MEMBER[10_000])
        ],
    ),
    Part("page of 100 users", [Cell(subject, PAGE_USERS, SCIM, MANY) for subject in OURS]),
)


def _table() -> Sequence[Cell]:
    cells = [Cell(subjects.LISTENER, UPDATE, "connect-proto", MANY)]
    for callers in CALLERS:
        cells += [
            *_peers(UPDATE, callers),
            *(Cell(ours, UPDATE, protocol, callers) for ours in OURS for protocol in PROTOCOLS),
            *(Cell(subjects.ORGPLANE, rpc, "connect-proto", callers) for rpc in RPCS),
            *_scim(CREATE_USER, callers),
            *(Cell(subjects.ORGPLANE, operation, SCIM, callers) for operation in USERS),
            Cell(subjects.ORGPLANE, ADD_MEMBER[10_000], SCIM, callers),
        ]
    for callers in (1, MANY):
        cells += [
            *(Cell(subjects.ORGPLANE_POSTGRESQL, operation, SCIM, callers) for operation in USERS),
            *(Cell(ours, add, SCIM, callers) for ours in OURS for add in ADD_MEMBER.values()),
        ]
    cells += [Cell(subjects.ORGPLANE, GET, protocol, MANY) for protocol in PROTOCOLS]
    cells += [*_peers(GET), *_peers(LIST)]
    for operation in USERS:
        # One page sorts all of scim2-server's users, for a tenth of a second.
        cells += _scim(operation, 1 if operation is PAGE_USERS else MANY)
    compared = {cell for part in COMPARED for cell in part.cells}
    return [cell for cell in dict.fromkeys(cells) if cell not in compared]


PARTS = (*COMPARED, Part("the other rows", _table(), compared=False))


def grown(rows: int, operation: Operation) -> Cell:
    protocol = SCIM if operation in USERS else "connect-proto"
    return Cell(subjects.sized(rows), operation, protocol, 1)


def growth(sizes: Sequence[int]) -> list[Part]:
    """One caller, of every request, in databases of these sizes: the smallest beside the largest."""
    asked = (*RPCS, *USERS)
    parts = [
        Part(f"growth, {each.name}", [grown(sizes[0], each), grown(sizes[-1], each)])
        for each in asked
    ]
    between = [grown(size, each) for each in asked for size in sizes[1:-1]]
    return [*parts, Part("growth, between", between, compared=False)]
