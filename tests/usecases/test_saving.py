"""What every change of a record goes through."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from clock import SettableClock
from orgplane_server.domain.audit import Subject
from orgplane_server.domain.errors import InvalidArgument
from orgplane_server.domain.identifier import SsoConfigurationId
from orgplane_server.domain.sso_configuration import SsoConfiguration, SsoConfigurationState
from orgplane_server.store.engine.database import Database
from orgplane_server.store.sso_configuration import sso_configurations
from orgplane_server.usecases import saving
from orgplane_server.usecases.minting import new_id
from orgplane_server.usecases.organization import Founded


@pytest.fixture
def record(acme: Founded, clock: SettableClock) -> SsoConfiguration:
    """One with text of every shape: alone, in a list, and in a mapping's names and values."""
    return SsoConfiguration(
        id=SsoConfigurationId(new_id()),
        organization_id=acme.organization.id,
        client_id="client",
        client_secret=b"\0",
        issuer_url="https://idp.example",
        state=SsoConfigurationState.ACTIVE,
        claims={"groups": "all"},
        email_domains=("acme.example",),
        display_name="",
        additional_scopes=(),
        claims_expression="",
        created_at=clock.now,
        updated_at=clock.now,
    )


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "a\0b"},
        {"display_name": "\ud800", "claims_expression": "\udfff"},
        {"email_domains": ("acme.example", "\0")},
        {"claims": {"groups": "\0"}},
        {"claims": {"\0": ""}},
    ],
    ids=str,
)
async def test_text_that_cannot_be_stored_is_refused_by_its_field_whichever_it_is(
    database: Database, acme: Founded, record: SsoConfiguration, change: dict[str, Any]
) -> None:
    wrong = dataclasses.replace(record, **change)

    async def save(before: SsoConfiguration | None, after: SsoConfiguration) -> None:
        what = (acme.caller, sso_configurations, Subject.SSO_CONFIGURATION)
        await database.write(
            lambda unit: (
                saving.create(unit, *what, after)
                if before is None
                else saving.update(unit, *what, before, after)
            )
        )

    with pytest.raises(InvalidArgument) as caught:
        await save(None, wrong)
    assert [violation.field for violation in caught.value.violations] == list(change)
    await save(None, record)
    with pytest.raises(InvalidArgument) as caught:
        await save(record, wrong)
    assert [violation.field for violation in caught.value.violations] == list(change)
    kept = await database.read(
        lambda connection: sso_configurations.find(connection, acme.organization.id, record.id)
    )
    assert kept == record
