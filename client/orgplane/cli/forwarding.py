"""Posting events to a server of a developer's, signed as webhooks are."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
import urllib.error
import urllib.request
from typing import Any

from .failure import Failure

_PREFIX = "whsec_"
_SECRET_BYTES = 32
_SECONDS = 15.0
#: How types of events are called where the API's name of the resource is another.
_NAMES = {"sso_config": "sso_configuration", "webhook": "webhook_endpoint"}


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """A redirect is an answer, as for webhooks."""


def new_secret() -> str:
    return _PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode("ascii")


def event_type(event: Any) -> tuple[str, str]:
    """The type of resource, and what was done to it: `user`, `user.update`."""
    resource = event.resource_type.name.lower()
    resource = _NAMES.get(resource, resource)
    return resource, f"{resource}.{event.operation.name.lower()}"


class Forwarding:
    """Raises Failure for a secret that is none, and for a URL that is none of the web."""

    def __init__(self, url: str, secret: str) -> None:
        if not url.startswith(("http://", "https://")):
            raise Failure(f"--forward-to: expected for example http://127.0.0.1:3000, not {url!r}")
        try:
            self._key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
        except ValueError:
            raise Failure("the secret: expected whsec_ and base64") from None
        self._url = url
        # No proxy of the environment: mostly it is this machine.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects)

    def post(self, event: Any) -> str:
        """The status that came back, or why there is none."""
        body = event.to_json(always_emit_implicit=True).encode()
        timestamp = str(int(time.time()))
        signed = b".".join((event.id.encode(), timestamp.encode(), body))
        signature = base64.b64encode(hmac.digest(self._key, signed, hashlib.sha256)).decode("ascii")
        request = urllib.request.Request(  # noqa: S310 (its scheme was looked at)
            self._url,
            body,
            {
                "content-type": "application/json",
                "webhook-id": event.id,
                "webhook-timestamp": timestamp,
                "webhook-signature": f"v1,{signature}",
            },
        )
        try:
            with self._opener.open(request, timeout=_SECONDS) as answer:
                return str(answer.status)
        except urllib.error.HTTPError as error:
            return str(error.code)
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            return getattr(reason, "strerror", None) or str(reason)
