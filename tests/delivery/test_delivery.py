"""Promise 1 on a real broker and store: nothing lost, nothing twice, in order."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer
from pymongo.errors import AutoReconnect, OperationFailure
from structlog.testing import capture_logs

from motesplats_events import (
    AssignmentCompleted,
    Envelope,
    Event,
    ParticipantContactChanged,
)
from shared import kafka, mongo
from shared.delivery import Delivery, Reading, Transaction, put_if_newer
from shared.delivery.backlog import in_order_of_each_key
from shared.delivery.inbox import Done, Inbox
from shared.delivery.received import Received
from shared.settings import Settings
from tests.delivery.conftest import Reader, announce, at_work, completed, holds, leased, names, send, until


async def test_an_event_is_announced_with_its_state_or_not_at_all(writer: Delivery) -> None:
    async def breaks(tx: Transaction) -> None:
        await tx.db.effects.insert_one({"_id": "state"}, session=tx.session)
        tx.publish(completed("a"), sequence=1)
        raise LookupError

    with pytest.raises(LookupError):
        await writer.transact(breaks)
    assert await writer.db.effects.count_documents({}) == 0
    assert await writer.db.outbox.count_documents({}) == 0


async def test_what_is_committed_reaches_the_reader_in_the_order_of_commits(writer: Delivery, reader: Reader) -> None:
    subjects = [str(uuid4()) for _ in range(5)]

    async def change(tx: Transaction, subject: str) -> None:
        row = await tx.db.effects.find_one_and_update(
            {"_id": subject}, {"$inc": {"version": 1}}, upsert=True, return_document=True, session=tx.session
        )
        tx.publish(completed(subject), sequence=row["version"])

    # Without the lock, so that transactions of one subject conflict and are attempted again.
    await asyncio.gather(
        *(writer.transact(lambda tx, s=subject: change(tx, s)) for subject in subjects for _ in range(8))  # type: ignore[misc]
    )
    for subject in subjects:
        await until(lambda s=subject: reader.has(s, 8))  # type: ignore[misc]
        assert [row["sequence"] for row in await reader.effects(subject)] == list(range(1, 9))


def test_rows_of_one_key_leave_by_sequence_even_when_clocks_disagree() -> None:
    def row(key: str, sequence: int) -> dict[str, Any]:
        return {"topic": "t", "key": key, "sequence": sequence}

    read = [row("a", 2), row("b", 1), row("a", 10), row("a", 1), row("b", 2)]
    assert in_order_of_each_key(read) == [row("a", 1), row("b", 1), row("a", 2), row("a", 10), row("b", 2)]


async def test_an_event_that_comes_twice_has_its_effect_once(producer: AIOKafkaProducer, reader: Reader) -> None:
    subject, id = str(uuid4()), str(uuid4())
    for _ in range(3):
        await send(producer, completed(subject), 1, id=id)
    await send(producer, completed(subject), 2)
    await until(lambda: reader.has(subject, 2))
    assert [row["sequence"] for row in await reader.effects(subject)] == [1, 2]


async def test_everything_consumed_again_from_the_start_changes_nothing(
    producer: AIOKafkaProducer, settings: Settings
) -> None:
    subject = str(uuid4())
    reader = Reader(settings)
    async with at_work(reader.delivery) as delivery:
        await send(producer, completed(subject), 1)
        await until(lambda: reader.has(subject, 1))
        assert delivery.subscriber
        await delivery.subscriber.stop()
        again = kafka.Subscriber(settings, f"again_{uuid4().hex}", delivery.topics, delivery.inbox.receive)
        await again.start()
        await send(producer, completed(subject), 2)
        await until(lambda: reader.has(subject, 2))
        await again.stop()
        assert [row["sequence"] for row in await reader.effects(subject)] == [1, 2]


HEADERS = Envelope("x", "motesplats.assignment-completed.v1", "/t", "y", datetime.now(UTC), 1).headers()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"value": b"\xff not json"}, "does not fit"),
        ({"value": b"{}"}, "assignment_id: missing"),
        ({"value": None}, "empty"),
        ({"value": b""}, "empty"),
        ({"headers": []}, "ce_specversion"),
        ({"headers": [("ce_specversion", None), ("ce_id", None)]}, "ce_specversion"),
        ({"headers": [("ce_specversion", b"1.0"), ("ce_id", b"\xff\xfe")]}, "ce_time|ce_id"),
        ({"headers": [(*header,) if header[0] != "ce_id" else ("ce_id", b"x" * 5_000) for header in HEADERS]}, "ce_id"),
        ({"value": b"x" * 10_000_000}, "does not fit"),
    ],
    ids=["bytes", "schema", "tombstone", "empty", "headers", "null headers", "not utf-8", "long id", "ten megabytes"],
)
async def test_bad_bytes_are_kept_and_hold_only_their_own_key(
    producer: AIOKafkaProducer, reader: Reader, change: dict[str, Any], reason: str
) -> None:
    bad, good = str(uuid4()), str(uuid4())
    with capture_logs() as lines:
        await send(producer, completed(bad), 1, **change)
        await send(producer, completed(bad), 2)
        await send(producer, completed(good), 1)
        await until(lambda: reader.has(good, 1))
        await until(lambda: holds(reader, bad, 2))
        first, second = sorted(await reader.parked(bad), key=lambda row: row["offset"])

        async def said() -> bool:
            return names(lines, first) and names(lines, second)

        await until(said)
    assert any(part in first["reason"] for part in reason.split("|"))
    assert first["value"] == change.get("value", completed(bad).model_dump_json().encode())
    assert second["reason"] == "waits behind a parked event of its key"
    assert await reader.effects(bad) == []


async def test_a_newer_version_of_an_event_waits_for_a_reader_that_knows_it(
    producer: AIOKafkaProducer, reader: Reader
) -> None:
    subject = str(uuid4())
    envelope = Envelope(str(uuid4()), "motesplats.assignment-completed.v2", "/t", subject, datetime.now(UTC), 1)
    headers = envelope.headers()
    with capture_logs() as lines:
        await send(producer, completed(subject), 1, headers=headers)
        await until(lambda: holds(reader, subject, 1))
        (row,) = await reader.parked(subject)

        async def said() -> bool:
            return names(lines, row)

        await until(said)
    assert "v2 is not" in row["reason"]
    assert row["_id"] == envelope.id


async def test_a_handler_that_keeps_failing_holds_only_its_own_key(producer: AIOKafkaProducer, reader: Reader) -> None:
    bad, good = str(uuid4()), str(uuid4())
    reader.fails_on.add(bad)
    await send(producer, completed(bad), 1)
    await send(producer, completed(good), 1)
    await send(producer, completed(bad), 2)
    await until(lambda: holds(reader, bad, 2))
    await until(lambda: reader.has(good, 1))
    assert await reader.effects(bad) == []


async def test_a_commit_whose_reply_was_lost_is_not_done_twice(
    writer: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = mongo.in_transaction

    async def loses_the_reply(db: Any, work: Any) -> Any:
        await real(db, work)
        # What a driver does that believes the first attempt was lost: it runs the work again.
        return await real(db, work)

    monkeypatch.setattr(mongo, "in_transaction", loses_the_reply)

    async def work(tx: Transaction) -> str:
        await tx.db.effects.insert_one({"made": str(uuid4())}, session=tx.session)
        tx.publish(completed("once"), sequence=1)
        return "done"

    assert await writer.transact(work) == "done"
    assert await writer.db.effects.count_documents({}) == 1
    assert await writer.db.outbox.count_documents({}) == 1


async def test_an_outage_is_waited_out_and_parks_nothing(
    producer: AIOKafkaProducer, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = str(uuid4())
    real = mongo.in_transaction
    failures = 8

    async def away(db: Any, work: Any) -> Any:
        nonlocal failures
        if failures and db.name == reader.delivery.db.name:
            failures -= 1
            raise AutoReconnect("away")
        return await real(db, work)

    monkeypatch.setattr(mongo, "in_transaction", away)
    monkeypatch.setattr("shared.delivery.inbox.LONGEST_PAUSE_SECONDS", 0.2)
    await send(producer, completed(subject), 1)
    await until(lambda: reader.has(subject, 1))
    assert failures == 0
    assert await reader.delivery.db.parked.count_documents({"key": subject.encode()}) == 0


async def test_what_a_store_in_trouble_could_neither_apply_nor_park_is_applied_when_it_is_well(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject, refused = str(uuid4()), 0
    reader.fails_on.add(subject)
    real = Inbox._park

    async def park(*args: Any, **options: Any) -> None:
        nonlocal refused
        if not refused:
            refused += 1
            reader.fails_on.clear()
            raise AutoReconnect("away, and its disk is emptied")
        await real(*args, **options)

    monkeypatch.setattr(Inbox, "_park", park)
    inbox = Inbox(reader.delivery.service, reader.delivery.transact)
    inbox.add(AssignmentCompleted, reader.delivery.inbox.handler(AssignmentCompleted.topic))
    await inbox.receive([_record(subject, 1)])
    assert refused
    assert await reader.has(subject, 1)
    assert await reader.parked(subject) == []


async def test_contact_details_are_read_when_they_are_sent_and_an_erased_one_is_a_tombstone(
    writer: Delivery, reader: Reader
) -> None:
    subject = str(uuid4())

    async def current(at: Reading, subjects: Sequence[str]) -> Mapping[str, Event]:
        rows = await at.db.effects.find({"_id": {"$in": list(subjects)}}).to_list(None)
        return {
            row["_id"]: ParticipantContactChanged(
                participant_id=row["_id"], programme_id="p", name="Astrid", email=row["email"], language="sv"
            )
            for row in rows
        }

    writer.current(ParticipantContactChanged, current)

    async def write(tx: Transaction, email: str | None, sequence: int) -> None:
        if email:
            await tx.db.effects.replace_one({"_id": subject}, {"email": email}, upsert=True, session=tx.session)
        else:
            await tx.db.effects.delete_one({"_id": subject}, session=tx.session)
        tx.publish_current(ParticipantContactChanged, subject, sequence=sequence)

    await writer.transact(lambda tx: write(tx, "a@example.org", 1))
    await until(lambda: reader.has(subject, 1))
    await writer.transact(lambda tx: write(tx, None, 2))
    await until(lambda: reader.has(subject, 2))
    assert [row["email"] for row in await reader.effects(subject)] == ["a@example.org", None]
    assert "example.org" not in str(await writer.db.outbox.find({}).to_list(None))


async def test_one_relay_of_a_service_sends_and_the_other_takes_over(settings: Settings, reader: Reader) -> None:
    name, subject = f"twins_{uuid4().hex[:12]}", str(uuid4())
    first = Delivery(name, settings)
    async with at_work(first):
        second = Delivery(name, settings)
        await until(lambda: leased(first))
        holder = (await first.db.leases.find_one({"_id": "relay"}))["holder"]
        async with second.running():
            await second.transact(announce(subject, 1))
            await until(lambda: reader.has(subject, 1))
            assert (await first.db.leases.find_one({"_id": "relay"}))["holder"] == holder
            # A relay that dies leaves a lease that runs out.
            first._relay_task.cancel()
            await asyncio.gather(first._relay_task, return_exceptions=True)
            await second.transact(announce(subject, 2))
            await until(lambda: reader.has(subject, 2))
        mongo.close(second.db)
    assert [row["sequence"] for row in await reader.effects(subject)] == [1, 2]


async def test_an_older_state_does_not_overwrite_a_newer_one(writer: Delivery) -> None:
    async def put(tx: Transaction, sequence: int) -> bool:
        return await put_if_newer(tx, "effects", "x", sequence, {"n": sequence})

    assert [await writer.transact(lambda tx, n=n: put(tx, n)) for n in (2, 1, 2, 3)] == [True, False, False, True]  # type: ignore[misc]
    assert (await writer.db.effects.find_one({"_id": "x"}))["n"] == 3


async def test_a_long_key_is_held_by_its_hash(producer: AIOKafkaProducer, reader: Reader) -> None:
    good, long = str(uuid4()), b"k" * 1_000_000
    await send(producer, completed(good), 1, key=long)
    await send(producer, completed(good), 2)
    await until(lambda: reader.has(good, 1))
    await until(lambda: holds(reader, long.decode(), 1))
    assert len((await reader.parked(long.decode()))[0]["order_key"]) < 100


async def test_a_batch_that_the_store_keeps_giving_up_is_tried_event_by_event() -> None:
    sizes: list[int] = []

    class Fake(Inbox):
        async def _apply_in(self, tx: Transaction, batch: Sequence[Received], done: list[Done]) -> None:
            sizes.append(len(batch))
            if len(batch) > 1:
                raise OperationFailure("given up", 251, {"errorLabels": ["TransientTransactionError"]})

    async def transact(work: Callable[[Any], Awaitable[None]]) -> None:
        await work(None)

    inbox = Fake("service", transact)
    inbox.add(AssignmentCompleted, lambda *_: asyncio.sleep(0))
    record = kafka.Record(AssignmentCompleted.topic, 0, 0, 0, 0, b"k", b"v", None, 1, 1, ())
    async with asyncio.timeout(10):
        await inbox.receive([record, record, record])
    assert sizes == [3, 1, 1, 1]


async def test_one_event_that_fails_lets_the_rest_of_its_batch_go_on_together(reader: Reader) -> None:
    bad, transactions = str(uuid4()), 0
    reader.fails_on.add(bad)

    async def transact(work: Callable[[Transaction], Awaitable[None]]) -> None:
        nonlocal transactions
        transactions += 1
        await reader.delivery.transact(work)

    inbox = Inbox(reader.delivery.service, transact)
    inbox.add(AssignmentCompleted, reader.delivery.inbox.handler(AssignmentCompleted.topic))
    good = [str(uuid4()) for _ in range(200)]
    await inbox.receive([_record(subject, 1) for subject in [*good[:90], bad, *good[90:]]] + [_record(bad, 2)])
    done = await reader.delivery.db.effects.find({"subject": {"$in": good}}).to_list(None)
    assert sorted(row["subject"] for row in done) == sorted(good)
    parked = {row["place"]: row["reason"] for row in await reader.parked(bad)}
    assert parked == {1: "the handler failed", 2: "waits behind a parked event of its key"}
    assert transactions < 12, "the others are not tried one by one"


def _record(subject: str, sequence: int) -> kafka.Record:
    event = completed(subject)
    envelope = Envelope(
        id=str(uuid4()),
        type=event.event_type(),
        source="/test",
        subject=subject,
        time=datetime.now(UTC),
        sequence=sequence,
    )
    headers = tuple(envelope.headers())
    value = event.model_dump_json().encode()
    return kafka.Record(event.topic, 0, 0, 0, 0, subject.encode(), value, None, 1, 1, headers)


def contact_of(subject: str) -> ParticipantContactChanged:
    return ParticipantContactChanged(
        participant_id=subject, programme_id="p", name="Maj Exempel", email="a@example.org", language="sv"
    )


async def test_what_cannot_be_taken_apart_holds_its_partition_and_no_other(
    settings: Settings, producer: AIOKafkaProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a header whose name is not UTF-8: the client itself raises while it hands records over."""
    poison, torn = uuid4().bytes, True

    def deserialize(value: bytes | None) -> bytes | None:
        if torn and value == poison:
            raise UnicodeDecodeError("utf-8", b"", 0, 1, "no")
        return value

    monkeypatch.setattr("shared.kafka.reading.WATCHED_SECONDS", 2.0)
    init = kafka.reading.Consumer.__init__
    monkeypatch.setattr(
        kafka.reading.Consumer,
        "__init__",
        lambda consumer, *args, **given: init(consumer, *args, **given | {"value_deserializer": deserialize}),
    )
    people, good, behind = ([str(uuid4()) for _ in range(5)] for _ in range(3))
    reader = Reader(settings)
    await send(producer, completed(good[0]), 1, value=poison, partition=0)
    for subject in behind:
        await send(producer, completed(subject), 1, partition=0)
    for subject in people:
        await send(producer, contact_of(subject), 1)
    async with at_work(reader.delivery) as delivery:
        for subject in people:
            await until(lambda s=subject: reader.has(s, 1))  # type: ignore[misc]

        async def named() -> bool:
            return any(f"{AssignmentCompleted.topic}/0@" in trouble for trouble in await delivery.troubles())

        await until(named)
        assert not await reader.has(behind[0], 1)
        late = str(uuid4())
        await send(producer, contact_of(late), 1)
        await until(lambda: reader.has(late, 1))
        # When it can be read after all, what waited comes in order, and nothing is missing.
        torn = False
        for subject in behind:
            await until(lambda s=subject: reader.has(s, 1))  # type: ignore[misc]
        await until(lambda: holds(reader, good[0], 1))
        assert delivery.subscriber
        consumer = delivery.subscriber._subscription.consumer
        assert isinstance(consumer, kafka.reading.Consumer)

        async def at_full_speed() -> bool:
            return not consumer._by_itself and not consumer._careful

        await until(at_full_speed)


async def test_replicas_share_the_partitions_and_each_event_has_its_effect_once(
    settings: Settings, producer: AIOKafkaProducer
) -> None:
    if settings.kafka_assign_partitions:
        pytest.skip("the embedded broker is read without a consumer group, by one process")
    one = Reader(settings)
    other = Reader(settings, one.delivery.service)
    subjects = [str(uuid4()) for _ in range(40)]

    async def put(sequence: int) -> None:
        for subject in subjects:
            await send(producer, completed(subject), sequence)

    async def shared() -> bool:
        parts = [_assigned(delivery) for delivery in (one.delivery, other.delivery)]
        return all(parts) and not parts[0] & parts[1]

    async with at_work(one.delivery):
        await put(1)
        async with other.delivery.running():
            await until(shared)
            before = one.applied, other.applied
            await put(2)
            for subject in subjects:
                await until(lambda s=subject: one.has(s, 2))  # type: ignore[misc]
            assert one.applied > before[0]
            assert other.applied > before[1]
        await put(3)
        for subject in subjects:
            await until(lambda s=subject: one.has(s, 3))  # type: ignore[misc]
            assert [row["sequence"] for row in await one.effects(subject)] == [1, 2, 3]
    mongo.close(other.delivery.db)


def _assigned(delivery: Delivery) -> set[Any]:
    consumer = delivery.subscriber._subscription.consumer if delivery.subscriber else None
    return {at for at in consumer.assignment() if at.topic == AssignmentCompleted.topic} if consumer else set()


async def test_a_reader_that_cannot_leave_in_good_order_does_not_end_the_service(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = 0

    async def start(_: kafka.Subscriber) -> None:
        nonlocal failed
        if failed < 1:
            raise OSError("away")
        await real(_)

    async def stop(subscriber: kafka.Subscriber) -> None:
        nonlocal failed
        failed += 1
        await leave(subscriber)
        raise RuntimeError("and gone")

    real, leave = kafka.Subscriber.start, kafka.Subscriber.stop
    monkeypatch.setattr(kafka.Subscriber, "start", start)
    monkeypatch.setattr(kafka.Subscriber, "stop", stop)
    reader = Reader(settings)

    async def reads() -> bool:
        return reader.delivery.subscriber is not None

    with capture_logs() as lines:
        async with at_work(reader.delivery) as delivery:
            await until(reads)
    assert [line["event"] for line in lines].count("reader_left_behind") == failed >= 2
    assert delivery._relay_task.done()
