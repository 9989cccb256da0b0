"""Events are posted to webhook endpoints: each at least once, those of a resource in order, and no endpoint or resource keeps another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from clock import SettableClock
from orgplane_server.domain.audit import ActorKind, Subject
from orgplane_server.domain.destination import AllowedHosts
from orgplane_server.domain.errors import NotFound
from orgplane_server.domain.identifier import WebhookDeliveryId
from orgplane_server.domain.page import PageRequest
from orgplane_server.domain.webhook_delivery import KEPT, Cause, State, WebhookDelivery
from orgplane_server.domain.webhook_endpoint import ToldEndpoint
from orgplane_server.outbound.fetcher import Fetcher
from orgplane_server.outbound.poster import Poster
from orgplane_server.rpc import event
from orgplane_server.store import audit, secret_key
from orgplane_server.store.engine.database import Database
from orgplane_server.store.engine.unit_of_work import UnitOfWork
from orgplane_server.store.organization import organizations
from orgplane_server.usecases.cursors import Cursors
from orgplane_server.usecases.member import Members
from orgplane_server.usecases.organization import Founded
from orgplane_server.usecases.paging import PageTokens
from orgplane_server.usecases.retention import Retention
from orgplane_server.usecases.sealing import Sealer
from orgplane_server.usecases.secret_key import SecretKeys
from orgplane_server.usecases.webhook_attempt import WebhookAttempts
from orgplane_server.usecases.webhook_endpoint import Secretive, WebhookEndpoints
from orgplane_server.usecases.webhook_sender import WebhookSender
from people import Access, add_user
from standardwebhooks import WebhookVerificationError
from webhook_receiver import Answer, Post, Receiver, receiving

DAY = timedelta(days=1)
#: More than the longest pause between two attempts.
LATER = timedelta(hours=8)


class Posting:
    """An organization whose members come and go, its webhook endpoints, and a process that posts to them."""

    def __init__(self, database: Database, clock: SettableClock, owner: Founded) -> None:
        self.sealer = sealer = Sealer(bytes(32))
        pages, cursors = PageTokens(sealer), Cursors(sealer)
        self.database = database
        self.clock = clock
        self.owner = owner
        self.poster = Poster(Fetcher(AllowedHosts(loopback=True)), 5)
        attempts = WebhookAttempts(
            *(clock, sealer, self.poster),
            lambda told: event.payload(told, cursors.of(str(told.organization_id), told.sequence)),
        )
        self.sender = WebhookSender(database, clock, attempts, lambda: 0.5)
        self.endpoints = WebhookEndpoints(database, clock, pages, attempts, self.sender.wake)
        self.members = Members(database, clock, pages)
        self.deliver = self.sender.deliver

    async def endpoint(self, receiver: Receiver, *event_types: str) -> Secretive:
        return await self.endpoints.create(self.owner.caller, receiver.url, "", event_types)

    async def get(self, made: Secretive) -> ToldEndpoint:
        return await self.endpoints.get(self.owner.caller, made.told.endpoint.id)

    async def enable(self, made: Secretive, enabled: bool) -> None:
        await self.endpoints.update(self.owner.caller, made.told.endpoint.id, {"enabled": enabled})

    async def suspend(self, *whom: Access, suspended: bool = True) -> None:
        """An event of each."""
        for each in whom:
            await self.members.set_suspended(self.owner.caller, each.user.id, suspended)

    async def deliveries(
        self, made: Secretive, state: State | None = None
    ) -> list[WebhookDelivery]:
        """Oldest first."""
        page = await self.endpoints.list_deliveries(
            self.owner.caller, made.told.endpoint.id, PageRequest(100), state
        )
        return [*reversed(page.items)]


@pytest.fixture
async def posting(
    database: Database, clock: SettableClock, acme: Founded
) -> AsyncIterator[Posting]:
    # What verifies signatures has a clock of its own.
    clock.now = datetime.now(UTC)
    posting = Posting(database, clock, acme)
    yield posting
    await posting.sender.aclose()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
async def mel(database: Database, acme: Founded, clock: SettableClock) -> Access:
    return await add_user(database, acme, clock.now, name="Mel", email="mel@acme.example")


@pytest.fixture
async def bob(database: Database, acme: Founded, clock: SettableClock) -> Access:
    return await add_user(database, acme, clock.now, name="Bob", email="bob@acme.example")


def failing_for(*whom: Access) -> object:
    """A receiver that takes everything but what is about these."""
    ids = {str(each.user.id) for each in whom}
    return lambda post: 500 if post.event["resourceId"] in ids else 200


async def test_an_event_is_posted_as_a_watch_tells_it_and_signed(
    posting: Posting, receiver: Receiver, mel: Access
) -> None:
    made = await posting.endpoint(receiver, "user.update")
    await posting.suspend(mel)
    await posting.deliver()
    (post,) = receiver.posts
    told = post.verified(made.secret)
    assert told["id"] == post.headers["webhook-id"]
    assert told["resourceType"] == "RESOURCE_TYPE_USER"
    assert told["resourceId"] == str(mel.user.id)
    assert {"field": "status", "before": "active", "after": "suspended", "secret": False} in told[
        "changes"
    ]
    assert post.headers["content-type"] == "application/json"
    with pytest.raises(WebhookVerificationError):
        replace(post, body=post.body + b" ").verified(made.secret)
    (delivery,) = await posting.deliveries(made)
    assert (delivery.state, delivery.attempts, delivery.status_code) == (State.DELIVERED, 1, 204)
    assert (await posting.get(made)).progress.succeeded_at == posting.clock.now


async def test_what_is_not_wanted_or_was_before_is_not_posted_and_nothing_twice(
    posting: Posting, receiver: Receiver, mel: Access, bob: Access
) -> None:
    await posting.suspend(mel)
    await posting.endpoint(receiver, "user.update", "group")
    await posting.suspend(bob)
    await posting.members.delete(posting.owner.caller, bob.user.id)
    await posting.deliver()
    await posting.deliver()
    assert receiver.types() == ["USER UPDATE"]
    assert [post.event["resourceId"] for post in receiver.posts] == [str(bob.user.id)]


async def test_what_fails_is_tried_again_and_keeps_back_its_own_resource_alone(
    posting: Posting, receiver: Receiver, mel: Access, bob: Access
) -> None:
    made = await posting.endpoint(receiver, "user.update")
    receiver.answer = failing_for(mel)  # type: ignore[assignment]
    await posting.suspend(mel, bob)
    await posting.suspend(mel, bob, suspended=False)
    await posting.deliver()
    about = [post.event["resourceId"] for post in receiver.posts]
    assert about.count(str(bob.user.id)) == 2
    assert about.count(str(mel.user.id)) == 1
    first, behind = await posting.deliveries(made, State.PENDING)
    assert first.next_attempt_at == posting.clock.now + timedelta(seconds=5)
    assert (first.status_code, first.error) == (500, "answers with status 500")
    assert (behind.attempts, behind.next_attempt_at) == (0, None)
    # Another process goes on from there, and new events queue up behind.
    await posting.suspend(mel)
    posting.clock.advance(seconds=4)
    await posting.deliver()
    assert len(receiver.posts) == 3
    receiver.answer = lambda _: 200
    posting.clock.advance(seconds=2)
    await posting.deliver()
    of_mel = [post for post in receiver.posts if post.event["resourceId"] == str(mel.user.id)]
    ids = [post.headers["webhook-id"] for post in of_mel]
    assert ids[0] == ids[1]
    assert ids[1:] == sorted(set(ids))
    assert len(ids) == 4
    assert of_mel[1].verified(made.secret)
    assert await posting.deliveries(made, State.PENDING) == []
    assert (await posting.get(made)).progress.failing_since is None


async def test_an_endpoint_that_takes_nothing_for_three_days_is_disabled_and_goes_on_where_it_was(
    posting: Posting, receiver: Receiver, mel: Access
) -> None:
    made = await posting.endpoint(receiver, "user.update")
    receiver.answer = lambda _: 503
    await posting.suspend(mel)
    began = posting.clock.now
    pauses = []
    await posting.deliver()
    assert "takes nothing since" in (await posting.get(made)).warning
    while (await posting.get(made)).endpoint.enabled:
        (waiting,) = await posting.deliveries(made)
        assert waiting.next_attempt_at is not None
        pauses.append(waiting.next_attempt_at - posting.clock.now)
        posting.clock.now = waiting.next_attempt_at
        await posting.deliver()
    assert pauses == sorted(pauses)
    assert pauses[0] == timedelta(seconds=5)
    assert 2.5 * DAY < posting.clock.now - began <= 3 * DAY
    told = await posting.get(made)
    assert "disabled by the server: it has taken nothing for 3 days" in told.warning
    events = await posting.database.read(
        lambda c: audit.following(c, posting.owner.organization.id, 0, 1 << 62, 1000)
    )
    said = events[-1]
    assert (said.subject, said.actor) == (Subject.WEBHOOK_ENDPOINT, ActorKind.OPERATOR)
    assert said.changes["enabled"].after is False
    tried = len(receiver.posts)
    await posting.suspend(mel, suspended=False)
    posting.clock.advance(days=1)
    await posting.deliver()
    assert len(receiver.posts) == tried
    receiver.answer = lambda _: 200
    await posting.enable(made, True)
    await posting.deliver()
    assert len({*receiver.ids()[tried:]}) == 2
    assert (await posting.get(made)).warning == ""
    assert {each.state for each in await posting.deliveries(made)} == {State.DELIVERED}


async def test_one_event_that_is_never_taken_fails_alone_where_the_endpoint_takes_others(
    posting: Posting, receiver: Receiver, mel: Access, bob: Access
) -> None:
    made = await posting.endpoint(receiver, "user.update")
    receiver.answer = failing_for(mel)  # type: ignore[assignment]
    await posting.suspend(mel)
    for _ in range(12):
        await posting.deliver()
        posting.clock.now += LATER
        await posting.suspend(bob)
        await posting.suspend(bob, suspended=False)
    told = await posting.get(made)
    assert told.endpoint.enabled
    (failed,) = await posting.deliveries(made, State.FAILED)
    assert failed.subject_id == mel.user.id
    assert failed.next_attempt_at is None


async def test_a_pause_that_the_endpoint_asks_for_is_given(
    posting: Posting, receiver: Receiver, mel: Access
) -> None:
    made = await posting.endpoint(receiver, "user.update")
    receiver.answer = lambda _: (429, {"retry-after": "3600"}, b"no")
    await posting.suspend(mel)
    await posting.deliver()
    (waiting,) = await posting.deliveries(made)
    assert waiting.next_attempt_at == posting.clock.now + timedelta(hours=1)
    assert (waiting.status_code, waiting.response) == (429, "no")


async def test_what_waits_is_tried_once_when_an_endpoint_is_disabled_and_enabled_in_one_moment(
    posting: Posting, receiver: Receiver, mel: Access, bob: Access
) -> None:
    made = await posting.endpoint(receiver, "user.update")
    hangs = asyncio.Event()

    async def answer(post: Post) -> Answer:
        if post.event["resourceId"] == str(mel.user.id):
            return 500
        await hangs.wait()
        return 200

    receiver.answer = answer
    running = asyncio.create_task(posting.sender.run())
    await posting.suspend(bob, mel)
    await receiver.until(lambda: len(receiver.posts) == 2)
    async with asyncio.timeout(20):
        while not await posting.deliveries(made):
            pass
    receiver.answer = lambda _: 200
    await posting.enable(made, False)
    await posting.enable(made, True)
    async with asyncio.timeout(20):
        while len(await posting.deliveries(made, State.DELIVERED)) < 2:
            pass
    hangs.set()
    assert sorted(receiver.ids()) == sorted(receiver.ids()[:2] * 2)
    assert len(await posting.deliveries(made)) == 2
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_an_endpoint_that_is_gone_is_disabled_at_once(
    posting: Posting, receiver: Receiver, mel: Access
) -> None:
    made = await posting.endpoint(receiver, "user.update")
    receiver.answer = lambda _: 410
    await posting.suspend(mel)
    await posting.deliver()
    told = await posting.get(made)
    assert not told.endpoint.enabled
    assert "it answers 410 Gone" in told.warning
    await posting.suspend(mel, suspended=False)
    posting.clock.now += LATER
    await posting.deliver()
    assert len(receiver.posts) == 1


async def test_both_secrets_sign_until_the_overlap_ends(
    posting: Posting, receiver: Receiver, mel: Access
) -> None:
    made = await posting.endpoint(receiver, "user.update")
    caller, id = posting.owner.caller, made.told.endpoint.id
    rotated = await posting.endpoints.rotate_secret(caller, id, timedelta(seconds=60))
    await posting.suspend(mel)
    await posting.deliver()
    posting.clock.advance(seconds=60)
    await posting.suspend(mel, suspended=False)
    await posting.deliver()
    during, after = receiver.posts
    assert during.verified(made.secret) == during.verified(rotated.secret)
    assert after.verified(rotated.secret)
    with pytest.raises(WebhookVerificationError):
        after.verified(made.secret)
    at_once = await posting.endpoints.rotate_secret(caller, id, timedelta())
    assert at_once.told.endpoint.previous_secret_ends_at is None


async def test_messages_are_signed_by_the_same_secrets_after_the_servers_own_key_was_replaced(
    posting: Posting, receiver: Receiver, mel: Access
) -> None:
    await posting.database.write(lambda unit: secret_key.adopt(unit, posting.sealer.fingerprint))
    made = await posting.endpoint(receiver, "user.update")
    caller, id = posting.owner.caller, made.told.endpoint.id
    rotated = await posting.endpoints.rotate_secret(caller, id)
    new = b"n" * 32
    keys = SecretKeys(posting.database, posting.clock)
    assert await keys.rotate(posting.sealer, Sealer(new), forget=True) == 2
    posting.sealer.take(new)
    await posting.suspend(mel)
    await posting.deliver()
    (post,) = receiver.posts
    assert post.verified(made.secret) == post.verified(rotated.secret)


async def test_a_suspended_organization_gets_nothing_and_keeps_its_place(
    posting: Posting, receiver: Receiver, mel: Access
) -> None:
    await posting.endpoint(receiver, "user.update")
    await posting.suspend(mel)
    before = posting.owner.organization

    def suspended(since: datetime | None) -> object:
        async def change() -> None:
            def write(unit: UnitOfWork) -> None:
                now = organizations.lock(unit.connection, before.id, before.id)
                assert now is not None
                after = replace(now, suspended_at=since)
                organizations.update(unit.connection, before.id, now, after)

            await posting.database.write(write)

        return change()

    await suspended(posting.clock.now)  # type: ignore[misc]
    await posting.deliver()
    assert receiver.posts == []
    await suspended(None)  # type: ignore[misc]
    await posting.deliver()
    assert receiver.types() == ["USER UPDATE"]


async def test_what_was_posted_can_be_posted_again_and_an_endpoint_be_tried(
    posting: Posting, receiver: Receiver, mel: Access
) -> None:
    made = await posting.endpoint(receiver, "user.update")
    caller, id = posting.owner.caller, made.told.endpoint.id
    receiver.answer = lambda _: (500, {}, b'{"token": "orgplane_pat_abc", "why": "' + b"x" * 9000)
    test = await posting.endpoints.test(caller, id)
    assert (test.cause, test.state, test.event_type) == (Cause.TEST, State.FAILED, "webhook.test")
    assert "orgplane_pat_abc" not in test.response
    assert len(test.response) <= 500
    receiver.answer = lambda _: 200
    await posting.suspend(mel)
    await posting.deliver()
    _, delivered = await posting.deliveries(made)
    again = await posting.endpoints.redeliver(caller, id, delivered.id)
    assert (again.cause, again.state) == (Cause.REDELIVERY, State.DELIVERED)
    assert again.id != delivered.id
    assert again.event_id == delivered.event_id
    assert receiver.ids()[-2:] == [str(delivered.event_id)] * 2
    assert receiver.posts[0].verified(made.secret)["changes"][0]["field"] == "test"
    another = await posting.endpoints.redeliver(caller, id, test.id)
    assert (another.cause, another.state) == (Cause.TEST, State.DELIVERED)
    with pytest.raises(NotFound):
        await posting.endpoints.redeliver(caller, id, WebhookDeliveryId(uuid4()))


async def test_nothing_is_left_of_a_deleted_endpoint_and_what_is_over_goes_after_a_week(
    posting: Posting, receiver: Receiver, mel: Access, bob: Access
) -> None:
    made = await posting.endpoint(receiver, "user.update")
    receiver.answer = failing_for(mel)  # type: ignore[assignment]
    await posting.suspend(mel, bob)
    await posting.deliver()
    retention = Retention(posting.database, posting.clock, webhook_deliveries=KEPT)
    assert await retention.purge() == {"webhook_deliveries": 0}
    posting.clock.now += KEPT + DAY
    assert await retention.purge() == {"webhook_deliveries": 1}
    assert len(await posting.deliveries(made)) == 1
    await posting.endpoints.delete(posting.owner.caller, made.told.endpoint.id)
    with pytest.raises(NotFound):
        await posting.deliveries(made)
    await posting.deliver()
    assert len(receiver.posts) == 2


async def test_who_never_answers_keeps_no_other_endpoint_waiting(
    posting: Posting, receiver: Receiver, mel: Access
) -> None:
    async with receiving() as silent:
        never = asyncio.Event()

        async def wait(_: Post) -> Answer:
            await never.wait()
            return 200

        silent.answer = wait
        await posting.endpoint(silent, "user.update")
        await posting.endpoint(receiver, "user.update")
        running = asyncio.create_task(posting.sender.run())
        for number in range(10):
            await posting.suspend(mel, suspended=number % 2 == 0)
        await receiver.until(lambda: len(receiver.posts) == 10)
        assert receiver.ids() == sorted(receiver.ids())
        await silent.until(lambda: len(silent.posts) == 1)
        running.cancel()


async def test_what_is_on_its_way_may_end_when_the_process_does(
    posting: Posting, receiver: Receiver, mel: Access
) -> None:
    made = await posting.endpoint(receiver, "user.update")
    free = asyncio.Event()

    async def answer(_: Post) -> Answer:
        await free.wait()
        return 200

    receiver.answer = answer
    running = asyncio.create_task(posting.sender.run())
    await posting.suspend(mel)
    await receiver.until(lambda: len(receiver.posts) == 1)
    running.cancel()
    ending = asyncio.create_task(posting.sender.aclose())
    await asyncio.sleep(0)
    free.set()
    await ending
    (delivery,) = await posting.deliveries(made)
    assert delivery.state is State.DELIVERED


async def test_one_of_several_processes_posts_and_another_takes_over(
    posting: Posting, receiver: Receiver, mel: Access, database_url: str, clock: SettableClock
) -> None:
    """The second one is another database of the same URL, as another process would have it."""
    await posting.endpoint(receiver, "user.update")
    other_database = Database.open(database_url, connections=3)
    other = Posting(other_database, clock, posting.owner)
    tasks = [asyncio.create_task(each.sender.run()) for each in (posting, other)]
    await posting.suspend(mel)
    await receiver.until(lambda: len(receiver.posts) == 1)
    leads = [each for each in (posting, other) if each.sender.leads]
    assert len(leads) == 1
    # The process that leads ends: what it had not done yet is the other's.
    gone = tasks[(posting, other).index(leads[0])]
    gone.cancel()
    await leads[0].sender.aclose()
    await posting.suspend(mel, suspended=False)
    await receiver.until(lambda: len({*receiver.ids()}) == 2)
    for task in tasks:
        task.cancel()
    await other.sender.aclose()
    await other_database.aclose()
