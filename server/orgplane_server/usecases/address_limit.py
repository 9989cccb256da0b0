"""How often one address may do what costs its caller nothing: fail to authenticate, or ask without a token."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from ..domain.client_address import IPNetwork, network
from ..domain.errors import Reason, ResourceExhausted
from ..domain.instant import Clock, system_clock

#: So many addresses are remembered; who has not been heard of for longest is forgotten, and may start anew.
_ADDRESSES = 10_000
#: One who goes on is told of in the log again after so long.
_TOLD_AGAIN = timedelta(minutes=1)

log = structlog.get_logger(__name__)


class AddressLimit:
    """A token bucket for each address (of IPv6: each /64), in this process; `per_minute` at once, and as many a minute.

    A `per_minute` of 0 is no limit. Behind a private address may be a proxy, and behind that everybody: unless
    `private` says that all proxies are known, such an address is only warned of, and not refused.
    """

    def __init__(self, what: str, per_minute: int, clock: Clock, *, private: bool = False) -> None:
        self._what = what
        self._per_minute = per_minute
        self._clock = clock
        self._private = private
        self._buckets: OrderedDict[IPNetwork, _Bucket] = OrderedDict()
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
            bucket = self._buckets.setdefault(source, _Bucket(self._per_minute, now))
            self._buckets.move_to_end(source)
            if len(self._buckets) > _ADDRESSES:
                self._buckets.popitem(last=False)
            seconds = bucket.take(now, self._per_minute, how_many)
            tell = seconds > 0 and bucket.tells(now)
        refused = self._private or source.is_global
        if tell:
            log.warning(f"too many {self._what}", address=str(source), refused=refused)
        if seconds and refused:
            raise ResourceExhausted(
                f"too many {self._what} from your address; try again in {seconds} s",
                reason=Reason.RATE_LIMITED,
                retry_after=seconds,
            )


UNLIMITED = AddressLimit("", 0, system_clock)


@dataclass(slots=True)
class _Bucket:
    """`level` is how many may still be, as of `at`."""

    level: float
    at: datetime
    told: datetime | None = None

    def take(self, now: datetime, per_minute: int, how_many: int) -> int:
        """Takes so many, one or none, or says how many seconds it is until there is one."""
        elapsed = max(0.0, (now - self.at).total_seconds())  # a clock may have been set back
        self.level = min(per_minute, self.level + elapsed * per_minute / 60)
        self.at = now
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
