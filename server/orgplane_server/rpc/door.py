from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection, Mapping, MutableMapping
from typing import Any

from connectrpc.code import Code
from connectrpc.server import ConnectASGIApplication
from orgplane_api.google.protobuf.descriptor_pb import MethodOptions
from protobuf import DescService

from ..domain.errors import OrgplaneError, Reason, ResourceExhausted, Unauthenticated
from ..domain.redaction import redacted_text
from ..telemetry.call import current_call
from . import contract, json_lines
from .admission import Rpc, admit
from .compression import compressing
from .errors import CODES
from .interceptors.errors import Errors
from .interceptors.query_pagination import query_string
from .receiving import Message, Receive, patient
from .refusal import Refusal, refuse
from .sending import conforming
from .unary import Context, Failed, Runtime, Shortcut

Scope = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Services = Mapping[DescService, ConnectASGIApplication[Any]]

_NO_SIDE_EFFECTS = int(MethodOptions.IdempotencyLevel.NO_SIDE_EFFECTS)
_RPC_PATH = re.compile(r"/(?P<service>[A-Za-z_]\w*(?:\.\w+)+)/(?P<method>\w+)", re.ASCII)
#: So many different answers to callers who are not known are remembered.
_MOST_ANSWERS = 200


class RpcDoor:
    """Every service on one port, in every protocol."""

    def __init__(
        self,
        services: Services,
        errors: Errors,
        max_request_bytes: int,
        shortcut: Shortcut | None = None,
        tokenless: Collection[str] = (),
    ) -> None:
        """With a `shortcut`, the calls that it takes go that way; without, all go through the runtime."""
        self._tokenless = tokenless
        self._errors = errors
        self._shortcut = shortcut
        self._max_request_bytes = max_request_bytes
        self._answers: dict[tuple[str, str, str], list[Message]] = {}
        self._rpcs = {
            f"/{service.type_name}/{method.name}": Rpc(
                application,
                method.method_kind,
                method.idempotency == _NO_SIDE_EFFECTS,
            )
            for service, application in services.items()
            for method in service.methods
        }

    def serves(self, path: str) -> bool:
        """Whether a path looks like an RPC's, served here or not."""
        return self.names(path) or _RPC_PATH.fullmatch(path) is not None

    def names(self, path: str) -> bool:
        """Whether it is the path of an RPC that is served: nothing in it is the caller's."""
        return path in self._rpcs

    def is_free(self, path: str) -> bool:
        """Whether it takes no token to ask: for reflection, the RPCs that say so, and what is not served.

        Nor does it for health, but whoever watches over the server shall never be asked to wait.
        """
        return (
            path not in self._rpcs
            or path in self._tokenless
            or path.startswith("/grpc.reflection.")
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers whatever the path is; one that is no RPC's with an error."""
        try:
            if self._shortcut is None:
                raise Runtime(receive)
            await self._shortcut(scope, receive, send)
        except Runtime as way:
            await self._by_runtime(scope, way.receive, send)
        except Failed as failed:
            await self.refuse(failed.error, scope, receive, send, failed.context)
        except (Unauthenticated, ResourceExhausted) as error:
            await self._turn_away(error, scope, receive, send)

    async def _turn_away(
        self, error: OrgplaneError, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """As `refuse`, a unary call of somebody who is not known.

        Such calls may come by the thousand. Their answer depends on the protocol and the error alone: the runtime
        gives it once, and then it is given again.
        """
        call = current_call.get()
        alike = (call.protocol, repr(error), repr(vars(error)))
        if (answer := self._answers.get(alike)) is None:
            answer = []

            async def note(message: Message) -> None:
                answer.append(message)

            await refuse(error, self._errors, scope, patient(receive), conforming(note))
            if len(self._answers) >= _MOST_ANSWERS:
                self._answers.clear()
            self._answers[alike] = answer
        call.code = CODES[type(error)].value
        _, send = compressing(scope, send)
        for message in answer:
            await send(dict(message))

    async def refuse(
        self,
        error: Exception,
        scope: Scope,
        receive: Receive,
        send: Send,
        context: Context | None = None,
    ) -> None:
        """Answers a call with an error; nothing is, or is any longer, done for it. As `refusal.refuse`."""
        scope, send = compressing(scope, send)
        receive, send = patient(receive), conforming(send)
        await refuse(error, self._errors, scope, receive, send, context)

    async def _by_runtime(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            rpc = self._rpc(scope["path"])
            admit(rpc, scope)
        except Refusal as refusal:
            await self.refuse(refusal, scope, receive, send)
            return
        query_string.set(scope["query_string"])
        scope, send = compressing(scope, send)
        receive, send = patient(receive), conforming(send)
        if rpc.in_lines and json_lines.asked(scope):
            await json_lines.answer(rpc.application, scope, receive, send, self._max_request_bytes)
        else:
            await rpc.application(scope, receive, send)

    def _rpc(self, path: str) -> Rpc:
        """Raises Refusal for one that is not served.

        The vendor's SDKs take status 404 for an object that is gone, so RPCs of the contract get 501.
        """
        if (rpc := self._rpcs.get(path)) is not None:
            return rpc
        match = _RPC_PATH.fullmatch(path)
        if match is None:
            what, known = "nothing is served at this path", False
        else:
            what = f"{redacted_text(path[1:])} is not served here"
            known = contract.knows(match["service"], match["method"])
        raise Refusal(Code.UNIMPLEMENTED, what, Reason.UNIMPLEMENTED, status=None if known else 404)
