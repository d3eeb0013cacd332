"""What the start says of topics that somebody else made, or changed."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete
from structlog.testing import capture_logs

from motesplats_events import AssignmentCompleted, Envelope, Event, ParticipantContactChanged
from shared import kafka
from shared.delivery import Delivery, Transaction
from shared.settings import Settings, UnsafeSetting
from tests.delivery.conftest import completed, send, until

FITS = {"max.message.bytes": str(kafka.LARGEST_RECORD)}


def event(like: type[Event]) -> type[Event]:
    """One with a topic of its own."""
    return type("Event", (like,), {"topic": f"topic-{uuid4().hex[:12]}"})


async def checked(settings: Settings, *events: type[Event]) -> list[str]:
    """The check, as soon as the broker knows of the topics."""
    async with asyncio.timeout(10):
        while True:
            try:
                return await kafka.check_topics(settings, events)
            except kafka.KafkaError:
                await asyncio.sleep(0.1)


@pytest.fixture
async def admin(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap_servers)
    await admin.start()
    yield admin
    await admin.close()


async def test_topics_that_the_platform_makes_have_only_the_weakness_of_a_single_broker(settings: Settings) -> None:
    made = [event(AssignmentCompleted), event(ParticipantContactChanged)]
    await kafka.create_topics(settings, made)
    (weakness,) = await checked(settings, *made)
    assert weakness.startswith(f"{made[0].topic}, {made[1].topic}: one copy")


@pytest.mark.parametrize(
    ("like", "config", "mend"),
    [
        (AssignmentCompleted, {**FITS, "cleanup.policy": "compact"}, "set it to delete"),
        (ParticipantContactChanged, {**FITS, "cleanup.policy": "delete"}, "set it to compact"),
        (AssignmentCompleted, {"max.message.bytes": "1000000"}, f"set it to {kafka.LARGEST_RECORD}"),
    ],
)
async def test_a_topic_that_would_lose_events_is_refused_with_the_mend(
    settings: Settings, admin: AIOKafkaAdminClient, like: type[Event], config: dict[str, str], mend: str
) -> None:
    made = event(like)
    await admin.create_topics([NewTopic(made.topic, 1, 1, topic_configs=config)])
    with pytest.raises(UnsafeSetting, match=f"topic {made.topic}: .*{mend}"):
        await checked(settings, made)


async def test_partitions_that_nobody_would_read_are_refused(settings: Settings, admin: AIOKafkaAdminClient) -> None:
    made = event(AssignmentCompleted)
    await admin.create_topics([NewTopic(made.topic, 3, 1, topic_configs=FITS)])
    one = settings.model_copy(update={"kafka_assign_partitions": True, "kafka_partitions": 1})
    with pytest.raises(UnsafeSetting, match="KAFKA_PARTITIONS=3"):
        await checked(one, made)
    await checked(settings.model_copy(update={"kafka_assign_partitions": False}), made)


async def test_a_topic_that_outlives_what_services_remember_is_said(
    settings: Settings, admin: AIOKafkaAdminClient
) -> None:
    made = event(AssignmentCompleted)
    await admin.create_topics([NewTopic(made.topic, 1, 1, topic_configs={**FITS, "retention.ms": "-1"})])
    assert any("set retention.ms to 10368000000 or less" in weakness for weakness in await checked(settings, made))


async def test_settings_for_the_embedded_broker_are_said_beside_another(settings: Settings) -> None:
    made = event(AssignmentCompleted)
    await kafka.create_topics(settings, [made])
    embedded = settings.model_copy(update={"kafka_idempotent": False, "kafka_assign_partitions": True})
    said = "\n".join(await checked(embedded, made))
    for name in ("KAFKA_IDEMPOTENT", "KAFKA_ASSIGN_PARTITIONS"):
        assert (name in said) is not settings.kafka_assign_partitions


async def test_events_that_a_topic_deleted_unread_are_said(
    settings: Settings, producer: AIOKafkaProducer, admin: AIOKafkaAdminClient
) -> None:
    if settings.kafka_assign_partitions:
        pytest.skip("the embedded broker deletes nothing while it runs")
    made = event(AssignmentCompleted)
    await admin.create_topics([NewTopic(made.topic, 1, 1, topic_configs=FITS)])
    await checked(settings, made)
    name, applied = f"absent_{uuid4().hex[:12]}", []

    def reader() -> Delivery:
        delivery = Delivery(name, settings)

        @delivery.on(made)
        async def on_made(tx: Transaction, _: object, envelope: Envelope) -> None:
            applied.append(envelope.sequence)

        return delivery

    async def put(sequence: int) -> None:
        one = completed(str(uuid4()))
        await send(producer, made(**one.model_dump()), sequence)

    async def has(sequence: int) -> bool:
        return sequence in applied

    first = reader()
    await first.indexes()
    await put(1)
    async with first.running():
        await until(lambda: has(1))
        await asyncio.sleep(0.5)
    for sequence in range(2, 7):
        await put(sequence)
    await admin.delete_records({TopicPartition(made.topic, 0): RecordsToDelete(4)})
    with capture_logs() as lines:
        async with reader().running():
            await until(lambda: has(6))
    assert applied == [1, 5, 6]
    (missed,) = [line for line in lines if line["event"] == "events_missed"]
    assert (missed["where"], missed["events"]) == (f"{made.topic}/0@1", 3)
