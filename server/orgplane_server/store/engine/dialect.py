"""What one kind of database has to say for itself: `sqlite` and `postgresql` do."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
import structlog

from ...domain.errors import Unavailable

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Condition:
    """How a database is, apart from what is in it.

    `now` is by its own clock, where it has one; `connections_left` how many more it takes, where it counts them; `lacks` are
    what keeps us from writing or migrating, each in a few words.
    """

    version: str
    now: datetime | None = None
    connections_left: int | None = None
    lacks: tuple[str, ...] = ()


class Dialect(ABC):
    """One kind of database: how to connect to it, to migrate it, and what its errors mean."""

    #: Whether other processes can have it open.
    shared = True

    @abstractmethod
    def engine(self, *, writes: bool) -> sa.Engine:
        """Makes connections, none of them twice; without `writes`, ones that refuse to write.

        When a commit returns, it is durable.
        """

    def begin(self, *, writes: bool) -> str | None:
        """The statement that begins a transaction; None if the driver does so with the first one."""
        return None

    @abstractmethod
    def migrating(self, engine: sa.Engine) -> contextlib.AbstractContextManager[sa.Connection]:
        """A transaction that may change the schema, while nobody else does."""

    @abstractmethod
    def trouble(self, error: sa.exc.DBAPIError) -> str | None:
        """What ails the database, if that is what the error says; None if it is the statement."""

    def conflict(self, error: sa.exc.DBAPIError) -> bool:
        """Whether the transaction lost against another one, and may win when it is repeated."""
        return False

    @abstractmethod
    def ear(self) -> contextlib.AbstractContextManager[Ear]:
        """Hears of commits by other processes. Raises what the driver does, on use too."""

    @abstractmethod
    def voice(self) -> contextlib.AbstractContextManager[Callable[[], None]]:
        """Tells all ears of a commit that there was, each time that it is called. Raises what the driver does."""

    @abstractmethod
    def lead(self, what: str) -> Lead:
        """For processes of which one at a time is to do something."""

    @abstractmethod
    def condition(self, connection: sa.Connection) -> Condition:
        """Asks for it. Raises what the driver does."""

    def warn_of_known_bugs(self) -> None:  # noqa: B027  (most have none)
        """Logs what is known to be wrong with the database software in use."""

    def translated(self, error: Exception) -> Exception:
        """What the caller is told: Unavailable when the database is the trouble, else `error` itself."""
        if isinstance(error, sa.exc.DBAPIError) and (cause := self.trouble(error)) is not None:
            log.error("database unavailable", cause=cause, error=str(error.orig).strip())
            unavailable = Unavailable("the database is unavailable, try again later")
            unavailable.__cause__ = error
            return unavailable
        return error

    @contextlib.contextmanager
    def translating(self) -> Iterator[None]:
        """Raises errors as `translated` has them."""
        try:
            yield
        except sa.exc.DBAPIError as error:
            raise self.translated(error)  # noqa: B904  (it has its cause)


class Ear(ABC):
    """What hears of others' commits, used by one thread.

    To be asked at least every `interval` seconds (None: never, there are no others), and whenever the
    file, if there is one, is readable.
    """

    interval: float | None = None
    file: int | None = None

    @abstractmethod
    def heard(self) -> bool:
        """Whether there may have been a commit since the last time."""


class Lead(ABC):
    """Which of several processes does something that one alone may do; used by one thread at a time.

    Whoever dies does not lead any more, and another may at once.
    """

    @abstractmethod
    def held(self) -> bool:
        """Whether this process leads: takes the lead where nobody has it, and finds out whether it was lost."""

    @abstractmethod
    def close(self) -> None:
        """Leaves the lead to others. `held` may take it again."""
