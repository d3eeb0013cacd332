"""Metrics and traces of a service that writes and one that reads, and what must never be in them."""

import asyncio
import re
from uuid import uuid4

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from fastapi import APIRouter
from pydantic import SecretStr

from motesplats_events import AssignmentCompleted, Envelope
from shared import observing
from shared.delivery import Delivery, Transaction
from shared.mongo import Database
from shared.service import Service, asgi
from shared.settings import Settings
from tests.delivery.conftest import completed, until
from tests.service.collector import collecting

TOKEN = "a token for tests"
PUBLIC = "http://127.0.0.1:8080"
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}|[0-9a-f]{32}")


class House:
    """Two services in one application: one is asked over HTTP to publish, one reads."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings.model_copy(update={"metrics_token": SecretStr(TOKEN)})
        self.seen: list[str] = []
        writer, reader = Delivery("writes", self.settings), Delivery("reads", self.settings)
        routes = APIRouter()

        @routes.post("/assignments/{subject}")
        async def announce(subject: str) -> None:
            async def work(tx: Transaction) -> None:
                tx.publish(completed(subject), sequence=1)

            await writer.transact(work)

        @routes.post("/surveys/{token}")
        async def answer(token: str) -> None:
            await announce(token)

        @reader.on(AssignmentCompleted)
        async def on_completed(tx: Transaction, event: AssignmentCompleted, _: Envelope) -> None:
            if event.assignment_id.startswith("fails"):
                raise ValueError("a phone number that nobody may see")
            self.seen.append(event.assignment_id)

        async def no_indexes(_: Database) -> None:
            pass

        services = [
            Service("writes", writer, [routes], no_indexes, untraced=["/surveys/"]),
            Service("reads", reader, [], no_indexes),
        ]
        self.app = asgi(services, self.settings)

    async def publish(self, client: httpx.AsyncClient, path: str) -> str:
        """Ask for an event and wait for its effect."""
        subject = str(uuid4())
        assert (await client.post(f"/{path}/{subject}")).status_code == 200

        async def has() -> bool:
            return subject in self.seen

        await until(has)
        return subject

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=PUBLIC)


@pytest.fixture
def house(settings: Settings, topics: None) -> House:
    return House(settings)


async def header(settings: Settings, subject: str) -> bytes | None:
    """The traceparent of the record with this key."""
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka_bootstrap_servers, auto_offset_reset="earliest")
    await consumer.start()
    consumer.assign([TopicPartition(AssignmentCompleted.topic, 0)])
    try:
        async with asyncio.timeout(10):
            async for record in consumer:
                if record.key == subject.encode():
                    return dict(record.headers).get("traceparent")
    finally:
        await consumer.stop()
    raise AssertionError


async def test_one_trace_leads_from_the_request_through_topic_and_inbox(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with collecting() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        async with house.app.router.lifespan_context(house.app), house.client() as client:
            subject = await house.publish(client, "assignments")
        request, effect = (
            collector.named("POST /assignments/{subject}"),
            collector.named(f"process {AssignmentCompleted.topic}"),
        )
        assert effect.trace_id == request.trace_id
        assert effect.parent_span_id == request.span_id
        sent = await header(house.settings, subject)
        assert sent and request.trace_id.hex() in sent.decode()
        assert not ID.search("".join(f"{span.name} {span.attributes}" for span in collector.spans))


async def test_an_answer_leaves_no_trace(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with collecting() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        async with house.app.router.lifespan_context(house.app), house.client() as client:
            subject = await house.publish(client, "surveys")
        assert await header(house.settings, subject) is None
        assert "surveys" not in str(collector.requests)


async def test_a_failed_step_says_its_type_and_not_its_words(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with collecting() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        with (
            observing.traces("test"),
            pytest.raises(ValueError, match="phone"),
            observing.span("a step", observing.SpanKind.INTERNAL),
        ):
            raise ValueError("a phone number that nobody may see")
        assert collector.named("a step").status.message == "ValueError"
        assert "phone" not in str(collector.requests)


async def test_without_a_collector_nothing_is_traced(house: House) -> None:
    async with house.app.router.lifespan_context(house.app), house.client() as client:
        subject = await house.publish(client, "assignments")
    assert await header(house.settings, subject) is None


async def test_metrics_count_what_happened_and_name_nobody(house: House) -> None:
    async with house.app.router.lifespan_context(house.app), house.client() as client:
        await house.publish(client, "assignments")
        await client.post(f"/assignments/fails-{uuid4()}")
        await client.request("SOMEWORD", "/assignments")

        async def parked() -> bool:
            shown = await client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
            return 'motesplats_events_parked{service="reads"} 1.0' in shown.text

        await until(parked)
        shown = (await client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})).text
    topic = f'topic="{AssignmentCompleted.topic}"'
    figures = dict(line.rsplit(" ", 1) for line in shown.splitlines() if not line.startswith("#"))
    assert float(figures[f'motesplats_events_sent_total{{service="writes",{topic}}}']) >= 2
    assert float(figures[f'motesplats_events_consumed_total{{outcome="applied",service="reads",{topic}}}']) >= 1
    assert float(figures[f'motesplats_events_consumed_total{{outcome="parked",service="reads",{topic}}}']) >= 1
    assert figures['motesplats_outbox_waiting{service="writes"}'] == "0.0"
    assert figures['motesplats_ready{service="reads"}'] == "1.0"
    assert any('route="/assignments/{subject}"' in name for name in figures)
    assert 'method="OTHER"' in shown and "SOMEWORD" not in shown
    assert not ID.search(shown)


async def test_metrics_are_for_those_who_have_the_token(house: House, settings: Settings) -> None:
    by_address = httpx.AsyncClient(transport=httpx.ASGITransport(house.app), base_url="http://10.0.0.7:8080")
    async with by_address as client:
        assert (await client.get("/metrics")).status_code == 401
        assert (await client.get("/metrics", headers={"Authorization": "Bearer wrong"})).status_code == 401
    without = asgi([], settings)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(without), base_url=PUBLIC) as client:
        assert (await client.get("/metrics", headers={"Authorization": "Bearer "})).status_code == 404
