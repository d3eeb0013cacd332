"""Metrics and traces. Their labels name services, topics and route patterns: never an id, a person or a path.

Metrics are always kept, in this process. Traces are made where OTEL_EXPORTER_OTLP_ENDPOINT says who takes them; an
event carries the trace of the request that led to it in `traceparent`, through outbox, topic and inbox.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import Counter, Gauge, Histogram

__all__ = ["AGE", "CONSUMED", "LAG", "PARKED", "READY", "REQUESTS", "SENT", "WAITING", "SpanKind"]

SENT = Counter("motesplats_events_sent", "Events that the broker has acknowledged.", ["service", "topic"])
CONSUMED = Counter(
    "motesplats_events_consumed",
    "Events that were read, by what became of them: applied, known (they had their effect before) or parked.",
    ["service", "topic", "outcome"],
)
AGE = Histogram(
    "motesplats_event_age_seconds",
    "Platform time from an event to the transaction with its effect.",
    ["service", "topic"],
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 60, 600, 3600),
)
REQUESTS = Histogram(
    "motesplats_request_seconds",
    "How long requests took, by the pattern of their route.",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
WAITING = Gauge("motesplats_outbox_waiting", "Committed events that the broker does not have yet.", ["service"])
LAG = Gauge("motesplats_consumer_lag", "Events on the topics that this process has still to read.", ["service"])
PARKED = Gauge("motesplats_events_parked", "Events that wait for somebody's decision, or behind one.", ["service"])
READY = Gauge("motesplats_ready", "1 when the service is ready, as /health/ready says it.", ["service"])

_context = TraceContextTextMapPropagator()
_tracer: Tracer | None = None


@contextmanager
def traces(name: str) -> Iterator[None]:
    """Trace for as long as the context lasts, if a collector is named; what is left is handed over at the end.

    The exporter reads its own variables (`OTEL_EXPORTER_OTLP_…`, `OTEL_TRACES_SAMPLER`).
    """
    global _tracer
    if not os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        yield
        return
    # Only those who trace pay for these.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": name}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    _tracer = provider.get_tracer("motesplats")
    try:
        yield
    finally:
        _tracer = None
        provider.shutdown()


@contextmanager
def span(name: str, kind: SpanKind, parent: str | None = None, **attributes: str) -> Iterator[Span | None]:
    """A step of the trace, current within; None when nothing is traced.

    An exception marks the step as failed by its type; its message may quote what somebody typed and is left out.

    Args:
        parent: the `traceparent` of what led to it, if that came from elsewhere.
    """
    if _tracer is None:
        yield None
        return
    before = _context.extract({"traceparent": parent}) if parent else None
    with _tracer.start_as_current_span(
        name, before, kind, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as made:
        try:
            yield made
        except BaseException as error:
            made.set_status(trace.StatusCode.ERROR, type(error).__qualname__)
            raise


def traceparent() -> str | None:
    """What leads on from here, for a header; None when nothing is traced."""
    if _tracer is None:
        return None
    carrier: dict[str, str] = {}
    _context.inject(carrier)
    return carrier.get("traceparent")
