"""Servers that answer oddly: nothing follows from it, for or against a domain."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rrset
import pytest
from name_server import NameServer
from orgplane_server.dns.records import TextRecords
from orgplane_server.dns.resolver import Resolver
from orgplane_server.dns.texts import NoAnswer

NAME = "_orgplane-challenge.acme.com"
OTHER = "_orgplane-challenge.globex.com."
Answer = Callable[[dns.message.Message], bytes]


@asynccontextmanager
async def server(*answers: Answer) -> AsyncIterator[TextRecords]:
    """Answers over UDP alone: what is truncated cannot be asked for again."""

    closed = asyncio.Event()

    class Protocol(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
            for answer in answers:
                transport.sendto(answer(dns.message.from_wire(data)), address)

        def connection_lost(self, error: Exception | None) -> None:
            closed.set()

    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        Protocol, local_addr=("127.0.0.1", 0)
    )
    port = transport.get_extra_info("sockname")[1]
    try:
        yield TextRecords([Resolver("127.0.0.1", port)], seconds=1)
    finally:
        transport.close()
        await closed.wait()


def response(query: dns.message.Message, *records: str) -> dns.message.Message:
    made = dns.message.make_response(query)
    made.flags |= dns.flags.RA
    made.answer += [dns.rrset.from_text(*each.split(" ", 4)) for each in records]
    return made


def there(query: dns.message.Message) -> dns.message.Message:
    return response(query, f'{NAME}. 0 IN TXT "there"')


def of_another_question(query: dns.message.Message) -> bytes:
    made = there(query)
    made.id = query.id ^ 1
    return made.to_wire()


def about_another_name(query: dns.message.Message) -> bytes:
    return response(query, f'{OTHER} 0 IN TXT "there"').to_wire()


def another_question(query: dns.message.Message) -> bytes:
    other = dns.message.make_query(OTHER, "TXT", id=query.id)
    return response(other, f'{OTHER} 0 IN TXT "there"').to_wire()


def no_answer_at_all(query: dns.message.Message) -> bytes:
    return query.to_wire()


def a_failure_with_records(query: dns.message.Message) -> bytes:
    made = there(query)
    made.set_rcode(dns.rcode.SERVFAIL)
    return made.to_wire()


def a_truncated_one(query: dns.message.Message) -> bytes:
    made = response(query)
    made.flags |= dns.flags.TC
    return made.to_wire()


def half_of_one(query: dns.message.Message) -> bytes:
    return there(query).to_wire()[:-4]


def an_alias_to_another_domain(query: dns.message.Message) -> bytes:
    return response(query, f"{NAME}. 0 IN CNAME {OTHER}").to_wire()


def named(answer: Answer) -> str:
    return answer.__name__.replace("_", " ")


@pytest.mark.parametrize(
    "answer",
    [about_another_name, a_failure_with_records, a_truncated_one, an_alias_to_another_domain],
    ids=named,
)
async def test_an_odd_answer_neither_proves_nor_denies(answer: Answer) -> None:
    async with server(answer) as records:
        with pytest.raises(NoAnswer, match=r"^(?!no answer)"):
            await records.of(NAME)


@pytest.mark.parametrize(
    "answer",
    [of_another_question, another_question, no_answer_at_all, half_of_one],
    ids=named,
)
async def test_what_does_not_answer_the_question_is_waited_past(answer: Answer) -> None:
    async with server(answer, lambda query: there(query).to_wire()) as records:
        assert (await records.of(NAME)).values == ("there",)


async def test_records_of_other_names_in_an_answer_do_not_count() -> None:
    def with_more(query: dns.message.Message) -> bytes:
        return response(
            query, f'{OTHER} 0 IN TXT "not asked for"', f'{NAME}. 0 IN TXT "there"'
        ).to_wire()

    async with server(with_more) as records:
        assert (await records.of(NAME)).values == ("there",)


async def test_a_server_that_only_names_others_says_nothing(name_server: NameServer) -> None:
    """Such as one that is authoritative for the domain above, and not for what it has delegated."""
    name_server.publish("_orgplane-challenge NS ns.elsewhere.net.")
    with pytest.raises(NoAnswer, match="names other servers"):
        await TextRecords([name_server.resolver]).of(NAME)
