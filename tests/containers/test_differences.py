"""What Apache Kafka does and the embedded broker does not, so that the delivery suite cannot show it on both."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import InvalidReplicationFactorError

from motesplats_events import ParticipantContactChanged, ParticipantRegistered, SessionHeld
from shared import kafka
from shared.settings import Settings
from tests.conftest import CONTAINERS, SECRET_KEY
from tests.containers import images


@pytest.fixture(scope="module")
def pair() -> Iterator[Any]:
    """A pair of these tests' own: they kill it."""
    if reason := images.cannot_run("kafka", "store"):
        pytest.skip(reason)
    from tests.containers.pair import ContainerPair

    started = ContainerPair.start(KAFKA_JVM_PERFORMANCE_OPTS="-XX:TieredStopAtLevel=1")
    yield started
    started.stop()


@pytest.fixture
def settings(pair: Any) -> Settings:
    where = pair.addresses
    given = {"kafka_bootstrap_servers": where.kafka_bootstrap_servers, "mongodb_uri": where.mongodb_uri}
    return Settings(**given, **CONTAINERS, secret_key=SECRET_KEY)


@pytest.fixture
async def admin(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    found = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap_servers)
    await found.start()
    yield found
    await found.close()


async def test_topics_get_as_many_copies_as_the_broker_says_when_nobody_says_otherwise(
    settings: Settings, admin: AIOKafkaAdminClient
) -> None:
    assert settings.kafka_replication == -1
    await kafka.create_topics(settings, [SessionHeld])
    (topic,) = await admin.describe_topics([SessionHeld.topic])
    assert [len(partition["replicas"]) for partition in topic["partitions"]] == [1] * settings.kafka_partitions


async def test_a_topic_that_cannot_be_made_stops_the_start_and_is_named(settings: Settings) -> None:
    three = settings.model_copy(update={"kafka_replication": 3})
    with pytest.raises(InvalidReplicationFactorError, match=ParticipantContactChanged.topic):
        await kafka.create_topics(three, [ParticipantContactChanged])


async def test_what_was_acknowledged_is_there_once_after_the_broker_was_killed(pair: Any, settings: Settings) -> None:
    topic = ParticipantRegistered.topic
    await kafka.create_topics(settings, [ParticipantRegistered])
    producer = kafka.producer(settings)
    await producer.start()
    for number in range(50):
        await producer.send_and_wait(topic, str(number).encode(), key=b"one")
    pair.kill("kafka")
    # Sent while the broker is away: the producer tries again until it is back, and the broker drops what it has.
    late = [await producer.send(topic, str(number).encode(), key=b"one") for number in range(50, 60)]
    pair.start_again("kafka")
    partitions = {(await sent).partition for sent in late}
    await producer.stop()
    assert await _values(settings, topic, partitions) == [str(number).encode() for number in range(60)]


async def _values(settings: Settings, topic: str, partitions: set[int]) -> list[bytes]:
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka_bootstrap_servers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        (partition,) = {TopicPartition(topic, number) for number in partitions}
        consumer.assign([partition])
        end = (await consumer.end_offsets([partition]))[partition]
        found: list[bytes] = []
        while await consumer.position(partition) < end:
            found += [record.value for record in (await consumer.getmany(timeout_ms=500)).get(partition, [])]
        return found
    finally:
        await consumer.stop()
