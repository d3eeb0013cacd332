"""One batch subscriber per service, which passes no record over."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from time import monotonic
from typing import Any, TypeAlias

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import ConsumerStoppedError, KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.kafka import TopicPartition as AssignedPartition

from shared.logs import logger
from shared.settings import Settings

log = logger(__name__)

Record: TypeAlias = ConsumerRecord
Found: TypeAlias = dict[TopicPartition, list[Record]]
BATCH = 500
RETRY_SECONDS = 1.0
# A bad record shows itself within this time.
WATCHED_SECONDS = 60.0


class Consumer(AIOKafkaConsumer):  # type: ignore[misc]
    """Hands over every record of every partition, or stays where it is.

    A record that cannot even be taken apart, such as one with a header's name that is not UTF-8, makes aiokafka raise
    when it has already moved past other partitions' records: they would be committed unread. Here all go back to what
    is committed, and from then on each partition is read by itself, so that only the one with the bad record stands
    still.

    Attributes:
        stuck: which partitions stand still, as `topic/partition@offset`, and the type of the error.
    """

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.stuck: dict[str, str] = {}
        self._by_itself = False
        self._watched_until = 0.0
        self._moved_past = False
        # What comes before a bad record is handed over one by one: until when, if no other shows itself.
        self._careful: dict[TopicPartition, float] = {}
        self._met: set[TopicPartition] = set()

    async def getmany(self, *_: TopicPartition, timeout_ms: int = 0, max_records: int | None = None) -> Found:
        """Returns when there is something."""
        while True:
            try:
                if self._moved_past:
                    for partition in self.assignment():
                        await self._go_back(partition)
                    self._moved_past = False
                if self._by_itself:
                    found = await self._each(max_records)
                else:
                    found = await super().getmany(timeout_ms=timeout_ms, max_records=max_records)
                if found:
                    await self._notice_gaps(found)
                    return found
            except ConsumerStoppedError:
                raise
            except Exception as error:
                log.warning("reading_failed", error=type(error).__name__)
                self._by_itself = self._moved_past = True
                self._watched_until = monotonic() + WATCHED_SECONDS
                await asyncio.sleep(RETRY_SECONDS)
            else:
                await asyncio.sleep(timeout_ms / 1000 if self._by_itself else 0)

    async def _each(self, max_records: int | None) -> Found:
        found: Found = {}
        stuck: dict[str, str] = {}
        share = max(1, (max_records or BATCH) // max(1, len(self.assignment())))
        for partition in self.assignment():
            try:
                most = 1 if partition in self._careful else share
                found |= await super().getmany(partition, timeout_ms=0, max_records=most)
            except ConsumerStoppedError:
                raise
            except Exception as error:
                where = f"{partition.topic}/{partition.partition}@{await self._go_back(partition)}"
                stuck[where] = type(error).__name__
                if partition in self._careful and where not in self.stuck:
                    log.error("partition_stuck", where=where, error=type(error).__name__)
                self._careful[partition] = monotonic() + WATCHED_SECONDS
        self.stuck = {where: why for where, why in self.stuck.items() if not _moved(where, found)} | stuck
        # What failed was an outage, and no record, or a record that is behind us.
        self._careful = {partition: end for partition, end in self._careful.items() if monotonic() < end}
        self._by_itself = bool(self._careful) or monotonic() < self._watched_until
        return found

    async def _go_back(self, partition: TopicPartition) -> int:
        committed = await self.committed(partition)
        if committed is None:
            committed = (await self.beginning_offsets([partition]))[partition]
        self.seek(partition, committed)
        return int(committed)

    async def _notice_gaps(self, found: Found) -> None:
        """Say so when a partition begins after what was committed: what lay between is deleted, and nobody read it."""
        self._met &= self.assignment()
        for partition in found.keys() - self._met:
            committed = await self.committed(partition)
            # Where a partition begins is asked on the connection that waits for records: only if something may be gone.
            if committed is not None and found[partition][0].offset > committed:
                begins = (await self.beginning_offsets([partition]))[partition]
                if begins > committed:
                    where = f"{partition.topic}/{partition.partition}@{committed}"
                    log.error("events_missed", where=where, events=begins - committed)
            self._met.add(partition)


def _moved(where: str, found: Found) -> bool:
    return where.partition("@")[0] in {f"{partition.topic}/{partition.partition}" for partition in found}


class Subscriber:
    """Reads topics in batches and commits their offsets when `receive` has returned.

    `receive` returns when every record of the batch is stored, however long that takes; should it raise, it gets the
    same batch again.
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
        # FastStream's own producer and admin client would need rights that a reader has no use for.
        self._broker = KafkaBroker(
            settings.kafka_bootstrap_servers, logger=None, graceful_timeout=15.0, consumer_only=True
        )
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
            while True:
                try:
                    await receive(records)
                    break
                except Exception:
                    # To go on would commit what had no effect.
                    log.exception("receive_failed", group=group)
                    await asyncio.sleep(RETRY_SECONDS)
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
        await self._broker.connect()
        config = self._broker.config.broker_config
        assert isinstance(config.builder, partial)
        config.builder = partial(Consumer, *config.builder.args, **config.builder.keywords)
        await self._broker.start()

    async def stop(self) -> None:
        """Finish the batch in hand and leave."""
        await self._broker.stop()

    @property
    def alive(self) -> bool:
        """Whether the reading task is still running."""
        return self._subscription.running and all(not task.done() for task in self._subscription.tasks)

    @property
    def stuck(self) -> Mapping[str, str]:
        """Partitions that hold a record which no client can take apart, as `topic/partition@offset`, and why."""
        consumer = self._subscription.consumer
        return consumer.stuck if isinstance(consumer, Consumer) else {}

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
