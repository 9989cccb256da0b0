"""What a command works with: the API, the output, and the person or script that runs it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, update_wrapper
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import click

from .failure import Exit, Failure
from .profiles import ProfileFile
from .target import Flags, Target, find

if TYPE_CHECKING:
    from .._core.options import Options
    from .api import API
    from .data import JSON, YAML
    from .selection import Selection
    from .table import Table

P = ParamSpec("P")
R = TypeVar("R")


class Session:
    """One run of the command. What costs time is made when it is first needed."""

    def __init__(self) -> None:
        self.flags = Flags()
        #: Whether the command is one of those that take no token; set before it calls anything.
        self.tokenless = False
        #: What `--jq` asks for.
        self.selection: Selection | None = None

    @cached_property
    def profiles(self) -> ProfileFile:
        profiles = ProfileFile()
        if profiles.open_to_others():
            tell(f"warning: others may read {profiles.path}; run: chmod 600 {profiles.path}")
        return profiles

    @cached_property
    def target(self) -> Target:
        return find(self.flags, self.profiles, tokenless=self.tokenless)

    @cached_property
    def api(self) -> API:
        return connect(self.flags, self.target)

    @property
    def again(self) -> str:
        """The command by which who has signed in does so again; empty for a personal access token."""
        if "target" not in self.__dict__ or not self.target.signed_in:
            return ""
        profile = self.target.profile
        named = profile is not None and profile.name != self.profiles.in_use()
        return "orgplane login --sso" + (f" --profile {profile.name}" if profile and named else "")

    @property
    def url(self) -> str:
        """What was called, if something was."""
        return self.target.url if "target" in self.__dict__ else self.flags.url

    def call(self, rpc: str, /, **fields: Any) -> Any:
        return self.api.call(rpc, **fields)

    @cached_property
    def organization_id(self) -> str:
        """The organization that the token stands for; many RPCs want it said."""
        return str(self.call("GetAuthenticatedIdentity").organization_id)

    @property
    def for_people(self) -> bool:
        return self.flags.output == "table" and self.selection is None

    def as_data(self) -> None:
        """There is no table of what this command prints: it is JSON by itself."""
        if self.flags.output == "table":
            self.flags.output = "json"

    def show(self, record: Any) -> None:
        """One object: a message, or a mapping of them."""
        self._output().one(record)

    def show_all(self, pages: Iterable[Sequence[Any]], columns: Sequence[str]) -> None:
        """A list, page by page; `columns` are the fields for people."""
        self._output().many(pages, columns)

    def follow(self, records: Iterable[Any], columns: Sequence[str]) -> None:
        """What comes one by one, each shown at once: a line of JSON, a document of YAML."""
        self._output().follow(records, columns)

    def show_token(
        self, token: str, people: Mapping[str, Any], scripts: Any, called: str = "token"
    ) -> None:
        """A new token: alone, or in what is shown to people or to scripts."""
        if self.flags.output == "token":
            print(token)
        else:
            self.show(people if self.for_people else scripts)
        tell(f"this {called} is shown only this once; keep it where secrets are kept")

    def show_change(
        self, subject: str, request: Mapping[str, Any], before: Any, after: Any
    ) -> None:
        """What an update of the fields in `request` has changed, or the object as it is now for scripts."""
        from .table import align, changes, write

        if not self.for_people:
            self.show(after)
            return
        rows = changes([name for name in request if request[name] is not None], before, after)
        if not rows:
            print(f"{subject}: nothing changed")
            return
        print(f"{subject}: updated")
        write(align(rows))

    def require_some(self, changes: Mapping[str, Any]) -> None:
        """An update that names nothing is a mistake, most likely of a script."""
        if all(value is None for value in changes.values()):
            raise click.UsageError("nothing to change: say what, with at least one option")

    def done(self, message: str) -> None:
        """For people only: scripts have the exit status."""
        if self.for_people:
            print(message)

    def confirm(self, question: Callable[[], str], yes: bool) -> None:
        """Asks before something is destroyed; without a terminal only `--yes` goes on."""
        if yes:
            return
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise Failure(
                "there is no terminal to ask on", "Say --yes to go on without a question."
            )
        if not click.confirm(question(), err=True):
            raise Failure("nothing was done", status=Exit.OTHER)

    def confirm_by_name(self, question: str, name: str, confirmed: str | None) -> None:
        """`confirm`, by the name of what is destroyed: typed, or given as `--confirm`."""
        if confirmed is None:
            if not (sys.stdin.isatty() and sys.stderr.isatty()):
                raise Failure(
                    "there is no terminal to ask on",
                    "Say --confirm with the name to go on without a question.",
                )
            confirmed = click.prompt(question, prompt_suffix=": ", err=True)
        if confirmed != name:
            raise Failure(
                f"nothing was done: {confirmed!r} is not the name, {name!r}", status=Exit.OTHER
            )

    def close(self) -> None:
        if "api" in self.__dict__:
            self.api.close()

    def _output(self) -> Table | JSON | YAML | Selection:
        if self.selection is not None:
            return self.selection
        if self.flags.output == "table":
            from .table import Table

            return Table()
        from . import data

        return data.JSON() if self.flags.output == "json" else data.YAML()


def connect(flags: Flags, target: Target) -> API:
    """The API of a server. This is where the RPC runtime is imported."""
    from .api import API

    return API(options(flags, target), debug=flags.debug)


def options(flags: Flags, target: Target) -> Options:
    """How to reach a server."""
    from .._core.options import DEFAULT_MAX_RETRIES, DEFAULT_TIMEOUT, Options
    from .._core.tls import Names

    return Options.read(
        url=target.url,
        token=target.token,
        protocol=target.protocol,  # type: ignore[arg-type] # `read` checks it
        codec="proto",
        timeout=flags.timeout or DEFAULT_TIMEOUT,
        max_retries=DEFAULT_MAX_RETRIES,
        tls=target.tls,
        names=Names("--ca", "--client-cert", "--client-key"),
        tokenless=not target.token,
    )


def tell(message: str) -> None:
    """Something for the person beside the output."""
    print(f"orgplane: {message}", file=sys.stderr)


def pass_session(function: Callable[Concatenate[Session, P], R]) -> Callable[P, R]:
    """Gives a command the session as its first argument."""

    def wrapper(*arguments: P.args, **options: P.kwargs) -> R:
        session = click.get_current_context().ensure_object(Session)
        return function(session, *arguments, **options)

    return update_wrapper(wrapper, function)
