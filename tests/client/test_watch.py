"""When a watch connects again, when it gives up, and what it refuses to send."""

from __future__ import annotations

import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import orgplane
import pytest
from orgplane import errors, types
from orgplane._core import retry
from orgplane._core.retry import watch_delay
from orgplane_api.gitpod.v1 import event_pb, identity_pb
from orgplane_api.orgplane.v1 import event_pb as own_pb
from protobuf import Oneof
from protobuf.wkt import Timestamp


@pytest.mark.parametrize(
    ("error", "established", "again"),
    [
        (errors.NotReachedError("refused"), False, True),
        (errors.AnswerLostError("reset"), False, True),
        (errors.InternalError("the answer cannot be read"), True, True),
        (errors.InternalError("missing trailers"), True, True),
        (errors.DeadlineExceededError("nothing heard"), True, True),
        (errors.UnavailableError("stopping", reason="SERVER_STOPPING"), True, True),
        (errors.ResourceExhaustedError("", retry_after=timedelta(seconds=1)), True, True),
        (errors.InternalError("internal error", reason="INTERNAL"), True, False),
        (errors.EventsPurgedError("", reason="EVENTS_PURGED"), True, False),
        (errors.UnauthenticatedError("", reason="TOKEN_UNKNOWN"), True, False),
        (errors.PermissionDeniedError("", reason="PERMISSION_DENIED"), True, False),
        (errors.UnimplementedError("an older server"), True, False),
        (errors.ClientClosedError("closed"), True, False),
    ],
)
def test_a_watch_connects_again_when_that_may_help(
    error: errors.OrgplaneError, established: bool, again: bool
) -> None:
    assert (watch_delay(error, 0, established, 2) is not None) is again


def test_it_gives_up_only_if_it_never_was_connected() -> None:
    error = errors.NotReachedError("refused")
    assert watch_delay(error, 1, False, 2) is not None
    assert watch_delay(error, 2, False, 2) is None
    assert watch_delay(error, 10**6, True, 2) is not None


def test_it_waits_longer_each_time_up_to_five_seconds_and_as_the_server_asks() -> None:
    error = errors.NotReachedError("refused")
    waits = [watch_delay(error, attempt, True, 0, jitter=lambda: 1.0) for attempt in range(9)]
    assert waits == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0]
    asked = errors.UnavailableError("", reason="X", retry_after=timedelta(seconds=1))
    assert watch_delay(asked, 0, True, 0, jitter=lambda: 0.0) == 1.0
    asked = errors.UnavailableError("", reason="X", retry_after=timedelta.max)
    assert watch_delay(asked, 0, True, 0, jitter=lambda: 0.0) == 600.0


def test_nobody_there_is_said_after_the_retries() -> None:
    with (
        orgplane.Client(url="http://127.0.0.1:1", token="x", max_retries=1) as client,
        pytest.raises(orgplane.NotReachedError),
    ):
        next(client.events.watch())


class Watched:
    """A real server whose watches tell what was scripted: streams, each a list of messages."""

    def __init__(self, *streams: list[bytes]) -> None:
        self.cursors: list[str] = []
        left = list(streams)
        watched = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = self.rfile.read(int(self.headers["content-length"]))[5:]
                watched.cursors.append(own_pb.WatchEventsRequest.from_binary(asked).cursor)
                self.send_response(200)
                self.send_header("content-type", "application/connect+proto")
                self.end_headers()
                for message in left.pop(0):
                    self.wfile.write(b"\0" + len(message).to_bytes(4, "big") + message)

            def log_message(self, *_arguments: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever)

    def __enter__(self) -> Watched:
        self.thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def heartbeat(cursor: str) -> bytes:
    return own_pb.WatchEventsResponse(
        response=Oneof("heartbeat", own_pb.Heartbeat(cursor=cursor))
    ).to_binary()


def event(id: str, cursor: str) -> bytes:
    told = own_pb.Event(
        id=id, cursor=cursor, occurred_at=Timestamp(seconds=1), actor=own_pb.Actor()
    )
    return own_pb.WatchEventsResponse(response=Oneof("event", told)).to_binary()


def test_a_message_that_cannot_be_read_does_not_end_a_watch(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[int] = []

    def delay(_error: BaseException, attempt: int, *_state: object) -> float:
        asked.append(attempt)
        return 0.0

    monkeypatch.setattr(retry, "watch_delay", delay)
    junk = b"\xff\xff"
    with (
        Watched(
            [heartbeat("0"), event("a", "1"), junk],
            [heartbeat("1"), junk],
            [heartbeat("1"), event("b", "2"), junk],
            [heartbeat("2"), event("c", "3")],
        ) as server,
        orgplane.Client(url=server.url, token="x") as client,
        client.events.watch(after="") as watch,
    ):
        assert [next(watch).id for _ in range(3)] == ["a", "b", "c"]
    assert server.cursors == ["", "1", "1", "2"]
    # A connection that told nothing but its heartbeat has failed; one that told more begins anew.
    assert asked == [0, 1, 0]
    interrupted, back = (record.getMessage() for record in caplog.records)
    assert interrupted.startswith(
        "the watch is interrupted, and tried until it goes on: the answer"
    )
    assert back == "the watch goes on"


@pytest.mark.parametrize(
    ("ours", "wire"),
    [
        (types.ResourceType, event_pb.ResourceType),
        (types.ResourceOperation, event_pb.ResourceOperation),
        (types.Principal, identity_pb.Principal),
        (types.ActorKind, own_pb.ActorKind),
    ],
)
def test_enumerations_stand_in_the_order_of_the_wire(ours: type, wire: type) -> None:
    assert [member.value.rpartition("_")[2] for member in ours] == [  # type: ignore[attr-defined]
        member.name.rpartition("_")[2]
        for member in sorted(wire)  # type: ignore[call-overload]
    ]


def test_what_is_no_resource_type_is_refused() -> None:
    client = orgplane.Client(url="http://127.0.0.1:1", token="x")
    with pytest.raises(ValueError, match="NONSENSE"):
        client.events.watch(resource_types=["NONSENSE"])
    with pytest.raises(ValueError, match="NONSENSE"):
        client.audit_logs.list(subject_types=["NONSENSE"])
    client.close()
