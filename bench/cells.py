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
SCIM_SERVERS = (
    subjects.SCIM2_SERVER,
    subjects.ORGPLANE,
    subjects.GO,
    subjects.ORGPLANE_POSTGRESQL,
    subjects.GO_POSTGRESQL,
)
OURS = (subjects.ORGPLANE, subjects.ORGPLANE_POSTGRESQL)


def _peers(operation: Operation, callers: int = MANY) -> list[Cell]:
    return [Cell(subject, operation, protocol, callers) for subject, protocol in PEERS.items()]


def _scim(operation: Operation, callers: int = MANY) -> list[Cell]:
    return [
        Cell(
            # Pages would become slower with every user that was created: a process of its own.
            subjects.SCIM2_FILLING
            if (subject, operation) == (subjects.SCIM2_SERVER, CREATE_USER)
            else subject,
            operation,
            SCIM,
            callers,
        )
        for subject in SCIM_SERVERS
    ]


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
            for operation in (ADD_MEMBER[10], ADD_MEMBER[10_000])
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


def growth(sizes: Sequence[int]) -> list[Part]:
    """One caller, of every request, in databases of these sizes: the smallest beside the largest."""
    cells = {
        operation: [
            Cell(
                subjects.sized(size), operation, SCIM if operation in USERS else "connect-proto", 1
            )
            for size in sizes
        ]
        for operation in (*RPCS, *USERS)
    }
    return [
        *(
            Part(f"growth, {operation.name}", [each[0], each[-1]])
            for operation, each in cells.items()
        ),
        Part("growth, between", [cell for each in cells.values() for cell in each[1:-1]], False),
    ]
