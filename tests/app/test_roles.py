"""Who has which roles, whatever gives or takes them: a plain model beside the server, over both databases.

After each step the server reports of everybody the roles that the model has, lets them do what these permit and nothing else,
and somebody can act as an administrator. Who lacks what a role permits neither gives it nor takes it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from every_door import ADA, BOB, CID, PEOPLE, UNKNOWN, Credential, Doors, EveryDoor, seek
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from scim_client import Answer

ADMIN, MEMBER, GROUPS, READER, SECURITY = ROLES = (
    *("ADMIN", "MEMBER", "GROUPS_ADMIN", "AUDIT_LOG_READER", "SECURITY_ADMIN"),
)
#: Who has the first may do all that the others permit.
COVERED = {ADMIN: {*ROLES}, SECURITY: {SECURITY, READER}}

#: A call that takes one of these roles, and changes nothing.
PROBES: tuple[tuple[set[str], str, dict[str, Any]], ...] = (
    ({ADMIN}, "UserService/SetSuspended", {"userId": UNKNOWN, "suspended": True}),
    ({ADMIN, GROUPS}, "GroupService/DeleteGroup", {"groupId": UNKNOWN}),
    ({ADMIN, READER, SECURITY}, "EventService/ListAuditLogs", {"pagination": {"pageSize": 1}}),
    (
        {ADMIN, SECURITY},
        "OrganizationService/ListSCIMConfigurations",
        {"pagination": {"pageSize": 1}},
    ),
)
ANY = st.integers(0, 11)
#: Who does it; None for an administrator, as it would mostly be refused otherwise.
BY = st.one_of(st.none(), ANY)
SOMEBODY = st.sampled_from(PEOPLE)
SOME = st.sets(st.sampled_from([BOB, CID]))
ROLE = st.sampled_from(ROLES)


@dataclass
class Person:
    id: str
    own: str = MEMBER
    #: Whether the provider knows them, and whether they are active, as it says.
    provided: bool = False
    active: bool = True
    left: bool = False

    @property
    def acts(self) -> bool:
        return self.active and not self.left


@dataclass
class Model:
    people: dict[str, Person]
    #: By id, whether they are not suspended.
    accounts: dict[str, bool] = field(default_factory=dict)
    #: The addresses of who is in it, by id.
    provided: dict[str, set[str]] = field(default_factory=dict)
    #: By id; the ids of memberships by the addresses of who is in it.
    local: dict[str, dict[str, str]] = field(default_factory=dict)
    #: By id: whose, and which role.
    assigned: dict[str, tuple[str, str]] = field(default_factory=dict)
    #: What the provider wanted of the last administrator, and gets as soon as another one can act.
    wishes: dict[str, Callable[[Model], None]] = field(default_factory=dict)

    @property
    def principals(self) -> list[str]:
        """The addresses of people, and ids of service accounts."""
        return [*self.people, *self.accounts]

    def id(self, who: str) -> str:
        return self.people[who].id if who in self.people else who

    def acts(self, who: str) -> bool:
        return self.people[who].acts if who in self.people else self.accounts[who]

    def roles(self, who: str) -> set[str]:
        """All of somebody, whether they act or not."""
        own = {MEMBER, self.people[who].own} if who in self.people else {MEMBER}
        principals = {self.id(who)}
        for groups in (self.provided, self.local):
            principals |= {id for id, within in groups.items() if who in within}
        return own | {role for whose, role in self.assigned.values() if whose in principals}

    def roles_of(self, principal: str) -> set[str]:
        """What is assigned to this id itself."""
        return {role for whose, role in self.assigned.values() if whose == principal}

    def may(self, who: str, needed: set[str], given: set[str]) -> bool:
        """Whether they act in a role that is `needed`, and in all that those `given` permit."""
        roles = self.roles(who)
        covered = roles.union(*(COVERED.get(role, set()) for role in roles))
        return self.acts(who) and bool(roles & needed) and given <= covered

    def administrators(self) -> set[str]:
        """Service accounts do not count."""
        return {who for who in self.people if self.acts(who) and ADMIN in self.roles(who)}

    def forget(self, principal: str) -> None:
        self.assigned = {id: there for id, there in self.assigned.items() if there[0] != principal}

    def leave(self, who: str) -> None:
        """The only provider that knew them has deleted them."""
        person = self.people[who]
        person.provided, person.left = False, True
        self.forget(person.id)
        for local in self.local.values():
            local.pop(who, None)
        for group in self.provided.values():
            group.discard(who)

    def settle(self) -> None:
        for who, wish in [*self.wishes.items()]:
            after = copy.deepcopy(self)
            wish(after)
            if after.administrators():
                wish(self)
                del self.wishes[who]


def machine(doors: Doors) -> type[RuleBasedStateMachine]:
    class RolesAreWhatTheModelSays(RuleBasedStateMachine):
        acme: EveryDoor
        model: Model

        @initialize(provided=st.one_of(st.just(ADMIN), ROLE), local=ROLE, alone=st.booleans())
        def found(self, provided: str, local: str, alone: bool) -> None:
            """`alone` Bob administers, if he does by a group: Ada steps down."""
            self.acme = doors.organization()
            ada = self.acme.credentials[0]
            self.model = Model({ADA: Person(ada.user_id, ADMIN)})
            self.tokens: dict[str, Credential] = {ADA: ada}
            self.steps = 0
            (self.provider, _) = self.acme.providers
            for email in (BOB, CID):
                made = self.acme.provision(self.provider, email)
                self.model.people[email] = Person(made.json["id"], provided=True)
            self.create_group(BOB)
            self.create_local(None)
            for which, role in enumerate((provided, local)):
                self.assign(None, which, "GROUP", role)
            self.create_account(None)
            if alone:
                self.sign_in_again(BOB)
                self.set_role(None, ADA, MEMBER)

        # What is done, and what must come of it.

        def attempt(
            self,
            by: int | None,
            method: str,
            request: dict[str, Any],
            needed: set[str],
            given: set[str] = frozenset(),  # type: ignore[assignment]
            change: Callable[[Model], None] = lambda model: None,
            package: str = "gitpod",
        ) -> dict[str, Any] | None:
            """The answer if it is allowed, after which the model has changed so; else it is refused."""
            there = self.model.principals
            caller = min(self.model.administrators()) if by is None else there[by % len(there)]
            answer = self.acme.rpc(method, self.tokens[caller], package=package, **request)
            after = copy.deepcopy(self.model)
            change(after)
            if not self.model.may(caller, needed, given):
                assert answer.get("code") in ("permission_denied", "unauthenticated"), answer
                return None
            if not after.administrators():
                assert "LAST_ADMINISTRATOR" in str(answer), answer
                return None
            assert "code" not in answer, answer
            self.model = after
            return answer

        def provide(self, answer: Answer, change: Callable[[Model], None]) -> bool:
            """Whether a provider's request is done, which it is unless nobody were left."""
            after = copy.deepcopy(self.model)
            change(after)
            if not after.administrators():
                assert answer.status == 403, answer.text
                return False
            assert answer.status < 300, answer.text
            self.model = after
            return True

        def who(self, which: int) -> str:
            """A member, or a service account."""
            return self.model.principals[which % len(self.model.principals)]

        # Roles.

        @rule(by=BY, who=SOMEBODY, role=st.sampled_from([ADMIN, MEMBER]))
        def set_role(self, by: int | None, who: str, role: str) -> None:
            if self.model.people[who].left:
                return
            request = {
                "organizationId": self.acme.id,
                "userId": self.model.id(who),
                "role": f"ORGANIZATION_ROLE_{role}",
            }

            def change(model: Model) -> None:
                model.people[who].own = role

            self.attempt(by, "OrganizationService/SetRole", request, {ADMIN}, change=change)

        @rule(
            by=BY, which=ANY, kind=st.sampled_from(["USER", "GROUP", "SERVICE_ACCOUNT"]), role=ROLE
        )
        def assign(self, by: int | None, which: int, kind: str, role: str) -> None:
            there = {
                "USER": [each.id for each in self.model.people.values() if not each.left],
                "GROUP": [*self.model.provided, *self.model.local],
                "SERVICE_ACCOUNT": [*self.model.accounts],
            }[kind]
            if not there or role in self.model.roles_of(whose := there[which % len(there)]):
                return
            request = {
                "principal": f"ROLE_PRINCIPAL_{kind}",
                "principalId": whose,
                "role": f"ROLE_{role}",
            }
            done = self.attempt(
                by, "RoleService/AssignRole", request, {ADMIN, GROUPS}, {role}, package="orgplane"
            )
            if done is not None:
                self.model.assigned[done["assignedRole"]["id"]] = (whose, role)

        @precondition(lambda self: self.model.assigned)
        @rule(by=BY, which=ANY)
        def revoke(self, by: int | None, which: int) -> None:
            id = [*self.model.assigned][which % len(self.model.assigned)]
            _, role = self.model.assigned[id]
            self.attempt(
                by,
                "RoleService/RevokeRole",
                {"assignedRoleId": id},
                {ADMIN, GROUPS},
                {role},
                lambda model: model.assigned.pop(id) and None,
                package="orgplane",
            )

        # Local groups.

        @precondition(lambda self: len(self.model.local) < 2)
        @rule(by=BY)
        def create_local(self, by: int | None) -> None:
            request = {"organizationId": self.acme.id, "name": f"Local {self.steps}"}
            done = self.attempt(by, "GroupService/CreateGroup", request, {ADMIN, GROUPS})
            if done is not None:
                self.model.local[done["group"]["id"]] = {}

        @precondition(lambda self: self.model.local)
        @rule(by=BY, which=ANY)
        def delete_local(self, by: int | None, which: int) -> None:
            id = [*self.model.local][which % len(self.model.local)]

            def change(model: Model) -> None:
                del model.local[id]
                model.forget(id)

            given = self.model.roles_of(id)
            request = {"groupId": id}
            self.attempt(by, "GroupService/DeleteGroup", request, {ADMIN, GROUPS}, given, change)

        @precondition(lambda self: self.model.local)
        @rule(by=BY, which=ANY, who=SOMEBODY)
        def move(self, by: int | None, which: int, who: str) -> None:
            """Into a local group, or out of it."""
            id = [*self.model.local][which % len(self.model.local)]
            given = self.model.roles_of(id)
            if membership := self.model.local[id].get(who):
                self.attempt(
                    by,
                    "GroupService/DeleteMembership",
                    {"membershipId": membership},
                    {ADMIN, GROUPS},
                    given,
                    lambda model: model.local[id].pop(who) and None,
                )
            elif not self.model.people[who].left:
                subject = {"id": self.model.id(who), "principal": "PRINCIPAL_USER"}
                request = {"groupId": id, "subject": subject}
                done = self.attempt(
                    by, "GroupService/CreateMembership", request, {ADMIN, GROUPS}, given
                )
                if done is not None:
                    self.model.local[id][who] = done["member"]["id"]

        # Service accounts.

        @precondition(lambda self: len(self.model.accounts) < 2)
        @rule(by=BY)
        def create_account(self, by: int | None) -> None:
            request = {"name": "deploy", "validUntil": "2100-01-01T00:00:00Z"}
            done = self.attempt(by, "ServiceAccountService/CreateServiceAccount", request, {ADMIN})
            if done is None:
                return
            id = done["serviceAccount"]["id"]
            made = self.attempt(
                by,
                "ServiceAccountService/CreateServiceAccountAccessToken",
                {"serviceAccountId": id},
                {ADMIN},
            )
            assert made is not None
            self.model.accounts[id] = True
            end = self.tokens[ADA].expires_at
            self.tokens[id] = Credential(id, "", made["token"], end)

        @precondition(lambda self: self.model.accounts)
        @rule(by=BY, which=ANY, suspended=st.booleans())
        def suspend_account(self, by: int | None, which: int, suspended: bool) -> None:
            id = [*self.model.accounts][which % len(self.model.accounts)]

            def change(model: Model) -> None:
                model.accounts[id] = not suspended

            self.attempt(
                by,
                "ServiceAccountService/UpdateServiceAccountValidity",
                {"serviceAccountId": id, "suspended": suspended},
                {ADMIN},
                change=change,
                package="orgplane",
            )

        @precondition(lambda self: self.model.accounts)
        @rule(by=BY, which=ANY)
        def delete_account(self, by: int | None, which: int) -> None:
            id = [*self.model.accounts][which % len(self.model.accounts)]

            def change(model: Model) -> None:
                del model.accounts[id]
                model.forget(id)

            self.attempt(
                by,
                "ServiceAccountService/DeleteServiceAccount",
                {"serviceAccountId": id},
                {ADMIN},
                change=change,
            )

        # The provider.

        @rule(who=st.sampled_from([BOB, CID]), active=st.booleans())
        def say_active(self, who: str, active: bool) -> None:
            if who in self.model.wishes or self.model.people[who].left:
                return  # a provider that deleted somebody makes somebody else of them

            def change(model: Model) -> None:
                model.people[who].active = active

            if not self.provide(self.acme.patch(self.provider, who, active), change):
                self.model.wishes[who] = change

        @rule(who=st.sampled_from([BOB, CID]))
        def remove(self, who: str) -> None:
            if who in self.model.wishes or not self.model.people[who].provided:
                return

            def change(model: Model) -> None:
                model.leave(who)

            if not self.provide(self.acme.remove(self.provider, who), change):
                self.model.wishes[who] = change

        def known(self, emails: set[str]) -> list[str]:
            return sorted(email for email in emails if self.model.people[email].provided)

        @precondition(lambda self: len(self.model.provided) < 2)
        @rule(who=st.sampled_from([BOB, CID]))
        def create_group(self, who: str) -> None:
            if self.known({who}):
                id = self.acme.push(self.provider, who)
                assert id is not None
                self.model.provided[id] = {who}

        @precondition(lambda self: self.model.provided)
        @rule(which=ANY, op=st.sampled_from(["add", "remove", "replace"]), who=SOME)
        def change_group(self, which: int, op: str, who: set[str]) -> None:
            id = [*self.model.provided][which % len(self.model.provided)]
            emails = self.known(who)
            if op == "remove" and not emails:
                return  # without members it takes out all

            def change(model: Model) -> None:
                before = model.provided[id]
                there = {"add": before, "remove": before - {*emails}, "replace": set()}[op]
                model.provided[id] = there if op == "remove" else there | {*emails}

            self.provide(self.acme.change_group(self.provider, id, op, *emails), change)

        @precondition(lambda self: self.model.provided)
        @rule(which=ANY)
        def delete_group(self, which: int) -> None:
            id = [*self.model.provided][which % len(self.model.provided)]

            def change(model: Model) -> None:
                del model.provided[id]
                model.forget(id)

            self.provide(self.acme.delete_group(self.provider, id), change)

        # What must hold.

        @invariant()
        def all_is_as_the_model_says(self) -> None:
            self.steps += 1
            self.model.settle()
            for who in (BOB, CID):
                self.sign_in_again(who)
            assert self.model.administrators()
            by = self.tokens[min(self.model.administrators())]
            listed = self.acme.rpc(
                "RoleService/ListAssignedRoles",
                by,
                package="orgplane",
                pagination={"pageSize": 100},
            )
            assert {
                each["id"]: (each["principalId"], each["role"].removeprefix("ROLE_"))
                for each in listed.get("assignedRoles", ())
            } == self.model.assigned
            for who, person in self.model.people.items():
                told = self.acme.rpc(
                    "RoleService/GetEffectiveRoles", by, package="orgplane", userId=person.id
                )["effectiveRoles"]
                roles = {each.removeprefix("ROLE_") for each in told["roles"]}
                assert roles == self.model.roles(who), who
            for who in self.model.principals:
                self.may_do_what_their_roles_permit(who, self.steps)

        def sign_in_again(self, who: str) -> None:
            """As often as their session has ended."""
            if self.model.acts(who) and (
                who not in self.tokens
                or self.acme.rpc("UserService/GetAuthenticatedUser", self.tokens[who]).get("code")
            ):
                session = self.acme.sign_in(self.acme.sso[0], who)
                assert session is not None
                assert session.user_id == self.model.id(who)
                self.tokens[who] = session

        def may_do_what_their_roles_permit(self, who: str, which: int) -> None:
            needed, method, request = PROBES[which % len(PROBES)]
            code = self.acme.rpc(method, self.tokens[who], **request).get("code")
            assert code in (None, "not_found", "permission_denied", "unauthenticated")
            allowed = code in (None, "not_found")
            assert allowed == self.model.may(who, needed, set()), (who, method, code)

        def teardown(self) -> None:
            for who in self.model.principals if hasattr(self, "model") else ():
                for which in range(len(PROBES)):
                    self.may_do_what_their_roles_permit(who, which)

    return RolesAreWhatTheModelSays


@pytest.mark.parametrize("examples", [3, pytest.param(150, marks=pytest.mark.long)])
def test_roles_are_what_gives_them_and_nobody_grants_what_they_lack(
    doors: Doors, examples: int
) -> None:
    seek(machine(doors), examples)
