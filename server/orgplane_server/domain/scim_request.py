"""A request of an identity provider as its administrators see it: what came, and how it was answered."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from .expiry import ExpiryWarning
from .identifier import OrganizationId, ScimConfigurationId, ScimCredentialId, ScimRequestId
from .json_document import MalformedJSON, check_shape
from .membership import SharedAddress
from .redaction import redacted, redacted_query, redacted_text
from .role import Told
from .scim_user import Wish
from .text import fitting
from .user import User

DEFAULT_RETENTION = timedelta(days=30)
#: Requests that are kept of each configuration.
DEFAULT_MAXIMUM = 10_000
#: From here on an HTTP status says that the request failed.
FAILED = 400
UNAUTHORIZED = 401
#: Larger bodies are not kept at all: what is in them could not be told for certain.
MAX_BODY_BYTES = 64 * 1024

_MAX_METHOD = 16
_MAX_PATH = 2048
_MAX_DETAIL = 1024
_MAX_USER_AGENT = 512
_MAX_BODY = 16_384


@dataclass(frozen=True, slots=True)
class ScimRequest:
    """`path` has the query; bodies are empty unless they are kept. Nothing in it is a secret.

    `credential_id` and `credential` are the credential's that it bore, and how that is shown: None and empty if it is of before those were
    kept. `remark` says what was not done of a request that succeeded. `sequence` is where it stands among all requests, given by the store; 0 before that.
    """

    id: ScimRequestId
    organization_id: OrganizationId
    scim_configuration_id: ScimConfigurationId
    received_at: datetime
    duration: timedelta
    method: str
    path: str
    status: int
    detail: str
    scim_type: str
    user_agent: str
    request_id: str
    peer: str
    request_body: str
    response_body: str
    remark: str = ""
    credential_id: ScimCredentialId | None = None
    credential: str = ""
    sequence: int = 0

    @property
    def failed(self) -> bool:
        return self.status >= FAILED


@dataclass(frozen=True, slots=True)
class ProvisioningStatus:
    """How provisioning through a configuration fares, as far back as its requests are kept.

    `scim_base_url` is what its provider is to be given; empty if the server was not told where it is reached.
    `group_roles` are of its provider's groups.
    """

    scim_configuration_id: ScimConfigurationId
    enabled: bool
    linked: bool
    token_expires_at: datetime
    token_last_used_at: datetime | None
    user_count: int
    group_count: int
    last_successful: ScimRequest | None
    last_failed: ScimRequest | None
    token_warning: ExpiryWarning | None
    organization_warning: ExpiryWarning | None
    shared_addresses: Sequence[SharedAddress]
    pending: Sequence[PendingDeprovisioning]
    scim_base_url: str
    group_roles: Sequence[Told]


@dataclass(frozen=True, slots=True)
class PendingDeprovisioning:
    """A member of whom the provider wants what was refused as long as nobody else can act."""

    member: User
    wish: Wish
    since: datetime


def method(text: str) -> str:
    return fitting(text, _MAX_METHOD)


def path(raw: bytes, query: bytes) -> str:
    """An address as it was sent, secrets excepted."""
    text = redacted_text(_text(raw))
    if query:
        text += f"?{redacted_query(_text(query))}"
    return fitting(text, _MAX_PATH)


def user_agent(raw: bytes) -> str:
    return fitting(redacted_text(raw.decode("latin-1")), _MAX_USER_AGENT)


def error(body: bytes) -> tuple[str, str]:
    """The `detail` and `scimType` of an error (RFC 7644, section 3.12); empty if it is none."""
    document = _parsed(body)
    if not isinstance(document, dict):
        return "", ""
    detail, scim_type = document.get("detail") or "", document.get("scimType") or ""
    return fitting(redacted_text(str(detail)), _MAX_DETAIL), fitting(str(scim_type), _MAX_DETAIL)


def remark(remarks: Iterable[str]) -> str:
    return fitting(redacted_text("; ".join(remarks)), _MAX_DETAIL)


def body(content: bytes, size: int) -> str:
    """What is kept of a body of `size` bytes, of which `content` is all or the beginning."""
    if not size:
        return ""
    if size > len(content) or size > MAX_BODY_BYTES:
        return f"({size} bytes, too many to keep)"
    document = _parsed(content)
    if document is None:
        return f"({size} bytes that are not JSON)"
    if not isinstance(document, dict | list):  # nothing in it says what it is
        return f"({size} bytes of JSON that are neither an object nor a list)"
    try:
        check_shape(content.decode(errors="replace"), MAX_BODY_BYTES)
        return fitting(json.dumps(redacted(document), ensure_ascii=False), _MAX_BODY)
    except (MalformedJSON, RecursionError):  # the latter for JSON inside its strings
        return f"({size} bytes of JSON, nested too deep to keep)"


def _parsed(content: bytes) -> object:
    """None for what is no JSON document, or one that nobody should have to take apart."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _text(raw: bytes) -> str:
    return quote(raw, safe="!#$%&'()*+,/:;=?@[]~\"\\^`{|}<> ")
