"""Parked records as they are stored, and the keys that wait behind them."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from shared.delivery.received import LONGEST_NAME, Received
from shared.delivery.transaction import Transaction
from shared.errors import Conflict
from shared.mongo import Document, by_ids

# What is left of a value that is too large to keep.
HEAD_BYTES = 1000


async def anything(tx: Transaction) -> bool:
    """Whether anything is parked; on nearly every day nothing is."""
    return await tx.db.held.find_one({}, {"_id": 1}, session=tx.session) is not None


async def keys(tx: Transaction, batch: Sequence[Received]) -> set[bytes]:
    """Which keys of the batch have a parked event."""
    asked = {received.key for received in batch}
    return {bytes(row["_id"]) async for row in by_ids(tx.db.held, asked, {"_id": 1}, tx.session)}


async def unreadable(tx: Transaction, ids: Iterable[str]) -> dict[str, Document]:
    """The parked records with these ids that could not be read, by id, without what they hold."""
    without = {"value": 0, "headers": 0}
    return {row["_id"]: row async for row in by_ids(tx.db.parked, ids, without, tx.session, unreadable=True)}


async def park(tx: Transaction, received: Received, reason: str, instead_of: Document | None = None) -> Document:
    """Keep a record, and let what comes of its key wait behind it.

    Args:
        instead_of: the parked record with the same id whose place it takes, if others of its key are parked; it is not
            parked any more.

    Returns:
        The parked row.
    """
    record = received.record
    # Both who parks and who retries write this row, so that they conflict: no event is left behind unseen.
    held = await tx.db.held.find_one_and_update(
        {"_id": received.key},
        {"$inc": {"events": 1, "places": 1}},
        upsert=True,
        return_document=True,
        session=tx.session,
    )
    place = held["places"]
    # Where nothing of the key is left, places are counted anew.
    if instead_of and bytes(instead_of["order_key"]) == received.key and held["events"] > 1:
        place = instead_of["place"]
    row = {
        "_id": received.id,
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "order_key": received.key,
        "place": place,
        "bytes": len(record.value or b""),
        "reason": reason,
        "unreadable": received.problem is not None,
        "at": datetime.now(UTC),
        **_content(received),
    }
    await tx.db.parked.insert_one(row, session=tx.session)
    return row


def _content(received: Received) -> Document:
    record = received.record
    if not received.too_large:
        headers = [[name, value] for name, value in record.headers]
        return {"key": record.key, "headers": headers, "value": record.value}
    value = record.value or b""
    left = {"sha256": hashlib.sha256(value).hexdigest(), "head": value[:HEAD_BYTES]}
    return {"key": (record.key or b"")[:LONGEST_NAME], "headers": [], "value": None, "left": left}


async def unpark(tx: Transaction, row: Document, outcome: str, by: str) -> bool:
    """Take a record out, and note in `parking_log` what became of it and by whom.

    Returns:
        Whether nothing of its key is parked any more.

    Raises:
        Conflict: it is not parked any more.
    """
    removed = await tx.db.parked.delete_one({"_id": row["_id"]}, session=tx.session)
    if not removed.deleted_count:
        raise Conflict("Somebody else has just dealt with it")
    held = await tx.db.held.find_one_and_update(
        {"_id": row["order_key"]}, {"$inc": {"events": -1}}, return_document=True, session=tx.session
    )
    free = bool(held and held["events"] <= 0)
    if free:
        await tx.db.held.delete_one({"_id": row["order_key"]}, session=tx.session)
    entry: dict[str, Any] = {"event_id": row["_id"], "topic": row["topic"], "reason": row["reason"]}
    await tx.db.parking_log.insert_one(
        {**entry, "outcome": outcome, "by": by, "at": datetime.now(UTC)}, session=tx.session
    )
    return free
