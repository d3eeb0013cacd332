"""What cannot be applied is kept, taken up again in order, or given up; and never silently left behind."""

import asyncio
import hashlib
from uuid import uuid4

import bson
import pytest
from aiokafka import AIOKafkaProducer
from structlog.testing import capture_logs

from motesplats_events import AssignmentCompleted
from shared.delivery import parking
from shared.delivery.received import LARGEST_KEPT, Received, read
from shared.errors import Conflict
from shared.kafka import Record
from shared.settings import Settings
from tests.delivery.conftest import Reader, completed, holds, send, until


async def parked_of(reader: Reader, subject: str) -> list[parking.Parked]:
    """Its parked events, in the order in which they came; a reader also parks what other tests left on the topic."""
    own = {row["_id"] for row in await reader.parked(subject)}
    return [row for row in await parking.parked(reader.delivery) if row.id in own]


async def test_a_parked_key_is_taken_up_again_in_order_and_then_flows_on(
    producer: AIOKafkaProducer, reader: Reader
) -> None:
    subject = str(uuid4())
    reader.fails_on.add(subject)
    for sequence in (1, 2, 3):
        await send(producer, completed(subject), sequence)
    await until(lambda: holds(reader, subject, 3))
    first, second, _ = await parked_of(reader, subject)
    assert (first.first, second.first) == (True, False)
    with pytest.raises(Conflict):
        await parking.retry(reader.delivery, second.id, "Kim")
    with pytest.raises(Conflict):
        await parking.retry(reader.delivery, first.id, "Kim")
    assert await holds(reader, subject, 3), "what still fails stays where it was"

    reader.fails_on.clear()
    assert await parking.retry(reader.delivery, first.id, "Kim") == 3
    await send(producer, completed(subject), 4)
    await until(lambda: reader.has(subject, 4))
    assert [row["sequence"] for row in await reader.effects(subject)] == [1, 2, 3, 4]
    assert await reader.parked(subject) == []
    log = await reader.delivery.db.parking_log.find({"event_id": first.id}).to_list(None)
    assert [(entry["outcome"], entry["by"]) for entry in log] == [("applied", "Kim")]


async def test_what_can_be_neither_applied_nor_parked_is_named_and_tried_until_it_can(
    producer: AIOKafkaProducer, reader: Reader
) -> None:
    subject, id = str(uuid4()), str(uuid4())
    reader.fails_on.add(subject)
    # Where it would be parked something else stands: the store refuses.
    await reader.delivery.db.parked.insert_one({"_id": id})
    with capture_logs() as lines:
        await send(producer, completed(subject), 1, id=id)

        async def named() -> bool:
            return id in [line["event_id"] for line in lines if line["event"] == "store_refuses"]

        await until(named)
    await reader.delivery.db.parked.delete_one({"_id": id})
    await until(lambda: holds(reader, subject, 1))


async def test_a_discarded_event_has_no_effect_and_lets_the_next_one_move_up(
    producer: AIOKafkaProducer, reader: Reader
) -> None:
    subject = str(uuid4())
    await send(producer, completed(subject), 1, value=b"nonsense")
    await send(producer, completed(subject), 2)
    await until(lambda: holds(reader, subject, 2))
    first, second = await parked_of(reader, subject)
    await parking.discard(reader.delivery, first.id, "Kim")
    assert await parking.retry(reader.delivery, second.id, "Kim") == 1
    assert [row["sequence"] for row in await reader.effects(subject)] == [2]


async def test_events_that_arrive_while_a_key_is_retried_are_not_left_behind(
    producer: AIOKafkaProducer, reader: Reader
) -> None:
    subject = str(uuid4())
    reader.fails_on.add(subject)
    await send(producer, completed(subject), 1)
    await until(lambda: holds(reader, subject, 1))
    reader.fails_on.clear()
    (row,) = await parked_of(reader, subject)

    async def arrive() -> None:
        for sequence in range(2, 30):
            await send(producer, completed(subject), sequence)

    await asyncio.gather(arrive(), parking.retry(reader.delivery, row.id, "Kim"))
    while left := await parked_of(reader, subject):
        await parking.retry(reader.delivery, left[0].id, "Kim")
    await until(lambda: reader.has(subject, 29))
    assert [row["sequence"] for row in await reader.effects(subject)] == list(range(1, 30))


async def test_a_value_too_large_for_the_store_is_known_by_its_hash_and_can_be_given_up(
    settings: Settings, producer: AIOKafkaProducer, reader: Reader
) -> None:
    """A topic limits what comes packed: a few kilobytes of it can be many megabytes."""
    bad, good = str(uuid4()), str(uuid4())
    value = b'{"note": "' + b"x" * 20_000_000 + b'"}'
    packing = AIOKafkaProducer(
        bootstrap_servers=settings.kafka_bootstrap_servers, compression_type="gzip", max_request_size=2 * len(value)
    )
    await packing.start()
    await send(packing, completed(bad), 1, value=value)
    await packing.stop()
    await send(producer, completed(bad), 2)
    await send(producer, completed(good), 1)
    await until(lambda: reader.has(good, 1))
    await until(lambda: holds(reader, bad, 2))
    first, second = await parked_of(reader, bad)
    assert first.bytes == len(value)
    assert "too large to keep" in first.reason
    (row,) = [row for row in await reader.parked(bad) if row["_id"] == first.id]
    assert (row["value"], row["left"]["head"]) == (None, value[:1000])
    assert row["left"]["sha256"] == hashlib.sha256(value).hexdigest()
    with pytest.raises(Conflict) as refused:
        await parking.retry(reader.delivery, first.id, "Kim")
    assert "too large to keep" in str(refused.value.values)
    await parking.discard(reader.delivery, first.id, "Kim")
    assert await parking.retry(reader.delivery, second.id, "Kim") == 1


def test_many_short_headers_are_as_large_as_what_the_store_makes_of_them() -> None:
    def received(headers: int) -> Received:
        record = Record(AssignmentCompleted.topic, 0, 0, 0, 0, b"", b"", None, 0, 0, (("h", b"v"),) * headers)
        return read(record, {AssignmentCompleted.topic: AssignmentCompleted})

    most = LARGEST_KEPT // 50
    assert not received(most).too_large
    assert len(bson.encode({"headers": [["h", b"v"]] * most})) < LARGEST_KEPT
    assert received(most + 1).too_large


async def test_an_event_that_came_damaged_and_comes_again_whole_is_applied(
    producer: AIOKafkaProducer, reader: Reader
) -> None:
    subject, id = str(uuid4()), str(uuid4())
    await send(producer, completed(subject), 1, id=id, value=b"nonsense")
    await send(producer, completed(subject), 1, id=id, value=b"nonsense")
    await until(lambda: holds(reader, subject, 1))
    await send(producer, completed(subject), 1, id=id)
    await send(producer, completed(subject), 2)
    await until(lambda: reader.has(subject, 2))
    assert [row["sequence"] for row in await reader.effects(subject)] == [1, 2]
    assert await reader.parked(subject) == []
    (entry,) = await reader.delivery.db.parking_log.find({"event_id": id}).to_list(None)
    assert (entry["outcome"], entry["by"]) == ("came again, readable", reader.delivery.service)


async def test_an_event_that_comes_again_whole_takes_its_place_before_those_that_wait(
    producer: AIOKafkaProducer, reader: Reader
) -> None:
    subject, id = str(uuid4()), str(uuid4())
    await send(producer, completed(subject), 1, id=id, value=b"nonsense")
    await send(producer, completed(subject), 2)
    await until(lambda: holds(reader, subject, 2))
    await send(producer, completed(subject), 1, id=id)

    async def readable() -> bool:
        return any(row["_id"] == id and not row["unreadable"] for row in await reader.parked(subject))

    await until(readable)
    assert await parking.retry(reader.delivery, id, "Kim") == 2
    assert [row["sequence"] for row in await reader.effects(subject)] == [1, 2]
    await send(producer, completed(subject), 3)
    await until(lambda: reader.has(subject, 3))


async def test_an_event_that_comes_again_whole_and_fails_is_parked_once(
    producer: AIOKafkaProducer, reader: Reader
) -> None:
    subject, id = str(uuid4()), str(uuid4())
    reader.fails_on.add(subject)
    for change in ({"value": b"nonsense"}, {}, {}):
        await send(producer, completed(subject), 1, id=id, **change)

    async def failed() -> bool:
        return [row["reason"] for row in await reader.parked(subject)] == ["the handler failed"]

    await until(failed)
    reader.fails_on.clear()
    assert await parking.retry(reader.delivery, id, "Kim") == 1
    assert len(await reader.effects(subject)) == 1


async def test_what_comes_after_an_event_that_came_again_whole_and_fails_waits_behind_it(
    producer: AIOKafkaProducer, reader: Reader
) -> None:
    """Also when all that was parked before it has been dealt with."""
    subject, id = str(uuid4()), str(uuid4())
    reader.fails_on.add(subject)
    for sequence in (1, 2):
        await send(producer, completed(subject), sequence)
    await send(producer, completed(subject), 3, id=id, value=b"nonsense")
    await until(lambda: holds(reader, subject, 3))
    reader.fails_on.clear()
    first, *_ = await parked_of(reader, subject)
    assert await parking.retry(reader.delivery, first.id, "Kim") == 2
    reader.fails_on.add(subject)
    await send(producer, completed(subject), 3, id=id)

    async def failed() -> bool:
        return [row["reason"] for row in await reader.parked(subject)] == ["the handler failed"]

    await until(failed)
    await send(producer, completed(subject), 4)
    await until(lambda: holds(reader, subject, 2))
    reader.fails_on.clear()
    assert await parking.retry(reader.delivery, id, "Kim") == 2
    assert [row["sequence"] for row in await reader.effects(subject)] == [1, 2, 3, 4]
