"""What this process tells of itself to the one that adds up."""

from __future__ import annotations

import asyncio
import contextlib

from ..domain.errors import OrgplaneError
from ..store.engine.database import Database
from ..telemetry import families
from ..telemetry.call_counts import call_counts
from ..telemetry.numbers import Exemplars, Numbers
from ..usecases.census import Censuses
from .build import Server

#: A database that takes longer is not waited for.
_SECONDS = 1.0


class Measures:
    """Numbers of a running server, and of what it stands on."""

    def __init__(self, server: Server, database: Database, censuses: Censuses) -> None:
        self._server = server
        self._database = database
        self._censuses = censuses

    async def numbers(self, also_stored: bool) -> Numbers:
        """With `also_stored`, those that are asked of the database are among them, if it answers."""
        told = call_counts.numbers()
        commits = self._database.commits
        told[families.WATCHES, ()] = [self._server.watches.watchers]
        told[families.TRANSACTIONS, ()] = list(commits.changes.numbers)
        told[families.WAIT, ()] = list(commits.waits.numbers)
        told[families.WAITING, ()] = [self._database.waiting]
        told[families.QUERIES_WAITING, ()] = [self._database.queries_waiting]
        for limit in self._server.limits:
            told[families.REFUSED, (limit.what,)] = [limit.refused]
        told[families.REFUSED, ("calls waiting for the database",)] = [self._database.refused]
        attempts = self._server.sign_in_attempts
        told[families.SIGN_INS, ("signed_in",)] = [attempts.succeeded]
        told[families.SIGN_INS, ("refused",)] = [attempts.refused]
        if also_stored:
            told |= await self._stored()
        return told

    def exemplars(self) -> Exemplars:
        """Of those numbers, where there are traces."""
        return call_counts.exemplars

    async def _stored(self) -> Numbers:
        with contextlib.suppress(OrgplaneError, TimeoutError):
            async with asyncio.timeout(_SECONDS):
                census = await self._censuses.take()
            told: Numbers = {
                (families.CONFIGURATIONS, ("enabled",)): [census.enabled_scim_configurations],
                (families.CONFIGURATIONS, ("disabled",)): [census.disabled_scim_configurations],
                (families.ENDING, ("scim",)): [census.ending_scim_credentials],
                (families.ENDING, ("service_account",)): [census.ending_service_account_tokens],
                (families.ENDING, ("personal_access_token",)): [
                    census.ending_personal_access_tokens
                ],
                (families.DOMAINS, ("proven",)): [census.proven_domains],
                (families.DOMAINS, ("record_missing",)): [census.missing_domains],
                (families.DOMAINS, ("unproven",)): [census.unproven_domains],
            }
            if (wal := self._database.wal_bytes()) is not None:
                told[families.WAL, ()] = [wal]
            return told
        return {}
