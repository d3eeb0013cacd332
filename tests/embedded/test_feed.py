"""The broker that forgets is fed with what the services have not consumed, and with nothing else."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from motesplats_events import AssignmentCompleted, SessionHeld
from shared import mongo
from shared.delivery import Delivery
from shared.embedded import feed
from shared.settings import Settings


async def ignore(*_: Any) -> None:
    """Applies an event by doing nothing."""


@pytest.fixture
async def deliveries(settings: Settings) -> AsyncIterator[list[Delivery]]:
    """A service that publishes, and two that read one of its topics."""
    found = [Delivery(name, settings) for name in ("writer", "reader", "other_reader")]
    for reader in found[1:]:
        reader.on(AssignmentCompleted)(ignore)
    for one in found:
        await one.indexes()
    yield found
    for one in found:
        mongo.close(one.db)


async def published(writer: Delivery, number: int, *, topic: str = AssignmentCompleted.topic) -> list[str]:
    ids = [str(uuid4()) for _ in range(number)]
    already = await writer.db.outbox.count_documents({})
    await writer.db.outbox.insert_many(
        [
            {"_id": id, "topic": topic, "key": "k", "order": f"{already + n:09}", "writer": "w", "n": already + n}
            for n, id in enumerate(ids)
        ]
    )
    return ids


async def consumed(reader: Delivery, ids: list[str]) -> None:
    await reader.db.inbox.insert_many([{"_id": id} for id in ids])


async def again(writer: Delivery) -> list[str]:
    """What the relay will send once more."""
    state = await writer.db.leases.find_one({"_id": "relay"}) or {}
    if "again" not in state:
        return []
    span = {"$gt": state["again"]["after"], "$lte": state["again"]["until"]}
    rows = await writer.db.outbox.find({"order": span}).sort("order", 1).to_list(None)
    return [row["_id"] for row in rows]


async def test_from_the_first_that_any_reader_lacks_all_are_sent_again_in_order(deliveries: list[Delivery]) -> None:
    writer, reader, other = deliveries
    ids = await published(writer, 6)
    await consumed(reader, ids[:4])
    await consumed(other, [*ids[:2], *ids[3:]])
    assert await feed(deliveries) == 3
    assert await again(writer) == ids[2:]


async def test_what_nobody_reads_and_what_all_have_stays(deliveries: list[Delivery]) -> None:
    writer, reader, other = deliveries
    ids = await published(writer, 3)
    await consumed(reader, ids)
    await consumed(other, ids)
    await published(writer, 2, topic=SessionHeld.topic)
    assert await feed(deliveries) == 0
    assert await again(writer) == []


async def test_more_than_one_page_is_read(deliveries: list[Delivery], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.embedded.feeding.PAGE", 3)
    writer, reader, other = deliveries
    ids = await published(writer, 10)
    await consumed(reader, ids)
    await consumed(other, ids[:9])
    assert await feed(deliveries) == 1
    assert await again(writer) == [ids[9]]


async def test_a_later_start_goes_on_where_everything_was_consumed(deliveries: list[Delivery]) -> None:
    writer, reader, other = deliveries
    ids = await published(writer, 4)
    await consumed(reader, ids)
    await consumed(other, ids[:3])
    assert await feed(deliveries) == 1
    # What lies before it is not looked at again.
    await reader.db.inbox.delete_many({"_id": {"$in": ids[:3]}})
    assert await feed(deliveries) == 1
    assert await again(writer) == [ids[3]]


async def test_a_service_that_reads_one_more_topic_gets_it_from_the_beginning(deliveries: list[Delivery]) -> None:
    writer, reader, _ = deliveries
    ids = await published(writer, 2, topic=SessionHeld.topic)
    assert await feed(deliveries) == 0
    reader.on(SessionHeld)(ignore)
    assert await feed(deliveries) == 2
    assert await again(writer) == ids
