"""Ours and the hand-written floors, doing the same durable work on the same broker and store."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from time import perf_counter
from typing import Any
from uuid import uuid4

import uuid_utils
from aiokafka import AIOKafkaConsumer, TopicPartition

from motesplats_events import AssignmentCompleted, Envelope, VolunteerRole
from shared import kafka, mongo
from shared.delivery import Delivery, Transaction
from shared.delivery.outbox import envelope_of
from shared.settings import Settings

Event = type[AssignmentCompleted]
BATCH = 500
KEYS = 1_000
ZIPF = 1.1


def fresh_event() -> Event:
    """An event type with a topic of its own, so that no earlier measurement lies on it."""
    return type("Measured", (AssignmentCompleted,), {"topic": f"bench-{uuid4().hex[:12]}"})


def keys(number: int, seed: int = 1) -> list[str]:
    """Aggregates by a Zipf distribution: a few change all the time, most seldom."""
    names = [f"aggregate-{n}" for n in range(KEYS)]
    weights = [1 / (n + 1) ** ZIPF for n in range(KEYS)]
    return random.Random(seed).choices(names, weights, k=number)


def made(event: Event, key: str) -> AssignmentCompleted:
    """One event."""
    return event(
        assignment_id=key,
        role=VolunteerRole.PEER,
        programme_id="programme",
        organiser="Region Nord",
        municipality="Umeå",
        completed_on=date(2026, 3, 1),
        hours=1,
        people_met=3,
    )


async def effect(tx: Any, subject: str, sequence: int, session: Any) -> None:
    """What a handler does: one write. Its id rises with time, whichever process writes it."""
    row = {"_id": str(uuid_utils.uuid7()), "subject": subject, "sequence": sequence}
    await tx.effects.insert_one(row, session=session)


class Seen:
    """Counts effects, and tells when there are enough."""

    def __init__(self, delivery: Delivery) -> None:
        self.effects = 0
        self.records = 0
        self._enough = asyncio.Event()
        self._wanted = 0
        receive = delivery.inbox.receive

        async def counting(records: Sequence[kafka.Record]) -> None:
            await receive(records)
            self.records += len(records)
            if self.records >= self._wanted:
                self._enough.set()

        delivery.inbox.receive = counting  # type: ignore[method-assign]

    async def until(self, records: int, within: float = 300) -> None:
        """Return when so many records have been applied since the beginning."""
        self._wanted = records
        if self.records >= records:
            return
        self._enough.clear()
        async with asyncio.timeout(within):
            await self._enough.wait()


def reader(settings: Settings, event: Event, name: str = "") -> Delivery:
    """A service that consumes the event with one write each."""
    delivery = Delivery(name or f"reader_{uuid4().hex[:8]}", settings)

    @delivery.on(event)
    async def on_event(tx: Transaction, _: AssignmentCompleted, envelope: Envelope) -> None:
        await effect(tx.db, envelope.subject, envelope.sequence, tx.session)

    return delivery


async def prepared(delivery: Delivery) -> Delivery:
    """With its collections and indexes."""
    await delivery.indexes()
    if "effects" not in await delivery.db.list_collection_names():
        await delivery.db.create_collection("effects")
    return delivery


@asynccontextmanager
async def at_work(delivery: Delivery) -> AsyncIterator[Delivery]:
    """Running, and gone afterwards."""
    async with delivery.running():
        yield delivery


async def gone(*deliveries: Delivery) -> None:
    """Drop what they kept."""
    for delivery in deliveries:
        await delivery.db.client.drop_database(delivery.db.name)
        mongo.close(delivery.db)


async def backlog(delivery: Delivery, event: Event, number: int, seed: int = 1) -> None:
    """Commit events that nobody sends yet."""
    sequences: dict[str, int] = {}
    waiting = keys(number, seed)
    while waiting:
        part, waiting = waiting[:100], waiting[100:]

        async def work(tx: Transaction, part: Sequence[str] = part) -> None:
            for key in part:
                sequences[key] = sequences.get(key, 0) + 1
                tx.publish(made(event, key), sequence=sequences[key])

        await delivery.transact(work)


async def produced(settings: Settings, event: Event, number: int, *, poison: int = 0) -> int:
    """Put events on the topic; every `poison`-th is one that nobody can read, with a key of its own.

    Returns:
        How many were put there.
    """
    producer = kafka.producer(settings)
    await producer.start()
    sequences: dict[str, int] = {}
    for n, key in enumerate(keys(number)):
        sequences[key] = sequences.get(key, 0) + 1
        bad = poison and n % poison == 0
        key = f"bad-{n}" if bad else key
        envelope = Envelope(str(uuid4()), event.event_type(), "/bench", key, datetime.now(UTC), sequences.get(key, 1))
        value = b"\xff" if bad else made(event, key).model_dump_json().encode()
        await producer.send(event.topic, value=value, key=key.encode(), headers=envelope.headers())
    await producer.stop()
    return number


async def timed(work: Awaitable[Any]) -> float:
    """Seconds."""
    started = perf_counter()
    await work
    return perf_counter() - started


async def floor_consumer(settings: Settings, event: Event, number: int) -> float:
    """A hand-written loop: read a batch, one transaction with known ids, effects and ids, then the offsets.

    Returns:
        Seconds.
    """
    delivery = await prepared(Delivery(f"floor_{uuid4().hex[:8]}", settings))
    db = delivery.db
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap_servers,
        group_id=f"floor-{uuid4().hex[:8]}",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=settings.kafka_poll_ms,
    )
    started = perf_counter()
    await consumer.start()
    consumer.assign([TopicPartition(event.topic, n) for n in range(settings.kafka_partitions)])
    done = 0
    while done < number:
        got = await consumer.getmany(timeout_ms=settings.kafka_poll_ms, max_records=BATCH)
        records = [record for part in got.values() for record in part]
        if not records:
            continue

        async def work(session: mongo.Session, records: Sequence[kafka.Record] = records) -> None:
            headers = [dict(record.headers) for record in records]
            ids = [one["ce_id"].decode() for one in headers]
            known = set()
            for first in range(0, len(ids), mongo.IDS_AT_ONCE):
                asked = {"_id": {"$in": ids[first : first + mongo.IDS_AT_ONCE]}}
                known |= {row["_id"] async for row in db.inbox.find(asked, {"_id": 1}, session=session)}
            fresh = []
            for id, one, record in zip(ids, headers, records, strict=True):
                if id in known:
                    continue
                event.model_validate_json(record.value)
                await effect(db, one["ce_subject"].decode(), int(one["ce_sequence"]), session)
                fresh.append({"_id": id, "topic": record.topic, "at": datetime.now(UTC)})
            if fresh:
                await db.inbox.insert_many(fresh, session=session)

        await mongo.in_transaction(db, work)
        await consumer.commit()
        done += len(records)
    took = perf_counter() - started
    await consumer.stop()
    await gone(delivery)
    return took


async def floor_relay(delivery: Delivery, settings: Settings, number: int) -> float:
    """A hand-written loop: read the rows, send them, store one position per batch.

    Returns:
        Seconds.
    """
    db = delivery.db
    producer = kafka.producer(settings)
    started = perf_counter()
    await producer.start()
    position, done = 0, 0
    while done < number:
        rows = await db.outbox.find({"n": {"$gt": position}}).sort("n", 1).limit(BATCH).to_list(BATCH)
        futures = [
            await producer.send(
                row["topic"],
                value=row["value"].encode(),
                key=row["key"].encode(),
                headers=envelope_of(row, delivery.service).headers(),
            )
            for row in rows
        ]
        await asyncio.gather(*futures)
        position, done = rows[-1]["n"], done + len(rows)
        await db.positions.update_one({"_id": "relay"}, {"$set": {"n": position}}, upsert=True)
    took = perf_counter() - started
    await producer.stop()
    return took


def assigned(settings: Settings) -> Settings:
    """The same settings with explicit partitions: joining a group takes seconds and is not what is measured."""
    return settings.model_copy(update={"kafka_assign_partitions": True})
