"""What every command takes: the options that say which server, in which form, and how closely to look."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from .._core.durations import parse
from ..errors import ConfigurationError
from .names import resolve
from .selection import compiled
from .session import Session


@dataclass(frozen=True, slots=True)
class _Common:
    """An option of every command, before or after the command's name; the later one wins."""

    names: tuple[str, ...]
    options: dict[str, Any]

    def option(self) -> click.Option:
        return click.Option(self.names, expose_value=False, callback=_remember, **self.options)


def _remember(context: click.Context, parameter: click.Parameter, value: object) -> None:
    flags = context.ensure_object(Session).flags
    if value not in (None, False):
        setattr(flags, str(parameter.name), value)


_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

_COMMON = (
    _Common(
        ("--output", "-o"),
        {
            "type": click.Choice(["table", "json", "yaml", "token"]),
            "help": "table for people (the default); json and yaml for scripts, with the API's own names; "
            "token where a new one is issued, for the token alone.",
        },
    ),
    _Common(
        ("--jq",),
        {
            "metavar": "EXPRESSION",
            "help": "Of the JSON, what this jq expression makes of it; a text without quotes. Needs orgplane[jq].",
        },
    ),
    _Common(("--profile",), {"help": "Which profile of `orgplane login`. [env: ORGPLANE_PROFILE]"}),
    _Common(("--url",), {"help": "The server, as http(s)://host:port. [env: ORGPLANE_URL]"}),
    _Common(
        ("--protocol",),
        {"type": click.Choice(["connect", "grpc", "grpc-web"]), "help": "Default: connect."},
    ),
    _Common(
        ("--ca",),
        {
            "type": _FILE,
            "help": "Certificate authority (PEM) to trust instead of the public ones. [env: ORGPLANE_CA]",
        },
    ),
    _Common(
        ("--client-cert",),
        {
            "type": _FILE,
            "help": "Certificate (PEM) to show to a server that asks for one. [env: ORGPLANE_CLIENT_CERT]",
        },
    ),
    _Common(
        ("--client-key",),
        {
            "type": _FILE,
            "help": "Its private key (PEM), unless it is in the same file. [env: ORGPLANE_CLIENT_KEY]",
        },
    ),
    _Common(
        ("--timeout",),
        {"type": click.FloatRange(min=0, min_open=True), "help": "Seconds for each call."},
    ),
    _Common(
        ("--debug",), {"is_flag": True, "help": "Show each request on stderr, without secrets."}
    ),
)


class Command(click.Command):
    """A command with the common options, which its help shows apart. Of the two options that are `apart` it takes one."""

    issues_token = False

    def __init__(self, *arguments: Any, apart: tuple[str, ...] = (), **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._apart = apart
        self._common = tuple(common.option() for common in _COMMON)
        self.params.extend(self._common)

    def invoke(self, context: click.Context) -> Any:
        session = context.ensure_object(Session)
        if session.flags.output == "token" and not self.issues_token:
            raise click.UsageError("--output token: this command issues no token", context)
        if session.flags.jq:
            session.selection = compiled(session.flags)
        self._keep_apart(context)
        resolve(session, context)
        return super().invoke(context)

    def _keep_apart(self, context: click.Context) -> None:
        given = [
            parameter
            for parameter in self.params
            if {*parameter.opts} & {*self._apart}
            and context.get_parameter_source(str(parameter.name)) is not ParameterSource.DEFAULT
        ]
        if len(given) > 1:
            raise click.UsageError(f"{' and '.join(self._apart)} exclude each other", context)

    def format_options(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        common = {id(option) for option in self._common}
        for title, wanted in (("Options", False), ("Options of every command", True)):
            records = [
                record
                for parameter in self.get_params(context)
                if isinstance(parameter, click.Option)
                and (id(parameter) in common) is wanted
                and (record := parameter.get_help_record(context)) is not None
            ]
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)


class TokenCommand(Command):
    """One that issues a token, which can be its only output."""

    issues_token = True


class Group(click.Group):
    """Commands about one resource."""

    command_class = Command


def common_options() -> list[click.Parameter]:
    """For the root, so that they may also come first."""
    return [common.option() for common in _COMMON]


class Duration(click.ParamType):  # type: ignore[type-arg] # generic in click's newest only
    """`30d`, `12h`, `1d12h` or seconds as in the API's JSON, `86400s`."""

    name = "duration"

    def convert(
        self, value: Any, parameter: click.Parameter | None, context: click.Context | None
    ) -> str:
        try:
            return f"{parse(value).total_seconds():.6f}s"
        except ConfigurationError as error:
            self.fail(str(error), parameter, context)


class Instant(click.ParamType):  # type: ignore[type-arg] # generic in click's newest only
    """`2026-11-25`, `2026-11-25T12:00:00Z`, or how long ago: `24h`. A time without a zone is UTC."""

    name = "time"
    example = "2026-11-25T12:00:00Z or 24h"

    def convert(
        self, value: Any, parameter: click.Parameter | None, context: click.Context | None
    ) -> str:
        try:
            instant = datetime.fromisoformat(value)
        except ValueError:
            try:
                instant = self.beside(datetime.now(UTC), parse(value))
            except (ConfigurationError, OverflowError):
                self.fail(
                    f"expected a time such as {self.example}, not {value!r}", parameter, context
                )
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=UTC)
        return instant.astimezone(UTC).isoformat()

    @staticmethod
    def beside(now: datetime, distance: timedelta) -> datetime:
        return now - distance


class End(Instant):
    """`2027-11-25`, `2027-11-25T12:00:00Z`, or how long from now: `365d`. A time without a zone is UTC."""

    example = "2027-11-25T12:00:00Z or 365d"

    @staticmethod
    def beside(now: datetime, distance: timedelta) -> datetime:
        return now + distance


#: What changes in an organization; the API's `ResourceType` as people write it.
RESOURCE_TYPES = (
    "domain-verification",
    "group",
    "organization",
    "organization-policy",
    "personal-access-token",
    "role-assignment",
    "scim-configuration",
    "service-account",
    "service-account-token",
    "sso-config",
    "user",
    "webhook",
)


def resource_type(name: str) -> str:
    """The API's name of it."""
    return f"RESOURCE_TYPE_{name.replace('-', '_').upper()}"


def yes_option(function: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--yes", is_flag=True, help="Do not ask; needed without a terminal.")(
        function
    )


def limit_option(function: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--limit", type=click.IntRange(min=1), help="Stop after so many. Default: all."
    )(function)
