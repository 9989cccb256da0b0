"""Whom the gate lets in, whatever is asked for behind it."""

from __future__ import annotations

from uuid import uuid4

import pytest
from clock import SettableClock
from orgplane_server.domain.errors import OrgplaneError, PermissionDenied, Reason
from orgplane_server.domain.identifier import ScimConfigurationId, UserId
from orgplane_server.domain.scim_configuration import ScimConfiguration
from orgplane_server.domain.scim_group import Naming
from orgplane_server.domain.scim_query import Query
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.organization import Founded
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.scim_access import ScimGate, Visit
from orgplane_server.usecases.scim_group import ScimGroups
from orgplane_server.usecases.scim_listing import ScimListings
from orgplane_server.usecases.scim_user import ScimUsers
from orgplane_server.usecases.sealing import Sealer
from provisioning import Administration, administration


@pytest.fixture
def admin(database: Database, clock: SettableClock, acme: Founded) -> Administration:
    return administration(database, clock, acme)


@pytest.fixture
async def issued(admin: Administration) -> tuple[ScimConfiguration, str]:
    return await admin.create()


async def refusals(
    database: Database, clock: SettableClock, token: str, asked: ScimConfigurationId | None = None
) -> dict[str, Reason | None]:
    """Why each use case refuses a visitor; None where it lets them in."""
    gate = ScimGate(database, clock)
    listings = ScimListings(PageTokens(Sealer(bytes(32))))
    users, groups = ScimUsers(gate, clock, listings), ScimGroups(gate, clock, listings)
    nobody, none = UserId(uuid4()), uuid4()
    visits: dict[str, Visit] = {}

    def visit(name: str) -> Visit:
        return visits.setdefault(name, Visit(token, asked))

    found: dict[str, Reason | None] = {}
    for name, work in (
        ("read: user", users.get(visit("a"), nobody)),
        ("read: users", users.list(visit("b"), Query())),
        ("read: group", groups.get(visit("c"), none)),  # type: ignore[arg-type]
        ("read: groups", groups.list(visit("d"), Query())),
        ("read: check", gate.check(visit("e"))),
        ("write: check", gate.check(visit("f"), changes=True)),
        ("write: user", users.create(visit("g"), {"userName": str(uuid4())})),
        ("write: revise", users.revise(visit("h"), nobody, lambda user: user.attributes)),
        ("write: remove", users.delete(visit("i"), nobody)),
        ("write: group", groups.create(visit("j"), Naming(str(uuid4())))),
        ("write: change", groups.change(visit("k"), none, [])),  # type: ignore[arg-type]
        ("write: delete", groups.delete(visit("l"), none)),  # type: ignore[arg-type]
    ):
        try:
            await work  # type: ignore[misc]
        except OrgplaneError as error:
            let_in = error.reason in (Reason.USER_NOT_FOUND, Reason.SCIM_GROUP_NOT_FOUND)
            found[name] = None if let_in else error.reason
        else:
            found[name] = None
    return found


async def test_an_enabled_and_linked_configuration_is_let_in_everywhere(
    database: Database, clock: SettableClock, issued: tuple[ScimConfiguration, str]
) -> None:
    configuration, token = issued
    for asked in (None, configuration.id):
        assert set((await refusals(database, clock, token, asked)).values()) == {None}


async def test_a_disabled_one_nowhere(
    database: Database,
    clock: SettableClock,
    admin: Administration,
    issued: tuple[ScimConfiguration, str],
) -> None:
    configuration, token = issued
    await admin.update(configuration, {"enabled": False})
    found = await refusals(database, clock, token)
    assert set(found.values()) == {Reason.SCIM_CONFIGURATION_DISABLED}


async def test_an_unlinked_one_only_to_read(
    database: Database,
    clock: SettableClock,
    admin: Administration,
    issued: tuple[ScimConfiguration, str],
) -> None:
    configuration, token = issued
    await admin.update(configuration, {"sso_configuration_id": None})
    for name, reason in (await refusals(database, clock, token)).items():
        writes = name.startswith("write")
        assert reason is (Reason.SCIM_CONFIGURATION_UNLINKED if writes else None), name


async def test_nobody_comes_in_without_a_token_of_the_configuration_asked_for(
    database: Database,
    clock: SettableClock,
    admin: Administration,
    issued: tuple[ScimConfiguration, str],
    acme: Founded,
) -> None:
    configuration, token = issued
    other, _ = await admin.create()
    for presented, asked, reason in (
        ("", None, Reason.UNAUTHENTICATED),
        ("nonsense", None, Reason.TOKEN_MALFORMED),
        (acme.token.reveal(), None, Reason.TOKEN_MALFORMED),
        (token, other.id, Reason.SCIM_CONFIGURATION_NOT_FOUND),
    ):
        found = await refusals(database, clock, presented, asked)
        assert set(found.values()) == {reason}
    clock.now = configuration.token_expires_at
    assert set((await refusals(database, clock, token)).values()) == {Reason.TOKEN_EXPIRED}
    renewed = await admin.configurations.regenerate_token(acme.caller, configuration.id)
    assert set((await refusals(database, clock, token)).values()) == {Reason.TOKEN_UNKNOWN}
    assert set((await refusals(database, clock, renewed.token.reveal())).values()) == {None}


async def test_whose_visit_it_is_is_known_even_when_it_is_refused(
    database: Database,
    clock: SettableClock,
    admin: Administration,
    issued: tuple[ScimConfiguration, str],
) -> None:
    configuration, token = issued
    await admin.update(configuration, {"enabled": False})
    visit = Visit(token)
    with pytest.raises(PermissionDenied):
        await ScimGate(database, clock).check(visit)
    assert visit.configuration is not None
    assert visit.configuration.id == configuration.id
    assert token not in repr(visit)
