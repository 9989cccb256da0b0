"""How often one address may do what costs its caller nothing: fail to authenticate, or ask without a token."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from ..domain.client_address import IPNetwork, network
from ..domain.errors import Reason, ResourceExhausted
from ..domain.instant import Clock, system_clock
from .buckets import Bucket, Buckets

#: One who goes on is told of in the log again after so long.
_TOLD_AGAIN = timedelta(minutes=1)

log = structlog.get_logger(__name__)


class AddressLimit:
    """A token bucket for each address (of IPv6: each /64), in this process; `per_minute` at once, and as many a minute.

    A `per_minute` of 0 is no limit. Behind a private address may be a proxy, and behind that everybody: unless
    `private` says that all proxies are known, such an address is only warned of, and not refused.
    """

    def __init__(self, what: str, per_minute: int, clock: Clock, *, private: bool = False) -> None:
        self.what = what
        #: How often it was too many.
        self.refused = 0
        self._per_minute = per_minute
        self._clock = clock
        self._private = private
        self._buckets: Buckets[IPNetwork, _Bucket] = Buckets(_Bucket, per_minute, per_minute)
        self._lock = threading.Lock()

    def count(self, peer: str) -> None:
        """Counts one more of `peer`, as `TrustedProxies.client` says it.

        Raises ResourceExhausted for one too many, which is not counted, with the seconds until there may
        be another. Any thread may call.
        """
        self._take(peer, 1)

    def check(self, peer: str) -> None:
        """As `count`, and counts nothing: for what is counted only if it turns out to be wrong."""
        self._take(peer, 0)

    def _take(self, peer: str, how_many: int) -> None:
        if not self._per_minute or (source := network(peer)) is None:
            return
        now = self._clock()
        with self._lock:
            bucket = self._buckets.of(source, now)
            seconds = bucket.take(self._per_minute, how_many)
            refused = self._private or source.is_global
            self.refused += seconds > 0 and refused
            tell = seconds > 0 and bucket.tells(now)
        if tell:
            log.warning(f"too many {self.what}", address=str(source), refused=refused)
        if seconds and refused:
            raise ResourceExhausted(
                f"too many {self.what} from your address; try again in {seconds} s",
                reason=Reason.RATE_LIMITED,
                retry_after=seconds,
            )


@dataclass(slots=True)
class _Bucket(Bucket):
    """When it was `told` of in the log."""

    told: datetime | None = None

    def take(self, per_minute: int, how_many: int) -> int:
        """Takes so many, one or none, or says how many seconds it is until there is one."""
        if self.level < 1:
            return math.ceil((1 - self.level) * 60 / per_minute)
        self.level -= how_many
        return 0

    def tells(self, now: datetime) -> bool:
        """Whether it is time to tell of it, which is noted."""
        if self.told is not None and abs(now - self.told) < _TOLD_AGAIN:
            return False
        self.told = now
        return True


UNLIMITED = AddressLimit("", 0, system_clock)
