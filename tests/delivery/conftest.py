"""A service that writes and one that reads, on a real broker and store."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer

from motesplats_events import (
    AssignmentCompleted,
    Envelope,
    Event,
    ParticipantContactChanged,
    VolunteerRole,
)
from shared import kafka, mongo
from shared.delivery import Delivery, Transaction
from shared.mongo import Document
from shared.settings import Settings

WITHIN = 60.0


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Everything here runs on the embedded pair and on real Kafka in containers."""
    if "connection" in metafunc.fixturenames:
        metafunc.parametrize("connection", ["embedded", "containers"], indirect=True, scope="session")


def completed(assignment_id: str, people_met: int = 1) -> AssignmentCompleted:
    return AssignmentCompleted(
        assignment_id=assignment_id,
        role=VolunteerRole.PEER,
        programme_id="p",
        organiser="o",
        municipality="m",
        completed_on=date(2025, 2, 1),
        hours=1,
        people_met=people_met,
    )


async def until(check: Callable[[], Awaitable[bool]], within: float = WITHIN) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(within):
        while not await check():
            await asyncio.sleep(0.02)


class Reader:
    """A service that writes down what it applied, in order."""

    def __init__(self, settings: Settings, name: str = "") -> None:
        self.delivery = Delivery(name or f"reader_{uuid4().hex[:12]}", settings)
        self.fails_on: set[str] = set()
        self.applied = 0

        @self.delivery.on(AssignmentCompleted)
        async def on_assignment_completed(tx: Transaction, event: AssignmentCompleted, envelope: Envelope) -> None:
            if event.assignment_id in self.fails_on:
                raise RuntimeError("cannot")
            self.applied += 1
            row = {"subject": envelope.subject, "sequence": envelope.sequence, "people": event.people_met}
            await tx.db.effects.insert_one(row, session=tx.session)

        @self.delivery.on(ParticipantContactChanged)
        async def on_contact(tx: Transaction, event: ParticipantContactChanged | None, envelope: Envelope) -> None:
            row = {"subject": envelope.subject, "email": event.email if event else None}
            await tx.db.effects.insert_one(row, session=tx.session)

    async def effects(self, subject: str) -> list[Any]:
        rows: list[Any] = await self.delivery.db.effects.find({"subject": subject}).sort("_id", 1).to_list(None)
        return rows

    async def parked(self, key: str) -> list[Any]:
        rows: list[Any] = await self.delivery.db.parked.find({"key": key.encode()}).sort("_id", 1).to_list(None)
        return rows

    async def has(self, subject: str, number: int) -> bool:
        return len(await self.effects(subject)) >= number


@asynccontextmanager
async def at_work(delivery: Delivery) -> AsyncIterator[Delivery]:
    await delivery.indexes()
    await delivery.db.create_collection("effects")
    async with delivery.running():
        yield delivery
    await delivery.db.client.drop_database(delivery.db.name)
    mongo.close(delivery.db)


@pytest_asyncio.fixture
async def reader(settings: Settings) -> AsyncIterator[Reader]:
    found = Reader(settings)
    async with at_work(found.delivery):
        yield found


@pytest_asyncio.fixture
async def writer(settings: Settings) -> AsyncIterator[Delivery]:
    async with at_work(Delivery(f"writer_{uuid4().hex[:12]}", settings)) as delivery:
        yield delivery


@pytest_asyncio.fixture
async def producer(settings: Settings) -> AsyncIterator[AIOKafkaProducer]:
    found = kafka.producer(settings)
    await found.start()
    yield found
    await found.stop()


async def send(producer: AIOKafkaProducer, event: Event, sequence: int, *, id: str = "", **change: Any) -> None:
    envelope = Envelope(
        id=id or str(uuid4()),
        type=event.event_type(),
        source="/test",
        subject=event.subject,
        time=datetime.now(UTC),
        sequence=sequence,
    )
    record = {"value": event.model_dump_json().encode(), "key": event.subject.encode(), "headers": envelope.headers()}
    await producer.send_and_wait(event.topic, **(record | change))


def names(lines: Sequence[Any], row: Any) -> bool:
    """Whether a log line says which event was parked, where it lies and why."""
    said = {name: row[name] for name in ("topic", "partition", "offset", "reason")}
    parked = {"event": "event_parked", "event_id": row["_id"], **said}
    return any(parked.items() <= line.items() for line in lines)


async def holds(reader: Reader, key: str, number: int) -> bool:
    return len(await reader.parked(key)) >= number


def announce(subject: str, sequence: int) -> Callable[[Transaction], Awaitable[None]]:
    async def work(tx: Transaction) -> None:
        tx.publish(completed(subject), sequence=sequence)

    return work


async def lease_of(delivery: Delivery) -> Document:
    return await delivery.db.leases.find_one({"_id": "relay"}) or {"holder": ""}


async def leased(delivery: Delivery) -> bool:
    return bool((await lease_of(delivery))["holder"])


async def all_noted(delivery: Delivery) -> bool:
    """A reader can have the effect before."""
    return await delivery.relay.waiting() == 0
