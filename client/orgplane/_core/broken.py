"""Why there is no connection, or none any more, in words that name the cause."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import urlsplit

from pyqwest import StreamError, StreamErrorCode

from .. import errors
from .options import Options

_PEER = re.compile(r"invalid peer certificate: (.*)", re.DOTALL)
_ALERT = re.compile(r"received fatal alert: (\w+)")
_NAMES = re.compile(r'valid for name "([^"]*)"(?:.*only valid for (.*))?', re.DOTALL)
_MOMENT = re.compile(r"not valid (?:after|before) (\d+)")

#: How servers turn down a client that has shown no certificate. Only TLS 1.3 has the first.
_WANTED = frozenset({"CertificateRequired", "HandshakeFailure", "NoCertificate"})
#: And one that has.
_REFUSED = {
    "UnknownCA": "its issuer is not trusted there",
    "CertificateExpired": "it has expired",
    "CertificateRevoked": "it is revoked",
    "BadCertificate": "it is not accepted",
    "CertificateUnknown": "it is not accepted",
    "UnsupportedCertificate": "it is not of a kind that is accepted",
    "AccessDenied": "it has no access",
    "DecryptError": "its signature is wrong",
    "HandshakeFailure": "it is not accepted",
}


def connection_error(cause: Exception, options: Options) -> errors.APIConnectionError:
    """Our error for what the HTTP library says of a connection."""
    text = str(cause)
    via = options.via
    if peer := _PEER.search(text):
        return errors.CertificateError(
            f"the server's certificate is not accepted: {_distrust(peer[1], options)}{via}"
        )
    if alert := _ALERT.search(text):
        if not options.certificates.own and alert[1] in _WANTED:
            return errors.CertificateError(
                f"the server asks for a client certificate, and none was given{via}", whose="client"
            )
        if options.certificates.own and alert[1] in _REFUSED:
            return errors.CertificateError(
                f"the server refuses the client certificate ({options.certificates.own}): "
                f"{_REFUSED[alert[1]]}{via}",
                whose="client",
            )
    why = _why(text, options) + via
    if _never_sent(cause):
        return errors.NotReachedError(f"the server was not reached: {why}")
    return errors.AnswerLostError(f"the server's answer was lost: {why}")


def _distrust(text: str, options: Options) -> str:
    """What is wrong with the server's certificate."""
    if "UnknownIssuer" in text:
        trusted = "those given as ca" if options.certificates.ca else "the public ones"
        return f"its issuer is none of the trusted authorities, which are {trusted}"
    if "CaUsedAsEndEntity" in text:
        return (
            "it is a certificate authority's own, which cannot be a server's at once; the server needs one "
            "that an authority has signed"
        )
    if (moment := _MOMENT.search(text)) is not None:
        when = datetime.fromtimestamp(int(moment[1]), UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        if "expired" in text:
            return f"it expired at {when}"
        return f"it is not valid before {when}; is the clock of this machine right?"
    if (names := _NAMES.search(text)) is not None:
        known = re.findall(r'"([^"]*)"|IpAddress\(([^)]*)\)', names[2] or "")
        valid = ", ".join(domain or address for domain, address in known)
        return f"it is not for {names[1]}" + (f", only for {valid}" if valid else "")
    return text.removeprefix("Other(OtherError(").rstrip(")")


def _why(text: str, options: Options) -> str:
    if "dns error" in text:
        host = options.proxy.host if options.proxy else urlsplit(options.url).hostname
        return f"{host} has no address"
    if "proxy authorization required" in text:
        return "the proxy asks for a user and a password"
    if "tunnel error: unsuccessful" in text:
        return "the proxy does not connect to it"
    if "channel closed" in text:  # over HTTP/2 the library keeps the alert to itself
        return "the connection was closed" + _suspicion(options)
    if "corrupt message" in text:
        return "what answers there speaks no TLS; is it http:// instead of https://?"
    return text.rpartition(": ")[2] or text


def _suspicion(options: Options) -> str:
    if not options.url.startswith("https:"):
        return ""
    if options.certificates.own:
        return f"; the server may refuse the client certificate ({options.certificates.own})"
    return "; the server may ask for a client certificate, and none was given"


def _never_sent(cause: Exception) -> bool:
    """Whether no connection was made, or the server has refused the stream unseen (RFC 9113, section 8.7)."""
    if isinstance(cause, StreamError):
        return cause.code is StreamErrorCode.REFUSED_STREAM
    return isinstance(cause, ConnectionError)
