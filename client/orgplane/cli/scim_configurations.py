"""`orgplane scim-configurations`"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import click

from .._core.durations import parse
from ..errors import OrgplaneError
from .command import Duration, Group, Instant, TokenCommand, limit_option, yes_option
from .names import SCIM_CONFIGURATION, SSO_CONFIGURATION
from .session import Session, pass_session, tell

_COLUMNS = ("id", "name", "enabled", "sso_configuration_id", "token_expires_at", "updated_at")
_REQUESTS = ("received_at", "method", "path", "status", "duration", "scim_type", "detail", "remark")
_CREDENTIALS = ("id", "kind", "hint", "created_at", "expires_at", "last_used_at")

_linking = click.option(
    "--allow-unverified-email-account-linking/--no-allow-unverified-email-account-linking",
    "allow_unverified_email_account_linking",
    default=None,
    help="Whether a provisioned user may be joined with a member of the same, unverified e-mail address.",
)


@click.group(cls=Group)
def group() -> None:
    """SCIM configurations: how identity providers push users and groups. Administrators only."""


@group.command("list")
@limit_option
@pass_session
def list_(session: Session, limit: int | None) -> None:
    """List them, oldest first.

    \b
    Examples:
      orgplane scim-configurations list
      orgplane scim-configurations list --limit 10 --output json
    """
    session.show_all(session.api.pages("ListSCIMConfigurations", limit), _COLUMNS)


@group.command("get")
@click.argument("id", type=SCIM_CONFIGURATION, metavar="ID_OR_NAME")
@pass_session
def get(session: Session, id: str) -> None:
    """Show one.

    \b
    Examples:
      orgplane scim-configurations get "$SCIM_CONFIGURATION_ID"
      orgplane scim-configurations get "$SCIM_CONFIGURATION_ID" --output yaml
    """
    session.show(_get(session, id))


@group.command("create", cls=TokenCommand)
@click.option(
    "--sso-configuration-id",
    type=SSO_CONFIGURATION,
    required=True,
    metavar="ID_OR_NAME",
    help="Which one to link.",
)
@click.option("--name", help="A label for people.")
@click.option("--token-expires-in", type=Duration(), help="1d to 730d. Default: 365d.")
@_linking
@pass_session
def create(
    session: Session,
    sso_configuration_id: str,
    name: str | None,
    token_expires_in: str | None,
    allow_unverified_email_account_linking: bool | None,
) -> None:
    """Create one, enabled from the start, and print what the identity provider is to be given.

    That is SCIM's base URL, and the token, which is shown this once.

    \b
    Examples:
      orgplane scim-configurations create --sso-configuration-id "$SSO_CONFIGURATION_ID" --name Okta
      orgplane scim-configurations create --sso-configuration-id "$SSO_CONFIGURATION_ID" \\
          --token-expires-in 90d --output token > scim-token
    """
    response = session.call(
        "CreateSCIMConfiguration",
        organization_id=session.organization_id,
        sso_configuration_id=sso_configuration_id,
        name=name,
        token_expires_in=token_expires_in,
        allow_unverified_email_account_linking=allow_unverified_email_account_linking,
    )
    from .table import fields

    configuration = response.scim_configuration
    _show_token(session, configuration.id, response, dict(fields(configuration)))


@group.command("update", apart=("--unlink", "--sso-configuration-id"))
@click.argument("id", type=SCIM_CONFIGURATION, metavar="ID_OR_NAME")
@click.option("--name", help="A new label; '' clears it.")
@click.option(
    "--enable/--disable", "enabled", default=None, help="Accept SCIM requests, or refuse them."
)
@click.option(
    "--sso-configuration-id",
    type=SSO_CONFIGURATION,
    metavar="ID_OR_NAME",
    help="Which one to link from now on.",
)
@click.option("--unlink", is_flag=True, help="Link to none.")
@_linking
@pass_session
def update(
    session: Session,
    id: str,
    name: str | None,
    enabled: bool | None,
    sso_configuration_id: str | None,
    unlink: bool,
    allow_unverified_email_account_linking: bool | None,
) -> None:
    """Change what is given and leave the rest, then say what changed.

    It is in force for SCIM when the command returns.

    \b
    Examples:
      orgplane scim-configurations update "$SCIM_CONFIGURATION_ID" --disable
      orgplane scim-configurations update "$SCIM_CONFIGURATION_ID" --name 'Entra ID' --enable
      orgplane scim-configurations update "$SCIM_CONFIGURATION_ID" --name '' --unlink
    """
    changes = {
        "name": name,
        "enabled": enabled,
        "sso_configuration_id": "" if unlink else sso_configuration_id,
        "allow_unverified_email_account_linking": allow_unverified_email_account_linking,
    }
    session.require_some(changes)
    before = _get(session, id) if session.for_people else None
    after = session.call("UpdateSCIMConfiguration", scim_configuration_id=id, **changes)
    session.show_change(f"SCIM configuration {id}", changes, before, after.scim_configuration)


@group.command("delete")
@click.argument("id", type=SCIM_CONFIGURATION, metavar="ID_OR_NAME")
@yes_option
@click.option(
    "--dry-run", is_flag=True, help="Delete nothing; say whom it would make active again."
)
@pass_session
def delete(session: Session, id: str, yes: bool, dry_run: bool) -> None:
    """Delete one. Its token is refused from then on; users already provisioned stay.

    Whom its provider has deactivated is active again only if another provider has said so since.

    \b
    Examples:
      orgplane scim-configurations delete "$SCIM_CONFIGURATION_ID" --dry-run
      orgplane scim-configurations delete "$SCIM_CONFIGURATION_ID" --yes
    """
    if dry_run:
        _preview_deletion(session, id)
        return
    session.confirm(lambda: f"Delete {_described(session, id)}?", yes)
    session.call("DeleteSCIMConfiguration", scim_configuration_id=id)
    session.done(f"SCIM configuration {id}: deleted")


@group.command("regenerate-token", cls=TokenCommand)
@click.argument("id", type=SCIM_CONFIGURATION, metavar="ID_OR_NAME")
@click.option(
    "--token-expires-in", type=Duration(), help="1d to 730d. Default: as long as the previous one."
)
@yes_option
@pass_session
def regenerate_token(session: Session, id: str, token_expires_in: str | None, yes: bool) -> None:
    """Replace its token by a new one, which is shown this once; the old one is dead at once.

    \b
    Examples:
      orgplane scim-configurations regenerate-token "$SCIM_CONFIGURATION_ID" --yes
      orgplane scim-configurations regenerate-token "$SCIM_CONFIGURATION_ID" --yes \\
          --token-expires-in 180d --output token > scim-token
    """
    session.confirm(
        lambda: f"Replace the token of {_described(session, id)}? The old one dies at once.", yes
    )
    response = session.call(
        "RegenerateSCIMToken", scim_configuration_id=id, token_expires_in=token_expires_in
    )
    _show_token(session, id, response, {"token_expires_at": response.token_expires_at})


_overlap = click.option(
    "--overlap",
    type=Duration(),
    help="How long the one before still works: 0s to 7d. 0s: all of before are dead at once. Default: 24h.",
)
_expires_in = click.option("--expires-in", type=Duration(), help="1d to 730d.")


@group.command("tokens")
@click.argument("id", type=SCIM_CONFIGURATION, metavar="ID_OR_NAME")
@pass_session
def tokens(session: Session, id: str) -> None:
    """List its tokens and client secrets that work, with when each ends and was last used.

    \b
    Examples:
      orgplane scim-configurations tokens "$SCIM_CONFIGURATION_ID"
    """
    found = session.call("ListScimCredentials", scim_configuration_id=id).scim_credentials
    session.show_all([found], _CREDENTIALS)


@group.command("rotate-token", cls=TokenCommand)
@click.argument("id", type=SCIM_CONFIGURATION, metavar="ID_OR_NAME")
@_overlap
@_expires_in
@yes_option
@pass_session
def rotate_token(
    session: Session, id: str, overlap: str | None, expires_in: str | None, yes: bool
) -> None:
    """Create a token beside the one there is, which ends by itself after the overlap. It is shown this once.

    \b
    Examples:
      orgplane scim-configurations rotate-token "$SCIM_CONFIGURATION_ID" --overlap 24h
      orgplane scim-configurations rotate-token "$SCIM_CONFIGURATION_ID" --overlap 0s --yes
    """
    response = _rotated(session, id, "TOKEN", overlap, expires_in, yes)
    _show_token(session, id, response, _credential(response))


@group.command("rotate-client-secret", cls=TokenCommand)
@click.argument("id", type=SCIM_CONFIGURATION, metavar="ID_OR_NAME")
@_overlap
@_expires_in
@yes_option
@pass_session
def rotate_client_secret(
    session: Session, id: str, overlap: str | None, expires_in: str | None, yes: bool
) -> None:
    """Create a client secret, for providers that get access tokens themselves (OAuth 2.0 client credentials).

    One that is there already ends by itself after the overlap. What the provider is to be given is printed; the
    secret is shown this once.

    \b
    Examples:
      orgplane scim-configurations rotate-client-secret "$SCIM_CONFIGURATION_ID"
      orgplane scim-configurations rotate-client-secret "$SCIM_CONFIGURATION_ID" --overlap 0s --expires-in 180d --yes
    """
    response = _rotated(session, id, "CLIENT_SECRET", overlap, expires_in, yes)
    from .data import plain

    url = _base_url(session, _status_or_none(session, id))
    given = {"scim_base_url": url, "token_url": f"{url.removesuffix('/scim/v2')}/oauth2/scim/{id}"}
    record = {**_credential(response), **given, "client_id": id, "client_secret": response.token}
    scripts = {
        **plain(response),
        "scimBaseUrl": url,
        "tokenUrl": given["token_url"],
        "clientId": id,
    }
    session.show_token(response.token, record, scripts)


@group.command("end-token")
@click.argument("id", type=SCIM_CONFIGURATION, metavar="ID_OR_NAME")
@click.argument("credential_id")
@yes_option
@pass_session
def end_token(session: Session, id: str, credential_id: str, yes: bool) -> None:
    """End one of its tokens or client secrets at once, as `tokens` lists them; also the last one.

    \b
    Examples:
      orgplane scim-configurations end-token "$SCIM_CONFIGURATION_ID" "$SCIM_CREDENTIAL_ID" --yes
    """
    session.confirm(
        lambda: (
            f"End the credential {credential_id} of {_described(session, id)}? It dies at once."
        ),
        yes,
    )
    session.call("EndScimCredential", scim_configuration_id=id, scim_credential_id=credential_id)
    session.done(f"credential {credential_id} of SCIM configuration {id}: ended")


@group.command("breaker")
@click.argument("id", type=SCIM_CONFIGURATION, metavar="ID_OR_NAME")
@click.option(
    "--percent",
    type=click.IntRange(0, 99),
    help="Let so many of the active users, and 10 people at least, go within an hour. 0: all.",
)
@pass_session
def breaker(session: Session, id: str, percent: int | None) -> None:
    """Show, or set, how many people its provider may deactivate or delete within an hour, and what is paused.

    \b
    Examples:
      orgplane scim-configurations breaker "$SCIM_CONFIGURATION_ID"
      orgplane scim-configurations breaker "$SCIM_CONFIGURATION_ID" --percent 20
    """
    if percent is None:
        found = session.call("GetScimBreaker", scim_configuration_id=id)
    else:
        found = session.call("UpdateScimBreaker", scim_configuration_id=id, percent=percent)
    session.show(found.scim_breaker)


@group.command("resume")
@click.argument("id", type=SCIM_CONFIGURATION, metavar="ID_OR_NAME")
@yes_option
@pass_session
def resume(session: Session, id: str, yes: bool) -> None:
    """Suspend and remove those whom its breaker has paused, as the provider wanted.

    \b
    Examples:
      orgplane scim-configurations resume "$SCIM_CONFIGURATION_ID" --yes
    """
    session.confirm(lambda: f"Remove {_waiting(session, id)}?", yes)
    done = session.call("ResumeDeprovisioning", scim_configuration_id=id)
    session.done(f"SCIM configuration {id}: {done.count} suspended or removed")


@group.command("discard")
@click.argument("id", type=SCIM_CONFIGURATION, metavar="ID_OR_NAME")
@yes_option
@pass_session
def discard(session: Session, id: str, yes: bool) -> None:
    """Forget what its provider wanted of those whom its breaker has paused. It may ask again.

    \b
    Examples:
      orgplane scim-configurations discard "$SCIM_CONFIGURATION_ID" --yes
    """
    session.confirm(lambda: f"Keep {_waiting(session, id)}?", yes)
    done = session.call("DiscardDeprovisioning", scim_configuration_id=id)
    session.done(f"SCIM configuration {id}: {done.count} stay")


def _waiting(session: Session, id: str) -> str:
    found = session.call("GetScimBreaker", scim_configuration_id=id).scim_breaker
    return f"{found.waiting_count} people whom the provider of {_described(session, id)} wants gone"


def _rotated(
    session: Session, id: str, kind: str, overlap: str | None, expires_in: str | None, yes: bool
) -> Any:
    if overlap is not None and not parse(overlap):
        session.confirm(lambda: f"End all others of {_described(session, id)} at once?", yes)
    return session.call(
        "CreateScimCredential",
        scim_configuration_id=id,
        kind=f"SCIM_CREDENTIAL_KIND_{kind}",
        overlap=overlap,
        expires_in=expires_in,
    )


def _credential(response: Any) -> dict[str, Any]:
    from .table import fields

    return dict(fields(response.scim_credential))


def _show_token(session: Session, id: str, response: Any, record: dict[str, Any]) -> None:
    """The new token, beside what else is entered at the identity provider."""
    from .data import plain

    url = _base_url(session, _status_or_none(session, id))
    session.show_token(
        response.token,
        {**record, "scim_base_url": url, "token": response.token},
        {**plain(response), "scimBaseUrl": url},
    )


def _status_or_none(session: Session, id: str) -> Any:
    """None where it is not shown, and where it cannot be had: the token is there, and must not be lost."""
    if session.flags.output != "token":
        with suppress(OrgplaneError):
            return session.call("GetProvisioningStatus", scim_configuration_id=id).status
    return None


def _base_url(session: Session, status: Any) -> str:
    """As the server says; one that does not know where it is reached, at the address where we reach it."""
    return (status and status.scim_base_url) or f"{session.target.url}/scim/v2"


def _preview_deletion(session: Session, id: str) -> None:
    found = session.call("PreviewScimConfigurationDeletion", scim_configuration_id=id)
    if not session.for_people:
        session.show(found)
        return
    print(f"SCIM configuration {id}: not deleted")
    count = found.reactivated_count
    print(f"it would make {count} member{'' if count == 1 else 's'} active again")
    if found.reactivated:
        session.show_all([found.reactivated], ("user_id", "full_name", "email"))
    print(
        f"{found.suspended_by_administrator_count} would stay suspended, by an administrator "
        "instead of by its provider"
    )


def _get(session: Session, id: str) -> Any:
    return session.call("GetSCIMConfiguration", scim_configuration_id=id).scim_configuration


def _described(session: Session, id: str) -> str:
    name = _get(session, id).name
    return f"SCIM configuration {id}" + (f" ({name})" if name else "")


@group.command("status")
@click.argument("id", type=SCIM_CONFIGURATION, metavar="ID_OR_NAME")
@pass_session
def status(session: Session, id: str) -> None:
    """Show how provisioning fares: users, groups, the token, the latest requests.

    \b
    Examples:
      orgplane scim-configurations status "$SCIM_CONFIGURATION_ID"
    """
    found = session.call("GetProvisioningStatus", scim_configuration_id=id).status
    summary = {**_summary(found), "scim_base_url": _base_url(session, found)}
    session.show(summary if session.for_people else found)
    for warning in (found.token_warning, found.organization_warning):
        if warning is not None:
            tell(f"warning: {warning.message}")


@group.command("requests")
@click.argument("id", type=SCIM_CONFIGURATION, metavar="ID_OR_NAME")
@click.option("--failed", is_flag=True, help="Only those that failed.")
@click.option("--since", type=Instant(), help="At this time or later; 24h is a day ago.")
@click.option("--until", type=Instant(), help="Before this time.")
@click.option("--oldest-first", is_flag=True, help="Default: newest first.")
@click.option("--follow", is_flag=True, help="Show the latest 10, then each as it comes.")
@limit_option
@pass_session
def requests(
    session: Session,
    id: str,
    failed: bool,
    since: str | None,
    until: str | None,
    oldest_first: bool,
    follow: bool,
    limit: int | None,
) -> None:
    """List what the identity provider sent, and how it was answered.

    \b
    Examples:
      orgplane scim-configurations requests "$SCIM_CONFIGURATION_ID"
      orgplane scim-configurations requests "$SCIM_CONFIGURATION_ID" --failed --since 24h
      orgplane scim-configurations requests "$SCIM_CONFIGURATION_ID" --follow --limit 1
    """
    if follow:
        if since or until or oldest_first:
            raise click.UsageError("--follow goes with --failed and --limit only")
        request = {"scimConfigurationId": id, "failed": failed, "recent": 10}
        session.follow(session.api.watch_requests(request, limit), _REQUESTS)
        return
    pages = session.api.pages(
        "ListScimRequests",
        limit,
        scim_configuration_id=id,
        filter={"failed": failed, "since": since, "until": until},
        oldest_first=oldest_first,
    )
    session.show_all(pages, _REQUESTS)


def _summary(status: Any) -> dict[str, Any]:
    from .table import fields, text

    summary = dict(fields(status))
    for name in ("token_warning", "organization_warning"):
        del summary[name]  # told beside the output
    for name in ("last_successful_request", "last_failed_request"):
        if (request := summary[name]) is not None:
            outcome = f"{request.method} {request.path} {request.status} {request.detail}"
            summary[name] = f"{text(request.received_at)} {outcome.rstrip()}"
    summary["pending_deprovisionings"] = [
        f"{text(each.kind)} {each.email or each.name or each.user_id} since {text(each.since)}"
        for each in status.pending_deprovisionings
    ]
    summary["shared_addresses"] = [
        f"{each.email} ({len(each.user_ids)} members)" for each in status.shared_addresses
    ]
    summary["group_roles"] = [
        f"{text(each.role)}, which whoever holds the SCIM token can give to anybody: group {each.principal_name}"
        for each in status.group_roles
    ]
    return summary
