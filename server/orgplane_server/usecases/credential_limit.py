"""How much a credential may ask for while others wait."""

from __future__ import annotations

import math

from ..domain.errors import Reason, ResourceExhausted
from ..domain.instant import Clock
from ..domain.quota import Quota
from ..fairness import Party
from ..store.engine.database import Database
from .buckets import Bucket, Buckets

_WINDOW = 60


class CredentialLimit:
    """A token bucket for each credential, in this process: `per_second`, and those of a minute at once; 0 is no limit.

    Every request counts, but nobody is refused while no other organization waits for the database. For the event loop.
    """

    def __init__(self, per_second: int, database: Database, clock: Clock) -> None:
        self.what = "requests with a credential"
        #: How often it was too many.
        self.refused = 0
        self._per_second = per_second
        self._most = per_second * _WINDOW
        self._database = database
        self._clock = clock
        self._buckets: Buckets[Party, Bucket] = Buckets(Bucket, self._most, self._most)

    def count(self, party: Party) -> Quota | None:
        """Counts a request: what is left then, None where there is no limit.

        Raises ResourceExhausted for one too many while others wait, with the quota and the seconds until the next.
        """
        if not self._per_second:
            return None
        bucket = self._buckets.of(party, self._clock())
        if bucket.level >= 1:
            bucket.level -= 1
            return self._quota(bucket)
        quota = self._quota(bucket)
        if self._database.others_wait(party):
            self.refused += 1
            raise ResourceExhausted(
                f"too many requests with this credential while others wait; try again in {quota.seconds} s",
                reason=Reason.RATE_LIMITED,
                retry_after=quota.seconds,
                quota=quota,
            )
        return quota

    def _quota(self, bucket: Bucket) -> Quota:
        left = int(bucket.level)
        missing = self._most - bucket.level if left else 1 - bucket.level
        return Quota(self._most, _WINDOW, left, math.ceil(missing / self._per_second))
