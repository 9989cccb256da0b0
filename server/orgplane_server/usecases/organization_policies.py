from __future__ import annotations

from ..domain import organization
from ..domain.audit import Action, Subject
from ..domain.caller import Caller, Permission
from ..domain.identifier import OrganizationId
from ..domain.instant import Clock
from ..domain.organization_policies import OrganizationPolicies, OrganizationPoliciesChanges
from ..domain.revision import differences, revised
from ..store.engine.database import Database
from ..store.engine.unit_of_work import UnitOfWork
from ..store.organization_policies import organization_policies
from . import saving


class Policies:
    """What the caller's organization lets its members do: everybody reads it, administrators change it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def get(self, caller: Caller, id: OrganizationId) -> OrganizationPolicies:
        caller.require(Permission.READ_POLICIES)
        if id != caller.organization_id:
            raise organization.not_found()
        found = await self._database.read(
            lambda connection: organization_policies.find(connection, id, id)
        )
        if found is None:
            raise organization.not_found()
        return found

    async def update(
        self, caller: Caller, id: OrganizationId, changes: OrganizationPoliciesChanges
    ) -> OrganizationPolicies:
        """The policies after the changes, which hold for whatever is done after the answer."""
        caller.require(Permission.CHANGE_POLICIES)
        if id != caller.organization_id:
            raise organization.not_found()

        def change(unit: UnitOfWork) -> OrganizationPolicies:
            before = organization_policies.lock(unit.connection, id, id)
            if before is None:
                raise organization.not_found()
            after = revised(before, changes, self._clock())
            if after is not before:
                unit.write(organization_policies.updating(id, before, after))
                told, at = differences(before, after), after.updated_at
                subject = Subject.ORGANIZATION_POLICY
                saving.note(unit, caller, Action.UPDATE, subject, id, at, told)
            return after

        return await self._database.write(change)
