"""`orgplane domains`"""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain
from typing import Any
from uuid import UUID

import click

from .. import errors
from .._core.durations import parse
from .command import Duration, Group, limit_option, yes_option
from .failure import Exit, Failure
from .session import Session, pass_session, tell

_COLUMNS = ("id", "domain", "state", "verified_by", "verified_at", "created_at")
#: What a wait goes on for: the record may come, and DNS may answer again.
_WAITED_FOR = frozenset({"DOMAIN_RECORD_NOT_FOUND", "DNS_UNAVAILABLE"})
#: Seconds before the first look more; twice as long before each that follows, up to the longest.
_SHORTEST_WAIT, _LONGEST_WAIT = 1.0, 15.0


@click.group(cls=Group)
def group() -> None:
    """Domains that the organization proves to be its own, by a TXT record in DNS. Administrators only.

    A proven domain licenses linking members by their e-mail address, where an SSO configuration has it among its
    e-mail domains. The record has to stay: it is looked up every day.
    """


@group.command("add")
@click.argument("domain")
@pass_session
def create(session: Session, domain: str) -> None:
    """Claim a domain, and print the record to publish in its DNS.

    \b
    Examples:
      orgplane domains add acme.com
      orgplane domains add mail.acme.com --output json
    """
    response = session.call(
        "CreateDomainVerification", organization_id=session.organization_id, domain=domain
    )
    claim = response.domain_verification
    if not session.for_people:
        session.show(claim)
        return
    from .table import align, write

    record = _status(session, claim)
    label, _, _ = record.record_name.partition(".")
    print(f"{claim.domain}: claimed. Publish this record in its DNS, and leave it there:")
    write(
        align(
            [
                ("  type", "TXT"),
                ("  name", record.record_name),
                ("  value", record.record_value),
            ]
        )
    )
    print(f"Where the DNS host adds {claim.domain} to names by itself, the name is {label}")
    print(f"Then: orgplane domains verify {claim.domain} --wait")


@group.command("verify")
@click.argument("domain", metavar="DOMAIN|ID")
@click.option("--wait", is_flag=True, help="Look again and again until the record is there.")
@click.option("--for", "at_most", type=Duration(), help="How long at most. Default: 1h.")
@pass_session
def verify(session: Session, domain: str, wait: bool, at_most: str | None) -> None:
    """Have the record looked up now: the domain is proven if it is there.

    \b
    Examples:
      orgplane domains verify example.com
      orgplane domains verify example.com --wait --for 30m
    """
    if at_most is not None and not wait:
        raise click.UsageError("--for: says how long to --wait")
    id = _id(session, domain)
    deadline = time.monotonic() + parse(at_most or "1h").total_seconds()
    told, pause = "", _SHORTEST_WAIT
    while True:
        try:
            claim = session.call("VerifyDomain", domain_verification_id=id).domain_verification
        except errors.APIError as error:
            if not wait or error.reason not in _WAITED_FOR or time.monotonic() > deadline:
                raise
            if error.message != told:
                tell(told := error.message)
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_WAIT)
        else:
            break
    session.show(_with_status(session, claim) if session.for_people else claim)


@group.command("list")
@limit_option
@pass_session
def list_(session: Session, limit: int | None) -> None:
    """List them, oldest first, with a warning for each proven one whose record is missing.

    \b
    Examples:
      orgplane domains list
      orgplane domains list --output json
    """
    claims = _claims(session, limit)
    if not session.for_people:
        session.show_all(claims, _COLUMNS)
        return
    pages = [[_with_status(session, claim) for claim in page] for page in claims]
    session.show_all(pages, _COLUMNS)
    for claim in chain.from_iterable(pages):
        _warn(claim)


@group.command("get")
@click.argument("domain", metavar="DOMAIN|ID")
@pass_session
def get(session: Session, domain: str) -> None:
    """Show a claim, the record that proves it, and how that stands.

    \b
    Examples:
      orgplane domains get example.com
      orgplane domains get example.com --output json
    """
    id = _id(session, domain)
    claim = session.call("GetDomainVerification", domain_verification_id=id).domain_verification
    if session.for_people:
        shown = _with_status(session, claim)
        session.show(shown)
        _warn(shown)
    else:
        session.show({"domainVerification": claim, "status": _status(session, claim)})


@group.command("remove")
@click.argument("domain", metavar="DOMAIN|ID")
@yes_option
@pass_session
def remove(session: Session, domain: str, yes: bool) -> None:
    """Give a domain up, proven or not. Members who were linked by it stay linked.

    \b
    Examples:
      orgplane domains remove former.com --yes
    """
    id = _id(session, domain)
    session.confirm(lambda: f"Give up the domain {domain}?", yes)
    session.call("DeleteDomainVerification", domain_verification_id=id)
    session.done(f"domain {domain}: given up")


def _claims(session: Session, limit: int | None = None) -> Iterator[Sequence[Any]]:
    return session.api.pages(
        "ListDomainVerifications", limit, organization_id=session.organization_id
    )


def _id(session: Session, domain: str) -> str:
    """Of the claim of a domain, or as it is given."""
    with suppress(ValueError):
        return str(UUID(domain))
    name = unicodedata.normalize("NFKC", domain).lower().rstrip(".")
    for page in _claims(session):
        for claim in page:
            if name in (claim.domain, _spelled(claim.domain)):
                return str(claim.id)
    raise Failure(
        f"the organization does not claim {domain}",
        "Those it does, as DNS spells them: orgplane domains list",
        status=Exit.NOT_FOUND,
    )


def _spelled(domain: str) -> str:
    """As people write it: `straße.de` of `xn--strae-oqa.de`."""
    return ".".join(
        label[4:].encode().decode("punycode") if label.startswith("xn--") else label
        for label in domain.split(".")
    )


def _status(session: Session, claim: Any) -> Any:
    return session.call("GetDomainVerificationStatus", domain_verification_id=claim.id).status


def _with_status(session: Session, claim: Any) -> dict[str, Any]:
    """For people: all that is known of a claim, once."""
    from .table import fields

    shown = dict(fields(claim))
    with suppress(errors.NotFoundError):  # gone meanwhile
        shown |= dict(fields(_status(session, claim)))
    for name in ("domain_verification_id", "verification_token"):  # as `id` and `record_value`
        shown.pop(name, None)
    return shown


def _warn(claim: dict[str, Any]) -> None:
    """Says what is to be put right; scripts ask GetDomainVerificationStatus."""
    if claim.get("absent_since") is None:
        return
    from .table import text

    tell(
        f"warning: {claim['domain']}: its record is missing since {text(claim['absent_since'])}; publish TXT "
        f"{claim['record_name']} {claim['record_value']}, or it is proven no more after {text(claim['revoked_after'])}"
    )
