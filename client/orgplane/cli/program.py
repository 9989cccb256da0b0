"""The root: which commands there are, and how all of them end."""

from __future__ import annotations

import signal
import sys
from importlib import import_module
from typing import Any

import click
from click.shell_completion import CompletionItem

from ..errors import OrgplaneError
from . import streams
from .command import common_options
from .failure import Exit, hint, status
from .session import Session, tell

#: Where each command is, and what it is about; its module is imported when it is used.
_COMMANDS = {
    "scim-configurations": ("scim_configurations:group", "How identity providers provision."),
    "sso-configurations": ("sso_configurations:group", "How members sign in."),
    "domains": ("domains:group", "Domains that the organization owns."),
    "invites": ("invites:group", "Invites by which people join."),
    "policies": ("policies:group", "What the organization lets its members do."),
    "organization": ("organization:group", "The organization itself."),
    "tokens": ("tokens:group", "Personal access tokens."),
    "service-accounts": ("service_accounts:group", "Accounts that programs act as."),
    "members": ("members:group", "The people in the organization."),
    "roles": ("roles:group", "Who has which role, and why."),
    "groups": ("groups:group", "Groups of members."),
    "users": ("users:group", "Single users: show, suspend, resume."),
    "audit-logs": ("audit_logs:group", "Who did what to what, and when."),
    "events": ("events:group", "What changed in detail, past and live."),
    "webhooks": ("webhooks:group", "Events posted to your servers."),
    "account": ("account:group", "You, in all organizations that you joined."),
    "operator": ("operator:group", "All organizations, for whoever runs the server."),
    "api": ("rpc:api", "Any RPC by its name."),
    "whoami": ("identity:whoami", "Whom the token stands for, and where."),
    "login": ("login:login", "Store a server and a token as a profile."),
    "logout": ("login:logout", "Forget a profile, and end its session."),
    "profiles": ("login:profiles", "Which there are, and which to use."),
    "completion": ("completion:completion", "Print a completion script for a shell."),
}


#: Whoever read the output has seen enough: the status that SIGPIPE gives.
_CUT_OFF = 128 + 13


class Program(click.Group):
    """Imports a command's module only when it is run, completed or explained; until then another stands for it."""

    def invoke(self, context: click.Context) -> Any:
        try:
            with streams.writing():
                return super().invoke(context)
        except BrokenPipeError:  # click gives a status of its own
            return _CUT_OFF

    def list_commands(self, context: click.Context) -> list[str]:
        return list(self.commands)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        module, _, attribute = _COMMANDS[name][0].partition(":")
        found: click.Command = getattr(import_module(f".{module}", __package__), attribute)
        return found

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in _COMMANDS.items()])

    def shell_complete(self, context: click.Context, incomplete: str) -> list[CompletionItem]:
        if incomplete.startswith("-"):
            return super().shell_complete(context, incomplete)
        return [
            CompletionItem(name, help=about)
            for name, (_, about) in _COMMANDS.items()
            if name.startswith(incomplete)
        ]


def _version(context: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    if wanted:
        from .._core.version import VERSION

        print(f"orgplane {VERSION}")
        context.exit()


program = Program(
    name="orgplane",
    help="Administer an organization's SCIM and SSO configurations, domains, tokens and members.",
    epilog="Exit status: 0 done, 2 usage or invalid argument, 3 not found, 4 denied, 5 unavailable, "
    "6 refused by the organization's state, 130 interrupted, 1 anything else.",
    no_args_is_help=True,
    commands=[click.Command(name, help=about) for name, (_, about) in _COMMANDS.items()],
    context_settings={"max_content_width": 100},
    params=[
        *common_options(),
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_version,
            help="Show the version.",
        ),
    ],
)


def main(arguments: list[str] | None = None) -> None:
    """The command. Failures end in a line or two on stderr and a status of `failure.Exit`."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    session = Session()
    try:
        code = _run(session, arguments)
    finally:
        session.close()
    sys.exit(code)


def _run(session: Session, arguments: list[str] | None) -> int:
    try:
        streams.prepare()
        with streams.writing():
            result: Any = program.main(
                arguments, prog_name="orgplane", standalone_mode=False, obj=session
            )
    except OrgplaneError as error:
        tell(_line(str(error)))
        if further := hint(error, session.url, session.again):
            print(f"  {_line(further)}", file=sys.stderr)
        return status(error)
    except click.exceptions.NoArgsIsHelpError as error:
        print(error.ctx.get_help() if error.ctx else "", file=sys.stderr)
        return Exit.USAGE
    except click.UsageError as error:
        tell(_line(error.format_message()))
        command = error.ctx.command_path if error.ctx else "orgplane"
        print(f"  Try: {command} --help", file=sys.stderr)
        return Exit.USAGE
    except (click.Abort, KeyboardInterrupt):
        print(file=sys.stderr)
        return Exit.INTERRUPTED
    except BrokenPipeError:
        return _CUT_OFF
    return result if isinstance(result, int) else Exit.OK


def _line(message: str) -> str:
    from .table import printable

    return printable(" ".join(message.split()))
