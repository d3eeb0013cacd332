"""Feeds the embedded broker, which keeps nothing on disk, with what the services have not yet consumed."""

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shared.delivery import Delivery
    from shared.mongo import Database

PAGE = 1000


async def feed(deliveries: Sequence["Delivery"]) -> int:
    """Let the relays send again from the first event that a service which subscribes to it has not consumed.

    Run it when the stores answer and before any relay does. Who has an event already knows it by its id.
    How far all have consumed everything is remembered in each outbox's database, so that a start does not read
    the whole outbox again.

    Args:
        deliveries: those of all services on this broker.

    Returns:
        How many events some service lacks.
    """
    readers: defaultdict[str, list[Delivery]] = defaultdict(list)
    for delivery in deliveries:
        for topic in delivery.topics:
            readers[topic].append(delivery)
    return sum([await _feed_from(delivery, readers) for delivery in deliveries])


async def _feed_from(delivery: "Delivery", readers: dict[str, list["Delivery"]]) -> int:
    db = delivery.db
    # A service that subscribes to one more topic needs it from the beginning.
    who_reads_what = sorted(f"{topic} {d.service}" for topic, deliveries in readers.items() for d in deliveries)
    mark = await db.fed.find_one({"_id": "outbox"})
    position: str = mark["order"] if mark and mark["who_reads_what"] == who_reads_what else ""
    complete_until, again, last = position, 0, position
    while rows := await _page(db, last):
        missing = await _missing(rows, readers)
        for row in rows:
            again += row["_id"] in missing
            if not again:
                complete_until = row["order"]
        last = rows[-1]["order"]
    if again:
        await delivery.relay.send_again(after=complete_until, until=last)
    await db.fed.update_one(
        {"_id": "outbox"},
        {"$set": {"order": complete_until, "who_reads_what": who_reads_what}},
        upsert=True,
    )
    return again


async def _page(db: "Database", after: str) -> list[dict[str, Any]]:
    wanted = {"_id": 1, "topic": 1, "order": 1}
    rows: list[dict[str, Any]] = (
        await db.outbox.find({"order": {"$gt": after}}, wanted).sort("order", 1).limit(PAGE).to_list(PAGE)
    )
    return rows


async def _missing(rows: list[dict[str, Any]], readers: dict[str, list["Delivery"]]) -> set[str]:
    ids_of: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        for delivery in readers.get(row["topic"], ()):
            ids_of[delivery.service].add(row["_id"])
    missing: set[str] = set()
    databases = {d.service: d.db for deliveries in readers.values() for d in deliveries}
    for service, ids in ids_of.items():
        inbox = databases[service].inbox
        missing |= ids - {row["_id"] async for row in inbox.find({"_id": {"$in": sorted(ids)}}, {"_id": 1})}
    return missing
