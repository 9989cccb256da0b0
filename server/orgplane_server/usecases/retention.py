from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from ..domain.instant import Clock
from ..store import (
    audit,
    authorization,
    device,
    email_invite,
    expiry,
    outbox,
    scim_credential,
    scim_request,
    scim_token,
    secret_key,
    service_account_token,
    session,
    sign_in,
    sign_in_attempt,
    sign_out,
    webhook_delivery,
)
from ..store.engine.database import Connection, Database
from .recurring import for_ever

#: Rows that one transaction deletes, and the rest that follows it, in seconds.
_BATCH = 200
_REST = 0.05
#: How often what has grown old is looked for, at least; and at most.
_LONGEST_WAIT = 3600.0
_SHORTEST_WAIT = 1.0

#: Deletes the oldest that came before a moment, so many at most; how many.
_Purge = Callable[[Connection, datetime, int], int]

log = structlog.get_logger(__name__)


class Retention:
    """Forgets what is older than it is kept (None: for ever), of every organization."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        audit_events: timedelta | None = None,
        scim_requests: timedelta | None = None,
        ended_scim_tokens: timedelta | None = None,
        scim_credentials: timedelta | None = None,
        expiry_warnings: timedelta | None = None,
        letters: timedelta | None = None,
        email_invites: timedelta | None = None,
        sign_ins: timedelta | None = None,
        sessions: timedelta | None = None,
        service_account_tokens: timedelta | None = None,
        sign_in_attempts: timedelta | None = None,
        sign_outs: timedelta | None = None,
        authorization_codes: timedelta | None = None,
        device_authorizations: timedelta | None = None,
        former_secret_keys: timedelta | None = None,
        webhook_deliveries: timedelta | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        rules: tuple[tuple[str, _Purge, timedelta | None], ...] = (
            ("audit_events", audit.purge, audit_events),
            ("scim_requests", scim_request.TRAIL.purge, scim_requests),
            ("ended_scim_tokens", scim_token.purge, ended_scim_tokens),
            ("scim_credentials", scim_credential.purge, scim_credentials),
            ("expiry_warnings", expiry.purge, expiry_warnings),
            ("letters", outbox.purge, letters),
            ("email_invites", email_invite.purge, email_invites),
            ("sign_ins", sign_in.purge, sign_ins),
            ("sessions", session.purge, sessions),
            ("service_account_tokens", service_account_token.purge, service_account_tokens),
            ("sign_in_attempts", sign_in_attempt.TRAIL.purge, sign_in_attempts),
            ("sign_outs", sign_out.TRAIL.purge, sign_outs),
            ("authorization_codes", authorization.purge, authorization_codes),
            ("device_authorizations", device.purge, device_authorizations),
            ("former_secret_keys", secret_key.purge, former_secret_keys),
            ("webhook_deliveries", webhook_delivery.purge, webhook_deliveries),
        )
        self._rules = [(what, purge, keep) for what, purge, keep in rules if keep is not None]

    async def purge(self) -> dict[str, int]:
        """Forgets what is too old by now, a little at a time; how much of what."""
        return {
            what: await self._purge(purge, self._clock() - keep)
            for what, purge, keep in self._rules
        }

    async def run(self) -> None:
        """Purges again and again, for ever."""
        soonest = min((keep.total_seconds() for _, _, keep in self._rules), default=_LONGEST_WAIT)
        wait = min(_LONGEST_WAIT, max(_SHORTEST_WAIT, soonest / 24))
        await for_ever(self._purge_all, wait, "cannot purge what is not kept any longer")

    async def _purge_all(self) -> None:
        purged = await self.purge()
        if any(purged.values()):
            log.info("purged what is not kept any longer", **purged)

    async def _purge(self, purge: _Purge, before: datetime) -> int:
        total = 0
        while True:
            purged = await self._database.write(lambda unit: purge(unit.connection, before, _BATCH))
            total += purged
            if purged < _BATCH:
                return total
            await asyncio.sleep(_REST)
