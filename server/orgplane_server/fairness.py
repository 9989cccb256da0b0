"""Whose work it is, and a queue in which nobody's work keeps that of others waiting.

Organizations take turns, and within one of them its credentials do; what one credential asked for stays in order. Whoever
is alone has all turns.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Hashable
from contextvars import ContextVar
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Party(NamedTuple):
    """Who a turn is for. Whoever is not known yet is of no organization, and told apart by their address."""

    organization: Hashable = None
    credential: Hashable = None


#: Of the request being served; the server's own work is of the default. Whoever learns who asks sets it.
whose: ContextVar[Party] = ContextVar("whose", default=Party())  # noqa: B039 (a tuple)


class FairQueue(Generic[T]):
    """Round robin over the organizations that wait, then over the credentials of one, then first come, first served.

    Not to be used by several threads at once.
    """

    def __init__(self) -> None:
        self._waiting: OrderedDict[Hashable, OrderedDict[Hashable, deque[T]]] = OrderedDict()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def others(self, party: Party) -> bool:
        """Whether anything of another organization waits."""
        return any(each not in (None, party.organization) for each in self._waiting)

    def put(self, item: T, party: Party) -> None:
        of_organization = self._waiting.get(party.organization)
        if of_organization is None:
            of_organization = self._waiting[party.organization] = OrderedDict()
        of_credential = of_organization.get(party.credential)
        if of_credential is None:
            of_credential = of_organization[party.credential] = deque()
        of_credential.append(item)
        self._count += 1

    def take(self) -> T:
        """The next one's; its organization and its credential go behind all others. Raises IndexError if nobody waits."""
        if not self._count:
            raise IndexError("nobody waits")
        self._count -= 1
        organization, of_organization = next(iter(self._waiting.items()))
        credential, of_credential = next(iter(of_organization.items()))
        item = of_credential.popleft()
        if of_credential:
            of_organization.move_to_end(credential)
        else:
            del of_organization[credential]
        if of_organization:
            self._waiting.move_to_end(organization)
        else:
            del self._waiting[organization]
        return item

    def take_along(self, served: set[Hashable]) -> T | None:
        """The next one's, whose organization is among those `served` then; None if those are to wait no longer, or nobody waits.

        For what is answered together. As long as everybody has more to do, all go on by turns; once everybody had a turn and one
        of them has nothing else that waits, those with much to do keep them waiting no longer. The server's own work, and
        whoever is not known, may be kept.
        """
        if not self._count:
            return None
        organization = next(iter(self._waiting))
        if organization in served and served - self._waiting.keys() - {None}:
            return None
        served.add(organization)
        return self.take()
