"""What cannot be applied is kept, taken up again in order, or given up; and never silently left behind."""

import asyncio
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer

from shared.delivery import parking
from shared.errors import Conflict
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
