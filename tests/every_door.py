"""An organization as all who can change it meet it, in process: by RPC, by SCIM, by signing in, as the operator, and time."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

from clock import SettableClock
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from orgplane_server.app.build import Server, build
from orgplane_server.domain.administration import SIGN_IN_COUNTS
from orgplane_server.domain.audit import Subject
from orgplane_server.domain.destination import AllowedHosts
from orgplane_server.domain.errors import OrgplaneError
from orgplane_server.store import audit
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.domain_verification import Vouching
from orgplane_server.usecases.expiry import ExpiryWarnings
from orgplane_server.usecases.operator import Operations
from orgplane_server.usecases.organization import Foundation
from pyqwest import Client
from pyqwest.testing import ASGITransport
from scim_client import Answer, Scim, group, user
from simple_provider import CLIENT_ID, CLIENT_SECRET, SimpleProvider, simple_provider

T = TypeVar("T")

ADA, BOB, CID = PEOPLE = ("ada@acme.example", "bob@acme.example", "cid@acme.example")
#: Whom no provider and no administrator ever names.
EVE = "eve@acme.example"
#: An organization that nobody is in.
UNKNOWN = str(uuid4())
#: Less than the last warning before the end of a credential.
_WATCH = timedelta(hours=20)
_PUBLIC_URL = "https://orgplane.test"
_SESSION = re.compile(r"orgplane_session_\w+")
#: Fields of an SSO configuration without which nobody signs in through it, and with what everybody does again.
CLOSING: dict[str, tuple[str, str]] = {
    "state": ("SSO_CONFIGURATION_STATE_INACTIVE", "SSO_CONFIGURATION_STATE_ACTIVE"),
    "claimsExpression": ('claims.sub == "nobody"', ""),
    "issuerUrl": ("/new", ""),
    "clientId": ("another", CLIENT_ID),
    "bindingClaim": ("oid", "sub"),
}


class LockedOut(AssertionError):
    """Nobody can act for the organization with any credential that there is."""


@dataclass
class Credential:
    """A personal access token that the test holds, or the token of a session, which has no id."""

    user_id: str
    id: str
    token: str = field(repr=False)
    expires_at: datetime


@dataclass
class Provider:
    """A SCIM configuration, the ids of its users by their addresses, and those of its groups that administer."""

    id: str
    scim: Scim
    users: dict[str, str] = field(default_factory=dict)
    groups: list[str] = field(default_factory=list)


@dataclass
class SingleSignOn:
    """An SSO configuration, and when who signed in last, by their addresses: as far as it counts."""

    id: str
    #: Of `CLOSING` what is so that nobody signs in.
    closed: set[str] = field(default_factory=set)
    signed_in: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    #: Of whom the provider has said the address. It does so once.
    told: set[str] = field(default_factory=set)


class Doors:
    """The server in process, with a clock, for one organization after another, and an OpenID provider that all of them have."""

    def __init__(self, database_url: str) -> None:
        self._runner = asyncio.Runner()
        self._open_things = contextlib.AsyncExitStack()
        self._clock = SettableClock()
        self._begin = self._clock.now
        self.openid, self._database, self._server = self.run(self._open(database_url))
        self.http = Client(ASGITransport(self._server.front))

    async def _open(self, url: str) -> tuple[SimpleProvider, Database, Server]:
        openid = await self._open_things.enter_async_context(
            simple_provider(lambda: self._clock.now.timestamp())
        )
        database = Database.open(url, connections=3)
        limits = {
            "max_request_bytes": 1024 * 1024,
            "request_timeout": 30,
            "organization_creation": True,
            "public_url": _PUBLIC_URL,
            "sso_allowed_hosts": AllowedHosts(loopback=True),
        }
        return openid, database, build(database, bytes(32), clock=self._clock, **limits)  # type: ignore[arg-type]

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def close(self) -> None:
        self.run(self._server.aclose())
        self.run(self._database.aclose())
        self.run(self._open_things.aclose())
        self._runner.close()

    def organization(self) -> EveryDoor:
        """A new organization, at the beginning of time."""
        self._clock.now = self._begin
        return EveryDoor(self, self._database, self._clock)


class EveryDoor:
    """Ada's new organization, with two providers that may link to anybody, and two SSO configurations: they are linked to the
    first. Whatever is refused is left so."""

    def __init__(self, doors: Doors, database: Database, clock: SettableClock) -> None:
        self._doors = doors
        self._database = database
        self._clock = clock
        founded = doors.run(Foundation(database, clock).create("Acme", ADA))
        self._organization_id = founded.organization.id
        self.id = str(founded.organization.id)
        self.ids = [str(founded.administrator.id)]
        self.credentials: list[Credential] = []
        self.sessions: list[Credential] = []
        self.sso: list[SingleSignOn] = []
        self.providers: list[Provider] = []
        self._names = 0
        self._founders: set[str] = set()
        self._keep(self.ids[0], founded.token.reveal(), timedelta(days=90))
        vouching = Vouching(database, clock, shared=True)
        doors.run(vouching.vouch(self._organization_id, "acme.example", private=True))
        for _ in range(2):
            self.create_sso(self.credentials[0])
        for _ in range(2):
            self.create_configuration(self.credentials[0])

    # What an administrator does by RPC.

    def rpc(
        self, method: str, by: Credential, /, *, package: str = "gitpod", **request: Any
    ) -> dict[str, Any]:
        """The answer, or the error, which has a `code`."""
        headers = {"authorization": f"Bearer {by.token}", "content-type": "application/json"}
        url = f"http://orgplane.test/{package}.v1.{method}"
        answer = self._doors.run(
            self._doors.http.post(url, headers=headers, content=json.dumps(request).encode())
        )
        assert answer.status < 500, answer.text()
        body: dict[str, Any] = json.loads(answer.text())
        return body

    def set_role(self, by: Credential, id: str, role: str) -> dict[str, Any]:
        named = f"ORGANIZATION_ROLE_{role.upper()}"
        request = {"organizationId": self.id, "userId": id, "role": named}
        return self.rpc("OrganizationService/SetRole", by, **request)

    def set_suspended(self, by: Credential, id: str, suspended: bool) -> dict[str, Any]:
        return self._end(*(by, id, "UserService/SetSuspended"), userId=id, suspended=suspended)

    def local_group(self, by: Credential, who: str) -> tuple[str, str]:
        """The ids of a new local group and of the membership of one who is in it."""
        self._names += 1
        named = f"Local {self._names}"
        made = self.rpc("GroupService/CreateGroup", by, organizationId=self.id, name=named)
        id = made["group"]["id"]
        subject = {"id": who, "principal": "PRINCIPAL_USER"}
        added = self.rpc("GroupService/CreateMembership", by, groupId=id, subject=subject)
        return id, added["member"]["id"]

    def assign(self, by: Credential, kind: str, id: str, role: str) -> dict[str, Any]:
        request = {
            "principal": f"ROLE_PRINCIPAL_{kind}",
            "principalId": id,
            "role": f"ROLE_{role}",
        }
        return self.rpc("RoleService/AssignRole", by, package="orgplane", **request)

    def revoke(self, by: Credential, id: str) -> dict[str, Any]:
        return self.rpc("RoleService/RevokeRole", by, package="orgplane", assignedRoleId=id)

    def assigned(self, by: Credential) -> list[dict[str, Any]]:
        found = self.rpc("RoleService/ListAssignedRoles", by, package="orgplane")
        return list(found.get("assignedRoles", ()))

    def leave(self, by: Credential, id: str) -> dict[str, Any]:
        return self._end(by, id, "OrganizationService/LeaveOrganization", userId=id)

    def delete_user(self, by: Credential, id: str) -> dict[str, Any]:
        return self._end(by, id, "UserService/DeleteUser", userId=id)

    def create_organization(self, by: Credential) -> dict[str, Any]:
        """Another one, in which the founder has no token."""
        request = {"name": "New", "joinOrganization": True}
        made = self.rpc("OrganizationService/CreateOrganization", by, **request)
        if "organization" in made:
            self._founders.add(by.user_id)
        return made

    def _end(self, by: Credential, whose: str, method: str, **request: Any) -> dict[str, Any]:
        """What may end the way to a first token, which nobody takes from themselves."""
        could = by.user_id == whose and whose in self._founders and self.can_fetch(whose)
        answer = self.rpc(method, by, **request)
        if could and not self.can_fetch(whose):
            raise LockedOut
        return answer

    def can_fetch(self, founder: str) -> bool:
        """Whether a member could fetch their first token elsewhere with one that the test holds."""
        asked = (
            self.rpc(
                "MembershipService/CreateFirstToken",
                each,
                package="orgplane",
                organizationId=UNKNOWN,
            )
            for each in self.credentials
            if each.user_id == founder
        )
        return any(answer["code"] == "not_found" for answer in asked)

    def create_token(self, by: Credential, life: timedelta, read_only: bool) -> None:
        seconds = f"{int(life.total_seconds())}s"
        request = {"userId": by.user_id, "validFor": seconds, "readOnly": read_only}
        made = self.rpc("UserService/CreatePersonalAccessToken", by, **request)
        if "token" in made:
            self._keep(by.user_id, made["token"], life)

    def delete_token(self, by: Credential, gone: Credential) -> dict[str, Any]:
        request = {"personalAccessTokenId": gone.id}
        return self._end(by, gone.user_id, "UserService/DeletePersonalAccessToken", **request)

    def create_configuration(self, by: Credential) -> None:
        made = self.rpc(
            "OrganizationService/CreateSCIMConfiguration",
            by,
            organizationId=self.id,
            ssoConfigurationId=self.sso[0].id if self.sso else UNKNOWN,
            allowUnverifiedEmailAccountLinking=True,
        )
        if "token" in made:
            id = made["scimConfiguration"]["id"]
            self.providers.append(Provider(id, Scim(self._doors.http, made["token"])))

    def update_configuration(self, by: Credential, provider: Provider, enabled: bool) -> None:
        request = {"scimConfigurationId": provider.id, "enabled": enabled}
        self.rpc("OrganizationService/UpdateSCIMConfiguration", by, **request)

    def delete_configuration(self, by: Credential, provider: Provider) -> None:
        request = {"scimConfigurationId": provider.id}
        if "code" not in self.rpc("OrganizationService/DeleteSCIMConfiguration", by, **request):
            self.providers.remove(provider)

    def link(self, by: Credential, provider: Provider, sso: SingleSignOn | None) -> dict[str, Any]:
        """Links a SCIM configuration to another SSO configuration, or unlinks it."""
        request = {
            "scimConfigurationId": provider.id,
            "ssoConfigurationId": "" if sso is None else sso.id,
        }
        return self.rpc("OrganizationService/UpdateSCIMConfiguration", by, **request)

    def create_sso(self, by: Credential) -> None:
        made = self.rpc(
            "OrganizationService/CreateSSOConfiguration",
            by,
            organizationId=self.id,
            clientId=CLIENT_ID,
            clientSecret=CLIENT_SECRET,
            issuerUrl=self._doors.openid.issuer,
            emailDomains=["acme.example"],
        )
        if "ssoConfiguration" in made:
            sso = SingleSignOn(made["ssoConfiguration"]["id"], {"state"})
            self.sso.append(sso)
            self.change_sso(by, sso, "state", False)

    def change_sso(
        self, by: Credential, sso: SingleSignOn, what: str, closing: bool
    ) -> dict[str, Any]:
        """Changes one of `CLOSING`, also if it takes that bindings end."""
        value = CLOSING[what][0 if closing else 1]
        if what == "issuerUrl":
            value = self._doors.openid.issuer + value
        request: dict[str, Any] = {"ssoConfigurationId": sso.id, what: value}
        if what in ("state", "claimsExpression"):
            answer = self.rpc("OrganizationService/UpdateSSOConfiguration", by, **request)
        else:
            method = "SsoConfigurationService/UpdateSsoConfigurationBinding"
            answer = self.rpc(method, by, package="orgplane", **request, rebind=True)
        if "code" in answer:
            return answer
        if what != "state" and (what in sso.closed) is not closing:
            sso.signed_in.clear()
        sso.closed = sso.closed | {what} if closing else sso.closed - {what}
        return answer

    def delete_sso(self, by: Credential, sso: SingleSignOn) -> dict[str, Any]:
        request = {"ssoConfigurationId": sso.id}
        answer = self.rpc("OrganizationService/DeleteSSOConfiguration", by, **request)
        if "code" not in answer:
            self.sso.remove(sso)
        return answer

    # What people do by a browser.

    def sign_in(self, sso: SingleSignOn, email: str) -> Credential | None:
        """The session of whom the provider calls by their address, if they are let in. It says once that the address is theirs."""
        begun = self._get(f"/login/sso/{sso.id}")
        if "location" not in begun.headers:
            return None
        url = begun.headers["location"]
        if parse_qs(urlsplit(url).query)["client_id"] != [CLIENT_ID]:
            return None  # whom the provider does not know
        claims = {} if email in sso.told else {"email": email, "email_verified": True}
        sso.told.add(email)
        answer = self._doors.openid.sign_in(url, email, **claims)
        cookie = begun.headers["set-cookie"].partition(";")[0]
        page = self._get(f"/sso/callback/{sso.id}?{urlencode(answer)}", cookie=cookie)
        token = _SESSION.search(page.text())
        if token is None:
            return None
        session = Credential("", "", token[0], self._clock.now + timedelta(hours=8))
        session.user_id = self.rpc("UserService/GetAuthenticatedUser", session)["user"]["id"]
        self._known(session.user_id)
        sso.signed_in[email] = (session.user_id, self._clock.now)
        self.sessions = [*self.sessions[-2:], session]
        return session

    def _get(self, path: str, **headers: str) -> Any:
        answer = self._doors.run(self._doors.http.get(_PUBLIC_URL + path, headers=headers))
        assert answer.status < 500, answer.text()
        return answer

    # What a provider does by SCIM.

    def provision(self, provider: Provider, email: str, active: bool = True) -> Answer:
        answer = self._scim(provider, "POST", "/Users", user(email, active=active))
        if answer.status == 201:
            provider.users[email] = self._known(answer.json["id"])
        return answer

    def put(self, provider: Provider, email: str, active: bool) -> Answer:
        return self._scim(
            provider, "PUT", f"/Users/{provider.users[email]}", user(email, active=active)
        )

    def patch(self, provider: Provider, email: str, active: bool) -> Answer:
        return self._scim(provider, "PATCH", f"/Users/{provider.users[email]}", _patch(active))

    def bulk(self, provider: Provider, email: str, active: bool) -> Answer:
        path = f"/Users/{provider.users[email]}"
        return self._bulk(provider, {"method": "PATCH", "path": path, "data": _patch(active)})

    def bulk_remove(self, provider: Provider, email: str) -> Answer:
        path = f"/Users/{provider.users[email]}"
        answer = self._bulk(provider, {"method": "DELETE", "path": path})
        self._forget(provider, email)
        return answer

    def remove(self, provider: Provider, email: str) -> Answer:
        answer = self._scim(provider, "DELETE", f"/Users/{provider.users[email]}")
        self._forget(provider, email)
        return answer

    def group(self, provider: Provider, email: str) -> None:
        """A new group with one in it."""
        made = self._scim(provider, "POST", "/Groups", group("Guides", provider.users[email]))
        assert made.status == 201

    def push(self, provider: Provider, email: str) -> str | None:
        """The id of a new group with one in it.

        None if they are gone without their provider's knowing, or its configuration takes nothing now (403).
        """
        self._names += 1
        body = group(f"Group {self._names}", provider.users[email])
        made = self._scim(provider, "POST", "/Groups", body)
        if made.status == 403 or "no such user" in made.text:
            return None
        assert made.status == 201, made.text
        return str(made.json["id"])

    def change_group(self, provider: Provider, id: str, op: str, *emails: str) -> Answer:
        members = [{"value": provider.users[email]} for email in emails]
        operation = {"op": op, "path": "members", "value": members}
        body = {"schemas": [_PATCH_OP], "Operations": [operation]}
        return self._scim(provider, "PATCH", f"/Groups/{id}", body)

    def delete_group(self, provider: Provider, id: str) -> Answer:
        return self._scim(provider, "DELETE", f"/Groups/{id}")

    def groups_of(self, provider: Provider, email: str) -> int:
        found = self._scim(provider, "GET", f"/Users/{provider.users[email]}")
        return len(found.json.get("groups", ()))

    def _bulk(self, provider: Provider, operation: dict[str, Any]) -> Answer:
        schema = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
        body = {"schemas": [schema], "Operations": [operation]}
        return self._scim(provider, "POST", "/Bulk", body)

    def _scim(self, provider: Provider, *request: Any) -> Answer:
        answer = self._doors.run(provider.scim(*request))
        assert answer.status < 500, answer.text
        return answer

    def _forget(self, provider: Provider, email: str) -> None:
        found = self._scim(provider, "GET", f"/Users/{provider.users[email]}")
        if found.status == 404:
            del provider.users[email]

    # What the operator does, and time.

    def operator(self, email: str, life: timedelta, make_administrator: bool) -> bool:
        """Whether there is a token now."""
        operations = Operations(self._database, self._clock)
        work = operations.create_token(
            self._organization_id, email, lifetime=life, make_administrator=make_administrator
        )
        try:
            made = self._doors.run(work)
        except OrgplaneError:
            return False
        self._keep(self._known(str(made.administrator.id)), made.token.reveal(), life)
        return True

    def advance(self, time: timedelta) -> None:
        """Time passes while the server watches for credentials that end.

        If nobody can act any more then, that was announced before, and the operator lets somebody in.
        """
        self.somebody_can_act()
        acting = [each for each in self.credentials if self.can_act(each)]
        ends = [each.expires_at for each in acting]
        last = max(ends + self._sign_ins_end(acting[0] if acting else self.sessions[-1]))
        until = self._clock.now + time
        while self._clock.now < until:
            self._doors.run(ExpiryWarnings(self._database, self._clock).announce())
            self._clock.now = min(until, self._clock.now + _WATCH)
        for each in acting:
            assert self.can_act(each) is (self._clock.now < each.expires_at)
        if self._clock.now >= last:
            assert last in self._announced(), "the end of the last credential was announced"
            life = timedelta(
                days=90
            )  # where several have Ada's address, another one lets somebody in
            assert any(self.operator(email, life, make_administrator=True) for email in (ADA, EVE))

    def _sign_ins_end(self, by: Credential) -> list[datetime]:
        """When the sign-ins of administrators stop counting."""
        page = {"pageSize": 100}
        asked = {"organizationId": self.id, "pagination": page}
        members = self.rpc("OrganizationService/ListMembers", by, **asked)["members"]
        able = {
            each["userId"]
            for each in members
            if each["role"] == "ORGANIZATION_ROLE_ADMIN" and each["status"] == "USER_STATUS_ACTIVE"
        }
        return [
            at + SIGN_IN_COUNTS
            for sso in self.sso
            if "state" not in sso.closed
            for whose, at in sso.signed_in.values()
            if whose in able
        ]

    def _announced(self) -> set[datetime]:
        """The ends of last credentials that were announced before they came."""
        found = self._doors.run(
            self._database.read(
                lambda c: audit.following(c, self._organization_id, 0, 1 << 62, 100_000)
            )
        )
        ends = [
            (event.occurred_at, event.changes["expiry_warning"].after["expires_at"])
            for event in found
            if event.subject is Subject.ORGANIZATION and "expiry_warning" in event.changes
        ]
        return {at for told, end in ends if told < (at := datetime.fromisoformat(end))}

    # What must hold.

    def can_act(self, by: Credential) -> bool:
        """Whether this credential can update a SCIM configuration, which it does."""
        self._names += 1
        id = self.providers[0].id if self.providers else str(uuid4())
        request = {"scimConfigurationId": id, "name": f"name {self._names}"}
        answer = self.rpc("OrganizationService/UpdateSCIMConfiguration", by, **request)
        # Whoever may not is told so before anything is looked for.
        return answer.get("code") == (None if self.providers else "not_found")

    def somebody_can_act(self) -> None:
        """Raises LockedOut unless one of the credentials that the test holds can, or a session that is to be had now."""
        for each in self.credentials:
            if self.can_act(each):
                self.credentials.remove(each)
                self.credentials.insert(0, each)
                return
        for sso in self.sso:
            for email in sorted(sso.told):
                session = self.sign_in(sso, email)
                if session is not None and self.can_act(session):
                    return
        raise LockedOut

    def _known(self, id: str) -> str:
        if id not in self.ids:
            self.ids.append(id)
        return id

    def _keep(self, user_id: str, token: str, life: timedelta) -> None:
        held = Credential(user_id, "", token, self._clock.now + life)
        page = {"pageSize": 100}
        listed = self.rpc("UserService/ListPersonalAccessTokens", held, pagination=page)
        if listed.get("personalAccessTokens"):
            held.id = listed["personalAccessTokens"][-1]["id"]
            self.credentials.append(held)


_PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


def _patch(active: bool) -> dict[str, Any]:
    return {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "path": "active", "value": active}],
    }


def seek(machine: type[RuleBasedStateMachine], examples: int, *, shrinking: bool = True) -> None:
    """Runs a state machine so many times; raises what it finds."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=30,
            database=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
            phases=tuple(Phase) if shrinking else (Phase.generate,),
        ),
    )
