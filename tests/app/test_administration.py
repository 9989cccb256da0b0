"""Nobody is ever locked out, whatever is done through whatever door: sought by a machine over both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import postgres
import pytest
from every_door import ADA, BOB, CID, EVE, PEOPLE, Credential, Doors, EveryDoor, LockedOut, Provider
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from orgplane_server.usecases.expiry import ExpiryWarnings

LIVES = st.sampled_from([timedelta(hours=1), timedelta(hours=25), timedelta(days=30)])
ANY = st.integers(0, 11)


@pytest.fixture(params=["sqlite", "postgresql"])
def doors(request: pytest.FixtureRequest) -> Iterator[Doors]:
    url = "sqlite://"
    if request.param == "postgresql":
        url = postgres.new_database(request.getfixturevalue("postgresql_server"))
    doors = Doors(url)
    yield doors
    doors.close()


def machine(doors: Doors) -> type[RuleBasedStateMachine]:
    """Every door that there is, in any order. `by`, `who` and `which` are any of those there are."""

    class SomebodyCanAlwaysAct(RuleBasedStateMachine):
        acme: EveryDoor

        @initialize()
        def found(self) -> None:
            self.acme = doors.organization()
            for email in (BOB, CID):
                self.acme.provision(self.acme.providers[0], email)

        @invariant()
        def somebody_can_act(self) -> None:
            self.acme.somebody_can_act()

        def credential(self, by: int) -> Credential:
            return self.acme.credentials[by % len(self.acme.credentials)]

        @rule(by=ANY, who=ANY, role=st.sampled_from(["admin", "member"]))
        def set_role(self, by: int, who: int, role: str) -> None:
            ids = self.acme.ids
            self.acme.set_role(self.credential(by), ids[who % len(ids)], role)

        @rule(by=ANY, who=ANY, suspended=st.booleans())
        def set_suspended(self, by: int, who: int, suspended: bool) -> None:
            ids = self.acme.ids
            self.acme.set_suspended(self.credential(by), ids[who % len(ids)], suspended)

        @rule(by=ANY, who=ANY, way=st.sampled_from([EveryDoor.leave, EveryDoor.delete_user]))
        def end(self, by: int, who: int, way: Callable[..., object]) -> None:
            ids = self.acme.ids
            way(self.acme, self.credential(by), ids[who % len(ids)])

        @rule(by=ANY, life=LIVES, read_only=st.booleans())
        def create_token(self, by: int, life: timedelta, read_only: bool) -> None:
            self.acme.create_token(self.credential(by), life, read_only)

        @rule(by=ANY, gone=ANY)
        def delete_token(self, by: int, gone: int) -> None:
            self.acme.delete_token(self.credential(by), self.credential(gone))

        @rule(by=ANY)
        def create_organization(self, by: int) -> None:
            self.acme.create_organization(self.credential(by))

        @rule(by=ANY)
        def create_configuration(self, by: int) -> None:
            if len(self.acme.providers) < 3:
                self.acme.create_configuration(self.credential(by))

        @rule(by=ANY, which=ANY, enabled=st.booleans())
        def update_configuration(self, by: int, which: int, enabled: bool) -> None:
            if providers := self.acme.providers:
                provider = providers[which % len(providers)]
                self.acme.update_configuration(self.credential(by), provider, enabled)

        @rule(by=ANY, which=ANY)
        def delete_configuration(self, by: int, which: int) -> None:
            if providers := self.acme.providers:
                provider = providers[which % len(providers)]
                self.acme.delete_configuration(self.credential(by), provider)

        @rule(which=ANY, email=st.sampled_from(PEOPLE), active=st.booleans())
        def provision(self, which: int, email: str, active: bool) -> None:
            if providers := self.acme.providers:
                self.acme.provision(providers[which % len(providers)], email, active)

        @rule(
            which=ANY,
            email=st.sampled_from(PEOPLE),
            active=st.booleans(),
            way=st.sampled_from([EveryDoor.put, EveryDoor.patch, EveryDoor.bulk]),
        )
        def activate(
            self, which: int, email: str, active: bool, way: Callable[..., object]
        ) -> None:
            for provider in self.acme.providers[which % 3 :]:
                if email in provider.users:
                    way(self.acme, provider, email, active)

        @rule(
            which=ANY,
            email=st.sampled_from(PEOPLE),
            way=st.sampled_from([EveryDoor.remove, EveryDoor.bulk_remove]),
        )
        def remove(self, which: int, email: str, way: Callable[..., object]) -> None:
            for provider in self.acme.providers[which % 3 :]:
                if email in provider.users:
                    way(self.acme, provider, email)

        @rule(email=st.sampled_from(PEOPLE), life=LIVES, make=st.booleans())
        def operator(self, email: str, life: timedelta, make: bool) -> None:
            self.acme.operator(email, life, make)

        @rule(time=st.sampled_from([timedelta(hours=1), timedelta(days=3), timedelta(days=40)]))
        def advance(self, time: timedelta) -> None:
            self.acme.advance(time)

    return SomebodyCanAlwaysAct


def seek(doors: Doors, examples: int, *, shrinking: bool = True) -> None:
    run_state_machine_as_test(
        machine(doors),
        settings=settings(
            max_examples=examples,
            stateful_step_count=30,
            database=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
            phases=tuple(Phase) if shrinking else (Phase.generate,),
        ),
    )


@pytest.mark.parametrize("examples", [12, pytest.param(120, marks=pytest.mark.long)])
def test_somebody_can_always_act(doors: Doors, examples: int) -> None:
    seek(doors, examples)


# Each guard, and what would lock everybody out without it.

_USECASES = "orgplane_server.usecases"
ROLE = f"{_USECASES}.member.keep_an_administrator"
STATUS = f"{_USECASES}.membership.keep_an_administrator"
REMOVAL = f"{_USECASES}.deprovisioning.keep_an_administrator"
TOKEN = f"{_USECASES}.personal_access_token.keep_a_token"
FOUNDED = tuple(f"{_USECASES}.{each}.keep_founded" for each in ("member", "personal_access_token"))


def _linked(acme: EveryDoor) -> Provider:
    provider = acme.providers[0]
    assert acme.provision(provider, ADA).status == 201
    return provider


PATHS: dict[str, tuple[tuple[str, ...], Callable[[EveryDoor], object]]] = {
    "SetRole": ((ROLE,), lambda acme: acme.set_role(acme.credentials[0], acme.ids[0], "member")),
    "SetSuspended": (
        (STATUS,),
        lambda acme: acme.set_suspended(acme.credentials[0], acme.ids[0], True),
    ),
    "LeaveOrganization": (
        (STATUS,),
        lambda acme: acme.leave(acme.credentials[0], acme.ids[0]),
    ),
    "DeleteUser": ((ROLE,), lambda acme: acme.delete_user(acme.credentials[0], acme.ids[0])),
    "DeletePersonalAccessToken": (
        (TOKEN,),
        lambda acme: acme.delete_token(acme.credentials[0], acme.credentials[0]),
    ),
    "SCIM POST": ((STATUS,), lambda acme: acme.provision(acme.providers[0], ADA, active=False)),
    "SCIM PUT": ((STATUS,), lambda acme: acme.put(_linked(acme), ADA, active=False)),
    "SCIM PATCH": ((STATUS,), lambda acme: acme.patch(_linked(acme), ADA, active=False)),
    "SCIM Bulk PATCH": ((STATUS,), lambda acme: acme.bulk(_linked(acme), ADA, active=False)),
    "SCIM DELETE": ((REMOVAL, STATUS), lambda acme: acme.remove(_linked(acme), ADA)),
    "SCIM Bulk DELETE": ((REMOVAL, STATUS), lambda acme: acme.bulk_remove(_linked(acme), ADA)),
}


@pytest.mark.parametrize("path", PATHS)
def test_a_path_locks_nobody_out(doors: Doors, path: str) -> None:
    acme = doors.organization()
    PATHS[path][1](acme)
    acme.somebody_can_act()


@pytest.mark.parametrize("path", PATHS)
def test_a_path_without_its_guard_locks_everybody_out(
    doors: Doors, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    guards, change = PATHS[path]
    for guard in guards:
        monkeypatch.setattr(guard, _unguarded)
    acme = doors.organization()
    change(acme)
    with pytest.raises(LockedOut):
        acme.somebody_can_act()


@pytest.mark.parametrize("way", [EveryDoor.delete_token, EveryDoor.leave, EveryDoor.delete_user])
def test_a_founder_keeps_the_way_to_their_first_token(
    doors: Doors, monkeypatch: pytest.MonkeyPatch, way: Callable[..., object]
) -> None:
    acme = doors.organization()
    assert acme.operator(EVE, timedelta(days=30), make_administrator=True)
    acme.create_organization(own := acme.credentials[-1])
    whose = own if way is EveryDoor.delete_token else own.user_id
    way(acme, own, whose)
    for guard in FOUNDED:
        monkeypatch.setattr(guard, _unguarded)
    with pytest.raises(LockedOut):
        way(acme, own, whose)


@pytest.mark.parametrize("guarded", [True, False])
def test_what_a_provider_wants_is_not_done_before_another_can_act(
    doors: Doors, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    acme = doors.organization()
    provider = _linked(acme)
    assert acme.provision(provider, BOB).status == 201
    assert acme.patch(provider, ADA, active=False).status == 403
    if not guarded:
        monkeypatch.setattr(STATUS, _unguarded)
    acme.set_role(acme.credentials[0], provider.users[BOB], "admin")  # who has no token
    if guarded:
        acme.somebody_can_act()
    else:
        with pytest.raises(LockedOut):
            acme.somebody_can_act()


def test_nothing_of_a_refused_removal_is_done(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even the leaving of groups, which comes before the guard that the member's change has anyway."""

    def groups_after_removal() -> int:
        acme = doors.organization()
        provider = _linked(acme)
        acme.group(provider, ADA)
        assert acme.remove(provider, ADA).status == 403
        return acme.groups_of(provider, ADA)

    assert groups_after_removal() == 1
    monkeypatch.setattr(REMOVAL, _unguarded)
    assert groups_after_removal() == 0


def test_the_machine_finds_a_lock_out_where_there_is_no_guard(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    for guard in (ROLE, STATUS, REMOVAL, TOKEN, *FOUNDED):
        monkeypatch.setattr(guard, _unguarded)
    with pytest.raises(LockedOut):
        seek(doors, 200, shrinking=False)


@pytest.mark.parametrize("life", [timedelta(hours=1), timedelta(days=90)])
def test_the_end_of_the_last_credential_is_announced_and_the_operator_lets_somebody_in(
    doors: Doors, monkeypatch: pytest.MonkeyPatch, life: timedelta
) -> None:
    acme = doors.organization()
    acme.create_token(acme.credentials[0], life, read_only=False)
    acme.advance(timedelta(days=91))
    acme.somebody_can_act()

    async def say_nothing(_: ExpiryWarnings) -> None:
        """What credentials end is nobody told."""

    monkeypatch.setattr(ExpiryWarnings, "announce", say_nothing)
    with pytest.raises(AssertionError, match="was announced"):
        acme.advance(timedelta(days=91))


def _unguarded(*_: object, **__: object) -> None:
    """Lets everything happen."""
