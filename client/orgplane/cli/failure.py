"""How a command fails: an exit status for scripts, and what to do next for people."""

from __future__ import annotations

from enum import IntEnum

from .. import errors


class Exit(IntEnum):
    """Exit statuses, which scripts may rely on."""

    OK = 0
    #: Whatever has no status of its own; a bug in the server among it.
    OTHER = 1
    #: The command line, the profile or an argument is wrong: the same call can never succeed.
    USAGE = 2
    NOT_FOUND = 3
    #: No token, one that is not valid, or one that may not do this.
    DENIED = 4
    #: The server was not reached, is too busy, or did not answer in time.
    UNAVAILABLE = 5
    #: The state of the organization does not allow it, or it exists already.
    REFUSED = 6
    INTERRUPTED = 130


class Failure(errors.OrgplaneError):
    """Something that the command itself found wrong; `hint` says what to do next."""

    def __init__(self, message: str, hint: str = "", status: Exit = Exit.USAGE) -> None:
        super().__init__(message)
        self.hint = hint
        self.status = status


#: The first that fits decides.
_STATUSES: tuple[tuple[type[errors.OrgplaneError], Exit], ...] = (
    (errors.ConfigurationError, Exit.USAGE),
    (errors.InvalidArgumentError, Exit.USAGE),
    (errors.NotFoundError, Exit.NOT_FOUND),
    (errors.UnauthenticatedError, Exit.DENIED),
    (errors.PermissionDeniedError, Exit.DENIED),
    (errors.UnavailableError, Exit.UNAVAILABLE),
    (errors.DeadlineExceededError, Exit.UNAVAILABLE),
    (errors.ResourceExhaustedError, Exit.UNAVAILABLE),
    (errors.FailedPreconditionError, Exit.REFUSED),
    (errors.AlreadyExistsError, Exit.REFUSED),
    (errors.AbortedError, Exit.REFUSED),
)

#: What to do next, by the stable reason, then by the code.
_HINTS = {
    "SCIM_CONFIGURATION_NOT_FOUND": "Those there are: orgplane scim-configurations list",
    "SSO_CONFIGURATION_NOT_FOUND": "Those there are: orgplane sso-configurations list",
    "DOMAIN_VERIFICATION_NOT_FOUND": "Those there are: orgplane domains list",
    "DOMAIN_RECORD_NOT_FOUND": "orgplane domains verify DOMAIN --wait looks again until it is there.",
    "DOMAIN_HELD": "Whoever runs the server can let several organizations hold one domain.",
    "DOMAIN_VERIFIED_BY_OPERATOR": "Ask whoever runs the server: orgplane-server verify-domain --withdraw",
    "TOO_MANY_DOMAINS": "Give one up: orgplane domains remove DOMAIN",
    "INVITE_NOT_FOUND": "An administrator makes one: orgplane invites create",
    "ADDRESS_NOT_PROVEN": "orgplane account prove",
    "CODE_NOT_VALID": "The same without --code mails a new one.",
    "DNS_UNAVAILABLE": "Nothing was done: try again later.",
    "PERSONAL_ACCESS_TOKEN_NOT_FOUND": "Those there are: orgplane tokens list",
    "SERVICE_ACCOUNT_NOT_FOUND": "Those there are: orgplane service-accounts list --suspended",
    "SERVICE_ACCOUNT_TOKEN_NOT_FOUND": "Those there are: orgplane service-accounts tokens list",
    "SERVICE_ACCOUNT_NEEDED": "Say which account: orgplane service-accounts tokens create ID",
    "SERVICE_ACCOUNT_SUSPENDED": "An administrator lets it act again: orgplane service-accounts resume ID",
    "SERVICE_ACCOUNT_ENDED": "Move its end: orgplane service-accounts update ID --valid-until 365d",
    "ORGANIZATION_SUSPENDED": "Whoever runs the server lifts that: orgplane operator organizations resume ID",
    "OPERATOR_NEEDED": "Put an operator token into ORGPLANE_TOKEN: orgplane-server create-operator-token",
    "OPERATOR_OUTSIDE": "An operator token is for orgplane operator alone: orgplane login",
    "USER_NEEDED": "Use a token of your own: orgplane login",
    "AUDIT_LOG_ENTRY_NOT_FOUND": "Those there are: orgplane audit-logs list",
    "USER_NOT_FOUND": "Those there are: orgplane members list",
    "SSO_CONFIGURATION_IN_USE": "Unlink first: orgplane scim-configurations update {id} --unlink",
    "SUSPENDED_BY_PROVIDER": "Reactivate them at the identity provider. Only if it is no longer used: "
    "orgplane scim-configurations delete {id} --dry-run tells what deleting it would do.",
    "LAST_ADMINISTRATOR": "Another token of your own: orgplane tokens create. "
    "Another administrator, who needs a token too: orgplane members set-role ID admin",
    "TOKEN_READ_ONLY": "Use a token that may write: orgplane tokens create",
    "USER_SUSPENDED": "The member is suspended: another token does not help. Ask an administrator, "
    "or whoever runs the server: orgplane-server create-token",
    "EVENTS_PURGED": "Start without --after, once you have taken stock of what is there.",
    "unauthenticated": "Give a valid token in ORGPLANE_TOKEN, or store one: orgplane login",
    "permission_denied": "Ask an administrator of the organization, or use another token.",
    "SERVER_STOPPING": "Nothing was done: try again.",
    "OVERLOADED": "Nothing was done: try again later.",
    "unavailable": "Try again later; a change may have been made all the same, so look first.",
    "RATE_LIMITED": "Nothing was done: try again later, and look for a program that asks for much at once or keeps sending a bad token.",
    "resource_exhausted": "Try again later, or send less.",
    "deadline_exceeded": "It may have taken effect all the same. --timeout gives it longer.",
    "unimplemented": "The server does not have this call: it is older, or the URL is another's. "
    "--url, ORGPLANE_URL or a profile say where it is.",
}


_CERTIFICATE_HINTS = {
    "server": "--ca FILE or ORGPLANE_CA say which authority to trust; the certificate is for whoever runs the "
    "server to change.",
    "client": "--client-cert FILE and --client-key FILE give one, or ORGPLANE_CLIENT_CERT and ORGPLANE_CLIENT_KEY; "
    "whoever runs the server says who issues it.",
}


def status(error: errors.OrgplaneError) -> Exit:
    if isinstance(error, Failure):
        return error.status
    if isinstance(error, errors.APIError) and error.reason == "REQUEST_TOO_LARGE":
        return Exit.USAGE
    return next((found for kind, found in _STATUSES if isinstance(error, kind)), Exit.OTHER)


def hint(error: errors.OrgplaneError, url: str = "", again: str = "") -> str:
    """What to do next, in one line; empty where there is nothing to say.

    `url` is what was called, with the token of a session that the command `again` renews, if it is not empty.
    """
    if isinstance(error, Failure):
        return error.hint
    if isinstance(error, errors.CertificateError):
        return _CERTIFICATE_HINTS[error.whose]
    if isinstance(error, errors.NotReachedError):
        return f"Is a server running at {url}? --url, ORGPLANE_URL or a profile say where."
    if not isinstance(error, errors.APIError):
        return ""
    if again and error.reason in ("TOKEN_UNKNOWN", "TOKEN_EXPIRED"):
        return f"The session has ended. Sign in again: {again}"
    found = _HINTS.get(error.reason) or _HINTS.get(error.code)
    if found:
        linked, _, _ = error.metadata.get("scim_configuration_ids", "ID").partition(",")
        return found.format(id=linked)
    refused = error.reason or isinstance(error, errors.InvalidArgumentError)
    if refused or not error.request_id:
        return ""
    return f"The server's log tells more under the request id {error.request_id}."
