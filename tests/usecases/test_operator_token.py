"""Who made an operator token, and who revoked it, stays on record."""

from __future__ import annotations

import pytest
from clock import SettableClock
from orgplane_server.domain.caller import Origin
from orgplane_server.domain.errors import NotFound, Unauthenticated
from orgplane_server.store.engine.database import Database
from orgplane_server.usecases.operator_token import OperatorAuthentication, OperatorTokens


async def test_a_revoked_token_works_no_more_and_tells_whose_it_was(
    database: Database, clock: SettableClock
) -> None:
    tokens, known = OperatorTokens(database, clock), OperatorAuthentication(database, clock)
    made, begun = await tokens.create("console", read_only=False, by="ada@db1"), clock.now
    kept = await tokens.create("reports", read_only=True, by="bob@db1")
    await known.authenticate(made.token.reveal(), Origin())
    clock.advance(days=1)
    await tokens.revoke(made.kept.id, by="bob@db1")
    with pytest.raises(Unauthenticated):
        await known.authenticate(made.token.reveal(), Origin())
    assert [each.id for each in await tokens.list()] == [kept.kept.id]
    first, second = await tokens.list(revoked=True)
    assert (first.created_at, first.created_by) == (begun, "ada@db1")
    assert (first.revoked_at, first.revoked_by) == (clock.now, "bob@db1")
    assert (second.created_by, second.revoked_at, second.revoked_by) == ("bob@db1", None, "")
    assert first.digest != made.token.digest
    with pytest.raises(NotFound):
        await tokens.revoke(made.kept.id)
