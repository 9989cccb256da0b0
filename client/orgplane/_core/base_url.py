"""The URL of a server, which the names of RPCs are appended to."""

from __future__ import annotations

from urllib.parse import urlsplit

from ..errors import ConfigurationError


def base_url(text: str) -> str:
    """As it is called, with the scheme in lower case and without blanks around it or slashes at its end.

    Raises ConfigurationError, which repeats nothing of it, for what is no such URL.
    """
    text = text.strip()
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and parts.port != 0
        good = good and bool(parts.hostname) and "%" not in str(parts.hostname)
    except ValueError:
        good = False
    if not good or not text.isprintable() or " " in text:
        raise ConfigurationError("url: expected http://host:port or https://host:port")
    if "@" in parts.netloc:
        raise ConfigurationError("url: has a user or a password, which would not be sent")
    if "?" in text or "#" in text:
        raise ConfigurationError("url: has a query or a fragment, which would not be sent")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
