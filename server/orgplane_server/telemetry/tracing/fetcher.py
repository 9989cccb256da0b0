from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from opentelemetry.trace import NoOpTracer, SpanKind, StatusCode, Tracer, get_current_span

from ...outbound.answer import Answer, NotFetched
from ...outbound.fetcher import Fetcher


class TracedFetcher(Fetcher):
    """Of a request that has a span, what is asked of others for it has one as well, without path, query and body.

    They are identity providers, and are not told whose trace it is.
    """

    tracer: Tracer = NoOpTracer()

    async def fetch(
        self,
        url: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        if not get_current_span().is_recording():
            return await super().fetch(url, method=method, headers=headers, body=body)
        with self.tracer.start_as_current_span(
            method,
            kind=SpanKind.CLIENT,
            attributes={"http.request.method": method, **_server(url)},
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                answer = await super().fetch(url, method=method, headers=headers, body=body)
            except NotFetched as error:
                span.set_attribute("error.type", "not_fetched")
                span.set_status(StatusCode.ERROR, str(error))
                raise
            span.set_attribute("http.response.status_code", answer.status)
            if answer.status >= 400:
                span.set_attribute("error.type", str(answer.status))
                span.set_status(StatusCode.ERROR)
            return answer


def _server(url: str) -> dict[str, str | int]:
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
        return {"server.address": parts.hostname or "", "server.port": port}
    except (ValueError, KeyError):  # it is refused for that
        return {}
