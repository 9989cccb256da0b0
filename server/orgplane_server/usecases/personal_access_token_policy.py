from __future__ import annotations

from ..domain import organization, personal_access_token_policy
from ..domain.audit import Action, Subject
from ..domain.caller import Caller, Permission
from ..domain.identifier import OrganizationId
from ..domain.instant import Clock
from ..domain.personal_access_token_policy import (
    PersonalAccessTokenPolicy,
    PersonalAccessTokenPolicyChanges,
)
from ..domain.revision import differences, revised
from ..store.administration import administrators
from ..store.engine.database import Database
from ..store.engine.unit_of_work import UnitOfWork
from ..store.personal_access_token_policy import (
    ending_at,
    held,
    personal_access_token_policies,
)
from . import saving
from .administration import keep_founded, keep_vouched


class PersonalAccessTokenPolicies:
    """What the caller's organization asks of tokens: everybody reads it, administrators change it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def get(self, caller: Caller, id: OrganizationId) -> PersonalAccessTokenPolicy:
        caller.require(Permission.READ_POLICIES)
        if id != caller.organization_id:
            raise organization.not_found()
        found = await self._database.read(
            lambda connection: personal_access_token_policies.find(connection, id, id)
        )
        if found is None:
            raise organization.not_found()
        return found

    async def update(
        self, caller: Caller, id: OrganizationId, changes: PersonalAccessTokenPolicyChanges
    ) -> PersonalAccessTokenPolicy:
        """The policy after the changes, by which tokens are judged from the answer on, whichever process is asked.

        Raises InvalidArgument for bounds that there cannot be, and PermissionDenied if nobody could act any more.
        """
        caller.require(Permission.CHANGE_POLICIES)
        if id != caller.organization_id:
            raise organization.not_found()
        personal_access_token_policy.check(changes)

        def change(unit: UnitOfWork) -> PersonalAccessTokenPolicy:
            now = self._clock()
            if any(changes.values()):
                keep_founded(unit, caller, caller.id, now)
            before = held(unit.connection, id)
            if before is None:
                raise organization.not_found()
            after = revised(before, changes, now)
            if after is before:
                return after
            could = administrators(unit.connection, id)
            unit.write(personal_access_token_policies.updating(id, before, after))
            if after.max_token_age is not None:
                unit.write(ending_at(id, after.max_token_age))
            keep_vouched(unit, id, could, now)
            told, at = differences(before, after), after.updated_at
            saving.note(unit, caller, Action.UPDATE, Subject.ORGANIZATION_POLICY, id, at, told)
            return after

        return await self._database.write(change)
