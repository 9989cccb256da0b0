"""The span of a request, by the semantic conventions for RPC and HTTP; nothing in its name is a word of the caller's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from opentelemetry import propagate
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, format_span_id, format_trace_id
from opentelemetry.util.types import AttributeValue

from ..call import Call, current_call
from ..trace import Trace, current_trace

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

#: What asks every few seconds whether all is well has no spans.
_PROBES = ("/healthz", "/readyz", "/grpc.health.v1.Health/")
_SYSTEMS = {"connect": "connectrpc", "grpc": "grpc", "grpc-web": "grpc"}
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
#: Codes of RPC that are the server's own mistakes. Others are the caller's: `unknown` is answered to media types and methods
#: that are not served, `unimplemented` where nothing is.
_MISTAKES = frozenset({"deadline_exceeded", "internal", "unavailable", "data_loss"})
#: gRPC's numbers, by their names in Connect.
_NUMBERS = {
    code: number
    for number, code in enumerate(
        (
            "ok",
            "canceled",
            "unknown",
            "invalid_argument",
            "deadline_exceeded",
            "not_found",
            "already_exists",
            "permission_denied",
            "resource_exhausted",
            "failed_precondition",
            "aborted",
            "out_of_range",
            "unimplemented",
            "internal",
            "unavailable",
            "data_loss",
            "unauthenticated",
        )
    )
}
_OTHER = "_OTHER"


class TracedRequests:
    """An application whose requests go on with the trace of who calls, or begin one."""

    def __init__(self, application: Application, tracer: Tracer) -> None:
        self._application = application
        self._tracer = tracer
        # Baggage is a caller's word to others, of which we pass on none.
        self._fields = propagate.get_global_textmap().fields - {"baggage"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].removeprefix("/api").startswith(_PROBES):
            await self._application(scope, receive, send)
            return
        with self._tracer.start_as_current_span(
            "request",
            self._parent(scope),
            SpanKind.SERVER,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            context = span.get_span_context()
            current_trace.set(
                Trace(
                    format_trace_id(context.trace_id),
                    format_span_id(context.span_id),
                    context.trace_flags.sampled,
                )
            )
            try:
                await self._application(scope, receive, send)
            finally:
                call = current_call.get(None)
                if call is not None and span.is_recording():
                    _describe(span, scope, call)

    def _parent(self, scope: Scope) -> Context:
        carrier = {}
        for name, value in scope["headers"]:
            if (field := str(name, "latin-1")) in self._fields:
                carrier[field] = str(value, "latin-1")
        return propagate.extract(carrier, Context())


def _describe(span: Span, scope: Scope, call: Call) -> None:
    rpc = _SYSTEMS.get(call.protocol)
    name, told = _http(scope, call) if rpc is None else _rpc(rpc, call)
    if call.organization:
        told["orgplane.organization.id"] = call.organization
    told["orgplane.request.id"] = call.request_id
    span.update_name(name)
    span.set_attributes(told)
    if call.code in _MISTAKES or call.code.startswith("5"):
        span.set_attribute("error.type", call.code)
        span.set_status(StatusCode.ERROR)


def _rpc(system: str, call: Call) -> tuple[str, dict[str, AttributeValue]]:
    known = call.route != "other"
    code = call.code or "canceled"
    told: dict[str, AttributeValue] = {
        "rpc.system.name": system,
        "rpc.method": call.route if known else _OTHER,
        "rpc.response.status_code": code.upper() if system == "grpc" else code,
    }
    if known:
        told["rpc.service"] = call.route.partition("/")[0]
    if system == "grpc":
        told["rpc.grpc.status_code"] = _NUMBERS[code]
    return call.route if known else system, told


def _http(scope: Scope, call: Call) -> tuple[str, dict[str, AttributeValue]]:
    method = scope["method"] if scope["method"] in _METHODS else _OTHER
    told: dict[str, AttributeValue] = {"http.request.method": method}
    name = "HTTP" if method == _OTHER else method
    if call.route != "other":
        route = call.route
        if call.protocol == "scim":
            route = "/scim/v2" + route.partition(" ")[2]
        told["http.route"] = route
        name = f"{name} {route}"
    if call.code.isdigit():
        told["http.response.status_code"] = int(call.code)
    return name, told
