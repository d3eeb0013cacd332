"""What is sent once more, and for how long it is remembered that it was."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from shared import kafka
from shared.delivery import Delivery
from shared.delivery.delivery import INBOX_KEPT, OUTBOX_KEPT
from shared.delivery.relay import LeaseHeldElsewhere
from shared.errors import Conflict
from shared.settings import Settings
from tests.delivery.conftest import Reader, all_noted, announce, at_work, leased, until


async def test_a_broker_that_forgot_gets_everything_again_and_readers_take_nothing_twice(
    settings: Settings, writer: Delivery, reader: Reader
) -> None:
    subject, since = str(uuid4()), datetime.now(UTC)
    await writer.transact(announce(subject, 1))
    await until(lambda: reader.has(subject, 1))
    late = Reader(settings)
    async with at_work(late.delivery):
        await until(lambda: late.has(subject, 1))
        before = await _on_the_topic(settings)
        assert await writer.republish(since) == 1
        await writer.transact(announce(subject, 2))
        await until(lambda: late.has(subject, 2))
        await until(lambda: reader.has(subject, 2))
        assert [row["sequence"] for row in await reader.effects(subject)] == [1, 2]
        # Once more, and then the new one, in this order.
        assert [(key, n) for key, n in await _on_the_topic(settings) if key == subject] == [
            (subject, n) for n in (1, 1, 2)
        ]
        assert len(await _on_the_topic(settings)) == len(before) + 2


async def test_what_is_older_than_the_time_given_is_not_sent_again(writer: Delivery, reader: Reader) -> None:
    subject = str(uuid4())
    await writer.transact(announce(subject, 1))
    await until(lambda: reader.has(subject, 1))
    assert await writer.republish(datetime.now(UTC) + timedelta(seconds=1)) == 0


async def test_old_ids_are_forgotten_and_it_is_said_since_when(writer: Delivery, reader: Reader) -> None:
    subject, now = str(uuid4()), datetime.now(UTC)
    await writer.transact(announce(subject, 1))
    await until(lambda: reader.has(subject, 1))
    await until(lambda: all_noted(writer))
    for one in (writer, reader.delivery):
        await one.forget(now + timedelta(days=300))
    assert await reader.delivery.remembers_since() is None
    assert await writer.db.outbox.count_documents({}) == 1
    for one in (writer, reader.delivery):
        await one.forget(now + INBOX_KEPT + timedelta(days=1))
    assert await writer.db.outbox.count_documents({}) == 0
    assert await reader.delivery.db.inbox.count_documents({}) == 0
    oldest = await reader.delivery.remembers_since()
    assert oldest is not None and abs(oldest - now - timedelta(days=1)) < timedelta(seconds=1)


def test_ids_are_remembered_for_longer_than_an_event_can_come_again() -> None:
    """Sent again from the oldest row, kept by its topic in a segment that goes a week late, and read from the start."""
    a_segment = timedelta(days=7)
    assert OUTBOX_KEPT + kafka.LONGEST_KEPT + 2 * a_segment <= INBOX_KEPT
    assert kafka.topics.KEPT + a_segment < kafka.LONGEST_KEPT


async def test_what_a_service_has_forgotten_is_not_sent_again(
    writer: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    await until(lambda: leased(writer))
    await writer.transact(announce(str(uuid4()), 1))
    await writer.db.leases.insert_one({"_id": "forgotten", "until": now})
    with pytest.raises(Conflict, match="not remembered"):
        await writer.republish(now - timedelta(hours=1))
    assert "again" not in (await writer.db.leases.find_one({"_id": "relay"}) or {})
    # As if the row, which is not deleted yet, were a year old.
    monkeypatch.setattr("shared.delivery.delivery.OUTBOX_KEPT", timedelta(0))
    assert await writer.republish(now) == 0


async def test_two_who_ask_to_send_again_both_get_it(writer: Delivery) -> None:
    await until(lambda: leased(writer))
    writer._relay_task.cancel()
    await asyncio.gather(writer._relay_task, return_exceptions=True)
    relay = writer.relay
    relay._renew_at = 0.0
    await relay._hold_lease()
    await relay.send_again("5", until="8")
    under_way = await relay._read()
    await relay.send_again("3", until="7")
    with pytest.raises(LeaseHeldElsewhere):
        await relay._note(under_way)
    state = await writer.db.leases.find_one({"_id": "relay"})
    assert state is not None
    assert state["again"] == {"after": "3", "until": "8"}


async def _on_the_topic(settings: Settings) -> list[tuple[str, int]]:
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka_bootstrap_servers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        partitions = [
            TopicPartition("assignment-completed", number)
            for number in sorted(
                consumer.partitions_for_topic("assignment-completed") or range(settings.kafka_partitions)
            )
        ]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        found = []
        while any([await consumer.position(partition) < end for partition, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += [((r.key or b"").decode(), int(dict(r.headers).get("ce_sequence", b"0"))) for r in records]
        return found
    finally:
        await consumer.stop()
