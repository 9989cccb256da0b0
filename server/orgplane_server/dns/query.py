"""One question to DNS. Imports dnspython, which takes a moment."""

from __future__ import annotations

from collections.abc import Sequence

import dns.asyncresolver
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.nameserver
import dns.rdatatype
import dns.resolver

from .resolver import Resolver
from .texts import NoAnswer, Texts

#: One server's turn, in seconds.
_TURN_SECONDS = 2.0
#: A UDP answer that no network has to cut into pieces (DNS flag day 2020); a longer one comes by TCP.
_UDP_BYTES = 1232


async def texts(name: str, resolvers: Sequence[Resolver], seconds: float) -> Texts:
    """The TXT records of a name in normal form. Raises NoAnswer for a fault; then they are not known."""
    absolute = dns.name.from_text(f"{name}.")  # no search list
    try:
        answer = await _resolver(resolvers, seconds).resolve(absolute, "TXT", search=False)
    except dns.resolver.NXDOMAIN:
        return Texts(absence="no such name in DNS")
    except dns.resolver.NoAnswer as error:
        if fault := _no_absence(error.response()):  # type: ignore[no-untyped-call]
            raise NoAnswer(fault) from None
        return Texts(absence="no TXT record")
    except dns.exception.Timeout:
        raise NoAnswer(f"no answer within {seconds:g} seconds") from None
    except (dns.exception.DNSException, OSError) as error:
        raise NoAnswer(_reason(error)) from error
    return Texts(tuple(b"".join(record.strings).decode("ascii", "replace") for record in answer))


def _resolver(resolvers: Sequence[Resolver], seconds: float) -> dns.asyncresolver.Resolver:
    """Made anew each time, so that a change of the system's is noticed."""
    resolver = dns.asyncresolver.Resolver(configure=not resolvers)
    if resolvers:
        resolver.nameservers = [
            dns.nameserver.Do53Nameserver(each.address, each.port) for each in resolvers
        ]
    resolver.lifetime, resolver.timeout = seconds, min(_TURN_SECONDS, seconds)
    resolver.use_edns(0, 0, _UDP_BYTES)
    return resolver


def _no_absence(response: dns.message.Message) -> str:
    """Why an answer without the records does not say that there are none; empty if it does (RFC 2308, section 2.2)."""
    if any(each.rdtype == dns.rdatatype.CNAME for each in response.answer):
        return "it is an alias that was not followed"
    if response.answer:
        return "the answer is about another name"
    if not response.flags & dns.flags.AA and {each.rdtype for each in response.authority} == {
        dns.rdatatype.NS
    }:
        return "the server that was asked names other servers, and does not ask them"
    return ""


def _reason(error: Exception) -> str:
    if isinstance(error, dns.resolver.NoNameservers):
        return "its servers refuse or fail"
    if isinstance(error, dns.resolver.NoResolverConfiguration):
        return "this server has no DNS resolver; its operator can name one (--dns-resolvers)"
    return type(error).__name__
