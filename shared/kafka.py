"""The only module that builds a broker: topics, a producer, and one batch subscriber per service."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeAlias

from aiokafka import AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, LeaderNotAvailableError, NoError, TopicAlreadyExistsError, for_code
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.kafka import TopicPartition as AssignedPartition

from motesplats_events import EVENTS, Event
from shared.settings import Settings, UnsafeSetting

Record: TypeAlias = ConsumerRecord
BATCH = 500
LARGEST_RECORD = 12 * 1024 * 1024

# Services forget the ids of what they consumed after this time: what a topic has from before could be applied twice.
LONGEST_KEPT = timedelta(days=400)

__all__ = ["KafkaError", "Record", "Subscriber", "check_topics", "create_topics", "producer"]


async def create_topics(settings: Settings, events: Iterable[type[Event]] = EVENTS) -> None:
    """Create the topics that are missing; those that exist are left as they are.

    Raises:
        KafkaError: the broker refuses, for instance more copies than there are brokers.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap_servers)
    await admin.start()
    try:
        present = set(await admin.list_topics())
        wanted = [
            NewTopic(
                event.topic,
                num_partitions=settings.kafka_partitions,
                replication_factor=settings.kafka_replication,
                # aiokafka takes -1, which asks for the broker's own default, only beside an assignment.
                replica_assignments={} if settings.kafka_replication == -1 else None,
                topic_configs={
                    # A committed event that the topic refuses would hold up the outbox for good.
                    "max.message.bytes": str(LARGEST_RECORD),
                    **({"cleanup.policy": "compact"} if event.compacted else {}),
                },
            )
            for event in events
            if event.topic not in present
        ]
        if wanted:
            answer = await admin.create_topics(wanted)
            for topic, code, *why in answer.topic_errors:
                error = for_code(code)
                # Another service may have made it meanwhile.
                if error not in (NoError, TopicAlreadyExistsError):
                    raise error(f"topic {topic}: {' '.join(map(str, why))}")
    finally:
        await admin.close()


async def check_topics(settings: Settings, events: Sequence[type[Event]] = EVENTS) -> list[str]:
    """Look at how the topics are set; somebody else may have made them.

    Returns:
        What weakens the promise that nothing is lost without breaking it.

    Raises:
        UnsafeSetting: events would be lost or held up; the message says which setting to change.
        KafkaError: the broker cannot say it yet.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap_servers)
    await admin.start()
    try:
        described = await admin.describe_topics([event.topic for event in events])
        wanted = [ConfigResource(ConfigResourceType.TOPIC, event.topic) for event in events]
        answers = await admin.describe_configs(wanted)
    finally:
        await admin.close()
    said = {one[3]: {entry[0]: entry[1] for entry in one[4]} for answer in answers for one in answer.resources}
    partitions = {topic["topic"]: topic["partitions"] for topic in described}
    weak: defaultdict[str, list[str]] = defaultdict(list)
    for event in events:
        config, parts = said[event.topic], partitions[event.topic]
        if not parts:
            raise LeaderNotAvailableError(f"topic {event.topic} was made a moment ago")
        _refuse_unsafe(settings, event, config, len(parts))
        for weakness in _weaknesses(event, config, copies=min(len(part["replicas"]) for part in parts)):
            weak[weakness].append(event.topic)
    return [f"{', '.join(topics)}: {why}" for why, topics in weak.items()]


def _weaknesses(event: type[Event], config: Mapping[str, str], copies: int) -> Iterator[str]:
    if copies == 1:
        yield "one copy, gone with its broker's disk; several brokers allow KAFKA_REPLICATION=3 before the topics exist"
    elif int(config.get("min.insync.replicas", 1)) < 2:
        yield "acknowledged when one copy has it; set min.insync.replicas to 2"
    if config.get("unclean.leader.election.enable") == "true":
        yield "a broker that missed events may lead; set unclean.leader.election.enable to false"
    kept = int(config.get("retention.ms", 0))
    if not event.compacted and not 0 <= kept <= LONGEST_KEPT.total_seconds() * 1000:
        yield f"kept for longer than services remember what they read; set retention.ms to {LONGEST_KEPT.days} days"


def _refuse_unsafe(settings: Settings, event: type[Event], config: Mapping[str, str], partitions: int) -> None:
    policy = config.get("cleanup.policy", "delete")
    largest = int(config.get("max.message.bytes", LARGEST_RECORD))
    why = None
    if event.compacted and policy != "compact":
        why = f"cleanup.policy={policy} loses contacts; set it to compact"
    elif not event.compacted and "compact" in policy:
        why = f"cleanup.policy={policy} drops events before they are read; set it to delete"
    elif largest < LARGEST_RECORD:
        why = f"an event over max.message.bytes={largest} would hold up all others; set it to {LARGEST_RECORD}"
    elif settings.kafka_assign_partitions and partitions > settings.kafka_partitions:
        why = (
            f"of its {partitions} partitions {settings.kafka_partitions} would be read; "
            f"set KAFKA_PARTITIONS={partitions}, or leave out KAFKA_ASSIGN_PARTITIONS"
        )
    if why:
        raise UnsafeSetting(f"topic {event.topic}: {why}")


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


class Subscriber:
    """Reads topics in batches and commits their offsets when `receive` has returned.

    `receive` must not raise: it returns when every record of the batch is stored, however long that takes.
    Records are handed on as they came from the wire, so that no parser can drop one.
    """

    def __init__(
        self,
        settings: Settings,
        group: str,
        topics: Sequence[str],
        receive: Callable[[Sequence[Record]], Awaitable[None]],
    ) -> None:
        self._settings = settings
        self._broker = KafkaBroker(settings.kafka_bootstrap_servers, logger=None, graceful_timeout=15.0)
        assigned = [
            AssignedPartition(topic, partition) for topic in topics for partition in range(settings.kafka_partitions)
        ]
        where: dict[str, Any] = {"partitions": assigned} if settings.kafka_assign_partitions else {}
        self._subscription = self._broker.subscriber(
            *(() if settings.kafka_assign_partitions else topics),
            **where,
            group_id=group,
            batch=True,
            max_records=BATCH,
            batch_timeout_ms=settings.kafka_poll_ms,
            fetch_max_wait_ms=settings.kafka_poll_ms,
            max_partition_fetch_bytes=16 * 1024 * 1024,
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.MANUAL,
            parser=self._raw,
            decoder=_records,
        )

        async def handle(records: object) -> None:
            assert isinstance(records, tuple)
            await receive(records)
            await self._commit()

        self._subscription(handle)

    async def _raw(self, records: Any) -> KafkaMessage:
        # FastStream's own parser raises on a header that is null or not UTF-8, and the record is then skipped.
        return KafkaMessage(
            body=b"",
            raw_message=records,
            headers={},
            batch_headers=[],
            message_id="",
            correlation_id="",
            consumer=self._subscription.consumer,
        )

    async def _commit(self) -> None:
        consumer = self._subscription.consumer
        if consumer is None:
            return
        try:
            await consumer.commit()
        except KafkaError:
            # The partitions went to another replica, or the broker is away. The batch comes again; the inbox knows it.
            return

    async def start(self) -> None:
        """Begin to read."""
        await self._broker.start()

    async def stop(self) -> None:
        """Finish the batch in hand and leave."""
        await self._broker.stop()

    @property
    def alive(self) -> bool:
        """Whether the reading task is still running."""
        return self._subscription.running and all(not task.done() for task in self._subscription.tasks)

    async def lag(self) -> int:
        """How many records wait to be read, over all partitions this process reads."""
        consumer = self._subscription.consumer
        if consumer is None:
            return 0
        assigned: set[TopicPartition] = consumer.assignment()
        if not assigned:
            return 0
        ends = await consumer.end_offsets(list(assigned))
        return sum([max(0, end - await consumer.position(partition)) for partition, end in ends.items()])


async def _records(message: KafkaMessage) -> Any:
    return message.raw_message
