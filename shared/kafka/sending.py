"""The producer of a relay."""

import asyncio

from aiokafka import AIOKafkaProducer
from aiokafka.errors import BrokerResponseError, ProducerClosed, UnknownTopicOrPartitionError

from shared.kafka.topics import LARGEST_RECORD
from shared.settings import Settings

FLUSH_SECONDS = 5.0


def producer(settings: Settings) -> AIOKafkaProducer:
    """A producer that counts a send as done when every in-sync replica has it."""
    return AIOKafkaProducer(
        bootstrap_servers=settings.kafka_bootstrap_servers,
        acks="all",
        enable_idempotence=settings.kafka_idempotent,
        linger_ms=2,
        max_batch_size=256 * 1024,
        max_request_size=LARGEST_RECORD,
    )


def is_refusal(error: BaseException) -> bool:
    """True when the broker says no, and will until somebody changes something: rights, a topic, its largest record."""
    if isinstance(error, UnknownTopicOrPartitionError):
        return True
    return isinstance(error, BrokerResponseError) and not error.retriable


async def close(producer: AIOKafkaProducer) -> None:
    """Send what it holds, if the broker takes it within some seconds, and otherwise forget it.

    By itself an idempotent producer waits for its broker for ever, and would send what it holds long after.
    """
    try:
        async with asyncio.timeout(FLUSH_SECONDS):
            await producer.stop()
    except TimeoutError:
        await producer._sender.close()
        producer._message_accumulator.fail_all(ProducerClosed())
        await producer.client.close()
