"""`orgplane sso-configurations`"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import click

from .. import errors
from . import secret
from .command import Group, Instant, limit_option, yes_option
from .failure import Exit, Failure
from .names import SSO_CONFIGURATION
from .session import Session, pass_session, tell

_COLUMNS = ("id", "display_name", "state", "issuer_url", "client_id", "email_domains")
_SIGN_INS = ("attempted_at", "refusal", "subject", "email", "user_id", "peer", "omitted", "detail")
_SECRET_HELP = "File that holds it; - for standard input (a hidden prompt on a terminal)."
_BINDING_CLAIM_HELP = (
    "What SCIM's externalId is compared with at the first sign-in: sub, oid, or another."
)
_client_authentication_option = click.option(
    "--client-authentication",
    type=click.Choice(["client_secret", "private_key_jwt"]),
    help="How the provider knows the server: by the client secret (default), or by JWTs that it signs (RFC 7523).",
)


@click.group(cls=Group)
def group() -> None:
    """SSO configurations: an organization's OpenID Connect providers. Administrators only.

    Members sign in through active ones, at /login/sso/ID of the server. SCIM configurations link to them.
    """


@group.command("list")
@limit_option
@pass_session
def list_(session: Session, limit: int | None) -> None:
    """List them, oldest first, with a warning for what can never work.

    \b
    Examples:
      orgplane sso-configurations list
      orgplane sso-configurations list --output yaml
    """
    pages: Iterator[Sequence[Any]] = session.api.pages(
        "ListSSOConfigurations", limit, organization_id=session.organization_id
    )
    shown: list[str] = []

    def seen() -> Iterator[Sequence[Any]]:
        for page in pages:
            shown.extend(configuration.id for configuration in page)
            yield page

    session.show_all(seen(), _COLUMNS)
    _warn(session, shown)


@group.command("get")
@click.argument("id", type=SSO_CONFIGURATION, metavar="ID_OR_NAME")
@pass_session
def get(session: Session, id: str) -> None:
    """Show one, with a warning for what can never work. Its client secret is never shown.

    \b
    Examples:
      orgplane sso-configurations get "$SSO_CONFIGURATION_ID"
      orgplane sso-configurations get "$SSO_CONFIGURATION_ID" --output json
    """
    session.show(_get(session, id))
    _warn(session, [id])


@group.command("create")
@click.option("--issuer-url", required=True, metavar="URL", help="The provider's issuer: https.")
@click.option("--client-id", required=True, help="What the provider calls this application.")
@click.option(
    "--client-secret-file", default="-", metavar="FILE", help=f"{_SECRET_HELP} Default: -."
)
@click.option(
    "--email-domain", "email_domains", multiple=True, metavar="DOMAIN", help="May be repeated."
)
@click.option("--display-name", help="What people see on the button.")
@click.option(
    "--additional-scope",
    "additional_scopes",
    multiple=True,
    metavar="SCOPE",
    help="Beside openid, profile and email. May be repeated.",
)
@click.option(
    "--claims-expression",
    metavar="CEL",
    help="Who may sign in: over `claims`, giving a bool. Compiled at once.",
)
@click.option(
    "--binding-claim",
    metavar="CLAIM",
    help=f"{_BINDING_CLAIM_HELP} Default: sub.",
)
@_client_authentication_option
@pass_session
def create(
    session: Session,
    issuer_url: str,
    client_id: str,
    client_secret_file: str,
    email_domains: tuple[str, ...],
    display_name: str | None,
    additional_scopes: tuple[str, ...],
    claims_expression: str | None,
    binding_claim: str | None,
    client_authentication: str | None,
) -> None:
    """Create one, inactive until an update activates it.

    \b
    Examples:
      orgplane sso-configurations create --issuer-url https://idp.example.com \\
          --client-id orgplane --client-secret-file client-secret --email-domain example.com
      pass idp/orgplane | orgplane sso-configurations create \\
          --issuer-url https://idp.example.com --client-id orgplane --display-name Okta \\
          --claims-expression 'claims.email_verified && "staff" in claims.groups'
      orgplane sso-configurations create --issuer-url https://idp.example.com \\
          --client-id orgplane --client-secret-file client-secret --binding-claim oid
    """
    response = session.call(
        "CreateSSOConfiguration",
        client_secret=secret.read(client_secret_file, "client secret"),
        organization_id=session.organization_id,
        client_id=client_id,
        issuer_url=issuer_url,
        email_domains=email_domains,
        display_name=display_name,
        additional_scopes=additional_scopes,
        claims_expression=claims_expression,
    )
    made = response.sso_configuration
    session.show(made)
    if binding_claim is not None or client_authentication is not None:
        try:
            _bind(session, made.id, {}, binding_claim, client_authentication, False)
        except errors.OrgplaneError:
            tell(
                f"SSO configuration {made.id} is there, and goes by the claim sub and the client secret"
            )
            raise
    if session.for_people:
        if client_authentication == "private_key_jwt":
            tell(f"register this JWKS URL with the provider: {_jwks_uri(session, made.id)}")
        tell(f"register this redirect URI with the provider: {_redirect_uri(session, made.id)}")
        tell(f"then ask what it says: orgplane sso-configurations test {made.id}")


@group.command("test")
@click.argument("id", type=SSO_CONFIGURATION, metavar="ID_OR_NAME")
@pass_session
def test(session: Session, id: str) -> None:
    """Ask the provider whether members could sign in, and say what to put right.

    The provider gets the client secret, and sees a sign-in that fails. The exit status is 1 if something is wrong.

    \b
    Examples:
      orgplane sso-configurations test "$SSO_CONFIGURATION_ID" || true
      orgplane sso-configurations test "$SSO_CONFIGURATION_ID" --output json || true
    """
    checks = session.call("TestSsoConfiguration", sso_configuration_id=id).checks
    session.show_all([checks], ("outcome", "check", "description"))
    remedies = [each for each in checks if each.remedy]
    if session.for_people:
        from .table import printable

        for each in remedies:
            tell(printable(f"{each.check}: {each.remedy}"))
    if any(each.outcome.name == "WRONG" for each in checks):
        raise Failure("members cannot sign in before that is put right", status=Exit.OTHER)


@group.command("update", apart=("--additional-scope", "--clear-additional-scopes"))
@click.argument("id", type=SSO_CONFIGURATION, metavar="ID_OR_NAME")
@click.option("--issuer-url", metavar="URL", help="A new issuer.")
@click.option("--client-id", help="A new client id.")
@click.option("--client-secret-file", metavar="FILE", help=f"A new secret. {_SECRET_HELP}")
@click.option(
    "--activate/--deactivate",
    "active",
    default=None,
    help="Whether members can sign in with it. SCIM goes on in either case.",
)
@click.option(
    "--claim",
    "claims",
    multiple=True,
    metavar="NAME=VALUE",
    help="Claims to ask for, instead of those before. May be repeated.",
)
@click.option(
    "--email-domain",
    "email_domains",
    multiple=True,
    metavar="DOMAIN",
    help="Domains, instead of those before. May be repeated.",
)
@click.option("--display-name", help="A new name; '' clears it.")
@click.option(
    "--additional-scope",
    "additional_scopes",
    multiple=True,
    metavar="SCOPE",
    help="Scopes, instead of those before. May be repeated.",
)
@click.option("--clear-additional-scopes", is_flag=True, help="Ask for no further scopes.")
@click.option("--claims-expression", metavar="CEL", help="A new expression; '' clears it.")
@click.option(
    "--binding-claim",
    metavar="CLAIM",
    help=_BINDING_CLAIM_HELP,
)
@_client_authentication_option
@click.option(
    "--rebind",
    is_flag=True,
    help="With another issuer, client or binding claim: end the bindings and sessions of members.",
)
@pass_session
def update(
    session: Session,
    id: str,
    issuer_url: str | None,
    client_id: str | None,
    client_secret_file: str | None,
    active: bool | None,
    claims: tuple[str, ...],
    email_domains: tuple[str, ...],
    display_name: str | None,
    additional_scopes: tuple[str, ...],
    clear_additional_scopes: bool,
    claims_expression: str | None,
    binding_claim: str | None,
    client_authentication: str | None,
    rebind: bool,
) -> None:
    """Change what is given and leave the rest, then say what changed.

    \b
    Examples:
      orgplane sso-configurations update "$SSO_CONFIGURATION_ID" --activate
      orgplane sso-configurations update "$SSO_CONFIGURATION_ID" --display-name '' \\
          --additional-scope groups --claim department=https://claims.example.com/department
      orgplane sso-configurations update "$SSO_CONFIGURATION_ID" --client-secret-file client-secret
      orgplane sso-configurations update "$SSO_CONFIGURATION_ID" --binding-claim oid --rebind
      orgplane sso-configurations update "$SSO_CONFIGURATION_ID" --client-authentication private_key_jwt
    """
    changes: dict[str, Any] = {
        "issuer_url": issuer_url,
        "client_id": client_id,
        "state": _state(active),
        "claims": dict(map(_claim, claims)) or None,
        "email_domains": email_domains or None,
        "display_name": display_name,
        "additional_scopes": (
            {"scopes": additional_scopes} if additional_scopes or clear_additional_scopes else None
        ),
        "claims_expression": claims_expression,
    }
    session.require_some(
        {
            **changes,
            "client_secret": client_secret_file,
            "binding_claim": binding_claim,
            "client_authentication": client_authentication,
        }
    )
    if client_secret_file is not None:
        changes["client_secret"] = secret.read(client_secret_file, "client secret")
    before = _get(session, id) if session.for_people else None
    if binding_claim is not None or client_authentication is not None or rebind:
        _bind(session, id, changes, binding_claim, client_authentication, rebind)
        if session.for_people and client_authentication == "private_key_jwt":
            tell(f"register this JWKS URL with the provider: {_jwks_uri(session, id)}")
        if all(value is None for value in changes.values()):
            by = f"finds members by the claim {binding_claim}" if binding_claim else "updated"
            session.done(f"SSO configuration {id}: {by}")
            return
    session.call("UpdateSSOConfiguration", sso_configuration_id=id, **changes)
    session.show_change(f"SSO configuration {id}", changes, before, _get(session, id))


@group.command("sign-ins")
@click.argument("id", type=SSO_CONFIGURATION, metavar="ID_OR_NAME")
@click.option("--failed", is_flag=True, help="Only refusals.")
@click.option("--since", type=Instant(), help="At this time or later; 24h is a day ago.")
@click.option("--until", type=Instant(), help="Before this time.")
@click.option("--oldest-first", is_flag=True, help="Default: newest first.")
@click.option("--follow", is_flag=True, help="Show the latest 10, then each as it is made.")
@limit_option
@pass_session
def sign_ins(
    session: Session,
    id: str,
    failed: bool,
    since: str | None,
    until: str | None,
    oldest_first: bool,
    follow: bool,
    limit: int | None,
) -> None:
    """List who signed in and who was refused, and why.

    \b
    Examples:
      orgplane sso-configurations sign-ins "$SSO_CONFIGURATION_ID"
      orgplane sso-configurations sign-ins "$SSO_CONFIGURATION_ID" --failed --since 24h
    """
    if follow:
        if since or until or oldest_first:
            raise click.UsageError("--follow goes with --failed and --limit only")
        request = {"ssoConfigurationId": id, "failed": failed, "recent": 10}
        session.follow(session.api.watch_sign_ins(request, limit), _SIGN_INS)
        return
    pages = session.api.pages(
        "ListSignInAttempts",
        limit,
        sso_configuration_id=id,
        filter={"failed": failed, "since": since, "until": until},
        oldest_first=oldest_first,
    )
    session.show_all(pages, _SIGN_INS)


@group.command("delete")
@click.argument("id", type=SSO_CONFIGURATION, metavar="ID_OR_NAME")
@yes_option
@pass_session
def delete(session: Session, id: str, yes: bool) -> None:
    """Delete one, which no SCIM configuration may link to.

    \b
    Examples:
      orgplane sso-configurations delete "$UNLINKED_SSO_CONFIGURATION_ID" --yes
    """
    session.confirm(lambda: f"Delete {_described(session, id)}?", yes)
    session.call("DeleteSSOConfiguration", sso_configuration_id=id)
    session.done(f"SSO configuration {id}: deleted")


def _bind(
    session: Session,
    id: str,
    changes: dict[str, Any],
    claim: str | None,
    authentication: str | None,
    rebind: bool,
) -> None:
    """What says who somebody is, first and at once."""
    names = ("issuer_url", "client_id", "client_secret")
    ended = session.call(
        "UpdateSsoConfigurationBinding",
        sso_configuration_id=id,
        binding_claim=claim,
        client_authentication=None
        if authentication is None
        else f"CLIENT_AUTHENTICATION_{authentication.upper()}",
        rebind=rebind,
        **{name: changes.get(name) for name in names},
    ).ended_bindings
    if ended:
        tell(f"{ended} members are bound anew when they sign in; their sessions have ended")


def _jwks_uri(session: Session, id: str) -> str:
    """Where the server's public keys are; of this URL if the server does not know its own."""
    status = session.call("GetSsoConfigurationStatus", sso_configuration_id=id).status
    return status.jwks_uri or f"{session.target.url}/oauth2/jwks"


def _redirect_uri(session: Session, id: str) -> str:
    """Where the provider sends browsers back to; of this URL if the server does not know its own."""
    status = session.call("GetSsoConfigurationStatus", sso_configuration_id=id).status
    return status.redirect_uri or f"{session.target.url}/sso/callback/{id}"


def _get(session: Session, id: str) -> Any:
    return session.call("GetSSOConfiguration", sso_configuration_id=id).sso_configuration


def _warn(session: Session, ids: Sequence[str]) -> None:
    """Says what is stored and can never work, or not yet; scripts ask GetSsoConfigurationStatus."""
    if not session.for_people:
        return
    from .table import printable

    for id in ids:
        try:
            status = session.call("GetSsoConfigurationStatus", sso_configuration_id=id).status
        except (errors.UnimplementedError, errors.NotFoundError):  # an older server; gone meanwhile
            continue
        for fault in status.faults:
            tell(f"warning: {id}: {printable(f'{fault.field}: {fault.description}')}")
        for domain in map(printable, status.unproven_email_domains):
            tell(
                f"warning: {id}: {domain} is not proven, and licenses nothing: orgplane domains add {domain}"
            )


def _described(session: Session, id: str) -> str:
    configuration = _get(session, id)
    return f"SSO configuration {id} ({configuration.display_name or configuration.issuer_url})"


def _state(active: bool | None) -> str | None:
    if active is None:
        return None
    return f"SSO_CONFIGURATION_STATE_{'ACTIVE' if active else 'INACTIVE'}"


def _claim(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise click.UsageError(f"--claim: expected NAME=VALUE, not {text!r}")
    return name, value
