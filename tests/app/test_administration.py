"""Nobody is ever locked out, whatever is done through whatever door: sought by a machine over both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from every_door import (
    ADA,
    BOB,
    CID,
    CLOSING,
    EVE,
    PEOPLE,
    Credential,
    Doors,
    EveryDoor,
    LockedOut,
    Provider,
    SingleSignOn,
    seek,
)
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)
from orgplane_server.usecases.expiry import ExpiryWarnings

LIVES = st.sampled_from([timedelta(hours=1), timedelta(hours=25), timedelta(days=30)])
ANY = st.integers(0, 11)


#: What shows that a test can fail: whatever the database.
MOSTLY_SQLITE = pytest.mark.parametrize(
    "doors",
    ["sqlite", pytest.param("postgresql", marks=pytest.mark.long)],
    indirect=True,
    scope="module",
)


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
            there = [*self.acme.credentials, *self.acme.sessions]
            return there[by % len(there)]

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
            tokens = self.acme.credentials
            self.acme.delete_token(self.credential(by), tokens[gone % len(tokens)])

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

        @rule(by=ANY, which=ANY, sso=st.integers(0, 2))
        def link(self, by: int, which: int, sso: int) -> None:
            if providers := self.acme.providers:
                to = [*self.acme.sso, None][sso % (len(self.acme.sso) + 1)]
                self.acme.link(self.credential(by), providers[which % len(providers)], to)

        @rule(which=ANY, email=st.sampled_from([*PEOPLE, EVE]))
        def sign_in(self, which: int, email: str) -> None:
            if sso := self.acme.sso:
                self.acme.sign_in(sso[which % len(sso)], email)

        @rule(by=ANY)
        def create_sso(self, by: int) -> None:
            if len(self.acme.sso) < 2:
                self.acme.create_sso(self.credential(by))

        @rule(by=ANY, which=ANY, what=st.sampled_from([*CLOSING]), closing=st.booleans())
        def change_sso(self, by: int, which: int, what: str, closing: bool) -> None:
            if sso := self.acme.sso:
                self.acme.change_sso(self.credential(by), sso[which % len(sso)], what, closing)

        @rule(by=ANY, which=ANY)
        def delete_sso(self, by: int, which: int) -> None:
            if sso := self.acme.sso:
                self.acme.delete_sso(self.credential(by), sso[which % len(sso)])

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

        @rule(by=ANY, which=ANY, email=st.sampled_from(PEOPLE))
        def make_administrators(self, by: int, which: int, email: str) -> None:
            """By a group, in which one is."""
            for provider in self.acme.providers[which % 3 :]:
                if email in provider.users and len(provider.groups) < 2:
                    if (group := self.acme.push(provider, email)) is None:
                        continue
                    provider.groups.append(group)
                    self.acme.assign(self.credential(by), "GROUP", group, "ADMIN")

        @rule(by=ANY, who=ANY)
        def assign(self, by: int, who: int) -> None:
            ids = self.acme.ids
            self.acme.assign(self.credential(by), "USER", ids[who % len(ids)], "ADMIN")

        @rule(by=ANY, which=ANY)
        def revoke(self, by: int, which: int) -> None:
            by_ = self.credential(by)
            if there := self.acme.assigned(by_):
                self.acme.revoke(by_, there[which % len(there)]["id"])

        @rule(which=ANY, email=st.sampled_from(PEOPLE), op=st.sampled_from(["add", "remove"]))
        def change_group(self, which: int, email: str, op: str) -> None:
            for provider in self.acme.providers[which % 3 :]:
                for id in provider.groups if email in provider.users else ():
                    self.acme.change_group(provider, id, op, email)

        @rule(which=ANY)
        def delete_group(self, which: int) -> None:
            for provider in self.acme.providers[which % 3 :]:
                if (
                    provider.groups
                    and self.acme.delete_group(provider, provider.groups[-1]).status == 204
                ):
                    provider.groups.pop()

        @rule(email=st.sampled_from(PEOPLE), life=LIVES, make=st.booleans())
        def operator(self, email: str, life: timedelta, make: bool) -> None:
            self.acme.operator(email, life, make)

        @rule(time=st.sampled_from([timedelta(hours=1), timedelta(days=3), timedelta(days=40)]))
        def advance(self, time: timedelta) -> None:
            self.acme.advance(time)

    return SomebodyCanAlwaysAct


@pytest.mark.parametrize("examples", [12, pytest.param(120, marks=pytest.mark.long)])
def test_somebody_can_always_act(doors: Doors, examples: int) -> None:
    seek(machine(doors), examples)


# Each guard, and what would lock everybody out without it.

_USECASES = "orgplane_server.usecases"
ROLE = f"{_USECASES}.member.keep_an_administrator"
STATUS = f"{_USECASES}.membership.keep_an_administrator"
REMOVAL = f"{_USECASES}.deprovisioning.keep_an_administrator"
REVOCATION = f"{_USECASES}.role.keep_role_bearers"
GROUPS = f"{_USECASES}.scim_configuration.keep_role_bearers"
VOUCHED = f"{_USECASES}.scim_configuration.keep_vouched"
TOKEN = f"{_USECASES}.personal_access_token.keep_a_token"
SIGN_INS = f"{_USECASES}.sso_configuration.keep_sign_ins"
FOUNDED = tuple(f"{_USECASES}.{each}.keep_founded" for each in ("member", "personal_access_token"))


def _linked(acme: EveryDoor) -> Provider:
    provider = acme.providers[0]
    assert acme.provision(provider, ADA).status == 201
    return provider


def _signed_in(acme: EveryDoor, sso: SingleSignOn) -> Credential:
    """Ada's session, as nobody has a token any more."""
    session = acme.sign_in(sso, ADA)
    assert session is not None
    assert "code" not in acme.delete_token(session, acme.credentials[0])
    return session


def _closing(what: str) -> Callable[[EveryDoor], object]:
    """How somebody ends that anybody signs in, when nobody has a token."""

    def close(acme: EveryDoor) -> object:
        sso = acme.sso[0]
        return acme.change_sso(_signed_in(acme, sso), sso, what, True)

    return close


def _by_group(change: Callable[[EveryDoor, str], object]) -> Callable[[EveryDoor], object]:
    """A change after which Ada, who has the only token, is an administrator because of a group alone."""

    def path(acme: EveryDoor) -> object:
        group = acme.push(_linked(acme), ADA)
        assert "code" not in acme.assign(acme.credentials[0], "GROUP", group, "ADMIN")
        assert "code" not in acme.set_role(acme.credentials[0], acme.ids[0], "member")
        return change(acme, group)

    return path


def _by_local_group(method: str, field: str, which: int) -> Callable[[EveryDoor], object]:
    """A change after which Ada is an administrator because of a local group alone."""

    def path(acme: EveryDoor) -> object:
        ada = acme.credentials[0]
        ids = acme.local_group(ada, acme.ids[0])
        assert "code" not in acme.assign(ada, "GROUP", ids[0], "ADMIN")
        assert "code" not in acme.set_role(ada, acme.ids[0], "member")
        return acme.rpc(f"GroupService/{method}", ada, **{field: ids[which]})

    return path


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
    **{f"UpdateSSOConfiguration {what}": ((SIGN_INS,), _closing(what)) for what in CLOSING},
    "DeleteSSOConfiguration": (
        (SIGN_INS,),
        lambda acme: acme.delete_sso(_signed_in(acme, acme.sso[1]), acme.sso[1]),
    ),
    "SetRole of whoever signs in": (
        (ROLE,),
        lambda acme: acme.set_role(_signed_in(acme, acme.sso[1]), acme.ids[0], "member"),
    ),
    "SCIM POST": ((STATUS,), lambda acme: acme.provision(acme.providers[0], ADA, active=False)),
    "SCIM PUT": ((STATUS,), lambda acme: acme.put(_linked(acme), ADA, active=False)),
    "SCIM PATCH": ((STATUS,), lambda acme: acme.patch(_linked(acme), ADA, active=False)),
    "SCIM Bulk PATCH": ((STATUS,), lambda acme: acme.bulk(_linked(acme), ADA, active=False)),
    "SCIM DELETE": ((REMOVAL, STATUS), lambda acme: acme.remove(_linked(acme), ADA)),
    "RevokeRole": (
        (REVOCATION,),
        _by_group(
            lambda acme, _: acme.revoke(
                acme.credentials[0], acme.assigned(acme.credentials[0])[0]["id"]
            )
        ),
    ),
    "DeleteGroup": ((REVOCATION,), _by_local_group("DeleteGroup", "groupId", 0)),
    "DeleteMembership": ((REVOCATION,), _by_local_group("DeleteMembership", "membershipId", 1)),
    "SetSuspended of an administrator by a group": (
        (STATUS,),
        _by_group(lambda acme, _: acme.set_suspended(acme.credentials[0], acme.ids[0], True)),
    ),
    "SCIM PATCH of a group": (
        (REVOCATION,),
        _by_group(lambda acme, it: acme.change_group(acme.providers[0], it, "remove", ADA)),
    ),
    "SCIM PATCH of a whole group": (
        (REVOCATION,),
        _by_group(lambda acme, it: acme.change_group(acme.providers[0], it, "replace")),
    ),
    "SCIM DELETE of a group": (
        (REVOCATION,),
        _by_group(lambda acme, it: acme.delete_group(acme.providers[0], it)),
    ),
    "SCIM PATCH of an administrator by a group": (
        (STATUS,),
        _by_group(lambda acme, _: acme.patch(acme.providers[0], ADA, active=False)),
    ),
    "DeleteSCIMConfiguration": (
        (GROUPS, VOUCHED),
        _by_group(
            lambda acme, _: acme.delete_configuration(acme.credentials[0], acme.providers[0])
        ),
    ),
    "SCIM Bulk DELETE": ((REMOVAL, STATUS), lambda acme: acme.bulk_remove(_linked(acme), ADA)),
}


@pytest.mark.parametrize("path", PATHS)
def test_a_path_locks_nobody_out(doors: Doors, path: str) -> None:
    acme = doors.organization()
    PATHS[path][1](acme)
    acme.somebody_can_act()


@MOSTLY_SQLITE
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


@MOSTLY_SQLITE
def test_the_machine_finds_a_lock_out_where_there_is_no_guard(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    for guard in (ROLE, STATUS, REMOVAL, TOKEN, SIGN_INS, REVOCATION, GROUPS, VOUCHED, *FOUNDED):
        monkeypatch.setattr(guard, _unguarded)
    with pytest.raises(LockedOut):
        seek(machine(doors), 200, shrinking=False)


def test_whose_session_ends_by_unlinking_signs_in_again(doors: Doors) -> None:
    acme = doors.organization()
    provider = _linked(acme)
    session = _signed_in(acme, acme.sso[0])
    assert "code" not in acme.link(session, provider, None)
    assert not acme.can_act(session)
    acme.somebody_can_act()


def test_whoever_holds_a_token_stops_a_provider_that_was_taken_over(doors: Doors) -> None:
    """Whatever they come with."""
    acme = doors.organization()
    sso = acme.sso[0]
    for with_session in (False, True):
        session = acme.sign_in(sso, ADA)
        assert session is not None
        by = session if with_session else acme.credentials[0]
        assert "code" not in acme.change_sso(by, sso, "state", True)
        assert acme.sign_in(sso, ADA) is None
        assert "code" not in acme.change_sso(acme.credentials[0], sso, "state", False)


def test_the_last_sign_in_that_counts_is_announced(doors: Doors) -> None:
    acme = doors.organization()
    _signed_in(acme, acme.sso[0])
    acme.advance(timedelta(days=29))
    acme.advance(timedelta(days=31))
    acme.somebody_can_act()


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
